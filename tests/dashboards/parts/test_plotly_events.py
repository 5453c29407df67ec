"""Raw payloads as typed values; the payloads are those seen in the browser (facts, section 2 and 3)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.plotly_events import (
    Brush,
    Point,
    hidden_names,
    image_px,
    parse_brush,
    parse_point,
    parse_shapes,
    parse_viewport,
    point_at,
)

TRACE = {
    "type": "scatter",
    "name": "Asia",
    "x": np.array([1.0, 2.0, 3.0]),
    "y": [4, 5, 6],
    "customdata": ["a", "b", "c"],
}


def test_a_bar_says_where_and_which():
    point = parse_point(
        {
            "curveNumber": 1,
            "trace": "Asia",
            "pointNumber": 2,
            "x": "Asia",
            "y": 7,
            "label": "Asia",
            "xaxis": "x2",
            "modifiers": ["shift"],
        }
    )
    assert (point.curve, point.trace, point.index, point.x, point.y) == (1, "Asia", 2, "Asia", 7)
    assert (point.xaxis, point.modifiers) == ("x2", frozenset({"shift"}))


def test_a_bin_has_members_and_no_index():
    point = parse_point({"curveNumber": 0, "x": 37.5, "y": 3, "pointNumbers": [4, 8, 15]})
    assert point.index is None
    assert point.indices == (4, 8, 15)


def test_a_pixel_has_row_column_and_colour():
    point = parse_point(
        {"curveNumber": 0, "pointNumber": [140, 214], "x": 214, "y": 140, "color": [95, 47, 27, 1]}
    )
    assert point.indices == (140, 214)
    assert point.color == (95, 47, 27, 1)


def test_a_thinned_trace_answers_in_the_indices_of_the_whole():
    kept = {0: np.array([3, 30, 300])}
    assert parse_point({"curveNumber": 0, "pointNumber": 1}, kept).index == 30
    brush = parse_brush({"range": {"x": [0, 1], "y": [0, 1]}, "indices": {"0": [0, 2]}}, [TRACE], kept)
    assert brush is not None
    assert brush.indices == {0: (3, 300)}
    assert [point.index for point in brush.points] == [3, 300]
    assert [point.x for point in brush.points] == [1.0, 3.0]


def test_a_box_in_a_facet_is_sorted_and_knows_its_axes():
    brush = parse_brush(
        {"range": {"x3": [60, 40], "y3": [9, 1]}, "indices": {"0": [1, 2]}, "count": 2}, [TRACE]
    )
    assert brush is not None
    assert (brush.kind, brush.xaxis, brush.yaxis, brush.x, brush.y) == ("box", "x3", "y3", (40, 60), (1, 9))
    assert brush.count == 2
    assert [point.customdata for point in brush.points] == ["b", "c"]


def test_a_box_over_an_image_has_a_region_but_no_points():
    brush = parse_brush({"range": {"x": [10.5, 20.5], "y": [5.0, 1.0]}, "indices": {}})
    assert brush == Brush("box", "x", "y", (10.5, 20.5), (1.0, 5.0))


def test_a_lasso_has_vertices():
    brush = parse_brush(
        {"lasso": {"x": [1, 2, 3], "y": [4, 5, 6]}, "indices": {"0": np.array([0], np.int32)}}
    )
    assert brush is not None
    assert brush.vertices == ((1, 4), (2, 5), (3, 6))
    assert brush.indices == {0: (0,)}


@pytest.mark.parametrize("raw", [None, {}, {"points": []}, {"indices": {}, "count": 0}])
def test_nothing_selected_is_none(raw):
    assert parse_brush(raw) is None


def test_a_point_of_a_map_has_no_axes():
    trace = {"type": "choropleth", "locations": ["AFG", "ALB"], "z": np.array([1.5, 2.5])}
    assert point_at(trace, 0, 1) == Point(0, index=1, location="ALB", z=2.5)


def test_ghost_shapes_are_left_out():
    line = {"type": "line", "x0": 3, "x1": 1, "y0": 0, "y1": 0, "label": None}
    shapes = [
        {},
        {"type": "path"},
        {"type": "rect", "x0": 1},
        {"opacity": 1},
        line,
        {"type": "path", "path": "M0,0L1,1"},
    ]
    assert parse_shapes(shapes) == [
        {"type": "line", "x0": 3, "x1": 1, "y0": 0, "y1": 0},
        {"type": "path", "path": "M0,0L1,1"},
    ]


def test_hidden_names_are_of_groups_whose_all_traces_are_off():
    traces = [
        {"name": "Asia", "legendgroup": "Asia"},
        {"name": "rug", "legendgroup": "Asia"},
        {"name": "Europe"},
    ]
    assert hidden_names(traces, ["legendonly", "legendonly", True]) == {"Asia"}
    assert hidden_names(traces, ["legendonly", True, "legendonly"]) == {"Europe"}
    assert hidden_names([{"name": "a", "visible": False}, {"name": "b", "visible": "legendonly"}]) == {"b"}


def test_viewport_by_axis_id_keeps_a_reversed_axis():
    raw = {"xaxis": [0, 10], "yaxis2": [300, -0.5], "scene": [1, 2], "xaxis3": None}
    assert parse_viewport(raw) == {"x": (0, 10), "y2": (300, -0.5)}


@given(
    width=st.floats(1, 50),
    low=st.floats(-100, 100),
    span=st.floats(0.01, 5000),
    length=st.floats(50, 2000),
)
def test_a_stroke_covers_the_same_share_of_image_and_screen(width, low, span, length):
    assert image_px(width, (low + span, low), length) / span == pytest.approx(width / length, rel=1e-6)


def test_no_scale_without_a_picture():
    with pytest.raises(ValueError, match="not drawn"):
        image_px(8, (0, 1), 0)


def test_a_region_on_a_map_is_said_in_degrees():
    drawn = {"subplot": "geo2", "kind": "box", "ring": [[-10, 50], [10.5, 50], [10, 40]]}
    brush = parse_brush({"map": drawn, "indices": {"0": [3, 1]}, "count": 2})
    assert (brush.kind, brush.subplot, brush.x, brush.y, brush.count) == ("box", "geo2", None, None, 2)
    assert brush.vertices == ((-10.0, 50.0), (10.5, 50.0), (10.0, 40.0))
