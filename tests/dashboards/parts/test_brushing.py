"""Brush and click to predicate to outline: what a hand means, and the same outline back."""

import numpy as np
import pandas as pd
import plotly.data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.brushing import bin_predicate, outlines, panel_predicate, range_predicate, toggled
from dashboards.parts.plotly_events import Brush, Point
from data_sources import AllOf, AnyOf, InPolygon, Interval, IsIn

CONTINENTS = ["Asia", "Europe", "Africa", "Americas", "Oceania"]
FRAME = plotly.data.gapminder().query("year == 2007").reset_index(drop=True)


def box(x=None, y=None, place=0):
    number = "" if place == 0 else str(place + 1)
    return Brush("box", f"x{number}", f"y{number}", x=x, y=y)


# -- a brush along one axis ------------------------------------------------------------------------


def test_a_brush_selects_what_it_covers_with_both_ends():
    predicate = range_predicate(box((42.384, 45.678123)), "lifeExp", span=50.0)
    assert predicate == Interval("lifeExp", 42.38, 45.68, closed="both")
    # Zambia (42.384) and Guinea-Bissau (46.388) are the neighbours of the two ends.
    assert sorted(FRAME.country[predicate.mask(FRAME)]) == sorted(
        FRAME.country[FRAME.lifeExp.between(42.38, 45.68)]
    )
    assert "Zambia" in FRAME.country[predicate.mask(FRAME)].tolist()


def test_no_brush_no_predicate():
    assert range_predicate(None, "lifeExp", 50.0) is None
    assert range_predicate(Brush("points"), "lifeExp", 50.0) is None


@given(
    st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0, 1), st.floats(0, 1)
)  # fmt: skip
def test_rounding_moves_an_end_by_less_than_a_hand_can_see(start, span, one, other):
    low, high = sorted((start + one * span, start + other * span))
    predicate = range_predicate(box((low, high)), "x", span)
    # A thousandth of the axis is about a pixel.
    assert abs(predicate.low - low) <= span / 1000 + 1e-9 * abs(low)
    assert abs(predicate.high - high) <= span / 1000 + 1e-9 * abs(high)


# -- a click on a bin ------------------------------------------------------------------------------


def test_a_click_on_a_bin_selects_its_rows_and_not_those_of_the_next():
    edges = np.arange(35.0, 90.0, 5.0)
    tallest = bin_predicate(Point(0, x=72.5), "lifeExp", edges)
    assert (tallest.low, tallest.high) == (70.0, 75.0)
    assert tallest.mask(FRAME).sum() == 39


def test_all_bins_together_hold_every_country_once():
    edges = np.arange(35.0, 90.0, 5.0)
    parts = [bin_predicate(Point(0, x=x), "lifeExp", edges) for x in (edges[:-1] + edges[1:]) / 2]
    assert [int(part.mask(FRAME).sum()) for part in parts] == [1, 8, 10, 12, 12, 9, 7, 39, 31, 13]


@pytest.mark.parametrize("x", [-1e9, 34.9, 90.0, 1e9])
def test_a_click_beside_the_bins_selects_nothing(x):
    assert bin_predicate(Point(0, x=x), "lifeExp", np.arange(35.0, 90.0, 5.0)) is None


# -- a brush in one of several panels --------------------------------------------------------------


def test_a_box_in_a_panel_selects_the_countries_inside():
    brush = box((10_000.0, 60_000.0), (75.0, 80.0), place=3)
    predicate = panel_predicate(brush, "continent", CONTINENTS, "gdpPercap", "lifeExp", log_x=True)
    expected = FRAME[
        (FRAME.continent == "Americas")
        & FRAME.gdpPercap.between(10_000, 60_000)
        & FRAME.lifeExp.between(75, 80)
    ]
    assert len(expected) >= 3
    assert sorted(FRAME.country[predicate.mask(FRAME)]) == sorted(expected.country)


def test_a_lasso_on_a_log_axis_has_straight_sides_on_the_screen():
    corners = ((100.0, 0.0), (10_000.0, 0.0), (10_000.0, 10.0))
    predicate = panel_predicate(Brush("lasso", "x", "y", vertices=corners), "g", ["a"], "x", "y", log_x=True)
    # The long side goes through (1 000, 5) on a logarithmic axis; on a linear one it passes (1 000, 0.9).
    frame = pd.DataFrame({"g": "a", "x": [1_000.0, 1_000.0, 9_000.0], "y": [4.0, 6.0, 1.0]})
    assert predicate.mask(frame).tolist() == [True, False, True]


def test_a_brush_across_bars_of_names_selects_the_whole_panel():
    predicate = panel_predicate(box((0.2, 1.7), place=2), "continent", CONTINENTS, None, None)
    assert predicate.mask(FRAME).sum() == 52
    assert set(FRAME.continent[predicate.mask(FRAME)]) == {"Africa"}


@pytest.mark.parametrize("axis", ["x6", "x99"])
def test_a_brush_in_no_panel_selects_nothing(axis):
    brush = Brush("box", axis, "y", x=(0.0, 1.0))
    assert panel_predicate(brush, "continent", CONTINENTS, "lifeExp", None) is None


# -- clicked bars ----------------------------------------------------------------------------------

PLAIN, SHIFT = Point(0), Point(0, modifiers=frozenset({"shift"}))


