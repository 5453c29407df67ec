"""Surfaces and measures of what was found in a volume, and their files; pure, for the volume page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.volumes import Volume

__all__ = ["Surface", "class_surface", "head_surface", "measured", "stl_bytes"]

# Of the steps of a mask, before its surface is drawn; voxels.
QUIET = 0.8
# Voxels of the whole that are marched through: its surface is context.
COARSE_VOXELS = 1_500_000


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface of triangles.

    Attributes
    ----------
    vertices : (n, 3) float array
        mm, or voxels of a volume that is not oriented times its spacing.
    faces : (m, 3) int array
        Corners of each triangle.
    """

    vertices: NDArray[np.floating[Any]] = field(repr=False)
    faces: NDArray[np.integer[Any]] = field(repr=False)

    @property
    def area(self) -> float:
        """Area, mm²."""
        a, b, c = (self.vertices[self.faces[:, corner]] for corner in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def class_surface(volume: Volume, mask: NDArray[np.bool_], most: int) -> Surface:
    """Return the surface of a mask, of at most so many triangles."""
    from scipy import ndimage

    places = np.argwhere(mask)
    low, high = places.min(axis=0), places.max(axis=0) + 1
    part = np.pad(mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))], 2).astype(np.float32)
    return _marched(ndimage.gaussian_filter(part, QUIET), 0.5, volume, low - 2, 1, most)


def head_surface(volume: Volume, most: int) -> Surface:
    """Return the surface of the whole, where its values rise above what is around it."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    step = max(1, round((np.prod(volume.shape) / COARSE_VOXELS) ** (1 / 3)))
    coarse = np.asarray(volume.values[::step, ::step, ::step]).astype(np.float32)
    soft = np.pad(ndimage.gaussian_filter(coarse, 1.0), 1, constant_values=float(coarse.min()))
    sample = volume.sample()
    level = float(threshold_otsu(sample)) if np.ptp(sample) > 0 else 0.5
    if not soft.min() < level < soft.max():
        return Surface(np.zeros((0, 3)), np.zeros((0, 3), int))
    return _marched(soft, level, volume, np.full(3, -step), step, most)


def _marched(
    values: NDArray[np.float32], level: float, volume: Volume, first: Any, step: int, most: int
) -> Surface:
    """March through a box of values that begins at voxel `first`; coarser until it is within the budget."""
    from skimage.measure import marching_cubes

    none = Surface(np.zeros((0, 3)), np.zeros((0, 3), int))
    for coarser in (1, 2, 3, 4, 6, 8):
        if min(values.shape) < 2 * coarser or not values.min() < level < values.max():
            return none
        vertices, faces, _, _ = marching_cubes(values, level, step_size=coarser)
        if len(faces) <= most:
            break
    return Surface(volume.mm(vertices * step + first), faces)


def measured(
    volume: Volume, labels: NDArray[np.uint8], surfaces: Mapping[int, Surface]
) -> dict[int, dict[str, float]]:
    """Measure each class: how large it is, and the values in it.

    Returns
    -------
    dict
        Number of the class → name with unit → number. The extent is along the axes of the volume.
    """
    found: dict[int, dict[str, float]] = {}
    for class_id in np.unique(labels[labels > 0]).tolist():
        places = np.argwhere(labels == class_id)
        low, high = places.min(axis=0), places.max(axis=0) + 1
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        values = volume.box(*box)[labels[box] == class_id].astype(np.float64)
        extent = (high - low) * np.array(volume.spacing)
        found[class_id] = {
            "voxels": len(places),
            "volume [ml]": len(places) * volume.voxel_ml,
            "surface [cm²]": surfaces[class_id].area / 100,
            **{f"extent {name} [mm]": float(one) for name, one in zip("ijk", extent, strict=True)},
            "mean": float(values.mean()),
            "standard deviation": float(values.std()),
            "minimum": float(values.min()),
            "maximum": float(values.max()),
        }
    return found


def stl_bytes(surfaces: list[Surface]) -> bytes:
    """Write surfaces as one binary STL, mm."""
    rows = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    parts = []
    for surface in surfaces:
        part = np.zeros(len(surface.faces), rows)
        part["corners"] = surface.vertices[surface.faces]
        a, b, c = (part["corners"][:, one] for one in range(3))
        normal = np.cross(b - a, c - a)
        part["normal"] = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        parts.append(part)
    made = np.concatenate(parts) if parts else np.zeros(0, rows)
    return b"Brushlink".ljust(80) + np.uint32(len(made)).tobytes() + made.tobytes()
