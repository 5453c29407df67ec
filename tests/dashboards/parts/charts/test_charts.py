"""The charts of tables as pure functions: what is painted where, by hand-made arithmetic."""

import html
import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.parts.charts.bars import Stack, bars_spec
from dashboards.parts.charts.facets import BarPanel, BubblePanel, facets_spec, grid_shape
from dashboards.parts.charts.hierarchy import hierarchy_spec
from dashboards.parts.charts.histogram import Rug, histogram_spec
from dashboards.parts.charts.layout import empty_spec, number_format, trace_id
from dashboards.parts.charts.lines import lines_spec
from dashboards.parts.theme import context_color

HOSTILE = "<img src=x onerror=alert(1)>"

# -- what all charts share ----------------------------------------------------------------------


@given(st.lists(st.text(max_size=12), unique=True, max_size=30))
def test_names_of_traces_are_words_and_different(keys):
    names = [trace_id("bar", key) for key in keys]
    assert len(set(names)) == len(keys)
    # What a CSS class selector takes as it is: Plotly puts it behind ".cb".
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") for name in names
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1_318_683_096.0], ",.0f"),
        ([72.961], ",.5~g"),
        ([np.nan], ",.5~g"),
        ([], ",.5~g"),
        ([-20_000.0, 3], ",.0f"),
    ],
)
def test_numbers_on_hover_are_written_in_full(values, expected):
    assert number_format(np.array(values)) == expected


def test_an_empty_state_says_what_to_do_as_text():
    (note,) = empty_spec(f"No column {HOSTILE}.", "light")["layout"]["annotations"]
    assert "<img" not in note["text"]
    assert html.unescape(note["text"]) == f"No column {HOSTILE}."


# -- histogram ----------------------------------------------------------------------------------

EDGES = np.array([0.0, 10.0, 20.0, 40.0])


def histogram(**more):
    selected, whole = np.array([[1.0, 0, 2], [0, 3, 0]]), np.array([[2.0, 1, 2], [0, 3, 4]])
    options = {
        "colors": {"a": "red", "b": "blue"}, "title": "t", "axis_title": "x", "count_title": "n",
        "mode": "light", "names": [["Ann"], [HOSTILE], []],
    }  # fmt: skip
    return histogram_spec(EDGES, ["a", "b"], selected, whole, **{**options, **more})


def test_what_is_not_selected_is_the_grey_rest_of_the_whole():
    a, b, rest = histogram()["data"]
    assert a["y"].tolist() == [1, 0, 2]
    assert b["y"].tolist() == [0, 3, 0]
    assert rest["y"].tolist() == [1, 1, 4]
    assert rest["marker"]["color"] == context_color("light")
    assert a["x"].tolist() == [5, 15, 30]
    assert a["width"].tolist() == [10, 10, 20]


def test_rug_ticks_lie_in_the_lane_of_their_category_and_grey_when_not_selected():
    rug = Rug(
        np.array([1.0, 2, 30]),
        np.array([0, 1, 0]),
        np.array(["Ann", "Bob", HOSTILE]),
        np.array([True, True, False]),
    )
    *_, first, second = histogram(rug=rug)["data"]
    assert (first["x"].tolist(), first["y"].tolist()) == ([1, 30], [0, 0])
    assert (second["x"].tolist(), second["y"].tolist()) == ([2], [1])
    assert list(first["marker"]["color"]) == ["red", context_color("light")]
    assert html.unescape(first["hovertext"][1]) == HOSTILE


def test_what_is_switched_off_stays_in_the_legend():
    a, b, rest = histogram(hidden=frozenset({"b"}))["data"]
    assert (a["visible"], b["visible"], rest.get("visible", True)) == (True, "legendonly", True)
    assert (a["legendgroup"], b["legendgroup"]) == ("a", "b")


