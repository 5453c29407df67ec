"""EventStreams without a browser: payloads, marks, time line, budgets, and code that really runs."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import panel as pn
import plotly.graph_objects as go
import pytest

from dashboards.events import DRAGS, EventsState, EventStreams, budget_of, cut_down
from dashboards.parts.event_figures import FOUR_POINTS, HEAVY
from dashboards.parts.handler_code import handler_code
from dashboards.parts.limits import ALL_POINTS, ALL_VOXELS, PANE_POINTS, PAYLOAD_LINES
from dashboards.parts.plotly_events import Point
from dashboards.parts.streams import STREAMS, Line, StreamLog, payload_lines, stream_of

CLICK = {"points": [{"x": 2, "y": 4, "trace": "orange", "modifiers": []}]}


def test_a_payload_is_written_line_by_line_and_what_changed_is_marked():
    log = StreamLog()
    log.record("figure", "click", CLICK, 60)
    log.record(
        "figure", "click", {"points": [{"x": 2, "y": 3, "trace": "orange", "modifiers": ["shift"]}]}, 60
    )
    first, second = log.history
    assert [line.text for line in first.lines] == [
        "points", "[0]", "x: 2", "y: 4", "trace: 'orange'", "modifiers: []",
    ]  # fmt: skip
    assert [line.depth for line in first.lines] == [0, 1, 2, 2, 2, 2]
    assert not any(line.changed for line in first.lines)
    assert [line.text for line in second.lines if line.changed] == ["y: 3", "modifiers: ['shift']"]


def test_streams_are_compared_with_themselves_and_counted_apart():
    log = StreamLog()
    log.record("figure", "hover", CLICK, 60)
    log.record("figure", "click", CLICK, 61)
    log.record("figure", "relayout", {"xaxis.range[0]": 1.5}, 20)
    log.record("figure", "selections", {"selections": []}, 10)
    assert {slug: n for slug, n in log.counts.items() if n} == {"hover": 1, "click": 1, "relayout": 2}
    assert (log.bytes["relayout"], log.events) == (30, 4)
    # An outline of a selection is a relayout, as in Plotly; it names other keys, so all of them are new.
    assert log.latest("relayout").lines == (Line(0, "selections: []", changed=True),)
    log.clear()
    assert (log.events, sum(log.counts.values()), len(log.history), log.count) == (0, 0, 0, 4)


def test_a_payload_of_any_size_and_kind_stays_short():
    hostile = {
        "text": "<img src=x onerror=alert(1)>" * 100,
        "many": np.arange(5000),
        "points": [{"x": float(i)} for i in range(100)],
        "nothing": None,
        "deep": {"a": {"b": {}}},
    }
    lines = payload_lines(hostile)
    assert len(lines) <= PAYLOAD_LINES
    assert max(len(line.text) for line in lines) < 250
    text = "\n".join(line.text for line in lines)
    assert "… 4,988 more" in text
    assert "… 88 more" in text
    assert "nothing: null" in text
    assert payload_lines(None) == (Line(0, "null: it carries nothing"),)
    assert payload_lines({str(i): i for i in range(500)})[-1].text == "…"


def test_every_message_of_the_browser_belongs_to_one_stream(repository):
    script = (repository / "dashboards/parts/linked_plot.js").read_text(encoding="utf-8")
    sent = set(re.findall(r"_send\('(\w+)'", script))
    assert sent == {kind for stream in STREAMS for kind in stream.kinds}
    with pytest.raises(KeyError, match="hover"):
        stream_of("nonsense")


def test_what_the_table_of_streams_names_exists():
    view = EventStreams().views["figure"]
    for stream in STREAMS:
        assert stream.linked in view.param
        assert not stream.panel or stream.panel in pn.pane.Plotly.param
    # The fault of the original page, and its correction.
    assert "restyle" in next(s for s in STREAMS if s.slug == "relayout").truth
    assert next(s for s in STREAMS if s.slug == "restyle").panel == "restyle_data"


def test_the_first_figure_is_the_one_of_the_talk():
    apple, orange = FOUR_POINTS.make().data
    assert [(t.name, list(t.x), list(t.y)) for t in (apple, orange)] == [
        ("apple", [1, 2], [1, 2]), ("orange", [1, 2], [3, 4]),
    ]  # fmt: skip
    assert {apple.marker.size, orange.marker.size} == {20}
    assert [*apple.customdata, *orange.customdata] == [1, 2, 3, 4]
    assert FOUR_POINTS.make().layout.clickmode == "event+select"


RAW = {
    "hover": CLICK,
    "click": CLICK,
    "selected": {"points": [], "range": {"x": [0, 1], "y": [0, 2]}},
    "annotation": {"index": 0, "annotation": {"text": "a text to click"}},
}


@pytest.mark.parametrize("stream", [s for s in STREAMS if s.panel], ids=lambda s: s.slug)
def test_the_code_for_panel_runs_and_catches_the_event(stream):
    space: dict = {}
    exec(compile(handler_code(stream, FOUR_POINTS.call), "handler.py", "exec"), space)
    pane, last = space["pane"], space["last"]
    assert json.loads(pane.object.to_json())["data"] == json.loads(FOUR_POINTS.make().to_json())["data"]
    if stream.slug in RAW:
        kind = {"hover": "hover", "click": "click", "selected": "selected", "annotation": "clickannotation"}
        pane._process_event(SimpleNamespace(data={"type": kind[stream.slug], "data": RAW[stream.slug]}))
        assert last.object == getattr(pane, stream.panel) == RAW[stream.slug]
    elif stream.slug == "doubleclick":
        for _ in range(2):
            pane._process_event(SimpleNamespace(data={"type": "doubleclick", "data": None}))
        assert last.object == {"double clicks": 2}
    else:
        change = {"shapes": {"shapes": [{"type": "rect"}]}, "restyle": [{"visible": ["legendonly"]}, [0]]}
        value = change.get(stream.slug, {"xaxis.range": [1, 2]})
        setattr(pane, stream.panel, value)
        assert last.object == value


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.slug)
def test_the_code_for_brushlink_runs_and_catches_the_event(stream):
    space: dict = {}
    exec(compile(handler_code(stream, FOUR_POINTS.call, linked=True), "handler.py", "exec"), space)
    before = space["last"].value
    space["view"].param.trigger(stream.linked)
    assert space["last"].value != before == "nothing yet"


def test_where_panel_forwards_nothing_the_code_says_brushlink():
    level = next(stream for stream in STREAMS if stream.slug == "level")
    assert "LinkedPlotly" in handler_code(level, FOUR_POINTS.call)


@pytest.mark.parametrize("heavy", HEAVY, ids=lambda h: h.slug)
def test_millions_are_cut_to_the_budget_and_counted(heavy):
    for step, (amount, words) in enumerate(heavy.amounts.items(), 1):
        if step == 4:
            continue  # 10 million points: the browser test asks for them
        figure, thinning = cut_down(heavy, amount, budget_of(heavy, everything=False))
        shown = thinning.weigh(figure)
        assert shown.of == amount
        assert shown.points <= PANE_POINTS // 2
        assert (shown.points == amount) == (amount <= PANE_POINTS // 2), words
        figure, thinning = cut_down(heavy, amount, budget_of(heavy, everything=True))
        most = ALL_VOXELS if heavy.slug == "blobs" else ALL_POINTS
        assert (thinning.weigh(figure).points == amount) == (amount <= most)


def test_the_points_shown_are_points_asked_for():
    heavy = HEAVY[0]
    whole = heavy.make(1_000_000).data[0]
    figure, _ = cut_down(heavy, 1_000_000, budget_of(heavy, everything=False))
    given = set(zip(np.asarray(whole.x).tolist(), np.asarray(whole.y).tolist(), strict=True))
    sent = zip(np.asarray(figure.data[0].x).tolist(), np.asarray(figure.data[0].y).tolist(), strict=True)
    assert all(point in given for point in sent)


def test_another_figure_leaves_nothing_of_the_one_before():
    dashboard = EventStreams()
    view = dashboard.views["figure"]
    view._handle("visible", {"visible": ["legendonly", True]})
    rect = {"type": "rect", "x0": 1, "x1": 2, "y0": 1, "y1": 2, "editable": True}
    view._handle("shapes", {"shapes": [rect]})
    assert (view.hidden, len(view.shapes)) == (frozenset({"apple"}), 1)
    dashboard.state.figure = "sunburst"
    assert (view.hidden, view.shapes) == (frozenset(), [])
    assert view.figure.data[0].type == "sunburst"
    view._handle("level", {"curve": 0, "level": "World/Asia"})
    assert view.level == "World/Asia"
    dashboard.history.undo()
    assert [trace.name for trace in view.figure.data] == ["apple", "orange"]
    assert [trace.visible for trace in view.figure.data] == [None, None]
    assert (view.level, len(view.figure.layout.shapes)) == ("", 0)


def test_the_drag_follows_both_ways_and_travels_in_a_link():
    dashboard = EventStreams()
    view = dashboard.views["figure"]
    view._handle("relayout", {"dragmode": "lasso"})
    assert dashboard.state.drag == "lasso"
    dashboard.state.drag = "drawrect"
    assert view.figure.layout.dragmode == "drawrect"
    other = EventsState()
    assert other.apply_query(dashboard.state.to_query()) == []
    assert other.drag == "drawrect"
    (problem,) = other.apply_query("v=1&d=sleep")
    assert "one of" in problem
    assert set(DRAGS) >= {"zoom", "select", "lasso"}


def test_the_time_line_has_a_mark_an_event_and_looks_back():
    dashboard = EventStreams()
    view = dashboard.views["figure"]
    view._handle("click", {"points": [{"x": 1, "y": 1, "curveNumber": 0}]})
    view._handle("click", {"points": [{"x": 2, "y": 4, "curveNumber": 1}]})
    view._handle("doubleclick", None)
    marks = dashboard.views["timeline"].figure.data[0]
    names = [STREAMS[place].slug for place in marks.y]
    assert names == ["click", "click", "doubleclick"]
    assert list(marks.customdata) == [1, 2, 3]
    assert marks.x[0] == 0
    sent: list = []
    dashboard._panels._send_msg = sent.append
    dashboard.views["timeline"].click = Point(0, customdata=1)
    assert dashboard._panels.paused
    (message,) = [m for m in sent if m["rows"]]
    assert message["said"] == "Event 1 of 3: Click"
    assert [2, "x: 1", False] in message["rows"][0]["lines"]
    # Paused: events are counted, and shown when it goes on.
    view._handle("doubleclick", None)
    assert len(sent) == 1
    dashboard._panels._handle_msg({"type": "pause", "on": False})
    rows = {row["slug"]: row["count"] for row in sent[-1]["rows"]}
    assert rows == {"click": 2, "doubleclick": 2}
    dashboard._panels._handle_msg({"type": "clear"})
    assert dashboard.events.events == 0
    assert len(dashboard.views["timeline"].figure.data[0].x) == 0
    for junk in (None, 7, {"type": "code", "stream": "nonsense"}, {"type": "pause"}):
        dashboard._panels._handle_msg(junk)


def test_downloads_hold_what_came():
    dashboard = EventStreams()
    dashboard.views["figure"]._handle("click", {"points": [{"x": 1, "y": 1, "curveNumber": 0}]})
    events, streams = (make() for make in dashboard.tables().values())
    assert events["Stream"].tolist() == ["Click"]
    assert pd.api.types.is_datetime64_any_dtype(events["Time (UTC)"])
    assert streams.set_index("Stream").loc["Click", "Events"] == 1


def test_every_chart_of_the_catalogue_can_be_put_in():
    dashboard = EventStreams()
    charts = [slug for slug in dashboard.state.param.figure.objects if slug not in {h.slug for h in HEAVY}]
    assert len(charts) > 30
    for slug in charts:
        dashboard.state.figure = slug
        assert isinstance(dashboard.views["figure"].figure, go.Figure)
        assert dashboard.views["figure"].figure.layout.uirevision == slug
