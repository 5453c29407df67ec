"""Context planes: a pixel's wider surroundings, from a pyramid of cell means; for ``feature_*.py``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from segmentation.features import Plane, context_cell
from segmentation.picture import Picture
from segmentation.tiles import Box

__all__ = ["fill_context"]


def fill_context(
    picture: Picture, channel: int | None, box: Box, planes: Sequence[tuple[int, Plane]], out: np.ndarray
) -> None:
    """Write context planes of a channel in a box.

    Parameters
    ----------
    picture : Picture
        Its pyramid levels are computed once and kept (`Picture.level`).
    planes : sequence of (int, Plane)
        Where in `out` each goes.
    out : (P, *box shape) float32 array
        Written in place.
    """
    for index, plane in planes:
        cell = context_cell(plane.sigma)
        values = picture.derived(("context", channel, plane), partial(_coarse, picture, channel, plane, cell))
        out[index] = _interpolated(values, box, cell)


def _coarse(picture: Picture, channel: int | None, plane: Plane, cell: int) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    level = picture.level(channel, cell)
    sigmas = [plane.sigma / cell / step for step in picture.spacing]
    mean = gaussian_filter(level, sigmas, mode="nearest")
    if plane.family == "context mean":
        return mean
    square = gaussian_filter(level * level, sigmas, mode="nearest")
    return np.sqrt(np.maximum(square - mean * mean, 0))


def _interpolated(values: np.ndarray, box: Box, cell: int) -> np.ndarray:
    """Interpolate cell centres linearly at the pixels of a box, axis by axis."""
    for axis, part in enumerate(box):
        position = (np.arange(part.start, part.stop) + 0.5) / cell - 0.5
        position = np.clip(position, 0, values.shape[axis] - 1)
        low = np.minimum(position.astype(np.intp), max(values.shape[axis] - 2, 0))
        high = np.minimum(low + 1, values.shape[axis] - 1)
        weight = (
            (position - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
        )
        first, second = values.take(low, axis), values.take(high, axis)
        values = first + weight * (second - first)
    return values
