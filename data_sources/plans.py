"""Which row counts towards which bar, segment or sector; made once a table, so that a brush is one bincount.

Only tables call it. A plan ranks by sizes given to it, collects the tail into "n others", and ends in an
integer cell number for every row.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from data_sources import limits
from data_sources.cells import Coding
from data_sources.wording import MISSING

__all__ = [
    "GroupPlan",
    "SegmentPlan",
    "TreePlan",
    "fitting_tree",
    "plan_groups",
    "plan_segments",
    "plan_tree",
]


@dataclass(frozen=True, eq=False)
class GroupPlan:
    """Cells of `Table.group`: `keys` (k,) and for each row its cell (n,)."""

    keys: np.ndarray
    cells: np.ndarray
    others: tuple[Hashable, ...]
    others_key: str | None


@dataclass(frozen=True, eq=False)
class SegmentPlan:
    """Cells of `Table.segments`: bar, key and members of each segment (s,), for each row its segment (n,)."""

    bars: np.ndarray
    keys: np.ndarray
    others: tuple[tuple[Hashable, ...], ...]
    cells: np.ndarray


@dataclass(frozen=True, eq=False)
class TreePlan:
    """Cells of `Table.tree`: nodes parents first, for each row its innermost node (n,), nodes by level."""

    ids: np.ndarray
    labels: np.ndarray
    parents: np.ndarray
    paths: tuple[tuple[Hashable, ...], ...]
    others: tuple[tuple[Hashable, ...], ...]
    cells: np.ndarray
    above: np.ndarray
    levels: tuple[slice, ...]

    def upwards(self, sums: np.ndarray) -> np.ndarray:
        """Add what lies in each node (n,) to its parents, in place; return it."""
        for level in reversed(self.levels[1:]):
            np.add.at(sums, self.above[level], sums[level])
        return sums


def plan_groups(coding: Coding, sizes: np.ndarray, top: int | None, by_size: bool) -> GroupPlan:
    """Order the keys of a dimension and collect the tail.

    Parameters
    ----------
    coding : Coding
    sizes : ndarray of float, shape (k,)
        What the keys are ranked by; NaN is smallest.
    top : int or None
        How many keys are kept before the others are collected.
    by_size : bool
        Whether the kept keys stand by size, or in the order of the coding.
    """
    count = len(coding.keys)
    has_missing = count > 0 and coding.keys[-1] == MISSING
    ranked = [place for place in _descending(sizes).tolist() if not (has_missing and place == count - 1)]
    kept, tail = _split(ranked, top)
    if not by_size:
        kept = sorted(kept)
    others_key = f"{len(tail):,} others" if tail else None
    order = [*kept, *([None] if tail else []), *([count - 1] if has_missing else [])]
    lookup = np.empty(count, dtype=np.int32)
    lookup[tail] = len(kept)
    for cell, place in enumerate(order):
        if place is not None:
            lookup[place] = cell
    keys = _objects([others_key if place is None else coding.keys[place] for place in order])
    return GroupPlan(keys, lookup[coding.codes], tuple(coding.keys[place] for place in tail), others_key)


def plan_segments(bars: Coding, detail: Coding | None, sizes: np.ndarray, limit: int) -> SegmentPlan:
    """Order the segments inside each bar and collect the tail of each.

    Parameters
    ----------
    bars, detail : Coding
        A segment is a pair of their keys; without a detail a bar is one segment.
    sizes : ndarray of float, shape (n,)
        Of each row; NaN counts as 0.
    limit : int
        How many segments of a bar are kept before the others are collected.
    """
    if detail is None:
        detail = Coding(_objects([""]), np.zeros(len(bars.codes), dtype=np.int32))
    parents, keys, pairs = _pairs(bars.codes, detail)
    kept, collected, where_to = _collect(parents, _sum(pairs, sizes, len(parents)), limit)
    bar_keys, segment_keys, others = [], [], []
    for members in (*kept, *collected):
        first = members[0]
        bar_keys.append(bars.keys[parents[first]])
        segment_keys.append(detail.keys[keys[first]] if len(members) == 1 else f"{len(members):,} others")
        others.append(tuple(detail.keys[keys[member]] for member in members) if len(members) > 1 else ())
    # Stacked bar by bar: kept segments are in order already, each bar's "others" goes behind its last one.
    bar_of = np.array([parents[members[0]] for members in (*kept, *collected)], dtype=np.int64)
    order = np.argsort(bar_of, kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return SegmentPlan(
        _objects([bar_keys[i] for i in order]),
        _objects([segment_keys[i] for i in order]),
        tuple(others[i] for i in order),
        place[where_to][pairs] if len(pairs) else np.zeros(0, dtype=np.int32),
    )


def plan_tree(levels: Sequence[Coding], sizes: np.ndarray, root: str, limit: int) -> TreePlan:
    """Build the nodes of a hierarchy level by level; the tail under each parent becomes one node "n others".

    Parameters
    ----------
    levels : sequence of Coding
        From the root outwards.
    sizes : ndarray of float, shape (n,)
        Of each row; NaN counts as 0.
    root : str
        Label and first part of all ids.
    limit : int
        How many children of a parent are kept before the others are collected.
    """
    cells = np.zeros(len(sizes), dtype=np.int32)
    ids, labels, parents = [_id_part(root)], [root], [""]
    paths: list[tuple[Hashable, ...]] = [()]
    others: list[tuple[Hashable, ...]] = [()]
    above, slices = [-1], [slice(0, 1)]
    alive = np.arange(len(sizes))
    for coding in levels:
        first = len(ids)
        parent_of, key_of, pairs = _pairs(cells[alive], Coding(coding.keys, coding.codes[alive]))
        kept, collected, where_to = _collect(parent_of, _sum(pairs, sizes[alive], len(parent_of)), limit)
        for members in (*kept, *collected):
            parent, several = int(parent_of[members[0]]), len(members) > 1
            key = f"{len(members):,} others" if several else coding.keys[key_of[members[0]]]
            # "~others" cannot be a name's id: a tilde of a name is written "~0".
            ids.append(f"{ids[parent]}/{'~others' if several else _id_part(str(key))}")
            labels.append(str(key))
            parents.append(ids[parent])
            paths.append((*paths[parent], key))
            others.append(tuple(coding.keys[key_of[member]] for member in members) if several else ())
            above.append(parent)
        slices.append(slice(first, len(ids)))
        if len(alive):
            cells[alive] = first + where_to[pairs]
            alive = alive[where_to[pairs] < len(kept)]
    return TreePlan(
        _objects(ids),
        _objects(labels),
        _objects(parents),
        tuple(paths),
        tuple(others),
        cells,
        np.array(above),
        tuple(slices),
    )


def fitting_tree(levels: Sequence[Coding], sizes: np.ndarray, root: str, limit: int) -> TreePlan:
    """Build a tree of at most `limits.TREE_NODES` nodes, with fewer children a parent if it must be."""
    while True:
        plan = plan_tree(levels, sizes, root, limit)
        if len(plan.ids) <= limits.TREE_NODES or limit <= 1:
            return plan
        limit = max(1, limit * 2 // 3)


def _pairs(parents: np.ndarray, coding: Coding) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return parent and key of each pair that occurs, and for each row the number of its pair."""
    count = max(len(coding.keys), 1)
    flat = parents.astype(np.int64) * count + coding.codes
    room = (int(flat.max()) + 1) if len(flat) else 0
    if room <= 4 * len(flat) + 1_000_000:  # a table of what occurs is faster than sorting the rows
        seen = np.zeros(room, dtype=bool)
        seen[flat] = True
        pairs = np.flatnonzero(seen)
        number = np.empty(room, dtype=np.int32)
        number[pairs] = np.arange(len(pairs), dtype=np.int32)
        inverse = number[flat]
    else:
        pairs, inverse = np.unique(flat, return_inverse=True)
    return pairs // count, pairs % count, inverse


