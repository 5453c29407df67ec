"""Checks a frame and finds which column plays which part; only tables call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.cells import Coding, is_gap, is_text
from data_sources.columns import Column, infer_column
from data_sources.errors import TableError, did_you_mean
from data_sources.wording import MISSING

__all__ = ["Assigned", "Roles", "checked_frame", "described_columns", "guess_roles"]


class Roles(NamedTuple):
    """What the caller wants; None leaves it to a guess, `()` as hierarchy asks for none."""

    label: str | None = None
    time: str | None = None
    weight: str | None = None
    hierarchy: Sequence[str] | None = None


class Assigned(NamedTuple):
    """What it became."""

    columns: dict[str, Column]
    label: str | None
    time: str | None
    weight: str | None
    hierarchy: tuple[str, ...]


def checked_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with rows numbered from 0, names as text and cells of one kind a column, with notes.

    Raises
    ------
    TableError
        If two columns have the same name, or there are more rows or columns than the limits allow.
    """
    if len(frame) > limits.TABLE_ROWS or len(frame.columns) > limits.TABLE_COLUMNS:
        raise TableError(
            f"The table has {len(frame):,} rows and {len(frame.columns):,} columns; at most "
            f"{limits.TABLE_ROWS:,} rows and {limits.TABLE_COLUMNS:,} columns are explored. "
            "Take a sample or fewer columns."
        )
    names = [str(name) for name in frame.columns]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise TableError(
            f"Several columns are called {', '.join(map(repr, double))}. Give each its own name."
        )
    frame = frame.reset_index(drop=True).set_axis(names, axis=1)
    notes = []
    for name in names:
        series = frame[name]
        if series.dtype == object:
            kinds = {type(cell) for cell in series if not is_gap(cell)}
            if len(kinds) > 1 or any(kind.__hash__ is None for kind in kinds):
                frame = frame.assign(**{name: series.where(series.isna(), series.astype(str))})
                notes.append(f'"{name}" mixes several kinds of cells; all are read as text.')
        elif not is_text(series) and pd.api.types.is_float_dtype(series.dtype):
            endless = int(np.isinf(series.to_numpy(dtype=float, na_value=np.nan)).sum())
            if endless:
                notes.append(f'"{name}" has {endless:,} infinite cells; they count as missing.')
    return frame, notes


def described_columns(
    frame: pd.DataFrame, columns: Mapping[str, Column] | Iterable[Column] | None
) -> dict[str, Column]:
    """Return a `Column` for each column of the frame, those that are given and guesses for the rest.

    Raises
    ------
    TableError
        If a described column does not exist, or a measure holds text.
    """
    given = list(columns.values()) if isinstance(columns, Mapping) else list(columns or ())
    known = {column.name: column for column in given}
    for column in given:
        if column.name not in frame.columns:
            raise TableError(
                f'There is no column "{column.name}". {did_you_mean(column.name, frame.columns)}'
            )
        if column.role == "measure" and is_text(frame[column.name]):
            raise TableError(
                f'"{column.name}" holds text and cannot be a measure. Make it a dimension or a label.'
            )
    return {name: known.get(name) or infer_column(frame[name]) for name in frame.columns}


def guess_roles(
    columns: dict[str, Column],
    coding: Callable[[str], Coding],
    rows: int,
    wanted: Roles,
    guess: bool = True,
) -> Assigned:
    """Check the wanted roles and guess the others.

    Parameters
    ----------
    columns : dict of str to Column
    coding : callable
        Gives the coding of a column by its name.
    rows : int
        Number of rows.
    wanted : Roles
    guess : bool
        Whether a role that is None is guessed.

    Raises
    ------
    TableError
        If a column does not exist or cannot have the role.
    """
    columns = dict(columns)
    for role, name in (("label", wanted.label), ("time", wanted.time), ("weight", wanted.weight)):
        if name is not None:
            _must_exist(columns, name, f"as {role}")
    for name in wanted.hierarchy or ():
        _must_exist(columns, name, "in the hierarchy")
    if len(set(wanted.hierarchy or ())) < len(wanted.hierarchy or ()):
        raise TableError(f"A dimension occurs twice in the hierarchy {tuple(wanted.hierarchy or ())}.")

    time = wanted.time
    if time is None and guess:
        times = [name for name, column in columns.items() if column.role == "time"]
        time = next((name for name in times if len(coding(name).keys) <= limits.TIMES + 1), None)
    if time is not None and columns[time].role != "time":
        columns[time] = replace(columns[time], role="time")
    label = wanted.label
    if label is None and guess:
        label = _guess_label(columns, coding, rows, time)
    if label is not None and columns[label].role != "label":
        columns[label] = replace(columns[label], role="label")
    hierarchy = tuple(wanted.hierarchy or ())
    if wanted.hierarchy is None and guess:
        hierarchy = _guess_hierarchy(columns, coding, rows, label)
    return Assigned(columns, label, time, wanted.weight, hierarchy)


def _must_exist(columns: Mapping[str, Column], name: str, use: str) -> None:
    if name not in columns:
        raise TableError(f'There is no column "{name}" to use {use}. {did_you_mean(name, columns)}')


def _guess_label(
    columns: Mapping[str, Column], coding: Callable[[str], Coding], rows: int, time: str | None
) -> str | None:
    """Find the first column that names rows, or that does so at each time (a country in a table of years)."""
    for name, column in columns.items():
        if column.role == "label":
            return name
    if time is None or rows < 2:
        return None
    times = coding(time)
    for name, column in columns.items():
        if column.role == "dimension" and len(coding(name).keys) > limits.INTEGER_CATEGORIES:
            pairs = coding(name).codes.astype(np.int64) * len(times.keys) + times.codes
            if len(np.unique(pairs)) == rows:
                return name
    return None


def _guess_hierarchy(
    columns: Mapping[str, Column], coding: Callable[[str], Coding], rows: int, label: str | None
) -> tuple[str, ...]:
    """Find dimensions that nest (each city in one country), else the two with the fewest categories."""
    sizes = {
        name: sum(key != MISSING for key in coding(name).keys)
        for name, column in columns.items()
        if column.role == "dimension" or name == label
    }
    names = sorted((name for name in sizes if sizes[name] > 1), key=lambda name: sizes[name])
    if not rows:
        return tuple(names[:2])
    chains: list[tuple[str, ...]] = []
    for inner in names:
        best: tuple[str, ...] = ()
        for chain in chains:
            if len(chain) > len(best) and _nests(chain[-1], inner, sizes, coding):
                best = chain
        chains.append((*best, inner))
    longest = max(chains, key=lambda chain: (len(chain), chain[-1] == label), default=())
    if len(longest) > 1:
        return longest[-4:]
    return tuple(name for name in names if name != label)[:2]


def _nests(outer: str, inner: str, sizes: Mapping[str, int], coding: Callable[[str], Coding]) -> bool:
    """Tell whether each category of `inner` lies in one of `outer`, and several of them in some."""
    if sizes[inner] < 1.5 * sizes[outer]:  # nearly as many: another name for the same thing, such as a code
        return False
    outside, inside = coding(outer), coding(inner)
    flat = inside.codes.astype(np.int64) * len(outside.keys) + outside.codes
    return len(np.unique(flat)) == len(inside.keys)
