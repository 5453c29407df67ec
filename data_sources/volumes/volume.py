"""`Volume`: values in three dimensions, where they lie in space, and one plane of them at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.limits import VOLUME_BYTES, VOLUME_SIDE, VOLUME_VOXELS, WINDOW_SAMPLE

__all__ = ["Volume", "check_volume_header"]

WINDOW_PERCENTILES = (1.0, 99.5)
"""What counts as black and white when nobody said: a few hot voxels must not make everything else dark."""

PLANES = {"sagittal": "LR", "coronal": "PA", "axial": "IS"}
"""Names of planes, and the directions along which one moves from one to the next."""

_FINITE_VOXELS = 4_194_304
"""Voxels that are looked at at once when NaN is looked for."""


def check_volume_header(shape: Sequence[int], dtype: np.dtype[Any], name: str, *, held: bool) -> None:
    """Refuse a volume by what its header says, before a value is read.

    Parameters
    ----------
    shape : sequence of int
        All sizes.
    dtype : dtype
        Type of the values.
    name : str
        What to call the volume in the message.
    held : bool
        Whether it must be held in memory: it is compressed, or came as bytes.

    Raises
    ------
    ImageError
        Not three axes, an empty or a very long one, values that are no real numbers, too many of them.
    """
    size = " × ".join(f"{one:,}" for one in shape)
    if len(shape) != 3:
        also = {2: "; a single picture opens on the pages for images", 4: "; choose one of a series first"}
        raise ImageError(f"{name}: {len(shape)} axes ({size}); a volume has three{also.get(len(shape), '')}")
    if min(shape) < 1:
        raise ImageError(f"{name}: a volume of {size} voxels; each side needs at least one")
    if min(shape) < 2:
        raise ImageError(
            f"{name}: a single picture ({size}); a volume has at least two along each axis. "
            "Pictures open on the pages for images"
        )
    if max(shape) > VOLUME_SIDE:
        raise ImageError(f"{name}: {size} voxels; allowed are {VOLUME_SIDE:,} along an axis. Crop it")
    if dtype.kind not in "biuf":
        raise ImageError(
            f"{name}: values of type {dtype.name}; allowed are real numbers (integers, floats, booleans). "
            "Take one channel, or the magnitude of complex numbers"
        )
    voxels = math.prod(shape)
    if voxels > VOLUME_VOXELS:
        raise ImageError(
            f"{name}: {size} is {voxels:,} voxels; allowed are {VOLUME_VOXELS:,}. Crop or shrink it"
        )
    if held and voxels * dtype.itemsize > VOLUME_BYTES:
        raise ImageError(
            f"{name}: {size} {dtype.name} takes {voxels * dtype.itemsize:,} bytes of memory; allowed are "
            f"{VOLUME_BYTES:,}. Crop it, or save it as .nii, .npy or Zarr on the disk: read in parts"
        )


class Volume:
    """Values in three dimensions, in the order of their file; an affine says where they lie.

    Parameters
    ----------
    values : (I, J, K) array
        Real numbers: an array, a memory map, or anything with `shape`, `dtype` and slices (Zarr, HDF5,
        dask), of which only what is asked for is read.
    spacing : (float, float, float)
        Size of a voxel along each axis in mm; taken from `affine` when that is given.
    affine : (4, 4) array, optional
        Voxel indices → mm, x to the right, y to the front, z to the top of a person (RAS, as in NIfTI).
        Without it the volume is not oriented, and its affine only scales by `spacing`.
    name : str
        What to call it.
    header : nibabel header, optional
        Of the NIfTI it came from; what is saved beside it gets the same space.
    fill : float, optional
        What to put where values are NaN or infinite; the volume is then held in memory.

    Raises
    ------
    ImageError
        Not three axes, no real numbers, NaN or infinite values, a spacing that is not above 0, an affine that
        folds space; or too large.
    """

    def __init__(
        self,
        values: Any,
        spacing: Sequence[float] = (1.0, 1.0, 1.0),
        affine: Any = None,
        name: str = "volume",
        header: Any = None,
        fill: float | None = None,
    ) -> None:
        self.values = values if hasattr(values, "dtype") and hasattr(values, "shape") else np.asarray(values)
        self.name = name or "volume"
        self.shape: tuple[int, int, int] = tuple(int(one) for one in self.values.shape)  # type: ignore[assignment]
        self.dtype = np.dtype(self.values.dtype).newbyteorder("=")
        check_volume_header(self.shape, self.dtype, self.name, held=False)
        self.oriented, self.header = affine is not None, header
        self.affine = self._checked_affine(spacing, affine)
        steps = np.linalg.norm(self.affine[:3, :3], axis=0)
        self.spacing: tuple[float, float, float] = tuple(steps.tolist())
        self._check_values(fill)

    def _checked_affine(self, spacing: Sequence[float], affine: Any) -> NDArray[np.float64]:
        if affine is None:
            steps = tuple(float(step) for step in spacing)
            if len(steps) != 3 or not all(math.isfinite(step) and step > 0 for step in steps):
                raise ImageError(
                    f"{self.name}: the size of a voxel is three numbers above 0, in mm; "
                    f"given was {tuple(spacing)}"
                )
            return np.diag([*steps, 1.0])
        matrix = np.array(affine, np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise ImageError(f"{self.name}: an affine is 4 × 4 finite numbers; given was {affine!r}")
        steps = tuple(np.linalg.norm(matrix[:3, :3], axis=0).tolist())
        if min(steps) <= 0 or abs(np.linalg.det(matrix[:3, :3])) < 1e-6 * math.prod(steps):
            size = " × ".join(f"{step:.3g}" for step in steps)
            raise ImageError(
                f"{self.name}: an affine with voxels of {size} mm whose axes "
                "do not span space; each size must be above 0 and the axes differ. Repair the header first"
            )
        return matrix

    def _check_values(self, fill: float | None) -> None:
        if self.dtype.kind != "f":
            return
        _, rows, cols = self.shape
        step = max(1, _FINITE_VOXELS // (rows * cols))
        bad = 0
        for start in range(0, self.shape[0], step):
            part = np.asarray(self.values[start : start + step])
            bad += part.size - int(np.isfinite(part).sum())
        if bad and fill is not None:
            check_volume_header(self.shape, self.dtype, self.name, held=True)
            self.values = np.nan_to_num(self.array(), nan=fill, posinf=fill, neginf=fill)
        elif bad:
            raise ImageError(
                f"{self.name}: {bad:,} of {math.prod(self.shape):,} values are NaN or infinite; "
                "replace them first (numpy.nan_to_num), or give fill=0"
            )

    def __repr__(self) -> str:
        size, steps = " × ".join(map(str, self.shape)), " × ".join(f"{one:.3g}" for one in self.spacing)
        where = " ".join(self.codes) if self.oriented else "not oriented"
        return f"Volume({self.name!r}: {size} {self.dtype.name}, {steps} mm, {where})"

    # Where it lies
    # --------------------------------------------------------------------------------------------------------

    @cached_property
    def codes(self) -> tuple[str, str, str]:
        """Where each axis runs to: R(ight), L(eft), A (front), P (back), S (up), I (down); "" = unknown."""
        if not self.oriented:
            return ("", "", "")
        from nibabel.orientations import aff2axcodes

        found = aff2axcodes(self.affine)
        return tuple(str(one) for one in found)  # type: ignore[return-value]

    def axis(self, plane: str) -> int:
        """Return the axis across a plane: "axial", "coronal" or "sagittal".

        A volume that is not oriented is taken for a stack: its pictures (first axis) are axial.
        """
        if plane not in PLANES:
            raise ImageError(f"there is no plane {plane!r}; allowed are {', '.join(PLANES)}")
        if not self.oriented:
            return ("axial", "coronal", "sagittal").index(plane)
        return next(axis for axis, code in enumerate(self.codes) if code in PLANES[plane])

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel in millilitres."""
        return float(abs(np.linalg.det(self.affine[:3, :3])) / 1000)

    def mm(self, ijk: Any) -> NDArray[np.float64]:
        """Return where voxels lie: (..., 3) indices → (..., 3) mm."""
        return np.asarray(ijk, np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def voxel(self, mm: Any) -> NDArray[np.float64]:
        """Return the indices, not rounded, of places: (..., 3) mm → (..., 3)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(mm, np.float64) @ inverse[:3, :3].T + inverse[:3, 3]

    # Values
    # --------------------------------------------------------------------------------------------------------

    def box(self, *parts: slice | int) -> NDArray[Any]:
        """Return a part of the values, in memory and in this machine's byte order."""
        found = np.asarray(self.values[parts])
        return found if found.dtype.isnative else found.astype(found.dtype.newbyteorder("="))

    def slice(self, axis: int, n: int) -> NDArray[Any]:
        """Return plane number `n` across an axis; of a lazy volume only that is read.

        Parameters
        ----------
        axis : {0, 1, 2}
        n : int
            Counted from 0.

        Returns
        -------
        2-D array
            The other two axes in their order, so ``slice(1, n)[i, k]`` is ``values[i, n, k]``.
        """
        if axis not in (0, 1, 2):
            raise ImageError(f"{self.name}: there is no axis {axis}; allowed are 0, 1 and 2")
        if not 0 <= n < self.shape[axis]:
            raise ImageError(
                f"{self.name}: there is no plane {n} across axis {axis}; "
                f"there are {self.shape[axis]}, counted from 0"
            )
        parts: list[slice | int] = [slice(None)] * 3
        parts[axis] = int(n)
        return self.box(*parts)

    def array(self) -> NDArray[Any]:
        """Return all values in memory."""
        return self.box(slice(None), slice(None), slice(None))

    def window(self) -> tuple[float, float]:
        """Return the values to show as black and white: low and high percentiles of a sample."""
        return self._window

    @cached_property
    def _window(self) -> tuple[float, float]:
        sample = self.sample()
        low, high = np.percentile(sample, WINDOW_PERCENTILES).tolist()
        if low < high:
            return float(low), float(high)
        low, high = float(sample.min()), float(sample.max())
        return (low, high) if low < high else (low, low + 1.0)

    def sample(self) -> NDArray[Any]:
        """Return about `WINDOW_SAMPLE` values, evenly spread, the same ones each time; 1-D."""
        step = max(1, round((math.prod(self.shape) / WINDOW_SAMPLE) ** (1 / 3)))
        first = [min(step // 2, length - 1) for length in self.shape]
        planes = [
            self.box(n, slice(first[1], None), slice(first[2], None))[::step, ::step]
            for n in range(first[0], self.shape[0], step)
        ]
        found = np.stack(planes).ravel()
        return found.astype(np.uint8) if found.dtype == bool else found
