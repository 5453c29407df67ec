"""Conditions on the rows of a table: immutable, hashable, JSON-able, readable; for selections and views."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.bounds import Bound, bound_text, checked_bound, comparable, is_number, short, value_text
from data_sources.cells import code, numbers, plain
from data_sources.errors import SelectionError, did_you_mean
from data_sources.wording import sentence_label

__all__ = ["AllOf", "AnyOf", "InPolygon", "Interval", "IsIn", "Predicate", "predicate_from_json"]


@dataclass(frozen=True)
class Predicate:
    """A condition on rows. Use one of `Interval`, `IsIn`, `InPolygon`, `AllOf`, `AnyOf`."""

    KIND: ClassVar[str] = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns it looks at, each once."""
        raise NotImplementedError

    def mask(self, frame: pd.DataFrame) -> np.ndarray:
        """Return for each row of `frame` whether it meets the condition: bool, shape (n,).

        Raises
        ------
        SelectionError
            If a column does not exist or cannot be compared.
        """
        raise NotImplementedError

    def describe(self, labels: Mapping[str, str] | None = None) -> str:
        """Return the condition in words.

        Parameters
        ----------
        labels : mapping, optional
            Column name to label, as `Table.labels`.
        """
        raise NotImplementedError

    def to_json(self) -> list[Any]:
        """Return the condition as a short JSON-able list; `predicate_from_json` reads it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Interval(Predicate):
    """Rows whose value lies between two bounds; a missing value never does.

    Parameters
    ----------
    column : str
        A column of numbers or dates.
    low, high : float, str or None
        None leaves the end open; on dates a text such as "2024-03-01", or milliseconds since 1970.
    closed : {"left", "both"}
        Whether the upper bound belongs to it: "left" for a bin, "both" for a brush.

    Raises
    ------
    SelectionError
        If a bound is not a number or date, or `low` lies above `high`.
    """

    column: str
    low: Bound
    high: Bound
    closed: Literal["left", "both"] = "left"

    KIND: ClassVar[str] = "iv"

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", _name(self.column))
        object.__setattr__(self, "low", checked_bound(self.low))
        object.__setattr__(self, "high", checked_bound(self.high))
        if self.closed not in ("left", "both"):
            raise SelectionError(f'An interval is closed "left" or "both", not {self.closed!r}.')
        if (self.low is None or self.high is None) or isinstance(self.low, str) == isinstance(self.high, str):
            low, high = comparable(self.low), comparable(self.high)
            if low is not None and high is not None and low > high:
                raise SelectionError(
                    f"The interval of {self.column} starts at {self.low}, above its end {self.high}."
                )

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return (self.column,)

    def mask(self, frame: pd.DataFrame) -> np.ndarray:  # noqa: D102
        values = _numbers(frame, self.column)
        inside = ~np.isnan(values)
        for bound in (self.low, self.high):
            if isinstance(bound, str) and not pd.api.types.is_datetime64_any_dtype(frame[self.column].dtype):
                raise SelectionError(
                    f'"{self.column}" holds numbers, not dates: {bound!r} is no bound for it.'
                )
        low, high = comparable(self.low), comparable(self.high)
        if low is not None:
            inside &= values >= low
        if high is not None:
            inside &= values <= high if self.closed == "both" else values < high
        return inside

    def describe(self, labels: Mapping[str, str] | None = None) -> str:  # noqa: D102
        label = sentence_label(self.column, labels)
        low, high = bound_text(self.low), bound_text(self.high)
        if self.low is None and self.high is None:
            return f"{label} is known"
        if self.high is None:
            return f"{label} at least {low}"
        if self.low is None:
            return f"{label} {'at most' if self.closed == 'both' else 'below'} {high}"
        return f"{label} in [{low}, {high}{']' if self.closed == 'both' else ')'}"

    def to_json(self) -> list[Any]:  # noqa: D102
        written = [self.KIND, self.column, short(self.low), short(self.high)]
        return [*written, "both"] if self.closed == "both" else written


@dataclass(frozen=True)
class IsIn(Predicate):
    """Rows whose category is one of some values.

    Parameters
    ----------
    column : str
    values : iterable of str, int, float, bool or None
        None, NaN and "missing" stand for rows without a value. Doubles are dropped; no value matches no row.

    Raises
    ------
    SelectionError
        If there are more than `limits.PREDICATE_VALUES` values.
    """

    column: str
    values: tuple[Hashable, ...]

    KIND: ClassVar[str] = "in"

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", _name(self.column))
        if isinstance(self.values, str) or not isinstance(self.values, Iterable):
            raise SelectionError(f"The values of {self.column} must be a list, not {self.values!r}.")
        values = tuple(dict.fromkeys(plain(value) for value in self.values))
        if len(values) > limits.PREDICATE_VALUES:
            raise SelectionError(
                f"{len(values):,} values of {self.column} are too many for a selection; "
                f"at most {limits.PREDICATE_VALUES:,} are allowed."
            )
        object.__setattr__(self, "values", values)

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return (self.column,)

    def mask(self, frame: pd.DataFrame) -> np.ndarray:  # noqa: D102
        return code(_column(frame, self.column)).among(self.values)

    def describe(self, labels: Mapping[str, str] | None = None) -> str:  # noqa: D102
        label = sentence_label(self.column, labels)
        texts = [value_text(value) for value in self.values]
        if not texts:
            return f"no {label}"
        if len(texts) == 1:
            return f"{label} is {texts[0]}"
        if len(texts) <= 3:
            return f"{label} in {{{', '.join(texts)}}}"
        return f"{label} in {{{', '.join(texts[:2])}}} (+{len(texts) - 2})"

    def to_json(self) -> list[Any]:  # noqa: D102
        return [self.KIND, self.column, list(self.values)]


@dataclass(frozen=True)
class InPolygon(Predicate):
    """Rows whose point lies inside a polygon (even-odd rule); a missing coordinate never does.

    Parameters
    ----------
    x, y : str
        The columns that give the point.
    vertices : iterable of (float, float)
        At least three corners in data units, first not repeated.
    log_x, log_y : bool
        Whether the axis was logarithmic: the sides are straight on the screen, so they are straight in log10.

    Raises
    ------
    SelectionError
        If there are fewer than three corners, or a corner has no place on the axes.
    """

    x: str
    y: str
    vertices: tuple[tuple[float, float], ...]
    log_x: bool = False
    log_y: bool = False

    KIND: ClassVar[str] = "poly"

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _name(self.x))
        object.__setattr__(self, "y", _name(self.y))
        try:
            corners = tuple((float(x), float(y)) for x, y in self.vertices)
        except (TypeError, ValueError) as error:
            raise SelectionError("A polygon is a list of pairs of numbers.") from error
        if not 3 <= len(corners) <= limits.PREDICATE_VALUES:
            raise SelectionError(
                f"A polygon has 3 to {limits.PREDICATE_VALUES:,} corners; this one has {len(corners):,}."
            )
        for place, log in ((0, self.log_x), (1, self.log_y)):
            if any(not math.isfinite(corner[place]) or (log and corner[place] <= 0) for corner in corners):
                raise SelectionError("A corner of the polygon lies outside the axes.")
        object.__setattr__(self, "vertices", corners)
        object.__setattr__(self, "log_x", bool(self.log_x))
        object.__setattr__(self, "log_y", bool(self.log_y))

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return (self.x,) if self.x == self.y else (self.x, self.y)

    def mask(self, frame: pd.DataFrame) -> np.ndarray:  # noqa: D102
        corners = np.array(self.vertices)
        xs, ys = _numbers(frame, self.x), _numbers(frame, self.y)
        if self.log_x:
            xs, corners[:, 0] = _log10(xs), np.log10(corners[:, 0])
        if self.log_y:
            ys, corners[:, 1] = _log10(ys), np.log10(corners[:, 1])
        (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
        near = np.flatnonzero((xs >= left) & (xs <= right) & (ys >= low) & (ys <= high))
        inside = np.zeros(len(xs), dtype=bool)
        inside[near] = _inside(xs[near], ys[near], corners)
        return inside

    def describe(self, labels: Mapping[str, str] | None = None) -> str:  # noqa: D102
        return f"{sentence_label(self.x, labels)} and {sentence_label(self.y, labels)} inside a lasso"

    def to_json(self) -> list[Any]:  # noqa: D102
        flat = [short(value) for corner in self.vertices for value in corner]
        logs = "x" * self.log_x + "y" * self.log_y
        return [self.KIND, self.x, self.y, flat, logs] if logs else [self.KIND, self.x, self.y, flat]


@dataclass(frozen=True)
class _Many(Predicate):
    predicates: tuple[Predicate, ...]

    def __post_init__(self) -> None:
        parts = tuple(self.predicates)
        if len(parts) > limits.PREDICATE_PARTS:
            raise SelectionError(
                f"{len(parts):,} conditions are too many; at most {limits.PREDICATE_PARTS:,} are allowed."
            )
        if not all(isinstance(part, Predicate) for part in parts):
            raise SelectionError("Only predicates can be joined.")
        object.__setattr__(self, "predicates", parts)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in self.predicates for name in part.columns))

    def to_json(self) -> list[Any]:
        return [self.KIND, [part.to_json() for part in self.predicates]]


@dataclass(frozen=True)
class AllOf(_Many):
    """Rows that meet every one of some predicates; none of them asks for nothing, so every row does.

    Parameters
    ----------
    predicates : iterable of Predicate
    """

    KIND: ClassVar[str] = "all"

    def mask(self, frame: pd.DataFrame) -> np.ndarray:  # noqa: D102
        met = np.ones(len(frame), dtype=bool)
        for part in self.predicates:
            met &= part.mask(frame)
        return met

    def describe(self, labels: Mapping[str, str] | None = None) -> str:  # noqa: D102
        return _joined(self.predicates, " and ", labels) or "everything"


@dataclass(frozen=True)
class AnyOf(_Many):
    """Rows that meet at least one of some predicates; with none of them, no row does.

    Parameters
    ----------
    predicates : iterable of Predicate
    """

    KIND: ClassVar[str] = "any"

    def mask(self, frame: pd.DataFrame) -> np.ndarray:  # noqa: D102
        met = np.zeros(len(frame), dtype=bool)
        for part in self.predicates:
            met |= part.mask(frame)
        return met

    def describe(self, labels: Mapping[str, str] | None = None) -> str:  # noqa: D102
        return _joined(self.predicates, " or ", labels) or "nothing"


def predicate_from_json(obj: object) -> Predicate:
    """Read what `Predicate.to_json` wrote.

    Parameters
    ----------
    obj : object
        Anything that `json.loads` can return; it may come from a stranger's link.

    Returns
    -------
    Predicate

    Raises
    ------
    SelectionError
        If it is not a predicate, or larger than the limits allow.
    """
    return _read(obj, depth=0)


def _read(obj: object, depth: int) -> Predicate:
    if depth > limits.PREDICATE_DEPTH:
        raise SelectionError(f"Conditions are nested deeper than {limits.PREDICATE_DEPTH} levels.")
    match obj:
        case ["iv", str(column), low, high]:
            return Interval(column, checked_bound(low), checked_bound(high))
        case ["iv", str(column), low, high, "both"]:
            return Interval(column, checked_bound(low), checked_bound(high), closed="both")
        case ["in", str(column), list(values)] if all(
            value is None or isinstance(value, (str, int, float)) for value in values
        ):
            return IsIn(column, tuple(values))
        case ["poly", str(x), str(y), list(flat), *rest] if rest in ([], ["x"], ["y"], ["xy"]):
            if len(flat) % 2 or not all(is_number(value) for value in flat):
                raise SelectionError("The corners of a polygon must be pairs of numbers.")
            logs = str(rest[0]) if rest else ""
            corners = tuple(zip(flat[::2], flat[1::2], strict=True))
            return InPolygon(x, y, corners, log_x="x" in logs, log_y="y" in logs)
        case ["all" | "any" as kind, list(parts)] if len(parts) <= limits.PREDICATE_PARTS:
            joined = tuple(_read(part, depth + 1) for part in parts)
            return AllOf(joined) if kind == "all" else AnyOf(joined)
    shown = repr(obj)[:60]
    raise SelectionError(f"{shown} is not a condition; each is a list such as ['iv', column, low, high].")


def _name(column: object) -> str:
    if not isinstance(column, str) or len(column) > limits.PREDICATE_TEXT:
        raise SelectionError(f"A column's name is a short text, not {str(column)[:60]!r}.")
    return column


def _joined(parts: Iterable[Predicate], word: str, labels: Mapping[str, str] | None) -> str:
    texts = [(part.describe(labels), isinstance(part, _Many) and len(part.predicates) > 1) for part in parts]
    if len(texts) == 1:
        return texts[0][0]
    return word.join(f"({text})" if several else text for text, several in texts)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise SelectionError(f'There is no column "{name}". {did_you_mean(name, frame.columns)}')
    return frame[name]


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    try:
        return numbers(_column(frame, name))
    except TypeError as error:
        raise SelectionError(f'"{name}" holds text: choose some of its values instead of a range.') from error


def _log10(values: np.ndarray) -> np.ndarray:
    return np.log10(values, out=np.full_like(values, np.nan), where=values > 0)


def _inside(xs: np.ndarray, ys: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Tell which points lie inside a polygon, by the parity of the sides to their right.

    Each side only looks at the points between its ends (found in the sorted `ys`), so that a lasso of
    hundreds of corners costs about as much as one with four.
    """
    order = np.argsort(ys, kind="stable")
    xs, ys = xs[order], ys[order]
    odd = np.zeros(len(xs), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        first, last = np.searchsorted(ys, (y0, y1), side="left")
        if first < last:
            part = slice(first, last)
            odd[part] ^= xs[part] < x0 + (ys[part] - y0) / (y1 - y0) * (x1 - x0)
    inside = np.empty_like(odd)
    inside[order] = odd
    return inside
