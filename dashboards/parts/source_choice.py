"""What is looked at: one that comes along, or a file of the user's own; for images, volumes and tables."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.escape import escape
from dashboards.parts.file_drop import new_files
from dashboards.parts.state import DashboardState
from data_sources import SourceError

__all__ = ["SourceChoice"]

_STYLE = ":host { font-size: 12px; opacity: .8; } p { margin: 2px 0; }"


class SourceChoice(pn.viewable.Viewer):
    """A list, a place to drop a file, what went wrong with it, and words about what is shown.

    Parameters
    ----------
    state : DashboardState
        Gets what was chosen; it keeps the old one, and all that was made with it, when a file cannot be read.
    watched : sequence of str
        Parameters of the state that say what is shown.
    limit : int
        Bytes of the largest file.
    several : bool
        Whether several files may be dropped at once.
    more : sequence of Viewable
        Stands below.
    **options : object
        Of the list.
    """

    LABEL: ClassVar[str]

    def __init__(
        self,
        state: DashboardState,
        watched: Sequence[str],
        limit: int,
        several: bool = False,
        more: Sequence[pn.viewable.Viewable] = (),
        **options: Any,
    ) -> None:
        super().__init__()
        self._state = state
        self._following = False
        self._list = pmui.Select(label=self.LABEL, size="small", sizing_mode="stretch_width", **options)
        self._drop = pn.widgets.FileDropper(
            multiple=several,
            max_file_size=f"{limit // 1_000_000}MB",
            sizing_mode="stretch_width",
            height=86,
            margin=(4, 10),
        )
        self._about = pn.pane.HTML("", margin=(0, 10), stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._problem = pmui.Alert(
            severity="error", visible=False, margin=(4, 10), sizing_mode="stretch_width"
        )
        self._column = pmui.Column(
            self._list,
            self._drop,
            self._problem,
            self._about,
            *more,
            sizing_mode="stretch_width",
            margin=0,
            css_classes=[f"{self.LABEL.lower()}-choice"],
        )
        self._show()
        self._list.param.watch(self._listed, "value")
        self._drop.param.watch(self._dropped, "value")
        state.param.watch(self._show, list(watched))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column

    # -- what each kind says itself -------------------------------------------------------------

    def _titles(self) -> dict[str, str]:
        """Return what can be chosen: words for people to keys."""
        raise NotImplementedError

    def _chosen(self) -> str:
        """Return the key of what is shown."""
        raise NotImplementedError

    def _choose(self, key: str) -> None:
        """Show another one of the list."""
        raise NotImplementedError

    def _read(self, data: bytes, name: str) -> Any:
        """Read a dropped file, in a thread: what `_take` takes; SourceError says why it cannot be."""
        raise NotImplementedError

    def _take(self, found: Any) -> None:
        """Show what was read."""
        raise NotImplementedError

    def _lines(self) -> list[str]:
        """Say in plain words what is shown."""
        raise NotImplementedError

    def _show_more(self) -> None:
        """Bring other controls up to date; nothing is heard from them meanwhile."""

    # -- choosing -------------------------------------------------------------------------------

    def _listed(self, event: param.parameterized.Event) -> None:
        if not self._following and (key := self._titles().get(event.new)) is not None:
            self._choose(key)

    async def _dropped(self, event: param.parameterized.Event) -> None:
        for name, data in new_files(event.new).items():
            self._about.object = f"<p role='status'>Reading {escape(name)} …</p>"
            try:
                # In a thread: a large file must not hold up other pages.
                found = await asyncio.to_thread(self._read, data, name)
                self._complain("")
                self._take(found)
            except SourceError as error:
                self._complain(str(error))
        self._describe()

    def _complain(self, message: str) -> None:
        self._problem.object = escape(message)
        self._problem.visible = bool(message)

    # -- showing --------------------------------------------------------------------------------

    def _show(self, *_: param.parameterized.Event) -> None:
        titles, chosen = self._titles(), self._chosen()
        self._following = True
        try:
            shown = next((title for title, key in titles.items() if key == chosen), None)
            self._list.param.update(options=list(titles), value=shown)
            self._show_more()
        finally:
            self._following = False
        self._describe()

    def _describe(self) -> None:
        self._about.object = "".join(f"<p>{escape(line)}</p>" for line in self._lines())
