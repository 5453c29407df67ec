"""Pictures of /region: a histogram a channel, and the profile along a line; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from dashboards.parts.escape import escape
from dashboards.parts.image_look import WHITE
from dashboards.parts.theme import Mode, context_color, template
from data_sources.images import Image

__all__ = ["HISTOGRAM_ROWS", "histogram_figure", "histogram_patch", "ink", "profile_figure"]

HISTOGRAM_ROWS = 4
"""Channels whose histograms fit below each other."""

# Channels' own colours are too bright for lines and bars on white, and blue too dark on black.
_INKS: Mapping[str, Mapping[Mode, str]] = {
    "#ff0000": {"light": "#D1495B", "dark": "#F07178"},
    "#00ff00": {"light": "#2E8B57", "dark": "#5BC98C"},
    "#0000ff": {"light": "#2F6FB7", "dark": "#6CB0F5"},
    WHITE: {"light": "#41566B", "dark": "#B9C7D6"},
}


def ink(color: str, mode: Mode) -> str:
    """Return the colour in which a channel is drawn in charts."""
    known = _INKS.get(color.lower())
    return known[mode] if known else color


def histogram_figure(
    names: Sequence[str], bounds: NDArray[np.float64], whole: Sequence[NDArray[np.int64]], mode: Mode
) -> go.Figure:
    """Lay out a histogram a channel, below each other: the whole image in grey behind.

    Parameters
    ----------
    names : sequence of str
        Of the channels; escaped here.
    bounds : (bins + 1,) array
    whole : sequence of (bins,) arrays
        Counts of the whole image.
    mode : {"light", "dark"}
    """
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.05)
    middles, width = (bounds[:-1] + bounds[1:]) / 2, float(bounds[1] - bounds[0])
    for row, (name, total) in enumerate(zip(names, whole, strict=True), start=1):
        style: dict[str, Any] = {
            "x": middles,
            "width": np.full(len(middles), width),
            # The browser dims what a brush leaves out in the same subplot alone: we colour all ourselves.
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
        }
        figure.add_trace(
            go.Bar(
                y=_share(total), marker={"color": context_color(mode), "line": {"width": 0}},
                name="whole image", hoverinfo="skip", **style,
            ),
            row, 1,
        )  # fmt: skip
        figure.add_trace(
            go.Bar(
                y=_share(total), customdata=total, name=name,
                marker={"color": [context_color(mode)] * len(total), "line": {"width": 0}},
                hovertemplate="%{x:,.6~g}<br>%{customdata:,} pixels, %{y:.2f} %<extra></extra>", **style,
            ),
            row, 1,
        )  # fmt: skip
        axis = "" if row == 1 else str(row)
        figure.add_annotation(
            text=escape(name), xref=f"x{axis} domain", yref=f"y{axis} domain", x=1, y=1,
            xanchor="right", yanchor="top", showarrow=False, font={"size": 13},
        )  # fmt: skip
    figure.update_xaxes(range=[bounds[0], bounds[-1]], showgrid=False, zeroline=False)
    figure.update_yaxes(rangemode="tozero", fixedrange=True, nticks=4, ticksuffix=" %", zeroline=False)
    figure.update_layout(
        barmode="overlay", bargap=0, showlegend=False, dragmode="select", selectdirection="h",
        margin={"l": 8, "r": 8, "t": 30, "b": 8}, hovermode="closest", template=template(mode),
    )  # fmt: skip
    return figure


def histogram_patch(
    selected: Sequence[NDArray[np.int64]],
    bounds: NDArray[np.float64],
    colors: Sequence[str],
    bands: Mapping[int, tuple[float, float]],
    mode: Mode,
) -> dict[int | str, dict[str, Any]]:
    """Show other selected pixels: counts as shares, in grey where the channel's own band leaves them out."""
    patch: dict[int | str, dict[str, Any]] = {}
    middles = (bounds[:-1] + bounds[1:]) / 2
    for row, (chosen, color) in enumerate(zip(selected, colors, strict=True)):
        inside = np.ones(len(middles), bool)
        if row in bands:
            low, high = bands[row]
            inside = (middles >= low) & (middles < high)
        bright, dim = ink(color, mode), "#9AA0A6"
        patch[2 * row + 1] = {
            "y": _share(chosen),
            "customdata": chosen,
            "marker.color": [bright if one else dim for one in inside],
        }
        patch[2 * row] = {"marker.color": context_color(mode)}
    return patch


def _share(count: NDArray[np.int64]) -> NDArray[np.float64]:
    total = count.sum()
    return count * (100.0 / total) if total else count.astype(float)


def profile_figure(
    image: Image,
    names: Sequence[str],
    colors: Sequence[str],
    along: NDArray[np.float64] | None,
    values: NDArray[np.float64] | None,
    mode: Mode,
) -> go.Figure:
    """Draw the values along a line, a curve a channel; without a line say how to get one."""
    layout: dict[str, Any] = {
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "showlegend": len(names) > 1,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "dragmode": "zoom",
        "hovermode": "x unified",
        "uirevision": "profile",
        "template": template(mode),
    }
    if along is None or values is None:
        return go.Figure(
            [],
            {
                **layout,
                "xaxis": {"visible": False},
                "yaxis": {"visible": False},
                "annotations": [
                    {
                        "text": "Choose “Line” and draw one:<br>the values along it stand here.",
                        "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5,
                        "font": {"size": 14},
                    }
                ],
            },
        )  # fmt: skip
    size = image.pixel_size[-1] if image.pixel_size and len(set(image.pixel_size)) == 1 else None
    unit = escape(image.unit) if size else "px"
    distance = along * (size or 1)
    traces = [
        go.Scatter(
            x=distance,
            y=curve,
            name=escape(name),
            mode="lines",
            line={"color": ink(color, mode), "width": 1.5},
        )
        for name, color, curve in zip(names, colors, values, strict=True)
    ]
    layout["title"] = {"text": f"Along the line, {distance[-1]:,.4g} {unit}"}
    layout["xaxis"] = {"title": {"text": f"distance ({unit})"}, "range": [0, float(distance[-1]) or 1]}
    layout["yaxis"] = {"title": {"text": "value"}}
    return go.Figure(traces, layout)
