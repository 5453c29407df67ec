"""Words and numbers as people read them; for texts of tables, predicates and bands."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["MISSING", "number_text", "sentence_label", "with_unit"]

MISSING = "missing"
"""The key under which rows without a value of a dimension are counted; it sorts last."""

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_BEFORE = ("US$", "$", "€", "£", "¥")


def number_text(value: float, digits: int = 4, group_from: int = 10_000) -> str:
    """Write a number: 2007, "12,500", "1.319 billion", "69.44".

    Parameters
    ----------
    value : float
    digits : int
        Significant digits kept; whole numbers below a million keep all of theirs.
    group_from : int
        From here on thousands are set apart by commas; 10,000 leaves years alone.

    Returns
    -------
    str
        "–" when the value is missing or infinite.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    for scale, word in _SCALES:
        if size >= scale:
            return f"{value / scale:.{digits}g} {word}" if size < 1e15 else f"{value:.{digits}g}"
    if value == int(value) or size >= 10**digits:
        return f"{value:.0f}" if size < group_from else f"{value:,.0f}"
    return f"{value:.{digits}g}"


def with_unit(text: str, unit: str) -> str:
    """Put the unit where it is read: "60–70 years", "US$ 1,000–5,000"."""
    if not unit:
        return text
    return f"{unit} {text}" if unit.startswith(_BEFORE) else f"{text} {unit}"


def sentence_label(column: str, labels: Mapping[str, str] | None) -> str:
    """Return the label of a column as it stands inside a sentence.

    "Life expectancy" becomes "life expectancy"; "GDP per person" and a bare column name stay as they are.
    """
    label = (labels or {}).get(column)
    if label is None:
        return column
    if len(label) > 1 and label[0].isupper() and label[1].islower():
        return label[0].lower() + label[1:]
    return label
