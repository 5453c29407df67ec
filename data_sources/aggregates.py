"""The answers of a table, as small frozen dataclasses of numpy arrays; views plot these, never the rows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from data_sources.predicates import AllOf, IsIn, Predicate

__all__ = ["Groups", "Histogram", "Lines", "Segments", "Tree"]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts by bin, for each key of a dimension.

    Attributes
    ----------
    edges : ndarray of float, shape (bins + 1,)
        A bin holds its left edge, not its right one.
    keys : ndarray of object, shape (k,)
        All categories of the table in order, also those without a row; `("all",)` without a dimension.
    counts : ndarray of int or float, shape (k, bins)
        Number of rows, or the sum of the weight (float).
    missing : int
        Rows without a value.
    outside : int
        Rows whose value lies outside the edges.
    total : int or float
        Sum of the counts.
    """

    edges: np.ndarray
    keys: np.ndarray
    counts: np.ndarray
    missing: int
    outside: int
    total: int | float


@dataclass(frozen=True, eq=False)
class Groups:
    """One number for each category of a dimension.

    Attributes
    ----------
    keys : ndarray of object, shape (k,)
        The categories. They depend on the table, not on `where`, so that the answers for the whole and for a
        selection line up. `others_key` and "missing" come last.
    values : ndarray of float, shape (k,)
        Sums are 0 and means NaN where there is no row.
    colors : ndarray of float, shape (k,), or None
        The same for the measure that colours.
    counts : ndarray of int, shape (k,)
        Rows behind each number.
    cells : ndarray of int, shape (n,)
        For each row of the table, selected or not, the place of its category in `keys`.
    others : tuple
        The categories collected in `others_key`, by size; empty if there is none.
    others_key : str or None
        "12 others", or None.
    """

    keys: np.ndarray
    values: np.ndarray
    colors: np.ndarray | None
    counts: np.ndarray
    cells: np.ndarray
    others: tuple[Hashable, ...] = ()
    others_key: str | None = None


@dataclass(frozen=True, eq=False)
class Segments:
    """Stacked bars: the segments of each bar, the largest first.

    Attributes
    ----------
    bars : ndarray of object, shape (s,)
        The category of the dimension that a segment belongs to; bars follow each other in the column's order.
    keys : ndarray of object, shape (s,)
        What the segment is: a country, or "12 others" for the tail of a bar.
    values, colors, counts
        As in `Groups`, shape (s,).
    cells : ndarray of int, shape (n,)
        For each row of the table its segment.
    others : tuple of tuple, length s
        The keys collected in a segment; empty for an ordinary one.
    detail : str
        Name of the column that `keys` are categories of; empty if a bar has one segment only.
    """

    bars: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    colors: np.ndarray | None
    counts: np.ndarray
    cells: np.ndarray
    others: tuple[tuple[Hashable, ...], ...]
    detail: str


@dataclass(frozen=True, eq=False)
class Tree:
    """A hierarchy as Plotly's sunburst and treemap want it, with `branchvalues="total"`.

    Attributes
    ----------
    ids : ndarray of object, shape (n,)
        "World/Asia/China"; the root comes first, parents before children, siblings by size. A slash inside a
        name is written "~1" in the id, a tilde "~0"; collected nodes end in "~others".
    labels : ndarray of object, shape (n,)
        The last part as text.
    parents : ndarray of object, shape (n,)
        Id of the parent; "" for the root.
    values : ndarray of float, shape (n,)
        Sizes; a parent is the sum of its children.
    colors : ndarray of float, shape (n,), or None
        Sums or weighted means of the measure that colours.
    counts : ndarray of int, shape (n,)
        Rows below each node.
    cells : ndarray of int, shape (n,)
        For each row of the table its innermost node.
    columns : tuple of str
        The dimensions from the root outwards.
    paths : tuple of tuple, length n
        The keys from the root to each node; empty for the root.
    others : tuple of tuple, length n
        The keys of the last level collected in a node "12 others"; empty for an ordinary one.
    """

    ids: np.ndarray
    labels: np.ndarray
    parents: np.ndarray
    values: np.ndarray
    colors: np.ndarray | None
    counts: np.ndarray
    cells: np.ndarray
    columns: tuple[str, ...]
    paths: tuple[tuple[Hashable, ...], ...]
    others: tuple[tuple[Hashable, ...], ...]

    def place(self, id: str) -> int | None:
        """Return the index of a node by its id, or None."""
        found = np.flatnonzero(self.ids == id)
        return int(found[0]) if len(found) else None

    def predicate(self, id: str) -> Predicate | None:
        """Return what selects the rows below a node; None for the root and for unknown ids."""
        place = self.place(id)
        if place is None or not self.paths[place]:
            return None
        path, others = self.paths[place], self.others[place]
        parts = [IsIn(column, (key,)) for column, key in zip(self.columns, path, strict=False)]
        if others:
            parts[-1] = IsIn(self.columns[len(path) - 1], others)
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


@dataclass(frozen=True, eq=False)
class Lines:
    """A measure over time, one line for each key.

    Attributes
    ----------
    times : ndarray of object, shape (t,)
        Sorted.
    keys : ndarray of object, shape (k,)
        The categories that have a row.
    values : ndarray of float, shape (k, t)
        NaN where a key has no row at a time.
    others : tuple
        The keys that were left out because there were too many lines.
    """

    times: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    others: tuple[Hashable, ...] = ()
