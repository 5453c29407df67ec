"""LinkedPlotly without a browser: what a patch does to the figure, and what would be sent."""

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Brush

TREE = {
    "ids": ["World", "World/Asia", "World/Asia/China"],
    "labels": ["World", "Asia", "China"],
    "parents": ["", "World", "World/Asia"],
    "values": [3, 3, 3],
}


@pytest.fixture
def bars():
    """A view of two bar traces, and the list of what it sends."""
    figure = go.Figure(
        [go.Bar(x=[1, 2], y=[3, 4], name="a"), go.Bar(x=[1, 2], y=[5, 6], name="b", uid="second")]
    )
    view = LinkedPlotly(figure, name="bars")
    sent = []
    view.pane.send = lambda traces, layout: sent.append((traces, layout))
    return view, sent


def test_a_patch_changes_the_figure_and_goes_as_one_message(bars):
    view, sent = bars
    view.patch({"a": {"y": [7, 8], "marker_color": "red"}, "second": {"y": [0, 0]}}, {"title_text": "new"})
    assert list(view.figure.data[0].y) == [7, 8]
    assert view.figure.data[0].marker.color == "red"
    assert view.figure.layout.title.text == "new"
    ((traces, layout),) = sent
    assert {place: sorted(values) for place, values in traces.items()} == {0: ["marker.color", "y"], 1: ["y"]}
    assert layout == {"title.text": "new"}


def test_what_is_equal_is_not_sent(bars):
    view, sent = bars
    view.patch({0: {"y": np.array([3, 4])}}, {"title.text": None})
    view.patch({0: {"y": [7.5, 8]}})
    view.patch({0: {"y": [7.5, 8]}, 1: {"y": [5, 6]}})
    assert [sorted(traces) for traces, _ in sent][-1] == [0]
    assert len(sent) <= 2


def test_a_patch_of_nothing_valid_says_what_there_is(bars):
    view, sent = bars
    with pytest.raises(KeyError, match=r"no trace 'c'.*'a', 'b'"):
        view.patch({"c": {"y": [1]}})
    with pytest.raises(KeyError, match="2 traces, no number 5"):
        view.patch({5: {"y": [1]}})
    with pytest.raises(ValueError, match="nonsense"):
        view.patch({0: {"nonsense": 1}})
    assert sent == []


def test_none_removes_an_attribute(bars):
    view, sent = bars
    view.patch({0: {"marker.color": "red"}})
    view.patch({0: {"marker.color": None}})
    assert view.figure.data[0].marker.color is None
    assert sent[-1] == ({0: {"marker.color": None}}, {})


def test_events_become_parameters_and_are_logged():
    log = EventLog()
    view = LinkedPlotly(go.Figure(go.Scatter(x=[1, 2, 3], y=[1, 2, 3])), name="one", log=log)
    with log.effect("before any event"):
        pass
    view._handle("selected", {"range": {"x": [0, 2.5], "y": [0, 9]}, "indices": {"0": [0, 1]}, "count": 2})
    with log.effect("histogram"):
        pass
    assert isinstance(view.selected, Brush)
    assert view.selected.x == (0, 2.5)
    assert [point.x for point in view.selected.points] == [1, 2]
    view._handle("selected", None)
    assert view.selected is None
    streams = [(event.view, event.stream, [name for name, _ in event.effects]) for event in log.entries]
    assert streams == [("one", "selected", ["histogram"]), ("one", "selected", [])]


def test_a_watcher_may_drive_the_view_it_listens_to():
    view = LinkedPlotly(go.Figure(go.Sunburst(**TREE)))
    view.param.watch(lambda event: view.param.update(level="World/Asia"), "click", onlychanged=False)
    view._handle("click", {"points": [{"curveNumber": 0, "id": "World"}]})
    assert view.level == "World/Asia"
    assert view.figure.data[0].level == "World/Asia"


def test_levels_are_ids_and_the_root_is_empty():
    view = LinkedPlotly(go.Figure(go.Sunburst(**TREE)))
    assert view.level == ""
    view._handle("level", {"curve": 0, "level": "World/Asia"})
    assert (view.level, view.figure.data[0].level) == ("World/Asia", "World/Asia")
    view._handle("level", {"curve": 0, "level": "World"})
    assert view.level == ""
    view._handle("level", {"curve": 0, "level": 0.123})  # an id that Plotly made up
    assert view.level == ""


def test_replacing_keeps_what_a_hand_did():
    view = LinkedPlotly(go.Figure(go.Sunburst(**TREE)))
    view._handle("level", {"curve": 0, "level": "World/Asia"})
    view._handle(
        "shapes", {"shapes": [{"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "editable": True}]}
    )
    view.replace(go.Figure(go.Sunburst(**TREE)))
    assert view.figure.data[0].level == view.level == "World/Asia"
    assert len(view.figure.layout.shapes) == len(view.shapes) == 1
    view.replace(go.Figure(go.Sunburst(ids=["Mars"], labels=["Mars"], parents=[""])))
    assert view.level == ""


def test_hidden_names_both_ways():
    figure = go.Figure([go.Bar(y=[1], name=name, legendgroup=name) for name in ("a", "b", "a")])
    view = LinkedPlotly(figure)
    view.set_hidden(["a", "unknown"])
    assert [trace.visible for trace in view.figure.data] == ["legendonly", True, "legendonly"]
    assert view.hidden == {"a"}
    view._handle("visible", {"visible": [True, "legendonly", True]})
    assert view.hidden == {"b"}
    view.hidden = frozenset()
    assert [trace.visible for trace in view.figure.data] == [True, True, True]


def test_the_log_is_bounded_and_brief():
    log = EventLog(kept=3)
    for number in range(10):
        log.record("v", "lasso", {"x": list(range(10_000)), "n": number})
    assert len(log.entries) == 3
    assert log.count == 10
    assert log.entries[-1].payload == "{x: [0, 1, 2, 3, 4, 5, … 9994 more], n: 9}"


def test_a_holoviews_object_is_shown_wherever_a_figure_is():
    import holoviews as hv

    view = LinkedPlotly(hv.Curve([(0, 1), (1, 3)], label="first"), name="curve")
    assert [trace.type for trace in view.figure.data] == ["scatter"]
    assert list(view.figure.data[0].y) == [1, 3]
    assert (view.figure.layout.width, view.figure.layout.height) == (None, None), (
        "its place is the page's affair"
    )
    view.patch({0: {"line.width": 4}})
    view.replace(hv.Curve([(0, 1), (1, 3)]) * hv.Scatter([(0, 5), (1, 7)]))
    assert [trace.mode for trace in view.figure.data] == ["lines", "markers"]
    with pytest.raises(TypeError, match="HoloViews"):
        LinkedPlotly([1, 2, 3])


def test_an_hvplot_is_one_too():
    pytest.importorskip("hvplot", reason="hvPlot is no dependency: it makes HoloViews objects")
    import hvplot.pandas  # noqa: F401 - gives every frame its `hvplot`
    import pandas as pd

    frame = pd.DataFrame({"x": [1, 2, 3], "y": [2.5, 1.5, 3.5]})
    view = LinkedPlotly(frame.hvplot.scatter("x", "y"), name="scatter")
    assert list(view.figure.data[0].y) == [2.5, 1.5, 3.5]


@pytest.mark.parametrize("name", ["plot_bgcolor", "paper_bgcolor"])
def test_attributes_with_an_underscore_of_their_own(bars, name):
    view, sent = bars
    view.patch(layout={name: "#123456", "title_text": "t"})
    assert view.figure.layout[name] == "#123456"
    assert sent[-1][1] == {name: "#123456", "title.text": "t"}