def test_a_clicked_bin_is_framed():
    (frame,) = histogram(framed=(10.0, 20.0))["layout"]["shapes"]
    assert (frame["x0"], frame["x1"], frame["visible"]) == (10, 20, True)
    (frame,) = histogram()["layout"]["shapes"]
    assert frame["visible"] is False


# -- bars ---------------------------------------------------------------------------------------


def stack(values, selected=None, bars=None):
    values = np.array(values, dtype=float)
    bars = np.zeros(len(values), dtype=int) if bars is None else np.array(bars)
    keys = [f"bar {place}" for place in range(bars.max(initial=-1) + 1)]
    part = values if selected is None else np.array(selected, dtype=float)
    return Stack(
        keys, bars, values, part, np.linspace(0, 1, len(values)), [f"s{i}" for i in range(len(values))],
        [(key,) for key in keys], [()] * len(values),
    )  # fmt: skip


def bars(which, scale="absolute", **more):
    options = {
        "title": "t",
        "axis_title": "x",
        "value_title": "y",
        "color_title": "c",
        "color_range": (0.0, 1.0),
    }
    return bars_spec(which, scale=scale, mode="light", **{**options, **more})


@given(st.lists(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), min_size=1, max_size=5))
def test_segments_stand_on_each_other(heights):
    flat = list(itertools.chain(*heights))
    places = [place for place, group in enumerate(heights) for _ in group]
    whole, part = bars(stack(flat, bars=places))["data"]
    for place, group in enumerate(heights):
        mine = np.array(places) == place
        assert whole["base"][mine] == pytest.approx(np.cumsum(group) - group)
        assert (whole["base"] + whole["y"])[mine].max() == pytest.approx(sum(group))
    assert np.array_equal(whole["base"], part["base"])


def test_shares_fill_every_bar_and_an_empty_bar_stays_empty():
    whole, part = bars(stack([1, 3, 0, 5], [1, 0, 0, 5], [0, 0, 1, 2]), "share")["data"]
    assert whole["y"].tolist() == [0.25, 0.75, 0, 1]
    assert part["y"].tolist() == [0.25, 0, 0, 1]


def test_on_a_log_axis_bars_are_totals_and_none_lies_under_it():
    spec = bars(stack([10, 90, 1000], [10, 0, 0], [0, 0, 1]), "log")
    whole, part = spec["data"]
    assert whole["y"].tolist() == [100, 1000]
    assert part["y"].tolist() == [10, 0]
    low, high = spec["layout"]["yaxis"]["range"]
    assert low < 2 < 3 < high


def test_the_bars_that_this_view_selected_are_lit():
    spec = bars(stack([1, 2, 3], bars=[0, 0, 1]), chosen=("bar 0",))
    assert list(spec["data"][1]["selectedpoints"]) == [0, 1]
    assert bars(stack([1, 2, 3], bars=[0, 0, 1]))["data"][1]["selectedpoints"] is None


# -- panels -------------------------------------------------------------------------------------


def bar_panels(count):
    x = np.array([5.0, 15.0])
    return [
        BarPanel(f"{HOSTILE} {i}", "red", x, np.full(2, 10.0), np.array([3.0, 1 + i]), np.array([1.0, 0]))
        for i in range(count)
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 14),
    st.sampled_from(["columns", "rows", "wrap"]),
    st.sampled_from(["shared", "free y", "free"]),
)
def test_panels_fill_the_picture_without_touching(count, arrangement, axes):
    spec = facets_spec(
        bar_panels(count), arrangement=arrangement, axes=axes, title="t", x_title="x", y_title="y",
        mode="dark", x_range=(0, 20), y_range=(0, 20),
    )  # fmt: skip
    figure = go.Figure(spec)  # a domain a hair outside of the picture would raise
    layout = spec["layout"]
    numbers = ["" if place == 0 else str(place + 1) for place in range(count)]
    boxes = [(*layout[f"xaxis{n}"]["domain"], *layout[f"yaxis{n}"]["domain"]) for n in numbers]
    for (left, right, low, high), (other_left, other_right, other_low, other_high) in itertools.combinations(
        boxes, 2
    ):
        assert right <= other_left or other_right <= left or high <= other_low or other_high <= low
    assert len({box[:2] for box in boxes}) <= grid_shape(count, arrangement)[1]
    assert len({box[2:] for box in boxes}) <= grid_shape(count, arrangement)[0]
    shared = [layout[f"xaxis{n}"]["matches"] for n in numbers[1:]]
    assert shared == [None if axes == "free" else "x"] * len(shared)
    assert all("<img" not in note.text for note in figure.layout.annotations)


