"""/region as a saved file: the image with its values, its selections, and how its pictures answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboards.parts.image_static import image_data, image_picture, layer_data
from dashboards.parts.image_view import ImageView
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.region_figures import ink, profile_figure
from dashboards.parts.region_math import channel_labels
from dashboards.parts.region_panels import STATISTICS
from dashboards.parts.region_state import RegionState
from dashboards.parts.static_view import Picture, StaticView, as_shown
from dashboards.parts.theme import CATEGORICAL, Mode, context_color

__all__ = ["region_view"]

MODES: tuple[Mode, ...] = ("light", "dark")
HISTOGRAM_HEIGHT, PROFILE_HEIGHT = 360, 260
NEEDS_PYTHON = (
    "Selecting, histograms, statistics, bands and profiles work in this file, from its pixels. "
    "Another image, contrast or number of bins, and keeping more masks, need Python."
)


def region_view(
    state: RegionState, view: ImageView, histogram: LinkedPlotly, rows: Sequence[int]
) -> StaticView:
    """Return what a saved file of /region holds.

    Parameters
    ----------
    state : RegionState
    view : ImageView
    histogram : LinkedPlotly
    rows : sequence of int
        Channels that have a histogram.
    """
    image = state.image
    names = [channel_labels(image)[channel] for channel in rows]
    colors = [state.look.colors[channel] for channel in rows]
    kept = [
        {"name": name, "color": CATEGORICAL[place % len(CATEGORICAL)], "pixels": int(mask.sum())}
        for place, (name, mask) in enumerate(state.masks.items())
    ]
    labels = np.zeros(state.shape, np.uint8)
    for place, mask in enumerate(state.masks.values(), start=1):
        labels[mask] = place
    nothing = np.array([0.0, 1.0]), np.zeros((len(rows), 2))
    profiles = {
        mode: {
            "none": _spec(profile_figure(image, names, colors, None, None, mode)),
            "line": _spec(profile_figure(image, names, colors, *nothing, mode)),
        }
        for mode in MODES
    }
    data = {
        "image": image_data(image),
        "edges": state.edges.tolist(),
        "rows": list(rows),
        "inks": {mode: [ink(color, mode) for color in colors] for mode in MODES},
        "context": {mode: context_color(mode) for mode in MODES},
        "whole": image.array.dtype.kind in "iub",
        "statistics": [[name, words] for name, words in STATISTICS.items()],
        "regions": state.regions,
        "bands": state.bands,
        "lines": state.lines,
        "kept": kept,
        "kept_layer": layer_data(
            labels, {place: f"{one['color']}73" for place, one in enumerate(kept, start=1)}
        )
        if kept
        else None,
        "profiles": profiles,
    }
    pictures = {
        "image": image_picture(view),
        "histogram": as_shown(histogram, HISTOGRAM_HEIGHT),
        "profile": Picture(profiles["light"]["none"], PROFILE_HEIGHT),
    }
    return StaticView(pictures, ("pixels", "picture", "region"), data=data, needs_python=NEEDS_PYTHON)


def _spec(figure: Any) -> dict[str, Any]:
    layout = {key: value for key, value in figure._layout.items() if key != "template"}
    return {"data": [dict(trace) for trace in figure._data], "layout": layout}
