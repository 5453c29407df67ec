"""Join dashboards and pictures of your own, so that what is selected in one filters all others.

For notebooks and own apps: ``link_selections(GapminderExplorer(), WorldMap(), on="country")``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial, reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import param
from param.parameterized import Watcher

from dashboards.parts.linked_explorer import LinkedExplorer
from dashboards.parts.linked_plotly import LinkedPlotly
from data_sources import IsIn, SelectionError
from data_sources.cells import plain
from data_sources.errors import did_you_mean

__all__ = ["Link", "link_selections"]

OWNER = "link"
"""Owns, in each dashboard, the predicate that stands for what the others select."""

# Where a trace may hold the keys of its data; a picture of px has `hover_name` in the first.
_PLACES = ("hovertext", "customdata", "ids", "locations", "text", "labels", "x", "y")

Members = frozenset[Hashable]


def link_selections(*parts: Any, on: str) -> Link:
    """Let dashboards and pictures share their selection.

    Each part is filtered by what all others select, and never by its own selection, as the views inside one
    dashboard are. Taking the condition away in one of them takes the selections of the others back.

    Parameters
    ----------
    *parts : LinkedExplorer, LinkedPlotly, or (LinkedPlotly, array_like)
        Two or more: `GapminderExplorer`, `WorldMap`, or a picture of your own, also one that HoloViews or
        hvPlot made. Beside a picture may stand the key of each datum, in the order of its traces; without
        it the keys are found in what the traces hold (`hover_name` and `custom_data` of Plotly Express,
        labels, locations, or categories on an axis).
    on : str
        The column by which they are joined, such as "country".

    Returns
    -------
    Link
        Its `members` is what all of them together select; `undo` parts them again.

    Raises
    ------
    SelectionError
        A dashboard has no such column, or a picture holds none of its values.
    TypeError
        Something that has no selection.

    Examples
    --------
    >>> from dashboards import GapminderExplorer, link_selections
    >>> from data_sources import Interval
    >>> one, other = GapminderExplorer(), GapminderExplorer()
    >>> link = link_selections(one, other, on="country")
    >>> one.select("histogram", Interval("lifeExp", 80, 90))
    >>> sorted(other.selected["country"])[:3]
    ['Australia', 'Canada', 'France']
    """
    if len(parts) < 2:
        raise TypeError(
            f"{len(parts)} part to link: give two or more, as in link_selections(a, b, on={on!r})"
        )
    explorers = [part for part in parts if isinstance(part, LinkedExplorer)]
    for explorer in explorers:
        _column_of(explorer, on)
    known = frozenset().union(*(map(plain, one.state.table.keys(on)) for one in explorers))
    ends: list[_End] = []
    for part in parts:
        if isinstance(part, LinkedExplorer):
            ends.append(_Explorer(part, on))
        elif isinstance(part, LinkedPlotly):
            ends.append(_Picture(part, on, None, known))
        elif isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], LinkedPlotly):
            ends.append(_Picture(part[0], on, part[1], known))
        else:
            raise TypeError(
                f"{type(part).__name__} has no selection to link: give a GapminderExplorer, a WorldMap, a "
                "LinkedPlotly, or a pair of a LinkedPlotly and the keys of its data"
            )
    return Link(ends, on)


class Link(param.Parameterized):
    """Dashboards and pictures that share a selection; `link_selections` makes one.

    Attributes
    ----------
    members : frozenset or None
        The keys that every part's own selection leaves; None while nothing is selected.
    on : str
        The column by which they are joined.
    """

    members = param.ClassSelector(class_=frozenset, default=None, allow_None=True)
    on = param.String(constant=True)

    def __init__(self, ends: Sequence[_End], on: str) -> None:
        super().__init__(on=on)
        self._ends = list(ends)
        self._own: list[Members | None] = [None] * len(ends)
        self._busy = False
        for place, end in enumerate(self._ends):
            end.watch(partial(self._changed, place))
        self._tell()

    def clear(self) -> None:
        """Take every part's selection back."""
        self._busy = True
        try:
            for end in self._ends:
                end.clear()
        finally:
            self._busy = False
        self._tell()

    def undo(self) -> None:
        """Part them again: each keeps its own selection only."""
        for end in self._ends:
            end.part()
        self._ends, self._own = [], []
        self.members = None

    def _changed(self, place: int) -> None:
        if self._busy:
            return
        if self._ends[place].lost_the_link():
            self.clear()
        elif self._ends[place].members() != self._own[place]:
            self._tell()

    def _tell(self) -> None:
        """Bring each part up to what the others select."""
        self._busy = True
        try:
            self._own = [end.members() for end in self._ends]
            for place, end in enumerate(self._ends):
                end.show(_all_of([*self._own[:place], *self._own[place + 1 :]]), self._own[place])
        finally:
            self._busy = False
        self.members = _all_of(self._own)


def _all_of(parts: Sequence[Members | None]) -> Members | None:
    chosen = [part for part in parts if part is not None]
    return reduce(frozenset.intersection, chosen) if chosen else None


