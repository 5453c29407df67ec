"""The base class of all dashboards: what a page, a notebook and an export need to know of one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.browser_cures import load_when_shown
from dashboards.parts.event_log import EventLog
from dashboards.parts.history import History
from dashboards.parts.state import DashboardState
from dashboards.parts.static_view import StaticView, as_shown

if TYPE_CHECKING:
    from dashboards.parts.linked_plotly import LinkedPlotly

__all__ = ["Dashboard"]

CONTROLS_WIDTH = 300


class Dashboard(pn.viewable.Viewer):
    """A dashboard: state, controls, pictures. A subclass is a file of its own in `dashboards`.

    The subclass calls ``super().__init__(MyState())`` first, then makes its views, enters them in
    `views`, and answers `controls`, `main` and `tables`. It knows nothing of pages.

    Parameters
    ----------
    state : DashboardState
        What the user chose.

    Attributes
    ----------
    slug : str
        Name of the file and last part of the address.
    title : str
        Name of the dashboard as people read it.
    intro : str
        Two sentences: what you see, and what to do.
    tags : tuple of str
        What it is about; the gallery filters by them.
    extensions : tuple of str
        Panel extensions the page needs: "plotly", "tabulator", ….
    history : History
        Undo and redo over `state`.
    events : EventLog
        What came from the pictures and what it made run.
    views : dict of str to LinkedPlotly
        The pictures by name: for the theme, the download of figures, and a look under the hood.
    theme : {"light", "dark"}
        The page sets it; pictures follow.
    document_version : int
        Version of what `document` gives; 0 where nothing is drawn that a page would keep.
    touches : int
        Counts the changes of the document.
    """

    slug: ClassVar[str] = ""
    title: ClassVar[str] = ""
    intro: ClassVar[str] = ""
    tags: ClassVar[tuple[str, ...]] = ()
    extensions: ClassVar[tuple[str, ...]] = ("plotly",)

    document_version: ClassVar[int] = 0

    theme = param.Selector(default="light", objects=["light", "dark"])
    touches = param.Integer(default=0)

    def __init__(self, state: DashboardState, **params: Any) -> None:
        super().__init__(**params)
        self.state = state
        self.history = History(state)
        self.events = EventLog()
        self.views: dict[str, LinkedPlotly] = {}
        self.param.watch(self._theme_views, "theme")

    # -- for the subclass to answer -------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work. Called once."""
        return []

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures. Called once."""
        raise NotImplementedError

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what "download data" offers: a name for people to a function that makes the table."""
        return {}

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        """Return what else "download" offers: a name for people to {ending: function that makes the file}."""
        return {}

    def static_view(self) -> StaticView:
        """Return what a saved file of the dashboard holds: by default its pictures, as they are now.

        See docs/adding-a-dashboard.md for how pictures stay linked in a file.

        Raises
        ------
        ExportError
            It is too much for a file; the message says how much less it must be.
        """
        return StaticView({name: as_shown(view) for name, view in self.views.items()})

    def document(self) -> dict[str, Any]:
        """Return what is kept between visits, as JSON: what was drawn. Its values are not changed afterwards.

        It is written in parts (a member of a list, a value of an object, three levels deep), and only those
        that changed.
        """
        return {}

    def open_document(self, document: Mapping[str, Any]) -> None:
        """Show what `document` gave, in this or an older version.

        Raises
        ------
        BrushlinkError
            It makes no sense; the page then begins anew, and the document is kept.
        """

    def touch(self) -> None:
        """Say that the document has changed: a page saves it."""
        self.touches += 1

    def under_the_hood(self) -> dict[str, pn.viewable.Viewable]:
        """Return more tabs to look under the hood with, by title. Called once, when first opened."""
        return {}

    # -- for pages and notebooks ----------------------------------------------------------------

    @functools.cached_property
    def controls_column(self) -> pmui.Column:
        """The controls in a column; made once, when the pictures have been painted."""
        column = pmui.Column(sizing_mode="stretch_width", margin=0)

        def fill() -> None:
            column.objects = self.controls()

        self.after_paint(fill)
        return column

    @property
    def has_controls(self) -> bool:
        """Whether the dashboard has controls at all."""
        return type(self).controls is not Dashboard.controls

    def after_paint(self, make: Callable[[], None]) -> None:
        """Do something when the page has been painted for the first time; at once where no page is served.

        What is not on the first screen, made then, does not hold up what is.
        """
        document = pn.state.curdoc
        if document is not None and document.session_context is not None:
            pn.state.onload(make)
        else:
            make()

    @functools.cached_property
    def main_area(self) -> pn.viewable.Viewable:
        """The pictures; made once."""
        area = self.main()
        self._theme_views()
        return area

    def __panel__(self) -> pn.viewable.Viewable:
        """Show the controls beside the pictures, with undo and redo: how a notebook shows a dashboard."""
        return self._beside

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        load_when_shown()
        return super()._repr_mimebundle_(include, exclude)

    @functools.cached_property
    def _beside(self) -> pn.viewable.Viewable:
        main = self.main_area  # before the controls: what a dashboard shows decides what it offers
        column = pmui.Column(
            self._history_buttons(), self.controls_column, width=CONTROLS_WIDTH, sizing_mode="fixed", margin=0
        )
        return pmui.Row(column, main, sizing_mode="stretch_width", margin=0)

    def _history_buttons(self) -> pmui.Row:
        history = self.history
        buttons = [
            pmui.IconButton(
                icon=icon,
                description=text,
                disabled=can.rx.not_(),
                on_click=functools.partial(_without_event, act),
                size="small",
                margin=0,
            )
            for icon, text, can, act in (
                ("undo", "Undo", history.param.can_undo, history.undo),
                ("redo", "Redo", history.param.can_redo, history.redo),
                ("restart_alt", "Back to how it was at first", history.param.can_reset, history.reset),
            )
        ]
        return pmui.Row(*buttons, margin=0)

    def _theme_views(self, *_: param.parameterized.Event) -> None:
        for view in self.views.values():
            view.set_theme(self.theme)


def _without_event(act: Callable[[], object], _: object) -> None:
    act()
