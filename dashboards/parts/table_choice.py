"""Which table is explored: one that comes along, or the user's own file, its columns mapped."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Hashable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.escape import escape
from dashboards.parts.explorer_state import OWN, ExplorerState
from data_sources import SourceError, read_table
from data_sources.limits import TABLE_FILE_BYTES

__all__ = ["TableChoice"]

_NONE = "none"


class TableChoice(pn.viewable.Viewer):
    """A list of tables, a place to drop a file, and the roles of its columns.

    Parameters
    ----------
    state : ExplorerState
        Gets the table; it keeps the old one, and all that was chosen, when a file cannot be read.
    """

    def __init__(self, state: ExplorerState) -> None:
        super().__init__()
        self._state = state
        self._following = False
        self._list = pmui.Select(label="Table", size="small", sizing_mode="stretch_width")
        self._drop = pn.widgets.FileDropper(
            multiple=False,
            max_file_size=f"{TABLE_FILE_BYTES // 1_000_000}MB",
            sizing_mode="stretch_width",
            height=86,
            margin=(4, 10),
        )
        self._about = pn.pane.HTML("", margin=(0, 10), stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._problem = pmui.Alert(
            severity="error", visible=False, margin=(4, 10), sizing_mode="stretch_width"
        )
        # The roles are asked for in the order in which they matter to the pictures.
        self._label = pmui.Select(label="Name of a row", **_SLIM)
        self._time = pmui.Select(label="Time", **_SLIM)
        self._weight = pmui.Select(label="Weight of means", **_SLIM)
        self._hierarchy = pmui.MultiChoice(label="Hierarchy, outermost first", **_WIDE)
        self._averaged = pmui.MultiChoice(label="Averaged, not summed", **_WIDE)
        self._apply = pmui.Button(label="Use these roles", size="small", variant="outlined", margin=(4, 10))
        self._roles = pmui.Accordion(
            (
                "What the columns mean",
                pmui.Column(
                    self._label, self._time, self._weight, self._hierarchy, self._averaged, self._apply,
                    sizing_mode="stretch_width",
                ),
            ),
            active=[],
            sizing_mode="stretch_width",
            margin=(4, 10),
            sx={"& h3": {"fontSize": "14px", "fontWeight": 500}, "boxShadow": "none"},
        )  # fmt: skip
        self._column = pmui.Column(
            self._list,
            self._drop,
            self._problem,
            self._about,
            self._roles,
            sizing_mode="stretch_width",
            margin=0,
        )
        self._show()
        self._list.param.watch(self._listed, "value")
        self._drop.param.watch(self._dropped, "value")
        self._apply.on_click(self._map)
        state.param.watch(self._show, ["table"])

    # -- choosing -------------------------------------------------------------------------------

    def _titles(self) -> dict[str, str]:
        titles = {table().title: key for key, table in self._state.TABLES.items()}
        if self._state.own is not None:
            titles[f"{self._state.own.title} (yours)"] = OWN
        return titles

    def _listed(self, event: param.parameterized.Event) -> None:
        if not self._following and (key := self._titles().get(event.new)) is not None:
            self._complain("")
            self._state.data = key

    async def _dropped(self, event: param.parameterized.Event) -> None:
        # A copy: the widget changes its own when another file comes while this one is read.
        files: Mapping[str, bytes | str] = dict(event.new or {})
        for name, content in files.items():
            self._about.object = f"<p role='status'>Reading {escape(name)} …</p>"
            data = content.encode() if isinstance(content, str) else content
            try:
                # In a thread: a large file must not hold up other pages.
                found = await asyncio.to_thread(self._read, data, name)
                self._take(found)
            except SourceError as error:
                self._complain(str(error))
        self._describe()

    def _read(self, data: bytes, name: str) -> Any:
        """Read a dropped file, in a thread: what `_take` takes."""
        table = read_table(data, name)
        table.check_explorable()
        return table

    def _map(self, _: object) -> None:
        table = self._state.own or self._state.table
        measures = [table.columns[name] for name in table.measures]
        columns = [
            dataclasses.replace(column, aggregate="mean" if column.name in self._averaged.value else "sum")
            for column in measures
        ]
        roles: dict[str, Any] = {
            role: None if widget.value == _NONE else widget.value
            for role, widget in (("label", self._label), ("time", self._time), ("weight", self._weight))
        }
        try:
            self._take(table.with_roles(columns, hierarchy=tuple(self._hierarchy.value), **roles))
        except SourceError as error:
            self._complain(str(error))

    def _take(self, found: Any) -> None:
        self._complain("")
        self._state.param.update(own=found, data=OWN)

    def _complain(self, message: str) -> None:
        self._problem.object = escape(message)
        self._problem.visible = bool(message)

    # -- showing --------------------------------------------------------------------------------

    def _show(self, *_: param.parameterized.Event) -> None:
        state, titles = self._state, self._titles()
        self._following = True
        try:
            shown = next((title for title, key in titles.items() if key == state.data), None)
            self._list.param.update(options=list(titles), value=shown)
        finally:
            self._following = False
        table = state.source
        names: list[Hashable] = list(table.columns)
        for widget, value, offered in (
            (self._label, table.label, names),
            (self._time, table.time, names),
            (self._weight, table.weight, table.measures),
        ):
            widget.param.update(options=[_NONE, *offered], value=value or _NONE)
        self._hierarchy.param.update(options=names, value=list(table.hierarchy))
        means = [name for name in table.measures if name not in table.additive]
        self._averaged.param.update(options=table.measures, value=means)
        self._describe()

    def _describe(self) -> None:
        table = self._state.table
        lines = [f"{len(table):,} rows. {table.description}", *table.notes]
        if table.source:
            lines.append(f"Source: {table.source}")
        self._about.object = "".join(f"<p>{escape(line)}</p>" for line in lines)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column


_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (6, 0)}
_SLIM: dict[str, Any] = {"size": "small", **_WIDE}
_STYLE = ":host { font-size: 12px; opacity: .8; } p { margin: 2px 0; }"
