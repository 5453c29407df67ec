"""Regions of a map: their keys, names, spellings, middles and shapes; for maps and for matching tables."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from data_sources.boundaries.world import countries
from data_sources.errors import did_you_mean

__all__ = ["Regions", "Shapes", "spelling", "world_regions"]

_WORDS = {
    "st": "saint", "rep": "republic", "dem": "democratic", "is": "islands", "fed": "federated",
    "sts": "states", "isl": "islands", "terr": "territories", "utd": "united",
}  # fmt: skip
_LEFT_OUT = frozenset({"the", "of"})


def spelling(cell: object) -> str:
    """Reduce a name or code to what makes it different: no case, accents, marks, blanks or filling words.

    "Côte d'Ivoire" and "COTE D IVOIRE" are one, "St. Lucia" and "Saint Lucia", "004" and 4.0.
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKD", str(cell))
    text = "".join(char for char in text if not unicodedata.combining(char)).casefold()
    text = re.sub(r"['’`´]", "", text.replace("&", " and "))
    words = [_WORDS.get(word, word) for word in re.findall(r"\w+", text)]
    words = [word.lstrip("0") or "0" if word.isdigit() else word for word in words]
    return "".join(word for word in words if word not in _LEFT_OUT) or "".join(words)


class Shapes(dict[str, Any]):
    """The shapes of a GeoJSON file: made once, never changed, shared by all that draw them.

    Plotly copies what it is given, to any depth: of 3,000 regions that is a third of a second a visitor.
    """

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __deepcopy__(self, memo: dict[int, Any]) -> Shapes:
        return self

    @cached_property
    def weight(self) -> int:
        """Bytes as JSON."""
        return len(json.dumps(self, separators=(",", ":")))


@dataclass(frozen=True, eq=False)
class Regions:
    """The regions of a map.

    Attributes
    ----------
    name, title : str
        Short name, and name for people.
    keys : tuple of str, length n
        What stands for a region on the map: "AFG", or the place of a feature.
    names : tuple of str, length n
        For people.
    lon, lat : ndarray of float, shape (n,)
        Middles, degrees.
    drawn : ndarray of bool, shape (n,)
        Whether there is a shape that can be seen; else a dot stands for it.
    spellings : mapping of str to mapping
        For each way of naming regions ("name", "code", a property of a file): spelling to place.
    geojson : Shapes, optional
        The shapes; None for the countries of the world, whose shapes every map brings along.
    properties : DataFrame, optional
        What a file says of its regions, a row each.
    source : str
        Where it comes from.
    notes : tuple of str
        What the reader had to do, in sentences.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    lon: np.ndarray
    lat: np.ndarray
    drawn: np.ndarray
    spellings: Mapping[str, Mapping[str, int]]
    geojson: Shapes | None = None
    properties: pd.DataFrame | None = None
    source: str = ""
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def is_world(self) -> bool:
        """Whether these are the countries that come along."""
        return self.geojson is None

    def find(self, cells: Iterable[object], by: str) -> np.ndarray:
        """Return the place of the region that each cell names, -1 for none: int, shape (cells,)."""
        known = self.spellings[by]
        return np.array([known.get(spelling(cell), -1) for cell in cells], dtype=int)

    def suggest(self, cell: object, by: str) -> str:
        """Return 'Did you mean "Germany"?' for a cell that names no region, or some names that there are."""
        if by == "name" and self.is_world:
            return did_you_mean(cell, _every_name())
        known = list(self.spellings[by])
        return did_you_mean(spelling(cell), known)


@lru_cache(maxsize=1)
def _every_name() -> tuple[str, ...]:
    return tuple(name for country in countries() for name in (country.name, *country.also))


@lru_cache(maxsize=1)
def world_regions() -> Regions:
    """Return the countries and territories of the world, named by name, by ISO code or by ISO number."""
    known = countries()
    names = {}
    for place, country in reversed(list(enumerate(known))):
        for name in (*country.also, country.name):
            names[spelling(name)] = place
    codes = {spelling(country.code): place for place, country in enumerate(known)}
    codes2 = {spelling(country.code2): place for place, country in enumerate(known)}
    numbers = {spelling(country.number): place for place, country in enumerate(known) if country.number}
    return Regions(
        name="world",
        title="Countries of the world",
        keys=tuple(country.code for country in known),
        names=tuple(country.name for country in known),
        lon=np.array([country.lon for country in known]),
        lat=np.array([country.lat for country in known]),
        drawn=np.array([country.drawn for country in known]),
        spellings={"name": names, "code": codes, "two letters": codes2, "number": numbers},
        source="Plotly.js 3.1.0: UN Geodata and Natural Earth",
    )
