"""What is selected, as predicates that each belong to the view that made them; for dashboards and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.errors import SelectionError
from data_sources.predicates import AllOf, Predicate, predicate_from_json

__all__ = ["Selection"]


@dataclass(frozen=True)
class Selection:
    """Predicates by owner. Immutable: each change gives a new one, so that undo only keeps the old.

    Parameters
    ----------
    items : tuple of (str, Predicate)
        Owner and predicate, in the order in which the owners began to select. An owner has one predicate.

    Examples
    --------
    >>> from data_sources import IsIn, Interval, Selection
    >>> chosen = Selection().with_predicate("bar", IsIn("continent", ("Asia",)))
    >>> chosen = chosen.with_predicate("histogram", Interval("lifeExp", 40, 50))
    >>> chosen.describe({"lifeExp": "Life expectancy"})
    'continent is Asia and life expectancy in [40, 50)'
    """

    items: tuple[tuple[str, Predicate], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple((owner, predicate) for owner, predicate in self.items))
        for owner, predicate in self.items:
            if not isinstance(owner, str) or not isinstance(predicate, Predicate):
                raise SelectionError("A selection holds pairs of an owner's name and a predicate.")
        if len(set(self.owners)) < len(self.items):
            raise SelectionError("An owner has one predicate; join several with AllOf or AnyOf.")

    def __bool__(self) -> bool:
        return bool(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def owners(self) -> tuple[str, ...]:
        """The views that select, in order."""
        return tuple(owner for owner, _ in self.items)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that any predicate looks at, each once."""
        return tuple(dict.fromkeys(name for _, predicate in self.items for name in predicate.columns))

    def get(self, owner: str) -> Predicate | None:
        """Return the predicate of one owner, or None."""
        return dict(self.items).get(owner)

    def with_predicate(self, owner: str, predicate: Predicate | None) -> Selection:
        """Return a selection where `owner` selects by `predicate`; None is the same as `without`."""
        if predicate is None:
            return self.without(owner)
        return Selection(tuple((dict(self.items) | {owner: predicate}).items()))

    def without(self, owner: str) -> Selection:
        """Return a selection without what `owner` selected."""
        return Selection(tuple(item for item in self.items if item[0] != owner))

    def mask(self, frame: pd.DataFrame, skip: str | None = None) -> np.ndarray:
        """Return for each row whether it meets every predicate, but the one of `skip`: bool, shape (n,).

        Parameters
        ----------
        frame : DataFrame
        skip : str, optional
            The view that asks: it is not filtered by its own predicate (crossfilter).

        Raises
        ------
        SelectionError
            If a predicate does not fit the frame.
        """
        met = np.ones(len(frame), dtype=bool)
        for owner, predicate in self.items:
            if owner != skip:
                met &= predicate.mask(frame)
        return met

    def describe(self, labels: Mapping[str, str] | None = None) -> str:
        """Return the selection in words; "everything" when nothing is selected."""
        return AllOf(tuple(predicate for _, predicate in self.items)).describe(labels)

    def to_json(self) -> dict[str, Any]:
        """Return the selection as a JSON-able dict, owner to predicate."""
        return {owner: predicate.to_json() for owner, predicate in self.items}

    @classmethod
    def from_json(cls, obj: object) -> Selection:
        """Read what `to_json` wrote.

        Raises
        ------
        SelectionError
            If it is not a selection, or larger than the limits allow.
        """
        if not isinstance(obj, dict) or len(obj) > limits.PREDICATE_PARTS:
            raise SelectionError(f"A selection is a dict of conditions by owner, not {repr(obj)[:60]}.")
        return cls(tuple((str(owner), predicate_from_json(value)) for owner, value in obj.items()))
