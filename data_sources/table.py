"""A table with a meaning: roles, parts, masks, rows and all that `Answers` adds; for dashboards, scripts."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.answers import Answers, Where
from data_sources.binning import band_cuts, band_labels
from data_sources.cells import PERIODS, Coding, code, numbers, periods
from data_sources.columns import Column
from data_sources.errors import TableError, did_you_mean
from data_sources.memory import Recent
from data_sources.predicates import AllOf, AnyOf, IsIn, Predicate
from data_sources.roles import Assigned, Roles, checked_frame, described_columns, guess_roles
from data_sources.selection import Selection
from data_sources.wording import MISSING

__all__ = ["Table"]


class Table(Answers):
    """Rows with a meaning. Never changed once made; methods that change something return a new table.

    Parameters
    ----------
    frame : DataFrame
        Not copied deeply and not changed.
    columns : mapping or iterable of Column, optional
        What is known about columns; the others are guessed by `infer_column`.
    name : str
        Short name, for file names and links.
    title : str
        For people; the name if empty.
    label, time, weight : str, optional
        The column that names a row, the one that orders rows in time, and the one that weights means. Label
        and time are guessed when not given; a weight never is.
    hierarchy : sequence of str, optional
        Dimensions from the outermost inwards. Guessed when None; `()` for none.
    root : str
        What the whole is called: "World".
    source, description : str
        Where the data comes from, what it is.
    notes : iterable of str
        What the reader had to do to the data, in sentences.

    Raises
    ------
    TableError
        If columns are missing, double or have no such role.

    Attributes
    ----------
    frame : DataFrame
        The rows, numbered from 0. Treat it as read-only.
    columns : dict of str to Column
    label, time, weight : str or None
    hierarchy : tuple of str
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Mapping[str, Column] | Iterable[Column] | None = None,
        *,
        name: str,
        title: str = "",
        label: str | None = None,
        time: str | None = None,
        weight: str | None = None,
        hierarchy: Sequence[str] | None = None,
        root: str = "All",
        source: str = "",
        description: str = "",
        notes: Iterable[str] = (),
    ) -> None:
        self.name, self.title, self.root = name, title or name, root
        self.source, self.description = source, description
        self._made: frozenset[str] = frozenset()
        self.frame, found = checked_frame(frame)
        self.notes: tuple[str, ...] = (*notes, *found)
        self.columns: dict[str, Column] = described_columns(self.frame, columns)
        self._start()
        roles = guess_roles(self.columns, self.coding, len(self.frame), Roles(label, time, weight, hierarchy))
        self._assign(roles)

    def _assign(self, roles: Assigned) -> None:
        self.columns, self.label, self.time, self.weight, self.hierarchy = roles
        if self.weight is not None:
            self.numbers(self.weight)  # a text cannot weight: it says so now and not at the first mean

    def _start(self, parent: Table | None = None, chosen: np.ndarray | None = None) -> None:
        """Begin with empty memories; a part of a table takes its codes from the table it was cut from."""
        self._parent, self._chosen = parent, chosen
        self._codings: dict[str, Coding] = {}
        self._numbers: dict[str, np.ndarray] = {}
        self._terms: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._recent = Recent(limits.TABLE_MEMORY)
        self._masks = Recent(limits.MASK_MEMORY)
        self._slices = Recent(limits.TIMES)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"<Table {self.name!r}: {len(self):,} rows, {len(self.columns)} columns>"

    # What there is ----------------------------------------------------------------------------------------

    @property
    def dimensions(self) -> list[str]:
        """Names of the columns that group rows, those of the hierarchy included."""
        return [
            name
            for name, column in self.columns.items()
            if column.role == "dimension" or name in self.hierarchy
        ]

    @property
    def measures(self) -> list[str]:
        """Names of the columns that can be computed with."""
        return [name for name, column in self.columns.items() if column.role == "measure"]

    @property
    def labels(self) -> dict[str, str]:
        """Label of each column, as `describe` of predicates and selections wants it."""
        return {name: column.label for name, column in self.columns.items()}

    @property
    def times(self) -> list[Hashable]:
        """Sorted values of the time column; empty if there is none."""
        return [] if self.time is None else [key for key in self.keys(self.time) if key != MISSING]

    def keys(self, column: str) -> list[Hashable]:
        """Return all categories of a column in order, "missing" last."""
        return self.coding(column).keys.tolist()

    def coding(self, column: str) -> Coding:
        """Return the integer codes of a column; made once.

        Raises
        ------
        TableError
            If there is no such column.
        """
        if column not in self._codings:
            self._column(column)
            if self._parent is not None and self._chosen is not None:
                self._codings[column] = self._parent.coding(column).take(self._chosen)
            else:
                self._codings[column] = code(self.frame[column], self.columns[column].order)
        return self._codings[column]

    def numbers(self, column: str) -> np.ndarray:
        """Return the cells of a column as float64, shape (n,), NaN where missing; made once.

        Raises
        ------
        TableError
            If there is no such column, or it holds text.
        """
        if column not in self._numbers:
            self._column(column)
            try:
                values = numbers(self.frame[column])
            except TypeError as error:
                measures = ", ".join(self.measures) or "no column"
                raise TableError(f'"{column}" holds text. Numbers are in: {measures}.') from error
            values = values.view()
            values.flags.writeable = False
            self._numbers[column] = values
        return self._numbers[column]

    def check_explorable(self) -> None:
        """Raise a TableError that says what is lacking if the table has nothing to show."""
        if not len(self):
            raise TableError(
                f'"{self.title}" has column names but no rows. Choose a file with at least one row.'
            )
        if not self.measures and not self.dimensions:
            raise TableError(
                f'"{self.title}" has no column of numbers and none of categories. '
                "Tell which column is a measure or a dimension."
            )

    # Parts and variants -----------------------------------------------------------------------------------

    def at(self, time: Hashable) -> Table:
        """Return the rows of one time; the same object each time it is asked for.

        Raises
        ------
        TableError
            If the table has no time, or no such one.
        """
        if self.time is None:
            raise TableError(f'"{self.title}" has no time column. Choose one with `with_roles(time=…)`.')
        coding = self.coding(self.time)
        if time not in coding.places or time == MISSING:
            raise TableError(f"There are no rows of {time}. {did_you_mean(time, self.times)}")
        return self._slices.get(time, lambda: self._part(coding.among([time])))

    def part(self, where: np.ndarray) -> Table:
        """Return a table of some rows; categories keep their order, so colours stay.

        Parameters
        ----------
        where : ndarray of bool, shape (n,)
        """
        self._rows(where)
        return self._part(where)

    def _part(self, where: np.ndarray) -> Table:
        chosen = np.flatnonzero(where)
        part = object.__new__(Table)
        part.__dict__.update(self.__dict__)
        part._start(self, chosen)
        part.frame = self.frame.iloc[chosen].reset_index(drop=True)
        return part

    def with_roles(self, columns: Iterable[Column] = (), **roles: Any) -> Table:
        """Return the table with other meanings.

        Parameters
        ----------
        columns : iterable of Column
            Replace the columns of the same name.
        **roles
            Any of `label`, `time`, `weight`, `hierarchy`, `title`, `root`, `name`; None for none.
        """
        allowed = ("label", "time", "weight", "hierarchy", "title", "root", "name")
        for role in roles:
            if role not in allowed:
                raise TableError(f'There is no role "{role}". {did_you_mean(role, allowed)}')
        changed = object.__new__(Table)
        changed.__dict__.update(self.__dict__)
        changed.__dict__.update({key: roles[key] or "" for key in ("title", "root", "name") if key in roles})
        changed._start()
        merged = {**self.columns, **{column.name: column for column in columns}}
        changed.columns = described_columns(self.frame, merged)
        wanted = Roles(
            roles.get("label", self.label), roles.get("time", self.time), roles.get("weight", self.weight),
            tuple(roles.get("hierarchy", self.hierarchy) or ()),
        )  # fmt: skip
        made = guess_roles(changed.columns, changed.coding, len(self), wanted, guess=False)
        changed._assign(made)
        return changed

    def with_bands(self, column: str, count: int = 4, cuts: Sequence[float] | None = None) -> Table:
        """Return the table with one more dimension: a measure in ordered bands such as "60–70 years".

        Parameters
        ----------
        column : str
            A measure. The new dimension is called "<column> band"; a column of that name that came with the
            rows is kept instead.
        count : int
            Wanted number of bands (see `binning.band_cuts`).
        cuts : sequence of float, optional
            Borders to use instead; a band holds its lower border.

        Raises
        ------
        TableError
            If the column holds no numbers, or the cuts do not increase.
        """
        name = f"{column} band"
        if name in self.columns and name not in self._made:
            return self
        values, meaning = self.numbers(column), self.columns[column]
        borders = band_cuts(values, count) if cuts is None else tuple(float(cut) for cut in cuts)
        if any(low >= high for low, high in itertools.pairwise(borders)):
            raise TableError(
                f"The borders of the bands must increase: {', '.join(f'{cut:g}' for cut in borders)}."
            )
        texts = np.array([*band_labels(borders, meaning.unit), None], dtype=object)
        places = np.searchsorted(np.array(borders), values, side="right")
        places[np.isnan(values)] = len(texts) - 1
        order = tuple(texts[:-1])
        band = Column(
            name,
            "dimension",
            f"{meaning.label} band",
            order=order,
            description=f"{meaning.label} in {len(order)} bands.",
        )
        return self._with_column(band, pd.Series(texts[places], dtype=object))

    def with_periods(self, column: str, period: str | None = None) -> Table:
        """Return the table with dates grouped by period, with that as its time: "<column> (month)".

        Parameters
        ----------
        column : str
            A column of dates.
        period : {"day", "month", "year"}, optional
            The finest that gives at most `limits.TIMES` different times when not given.

        Raises
        ------
        TableError
            If the column holds no dates, or there is no such period.
        """
        cells, meaning = self.frame[self._column(column).name], self.columns[column]
        if not pd.api.types.is_datetime64_any_dtype(cells.dtype):
            raise TableError(f'"{column}" holds no dates and cannot be grouped by period.')
        if period is not None and period not in PERIODS:
            raise TableError(f'There is no period "{period}". {did_you_mean(period, PERIODS)}')
        for name in PERIODS if period is None else (period,):
            texts = periods(cells, name)
            if texts.nunique() <= limits.TIMES:
                break
        time = Column(f"{column} ({name})", "time", f"{meaning.label} ({name})")
        made = self._with_column(time, texts)
        made.time = time.name
        return made

    def with_column(self, column: Column, cells: pd.Series) -> Table:
        """Return the table with one more column, or another one of that name; roles stay.

        Parameters
        ----------
        column : Column
        cells : Series, length n
            In the order of the rows.
        """
        return self._with_column(column, cells.reset_index(drop=True))

    def _with_column(self, column: Column, cells: pd.Series) -> Table:
        made = object.__new__(Table)
        made.__dict__.update(self.__dict__)
        made._start(self._parent, self._chosen)
        made.frame = self.frame.assign(**{column.name: cells})
        made.columns = {**self.columns, column.name: column}
        made._made = self._made | {column.name}
        made._codings = {**self._codings, column.name: code(cells, column.order)}
        made._numbers = dict(self._numbers)
        return made

    # Who is selected --------------------------------------------------------------------------------------

    def mask(self, chosen: Selection | Predicate | None, skip: str | None = None) -> Where:
        """Return which rows meet a selection or predicate; None when nothing is asked (every row).

        The same as their own `mask`, but remembered, and fast on categories.

        Parameters
        ----------
        chosen : Selection, Predicate or None
        skip : str, optional
            Owner whose predicate is left out (crossfilter).

        Returns
        -------
        ndarray of bool, shape (n,), read-only, or None

        Raises
        ------
        SelectionError
            If a predicate does not fit the table.
        """
        if chosen is None:
            return None
        if isinstance(chosen, Predicate):
            return self._met(chosen)
        masks = [self._met(predicate) for owner, predicate in chosen.items if owner != skip]
        return None if not masks else masks[0] if len(masks) == 1 else np.logical_and.reduce(masks)

    def _met(self, predicate: Predicate) -> np.ndarray:
        def make() -> np.ndarray:
            if isinstance(predicate, IsIn) and predicate.column in self.columns:
                met = self.coding(predicate.column).among(predicate.values)
            elif isinstance(predicate, (AllOf, AnyOf)) and predicate.predicates:
                join = np.logical_and if isinstance(predicate, AllOf) else np.logical_or
                met = join.reduce([self._met(part) for part in predicate.predicates])
            else:
                met = predicate.mask(self.frame)
            met.flags.writeable = False
            return met

        return self._masks.get(predicate, make)

    def rows(self, where: Where = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the rows themselves.

        Parameters
        ----------
        where : ndarray of bool, shape (n,), optional
        columns : sequence of str, optional
            All, in the order of the table, when not given.
        """
        names = list(self.columns) if columns is None else [self._column(name).name for name in columns]
        frame = self.frame[names]
        return frame if where is None else frame.iloc[self._rows(where)]
