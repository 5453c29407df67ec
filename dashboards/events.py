"""EventStreams: every event of a figure with its payload, its cost and its history."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar

import pandas as pd
import panel as pn
import param
import plotly.graph_objects as go

from dashboards.parts.budget import Budget
from dashboards.parts.chart_catalogue import CHARTS, Chart
from dashboards.parts.controls import choice, section, switch
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.escape import escape
from dashboards.parts.event_figures import FOUR_POINTS, HEAVY, Heavy
from dashboards.parts.handler_code import handler_code
from dashboards.parts.holoviews_figure import as_figure, load_when_painted
from dashboards.parts.limits import (
    ALL_POINTS,
    ALL_VOXELS,
    PANE_POINTS,
    PAYLOAD_LINES,
    PAYLOAD_MEMBERS,
    PAYLOAD_TEXT_CHARS,
)
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Point
from dashboards.parts.shell import open_page
from dashboards.parts.state import DashboardState
from dashboards.parts.static_view import StaticView, as_shown
from dashboards.parts.stream_panels import StreamPanels
from dashboards.parts.streams import STREAMS, StreamLog
from dashboards.parts.theme import CATEGORICAL, Mode, template
from dashboards.parts.thinning import Thinning

__all__ = ["EventStreams"]

LIGHT: dict[str, Chart] = {chart.slug: chart for chart in (FOUR_POINTS, *CHARTS)}
HEAVIES: dict[str, Heavy] = {heavy.slug: heavy for heavy in HEAVY}
DRAGS = {
    "zoom": "Zoom", "pan": "Pan", "select": "Select a box", "lasso": "Select with a lasso",
    "drawline": "Draw a line", "drawrect": "Draw a rectangle", "drawcircle": "Draw an ellipse",
    "drawopenpath": "Draw freehand", "drawclosedpath": "Draw a closed shape",
}  # fmt: skip
BUTTONS = ["select2d", "lasso2d", "drawopenpath", "drawrect", "drawcircle", "eraseshape"]
HEIGHT = 430
TIMELINE_EVENTS = 200  # on the time line: a minute of hovering, and a message of a few kB
# Millions of data are made one figure at a time in a process: each takes some hundred MB while it is made.
_ONE_AT_A_TIME = threading.Lock()


class EventsState(DashboardState):
    """What the user chose."""

    figure = param.Selector(
        default=FOUR_POINTS.slug,
        objects=[FOUR_POINTS.slug, *HEAVIES, *(chart.slug for chart in CHARTS)],
        label="Figure",
    )
    amount = param.Selector(default=3, objects=[1, 2, 3, 4], label="How much is asked for")
    everything = param.Boolean(default=False, label="Show all anyway")
    drag = param.Selector(default="zoom", objects=list(DRAGS), label="Dragging")

    URL_KEYS: ClassVar[dict[str, str]] = {
        "figure": "f", "amount": "n", "everything": "all", "drag": "d"
    }  # fmt: skip


# -- figures ------------------------------------------------------------------------------------


def dressed(figure: go.Figure, slug: str, drag: str, mode: Mode) -> go.Figure:
    """Give a figure the look of the page, the drag that was chosen, and zoom and legend of its own."""
    return figure.update_layout(
        template=template(mode),
        dragmode=drag,
        uirevision=slug,
        width=None,
        height=None,
        margin={"l": 50, "r": 16, "t": 44, "b": 44},
    )


def amount_of(heavy: Heavy, step: int) -> int:
    """Return how many data a step asks for."""
    return list(heavy.amounts)[step - 1]


def budget_of(heavy: Heavy, everything: bool) -> Budget:
    """Return what a heavy figure may cost: half of a picture's points, or what a browser bears.

    Half, because it is drawn while a hand goes on working, and without a graphics card that takes its time.
    """
    if not everything:
        return Budget(points=PANE_POINTS // 2)
    return Budget(points=ALL_VOXELS if heavy.slug == "blobs" else ALL_POINTS)


def cut_down(heavy: Heavy, amount: int, budget: Budget) -> tuple[go.Figure, Thinning]:
    """Make a heavy figure and cut it to a budget; takes seconds, so it runs in a thread."""
    thinning = Thinning(budget)
    with _ONE_AT_A_TIME:
        figure = heavy.make(amount)
        thinning.admit(figure)
    return figure, thinning


def timeline(log: StreamLog) -> dict[str, Any]:
    """Return the attributes of the marks on the time line: one an event."""
    kept = list(log.history)[-TIMELINE_EVENTS:]
    places = [STREAMS.index(one.stream) for one in kept]
    return {
        "x": [one.event.time - log.began for one in kept],
        "y": places,
        "marker.color": [CATEGORICAL[place % len(CATEGORICAL)] for place in places],
        "hovertext": [f"{one.stream.title}, event {one.number:,}: {one.event.bytes:,} B" for one in kept],
        "customdata": [one.number for one in kept],
    }


def empty_timeline() -> go.Figure:
    """Draw the time line without events: a row a stream."""
    return go.Figure(
        go.Scatter(
            x=[],
            y=[],
            mode="markers",
            marker={"size": 11},
            cliponaxis=False,
            hovertemplate="%{hovertext}<extra></extra>",
        ),
        {
            "title": "When they came",
            "margin": {"l": 8, "r": 16, "t": 44, "b": 44},
            "xaxis": {"title": "Seconds since the first", "rangemode": "tozero", "zeroline": False},
            "yaxis": {
                "tickvals": list(range(len(STREAMS))),
                "ticktext": [stream.title for stream in STREAMS],
                "range": [len(STREAMS) - 0.5, -0.5],
                "fixedrange": True,
                "zeroline": False,
                "ticklabelstandoff": 8,  # the first marks lie on the edge
            },
            "dragmode": "pan",
            "showlegend": False,
        },
    )


# -- view ---------------------------------------------------------------------------------------


class EventStreams(Dashboard):
    """A figure, and one panel a stream of its events.

    Parameters
    ----------
    **choices
        Any choice of `EventsState`: ``figure="sunburst"``, ``drag="lasso"``, ….
    """

    slug: ClassVar[str] = "events"
    title: ClassVar[str] = "Event streams"
    intro: ClassVar[str] = (
        "All that a Plotly figure tells Python: what each event carries, how often it comes, what it weighs. "
        "Hover, click, drag, draw and use the legend, then copy a handler that catches what you saw."
    )
    tags: ClassVar[tuple[str, ...]] = ("events", "for developers", "limits")

    def __init__(self, **choices: Any) -> None:
        super().__init__(EventsState(**choices))
        self.state: EventsState
        self.events: StreamLog = StreamLog()
        self._turn = 0
        figure = dressed(FOUR_POINTS.make(), FOUR_POINTS.slug, self.state.drag, self.theme)
        self.views["figure"] = LinkedPlotly(
            figure, name="figure", log=self.events, height=HEIGHT, config={"modeBarButtonsToAdd": BUTTONS}
        )
        # The time line's own events are nobody's business.
        self.views["timeline"] = LinkedPlotly(empty_timeline(), name="timeline", height=HEIGHT)
        self._panels = StreamPanels(self.events, self.code, self._draw_timeline)
        self._meter = pn.pane.HTML(
            "",
            margin=(0, 12, 6, 12),
            sizing_mode="stretch_width",
            css_classes=["meter"],
            stylesheets=[_METER],
        )
        self.views["figure"].param.watch(self._weigh, "shown")
        self.views["figure"].param.watch(self._dragged, "dragmode")
        self.views["timeline"].param.watch(self._look_back, "click", onlychanged=False)
        self.state.param.watch(self._show, ["figure", "amount", "everything"])
        self.state.param.watch(self._drag, "drag")
        if self.state.figure != FOUR_POINTS.slug:
            self._show()
        self._weigh()

    # -- the figure -----------------------------------------------------------------------------

    def _show(self, *events: param.parameterized.Event) -> None:
        """Show the figure that was chosen; a heavy one comes from a thread, and only the newest is shown."""
        heavy = HEAVIES.get(self.state.figure)
        if events and heavy is None and all(event.name != "figure" for event in events):
            return
        self._turn += 1
        if heavy is None:
            self._put(as_figure(LIGHT[self.state.figure].make()), Thinning(Budget()))
            return
        amount = amount_of(heavy, self.state.amount)
        self._say(f"Making {amount:,} data…")
        work = functools.partial(cut_down, heavy, amount, budget_of(heavy, self.state.everything))
        pn.state.execute(functools.partial(self._show_later, self._turn, work))

    async def _show_later(self, turn: int, work: Callable[[], tuple[go.Figure, Thinning]]) -> None:
        figure, thinning = await asyncio.to_thread(work)
        if turn == self._turn:
            self._put(figure, thinning)

    def _put(self, figure: go.Figure, thinning: Thinning) -> None:
        view = self.views["figure"]
        with self.events.effect("figure"):
            # Shapes and hidden groups are of the figure before.
            view.param.update(shapes=[], hidden=frozenset(), level="", selected=None, hover=None)
            if not thinning.cuts:
                thinning.admit(figure)
            view.replace(dressed(figure, self.state.figure, self.state.drag, self.theme), thinning)
        self._weigh()

    def _drag(self, *_: param.parameterized.Event) -> None:
        if self.views["figure"].dragmode != self.state.drag:
            self.views["figure"].set_dragmode(self.state.drag)

    def _dragged(self, event: param.parameterized.Event) -> None:
        """Follow the buttons in the picture."""
        if event.new in DRAGS:
            self.state.drag = event.new

    def _weigh(self, *_: param.parameterized.Event) -> None:
        shown = self.views["figure"].shown
        words = f"<b>{escape(shown)}</b>, {escape(_weight(shown.bytes))} sent"
        if shown.points < shown.of:
            budget = self.views["figure"].budget.points
            why = "as much as a browser bears" if budget > PANE_POINTS else "the budget of a picture"
            words += f": {escape(f'{budget:,}')} are {why}"
        self._say_html(words)

    def _say(self, words: str) -> None:
        self._say_html(escape(words))

    def _say_html(self, html: str) -> None:
        self._meter.object = f"<span role='status'>{html}</span>"

    # -- the streams ----------------------------------------------------------------------------

    def static_view(self) -> StaticView:
        """Return what a saved file holds: the figure, and the panels that its events fill."""
        limits = {"lines": PAYLOAD_LINES, "members": PAYLOAD_MEMBERS, "text": PAYLOAD_TEXT_CHARS}
        codes = [
            (stream.slug, str(linked).lower(), self.code(stream.slug, linked))
            for stream in STREAMS
            for linked in (False, True)
        ]
        return StaticView(
            {"figure": as_shown(self.views["figure"], wide=True)},
            ("events",),
            {"streams": ("stream_panels.js", "stream_panels.css")},
            {
                "view": "figure",
                "streams": [asdict(stream) for stream in STREAMS],
                "codes": codes,
                "limits": limits,
            },
            "Every event of the figure is shown as Plotly tells it. What it costs to send to Python, other "
            "figures and the time line need Python.",
        )

    def code(self, slug: str, linked: bool = False) -> str:
        """Write a program that catches the events of a stream of the present figure.

        Parameters
        ----------
        slug : str
            Of a stream: "hover", "restyle", ….
        linked : bool
            With LinkedPlotly; else with Panel alone.
        """
        stream = next(stream for stream in STREAMS if stream.slug == slug)
        chart = LIGHT.get(self.state.figure, FOUR_POINTS)
        return handler_code(stream, chart.call, linked)

    def _draw_timeline(self) -> None:
        self.views["timeline"].patch({0: timeline(self.events)})

    def _look_back(self, event: param.parameterized.Event) -> None:
        point: Point | None = event.new
        for kept in self.events.history:
            if point is not None and kept.number == point.customdata:
                self._panels.look_back(kept)

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        p = self.state.param
        titles = {slug: chart.title for slug, chart in LIGHT.items()}
        titles |= {slug: heavy.title for slug, heavy in HEAVIES.items()}
        amounts = [
            choice(
                p.amount,
                buttons=False,
                labels=dict(zip(p.amount.objects, heavy.amounts.values(), strict=True)),
                visible=p.figure.rx() == slug,
            )
            for slug, heavy in HEAVIES.items()
        ]
        everything = switch(p.everything, visible=p.figure.rx().rx.pipe(HEAVIES.__contains__))
        return [
            section("Figure", choice(p.figure, buttons=False, labels=titles), *amounts, everything),
            section("Hand", choice(p.drag, buttons=False, labels=DRAGS)),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the figure, the time line and the panels."""
        figure = pn.Column(
            self.views["figure"], self._meter, styles=_CARD, margin=0, sizing_mode="stretch_width"
        )
        marks = pn.Column(self.views["timeline"], styles=_CARD, margin=0, sizing_mode="stretch_width")
        pictures = pn.FlexBox(
            figure,
            marks,
            gap="12px",
            align_items="stretch",
            margin=(6, 16, 4, 16),
            sizing_mode="stretch_width",
        )
        load_when_painted()
        return pn.Column(pictures, self._panels, sizing_mode="stretch_width")

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        return {"Events": self._event_table, "Streams": self._stream_table}

    def _event_table(self) -> pd.DataFrame:
        rows = [
            (one.number, pd.Timestamp(one.event.time, unit="s"), one.stream.title, one.event.bytes,
             one.event.payload)
            for one in self.events.history
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["Event", "Time (UTC)", "Stream", "Bytes", "Payload"])

    def _stream_table(self) -> pd.DataFrame:
        log = self.events
        rows = [
            (s.title, s.plotly, s.panel, s.linked, log.counts[s.slug], log.bytes[s.slug], s.truth)
            for s in STREAMS
        ]
        columns = ["Stream", "Plotly", "Panel", "LinkedPlotly", "Events", "Bytes", "Undocumented"]
        return pd.DataFrame(rows, columns=columns)


_CARD = {
    "flex": "1 1 440px",
    "min-width": "min(100%, 440px)",
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "4px",
}
_METER = ":host { font: 13px/1.5 var(--brushlink-font, sans-serif); font-variant-numeric: tabular-nums; }"


def _weight(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


if pn.state.served:
    open_page("events")