def test_a_click_chooses_one_bar_and_a_second_click_lets_go():
    assert toggled((), ("Asia",), PLAIN) == ("Asia",)
    assert toggled(("Asia",), ("Europe",), PLAIN) == ("Europe",)
    assert toggled(("Asia",), ("Asia",), PLAIN) == ()


@pytest.mark.parametrize("key", ["shift", "ctrl", "meta"])
def test_a_key_held_adds_and_takes_away(key):
    point = Point(0, modifiers=frozenset({key}))
    assert toggled(("Asia",), ("Europe",), point) == ("Asia", "Europe")
    assert toggled(("Asia", "Europe"), ("Asia",), point) == ("Europe",)
    assert toggled(("Asia",), ("Asia",), point) == ()


@given(st.lists(st.sampled_from(CONTINENTS), max_size=12))
def test_clicks_with_shift_leave_the_bars_clicked_an_odd_number_of_times(clicks):
    chosen: tuple[str, ...] = ()
    for key in clicks:
        chosen = toggled(chosen, (key,), SHIFT)
    assert sorted(chosen) == sorted(key for key in CONTINENTS if clicks.count(key) % 2)


def test_the_bar_of_the_others_stands_for_all_of_them():
    others = ("Fiji", "Malta", "Tonga")
    assert toggled(("Asia",), others, SHIFT) == ("Asia", *others)
    assert toggled(("Asia", *others), others, SHIFT) == ("Asia",)


# -- predicate to outline to predicate -------------------------------------------------------------

LEVELS = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)).map(sorted).map(tuple)


def brush_of(outline):
    """Read an outline as the browser reports it: the opposite way, written here anew."""
    if outline["type"] == "path":
        pairs = [pair.split(",") for pair in outline["path"].strip("MZ").split("L")]
        return Brush(
            "lasso", outline["xref"], outline["yref"],
            vertices=tuple((float(x), float(y)) for x, y in pairs),
        )  # fmt: skip
    return Brush(
        "box", outline["xref"], outline["yref"],
        x=(outline["x0"], outline["x1"]), y=(outline["y0"], outline["y1"]),
    )  # fmt: skip


@given(LEVELS)
def test_the_outline_of_a_range_is_the_brush_that_made_it(x):
    predicate = range_predicate(box(x), "lifeExp", span=50.0)
    (outline,) = outlines(predicate, top=42.0)
    assert (outline["y0"], outline["y1"], outline["yref"]) == (0, 42.0, "y")
    assert range_predicate(brush_of(outline), "lifeExp", span=50.0) == predicate


@given(x=LEVELS, y=LEVELS, place=st.integers(0, 4), boxed=st.booleans())
def test_the_outline_of_a_box_in_a_panel_is_the_brush_that_made_it(x, y, place, boxed):
    up = "lifeExp" if boxed else None
    brush = box(x, y, place)
    predicate = panel_predicate(brush, "continent", CONTINENTS, "gdpPercap", up)
    (outline,) = outlines(predicate, CONTINENTS)
    again = brush_of(outline)
    assert (again.xaxis, again.yaxis) == (brush.xaxis, brush.yaxis)
    assert panel_predicate(again, "continent", CONTINENTS, "gdpPercap", up) == predicate


@given(
    st.lists(st.tuples(st.floats(1, 1e5), st.floats(-100, 100)), min_size=3, max_size=30),
    st.integers(0, 4),
    st.booleans(),
)
def test_the_outline_of_a_lasso_is_the_lasso(vertices, place, log):
    number = "" if place == 0 else str(place + 1)
    brush = Brush("lasso", f"x{number}", f"y{number}", vertices=tuple(vertices))
    predicate = panel_predicate(brush, "continent", CONTINENTS, "gdpPercap", "lifeExp", log)
    (outline,) = outlines(predicate, CONTINENTS)
    assert brush_of(outline) == brush
    assert panel_predicate(brush_of(outline), "continent", CONTINENTS, "gdpPercap", "lifeExp", log) == (
        predicate
    )


@pytest.mark.parametrize(
    "predicate",
    [
        None,
        IsIn("continent", ("Asia",)),
        AnyOf((Interval("lifeExp", 1, 2), Interval("lifeExp", 5, 6))),
        Interval("lifeExp", None, 60.0),
        AllOf((IsIn("continent", ("Atlantis",)), Interval("lifeExp", 1, 2))),
        AllOf((Interval("lifeExp", 1, 2),)),
        AllOf((IsIn("continent", ("Asia",)),)),
        AllOf((IsIn("continent", ()), Interval("lifeExp", 1, 2))),
        AllOf((IsIn("continent", ("Asia",)), Interval("lifeExp", 1, None))),
    ],
)
def test_what_no_brush_makes_has_no_outline(predicate):
    assert outlines(predicate, CONTINENTS) == []


def test_a_polygon_alone_has_its_outline():
    (outline,) = outlines(InPolygon("gdpPercap", "lifeExp", ((1, 2), (3, 4), (5, 0))))
    assert outline == {"type": "path", "path": "M1.0,2.0L3.0,4.0L5.0,0.0Z", "xref": "x", "yref": "y"}


def test_a_clicked_bin_has_no_outline_that_would_catch_the_second_click():
    assert outlines(bin_predicate(Point(0, x=72.5), "lifeExp", np.arange(35.0, 90.0, 5.0))) == []
