"""What a table answers: histograms, groups, segments, trees and lines; the half of `Table` that computes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from data_sources import limits, plans
from data_sources.aggregates import Groups, Histogram, Lines, Segments, Tree
from data_sources.binning import nice_edges
from data_sources.cells import Coding
from data_sources.columns import Column
from data_sources.errors import SelectionError, TableError, did_you_mean
from data_sources.memory import Recent
from data_sources.wording import MISSING

__all__ = ["Answers", "Where"]

Where = np.ndarray | None


class Answers:
    """Questions to rows of which the codes and numbers are known. Use it as `Table`."""

    title: str
    root: str
    columns: dict[str, Column]
    label: str | None
    time: str | None
    weight: str | None
    hierarchy: tuple[str, ...]
    _recent: Recent
    _terms: dict[str, tuple[np.ndarray, np.ndarray]]

    def __len__(self) -> int:
        raise NotImplementedError

    def coding(self, column: str) -> Coding:
        """Return the integer codes of a column."""
        raise NotImplementedError

    def numbers(self, column: str) -> np.ndarray:
        """Return the cells of a column as float64, shape (n,)."""
        raise NotImplementedError

    @property
    def additive(self) -> list[str]:
        """Names of the measures that can be summed, so that they can be sizes and stacked bars."""
        return [
            name
            for name, column in self.columns.items()
            if column.role == "measure" and column.aggregate == "sum"
        ]

    # Questions --------------------------------------------------------------------------------------------

    def edges(self, column: str, width: float | None = None) -> np.ndarray:
        """Return bin edges at round numbers (see `binning.nice_edges`): float, shape (bins + 1,)."""
        return nice_edges(self.numbers(column), width)

    def histogram(
        self,
        column: str,
        edges: np.ndarray,
        by: str | None = None,
        weight: str | None = None,
        where: Where = None,
    ) -> Histogram:
        """Count rows by bin, and by the categories of `by`.

        Parameters
        ----------
        column : str
        edges : ndarray of float, shape (bins + 1,)
            Increasing. A bin holds its left edge, not its right one.
        by : str, optional
        weight : str, optional
            An additive measure to sum instead of counting rows; missing weights count 0.
        where : ndarray of bool, shape (n,), optional

        Raises
        ------
        TableError
            If a column is unknown or holds text, or a stock would be summed over times.
        """
        edges = np.asarray(edges, dtype=float)
        bins = len(edges) - 1
        if bins < 1 or not (np.diff(edges) > 0).all():
            raise TableError("Edges of bins must be at least two increasing numbers.")
        places = self._recent.get(("bins", column, edges.tobytes()), lambda: self._places(column, edges))
        keys, cells = _ALL, places
        if by is not None:
            coding = self.coding(by)
            keys, cells = coding.keys, coding.codes * np.int32(bins + 2) + places
        rows = self._rows(where)
        cells = cells[rows]
        shape = (len(keys), bins + 2)
        if weight is None:
            table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
            counts, unplaced = table[:, :bins], table
        else:
            self._check_sum(weight, where)
            terms = self.terms(weight)[0][rows]
            counts = np.bincount(cells, terms, minlength=shape[0] * shape[1]).reshape(shape)[:, :bins]
            unplaced = np.bincount(places[rows], minlength=bins + 2)[None]
        missing, outside = int(unplaced[:, bins + 1].sum()), int(unplaced[:, bins].sum())
        return Histogram(edges, keys, counts, missing, outside, counts.sum().item())

    def _places(self, column: str, edges: np.ndarray) -> np.ndarray:
        """Return for each row the bin, or one past the last for a value outside, or two past for none."""
        values, bins = self.numbers(column), len(edges) - 1
        places = np.searchsorted(edges, values, side="right").astype(np.int32) - 1
        places[(places < 0) | (places >= bins)] = bins
        places[np.isnan(values)] = bins + 1
        return places

    def group(
        self,
        dimension: str,
        measure: str | None,
        color: str | None = None,
        where: Where = None,
        top: int | None = None,
        by_size: bool | None = None,
        rank: Where = None,
    ) -> Groups:
        """Return one number for each category.

        Parameters
        ----------
        dimension : str
        measure : str or None
            Summed or averaged as its column says; None counts rows.
        color : str, optional
            A second measure.
        where : ndarray of bool, shape (n,), optional
        top : int, optional
            Keep the largest this many, collect the others.
        by_size : bool, optional
            Order by size, the largest first; by default only with `top`. Otherwise the column's own order.
        rank : ndarray of bool, shape (n,), optional
            The rows by which the largest are found; every row if not given. It does not follow `where`, so
            that the answers for the whole and for a selection have the same keys.
        """
        by_size = top is not None if by_size is None else by_size

        def make() -> plans.GroupPlan:
            coding = self.coding(dimension)
            sizes = np.zeros(len(coding.keys))
            if by_size or top is not None:
                sizes = self._reduce(measure, coding.codes, len(coding.keys), rank)[0]
            return plans.plan_groups(coding, sizes, top, by_size)

        plan = (
            make()
            if rank is not None
            else self._recent.get(("group", dimension, measure, top, by_size), make)
        )
        values, counts = self._reduce(measure, plan.cells, len(plan.keys), where)
        colors = None if color is None else self._reduce(color, plan.cells, len(plan.keys), where)[0]
        return Groups(plan.keys, values, colors, counts, plan.cells, plan.others, plan.others_key)

    def segments(
        self,
        dimension: str,
        measure: str | None,
        color: str | None = None,
        where: Where = None,
        limit: int = limits.SEGMENTS_PER_BAR,
        by: str | None = None,
        rank: Where = None,
    ) -> Segments:
        """Return stacked bars with one segment for each category of `by` inside each bar.

        Parameters
        ----------
        dimension : str
            The bars.
        measure : str or None
            An additive measure; None counts rows.
        color, where, rank
            As in `group`.
        limit : int
            Segments kept a bar; the smaller ones are collected in one.
        by : str, optional
            The label, or else the innermost dimension of the hierarchy.
        """
        detail = by or self.label or (self.hierarchy[-1] if self.hierarchy else None)
        detail = None if detail == dimension else detail

        def make() -> plans.SegmentPlan:
            inner = None if detail is None else self.coding(detail)
            return plans.plan_segments(self.coding(dimension), inner, self._sizes(measure, rank), limit)

        self._check_size(measure)
        plan = (
            make()
            if rank is not None
            else self._recent.get(("segments", dimension, measure, limit, detail), make)
        )
        values, counts = self._reduce(measure, plan.cells, len(plan.keys), where)
        colors = None if color is None else self._reduce(color, plan.cells, len(plan.keys), where)[0]
        return Segments(plan.bars, plan.keys, values, colors, counts, plan.cells, plan.others, detail or "")

    def tree(
        self,
        path: Sequence[str] | None = None,
        size: str | None = None,
        color: str | None = None,
        root: str | None = None,
        where: Where = None,
        limit: int = limits.TREE_CHILDREN,
    ) -> Tree:
        """Return sizes and colours of a hierarchy, every parent the sum or mean of what lies below it.

        Parameters
        ----------
        path : sequence of str, optional
            Dimensions from the outermost inwards; the table's hierarchy when not given.
        size : str or None
            An additive measure without negative values; None counts rows.
        color : str, optional
            A measure; means are weighted by the table's weight.
        root : str, optional
            Name of the whole; the table's when not given.
        where : ndarray of bool, shape (n,), optional
            Nodes outside it stay, with size 0.
        limit : int
            Children kept under a parent; the smaller ones are collected in one node. Fewer are kept when
            the tree would have more than `limits.TREE_NODES` nodes.

        Raises
        ------
        TableError
            If the path is empty, or the measure cannot be a size.
        """
        columns = tuple(path if path is not None else self.hierarchy)
        if not columns:
            raise TableError("A hierarchy needs at least one dimension. Choose one, the outermost first.")
        self._check_size(size, positive=True)
        whole = root or self.root

        def make() -> plans.TreePlan:
            levels = [self.coding(column) for column in columns]
            return plans.fitting_tree(levels, self._sizes(size, None), whole, limit)

        plan: plans.TreePlan = self._recent.get(("tree", columns, size, whole, limit), make)
        count = len(plan.ids)
        rows = self._rows(where)
        self._check_sum(size, where)
        cells = plan.cells[rows]
        counts = plan.upwards(np.bincount(cells, minlength=count))
        values = counts.astype(float)
        if size is not None:
            values = plan.upwards(np.bincount(cells, self.terms(size)[0][rows], minlength=count))
        colors = None
        if color is not None:
            self._check_sum(color, where)
            above, below = (
                plan.upwards(np.bincount(cells, part[rows], minlength=count)) for part in self.terms(color)
            )
            colors = above if self.columns[color].aggregate == "sum" else _ratio(above, below)
        return Tree(
            plan.ids,
            plan.labels,
            plan.parents,
            values,
            colors,
            counts,
            plan.cells,
            columns,
            plan.paths,
            plan.others,
        )

    def lines(
        self,
        measure: str | None,
        by: str | None = None,
        where: Where = None,
        keys: Iterable[Hashable] | None = None,
        limit: int = limits.LINES_SHOWN,
    ) -> Lines:
        """Return a measure at each time, one line for each category of `by`.

        Parameters
        ----------
        measure : str or None
            Summed or averaged within a time, never over times; None counts rows.
        by : str, optional
            One line named "all" when not given.
        where : ndarray of bool, shape (n,), optional
        keys : iterable, optional
            The lines wanted, in this order; all that have a row when not given.
        limit : int
            Lines shown at most: those with most rows, then those that come first.

        Raises
        ------
        TableError
            If the table has no time.
        """
        if self.time is None:
            raise TableError(f'"{self.title}" has no time column. Choose one with `with_roles(time=…)`.')
        times = self.coding(self.time)
        coding = Coding(_ALL, np.zeros(len(self), dtype=np.int32)) if by is None else self.coding(by)
        count = len(times.keys)
        cells = coding.codes * np.int32(max(count, 1)) + times.codes
        shape = (len(coding.keys), count)
        values, counts = self._reduce(measure, cells, shape[0] * shape[1], where, over_times=True)
        values = np.where(counts > 0, values, np.nan).reshape(shape)
        per_key = counts.reshape(shape).sum(axis=1)
        if keys is None:
            wanted = np.flatnonzero(per_key).tolist()
        else:
            wanted = [coding.places[key] for key in keys if key in coding.places]
        shown = wanted
        if len(wanted) > limit:
            best = sorted(wanted, key=lambda place: -per_key[place])[:limit]
            shown = [place for place in wanted if place in set(best)]
        left = tuple(coding.keys[place] for place in wanted if place not in set(shown))
        timed = [place for place, key in enumerate(times.keys) if key != MISSING]
        return Lines(times.keys[timed], coding.keys[shown], values[shown][:, timed], left)

    def total(self, measure: str | None, where: Where = None) -> float:
        """Return one number for all rows of `where`: the sum, the (weighted) mean, or the count for None."""
        cells = np.zeros(len(self), dtype=np.int32)
        return float(self._reduce(measure, cells, 1, where)[0][0])

    # How answers are computed -----------------------------------------------------------------------------

    def _reduce(
        self, measure: str | None, cells: np.ndarray, count: int, where: Where, over_times: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return for each cell the measure (float, shape (count,)) and its number of rows (int)."""
        rows = self._rows(where)
        cells = cells[rows]
        counts = np.bincount(cells, minlength=count)
        if measure is None:
            return counts.astype(float), counts
        if not over_times:
            self._check_sum(measure, where)
        above, below = self.terms(measure)
        sums = np.bincount(cells, above[rows], minlength=count)
        if self.columns[measure].aggregate == "sum":
            return sums, counts
        return _ratio(sums, np.bincount(cells, below[rows], minlength=count)), counts

    def terms(self, measure: str) -> tuple[np.ndarray, np.ndarray]:
        """Return what is summed for a measure, above and below the fraction bar; 0 where missing.

        Returns
        -------
        tuple of (ndarray of float, shape (n,)) and (ndarray of float, shape (n,))
            A sum needs the first alone; a mean is the sum of the first over the sum of the second.
        """
        if measure not in self._terms:
            values = self.numbers(measure)
            known = ~np.isnan(values)
            if self.columns[measure].aggregate == "mean" and self.weight is not None:
                weights = self.numbers(self.weight)
                known &= weights > 0
                below = np.where(known, weights, 0.0)
            else:
                below = known.astype(float)
            above = np.where(known, values, 0.0)
            self._terms[measure] = (
                above * below if self.columns[measure].aggregate == "mean" else above,
                below,
            )
        return self._terms[measure]

    def _sizes(self, measure: str | None, rank: Where) -> np.ndarray:
        sizes = np.ones(len(self)) if measure is None else self.terms(measure)[0]
        return sizes if rank is None else np.where(rank, sizes, 0.0)

    def _check_size(self, measure: str | None, positive: bool = False) -> None:
        if measure is None:
            return
        column = self._column(measure)
        if column.aggregate != "sum":
            fitting = ", ".join(self.additive) or "no column"
            raise TableError(
                f'Sizes are added up, and adding up "{column.label}" means nothing: it is averaged. '
                f"Choose the number of rows, or one of: {fitting}."
            )
        if positive and len(self) and bool((self.terms(measure)[0] < 0).any()):
            raise TableError(
                f'"{column.label}" has negative values, which no area can show. Choose another size.'
            )

    def _check_sum(self, measure: str | None, where: Where) -> None:
        """Refuse to sum a stock, such as a population, over several times."""
        if measure is None or self.time is None:
            return
        column = self._column(measure)
        if column.stock and column.aggregate == "sum":
            codes = self.coding(self.time).codes
            codes = codes[self._rows(where)]
            if len(codes) and codes.min() != codes.max():
                raise TableError(
                    f'"{column.label}" is a level at a moment and cannot be summed over several times. '
                    f"Choose one time with `at(…)`, or ask for `lines`."
                )

    def _column(self, name: str) -> Column:
        if name not in self.columns:
            raise TableError(f'There is no column "{name}". {did_you_mean(name, self.columns)}')
        return self.columns[name]

    def _rows(self, where: Where) -> np.ndarray | slice:
        """Return what picks the rows out of an array: their numbers, or all."""
        if where is None:
            return slice(None)
        where = np.asarray(where)
        if where.dtype != bool or where.shape != (len(self),):
            raise SelectionError(
                f"A row mask is {len(self):,} times true or false, not {where.shape} of {where.dtype}. "
                "Make it with `table.mask(selection)` of the same table."
            )
        return np.flatnonzero(where)


_ALL = np.array(["all"], dtype=object)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
