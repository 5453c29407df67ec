"""CallbackGraph: hello world by keystroke, and the live graph of what calls what in any dashboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts import catalogue
from dashboards.parts.callback_view import GraphView
from dashboards.parts.controls import choice
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.hello_world import HelloWorld
from dashboards.parts.shell import open_page
from dashboards.parts.state import DashboardState
from dashboards.parts.static_view import StaticView

__all__ = ["CallbackGraph"]

HELLO = "hello"
# Every dashboard but this one, whose own graph is in its drawer.
TITLES = {HELLO: "Hello world"} | {
    entry.slug: entry.title for entry in catalogue.DASHBOARDS if entry.slug != "callbacks"
}


class CallbackState(DashboardState):
    """What the user chose."""

    dashboard = param.Selector(default=HELLO, objects=list(TITLES), label="Dashboard")
    inner = param.String(default="", label="What is chosen in it")
    ran = param.Boolean(default=False, label="Only what ran")
    frame = param.Boolean(default=False, label="Undo, theme and echoes")
    focus = param.String(default="", label="Box in focus")

    URL_KEYS: ClassVar[dict[str, str]] = {
        "dashboard": "d", "inner": "q", "ran": "r", "frame": "all", "focus": "f"
    }  # fmt: skip
    SET_FIRST: ClassVar[tuple[str, ...]] = ("dashboard",)


def made(slug: str) -> Dashboard:
    """Make the dashboard of a slug."""
    kind: Callable[[], Dashboard] = HelloWorld if slug == HELLO else catalogue.load(slug)
    return kind()


class CallbackGraph(Dashboard):
    """A dashboard, and beside it the graph of its callbacks.

    Parameters
    ----------
    **choices
        Any choice of `CallbackState`: ``dashboard="gapminder"``, ….

    Attributes
    ----------
    shown : Dashboard
        The dashboard whose graph is drawn.
    graph : GraphView
    """

    slug: ClassVar[str] = "callbacks"
    title: ClassVar[str] = "Callback graph"
    intro: ClassVar[str] = (
        "What a dashboard does when you touch it: which widget or event sets which parameter, which function "
        "runs, and what that changes. Type a text, or choose a dashboard and use it."
    )
    tags: ClassVar[tuple[str, ...]] = ("events", "for developers", "callbacks")
    # Of all dashboards that can be chosen: an extension cannot come later.
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator", "filedropper")

    def __init__(self, **choices: Any) -> None:
        super().__init__(CallbackState(**choices))
        self.state: CallbackState
        self.graph = GraphView()
        self.views["graph"] = self.graph.view
        self._place = pn.Column(sizing_mode="stretch_width", margin=0, styles=_BESIDE)
        self._options = ("ran", "frame", "focus")
        self.state.param.watch(self._choose, "dashboard")
        self.state.param.watch(self._visit, "inner")
        self.state.param.watch(self._tell, list(self._options))
        self.graph.param.watch(self._told, list(self._options))
        self.param.watch(self._dress, "theme")
        self.shown = made(self.state.dashboard)
        self._show()

    # -- the dashboard that is looked at --------------------------------------------------------

    def _choose(self, *_: param.parameterized.Event) -> None:
        self.shown = made(self.state.dashboard)
        # What was chosen in the other one, and a box of its graph, mean nothing here.
        self.state.param.update(inner="", focus="")
        self._show()

    def _show(self) -> None:
        self.shown.theme = self.theme
        self.shown.history.param.watch(self._stepped, "steps")
        self._visit()
        self._place.objects = self._parts()
        self.graph.follow(self.shown)
        # What makes and paints the page is no event.
        self.after_paint(lambda: self.graph.param.update(live=True))

    def _parts(self) -> list[pn.viewable.Viewable]:
        """Return what is shown of the dashboard: this page has its undo, so only pictures and controls."""
        shown = self.shown
        if not shown.has_controls:
            return [shown.main_area]
        main = shown.main_area  # before the controls: what a dashboard shows decides what it offers
        controls = pmui.Accordion(
            ("Controls", shown.controls_column),
            title_variant="body2",
            elevation=0,
            sizing_mode="stretch_width",
            margin=(0, 4, 6, 4),
        )
        return [controls, main]

    def _visit(self, *_: param.parameterized.Event) -> None:
        """Follow a link, or undo, into the dashboard."""
        if self.shown.state.to_query() != self.state.inner:
            self.shown.history.visit(self.state.inner)

    def _stepped(self, event: param.parameterized.Event) -> None:
        if event.obj is self.shown.history:
            self.state.inner = self.shown.state.to_query()

    def _dress(self, *_: param.parameterized.Event) -> None:
        self.shown.theme = self.theme

    # -- the graph ------------------------------------------------------------------------------

    def _tell(self, *_: param.parameterized.Event) -> None:
        self.graph.param.update(**{name: getattr(self.state, name) for name in self._options})

    def _told(self, *_: param.parameterized.Event) -> None:
        self.state.param.update(**{name: getattr(self.graph, name) for name in self._options})

    # -- the page -------------------------------------------------------------------------------

    def main(self) -> pn.viewable.Viewable:
        """Return the graph and the dashboard."""
        chosen = choice(
            self.state.param.dashboard, buttons=False, labels=TITLES, max_width=340, margin=(10, 16, 6, 16)
        )
        graph = pn.Column(self.graph, sizing_mode="stretch_width", margin=0, styles=_GRAPH)
        both = pn.FlexBox(graph, self._place, gap="12px", margin=(0, 16, 16, 16), sizing_mode="stretch_width")
        return pn.Column(chosen, both, sizing_mode="stretch_width")

    def static_view(self) -> StaticView:
        """Return what a saved file holds: the graph as it was recorded."""
        return replace(
            super().static_view(),
            needs_python=(
                "The graph is as it was recorded when this file was saved. "
                "Typing, other dashboards and their callbacks, which are functions, need Python."
            ),
        )

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        return {"Arrows": self.graph.table}


_CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "4px",
}
_GRAPH = {**_CARD, "flex": "3 1 740px", "min-width": "min(100%, 740px)", "align-self": "flex-start"}
_BESIDE = {**_CARD, "flex": "2 1 380px", "min-width": "min(100%, 380px)"}


if pn.state.served:
    open_page("callbacks")
