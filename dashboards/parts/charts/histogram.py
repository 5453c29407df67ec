"""A stacked histogram with a rug above it: what is selected in colour, the rest of the whole in grey."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.parts.charts.layout import TICKS, base_layout, number_format, trace_id
from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, context_color

__all__ = ["REST", "Rug", "histogram_spec"]

REST = "not selected"


@dataclass(frozen=True)
class Rug:
    """The single values under a histogram.

    Attributes
    ----------
    x : ndarray of float, shape (n,)
    lane : ndarray of int, shape (n,)
        Index of each value's key among the keys of the histogram.
    text : ndarray of str, shape (n,)
        Name of each row, not escaped.
    selected : ndarray of bool, shape (n,)
    """

    x: np.ndarray
    lane: np.ndarray
    text: np.ndarray
    selected: np.ndarray


def histogram_spec(
    edges: np.ndarray,
    keys: Sequence[Hashable],
    selected: np.ndarray,
    whole: np.ndarray,
    *,
    colors: Mapping[Any, str],
    title: str,
    axis_title: str,
    count_title: str,
    mode: Mode,
    top: float | None = None,
    names: Sequence[Sequence[str]] | None = None,
    rug: Rug | None = None,
    hidden: frozenset[str] = frozenset(),
    as_whole_number: bool = True,
    framed: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Draw counts a bin, stacked by key, with the unselected rest on top in grey.

    Parameters
    ----------
    edges : ndarray of float, shape (bins + 1,)
    keys : sequence, length k
        Categories, in the order of their stacking; one legend entry each.
    selected, whole : ndarray of float, shape (k, bins)
        Counts (or sums of weights) of the selected rows and of all rows.
    colors : mapping
        Key to colour.
    title, axis_title, count_title : str
        Plain texts.
    mode : {"light", "dark"}
    top : float, optional
        Upper end of the count axis; fixed by the caller so that pictures keep their place.
    names : sequence of sequences of str, optional
        For each bin the names of its rows, for the hover text.
    rug : Rug, optional
        Drawn above the bars, a lane a key.
    hidden : frozenset of str
        Keys that are switched off in the legend.
    as_whole_number : bool
        Format of the counts on hover.
    framed : (float, float), optional
        Ends of the bin that a click selected. It is framed by a shape, not by an outline as a brush has:
        Plotly keeps clicks inside an outline for itself, and a second click has to let go of the bin.

    Returns
    -------
    dict
        A figure spec.
    """
    centers, widths = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    spans = [f"{low:,g} – {high:,g}" for low, high in itertools.pairwise(edges)]
    if names is not None:
        spans = [span + _members(group) for span, group in zip(spans, names, strict=True)]
    number = ",.0f" if as_whole_number else number_format(whole)
    bars = [
        _bar(
            str(key),
            centers,
            widths,
            selected[place],
            color=colors[key],
            visible="legendonly" if str(key) in hidden else True,
            showlegend=True,
            hovertext=spans,
            hovertemplate=f"<b>%{{fullData.name}}</b>: %{{y:{number}}}<br>%{{hovertext}}<extra></extra>",
        )
        for place, key in enumerate(keys)
    ]
    rest = _bar(
        REST,
        centers,
        widths,
        whole.sum(axis=0) - selected.sum(axis=0),
        color=context_color(mode),
        showlegend=False,
        hovertemplate=f"not selected: %{{y:{number}}}<extra></extra>",
    )
    ticks = [] if rug is None else _rug_traces(rug, keys, colors, hidden, mode)
    layout = base_layout(
        title,
        mode,
        barmode="stack",
        bargap=0.04,
        showlegend=len(keys) > 1,
        # Upright at the side: a line of many names would grow into the title.
        legend={"x": 1.01, "y": 1, "traceorder": "normal", "itemsizing": "constant"},
        dragmode="select",
        selectdirection="h",
        xaxis={"title": {"text": escape(axis_title)}, "range": [edges[0], edges[-1]], "anchor": "y", **TICKS},
        yaxis={
            "title": {"text": escape(count_title)},
            "domain": [0, 0.78] if rug is not None else [0, 1],
            "fixedrange": True,
            **({"range": [0, top]} if top else {"rangemode": "tozero"}),
            **TICKS,
        },
        shapes=[_frame(framed)],
    )
    if rug is not None:
        layout["xaxis2"] = {
            "matches": "x",
            "anchor": "y2",
            "showticklabels": False,
            "showgrid": False,
            "range": [edges[0], edges[-1]],
        }
        layout["yaxis2"] = {
            "domain": [0.81, 1],
            "range": [len(keys) - 0.4, -0.6],
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
    return {"data": [*bars, rest, *ticks], "layout": layout}


def _frame(ends: tuple[float, float] | None) -> dict[str, Any]:
    """Return the frame around a bin; it is there always, so that showing it changes nothing else."""
    low, high = ends or (0.0, 0.0)
    place = {"x0": low, "x1": high, "y0": 0, "y1": 1, "yref": "y domain"}
    return {
        "type": "rect",
        **place,
        "visible": ends is not None,
        "line": {"color": "#808891", "width": 1.5, "dash": "dot"},
    }


def _bar(
    name: str, x: np.ndarray, width: np.ndarray, y: np.ndarray, *, color: str, **more: Any
) -> dict[str, Any]:
    return {
        "type": "bar",
        "uid": trace_id("bar", name),
        "name": escape(name),
        "legendgroup": name if name != REST else None,
        "x": x,
        "width": width,
        "y": y,
        "marker": {"color": color, "line": {"width": 0}},
        "unselected": {"marker": {"opacity": 0.35}},
        **more,
    }


def _rug_traces(
    rug: Rug, keys: Sequence[Hashable], colors: Mapping[Any, str], hidden: frozenset[str], mode: Mode
) -> list[dict[str, Any]]:
    text = np.array([escape(name) for name in rug.text], dtype=object)
    traces = []
    for place, key in enumerate(keys):
        rows = rug.lane == place
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "uid": trace_id("rug", key),
                "name": escape(key),
                "legendgroup": str(key),
                "showlegend": False,
                "visible": "legendonly" if str(key) in hidden else True,
                "xaxis": "x2",
                "yaxis": "y2",
                "x": rug.x[rows],
                "y": np.full(int(rows.sum()), place),
                "hovertext": text[rows],
                "hovertemplate": "<b>%{hovertext}</b><br>%{x}<extra></extra>",
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 9,
                    "line": {"width": 1.2},
                    "color": np.where(rug.selected[rows], colors[key], context_color(mode)),
                },
                "unselected": {"marker": {"opacity": 0.35}},
            }
        )
    return traces


def _members(names: Sequence[str], shown: int = 8) -> str:
    """Return the rows of a bin as a hover text, the largest bins cut short."""
    if not names:
        return ""
    more = f"<br>and {len(names) - shown} more" if len(names) > shown else ""
    return "<br>" + "<br>".join(escape(name) for name in names[:shown]) + more
