"""One moment of an explorer: its choices, the rows of the present time, who is selected; for its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dashboards.parts.explorer_state import ROWS, ExplorerState
from dashboards.parts.theme import MISSING_COLOR, Mode, category_colors
from data_sources import Table, Tree
from data_sources.wording import MISSING, sentence_label

__all__ = ["Scene", "evenly", "lowered", "measure_of"]


@dataclass(frozen=True)
class Scene:
    """One moment of an explorer: the choices, the rows of the present time, who is selected.

    Attributes
    ----------
    state : ExplorerState
    mode : {"light", "dark"}
    """

    state: ExplorerState
    mode: Mode

    @cached_property
    def table(self) -> Table:
        """All rows, of all times."""
        return self.state.table

    @cached_property
    def now(self) -> Table:
        """The rows of the present time."""
        return self.state.now

    def where(self, view: str | None = None) -> np.ndarray | None:
        """Return the rows of `now` that pass every predicate but the view's own; None for all."""
        return self.now.mask(self.state.selection, skip=None if view is None else self.state.owner(view))

    def passing(self, view: str | None = None) -> np.ndarray:
        """Return `where` as a mask in any case."""
        where = self.where(view)
        return np.ones(len(self.now), dtype=bool) if where is None else where

    @cached_property
    def when(self) -> str:
        """The present time as the end of a title; empty where there is no time."""
        state, table = self.state, self.table
        return "" if state.time is None else f", {table.columns[str(table.time)].text(state.time)}"

    def axis(self, name: str | None) -> str:
        """Return the title of a column on an axis."""
        if name is None or name == ROWS:
            return "Rows" if self.table.label is None else f"Number of {self.state.noun}"
        return self.table.columns[name].title

    def label(self, name: str | None) -> str:
        """Return the name of a column for a title."""
        return self.axis(name) if name in (None, ROWS) else self.table.columns[str(name)].label

    def colors(self, dimension: str) -> dict[Any, str]:
        """Return the colour of each category, the same in every picture."""
        keys = [key for key in self.table.keys(dimension) if key != MISSING]
        own = self.table.columns[dimension].palette or {}
        return {**category_colors(keys), **own, MISSING: MISSING_COLOR}

    def ends(self, measure: str) -> tuple[float, float]:
        """Return the values at the two ends of the colour map: of all times, so that colours keep."""
        state = self.state

        def make() -> tuple[float, float]:
            parts = [self.table.numbers(measure)]
            if state.path is not None:
                path = state.path_columns()
                trees = (moment.tree(path, None, measure) for moment in state.moments)
                # What is coloured are means of places; single rows reach much further.
                parts = [tree.colors[_leaves(tree)] for tree in trees if tree.colors is not None]
            values = np.concatenate(parts)
            known = values[np.isfinite(values)]
            return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)

        return state.remember(("ends", measure, state.path, state.time is None), make)

    def counted(self, owner: str | None = None) -> str:
        """Return " – 33 of 142 countries" for a title."""
        part, whole = int(self.passing(owner).sum()), len(self.now)
        count = f"{whole:,}" if part == whole else f"{part:,} of {whole:,}"
        return f" – {count} {self.state.noun}"


def evenly(rows: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` of the rows, evenly spaced, so that the same ones show after each brush."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(int)]


def measure_of(name: str | None) -> str | None:
    """Return the measure behind a choice; None counts rows."""
    return None if name in (None, ROWS) else name


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence."""
    return sentence_label(label, {label: label})


def _leaves(tree: Tree) -> np.ndarray:
    return ~np.isin(tree.ids, tree.parents)