class _End:
    """One part of a link: says what it selects by itself, and shows what the others select."""

    def __init__(self) -> None:
        self._watchers: list[tuple[param.Parameterized, Watcher]] = []

    def members(self) -> Members | None:
        raise NotImplementedError

    def show(self, others: Members | None, own: Members | None) -> None:
        raise NotImplementedError

    def clear(self) -> None:
        raise NotImplementedError

    def lost_the_link(self) -> bool:
        """Whether a hand took away what the others select."""
        return False

    def watch(self, changed: Callable[[], None]) -> None:
        raise NotImplementedError

    def _watch(self, what: param.Parameterized, names: list[str], changed: Callable[[], None]) -> None:
        self._watchers.append((what, what.param.watch(lambda *_: changed(), names)))

    def part(self) -> None:
        self.show(None, self.members())
        for what, watcher in self._watchers:
            what.param.unwatch(watcher)
        self._watchers.clear()


class _Explorer(_End):
    def __init__(self, explorer: LinkedExplorer, on: str) -> None:
        super().__init__()
        self._state, self._on = explorer.state, on
        self._shown: IsIn | None = None

    def members(self) -> Members | None:
        own = self._state.selection.without(OWNER)
        if not own or self._on not in self._state.table.columns:
            return None
        now = self._state.now
        coding = now.coding(self._on)
        where = now.mask(own)
        codes = coding.codes if where is None else coding.codes[where]
        return frozenset(map(plain, coding.keys[np.unique(codes[codes >= 0])]))

    def show(self, others: Members | None, own: Members | None) -> None:
        fits = others is not None and self._on in self._state.table.columns
        self._shown = IsIn(self._on, tuple(sorted(others or (), key=str))) if fits else None
        if self._state.selection.get(OWNER) != self._shown:
            self._state.selection = self._state.selection.with_predicate(OWNER, self._shown)

    def clear(self) -> None:
        self._shown = None
        self._state.selection = type(self._state.selection)()

    def lost_the_link(self) -> bool:
        return self._shown is not None and self._state.selection.get(OWNER) is None

    def watch(self, changed: Callable[[], None]) -> None:
        self._watch(self._state, ["selection", "time", "table"], changed)


class _Picture(_End):
    def __init__(self, view: LinkedPlotly, on: str, keys: Any, known: Members) -> None:
        super().__init__()
        self._view = view
        self._dimmed = False
        traces = view.figure.data
        if keys is None:
            self._keys = [_keys_in(trace, known) for trace in traces]
            if not any(map(len, self._keys)):
                some = f" ({', '.join(map(str, sorted(known, key=str)[:3]))}, …)" if known else ""
                raise SelectionError(
                    f'no trace of view "{view.name}" holds a value of "{on}"{some}: give the key of '
                    f"each datum beside it, as in (view, frame[{on!r}])"
                )
        else:
            self._keys = _spread(list(map(plain, keys)), [_length(trace) for trace in traces], view.name)

    def members(self) -> Members | None:
        brush = self._view.selected
        if brush is None:
            return None
        return frozenset(
            self._keys[trace][place]
            for trace, places in brush.indices.items()
            for place in places
            if trace < len(self._keys) and place < len(self._keys[trace])
        )

    def show(self, others: Members | None, own: Members | None) -> None:
        if others is None and own is not None and not self._dimmed:
            return  # the browser dims for its own brush by itself
        lit = _all_of([others, own])
        self._dimmed = others is not None
        traces: dict[int | str, dict[str, Any]] = {}
        for place, keys in enumerate(self._keys):
            if keys:
                lights = None if lit is None else [at for at, key in enumerate(keys) if key in lit]
                traces[place] = {"selectedpoints": lights}
        self._view.patch(traces)

    def clear(self) -> None:
        self._dimmed = False
        self._view.clear_selection()

    def watch(self, changed: Callable[[], None]) -> None:
        self._watch(self._view, ["selected"], changed)


def _column_of(explorer: LinkedExplorer, on: str) -> None:
    columns = explorer.state.table.columns
    if on not in columns:
        raise SelectionError(
            f'{type(explorer).__name__} has no column "{on}" to link on. {did_you_mean(on, list(columns))}'
        )


def _length(trace: Any) -> int:
    for name in ("x", "y", "locations", "lon", "values", "customdata"):
        values = getattr(trace, name, None)
        if values is not None:
            return len(values)
    return 0


def _spread(keys: list[Hashable], lengths: list[int], name: str) -> list[list[Hashable]]:
    """Hand keys out to traces in their order; one trace's keys may serve all traces of the same length."""
    if len(keys) == sum(lengths):
        ends = np.cumsum([0, *lengths])
        return [keys[start:end] for start, end in pairwise(ends)]
    if lengths and {*lengths} <= {0, len(keys)}:
        return [keys if length else [] for length in lengths]
    raise SelectionError(
        f'view "{name}" draws {sum(lengths):,} data and {len(keys):,} keys are given: give one for each datum'
    )


def _keys_in(trace: Any, known: Members) -> list[Hashable]:
    """Return the key of each datum of a trace: of all it holds, what most often is a known one."""
    best: list[Hashable] = []
    most = 0
    for name in _PLACES:
        values = getattr(trace, name, None) if name in trace else None
        if values is None or isinstance(values, str):
            continue
        array = np.asarray(values, dtype=object)
        for column in [array] if array.ndim == 1 else list(array.T) if array.ndim == 2 else []:
            found = [None if pd.isna(value) else plain(value) for value in column.tolist()]
            hits = sum(key in known for key in found)
            if hits > most:
                best, most = found, hits
    return best
