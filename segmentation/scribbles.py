"""`Scribbles`: the few marked voxels of a volume, from strokes in its planes; for volumes.py, dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import SegmentationError
from segmentation.limits import MAX_SCRIBBLED
from segmentation.rows import checked_labels
from segmentation.strokes import Stroke, rasterise
from segmentation.tiles import Box, box_shape

__all__ = ["Scribbles"]


@dataclass(frozen=True, eq=False)
class Scribbles:
    """Classes of some voxels, eight bytes and one each: a label volume would take a byte for every voxel.

    Parameters
    ----------
    shape : tuple of int
        Of the volume.
    indices : (n,) int64 array
        Flat indices (C order), ascending.
    ids : (n,) uint8 array
        Their classes, 1..255.
    """

    shape: tuple[int, ...]
    indices: NDArray[np.int64]
    ids: NDArray[np.uint8]

    @classmethod
    def of(cls, labels: Any, shape: Sequence[int]) -> Scribbles:
        """Return `labels` as they are, or made from an array of the volume's shape, 0 = no label."""
        if isinstance(labels, Scribbles):
            if labels.shape != tuple(shape):
                raise SegmentationError(
                    f"the scribbles lie on a volume of shape {labels.shape}, this one has {tuple(shape)}"
                )
            return labels
        flat = checked_labels(labels, tuple(shape)).reshape(-1)
        return cls(tuple(shape), *_bounded(np.flatnonzero(flat), flat))

    @classmethod
    def from_strokes(cls, strokes: Iterable[tuple[int, int, Stroke]], shape: Sequence[int]) -> Scribbles:
        """Rasterise strokes that were drawn in planes.

        Parameters
        ----------
        strokes : iterable of (int, int, Stroke)
            Axis across the plane, number of the plane, and the stroke, whose rows and columns are the other
            two axes in their order. In a plane later strokes win and class 0 erases; where planes cross, the
            one that was drawn in last wins.
        shape : (int, int, int)
            Of the volume.
        """
        planes: dict[tuple[int, int], list[Stroke]] = {}
        for axis, n, stroke in strokes:
            planes.setdefault((axis, n), []).append(stroke)
        sizes = [tuple(size for one, size in enumerate(shape) if one != axis) for axis in range(3)]
        return cls.from_planes(
            (
                (axis, n, rasterise(drawn, (sizes[axis][0], sizes[axis][1])))
                for (axis, n), drawn in planes.items()
            ),
            shape,
        )

    @classmethod
    def from_planes(
        cls, planes: Iterable[tuple[int, int, NDArray[np.uint8]]], shape: Sequence[int]
    ) -> Scribbles:
        """Collect the label maps of planes: (axis across, number, 2-D uint8 array); later ones win."""
        places, ids = [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
        for axis, n, marks in planes:
            if axis not in (0, 1, 2) or not 0 <= n < shape[axis]:
                raise SegmentationError(
                    f"there is no plane {n} across axis {axis} of a volume {tuple(shape)}"
                )
            rows, cols = np.nonzero(marks)
            where: list[Any] = [rows, cols]
            where.insert(axis, np.full(len(rows), n))
            places.append(np.ravel_multi_index(where, tuple(shape)))
            ids.append(marks[rows, cols].astype(np.uint8))
        all_places, all_ids = np.concatenate(places)[::-1], np.concatenate(ids)[::-1]
        indices, first = np.unique(all_places, return_index=True)
        found = _bounded(indices, None)[0]
        return cls(tuple(int(one) for one in shape), found, all_ids[first])

    @property
    def classes(self) -> tuple[int, ...]:
        """Classes that have a mark, ascending."""
        return tuple(np.unique(self.ids).tolist())

    def places(self, class_id: int | None = None) -> NDArray[np.int64]:
        """Return the voxels of a class, or all: (n, 3) indices."""
        chosen = self.indices if class_id is None else self.indices[self.ids == class_id]
        return np.stack(np.unravel_index(chosen, self.shape), axis=1)

    def box(self) -> Box:
        """Return the box around all marks."""
        if not len(self.indices):
            raise SegmentationError("there is no marked voxel; draw a stroke first")
        places = self.places()
        return tuple(
            slice(int(low), int(high) + 1) for low, high in zip(places.min(0), places.max(0), strict=True)
        )

    def dense(self, box: Box | None = None) -> NDArray[np.uint8]:
        """Return the labels of a box, or of the whole volume, 0 = no label."""
        box = box or tuple(slice(0, length) for length in self.shape)
        out = np.zeros(box_shape(box), np.uint8)
        places = self.places() - [part.start for part in box]
        here = ((places >= 0) & (places < out.shape)).all(1)
        out[tuple(places[here].T)] = self.ids[here]
        return out


def _bounded(
    indices: NDArray[np.int64], flat: NDArray[np.uint8] | None
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    if len(indices) > MAX_SCRIBBLED:
        raise SegmentationError(
            f"{len(indices):,} voxels are marked; allowed are {MAX_SCRIBBLED:,}. "
            "Mark less: a few strokes tell enough"
        )
    return indices, np.empty(0, np.uint8) if flat is None else flat[indices]
