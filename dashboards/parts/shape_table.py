"""What drawn shapes measure, in pixels and in the image's unit; pure functions of image and shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_sources.images import Image
from segmentation.annotations import AnnotationClass
from segmentation.strokes import Box, Stroke, stroke_mask

__all__ = ["TYPES", "measured", "outline_of", "shape_table", "window_mask"]

TYPES = {
    "rect": "Rectangle",
    "circle": "Ellipse",
    "line": "Line",
    "path": "Pen stroke",
    "polygon": "Area",
}
"""Kind of a stroke to the name that people read."""

_CIRCLE_CORNERS = 128


def outline_of(stroke: Stroke) -> NDArray[np.float64]:
    """Return the corners (row, col) of a shape; of an ellipse 128 on its outline."""
    points = np.asarray(stroke.vertices, float)
    if stroke.kind == "rect":
        (a, b), (c, d) = points
        return np.array([(a, b), (a, d), (c, d), (c, b)])
    if stroke.kind == "circle":
        middle, half = points.mean(axis=0), np.abs(points[1] - points[0]) / 2
        turn = np.arange(_CIRCLE_CORNERS) * 2 * math.pi / _CIRCLE_CORNERS
        return middle + half * np.column_stack([np.sin(turn), np.cos(turn)])
    return points


def window_mask(stroke: Stroke, shape: tuple[int, int], margin: int = 0) -> tuple[NDArray[np.bool_], Box]:
    """Return the pixels of a shape in the box around it, and that box.

    Parameters
    ----------
    stroke : Stroke
    shape : (int, int)
        Of the image.
    margin : int
        Pixels around it that the box holds too, where the image goes on.
    """
    touched = stroke.box(shape)
    if touched is None:
        return np.zeros((1, 1), bool), (0, 0, 1, 1)
    box = (
        max(touched[0] - margin, 0),
        max(touched[1] - margin, 0),
        min(touched[2] + margin, shape[0]),
        min(touched[3] + margin, shape[1]),
    )
    here = (box[2] - box[0], box[3] - box[1])
    moved = _moved(stroke, -box[0], -box[1])
    return stroke_mask(moved, here), box


def _moved(stroke: Stroke, down: int, right: int) -> Stroke:
    def move(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        return tuple((row + down, col + right) for row, col in ring)

    return Stroke(
        stroke.kind, move(stroke.vertices), stroke.class_id, stroke.width, tuple(map(move, stroke.holes))
    )


def measured(image: Image, stroke: Stroke) -> dict[str, Any]:
    """Measure one shape: box, area, length and mean intensity, by the name of the column."""
    shape = (image.array.shape[0], image.array.shape[1])
    outline = outline_of(stroke)
    low, high = outline.min(axis=0), outline.max(axis=0)
    mask, (row0, col0, row1, col1) = window_mask(stroke, shape)
    inside = image.array[row0:row1, col0:col1][mask]
    pixels = int(mask.sum())
    row: dict[str, Any] = {
        "x (px)": low[1],
        "y (px)": low[0],
        "Width (px)": high[1] - low[1],
        "Height (px)": high[0] - low[0],
        "Area (px)": pixels if stroke.is_area else np.nan,
        "Length (px)": _length(stroke, (1.0, 1.0)),
    }
    if image.pixel_size is not None:
        down, across = image.pixel_size[-2:]
        row[f"Area ({image.unit}²)"] = row["Area (px)"] * down * across
        row[f"Length ({image.unit})"] = _length(stroke, (down, across))
    means = np.atleast_1d(inside.mean(axis=0)) if pixels else np.full(image.channels, np.nan)
    names = image.channel_names if image.channels > 1 else ("",)
    for name, mean in zip(names, means, strict=False):
        row[f"Mean {name}".strip()] = float(mean)
    return row


def _length(stroke: Stroke, pixel: tuple[float, float]) -> float:
    """Length of a line, or of the way around an area with its holes."""
    rings = [outline_of(stroke), *(np.asarray(ring, float) for ring in stroke.holes)]
    total = 0.0
    for ring in rings:
        steps = np.diff(np.vstack([ring, ring[:1]]) if stroke.is_area else ring, axis=0) * pixel
        total += float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    return total


def shape_table(
    image: Image,
    strokes: Sequence[Stroke],
    classes: Sequence[AnnotationClass],
    known: dict[Stroke, dict[str, Any]] | None = None,
) -> pd.DataFrame:
    """Return a row a shape, in the order they were drawn, numbered from 1.

    Length is that of a line, and the way around an area; area counts pixels, mean intensity is over them.

    Parameters
    ----------
    image : Image
    strokes : sequence of Stroke
    classes : sequence of AnnotationClass
    known : dict, optional
        What shapes on this image were found to measure; grows.
    """
    known = {} if known is None else known
    names = {0: "(eraser)", **{one.id: one.name for one in classes}}
    for one in strokes:
        if one not in known:
            known[one] = measured(image, one)
    if not strokes:
        columns = ["#", "Type", "Class", *measured(image, Stroke("rect", ((0, 0), (1, 1)), 1))]
        return pd.DataFrame(columns=columns)
    return pd.DataFrame(
        {"#": number, "Type": TYPES[one.kind], "Class": names.get(one.class_id, ""), **known[one]}
        for number, one in enumerate(strokes, start=1)
    )
