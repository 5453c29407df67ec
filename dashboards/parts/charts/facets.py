"""Small multiples: one panel a category, as histogram, bars or bubbles, with shared or free axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout, number_format, trace_id
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["Arrangement", "Axes", "BarPanel", "BubblePanel", "facets_spec", "grid_shape"]

Arrangement = Literal["columns", "rows", "wrap"]
Axes = Literal["shared", "free y", "free"]


@dataclass(frozen=True)
class BarPanel:
    """Bars of one category: histogram bins or the categories of a second dimension.

    Attributes
    ----------
    key : str
    color : str
    x, width : ndarray of float, shape (b,)
    whole, selected : ndarray of float, shape (b,)
    """

    key: str
    color: str
    x: np.ndarray
    width: np.ndarray
    whole: np.ndarray
    selected: np.ndarray


@dataclass(frozen=True)
class BubblePanel:
    """Bubbles of one category, the largest first so that small ones lie on top.

    Attributes
    ----------
    key : str
    color : str
    x, y : ndarray of float, shape (n,)
    area : ndarray of float, shape (n,)
        Bubble areas in the units of the size column.
    text : sequence of str, length n
    selected : ndarray of bool, shape (n,)
    """

    key: str
    color: str
    x: np.ndarray
    y: np.ndarray
    area: np.ndarray
    text: Sequence[str]
    selected: np.ndarray


# From so many panels side by side, their names touch on a phone.
_NARROW = 4


def grid_shape(panels: int, arrangement: Arrangement) -> tuple[int, int]:
    """Return (rows, columns) of the grid."""
    if arrangement == "columns":
        return 1, max(1, panels)
    if arrangement == "rows":
        return max(1, panels), 1
    columns = max(1, math.ceil(math.sqrt(panels)))
    return max(1, math.ceil(panels / columns)), columns


def facets_spec(
    panels: Sequence[BarPanel | BubblePanel],
    *,
    arrangement: Arrangement,
    axes: Axes,
    title: str,
    x_title: str,
    y_title: str,
    mode: Mode,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    log_x: bool = False,
    largest: float = 1.0,
    ticks: Sequence[str] | None = None,
    size_title: str = "",
) -> dict[str, Any]:
    """Draw one panel a category.

    Parameters
    ----------
    panels : sequence of BarPanel or of BubblePanel
    arrangement : {"columns", "rows", "wrap"}
    axes : {"shared", "free y", "free"}
        Shared axes zoom together.
    title, x_title, y_title, size_title : str
        Plain texts.
    mode : {"light", "dark"}
    x_range, y_range : (float, float), optional
        Ranges of shared axes, in data units also when `log_x`.
    log_x : bool
    largest : float
        Value of the size column that gets the largest bubble, the same in every panel.
    ticks : sequence of str, optional
        Names of the bars at x = 0, 1, …, when x counts the categories of a dimension.

    Returns
    -------
    dict
        A figure spec. Panel i uses the axes ``x``/``y`` for i = 0, else ``x{i+1}``/``y{i+1}``.
    """
    rows, columns = grid_shape(len(panels), arrangement)
    gap_x, gap_y = (
        0.16 / columns if axes == "free" or axes == "free y" else 0.06 / columns,
        0.34 / max(rows, 2),
    )
    wide, high = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * (rows - 1)) / rows
    traces: list[dict[str, Any]] = []
    layout = base_layout(
        title, mode, barmode="overlay", dragmode="select", margin={"t": 64, "b": 40, "l": 50}
    )
    across = _range(x_range, log_x) if axes != "free" else None
    up = list(y_range) if y_range is not None and axes == "shared" else None
    labels = []
    for place, panel in enumerate(panels):
        number = "" if place == 0 else str(place + 1)
        row, column = divmod(place, columns)
        left, low = column * (wide + gap_x), 1 - row * (high + gap_y) - high
        traces += (
            _bar_traces(panel, number, mode)
            if isinstance(panel, BarPanel)
            else [_bubble_trace(panel, number, mode, largest, x_title, y_title, size_title)]
        )
        bottom = place + columns >= len(panels)
        layout[f"xaxis{number}"] = {
            "domain": _within(left, left + wide),
            "anchor": f"y{number}",
            "matches": "x" if number and axes != "free" else None,
            "type": "log" if log_x else "linear",
            # Said outright: after a zoom by hand an axis does not range itself any more.
            "autorange": across is None,
            "range": across,
            "showticklabels": bottom or axes == "free",
            "tickvals": list(range(len(ticks))) if ticks is not None else None,
            "ticktext": [escape(tick) for tick in ticks] if ticks is not None else None,
            "nticks": 4,
            # The last number of a panel would run into the first of the next.
            "ticklabeloverflow": "hide past domain" if columns > 1 and ticks is None else "allow",
            **TICKS,
        }
        if log_x:
            layout[f"xaxis{number}"] |= {"dtick": 1, "tickformat": "~s", "tickangle": 0}
        layout[f"yaxis{number}"] = {
            "domain": _within(low, low + high),
            "anchor": f"x{number}",
            "matches": "y" if number and axes == "shared" else None,
            "autorange": up is None,
            "range": up,
            "showticklabels": column == 0 or axes != "shared",
            "nticks": 5,
            **TICKS,
        }
        labels.append(
            _label(
                f"<b>{escape(panel.key)}</b>",
                x=left + wide / 2,
                y=low + high,
                yanchor="bottom",
                size=12 if columns < _NARROW else 11,
            )
        )
    labels += [
        _label(escape(x_title), x=0.5, y=0, yanchor="top", yshift=-22, size=13),
        _label(escape(y_title), x=0, y=0.5, xanchor="right", xshift=-36, textangle=-90, size=13),
    ]
    layout["annotations"] = labels
    return {"data": traces, "layout": layout}


def _label(
    text: str, *, size: int, xanchor: str = "center", yanchor: str = "middle", **more: Any
) -> dict[str, Any]:
    shared = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": size}}
    return {"text": text, "xanchor": xanchor, "yanchor": yanchor, **shared, **more}


def _within(low: float, high: float) -> list[float]:
    """Keep a domain inside the picture: sums of fractions may end a hair beside 0 or 1."""
    return [max(0.0, low), min(1.0, high)]


def _range(ends: tuple[float, float] | None, log: bool) -> list[float] | None:
    if ends is None:
        return None
    return [math.log10(end) for end in ends] if log else list(ends)


def _bar_traces(panel: BarPanel, number: str, mode: Mode) -> list[dict[str, Any]]:
    shown = number_format(panel.whole)
    common = {
        "type": "bar",
        "name": escape(panel.key),
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "x": panel.x,
        "width": panel.width,
        "unselected": {"marker": {"opacity": 0.35}},
    }
    return [
        {
            **common,
            "uid": trace_id("whole", panel.key),
            "y": panel.whole,
            "marker": {"color": context_color(mode)},
            "hovertemplate": f"%{{x}}: %{{y:{shown}}} in all<extra>%{{fullData.name}}</extra>",
        },
        {
            **common,
            "uid": trace_id("selected", panel.key),
            "y": panel.selected,
            "marker": {"color": panel.color},
            "hovertemplate": f"%{{x}}: %{{y:{shown}}} selected<extra>%{{fullData.name}}</extra>",
        },
    ]


def _bubble_trace(
    panel: BubblePanel, number: str, mode: Mode, largest: float, x_title: str, y_title: str, size_title: str
) -> dict[str, Any]:
    x_shown, y_shown = number_format(panel.x), number_format(panel.y)
    size_line = (
        f"<br>{escape(size_title)}: %{{marker.size:{number_format(panel.area)}}}" if size_title else ""
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": trace_id("bubbles", panel.key),
        "name": escape(panel.key),
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "x": panel.x,
        "y": panel.y,
        "hovertext": [escape(text) for text in panel.text],
        "marker": {
            "size": panel.area,
            "sizemode": "area",
            "sizeref": 2 * largest / 28**2 if largest > 0 else 1,
            "sizemin": 2.5,
            "opacity": 0.8,
            "color": np.where(panel.selected, panel.color, context_color(mode)),
            "line": {"width": 0.5, "color": "rgba(255,255,255,.7)"},
        },
        "unselected": {"marker": {"opacity": 0.25}},
        "hovertemplate": (
            f"<b>%{{hovertext}}</b><br>{escape(x_title)}: %{{x:{x_shown}}}"
            f"<br>{escape(y_title)}: %{{y:{y_shown}}}"
            f"{size_line}<extra></extra>"
        ),
    }
