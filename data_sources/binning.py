"""Edges of histogram bins and of named bands, at numbers that people like; pure functions for tables."""

from __future__ import annotations

import itertools
import math

import numpy as np

from data_sources import limits
from data_sources.errors import TableError
from data_sources.wording import number_text, with_unit

__all__ = ["band_cuts", "band_labels", "nice_edges", "nice_step"]

_STEPS = (1.0, 2.0, 5.0, 10.0)


def nice_step(size: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below `size` (> 0)."""
    power = 10.0 ** math.floor(math.log10(size))
    for step in _STEPS:
        if size <= step * power * (1 + 1e-9):
            return _clean(step * power)
    return _clean(10.0 * power)


def nice_edges(values: np.ndarray, width: float | None = None) -> np.ndarray:
    """Return bin edges that cover all values, at multiples of the width.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN is left out.
    width : float, optional
        Of a bin. Without it, the rule of Plotly's own histograms: twice the standard deviation over n^0.4,
        raised to 1, 2 or 5 times a power of ten, with at most `limits.AUTOMATIC_BINS` bins; whole numbers
        get no finer bins than 1.

    Returns
    -------
    ndarray of float, shape (bins + 1,)
        The largest value lies strictly below the last edge, so that bins closed on the left hold every value.
        Without any value the edges are 0 and 1 (or 0 and `width`).

    Raises
    ------
    TableError
        If the width is not positive, or makes more than `limits.HISTOGRAM_BINS` bins.
    """
    if width is not None and not (math.isfinite(width) and width > 0):
        raise TableError(f"A bin's width must be above 0, not {width}.")
    known = values[np.isfinite(values)]
    if not len(known):
        return np.array([0.0, 1.0 if width is None else width])
    low, high = float(known.min()), float(known.max())
    if width is None:
        width = _automatic_width(known, low, high)
    first, last = math.floor(low / width), math.floor(high / width) + 1
    if last - first > limits.HISTOGRAM_BINS:
        least = nice_step((high - low) / limits.HISTOGRAM_BINS * 1.01)
        raise TableError(
            f"A width of {width:g} makes {last - first:,} bins; at most {limits.HISTOGRAM_BINS:,} are drawn. "
            f"Choose {least:g} or more."
        )
    edges = np.arange(first, last + 1) * width
    digits = max(0, 12 - math.floor(math.log10(max(abs(low), abs(high), width))))
    edges = np.round(edges, min(digits, 300))
    # Rounding of the division or of the edges may leave the extremes just outside.
    if edges[0] > low:
        edges = np.concatenate([[edges[0] - width], edges])
    if edges[-1] <= high:
        edges = np.concatenate([edges, [edges[-1] + width]])
    return edges


def _automatic_width(known: np.ndarray, low: float, high: float) -> float:
    if max(abs(low), abs(high)) < 1e-290:  # as good as 0; steps this small are beyond a float
        return 1.0
    whole = bool((known == np.floor(known)).all())
    if low == high:
        return 1.0 if whole or low == 0 else nice_step(abs(low) / 10)
    largest = max(abs(low), abs(high))
    # The spread of the values as parts of the largest: squares of huge values would overflow.
    size = 2 * float(np.std(known / largest)) * largest / len(known) ** 0.4
    size = max(size, (high - low) / limits.AUTOMATIC_BINS, 1.0 if whole else 0.0)
    # Values that differ by no more than the dust of a float cannot be split.
    return nice_step(max(size, abs(high) * 1e-12))


def band_cuts(values: np.ndarray, count: int = 4) -> tuple[float, ...]:
    """Return round numbers that split values into about `count` bands of some weight each.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN is left out.
    count : int
        Wanted number of bands; there may be fewer when the values do not allow it.

    Returns
    -------
    tuple of float
        The inner borders, increasing. Evenly spread values are cut at even steps, skewed ones (such as
        incomes) near their quantiles at 1, 2 or 5 times a power of ten.

    Raises
    ------
    TableError
        If fewer than two bands are asked for.
    """
    if not 2 <= count <= limits.INTEGER_CATEGORIES:
        raise TableError(f"Bands: from 2 to {limits.INTEGER_CATEGORIES}, not {count}.")
    known = np.sort(values[np.isfinite(values)])
    if not len(known) or known[0] == known[-1]:
        return ()
    quantiles = np.quantile(known, np.arange(1, count) / count)
    low, middle, high = np.quantile(known, [0.05, 0.5, 0.95])
    if low > 0 and known[0] > 0 and high > 10 * low and high - middle > 2 * (middle - low):
        cuts = sorted({_nearest_round(quantile) for quantile in quantiles})
    else:
        cuts = _even_cuts(known, quantiles)
    return tuple(cut for cut in cuts if known[0] < cut <= known[-1])


def _nearest_round(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return _clean(min((step * power for step in _STEPS), key=lambda step: abs(math.log(step / value))))


def _even_cuts(known: np.ndarray, quantiles: np.ndarray) -> list[float]:
    """Move the quantiles to multiples of the largest round step that leaves every band some weight."""
    best: list[float] = []
    step = nice_step(known[-1] - known[0])
    for _ in range(12):
        cuts = sorted({_clean(round(quantile / step) * step) for quantile in quantiles})
        cuts = [cut for cut in cuts if known[0] < cut <= known[-1]]
        shares = np.diff([0, *np.searchsorted(known, cuts), len(known)]) / len(known)
        if len(cuts) == len(quantiles) and shares.min() >= 1 / (3 * len(shares)):
            return cuts
        if len(cuts) > len(best):
            best = cuts
        step = nice_step(step * 0.4)  # the next of 10, 5, 2, 1
    return best


def band_labels(cuts: tuple[float, ...], unit: str = "") -> tuple[str, ...]:
    """Name the bands between cuts: "under 50 years", "50–60 years", "70 years and over"."""
    if not cuts:
        return ("all",)
    texts = [number_text(cut, group_from=1000) for cut in cuts]
    middle = [with_unit(_span(low, high), unit) for low, high in itertools.pairwise(texts)]
    return (f"under {with_unit(texts[0], unit)}", *middle, f"{with_unit(texts[-1], unit)} and over")


def _span(low: str, high: str) -> str:
    """Write "2–5 million", not "2 million–5 million"."""
    number, _, word = high.partition(" ")
    return f"{low.removesuffix(f' {word}') if word else low}–{high}" if number else high


def _clean(value: float) -> float:
    """Drop the dust of binary fractions: 0.30000000000000004 becomes 0.3."""
    return float(f"{value:.12g}")
