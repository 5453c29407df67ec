"""Strokes as a person draws them on a lesion: one in it, a loop around it in each of two planes; seeded."""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi
from skimage.measure import find_contours

from segmentation.strokes import Stroke

__all__ = ["LESION", "REST", "lesion_strokes"]

LESION, REST = 1, 2
BRUSH = 3.0
"""Width of the brush in voxels."""

PlaneStroke = tuple[int, int, Stroke]
"""Axis across the plane, number of the plane, what is drawn in it."""


def lesion_strokes(truth: np.ndarray, seed: int = 0) -> list[PlaneStroke]:
    """Three strokes: along the lesion and around it in an axial plane, around it in a coronal one.

    The hand sees the lesion and no more: it chooses a plane near the one where the lesion looks largest, is
    a voxel or two inside when it draws along, and three to six outside when it draws around, unsteadily.

    Parameters
    ----------
    truth : (I, J, K) bool array
    seed : int
        Of the hand, not of the lesion.
    """
    rng = np.random.default_rng([seed, int(truth.sum())])
    axial = _near_largest(truth, 2, rng)
    coronal = _near_largest(truth, 1, rng)
    return [
        (2, axial, _along(truth[:, :, axial], rng)),
        (2, axial, _around(truth[:, :, axial], rng)),
        (1, coronal, _around(truth[:, coronal], rng)),
    ]


def _near_largest(truth: np.ndarray, axis: int, rng: np.random.Generator) -> int:
    areas = truth.sum(tuple(one for one in range(3) if one != axis))
    wide = np.flatnonzero(areas > 0.8 * areas.max())
    return int(rng.choice(wide))


def _along(section: np.ndarray, rng: np.random.Generator) -> Stroke:
    """Draw from one end of the lesion towards the other, bent, a voxel or more within its edge."""
    depth = ndi.distance_transform_edt(section)
    inside = np.argwhere(depth >= min(BRUSH / 2 + 1.5, 0.7 * depth.max()))
    start = inside[rng.integers(len(inside))]
    stop = inside[np.argmax(((inside - start) ** 2).sum(1))]
    way = start + np.linspace(0, 1, 12)[:, None] * (stop - start)
    way += ndi.gaussian_filter1d(rng.normal(0, 2.5, way.shape), 2, axis=0)
    nearest = [inside[np.argmin(((inside - point) ** 2).sum(1))] for point in way]
    return Stroke("path", tuple((float(row), float(col)) for row, col in nearest), LESION, BRUSH)


def _around(section: np.ndarray, rng: np.random.Generator) -> Stroke:
    """Draw a loop three to six voxels away from the lesion."""
    away = ndi.distance_transform_edt(~np.pad(section, 12))
    level = rng.uniform(3.5, 5.0) + ndi.gaussian_filter(rng.normal(0, 1, away.shape), 6, mode="wrap") * 12
    loop = max(find_contours(away - np.clip(level, 3.0, 6.0), 0), key=len) - 12
    loop = np.clip(loop[:: max(1, len(loop) // 60)], 0, np.array(section.shape) - 1.0)
    return Stroke("path", tuple((float(row), float(col)) for row, col in loop), REST, BRUSH)
