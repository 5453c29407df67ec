"""The cells of one column as numbers or as integer codes of its categories; for tables and predicates."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from data_sources.wording import MISSING

__all__ = ["PERIODS", "Coding", "code", "is_gap", "is_text", "numbers", "periods", "plain"]

_ORDERS = tuple(
    [name.casefold() for name in names]
    for names in (calendar.day_abbr, calendar.day_name, calendar.month_abbr, calendar.month_name)
)


@dataclass(frozen=True, eq=False)
class Coding:
    """A column as codes into its categories.

    Attributes
    ----------
    keys : ndarray of object, shape (k,)
        The categories as plain Python values, in order; `MISSING` comes last if any row lacks a value.
    codes : ndarray of int32, shape (n,)
        For each row the place of its category in `keys`.
    """

    keys: np.ndarray
    codes: np.ndarray

    @cached_property
    def places(self) -> dict[Hashable, int]:
        """The place of each key."""
        return {key: place for place, key in enumerate(self.keys.tolist())}

    def among(self, values: Iterable[Hashable]) -> np.ndarray:
        """Return for each row whether its category is one of `values`: bool, shape (n,)."""
        hits = np.zeros(len(self.keys) + 1, dtype=bool)
        found = [self.places[value] for value in values if value in self.places]
        hits[found] = True
        return hits[self.codes]

    def take(self, rows: np.ndarray) -> Coding:
        """Return the coding of some rows; the keys stay, so that order and colours stay."""
        return Coding(self.keys, self.codes[rows])


def is_gap(cell: object) -> bool:
    """Tell whether a cell is no value; safe for any object, such as an array."""
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def plain(value: object) -> Hashable:
    """Return a cell as a plain Python value: str, int, float or bool; `MISSING` for no value.

    Whole floats become int (a column of whole numbers with a gap is a float column), dates become ISO text.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return MISSING
    if isinstance(value, float):
        return MISSING if value != value else int(value) if value.is_integer() else value
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, datetime.datetime):
        text = value.isoformat(sep=" ")
        return text.removesuffix(" 00:00:00")
    return str(value)


PERIODS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
"""Name and text of each period, the finest first; the texts sort as the times do."""


def periods(series: pd.Series, period: str) -> pd.Series:
    """Return the dates of a column as texts of their day, month or year; missing stays missing."""
    return series.dt.strftime(PERIODS[period]).astype("str")


def is_text(series: pd.Series) -> bool:
    """Tell whether the cells of a column cannot be computed with."""
    dtype = series.cat.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype
    return not (
        pd.api.types.is_numeric_dtype(dtype)
        or pd.api.types.is_bool_dtype(dtype)
        or pd.api.types.is_datetime64_any_dtype(dtype)
    ) or pd.api.types.is_complex_dtype(dtype)


def numbers(series: pd.Series) -> np.ndarray:
    """Return the cells of a column as float64, shape (n,).

    Dates become milliseconds since 1970 (UTC), as Plotly counts them; true and false become 1 and 0;
    missing and infinite cells become NaN.

    Raises
    ------
    TypeError
        If the column holds text.
    """
    if is_text(series):
        raise TypeError("text cells are not numbers")
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        naive = series.dt.tz_convert("UTC").dt.tz_localize(None) if series.dt.tz is not None else series
        stamps = naive.to_numpy(dtype="datetime64[us]")
        values = stamps.astype(np.int64) / 1000.0
        values[np.isnat(stamps)] = np.nan
        return values
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def code(series: pd.Series, order: Sequence[Hashable] | None = None) -> Coding:
    """Code a column by its categories.

    Parameters
    ----------
    series : Series, length n
        Any column.
    order : sequence, optional
        Categories that come first, in this order. The rest follows: the order of an ordered categorical, the
        calendar's for names of days or months, else numbers by size and text by the alphabet.

    Returns
    -------
    Coding
    """
    try:
        found, uniques = pd.factorize(series)
    except TypeError:  # cells that cannot be hashed, such as lists
        found, uniques = pd.factorize(series.astype(str))
    cells = [plain(value) for value in uniques]
    if order is None and isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered:
        order = [plain(value) for value in series.cat.categories]
    keys = sorted(set(cells) - {MISSING}, key=_sort_key)
    keys = _calendar_order(keys)
    if order is not None:
        first = {plain(value): place for place, value in reversed(list(enumerate(order)))}
        keys = sorted(keys, key=lambda key: first.get(key, len(first)))
    if MISSING in cells or bool((found < 0).any()):
        keys.append(MISSING)
    places = {key: place for place, key in enumerate(keys)}
    # The last entry answers the code -1 that factorize gives to a missing cell.
    lookup = np.array([places[cell] for cell in cells] + [len(keys) - 1], dtype=np.int32)
    array = np.empty(len(keys), dtype=object)
    array[:] = keys
    return Coding(array, lookup[found])


def _sort_key(key: Hashable) -> tuple[int, float, str, str]:
    if isinstance(key, (int, float)):
        return (0, float(key), "", "")
    return (1, 0.0, str(key).casefold(), str(key))


def _calendar_order(keys: list[Hashable]) -> list[Hashable]:
    """Put names of days or months in the order of the calendar."""
    folded = [key.casefold() if isinstance(key, str) else None for key in keys]
    for names in _ORDERS:
        if len(keys) > 1 and all(key is not None and key in names for key in folded):
            return sorted(keys, key=lambda key: names.index(str(key).casefold()))
    return keys
