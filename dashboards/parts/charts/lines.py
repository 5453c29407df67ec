"""Time lines: the whole of each category in thin grey, its selected part in colour, now marked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["lines_spec"]


def lines_spec(
    times: np.ndarray,
    keys: Sequence[Hashable],
    selected: np.ndarray,
    whole: np.ndarray,
    *,
    colors: Mapping[Any, str],
    title: str,
    time_title: str,
    value_title: str,
    now: float | None,
    mode: Mode,
) -> dict[str, Any]:
    """Draw one line a key.

    Parameters
    ----------
    times : ndarray, shape (t,)
    keys : sequence, length k
    selected, whole : ndarray of float, shape (k, t)
        NaN where a key has no selected rows.
    colors : mapping
        Key to colour.
    title, time_title, value_title : str
        Plain texts.
    now : float, optional
        The time that the rest of the page shows.
    mode : {"light", "dark"}

    Returns
    -------
    dict
        A figure spec: k grey traces, then k coloured ones.
    """
    quiet = context_color(mode)
    context = [
        {
            "type": "scatter",
            "mode": "lines",
            "uid": f"whole-{key}",
            "x": times,
            "y": whole[place],
            "line": {"color": quiet, "width": 1.5},
            "hoverinfo": "skip",
        }
        for place, key in enumerate(keys)
    ]
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "uid": f"line-{key}",
            "name": escape(key),
            "x": times,
            "y": selected[place],
            "line": {"color": colors[key], "width": 2.2},
            "marker": {"size": 5},
            "hovertemplate": f"<b>{escape(key)}</b> %{{x}}<br>%{{y:,.4~s}}<extra></extra>",
        }
        for place, key in enumerate(keys)
    ]
    layout = base_layout(
        title,
        mode,
        xaxis={
            "title": {"text": escape(time_title)},
            "tickformat": "d" if np.issubdtype(times.dtype, np.number) else None,
        },
        yaxis={"title": {"text": escape(value_title)}, **TICKS},
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
