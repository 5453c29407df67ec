"""Surfaces of masks and volumes within a budget of triangles, measures, STL; for dashboards, scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import SegmentationError
from segmentation.limits import SURFACE_TRIANGLES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Surface", "measure_volume", "stl_bytes", "surface"]

SMOOTH = 0.8
"""Blur of a mask, in voxels, before its surface is drawn: enough to take the steps of voxels away."""

STEPS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Coarser grids that are tried until the budget holds."""

PER_CROSSING = 2.2
"""Triangles a pair of neighbours of which one is inside: measured on balls and brains, 1.9 to 2.1."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface.

    Attributes
    ----------
    vertices : (n, 3) float32 array
        In mm.
    faces : (m, 3) int32 array
        Corners of triangles, anticlockwise seen from outside.
    """

    vertices: NDArray[np.float32] = field(repr=False)
    faces: NDArray[np.int32] = field(repr=False)

    @property
    def area(self) -> float:
        """Area in mm²."""
        a, b, c = (self.vertices[self.faces[:, corner]].astype(np.float64) for corner in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)

    @property
    def enclosed(self) -> float:
        """Enclosed volume in mm³, positive when the triangles face outwards."""
        a, b, c = (self.vertices[self.faces[:, corner]].astype(np.float64) for corner in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def surface(
    values: NDArray[Any],
    *,
    affine: Any = None,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    level: float | None = None,
    triangles: int = SURFACE_TRIANGLES,
) -> Surface:
    """Return the surface of a mask, or of where values exceed a level; marching cubes (Lewiner et al. 2003).

    Parameters
    ----------
    values : (I, J, K) array
        A bool mask, which is smoothed so that it keeps its volume, or real numbers.
    affine : (4, 4) array, optional
        Voxel indices → mm.
    spacing : (float, float, float)
        Size of a voxel in mm, used without an affine.
    level : float, optional
        Not for masks; needed for numbers.
    triangles : int
        The most there may be; the grid is coarsened until it holds.

    Returns
    -------
    Surface
        Closed, also where it meets the end of the volume. Without triangles when nothing is inside.
    """
    values = np.asarray(values)
    if values.ndim != 3:
        raise SegmentationError(f"a surface needs three axes; got shape {values.shape}")
    if values.dtype != bool and level is None:
        raise SegmentationError("a surface of numbers needs a level; for a mask give booleans (labels == 1)")
    if triangles < 100:
        raise SegmentationError(f"a surface of at most {triangles} triangles; allowed are 100 or more")
    matrix = np.diag([*spacing, 1.0]) if affine is None else np.asarray(affine, np.float64)
    solid = values if values.dtype == bool else values > level
    box = _box(solid)
    if box is None:
        return Surface(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    crossings = sum(int(np.count_nonzero(np.diff(solid[box], axis=axis))) for axis in range(3))
    guess = (PER_CROSSING * crossings / triangles) ** 0.5
    for step in STEPS:
        if step == 1 and guess > 2:
            continue
        if step < guess * 0.75 and step != STEPS[-1]:
            continue
        vertices, faces = _marched(values, solid, box, level, step)
        if len(faces) <= triangles:
            break
    else:
        raise SegmentationError(
            f"a surface of {len(faces):,} triangles on the coarsest grid; allowed are {triangles:,}. "
            "Smooth it first"
        )
    if np.linalg.det(matrix[:3, :3]) < 0:
        faces = faces[:, ::-1]
    vertices = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    return Surface(vertices.astype(np.float32), np.ascontiguousarray(faces, np.int32))


def _box(solid: NDArray[np.bool_]) -> tuple[slice, ...] | None:
    found = []
    for axis in range(3):
        hit = np.flatnonzero(solid.any(axis=tuple(one for one in range(3) if one != axis)))
        if not len(hit):
            return None
        found.append(slice(max(int(hit[0]) - 1, 0), min(int(hit[-1]) + 2, solid.shape[axis])))
    return tuple(found)


def _marched(
    values: NDArray[Any], solid: NDArray[np.bool_], box: tuple[slice, ...], level: float | None, step: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices in voxel indices and faces, on a grid `step` voxels wide."""
    from scipy import ndimage
    from skimage.measure import marching_cubes

    pad = max(4, 2 * step)
    if level is None or values.dtype == bool:
        field = np.pad(solid[box], pad).astype(np.float32)
        sigma = max(SMOOTH, 0.5 * step)
        soft = ndimage.gaussian_filter(field, sigma)
        # The level at which as many voxels are inside as before: a blur would shrink what is small.
        inside = int(solid[box].sum())
        first, last = soft.size - inside - inside // 12 - 1, soft.size - inside + inside // 12
        near = np.partition(soft.ravel(), (first, last))[first : last + 1]
        edge = float(np.clip(near.mean(), 0.02 * float(soft.max()), 0.98 * float(soft.max())))
    else:
        part = np.asarray(values[box], np.float32)
        soft = np.pad(part, pad, constant_values=min(float(part.min()), level - 1))
        if step > 1:
            soft = ndimage.gaussian_filter(soft, 0.4 * step)
        edge = float(level)
    coarse = np.ascontiguousarray(soft[::step, ::step, ::step])
    if not float(coarse.min()) < edge < float(coarse.max()):
        return np.empty((0, 3)), np.empty((0, 3), np.int32)
    vertices, faces, _, _ = marching_cubes(coarse, edge, gradient_direction="ascent", allow_degenerate=False)
    start = np.array([part.start for part in box])
    return vertices * step - pad + start, faces


def measure_volume(
    labels: NDArray[np.uint8],
    values: Any = None,
    *,
    affine: Any = None,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    names: Mapping[int, str] | None = None,
    surfaces: Mapping[int, Surface] | None = None,
) -> pd.DataFrame:
    """Measure each class of a label volume.

    Parameters
    ----------
    labels : (I, J, K) uint8 array
    values : array, optional
        Of the same shape; of a lazy one only the boxes around the classes are read.
    affine, spacing
        As in `surface`.
    names : mapping of int to str, optional
        Names of the classes.
    surfaces : mapping of int to Surface, optional
        Of the classes, where they are known already; the finest are made otherwise.

    Returns
    -------
    DataFrame
        A row a class that has voxels: class, name, voxels, volume [ml], surface [cm²], extent along each axis
        [mm], and with `values` their mean, standard deviation, minimum, median and maximum.
    """
    import pandas as pd
    from scipy import ndimage

    matrix = np.diag([*spacing, 1.0]) if affine is None else np.asarray(affine, np.float64)
    steps = np.linalg.norm(matrix[:3, :3], axis=0)
    voxel_ml = abs(float(np.linalg.det(matrix[:3, :3]))) / 1000
    rows = []
    for class_id, part in enumerate(ndimage.find_objects(labels), 1):
        if part is None:
            continue
        mask = labels[part] == class_id
        count = int(mask.sum())
        known = None if surfaces is None else surfaces.get(class_id)
        made = known or surface(mask, affine=matrix, triangles=10**9)
        row: dict[str, Any] = {
            "class": class_id,
            "name": (names or {}).get(class_id, f"Class {class_id}"),
            "voxels": count,
            "volume [ml]": count * voxel_ml,
            "surface [cm²]": made.area / 100,
        }
        for axis, letter in enumerate("ijk"):
            row[f"extent {letter} [mm]"] = (part[axis].stop - part[axis].start) * float(steps[axis])
        if values is not None:
            inside = np.asarray(values[part])[mask].astype(np.float64)
            row |= {
                "mean": float(inside.mean()),
                "standard deviation": float(inside.std()),
                "minimum": float(inside.min()),
                "median": float(np.median(inside)),
                "maximum": float(inside.max()),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def stl_bytes(*made: Surface) -> bytes:
    """Return surfaces as one binary STL: mm, normals outwards."""
    corners = np.concatenate([one.vertices[one.faces] for one in made] or [np.empty((0, 3, 3), np.float32)])
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    triangles = np.zeros(
        len(corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("about", "<u2")])
    )
    triangles["normal"] = normals / np.maximum(lengths, 1e-30)
    triangles["corners"] = corners
    return b"Brushlink".ljust(80) + np.uint32(len(corners)).tobytes() + triangles.tobytes()
