"""Colours and Plotly templates: the one look of every dashboard; for dashboards and parts."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from plotly.colors import get_colorscale, hex_to_rgb

__all__ = [
    "CATEGORICAL",
    "MISSING_COLOR",
    "SEQUENTIAL",
    "Mode",
    "category_colors",
    "colorscale",
    "context_color",
    "merged",
    "sequential_hex",
    "sequential_stops",
    "template",
]

Mode = Literal["light", "dark"]

# Okabe and Ito (2008): told apart with the common kinds of colour blindness, on white and on near-black.
# Yellow comes late because it is weak on white.
CATEGORICAL = (
    "#0072B2",
    "#009E73",
    "#E69F00",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#8C6BB1",
    "#B8A800",
    "#7F7F7F",
)
MISSING_COLOR = "#9AA0A6"

SEQUENTIAL = "Viridis"

_CONTEXT = {"light": "#DDE1E6", "dark": "#3B4149"}
_INK = {"light": "#20262E", "dark": "#E8EAED"}
_QUIET_INK = {"light": "#5A6472", "dark": "#A9B1BC"}
_GRID = {"light": "#ECEFF2", "dark": "#2B3037"}
_PANEL = {"light": "#FFFFFF", "dark": "#1B1F24"}

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def category_colors(keys: Iterable[object]) -> dict[object, str]:
    """Give each category its colour, by its place in `keys`.

    Parameters
    ----------
    keys : iterable
        All categories of a column in the column's own order, so that a category
        keeps its colour in every view and under every selection.

    Returns
    -------
    dict
        Category to "#RRGGBB"; colours repeat after the ninth category.
    """
    return {key: CATEGORICAL[place % len(CATEGORICAL)] for place, key in enumerate(keys)}


def context_color(mode: Mode) -> str:
    """Return the grey of what is not selected."""
    return _CONTEXT[mode]


_STOPS = np.array([hex_to_rgb(color) for _, color in get_colorscale(SEQUENTIAL)], dtype=float)


def sequential_hex(values: np.ndarray, low: float, high: float, missing: str = MISSING_COLOR) -> list[str]:
    """Map numbers to colours of the sequential map.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN gets the `missing` colour.
    low, high : float
        Values at the two ends of the map; values beyond are clipped.
    missing : str
        Colour of NaN.

    Returns
    -------
    list of str, length n
        "#rrggbb" colours.
    """
    values = np.asarray(values, dtype=float)
    span = high - low
    place = np.full(values.shape, 0.5) if not span > 0 else np.clip((values - low) / span, 0, 1)
    gaps = np.isnan(place) | np.isnan(values)
    place = np.where(gaps, 0.0, place) * (len(_STOPS) - 1)
    below = np.minimum(place.astype(int), len(_STOPS) - 2)
    part = (place - below)[:, None]
    mixed = np.rint(_STOPS[below] * (1 - part) + _STOPS[below + 1] * part).astype(int)
    return [missing if gap else f"#{r:02x}{g:02x}{b:02x}" for (r, g, b), gap in zip(mixed, gaps, strict=True)]


def sequential_stops() -> np.ndarray:
    """Return the colours that `sequential_hex` mixes: float, shape (stops, 3), 0 to 255."""
    return _STOPS.copy()


def template(mode: Mode) -> dict[str, Any]:
    """Return the Plotly template of a mode as plain JSON-able data.

    Parameters
    ----------
    mode : {"light", "dark"}

    Returns
    -------
    dict
        With the key "layout"; backgrounds are transparent, so the page shows through.
    """
    axis = {
        "gridcolor": _GRID[mode],
        "linecolor": _GRID[mode],
        "zerolinecolor": _GRID[mode],
        "tickcolor": _GRID[mode],
        # Labels have their room by automargin: Plotly need not look for those that stick out of the picture,
        # which measures each of them and takes a fifth of the time of a drawing.
        "automargin": True,
        "ticklabeloverflow": "allow",
        "title": {"font": {"size": 13, "color": _QUIET_INK[mode]}, "standoff": 6},
        "tickfont": {"size": 12, "color": _QUIET_INK[mode]},
    }
    return {
        "layout": {
            "font": {"family": _FONT, "size": 12, "color": _INK[mode]},
            "title": {"font": {"size": 14, "color": _INK[mode]}, "x": 0, "xanchor": "left", "pad": {"l": 4}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(CATEGORICAL),
            "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": _PANEL[mode],
                "bordercolor": _QUIET_INK[mode],
                "font": {"family": _FONT, "size": 13, "color": _INK[mode]},
            },
            "xaxis": axis,
            "yaxis": axis,
            "legend": {"font": {"size": 12, "color": _INK[mode]}, "bgcolor": "rgba(0,0,0,0)"},
            "coloraxis": {"colorbar": {"outlinewidth": 0, "ticks": "", "tickfont": {"size": 12}}},
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": _QUIET_INK[mode],
                "activecolor": _INK[mode],
                "orientation": "h",
            },
            "newselection": {"line": {"color": _INK[mode], "width": 1, "dash": "dot"}},
            "activeselection": {"fillcolor": "#56B4E9", "opacity": 0.12},
            "geo": {"bgcolor": "rgba(0,0,0,0)", "landcolor": _CONTEXT[mode], "showframe": False},
        }
    }


@functools.cache
def colorscale() -> Sequence[tuple[float, str]]:
    """Return the sequential colour map as Plotly's stops."""
    return tuple(tuple(stop) for stop in get_colorscale(SEQUENTIAL))


def merged(base: Mapping[str, Any], *over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested dicts; later ones win. Used to lay a chart's layout over the shared one."""
    result: dict[str, Any] = dict(base)
    for layer in over:
        for key, value in layer.items():
            old = result.get(key)
            result[key] = (
                merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
            )
    return result