@pytest.mark.parametrize(
    ("count", "arrangement", "shape"),
    [
        (5, "columns", (1, 5)),
        (5, "rows", (5, 1)),
        (5, "wrap", (2, 3)),
        (9, "wrap", (3, 3)),
        (1, "wrap", (1, 1)),
    ],
)
def test_shapes_of_grids(count, arrangement, shape):
    assert grid_shape(count, arrangement) == shape


def test_bubbles_have_one_scale_in_all_panels():
    panel = BubblePanel(
        "a",
        "red",
        np.array([1.0, 10.0]),
        np.array([1.0, 2.0]),
        np.array([100.0, 25.0]),
        ["x", "y"],
        np.array([True, False]),
    )
    spec = facets_spec(
        [panel, panel], arrangement="columns", axes="shared", title="t", x_title="x", y_title="y",
        mode="light",
        x_range=(1, 1000), log_x=True, largest=400.0,
    )  # fmt: skip
    first, second = (trace["marker"] for trace in spec["data"])
    assert first["sizemode"] == "area"
    assert first["sizeref"] == second["sizeref"]
    assert list(first["color"]) == ["red", context_color("light")]
    assert spec["layout"]["xaxis"]["range"] == pytest.approx([0, 3])
    assert spec["layout"]["xaxis"]["type"] == "log"


# -- hierarchies and lines ----------------------------------------------------------------------


def tree(kind, selected):
    values = np.array([10.0, 6, 4])
    colors = np.where(np.array(selected) > 0, [50.0, 60, 70], np.nan)
    return hierarchy_spec(
        kind, ["W", "W/a", "W/b"], ["W", HOSTILE, "b"], ["", "W", "W"], values,
        np.array([50.0, 60, 70]), colors,
        np.array(selected), title="t", size_title="people", color_title="life",
        color_range=(0, 100), mode="light",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["sunburst", "treemap"])
def test_sectors_keep_the_size_of_the_whole_and_lose_their_colour(kind):
    spec = tree(kind, [0.6, 1.0, 0.0])
    go.Figure(spec)
    sectors, scale = spec["data"]
    assert sectors["values"].tolist() == [10, 6, 4]
    assert sectors["branchvalues"] == "total"
    colors = list(sectors["marker"]["colors"])
    assert colors[2] == context_color("light")
    assert context_color("light") not in colors[:2]
    assert html.unescape(sectors["labels"][1]) == HOSTILE
    assert "<img" not in sectors["labels"][1]
    assert scale["marker"]["showscale"] is True
    assert tree(kind, [1.0, 1, 1])["data"][0]["marker"]["colors"][2] != context_color("light")


def test_lines_show_the_whole_in_grey_under_what_is_selected():
    times = np.array([1952, 1957])
    spec = lines_spec(
        times, {"a b": np.array([1.0, 2])}, {"a b": np.array([np.nan, 3.0])}, colors={"a b": "red"},
        title="t",
        time_title="year", value_title="y", value_range=(0, 4), now=1957, mode="light",
    )  # fmt: skip
    go.Figure(spec)
    whole, part = spec["data"]
    assert (whole["line"]["color"], part["line"]["color"]) == (context_color("light"), "red")
    assert whole["y"].tolist() == [1, 2]
    assert part["y"][1] == 3
    assert spec["layout"]["shapes"][0]["x0"] == 1957
