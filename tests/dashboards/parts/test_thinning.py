"""A pane over its budget is thinned truthfully, or refused."""

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.budget import Budget, Shown, measure, plan
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.thinning import Thinning

SMALL = Budget(points=1000, cells=10_000, bytes=1_000_000)


def test_a_figure_within_its_budget_is_left_alone():
    x = np.arange(1000.0)
    view = LinkedPlotly(go.Figure(go.Scatter(x=x, y=x)), budget=SMALL)
    assert view.figure.data[0].x is not None
    assert len(view.figure.data[0].x) == 1000
    assert (view.shown.points, view.shown.of) == (1000, 1000)
    assert str(view.shown) == "1,000 shown"


def test_a_figure_that_was_read_from_json_is_weighed_and_cut_like_any_other():
    x, z = np.arange(5000.0), np.arange(40_000.0).reshape(200, 200)
    made = go.Figure(
        [go.Scatter(x=x, y=x, mode="markers", marker={"size": x}), go.Heatmap(z=z, xaxis="x2", yaxis="y2")]
    )
    read = pio.from_json(made.to_json())
    assert isinstance(read._data[1]["z"], dict)
    views = [LinkedPlotly(figure, budget=SMALL) for figure in (made, read)]
    assert views[0].shown == views[1].shown
    assert views[1].shown.of == 45_000 > views[1].shown.points
    assert views[0].figure == views[1].figure
    np.testing.assert_array_equal(views[1].figure.data[1].z, views[0].figure.data[1].z)


def test_a_thread_may_cut_a_figure_before_it_is_shown():
    x = np.arange(50_000.0)
    figure, thinning = go.Figure(go.Scatter(x=x, y=x, mode="markers")), Thinning(SMALL)
    thinning.admit(figure)
    view = LinkedPlotly(go.Figure(), name="one")
    view.replace(figure, thinning)
    assert (view.shown.points, view.shown.of, view.budget) == (1000, 50_000, SMALL)
    view._handle("click", {"points": [{"curveNumber": 0, "pointNumber": 7, "x": 1}]})
    assert view.click.index == view.figure.data[0].x[7]


def test_markers_are_a_seeded_sample_with_all_their_attributes():
    x = np.arange(50_000.0)
    names = [f"n{i}" for i in range(len(x))]

    def scatter():
        return go.Figure(
            go.Scatter(
                x=x,
                y=2 * x,
                mode="markers",
                text=names,
                customdata=np.c_[x, -x],
                marker={"size": x % 7, "color": x},
            )
        )

    view = LinkedPlotly(scatter(), budget=SMALL)
    trace = view.figure.data[0]
    assert len(trace.x) == 1000
    assert str(view.shown) == "1,000 of 50,000 shown"
    assert np.array_equal(trace.y, 2 * trace.x)
    assert np.array_equal(trace.marker.color, trace.x)
    assert np.array_equal(trace.customdata[:, 1], -trace.x)
    assert list(trace.text) == [f"n{int(value)}" for value in trace.x]
    assert np.all(np.diff(trace.x) > 0)
    again = LinkedPlotly(scatter(), budget=SMALL)
    assert np.array_equal(again.figure.data[0].x, trace.x)


def test_lines_keep_their_ends_and_are_even():
    x = np.arange(20_001.0)
    view = LinkedPlotly(go.Figure(go.Scatter(x=x, y=x, mode="lines")), budget=SMALL)
    kept = view.figure.data[0].x
    assert (kept[0], kept[-1], len(kept)) == (0, 20_000, 1000)
    assert np.diff(kept).max() - np.diff(kept).min() <= 1


def test_a_heatmap_is_cut_by_a_stride_and_stays_where_it_was():
    z = np.arange(400.0 * 300).reshape(400, 300)
    view = LinkedPlotly(go.Figure(go.Heatmap(z=z)), budget=SMALL)
    trace = view.figure.data[0]
    assert trace.z.size <= 10_000
    rows = trace.y0 + trace.dy * np.arange(trace.z.shape[0])
    columns = trace.x0 + trace.dx * np.arange(trace.z.shape[1])
    assert np.array_equal(trace.z, z[np.ix_(rows.astype(int), columns.astype(int))])
    assert view.shown == Shown(trace.z.size, 120_000, view.shown.bytes)


def test_a_volume_is_cut_by_the_same_stride_along_each_axis():
    axis = np.arange(40)
    x, y, z = (part.ravel() for part in np.meshgrid(axis, axis, axis, indexing="ij"))
    value = x * 10_000 + y * 100 + z
    view = LinkedPlotly(go.Figure(go.Isosurface(x=x, y=y, z=z, value=value)), budget=SMALL)
    trace = view.figure.data[0]
    assert 0 < len(trace.value) <= 1000
    assert np.array_equal(trace.value, trace.x * 10_000 + trace.y * 100 + trace.z)
    sides = [len(np.unique(part)) for part in (trace.x, trace.y, trace.z)]
    assert np.prod(sides) == len(trace.value)


@pytest.mark.parametrize(
    "trace",
    [
        go.Histogram(x=np.zeros(5000)),
        go.Bar(y=np.zeros(5000)),
        go.Mesh3d(x=np.zeros(5000), y=np.zeros(5000), z=np.zeros(5000)),
        go.Image(source="data:image/png;base64," + "A" * 2_000_000),
    ],
    ids=lambda trace: trace.type,
)
def test_what_would_lie_when_thinned_is_refused(trace):
    with pytest.raises(ValueError, match="over the budget"):
        LinkedPlotly(go.Figure(trace), budget=SMALL)


def test_bytes_count_too():
    text = ["x" * 5000] * 900
    view = LinkedPlotly(go.Figure(go.Scatter(x=np.arange(900.0), text=text, mode="markers")), budget=SMALL)
    assert view.shown.points < 300
    assert view.shown.bytes < 1_000_000


def test_small_companions_stay_whole():
    big, line = np.arange(50_000.0), np.arange(20.0)
    figure = go.Figure([go.Scatter(x=big, y=big, mode="markers"), go.Bar(x=line, y=line)])
    assert set(plan(figure._data, SMALL)) == {0}


def test_patches_are_cut_like_their_trace_and_new_data_anew():
    x = np.arange(50_000.0)
    view = LinkedPlotly(go.Figure(go.Scatter(x=x, y=x, mode="markers")), budget=SMALL)
    kept = view.figure.data[0].x
    view.patch({0: {"y": -x}})
    assert np.array_equal(view.figure.data[0].y, -kept)
    view.patch({0: {"selectedpoints": [int(kept[5]), int(kept[7])]}})
    assert list(view.figure.data[0].selectedpoints) == [5, 7]
    longer = np.arange(80_000.0)
    view.patch({0: {"x": longer, "y": longer}})
    assert len(view.figure.data[0].x) == 1000
    assert view.shown.of == 80_000
    few = np.arange(10.0)
    view.patch({0: {"x": few, "y": few}})
    assert str(view.shown) == "10 shown"


@given(n=st.integers(1, 5000), limit=st.integers(10, 2000))
def test_never_over_the_budget(n, limit):
    figure = go.Figure(go.Scattergl(x=np.arange(n), y=np.arange(n), mode="markers"))
    thinning = Thinning(Budget(points=limit))
    thinning.admit(figure)
    assert len(figure.data[0].x) == min(n, limit)
    assert thinning.weigh(figure).of == n


def test_weights():
    assert measure(np.zeros(10)) == 80
    assert measure("abc") == 5
    assert measure({"a": np.zeros(2, np.uint8)}) == 6
