"""Time lines: the whole of each category in thin grey, its selected part in colour, now marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout, number_format, trace_id
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["lines_spec"]


def lines_spec(
    times: np.ndarray,
    whole: Mapping[str, np.ndarray],
    selected: Mapping[str, np.ndarray],
    *,
    colors: Mapping[str, str],
    title: str,
    time_title: str,
    value_title: str,
    value_range: tuple[float, float],
    now: float | str | None,
    mode: Mode,
) -> dict[str, Any]:
    """Draw one line a name.

    Parameters
    ----------
    times : ndarray, shape (t,)
    whole, selected : mapping of str to ndarray of float, shape (t,)
        Lines of the context, and those in colour; NaN where there is no row.
    colors : mapping
        Name of a selected line to its colour.
    title, time_title, value_title : str
        Plain texts.
    value_range : (float, float)
        Ends of the value axis.
    now : float or str, optional
        The time that the rest of the page shows.
    mode : {"light", "dark"}

    Returns
    -------
    dict
        A figure spec: the grey traces first.
    """
    context = [
        {
            "type": "scatter",
            "mode": "lines",
            "uid": trace_id("whole", name),
            "x": times,
            "y": values,
            "line": {"color": context_color(mode), "width": 1.5},
            "hoverinfo": "skip",
        }
        for name, values in whole.items()
    ]
    number = number_format(*whole.values(), *selected.values())
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "uid": trace_id("line", name),
            "name": escape(name),
            "x": times,
            "y": values,
            "line": {"color": colors[name], "width": 2.2},
            "marker": {"size": 5},
            "hovertemplate": f"<b>{escape(name)}</b> %{{x}}<br>%{{y:{number}}}<extra></extra>",
        }
        for name, values in selected.items()
    ]
    layout = base_layout(
        title,
        mode,
        xaxis={
            "title": {"text": escape(time_title)},
            "tickformat": "d" if np.issubdtype(times.dtype, np.number) else None,
        },
        yaxis={"title": {"text": escape(value_title)}, "range": list(value_range), **TICKS},
        shapes=[]
        if now is None
        else [
            {
                "type": "line",
                "x0": now,
                "x1": now,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": "#808891", "width": 1, "dash": "dot"},
            }
        ],
    )
    return {"data": [*context, *lines], "layout": layout}
