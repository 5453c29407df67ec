"""/segment as a saved file: image, strokes, layers of the answer, and its regions with their histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboards.parts.drawing import shape_of
from dashboards.parts.image_static import image_data, image_picture, layer_data
from dashboards.parts.image_view import ImageView
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.segment_learning import Learning
from dashboards.parts.segment_overlay import class_colors, outlines, ramp, share_levels
from dashboards.parts.segment_results import BRUSHED, PLAIN, properties, region_bars
from dashboards.parts.segment_state import SegmentState
from dashboards.parts.static_view import StaticView, as_shown
from segmentation.regions import class_fractions, find_regions, measure_regions

__all__ = ["segment_view"]

HISTOGRAM_HEIGHT = 300
NEEDS_PYTHON = (
    "This file holds the answer to the strokes as they were when it was saved, its layers and its regions. "
    "Drawing more strokes, and so learning, needs Python."
)


def segment_view(
    state: SegmentState, view: ImageView, regions: LinkedPlotly, learning: Learning
) -> StaticView:
    """Return what a saved file of /segment holds.

    Parameters
    ----------
    state : SegmentState
    view : ImageView
    regions : LinkedPlotly
        The histogram of the regions.
    learning : Learning
        Has an answer; without one the file holds the image alone.
    """
    labels, classifier = learning.labels, learning.classifier
    image, classes = state.image, state.classes
    colors = class_colors(classes)
    strokes, _ = state.marks
    data: dict[str, Any] = {
        "image": image_data(image),
        "classes": [{"id": one.id, "name": one.name, "color": one.color} for one in classes],
        # Widths are in pixels of the image; the page makes pixels of the screen of them.
        "shapes": [shape_of(one, colors.get(one.class_id, "#808080"), "", editable=False) for one in strokes],
        "areas": [one.is_area for one in strokes],
        "layers": [],
        "shares": [],
        "regions": [],
        "opacity": state.opacity,
        "bars": {"brushed": BRUSHED, "plain": PLAIN},
    }
    if labels is not None:
        layers = [("labels", "Labels", layer_data(labels, colors))]
        layers.append(("outlines", "Outlines", layer_data(outlines(labels), colors)))
        if classifier is not None and state.is_small:
            target = learning.target()
            shares = classifier.predict_proba(target)
            for place, class_id in enumerate(classifier.classes_.tolist()):
                name = next(one.name for one in classes if one.id == class_id)
                made = layer_data(share_levels(shares[place]), ramp(colors[class_id]))
                layers.append((f"probability {class_id}", f"Probability of {name}", made))
            unsure = layer_data(share_levels(classifier.uncertainty(target)), ramp(heat=True))
            layers.append(("uncertainty", "Uncertainty", unsure))
        data["layers"] = [{"key": key, "label": label, **made} for key, label, made in layers]
        fractions = class_fractions(labels, classes, pixel_size=image.pixel_size, unit=image.unit)
        data["shares"] = [
            {"id": int(row["class_id"]), "share": float(row["fraction"]), "pixels": int(row["pixels"])}
            for row in fractions.to_dict("records")
        ]
        data["labels"] = labels.ravel()
        data |= _regions(state, labels)
    chosen = state.class_or_first(state.measured)
    data["measured"], data["measure"], data["picked"] = chosen, state.measure, state.picked
    data["overlay"] = (
        f"probability {state.class_or_first(state.shown_class)}"
        if state.overlay == "probability"
        else state.overlay
    )
    pictures = {"image": image_picture(view)}
    if data["regions"]:
        pictures["regions"] = as_shown(regions, HISTOGRAM_HEIGHT)
    return StaticView(pictures, ("pixels", "picture", "segment"), data=data, needs_python=NEEDS_PYTHON)


def _regions(state: SegmentState, labels: np.ndarray) -> dict[str, Any]:
    """Measure the regions of every class, and say to which one each pixel belongs."""
    image = state.image
    numbers = np.zeros(labels.shape, np.int32)
    found = []
    for one in state.classes:
        parts = find_regions(labels, one.id, split=state.split, min_pixels=state.min_pixels)
        numbers[parts > 0] = parts[parts > 0]
        table = measure_regions(
            labels,
            [one],
            image=image.array,
            channel_axis=image.channel_axis,
            channel_names=image.channel_names,
            pixel_size=image.pixel_size,
            unit=image.unit,
            split=state.split,
            min_pixels=state.min_pixels,
        )
        found.append({"id": one.id, "columns": [_column(table, name) for name in properties(table)]})
    return {"regions": found, "numbers": numbers.ravel()}


def _column(table: pd.DataFrame, name: str) -> dict[str, Any]:
    values = table[name].to_numpy(float)
    finite = values[np.isfinite(values)]
    bars = region_bars(values, name, None)["trace"]
    middles, widths = np.asarray(bars["x"]), np.asarray(bars["width"])
    # As `region_bars` cuts them; the last edge is the largest value.
    edges = [*(middles - widths / 2).tolist(), float(middles[-1] + widths[-1] / 2)]
    if len(finite):
        edges = np.histogram_bin_edges(finite, bins=len(middles)).tolist()
    return {"name": name, "values": values, "edges": edges}
