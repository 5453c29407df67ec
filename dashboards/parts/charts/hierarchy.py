"""Sunburst and treemap of one tree: sizes of the whole, in colour what is selected, grey elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from dashboards.parts.charts.layout import base_layout, number_format
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, colorscale, context_color, sequential_hex

__all__ = ["hierarchy_spec"]


def hierarchy_spec(
    kind: Literal["sunburst", "treemap"],
    ids: Sequence[str],
    labels: Sequence[str],
    parents: Sequence[str],
    values: np.ndarray,
    means: np.ndarray,
    colors: np.ndarray,
    selected: np.ndarray,
    *,
    title: str,
    size_title: str,
    color_title: str,
    color_range: tuple[float, float],
    mode: Mode,
) -> dict[str, Any]:
    """Draw a tree.

    Parameters
    ----------
    kind : {"sunburst", "treemap"}
    ids, labels, parents : sequence of str, length n
        One entry a node, the root first with the parent "". Labels are plain texts.
    values : ndarray of float, shape (n,)
        Sizes; a parent holds the sum of its children.
    means, colors : ndarray of float, shape (n,)
        Weighted mean of all rows under a node, and of the selected ones; NaN where there are none.
    selected : ndarray of float, shape (n,)
        Share of a node's size that is selected, 0 to 1.
    title, size_title, color_title : str
        Plain texts.
    color_range : (float, float)
    mode : {"light", "dark"}

    Returns
    -------
    dict
        A figure spec. The drill level is not in it: it belongs to the view, which sets it both ways.
    """
    shades = sequential_hex(colors, *color_range, missing=context_color(mode))
    branches = set(parents)
    trace: dict[str, Any] = {
        "type": kind,
        "uid": kind,
        "ids": list(ids),
        "labels": [escape(label) for label in labels],
        "parents": list(parents),
        "values": values,
        "branchvalues": "total",
        "sort": True,
        "marker": {"colors": np.where(selected > 0, shades, context_color(mode)), "line": {"width": 0.8}},
        # The whole and what is selected of it apart: a brush sends the few texts that it changes.
        "hovertext": [f"{escape(color_title)}: {_number(mean)}" for mean in means],
        "customdata": [
            _part(share, value, branch=node in branches)
            for node, share, value in zip(ids, selected, colors, strict=True)
        ],
        "hovertemplate": (
            f"<b>%{{label}}</b><br>{escape(size_title)}: %{{value:{number_format(values)}}}<br>"
            "%{hovertext}%{customdata}<extra></extra>"
        ),
    }
    if kind == "sunburst":
        trace |= {"insidetextorientation": "radial", "leaf": {"opacity": 1}}
    else:
        trace |= {
            "tiling": {"pad": 1},
            "marker": {**trace["marker"], "pad": {"t": 18, "l": 2, "r": 2, "b": 2}},
            "pathbar": {"visible": True, "thickness": 22},
        }
    scale = {
        # Plotly draws a colour bar only for numeric colours; this invisible point carries it.
        "type": "scatter",
        "mode": "markers",
        "uid": "colorbar",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {
            "color": [color_range[0]],
            "cmin": color_range[0],
            "cmax": color_range[1],
            "colorscale": colorscale(),
            "showscale": True,
            "colorbar": {
                "title": {"text": escape(color_title), "side": "right"},
                "thickness": 10,
                "outlinewidth": 0,
                "ticks": "",
            },
        },
    }
    hidden_axis = {"visible": False, "fixedrange": True}
    layout = base_layout(title, mode, xaxis=hidden_axis, yaxis=hidden_axis, margin={"l": 6, "r": 6, "b": 6})
    return {"data": [trace, scale], "layout": layout}


def _number(value: float) -> str:
    return "–" if np.isnan(value) else format(value, ",.4g")


def _part(share: float, value: float, branch: bool) -> str:
    """Return what a hover says of the selected part of a node; the whole needs no words."""
    if share >= 1:
        return ""
    if share <= 0:
        return "<br>not selected"
    return f"<br>{share:.0%} selected" + (f": {_number(value)}" if branch else "")
