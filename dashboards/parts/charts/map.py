"""A map of regions coloured by a measure: shapes, dots for what is too small, the outline of a lasso."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.parts.charts.layout import base_layout, number_format
from dashboards.parts.charts.shading import NO_VALUE, Shading
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["DOTS", "OUTLINE", "SHAPES", "Places", "View", "map_spec"]

SHAPES, DOTS, OUTLINE = 0, 1, 2
"""The traces of a map."""

_SEA = {"light": "#F3F7FB", "dark": "#14181D"}
_BORDER = {"light": "#FFFFFF", "dark": "#121212"}
_LASSO = {"light": "#20262E", "dark": "#E8EAED"}
# What is not selected: a breath of its colour over the grey of the land.
_FADED = 0.12
_DOT_PX = 9
# Latitudes of a map of everything: nobody lives further south, and the rest of the picture can be larger.
_INHABITED = (-58, 84)


@dataclass(frozen=True, eq=False)
class Places:
    """The regions that a map shows.

    Attributes
    ----------
    keys : sequence of str, length n
        ISO codes, or ids of the features in `geojson`.
    names : sequence of str, length n
        Not escaped.
    lon, lat : ndarray of float, shape (n,)
        Middles.
    drawn : ndarray of bool, shape (n,)
        Shown as a shape; the others as dots.
    geojson : mapping, optional
        Shapes of their own; else the countries of the world.
    identity : str
        Different for different sets of regions.
    """

    keys: Sequence[str]
    names: Sequence[str]
    lon: np.ndarray
    lat: np.ndarray
    drawn: np.ndarray
    geojson: Mapping[str, Any] | None
    identity: str

    def of_trace(self, trace: int) -> np.ndarray:
        """Return which regions a trace shows, in its order: int."""
        return np.flatnonzero(self.drawn if trace == SHAPES else ~self.drawn)


@dataclass(frozen=True)
class View:
    """Where a map looks.

    Attributes
    ----------
    projection : str
        One of Plotly's.
    rectangle : (west, east, south, north) or None
        Degrees; None shows everything of the world.
    fitted : bool
        Whether the rectangle is all that there is, so that zooming out ends there.
    """

    projection: str
    rectangle: tuple[float, float, float, float] | None = None
    fitted: bool = False

    def layout(self) -> dict[str, Any]:
        """Return the part of ``layout.geo`` that says so."""
        if self.rectangle is None:
            low, high = (-90, 90) if self.projection == "orthographic" else _INHABITED
            return {
                "projection": {"type": self.projection, "scale": 1, "rotation": {"lon": 0, "lat": 0}},
                "center": {"lon": 0, "lat": (low + high) / 2},
                "lataxis": {"range": [low, high]},
            }
        west, east, south, north = self.rectangle
        lon, lat = (west + east) / 2, (south + north) / 2
        round_world = self.projection == "orthographic"
        if self.fitted:
            return {
                "projection": {"type": self.projection, "scale": 1, "rotation": {"lon": lon, "lat": 0}},
                "center": {"lon": lon, "lat": lat},
                "lonaxis": {"range": [west, east]},
                "lataxis": {"range": [south, north]},
            }
        scale = 0.95 * min(360 / (east - west), 180 / (north - south))
        return {
            "projection": {
                "type": self.projection,
                "scale": round(scale / 2 if round_world else scale, 3),
                "rotation": {"lon": lon, "lat": lat if round_world else 0},
            },
            "center": {"lon": lon, "lat": lat},
            "lataxis": {"range": [-90, 90]},
        }


def map_spec(
    places: Places,
    values: np.ndarray,
    selected: np.ndarray | None,
    shading: Shading,
    view: View,
    *,
    title: str,
    value_title: str,
    unit: str,
    mode: Mode,
    ring: Sequence[tuple[float, float]] = (),
    note: str = "",
) -> dict[str, Any]:
    """Draw a map.

    Parameters
    ----------
    places : Places
        Of n regions.
    values : ndarray of float, shape (n,)
        NaN where there is none.
    selected : ndarray of bool, shape (n,), or None
        None: everything.
    shading : Shading
    view : View
    title, value_title, unit : str
        Plain texts.
    mode : {"light", "dark"}
    ring : sequence of (longitude, latitude)
        Outline of the lasso or box that selects; it belongs to the map and turns with it.
    note : str
        Plain text in a corner.

    Returns
    -------
    dict
        A figure spec of three traces: shapes, dots, outline. Between two times only the numbers change: the
        regions and their order are those of all times.
    """
    z, lacking = shading.place(values), shading.lacks(values)
    number, after = number_format(values), f" {escape(unit)}" if unit else ""
    border = {"width": 0.5, "color": _BORDER[mode]}
    traces = []
    for trace in (SHAPES, DOTS):
        rows = places.of_trace(trace)
        shown = {SHAPES: "z", DOTS: "marker.color"}[trace] if shading.kind == "linear" else "customdata"
        known = f"<b>%{{hovertext}}</b><br>%{{{shown}:{number}}}{after}<extra></extra>"
        unknown = f"<b>%{{hovertext}}</b><br>{NO_VALUE}<extra></extra>"
        made: dict[str, Any] = {
            "hovertext": [escape(places.names[row]) for row in rows],
            "hovertemplate": [unknown if lacking[row] else known for row in rows]
            if shading.missing
            else known,
            "selectedpoints": None if selected is None else np.flatnonzero(selected[rows]),
            "showlegend": False,
        }
        if shading.kind != "linear":
            # Seven digits, as many as four bytes hold, are more than a label shows.
            made["customdata"] = values[rows].astype(np.float32)
        if trace == SHAPES:
            made |= {
                "type": "choropleth",
                "uid": f"shapes-{places.identity}",
                "name": "shapes",
                "locations": [places.keys[row] for row in rows],
                "z": z[rows],
                "coloraxis": "coloraxis",
                "marker": {"line": border},
                "unselected": {"marker": {"opacity": _FADED}},
                **(
                    {"locationmode": "ISO-3"}
                    if places.geojson is None
                    else {"locationmode": "geojson-id", "geojson": places.geojson, "featureidkey": "id"}
                ),
            }
        else:
            made |= {
                "type": "scattergeo",
                "uid": "dots",
                "name": "dots",
                "mode": "markers",
                "lon": places.lon[rows],
                "lat": places.lat[rows],
                "marker": {
                    "color": z[rows],
                    "coloraxis": "coloraxis",
                    "size": _DOT_PX,
                    "line": {"width": 1, "color": _BORDER[mode]},
                },
                "unselected": {"marker": {"opacity": 2 * _FADED}},
            }
        traces.append(made)
    lons, lats = _closed(ring)
    traces.append(
        {
            "type": "scattergeo",
            "uid": "outline",
            "name": "outline",
            "mode": "lines",
            "lon": lons,
            "lat": lats,
            "line": {"color": _LASSO[mode], "width": 1.2, "dash": "dot"},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    )
    world = places.geojson is None
    layout = base_layout(
        title,
        mode,
        clickmode="event",
        dragmode="lasso",
        margin={"l": 4, "r": 4, "t": 36, "b": 4},
        coloraxis=shading.coloraxis(value_title),
        annotations=[
            {
                "text": escape(note),
                "x": 0,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "top",
                "showarrow": False,
                "visible": bool(note),
            }
        ],
        geo={
            "bgcolor": "rgba(0,0,0,0)",
            "visible": world,
            "showframe": False,
            "showland": world,
            "landcolor": context_color(mode),
            "showocean": world,
            "oceancolor": _SEA[mode],
            "showcoastlines": world,
            "coastlinecolor": _BORDER[mode],
            "coastlinewidth": 0.5,
            "showlakes": False,
            **view.layout(),
        },
    )
    return {"data": traces, "layout": layout}


def _closed(ring: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return a closed line; without a ring a point, so that the trace is always there to be patched."""
    corners = np.array([*ring, ring[0]] if len(ring) else [(0.0, 0.0), (0.0, 0.0)], dtype=float)
    return corners[:, 0], corners[:, 1]
