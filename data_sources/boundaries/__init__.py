"""Shapes of regions: the world's countries, or a GeoJSON file; and which row of a table lies where."""

from __future__ import annotations

from data_sources.boundaries.world import Country, countries, world_topology

__all__ = ["Country", "countries", "world_topology"]
