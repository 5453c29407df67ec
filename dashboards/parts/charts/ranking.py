"""A sorted bar chart: the rows of one moment from the highest to the lowest, the selected ones in colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout, number_format
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["ranking_spec", "short_name"]

# Names under the bars up to this many; more would stand on each other.
_NAMED = 16
_NAME_CHARS = 16


def ranking_spec(
    names: Sequence[str],
    values: np.ndarray,
    selected: np.ndarray,
    colors: np.ndarray,
    coloraxis: dict[str, Any],
    *,
    title: str,
    value_title: str,
    unit: str,
    scale: Literal["linear", "log"],
    value_range: tuple[float, float] | None,
    mode: Mode,
) -> dict[str, Any]:
    """Draw sorted bars.

    Parameters
    ----------
    names : sequence of str, length n
        From the highest to the lowest; not escaped.
    values : ndarray of float, shape (n,)
    selected : ndarray of bool, shape (n,)
    colors : ndarray of float, shape (n,)
        Places on the colour axis.
    coloraxis : dict
        As ``layout.coloraxis``; its bar is not shown again.
    title, value_title, unit : str
        Plain texts. The axis below has no title: placed by names that come and go, Plotly 3.1.0 loses it.
    scale : {"linear", "log"}
        Of the values.
    value_range : (float, float), optional
        Ends of the value axis, the same at all times.
    mode : {"light", "dark"}

    Returns
    -------
    dict
        A figure spec of two traces, which share the axis: the selected bars, and the rest in grey.
    """
    place = np.arange(len(names), dtype=float)
    number, after = number_format(values), f" {escape(unit)}" if unit else ""
    common: dict[str, Any] = {
        "type": "bar",
        "x": place,
        "width": np.full(len(place), 1.0 if len(place) > 60 else 0.84),
        "hovertext": [escape(name) for name in names],
        "hovertemplate": f"<b>%{{hovertext}}</b><br>%{{y:{number}}}{after}<extra></extra>",
    }
    bars = [
        {
            **common,
            "uid": "selected",
            "name": "selected",
            "y": np.where(selected, values, np.nan),
            "marker": {"color": colors, "coloraxis": "coloraxis", "line": {"width": 0}},
        },
        {
            **common,
            "uid": "rest",
            "name": "rest",
            "y": np.where(selected, np.nan, values),
            "marker": {"color": context_color(mode), "line": {"width": 0}},
        },
    ]
    named = np.flatnonzero(selected).tolist()
    if len(named) > _NAMED:
        named = []
    value_axis: dict[str, Any] = {"title": {"text": escape(value_title)}, "type": scale, **TICKS}
    if value_range is not None:
        value_axis["range"] = [
            float(end) for end in (np.log10(value_range) if scale == "log" else value_range)
        ]
    layout = base_layout(
        title,
        mode,
        barmode="overlay",
        bargap=0,
        clickmode="event",
        dragmode="zoom",
        coloraxis={**coloraxis, "showscale": False},
        xaxis={
            "tickvals": named,
            "ticktext": [short_name(names[place]) for place in named],
            "range": [-0.8, max(len(names), 1) - 0.2],
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis=value_axis,
    )
    return {"data": bars, "layout": layout}


def short_name(name: str) -> str:
    """Return a name as it stands under a bar, escaped."""
    return escape(name if len(name) <= _NAME_CHARS else name[: _NAME_CHARS - 1] + "…")
