"""Ends of ranges: numbers, dates, or open; checked, compared, and written for people and for links."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np
import pandas as pd

from data_sources.errors import SelectionError
from data_sources.wording import number_text

__all__ = ["Bound", "bound_text", "checked_bound", "comparable", "is_number", "short", "value_text"]

Bound = float | str | None


def is_number(value: object) -> bool:
    """Whether a value is a number, and no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def checked_bound(value: object) -> Bound:
    """Check one bound; an infinite one is an open one.

    Raises
    ------
    SelectionError
        Neither a number nor a date.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return None
    if isinstance(value, str):
        _date(value)
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise SelectionError(f"A bound is a number, a date such as '2024-03-01' or nothing, not {value!r}.")
    try:
        bound = float(value)
    except OverflowError as error:
        raise SelectionError("A bound is too large to be a number.") from error
    if math.isnan(bound):
        raise SelectionError("A bound is a number, not NaN.")
    return None if math.isinf(bound) else bound


def _date(text: str) -> float:
    try:
        stamp = pd.Timestamp(text[:40])
    except ValueError as error:
        raise SelectionError(f"{text[:40]!r} is not a date; write it as '2024-03-01'.") from error
    if stamp is pd.NaT:
        raise SelectionError("A bound is a number or a date, not a missing one.")
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert("UTC").tz_localize(None)
    return stamp.timestamp() * 1000.0


def comparable(bound: Bound) -> float | None:
    """Return a bound as the number that values are compared with: of a date, ms since 1970."""
    return _date(bound) if isinstance(bound, str) else bound


def bound_text(bound: Bound) -> str:
    """Write a bound for people; an open one is empty."""
    return bound if isinstance(bound, str) else "" if bound is None else number_text(bound)


def value_text(value: Hashable) -> str:
    """Write a value of a column for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, (int, float)) else str(value)


def short(value: Bound) -> Bound:
    """Write whole numbers without the trailing .0 in JSON; links are short."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
