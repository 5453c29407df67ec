"""Which region each row of a table is about; with "did you mean" for those that name none."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_sources.boundaries.regions import Regions
from data_sources.cells import is_text
from data_sources.columns import Column
from data_sources.errors import BoundaryError
from data_sources.table import Table
from data_sources.wording import MISSING

__all__ = ["LATITUDE", "LONGITUDE", "Located", "locate", "region_table"]

LONGITUDE, LATITUDE = "map longitude", "map latitude"
"""Columns with the middle of each row's region: what a lasso on the map asks about."""

# A column names regions when at least this share of its different cells does.
_SHARE = 0.5
_LISTED = 5
_NUMBERED = re.compile(r"iso|num|code|country|m49", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Located:
    """A table whose rows lie on a map.

    Attributes
    ----------
    table : Table
        Its label is `column`; with the columns `LONGITUDE` and `LATITUDE`.
    regions : Regions
    column : str
        Names the region of each row.
    by : str
        In which way: "name", "code", a property of the file.
    places : ndarray of int, shape (k,)
        For each category of `column` (see `Table.keys`) the place among the regions, -1 for none.
    unknown : tuple
        The categories that name no region.
    """

    table: Table
    regions: Regions
    column: str
    by: str
    places: np.ndarray
    unknown: tuple[Hashable, ...]

    def complaint(self) -> str:
        """Return what is not on the map, with suggestions; empty when everything is."""
        if not self.unknown:
            return ""
        shown = [f'"{cell}": {self.regions.suggest(cell, self.by)}' for cell in self.unknown[:_LISTED]]
        more = f" And {len(self.unknown) - _LISTED:,} more." if len(self.unknown) > _LISTED else ""
        count = len(self.unknown)
        noun = "name" if count == 1 else "names"
        verb = "is" if count == 1 else "are"
        return (
            f'{count:,} {noun} in "{self.column}" {verb} not on the map; the rows stay in the other '
            f"pictures. {' '.join(shown)}{more}"
        )


def locate(table: Table, regions: Regions, column: str | None = None) -> Located:
    """Find the column that names regions, and the region of each row.

    Parameters
    ----------
    table : Table
    regions : Regions
    column : str, optional
        The one that names most regions when not given.

    Raises
    ------
    BoundaryError
        If no column names regions, or there are two rows for one region at one time.
    """
    found = []
    for name in [column] if column is not None else _candidates(table):
        keys = [key for key in table.keys(name) if key != MISSING]
        for by in regions.spellings:
            if by == "number" and not _NUMBERED.search(name):
                continue  # any column of whole numbers would be countries
            hits = regions.find(keys, by) if keys else np.zeros(0, int)
            known = hits[hits >= 0]
            # Different regions: two names of one region cannot both be on the map.
            found.append(
                (len(np.unique(known)) / max(len(keys), 1), len(known), name == table.label, name, by)
            )
    nothing = (0.0, 0, False, "", "")
    share, count, _, name, by = max(found, key=lambda one: one[:3], default=nothing)
    if not count or (share < _SHARE and column is None):
        raise BoundaryError(_nowhere(table, regions, name, by))
    keys = table.keys(name)
    places = regions.find(keys, by)
    places[[key == MISSING for key in keys]] = -1
    unknown = tuple(key for key, place in zip(keys, places, strict=True) if place < 0 and key != MISSING)
    _check_once(table, regions, name, places)
    named = _names_in(table, name)
    if named is not None:
        # The rows' own names stand for the regions as well as their codes do, and read better.
        first = np.array(
            [np.argmax(table.coding(named).codes == place) for place in range(len(table.keys(named)))]
        )
        name, places = named, places[table.coding(name).codes[first]]
        unknown = tuple(key for key, place in zip(table.keys(name), places, strict=True) if place < 0)
    codes = table.coding(name).codes
    made = table if table.label == name else table.with_roles(label=name)
    for title, label, middles in ((LONGITUDE, "Longitude", regions.lon), (LATITUDE, "Latitude", regions.lat)):
        cells = pd.Series(np.where(places >= 0, middles[places], np.nan)[codes])
        made = made.with_column(Column(title, "label", label, "°"), cells)
    return Located(made, regions, name, by, places, unknown)


def region_table(regions: Regions) -> Table:
    """Return what a GeoJSON file says of its regions as a table: a row a region."""
    if regions.properties is None:
        raise BoundaryError(f'"{regions.title}" has no values of its own. Choose a table for it.')
    return Table(
        regions.properties, name=regions.name, title=regions.title, source=regions.source, notes=regions.notes
    )


def _candidates(table: Table) -> list[str]:
    """Return the columns that may name regions: texts, and whole numbers that group or tell rows apart."""
    names = []
    for name in table.columns:
        cells = table.frame[name]
        whole = not is_text(cells) and pd.api.types.is_integer_dtype(cells.dtype)
        if is_text(cells) or (whole and name != table.time):
            names.append(name)
    return names


def _names_in(table: Table, column: str) -> str | None:
    """Return the label of a table if it names the rows exactly as another column does."""
    label = table.label
    if label is None or label == column or MISSING in (*table.keys(label), *table.keys(column)):
        return None
    pairs = np.unique(np.stack([table.coding(label).codes, table.coding(column).codes]), axis=1).shape[1]
    return label if pairs == len(table.keys(label)) == len(table.keys(column)) else None


def _nowhere(table: Table, regions: Regions, name: str, by: str) -> str:
    what = "countries" if regions.is_world else f'regions of "{regions.title}"'
    if not name:
        return f'"{table.title}" has no column of names or codes, so its rows have no place on a map.'
    cells = [key for key in table.keys(name) if key != MISSING][:1]
    example = f' "{cells[0]}" is none. {regions.suggest(cells[0], by)}' if cells else ""
    ways = ", ".join(f'"{way}"' for way in list(regions.spellings)[:6])
    return (
        f'No column of "{table.title}" names the {what}: the nearest is "{name}".{example} '
        f"Regions are known by {ways}. Map other regions with a GeoJSON file of their shapes."
    )


def _check_once(table: Table, regions: Regions, column: str, places: np.ndarray) -> None:
    """Raise if a region has two rows at one time: nobody could tell which of them the map shows."""
    there = places[table.coding(column).codes]
    times = np.zeros(len(table), dtype=np.int64) if table.time is None else table.coding(table.time).codes
    order = there.astype(np.int64) * (int(times.max(initial=0)) + 1) + times
    order = order[there >= 0]
    values, counts = np.unique(order, return_counts=True)
    if not len(counts) or counts.max() == 1:
        return
    row = int(np.flatnonzero(there >= 0)[np.flatnonzero(order == values[np.argmax(counts)])[0]])
    named = sorted({str(table.frame[column].iloc[i]) for i in np.flatnonzero(there == there[row])})
    when = "" if table.time is None else f" in {table.keys(table.time)[times[row]]}"
    both = f" (named {' and '.join(named)})" if len(named) > 1 else ""
    advice = (
        "Sum or average them first, or choose the column of times under “What the columns mean”."
        if table.time is None
        else "Sum or average them first."
    )
    raise BoundaryError(
        f'"{table.title}" has {int(counts.max()):,} rows for {regions.names[there[row]]}{when}{both}, '
        f"and a map shows one. {advice}"
    )
