"""The countries of the world: codes, names, middles, and the outlines that travel with a page.

The files beside this module, their sources and licences are described in ``SOURCES.md``.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

__all__ = ["Country", "countries", "world_topology"]


@dataclass(frozen=True)
class Country:
    """A country or territory of ISO 3166-1, and Kosovo.

    Attributes
    ----------
    code, code2, number : str
        "AFG", "AF", "004"; a number may be empty.
    name : str
        English, as people say it.
    also : tuple of str
        Other names and spellings.
    lon, lat : float
        Middle of its largest piece, degrees.
    drawn : bool
        Whether `world_topology` has a shape of it that can be seen on a world map; else it needs a dot.
    """

    code: str
    code2: str
    number: str
    name: str
    also: tuple[str, ...]
    lon: float
    lat: float
    drawn: bool


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Return all 250 countries and territories, by code."""
    text = files("data_sources.boundaries").joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(
        Country(
            row["code"],
            row["code2"],
            row["number"],
            row["name"],
            tuple(filter(None, row["also"].split("|"))),
            float(row["lon"]),
            float(row["lat"]),
            row["drawn"] == "shape",
        )
        for row in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=1)
def world_topology() -> bytes:
    """Return the outlines of the world at 1:110m as TopoJSON, packed by gzip: about 0.11 MB.

    Plotly's file has some countries in several pieces of one code (South Sudan, Spain, Ecuador, …), of which
    plotly.js draws the first only. Here they are joined.
    """
    packed = files("data_sources.boundaries").joinpath("world_110m.json.gz").read_bytes()
    topology = json.loads(gzip.decompress(packed))
    layer = topology["objects"]["countries"]
    layer["geometries"] = _joined(layer["geometries"])
    return gzip.compress(json.dumps(topology, separators=(",", ":")).encode(), 6, mtime=0)


def _joined(geometries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the geometries of one code, and put the middle of each country where `countries` has it."""
    middles = {country.code: [country.lon, country.lat] for country in countries()}
    found: dict[str, dict[str, Any]] = {}
    for geometry in geometries:
        code = geometry["id"]
        pieces = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        if code in found:
            found[code]["arcs"] += pieces
        else:
            middle = middles.get(code, geometry["properties"]["ct"])
            found[code] = {"type": "MultiPolygon", "arcs": pieces, "id": code, "properties": {"ct": middle}}
    return list(found.values())