def _collect(parents: np.ndarray, sizes: np.ndarray, limit: int) -> tuple[list, list, np.ndarray]:
    """Split pairs into those that stand alone, largest first under each parent, and one tail a parent.

    Returns
    -------
    kept, collected : list of list of int
        The pairs of each cell; `kept` has one each. The cells are numbered in this order.
    where_to : ndarray of int32, shape (pairs,)
        The cell of each pair.
    """
    order = np.lexsort((-sizes, parents))
    kept: list[list[int]] = []
    collected: list[list[int]] = []
    borders = [*np.flatnonzero(np.diff(parents[order], prepend=-1)), len(order)]
    for start, stop in itertools.pairwise(borders):
        alone, tail = _split(order[start:stop].tolist(), limit)
        kept.extend([pair] for pair in alone)
        if tail:
            collected.append(tail)
    where_to = np.empty(len(order), dtype=np.int32)
    for cell, members in enumerate((*kept, *collected)):
        where_to[members] = cell
    return kept, collected, where_to


def _split(ranked: list[int], top: int | None) -> tuple[list[int], list[int]]:
    """Cut off the tail; a tail of one stays, for "1 others" would hide a name and save nothing."""
    if top is None or len(ranked) <= top + 1:
        return ranked, []
    return ranked[:top], ranked[top:]


def _descending(sizes: np.ndarray) -> np.ndarray:
    return np.argsort(np.where(np.isnan(sizes), np.inf, -sizes), kind="stable")


def _sum(cells: np.ndarray, sizes: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(cells, weights=np.nan_to_num(sizes), minlength=count)


def _id_part(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _objects(values: Sequence[object]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
