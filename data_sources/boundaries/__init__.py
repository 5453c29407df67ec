"""Shapes of regions: the world's countries, or a GeoJSON file; and which row of a table lies where."""

from __future__ import annotations

from data_sources.boundaries.geojson import read_boundaries
from data_sources.boundaries.matching import LATITUDE, LONGITUDE, Located, locate, region_table
from data_sources.boundaries.montreal import election, montreal_regions
from data_sources.boundaries.regions import Regions, Shapes, spelling, world_regions
from data_sources.boundaries.world import Country, countries, world_topology

__all__ = [
    "LATITUDE",
    "LONGITUDE",
    "Country",
    "Located",
    "Regions",
    "Shapes",
    "countries",
    "election",
    "locate",
    "montreal_regions",
    "read_boundaries",
    "region_table",
    "spelling",
    "world_regions",
    "world_topology",
]
