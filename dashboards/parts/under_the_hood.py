"""The drawer at the right of a page: what happens under the hood, and the source; used by the shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from dashboards.parts.callback_view import GraphView
from dashboards.parts.event_list import EventList
from dashboards.parts.source_view import source_html, source_pane

if TYPE_CHECKING:
    from dashboards.parts.dashboard import Dashboard

__all__ = ["HOOD", "SOURCE", "Drawer"]

HOOD, SOURCE = "hood", "source"
_TITLES = {HOOD: "Under the hood", SOURCE: "Source"}


class Drawer:
    """Live events, what a dashboard adds to them, and its source; one of the two is shown.

    Parameters
    ----------
    dashboard : Dashboard
    close : callable
        What the button that closes the drawer calls.

    Attributes
    ----------
    layout : Column
        What goes into the page.
    """

    def __init__(self, dashboard: Dashboard, close: Callable[[], object]) -> None:
        self._dashboard = dashboard
        self._tab = ""
        self._title = pmui.Typography(
            "", variant="h6", margin=(10, 16), sx={"fontSize": "16px", "fontWeight": 600}
        )
        closer = pmui.IconButton(
            icon="close", description="Close", on_click=lambda _: close(), margin=(4, 8), size="small"
        )
        gap = pn.Spacer(sizing_mode="stretch_width")
        head = pmui.Row(self._title, gap, closer, sizing_mode="stretch_width", margin=0)
        self._events = EventList(dashboard.events)
        more = dashboard.under_the_hood()
        self._graph = GraphView(dashboard, name="drawer-graph")
        tabs = [("Events", self._events), ("Callbacks", self._graph), *more.items()]
        self._hood = pmui.Tabs(*tabs, dynamic=True, sizing_mode="stretch_width", margin=0)
        self._hood.param.watch(self._look, "active")
        self._source = source_pane()
        self._body = pmui.Column(sizing_mode="stretch_width", margin=0)
        self.layout = pmui.Column(head, self._body, sizing_mode="stretch_both", margin=0)

    def show(self, tab: str, dark: bool) -> None:
        """Show one of the two, `HOOD` or `SOURCE`; "" shows none and lets the events rest."""
        if tab == SOURCE:
            self._source.object = source_html(type(self._dashboard), dark)
        self._tab = tab
        self._look()
        if tab:
            self._title.object = _TITLES[tab]
            # Exchanged, not hidden: the view of Panel's HTML fails on `visible` in a drawer that is closed.
            self._body.objects = [self._source if tab == SOURCE else self._hood]

    def _look(self, *_: object) -> None:
        """Let only that work which somebody looks at."""
        self._events.live = self._tab == HOOD and self._hood.active == 0
        self._graph.live = self._tab == HOOD and self._hood.active == 1
