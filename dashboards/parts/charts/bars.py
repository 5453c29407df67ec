"""Bars built of one segment a row: the whole in grey, what is selected over it in colour."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout, number_format
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, colorscale, context_color

__all__ = ["BarScale", "Stack", "bars_spec"]

BarScale = Literal["absolute", "share", "log"]

_BACKGROUND = {"light": "#FFFFFF", "dark": "#121212"}


@dataclass(frozen=True)
class Stack:
    """Segments of bars, each bar's segments one after the other from the axis upwards.

    Attributes
    ----------
    keys : sequence, length k
        The bars, in their order on the axis.
    bar : ndarray of int, shape (s,)
        Index of the bar that a segment belongs to.
    values, selected : ndarray of float, shape (s,)
        Height of a segment, and the part of it that is selected.
    colors : ndarray of float, shape (s,)
        Value shown as colour, NaN where there is none.
    labels : sequence of str, length s
        Name of each segment, not escaped.
    members : sequence of tuple, length k
        The categories that a bar stands for: its own, or the collected others.
    others : sequence of tuple, length s
        What is collected in a segment; empty for an ordinary one.
    """

    keys: Sequence[Hashable]
    bar: np.ndarray
    values: np.ndarray
    selected: np.ndarray
    colors: np.ndarray
    labels: Sequence[str]
    members: Sequence[tuple[Hashable, ...]]
    others: Sequence[tuple[Hashable, ...]]

    def totals(self) -> np.ndarray:
        """Return the height of each bar, shape (k,)."""
        return np.bincount(self.bar, weights=self.values, minlength=len(self.keys))

    def selected_totals(self) -> np.ndarray:
        """Return the selected part of each bar, shape (k,)."""
        return np.bincount(self.bar, weights=self.selected, minlength=len(self.keys))


def bars_spec(
    stack: Stack,
    *,
    title: str,
    axis_title: str,
    value_title: str,
    color_title: str,
    color_range: tuple[float, float],
    scale: BarScale,
    mode: Mode,
    top: float | None = None,
    chosen: Sequence[Hashable] = (),
) -> dict[str, Any]:
    """Draw bars of segments.

    Parameters
    ----------
    stack : Stack
    title, axis_title, value_title, color_title : str
        Plain texts.
    color_range : (float, float)
        Values at the two ends of the colour map.
    scale : {"absolute", "share", "log"}
        Heights as they are; every bar to 100 %; or totals on a logarithmic axis, where a stack would lie.
    mode : {"light", "dark"}
    top : float, optional
        Upper end of the value axis on the absolute scale.
    chosen : sequence
        Categories that this view itself has selected; the bars of others are dimmed.

    Returns
    -------
    dict
        A figure spec: trace 0 the whole, trace 1 the selected part. On the absolute and share scales their
        points are the segments, on the log scale the bars.
    """
    stack = _as_share(stack) if scale == "share" else stack
    if scale == "log":
        place, base = np.arange(len(stack.keys)), np.zeros(len(stack.keys))
        values, selected = stack.totals(), stack.selected_totals()
        colors = _weighted_color(stack)
        labels = [str(key) for key in stack.keys]
    else:
        place, values, selected, colors = stack.bar, stack.values, stack.selected, stack.colors
        labels = list(stack.labels)
        base = _starts(stack.bar, values)
    number = ".1%" if scale == "share" else number_format(values)
    names = [escape(label) for label in labels]
    common: dict[str, Any] = {
        "type": "bar",
        "x": place,
        "width": np.full(len(place), 0.82),
        "base": base if scale != "log" else None,
        "hovertext": names,
    }
    edge = {"width": 0.4 if len(place) > 1 else 0, "color": _BACKGROUND[mode]}
    dimmed = {"marker": {"opacity": 0.3}}
    lit = [bar for bar, members in enumerate(stack.members) if set(members) <= set(chosen)]
    points = np.flatnonzero(np.isin(place, lit)) if chosen else None
    whole = {
        **common,
        "uid": "whole",
        "name": "whole",
        "y": values,
        "marker": {"color": context_color(mode), "line": edge},
        "hovertemplate": f"<b>%{{hovertext}}</b><br>%{{y:{number}}}<br>not selected<extra></extra>",
    }
    part = {
        **common,
        "uid": "selected",
        "name": "selected",
        "y": selected,
        "selectedpoints": points,
        "unselected": dimmed,
        "marker": {"color": colors, "coloraxis": "coloraxis", "line": edge},
        "hovertemplate": (
            f"<b>%{{hovertext}}</b><br>%{{y:{number}}}"
            f"<br>{escape(color_title)}: %{{marker.color:{number_format(stack.colors)}}}<extra></extra>"
        ),
    }
    value_axis: dict[str, Any] = {"title": {"text": escape(value_title)}, **TICKS}
    if scale == "log":
        value_axis |= {"type": "log", "dtick": 1, "range": _log_range(values)}
    elif scale == "share":
        value_axis |= {"type": "linear", "tickformat": ".0%", "range": [0, 1], "dtick": 0.25}
    else:
        value_axis |= {"type": "linear", "range": [0, top] if top else None}
    layout = base_layout(
        title,
        mode,
        barmode="overlay",
        clickmode="event",
        dragmode="zoom",
        xaxis={
            "title": {"text": escape(axis_title)},
            "tickvals": list(range(len(stack.keys))),
            "ticktext": [_short(key) for key in stack.keys],
            "range": [-0.5, len(stack.keys) - 0.5],
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis=value_axis,
        coloraxis={
            "colorscale": colorscale(),
            "cmin": color_range[0],
            "cmax": color_range[1],
            "colorbar": {"title": {"text": escape(color_title), "side": "right"}, "thickness": 10},
        },
    )
    return {"data": [whole, part], "layout": layout}


def _starts(bar: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return where each segment begins: the sum of those before it in the same bar."""
    ends = np.cumsum(values)
    starts = ends - values
    first = np.r_[True, bar[1:] != bar[:-1]] if len(bar) else np.zeros(0, bool)
    return starts - np.repeat(starts[first], np.diff(np.r_[np.flatnonzero(first), len(bar)]))


def _as_share(stack: Stack) -> Stack:
    totals = stack.totals()[stack.bar]
    scale = np.divide(1.0, totals, out=np.zeros_like(totals), where=totals > 0)
    return replace(stack, values=stack.values * scale, selected=stack.selected * scale)


def _weighted_color(stack: Stack) -> np.ndarray:
    known = ~np.isnan(stack.colors)
    weight = np.where(known, stack.values, 0.0)
    sums = np.bincount(
        stack.bar, weights=weight * np.where(known, stack.colors, 0.0), minlength=len(stack.keys)
    )
    weights = np.bincount(stack.bar, weights=weight, minlength=len(stack.keys))
    return np.divide(sums, weights, out=np.full(len(stack.keys), np.nan), where=weights > 0)


def _log_range(values: np.ndarray) -> list[float]:
    positive = values[values > 0]
    if not len(positive):
        return [0, 1]
    return [float(np.floor(np.log10(positive.min()) - 0.3)), float(np.log10(positive.max()) + 0.1)]


def _short(key: Hashable, length: int = 18) -> str:
    text = str(key)
    return escape(text if len(text) <= length else text[: length - 1] + "…")
