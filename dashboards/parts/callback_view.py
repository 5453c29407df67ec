"""The live graph of a dashboard's callbacks; for /callbacks and for the drawer of every page."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go

from dashboards.parts.callback_graph import Graph
from dashboards.parts.callback_layout import Facts, height_of, picture, shown
from dashboards.parts.callback_trace import Trace
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.escape import escape
from dashboards.parts.figure_diff import Spec, difference
from dashboards.parts.limits import LOG_REFRESH_MS
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.theme import template

__all__ = ["GraphView"]


class GraphView(pn.viewable.Viewer):
    """What calls what in a dashboard, with counters, lit as events flow.

    Parameters
    ----------
    dashboard : Dashboard, optional
        Followed while `live`; exchange it by `follow`.
    name : str
        Of the picture: its CSS class is ``view-<name>``.

    Attributes
    ----------
    live : bool
        Whether anybody looks; else the dashboard runs as if there were no graph.
    ran, frame : bool
        Only what ran; also undo, theme and how parameters set their own widgets.
    focus : str
        Id of a box: only what leads to it and what follows from it.
    """

    # No graph draws itself: it would never come to rest.
    TRACED: ClassVar[bool] = False

    live = param.Boolean(default=False)
    ran = param.Boolean(default=False)
    frame = param.Boolean(default=False)
    focus = param.String(default="")

    def __init__(self, dashboard: Dashboard | None = None, name: str = "graph", **params: Any) -> None:
        super().__init__(name=name, **params)
        self._pending = False
        self.trace: Trace | None = None
        self._theming: Any = None
        self._spec: Spec = picture(Graph(), Facts())
        self.view = LinkedPlotly(go.Figure(self._spec), name=name, height=260, margin=0)
        self.view.param.watch(self._clicked, "click", onlychanged=False)
        self._status = pn.pane.HTML(
            "",
            margin=(4, 10),
            stylesheets=[_STATUS],
            css_classes=["graph-status"],
            sizing_mode="stretch_width",
        )
        self.param.watch(lambda *_: self._switch(), "live")
        self.param.watch(lambda *_: self.refresh(), ["ran", "frame", "focus"])
        if dashboard is not None:
            self.follow(dashboard)

    def follow(self, dashboard: Dashboard) -> None:
        """Draw the graph of another dashboard."""
        if self.trace is not None:
            self.trace.stop()
            self.trace.dashboard.param.unwatch(self._theming)
        self.trace = Trace(dashboard, self._later)
        self._theming = dashboard.param.watch(lambda _: self.refresh(), "theme")
        self._switch()

    def clear(self) -> None:
        """Count from nought."""
        if self.trace is not None:
            self.trace.clear()
            self.trace.graph.edges.clear()
            self.trace.read()
        self.refresh()

    @property
    def facts(self) -> Facts:
        """What was seen so far."""
        trace = self.trace
        return Facts() if trace is None else Facts(trace.seen, trace.runs, trace.fired, trace.event)

    def refresh(self) -> None:
        """Draw what is to be seen now."""
        self._pending = False
        trace = self.trace
        if trace is None or not self.live:
            return
        with trace.resting():
            trace.read()
            mode, facts = trace.dashboard.theme, self.facts
            chosen = shown(trace.graph, facts, self.frame, self.ran, self.focus)
            spec = picture(chosen, facts, mode)
            change = difference(self._spec, spec)
            self._spec = spec
            self.view.pane.height = height_of(chosen)
            if change is None:
                self.view.replace(go.Figure(spec))
            elif change:
                self.view.patch(change.traces, change.layout)
            self.view.patch(layout={"template": template(mode)})
            self._say(len(chosen.nodes), len(chosen.edges), len(trace.graph.nodes))

    def table(self) -> pd.DataFrame:
        """Return the arrows with what was seen of them."""
        trace = self.trace
        columns = ["From", "To", "Declared", "Passed", "Last ms", "Last payload"]
        if trace is None:
            return pd.DataFrame(columns=columns)
        rows = []
        for (source, target), edge in trace.graph.edges.items():
            seen = trace.seen.get((source, target))
            ends = (trace.graph.nodes[source].detail, trace.graph.nodes[target].detail)
            facts = (seen.count, seen.ms, seen.payload) if seen else (0, None, "")
            rows.append((*ends, edge.declared, *facts))
        return pd.DataFrame(rows, columns=columns)

    # -- inside ---------------------------------------------------------------------------------

    def _switch(self) -> None:
        if self.trace is None or self.live == self.trace.running:
            return
        if self.live:
            self.trace.start()
            self.refresh()
        else:
            self.trace.stop()

    def _later(self) -> None:
        if self._pending or not self.live:
            return
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self.refresh()
            return
        self._pending = True
        document.add_timeout_callback(self.refresh, LOG_REFRESH_MS)

    def _clicked(self, event: param.parameterized.Event) -> None:
        chosen = event.new.customdata if event.new is not None else None
        if isinstance(chosen, str):
            self.focus = "" if chosen == self.focus else chosen

    def _say(self, nodes: int, edges: int, known: int) -> None:
        words = f"{nodes:,} of {known:,} boxes, {edges:,} arrows"
        facts = self.facts
        if facts.event:
            lit = [one for one in facts.seen.values() if one.event == facts.event]
            passed = f"{len(lit):,} arrow{'' if len(lit) == 1 else 's'}"
            words += f" · event {facts.event:,} passed {passed}"
        words += "" if self.focus else " · click a box for what leads to it and what follows"
        self._status.object = f"<span role='status'>{escape(words)}</span>"

    def __panel__(self) -> pn.viewable.Viewable:
        small: dict[str, Any] = {"size": "small", "margin": (4, 8)}
        ran = pmui.Switch.from_param(self.param.ran, label="Only what ran", **small)
        frame = pmui.Switch.from_param(self.param.frame, label="Undo, theme and echoes", **small)
        whole = pmui.Button(label="Show all boxes", variant="outlined", **small)
        whole.disabled = self.param.focus.rx() == ""
        whole.on_click(lambda _: self.param.update(focus=""))
        clear = pmui.Button(label="Count from nought", variant="outlined", **small)
        clear.on_click(lambda _: self.clear())
        row = pn.FlexBox(
            ran, frame, whole, clear, align_items="center", margin=0, sizing_mode="stretch_width"
        )
        # Four columns of boxes that can be read need their width; on a phone one pans.
        self.view.pane.stylesheets = [f":host {{ min-width: {LEAST_WIDTH}px !important; }}"]
        wide = pn.Column(self.view, styles={"overflow-x": "auto"}, sizing_mode="stretch_width", margin=0)
        return pn.Column(row, self._status, wide, sizing_mode="stretch_width", margin=0)


LEAST_WIDTH = 720
_STATUS = ":host { font: 13px/1.5 var(--brushlink-font, sans-serif); font-variant-numeric: tabular-nums; }"
