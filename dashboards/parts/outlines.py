"""Outlines that a figure with a map needs, so that plotly.js asks no server for them; for LinkedPlotly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from data_sources.boundaries import world_topology

__all__ = ["outlines_for"]

_TRACES = frozenset({"choropleth", "scattergeo"})
_LAYERS = ("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits")
# For maps that draw shapes of their own on an empty ground: plotly.js wants a file even then.
_NOTHING: dict[str, Any] = {
    "type": "Topology",
    "arcs": [],
    "objects": {name: {"type": "GeometryCollection", "geometries": []} for name in _LAYERS},
}


def outlines_for(figure: go.Figure) -> Mapping[str, Any] | None:
    """Return the outlines that a figure's maps need, as `LinkedPlotly` takes them.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure

    Returns
    -------
    mapping or None
        None without a map; {"": …} stands for every scope and resolution of plotly.js. One file serves all:
        the world at 1:110m with its states, packed; nothing but a frame where no layer of it is shown.
    """
    traces = [trace for trace in figure._data if trace.get("type") in _TRACES]
    maps = [figure._layout[key] for key in figure._layout if key.startswith("geo")]
    if not traces and not maps:
        return None
    located = any("locations" in trace and "geojson" not in trace for trace in traces)
    if located or len(maps) < len({trace.get("geo", "geo") for trace in traces}) or any(map(_drawn, maps)):
        return {"": world_topology()}
    return {"": _NOTHING}


def _drawn(layout: Mapping[str, Any]) -> bool:
    """Whether a map shows a layer of the world."""
    shown = any(layout.get(f"show{name}") for name in _LAYERS)
    return shown or layout.get("visible") is not False
