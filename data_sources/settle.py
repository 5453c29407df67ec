"""Turns columns of texts or of mixed cells into numbers, dates, truths or texts; for the readers of files."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.cells import is_gap

__all__ = ["is_code", "settled"]

# Written where a number is not known; only in columns of numbers, for "NA" may also be Namibia.
_GAPS = frozenset(
    {"", "-", "–", "—", ".", "..", "?", "na", "n/a", "#n/a", "nan", "null", "none", "#div/0!", "#value!"}
)
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_THOUSANDS = r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"
_COMMA = r"[+-]?\d*,\d+([eE][+-]?\d+)?"
_COMMA_THOUSANDS = r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"
_DATE = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"
_SHOWN = 3


def settled(frame: pd.DataFrame, decimal_comma: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """Give each column of texts or mixed cells the kind that its cells have.

    Parameters
    ----------
    frame : DataFrame
        Columns of other kinds are left as they are.
    decimal_comma : bool
        Whether numbers in texts are written 1.234,5.

    Returns
    -------
    frame : DataFrame
    notes : list of str
        A sentence for each column with cells that could not be read.
    """
    columns: dict[str, pd.Series] = {}
    notes: list[str] = []
    for name in frame.columns:
        series = frame[name]
        if series.dtype == object:
            series = _one_kind(series)
        if isinstance(series.dtype, pd.StringDtype):
            series, note = _read(series, decimal_comma)
            if note:
                notes.append(f'Column "{name}": {note}')
        columns[name] = series
    return pd.DataFrame(columns, index=frame.index), notes


def _one_kind(series: pd.Series) -> pd.Series:
    """Return a column of Python cells as numbers, dates or truths if all are, else as text."""
    known = [cell for cell in series if not is_gap(cell)]
    kinds = {type(cell) for cell in known}
    if kinds and kinds <= {int, float, decimal.Decimal}:
        return pd.Series([np.nan if is_gap(cell) else float(cell) for cell in series], index=series.index)
    if kinds and kinds <= {datetime.datetime, datetime.date, pd.Timestamp}:
        cells = pd.Series([pd.NaT if is_gap(cell) else pd.Timestamp(cell) for cell in series], dtype=object)
        try:
            return pd.Series(
                pd.to_datetime(cells, utc=any(cell and cell.tzinfo for cell in cells)), index=series.index
            )
        except (ValueError, OverflowError):  # some with, some without a time zone, or far beyond any calendar
            pass
    if kinds == {bool} and len(known) == len(series):
        return series.astype(bool)
    return pd.Series(
        [None if is_gap(cell) else _text(cell) for cell in series], index=series.index, dtype="str"
    )


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _read(series: pd.Series, decimal_comma: bool) -> tuple[pd.Series, str]:
    """Read texts as what most of them are."""
    stripped = series.str.strip()
    folded = stripped.str.casefold()
    known = stripped[~(folded.isin(_GAPS) | stripped.isna())]
    if not len(known):
        return pd.Series(np.nan, index=series.index, dtype=float), ""
    if folded.isin(("true", "false")).all():
        return folded == "true", ""
    numbers = _numbers(known, decimal_comma)
    read = numbers.notna()
    if read.mean() >= limits.NUMERIC_SHARE and not is_code(known).any():
        values = numbers.reindex(series.index)
        if (
            read.all()
            and len(known) == len(series)
            and bool((numbers % 1 == 0).all())
            and numbers.abs().max() < 2**53
        ):
            values = values.astype(np.int64)
        return values, _unread(known[~read], "number")
    if known.str.fullmatch(_DATE).mean() >= limits.NUMERIC_SHARE:
        dates = pd.to_datetime(
            known, format="ISO8601", errors="coerce", utc=bool(known.str.contains("Z|:.*[+-]").any())
        )
        return dates.reindex(series.index), _unread(known[dates.isna()], "date")
    return series, ""


def is_code(texts: pd.Series) -> pd.Series:
    """Tell which texts only look like numbers: with leading zeros, or more digits than a float holds."""
    return texts.str.fullmatch(r"\s*(0\d+|\d{17,})\s*").fillna(False).astype(bool)


def _numbers(texts: pd.Series, decimal_comma: bool) -> pd.Series:
    """Return texts as float, NaN where they are no number."""
    plain = texts
    if decimal_comma:
        plain = _replaced(plain, _COMMA_THOUSANDS, ".", "")
        plain = _replaced(plain, _COMMA, ",", ".")
    else:
        plain = _replaced(plain, _THOUSANDS, ",", "")
    plain = plain.where(plain.str.fullmatch(_NUMBER))
    return pd.to_numeric(plain, errors="coerce").astype(float)


def _replaced(texts: pd.Series, pattern: str, old: str, new: str) -> pd.Series:
    fitting = texts.str.fullmatch(pattern)
    return texts.where(~fitting, texts.str.replace(old, new, regex=False)) if fitting.any() else texts


def _unread(cells: pd.Series, kind: str) -> str:
    if not len(cells):
        return ""
    examples = ", ".join(repr(text[:20]) for text in cells.unique()[:_SHOWN])
    if len(cells) == 1:
        return f"1 cell is no {kind} and counts as missing ({examples})."
    return f"{len(cells):,} cells are no {kind} and count as missing ({examples})."
