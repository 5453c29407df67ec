"""Surfaces of a volume and of what was found in it, for the volume page."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.volumes import Volume
from segmentation.surfaces import Surface, surface

__all__ = ["class_surface", "head_surface"]

# Voxels of the whole that are marched through: its surface is context.
COARSE_VOXELS = 1_500_000


def class_surface(volume: Volume, mask: NDArray[np.bool_], most: int) -> Surface:
    """Return the surface of a mask, of at most so many triangles."""
    return surface(mask, affine=volume.affine, triangles=most)


def head_surface(volume: Volume, most: int) -> Surface:
    """Return the surface of the whole, where its values rise above what is around it."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    step = max(1, round((np.prod(volume.shape) / COARSE_VOXELS) ** (1 / 3)))
    coarse: NDArray[Any] = np.asarray(volume.values[::step, ::step, ::step]).astype(np.float32)
    sample = volume.sample()
    level = float(threshold_otsu(sample)) if np.ptp(sample) > 0 else 0.5
    return surface(
        ndimage.gaussian_filter(coarse, 1.0),
        affine=volume.affine @ np.diag([step, step, step, 1.0]),
        level=level,
        triangles=most,
    )
