"""Edges and bands at numbers that people like, against numpy and arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data_sources import TableError, gapminder, limits
from data_sources.binning import band_cuts, band_labels, nice_edges, nice_step


@pytest.mark.parametrize(
    ("size", "step"), [(1, 1), (1.01, 2), (3.325, 5), (5, 5), (7, 10), (0.03, 0.05), (0.1, 0.1), (2e9, 2e9)]
)
def test_steps_are_1_2_5(size: float, step: float) -> None:
    assert nice_step(size) == step


def test_edges_of_the_talk() -> None:
    table = gapminder().at(2007)
    assert nice_edges(table.numbers("lifeExp")).tolist() == list(range(35, 90, 5))
    assert nice_edges(table.numbers("lifeExp"), 10).tolist() == [30, 40, 50, 60, 70, 80, 90]
    assert nice_edges(table.numbers("lifeExp"), 0.3)[:3].tolist() == [39.6, 39.9, 40.2]


numbers = st.lists(
    st.one_of(st.floats(-1e9, 1e9), st.floats(-1, 1), st.integers(-20, 20).map(float)),
    min_size=1,
    max_size=50,
)


@given(numbers, st.one_of(st.none(), st.sampled_from([0.1, 0.25, 1, 3, 1e6])))
@settings(max_examples=300, deadline=None)
def test_every_value_is_in_a_bin_closed_on_the_left(values: list[float], width: float | None) -> None:
    array = np.array([*values, np.nan])
    span = max(values) - min(values)
    assume(width is None or span / width < limits.HISTOGRAM_BINS - 2)
    assume(width is None or max(map(abs, values)) / width < 1e12)
    edges = nice_edges(array, width)
    assert (np.diff(edges) > 0).all()
    assert edges[0] <= min(values)
    assert max(values) < edges[-1]
    assert np.histogram(array[:-1], edges)[0].sum() == len(values)
    if width is None:
        assert len(edges) - 1 <= limits.AUTOMATIC_BINS + 2
    else:
        assert np.diff(edges) == pytest.approx(width)
    if all(value.is_integer() for value in values) and width is None:
        assert np.diff(edges).min() >= 1


@pytest.mark.parametrize("value", [0.0, 5.0, -5.0, 0.3, 1e-9, 1e12, -2.5])
def test_a_constant_column_has_one_bin(value: float) -> None:
    edges = nice_edges(np.full(10, value))
    assert edges[0] <= value < edges[-1]
    assert len(edges) <= 3


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf, np.nan]])
def test_nothing_to_bin(values: list[float]) -> None:
    assert nice_edges(np.array(values)).tolist() == [0, 1]
    assert nice_edges(np.array(values), 5).tolist() == [0, 5]
    assert band_cuts(np.array(values)) == ()


@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf])
def test_widths_that_make_no_sense(width: float) -> None:
    with pytest.raises(TableError, match="above 0"):
        nice_edges(np.array([1.0, 2.0]), width)


def test_too_many_bins_say_which_width_would_do() -> None:
    values = np.array([0.0, 1000.0])
    with pytest.raises(TableError, match="Choose 2 or more"):
        nice_edges(values, 0.1)
    assert len(nice_edges(values, 2)) <= limits.HISTOGRAM_BINS + 1


@pytest.mark.parametrize(
    ("cuts", "unit", "labels"),
    [
        ((), "years", ("all",)),
        ((60.0, 70.0), "years", ("under 60 years", "60–70 years", "70 years and over")),
        ((1000.0, 20_000.0), "US$", ("under US$ 1,000", "US$ 1,000–20,000", "US$ 20,000 and over")),
        ((2e6, 5e6), "", ("under 2 million", "2–5 million", "5 million and over")),
        ((5e5, 2e6), "", ("under 500,000", "500,000–2 million", "2 million and over")),
        ((0.05,), "", ("under 0.05", "0.05 and over")),
    ],
)
def test_bands_have_readable_names(cuts: tuple[float, ...], unit: str, labels: tuple[str, ...]) -> None:
    assert band_labels(cuts, unit) == labels


@given(numbers, st.integers(2, 8))
@settings(max_examples=300, deadline=None)
def test_bands_are_increasing_and_none_is_empty(values: list[float], count: int) -> None:
    cuts = band_cuts(np.array(values), count)
    assert len(cuts) < count
    assert list(cuts) == sorted(set(cuts))
    bands = np.searchsorted(np.array(cuts), values, side="right")
    assert set(bands) >= {0, len(cuts)}
    assert len(set(band_labels(cuts))) == len(cuts) + 1


def test_bands_of_the_world() -> None:
    assert band_cuts(gapminder().numbers("lifeExp")) == (50, 60, 70)
    assert band_cuts(gapminder().at(2007).numbers("gdpPercap")) == (2_000, 5_000, 20_000)
