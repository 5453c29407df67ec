"""Region growing in volumes: values in a range that hang together with a mark; called by volumes.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.scribbles import Scribbles
from segmentation.tiles import Box, box_shape, grown, inside, tiles
from segmentation.walker import touching

__all__ = ["between", "grow"]

SIGMA = 1.0
"""Blur of the values, of the smallest side of a voxel: single noisy voxels would be holes, and bridges."""
DEVIATIONS = 3.0
"""Standard deviations of the marked, blurred values around their mean, where nothing else was marked."""
NOTABLE, NEAR = 0.05, 25.0
"""Share of other marks on a side that counts, and the percentile of them that is taken for their values."""
CUBE = 64
"""Marks are looked up in cubes of this side."""
PLANES = 16
"""Planes that are looked at at once."""


def between(scribbles: Scribbles, class_id: int) -> list[slice | None]:
    """Range along each axis between the marks of other classes, None where they do not surround it."""
    own = scribbles.places(class_id)
    others = scribbles.places()[scribbles.ids != class_id]
    found: list[slice | None] = []
    for axis in range(3):
        part = None
        if len(others) and len(own):
            low, high = int(others[:, axis].min()), int(others[:, axis].max())
            if low < own[:, axis].min() and high > own[:, axis].max():
                part = slice(low, high + 1)
        found.append(part)
    return found


def grow(
    values: Any,
    scribbles: Scribbles,
    classes: Sequence[int],
    spacing: Sequence[float],
    window: tuple[float, float] | None,
    roi: Box | None,
    check: Callable[[], None],
    tell: Callable[[int, int], None],
) -> tuple[Box, NDArray[np.uint8]]:
    """Grow classes from their marks.

    Parameters
    ----------
    values : (I, J, K) array
    scribbles : Scribbles
    classes : sequence of int
        Those to grow; where two meet, the first has the voxel. Marks of others are walls.
    spacing : (float, float, float)
    window : (float, float), optional
        Range of the blurred values; by default that of the marked ones.
    roi : Box, optional
        Where to grow; by default between the marks of other classes.
    check : callable
        Called now and then; what it raises ends the growing.
    tell : callable
        Called with (classes done, of all).

    Returns
    -------
    box : Box
    labels : uint8 array of the box's shape
    """
    boxes = [roi or _room(scribbles, one) for one in classes]
    around = tuple(
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in range(3)
    )
    out = np.zeros(box_shape(around), np.uint8)
    for done, (class_id, box) in enumerate(zip(classes, boxes, strict=True), 1):
        check()
        marks = scribbles.dense(box)
        fits = np.empty(marks.shape, bool)
        low, high = window or _marked_range(values, scribbles, class_id, spacing)
        for part in tiles(fits.shape, (PLANES, *fits.shape[1:])):
            check()
            here = tuple(slice(b.start + p.start, b.start + p.stop) for b, p in zip(box, part, strict=True))
            blurred = _blurred(values, here, spacing)
            fits[part] = (blurred >= low) & (blurred <= high)
        fits &= (marks == 0) | (marks == class_id)
        check()
        found = touching(fits, marks == class_id)
        view = out[inside(box, around)]
        view[found & (view == 0)] = class_id
        tell(done, len(classes))
    return around, out


def _room(scribbles: Scribbles, class_id: int) -> Box:
    ranges = between(scribbles, class_id)
    return tuple(
        slice(0, length) if part is None else part
        for part, length in zip(ranges, scribbles.shape, strict=True)
    )


def _blurred(values: Any, box: Box, spacing: Sequence[float]) -> NDArray[np.float32]:
    """Blurred values of a box, the same as in the blurred whole."""
    from scipy import ndimage

    sigmas = [SIGMA * min(spacing) / step for step in spacing]
    wide = grown(box, [int(4 * sigma + 0.5) for sigma in sigmas], values.shape)
    blurred = ndimage.gaussian_filter(np.asarray(values[wide], np.float32), sigmas)
    return np.asarray(blurred[inside(box, wide)])


def _marked_range(
    values: Any, scribbles: Scribbles, class_id: int, spacing: Sequence[float]
) -> tuple[float, float]:
    """Range around the marked values of a class: half way to those of others, where there are any."""
    own = _marked(values, scribbles.places(class_id), spacing)
    others = _marked(values, scribbles.places()[scribbles.ids != class_id], spacing)
    mean, reach = float(own.mean()), DEVIATIONS * float(own.std())
    low, high = mean - reach, mean + reach
    below, above = others[others < mean], others[others > mean]
    if len(below) > NOTABLE * len(others):
        low = (mean + float(np.percentile(below, 100 - NEAR))) / 2
    if len(above) > NOTABLE * len(others):
        high = (mean + float(np.percentile(above, NEAR))) / 2
    return low, high


def _marked(values: Any, places: NDArray[np.int64], spacing: Sequence[float]) -> NDArray[np.float32]:
    """Blurred values at places; those of a plane or so are read at once."""
    found = np.empty(len(places), np.float32)
    chunk = places // CUBE
    for cube in np.unique(chunk, axis=0):
        here = (chunk == cube).all(1)
        part = places[here]
        box = tuple(
            slice(int(low), int(high) + 1) for low, high in zip(part.min(0), part.max(0), strict=True)
        )
        found[here] = _blurred(values, box, spacing)[tuple((part - part.min(0)).T)]
    return found
