"""Tidies labels of volumes: largest part, holes filled, edges smoothed; for volumes.py, dashboards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import Cancelled
from segmentation.scribbles import Scribbles
from segmentation.tiles import grown

__all__ = ["clean_labels"]


def clean_labels(
    labels: NDArray[np.uint8],
    *,
    largest: bool = False,
    fill_holes: bool = False,
    smooth: float = 0,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    scribbles: Scribbles | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.uint8]:
    """Tidy each class of a label volume for itself, in the box around it.

    Parameters
    ----------
    labels : (I, J, K) uint8 array
    largest : bool
        Keep one part that hangs together by faces: with `scribbles` the one that most marks of the class lie
        in, else the largest.
    fill_holes : bool
        Take in what is enclosed.
    smooth : float
        Blur of the edge in mm; before the others.
    spacing : (float, float, float)
        Size of a voxel in mm.
    scribbles : Scribbles, optional
        What was marked.
    cancelled : callable, optional
        As in `VolumeSegmenter`.

    Returns
    -------
    uint8 array
        A new one; where two classes meet, the lower has the voxel.
    """
    from scipy import ndimage

    if not (largest or fill_holes or smooth):
        return labels.copy()
    out = np.zeros_like(labels)
    pad = [int(np.ceil(3 * smooth / step)) + 1 for step in spacing]
    for number, part in enumerate(ndimage.find_objects(labels), 1):
        if part is None:
            continue
        if cancelled is not None and cancelled():
            raise Cancelled("the segmentation was cancelled")
        box = grown(part, pad, labels.shape)
        mask = labels[box] == number
        if smooth:
            sigma = [smooth / step for step in spacing]
            mask = ndimage.gaussian_filter(mask.astype(np.float32), sigma, mode="nearest") > 0.5
        if largest:
            parts, count = ndimage.label(mask)
            if count > 1:
                marks = None if scribbles is None else scribbles.dense(box) == number
                hit = parts[mask] if marks is None or not (marks & mask).any() else parts[marks & mask]
                mask = parts == np.argmax(np.bincount(hit, minlength=count + 1))
        if fill_holes:
            mask = ndimage.binary_fill_holes(mask)
        view = out[box]
        view[mask & (view == 0)] = number
    return out
