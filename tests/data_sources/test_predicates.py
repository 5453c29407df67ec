"""Predicates against plain pandas filtering, through JSON and in words."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources import (
    AllOf,
    AnyOf,
    InPolygon,
    Interval,
    IsIn,
    Predicate,
    SelectionError,
    limits,
    predicate_from_json,
)

WORDS = ["Asia", "Europe", "a/b", "<img src=x onerror=alert(1)>", "", "ünïcode", "1"]


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 30))
    floats = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, -3.0]), st.floats(-1e6, 1e6))
    return pd.DataFrame(
        {
            "x": pd.Series(draw(st.lists(floats, min_size=rows, max_size=rows)), dtype=float),
            "y": pd.Series(draw(st.lists(floats, min_size=rows, max_size=rows)), dtype=float),
            "n": pd.Series(draw(st.lists(st.integers(-3, 3), min_size=rows, max_size=rows)), dtype=int),
            "word": pd.Series(
                draw(st.lists(st.sampled_from([*WORDS, None]), min_size=rows, max_size=rows)), dtype="str"
            ),
        }
    )


bounds = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, -3.0]), st.floats(-1e6, 1e6))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = draw(bounds), draw(bounds)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Interval(
        draw(st.sampled_from(["x", "y", "n"])), low, high, draw(st.sampled_from(["left", "both"]))
    )


memberships = st.one_of(
    st.builds(IsIn, st.just("word"), st.lists(st.sampled_from([*WORDS, None, "absent"])).map(tuple)),
    st.builds(IsIn, st.just("n"), st.lists(st.sampled_from([-3, 0, 2.0, 9, "0"])).map(tuple)),
)
leaves = st.one_of(intervals(), memberships)
predicates = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def by_pandas(predicate: Predicate, frame: pd.DataFrame) -> pd.Series:
    """Filter as a person would write it in pandas."""
    match predicate:
        case Interval(column, low, high, closed):
            series = frame[column]
            if low is None and high is None:
                return series.notna()
            kept = pd.Series(True, index=frame.index)
            if low is not None:
                kept &= series.ge(low)
            if high is not None:
                kept &= series.le(high) if closed == "both" else series.lt(high)
            return kept
        case IsIn(column, values):
            known = [value for value in values if value != "missing"]
            kept = frame[column].apply(lambda cell: any(cell == value for value in known)).astype(bool)
            return kept | frame[column].isna() if "missing" in values else kept
        case AllOf(parts):
            return pd.Series(
                np.all([by_pandas(part, frame) for part in parts], axis=0) if parts else True,
                index=frame.index,
            )
        case AnyOf(parts):
            return pd.Series(
                np.any([by_pandas(part, frame) for part in parts], axis=0) if parts else False,
                index=frame.index,
            )
    raise AssertionError(predicate)


@given(frames(), predicates)
@settings(max_examples=200, deadline=None)
def test_mask_is_what_pandas_filters(frame: pd.DataFrame, predicate: Predicate) -> None:
    mask = predicate.mask(frame)
    assert mask.dtype == bool
    assert mask.tolist() == by_pandas(predicate, frame).tolist()


@given(predicates)
@settings(max_examples=200, deadline=None)
def test_json_gives_the_same_predicate(predicate: Predicate) -> None:
    again = predicate_from_json(json.loads(json.dumps(predicate.to_json(), allow_nan=False)))
    assert again == predicate
    assert hash(again) == hash(predicate)
    assert set(again.columns) <= {"x", "y", "n", "word"}


def winding(x: float, y: float, corners: list[tuple[float, float]]) -> bool:
    """Even-odd rule, point by point and side by side."""
    odd = False
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            odd = not odd
    return odd


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=12),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_polygon_is_the_even_odd_rule(corners: list[tuple[float, float]], seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-60, 60, (50, 2))
    frame = pd.DataFrame({"x": [*points[:, 0], np.nan, 0.0], "y": [*points[:, 1], 0.0, np.nan]})
    expected = [winding(x, y, corners) for x, y in points]
    assert InPolygon("x", "y", tuple(corners)).mask(frame).tolist() == [*expected, False, False]


def test_polygon_on_a_log_axis_has_straight_sides_on_the_screen() -> None:
    frame = pd.DataFrame(
        {"gdp": [100.0, 1_000.0, 10_000.0, 0.0, -5.0, np.nan], "age": [50.0, 50, 50, 50, 50, 50]}
    )
    # A triangle from (100, 40) and (10000, 40) up to (1000, 60): at age 50 it spans 10^2.5 … 10^3.5.
    triangle = ((100, 40), (10_000, 40), (1_000, 60))
    assert InPolygon("gdp", "age", triangle, log_x=True).mask(frame).tolist() == [False, True, *[False] * 4]
    # Without the log the same corners at age 50 span 550 … 5500.
    edge = pd.DataFrame({"gdp": [400.0, 600.0, 5_000.0], "age": [50.0] * 3})
    assert InPolygon("gdp", "age", triangle).mask(edge).tolist() == [False, True, True]
    assert InPolygon("gdp", "age", triangle, log_x=True).mask(edge).tolist() == [True, True, False]


def test_polygon_json_round_trip() -> None:
    lasso = InPolygon("gdp", "age", ((1, 2), (3.5, 4), (5, 6.25)), log_x=True)
    assert lasso.to_json() == ["poly", "gdp", "age", [1, 2, 3.5, 4, 5, 6.25], "x"]
    assert predicate_from_json(lasso.to_json()) == lasso


def test_dates_are_compared_as_dates() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-01-31", "2024-02-01", "2024-02-29", None])})
    assert Interval("day", "2024-02-01", "2024-02-29").mask(frame).tolist() == [False, True, False, False]
    assert Interval("day", "2024-02-01", "2024-02-29", "both").mask(frame).tolist() == [
        False,
        True,
        True,
        False,
    ]
    milliseconds = pd.Timestamp("2024-02-01").timestamp() * 1000
    assert Interval("day", milliseconds, None).mask(frame).tolist() == [False, True, True, False]
    assert IsIn("day", ("2024-02-01", None)).mask(frame).tolist() == [False, True, False, True]
    assert IsIn("day", (pd.Timestamp("2024-02-01"),)).values == ("2024-02-01",)


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        (Interval("lifeExp", 40, 50), "life expectancy in [40, 50)"),
        (Interval("lifeExp", 40.25, 50, "both"), "life expectancy in [40.25, 50]"),
        (Interval("lifeExp", 40, None), "life expectancy at least 40"),
        (Interval("lifeExp", None, 40), "life expectancy below 40"),
        (Interval("lifeExp", None, 40, "both"), "life expectancy at most 40"),
        (Interval("lifeExp", None, None), "life expectancy is known"),
        (Interval("year", 1952, 2007, "both"), "year in [1952, 2007]"),
        (Interval("gdpPercap", 20_000, 1_318_683_096), "GDP per person in [20,000, 1.319 billion)"),
        (IsIn("continent", ("Asia",)), "continent is Asia"),
        (IsIn("continent", ("Asia", "Europe", "Africa")), "continent in {Asia, Europe, Africa}"),
        (IsIn("country", tuple("ABCDE")), "country in {A, B} (+3)"),
        (IsIn("country", ()), "no country"),
        (IsIn("continent", (None,)), "continent is missing"),
        (IsIn("year", (2007,)), "year is 2007"),
        (
            InPolygon("gdpPercap", "lifeExp", ((0, 0), (1, 0), (0, 1))),
            "GDP per person and life expectancy inside a lasso",
        ),
        (AllOf(()), "everything"),
        (AnyOf(()), "nothing"),
        (
            AllOf(
                (IsIn("continent", ("Asia",)), AnyOf((IsIn("year", (2007,)), Interval("lifeExp", 70, None))))
            ),
            "continent is Asia and (year is 2007 or life expectancy at least 70)",
        ),
        (AllOf((AnyOf((IsIn("year", (2007,)),)),)), "year is 2007"),
    ],
)
def test_describe_reads_like_a_sentence(predicate: Predicate, words: str) -> None:
    labels = {
        "lifeExp": "Life expectancy",
        "gdpPercap": "GDP per person",
        "continent": "Continent",
        "country": "Country",
        "year": "Year",
    }
    assert predicate.describe(labels) == words


def test_describe_without_labels_uses_the_column_name() -> None:
    assert Interval("LifeExp", 1, 2).describe() == "LifeExp in [1, 2)"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Interval("x", 2, 1),
        lambda: Interval("x", math.nan, 1),
        lambda: Interval("x", "soon", None),
        lambda: Interval("x", True, None),
        lambda: Interval("x", 0, 1, closed="right"),
        lambda: Interval("x", "2024-02-01", "2024-01-01"),
        lambda: Interval("x", 10**400, None),
        lambda: Interval(3, 0, 1),
        lambda: IsIn("x", "Asia"),
        lambda: IsIn("x", 3),
        lambda: IsIn("x", tuple(range(limits.PREDICATE_VALUES + 1))),
        lambda: InPolygon("x", "y", ((0, 0), (1, 1))),
        lambda: InPolygon("x", "y", ((0, 0), (1, 1), (2, math.inf))),
        lambda: InPolygon("x", "y", ((0, 1), (1, 1), (2, 3)), log_x=True),
        lambda: InPolygon("x", "y", ("ab", "cd", "ef")),
        lambda: AllOf(("x",)),
        lambda: AnyOf((IsIn("x", ()),) * (limits.PREDICATE_PARTS + 1)),
    ],
)
def test_nonsense_is_refused(make) -> None:
    with pytest.raises(SelectionError):
        make()


def test_infinite_bounds_are_open_and_values_are_plain() -> None:
    assert Interval("x", -math.inf, np.float32(2)) == Interval("x", None, 2.0)
    assert IsIn("x", (np.int64(3), 3, 3.0, np.nan, None, pd.NA)).values == (3, "missing")


KINDS = ["iv", "in", "poly", "all", "any"]
junk = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(KINDS)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(junk)
@settings(max_examples=300, deadline=None)
def test_junk_is_a_predicate_or_a_selection_error(obj: object) -> None:
    try:
        predicate = predicate_from_json(obj)
    except SelectionError as error:
        assert len(str(error)) < 300  # noqa: PT017
    else:
        assert predicate_from_json(predicate.to_json()) == predicate


def test_deep_json_from_a_link_is_refused() -> None:
    obj: list = ["in", "x", [1]]
    for _ in range(5_000):
        obj = ["all", [obj]]
    with pytest.raises(SelectionError, match="deeper"):
        predicate_from_json(obj)


def test_unknown_and_unfit_columns_say_what_to_do() -> None:
    frame = pd.DataFrame({"lifeExp": [1.0], "name": ["a"]})
    with pytest.raises(SelectionError, match='Did you mean "lifeExp"'):
        Interval("lifeexp", 0, 1).mask(frame)
    with pytest.raises(SelectionError, match="holds text"):
        Interval("name", 0, 1).mask(frame)
    with pytest.raises(SelectionError, match="numbers, not dates"):
        Interval("lifeExp", "2024-01-01", None).mask(frame)


def test_predicates_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Interval("x", 0, 1).low = 3  # type: ignore[misc]
