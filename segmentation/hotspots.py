"""Where a stroke would teach most: uncertain areas, far from strokes; for dashboards and scripts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.errors import SegmentationError

__all__ = ["HotSpot", "hot_spots"]

CELL = 8
"""Side of the cells that uncertainty is averaged over: single uncertain pixels are noise."""

FAR = 200.0
"""Pixels from the nearest stroke beyond which a place does not count as farther."""


@dataclass(frozen=True)
class HotSpot:
    """A place to label next.

    Attributes
    ----------
    center : tuple of int
        Its most uncertain cell, in pixels, (row, column) or (plane, row, column).
    box : tuple of slice
        Pixels around it.
    score : float
        Uncertainty × area × distance, relative to the best place's.
    uncertainty : float
        Mean over the place, 0..1.
    area : int
        Pixels (or voxels).
    distance : float
        Mean distance from the nearest stroke in pixels, `FAR` at most.
    """

    center: tuple[int, ...]
    box: tuple[slice, ...]
    score: float
    uncertainty: float
    area: int
    distance: float


def hot_spots(uncertainty: np.ndarray, labels: np.ndarray, count: int = 5) -> list[HotSpot]:
    """Rank the places where a stroke would teach most.

    Parameters
    ----------
    uncertainty : float array
        1 − margin of every pixel: `PixelClassifier.uncertainty`.
    labels : array
        The label map drawn so far, same shape; 0 = no label.
    count : int
        Places at most.

    Returns
    -------
    list of HotSpot
        Best first; empty where nothing is uncertain.

    Raises
    ------
    SegmentationError
        Shapes that do not match.
    """
    from scipy.ndimage import distance_transform_edt, find_objects
    from scipy.ndimage import label as connected
    from skimage.measure import block_reduce

    labels = np.asarray(labels)
    if labels.shape != uncertainty.shape:
        raise SegmentationError(f"the labels have shape {labels.shape}, the uncertainty {uncertainty.shape}")
    cells = _cell_means(uncertainty)
    drawn = block_reduce(labels > 0, (CELL,) * labels.ndim, np.max)
    distance = np.full(cells.shape, FAR)
    if drawn.any():
        distance = np.minimum(distance_transform_edt(~drawn) * CELL, FAR)
    open_cells = cells * (distance > 0)
    # The more uncertain fifth of the picture, if it is uncertain at all.
    level = max(float(np.quantile(open_cells, 0.8)), 0.1)
    places, _ = connected(open_cells > level, structure=np.ones((3,) * labels.ndim))
    found = []
    for number, box in enumerate(find_objects(places), start=1):
        if box is None:
            continue
        mine = places[box] == number
        mean, far = float(cells[box][mine].mean()), float(distance[box][mine].mean())
        top = np.unravel_index(np.where(mine, cells[box], -1).argmax(), mine.shape)
        center = tuple(
            min(int((part.start + at + 0.5) * CELL), n - 1)
            for part, at, n in zip(box, top, labels.shape, strict=True)
        )
        pixels = tuple(
            slice(part.start * CELL, min(part.stop * CELL, n))
            for part, n in zip(box, labels.shape, strict=True)
        )
        area = int(mine.sum()) * CELL**labels.ndim
        found.append(HotSpot(center, pixels, mean * area * far, mean, area, far))
    found.sort(key=lambda spot: -spot.score)
    best = found[0].score if found else 1.0
    return [
        HotSpot(spot.center, spot.box, spot.score / best, spot.uncertainty, spot.area, spot.distance)
        for spot in found[:count]
    ]


def _cell_means(values: np.ndarray) -> np.ndarray:
    """Mean over cells of `CELL` pixels a side; those at the far border average what they have."""
    for axis, length in enumerate(values.shape):
        starts = np.arange(0, length, CELL)
        sizes = np.diff(np.append(starts, length))
        shape = [-1 if a == axis else 1 for a in range(values.ndim)]
        values = np.add.reduceat(values, starts, axis=axis) / sizes.reshape(shape)
    return values
