"""`Picture`: any picture, checked once and read box by box as float32; every numeric module reads by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from segmentation.errors import SegmentationError
from segmentation.limits import MAX_CHANNELS
from segmentation.tiles import Box

__all__ = ["SCALES", "Picture"]

SCALES = {"bool": 1.0, "uint8": 1 / 255, "uint16": 1 / 65535, "float16": 1.0, "float32": 1.0, "float64": 1.0}
"""Factor that brings a pixel type to [0, 1]: by type alone, so tile, slice and whole agree."""


class Picture:
    """A picture or volume, with or without channels, whose boxes are read as float32 in [0, 1].

    Parameters
    ----------
    image : array_like
        (rows, columns) or (planes, rows, columns), and channels along `channel_axis`; bool, uint8, uint16
        (scaled by 1/255 and 1/65535) or floats in [0, 1]. Arrays that are read from disk by slicing (Zarr,
        memory maps) stay there.
    channel_axis : int, optional
        Axis of the channels; None = a grey picture.
    spacing : sequence of float, optional
        Size of a pixel along each spatial axis, in the unit of the filters' sigmas; 1 by default.

    Raises
    ------
    SegmentationError
        Not two or three spatial axes, an empty axis, another pixel type, or an array in memory that holds
        values outside [0, 1], NaN or infinities.
    """

    def __init__(
        self, image: Any, channel_axis: int | None = None, spacing: Sequence[float] | None = None
    ) -> None:
        self.array = image if hasattr(image, "dtype") and hasattr(image, "shape") else np.asarray(image)
        ndim = len(self.array.shape)
        if channel_axis is not None and not -ndim <= channel_axis < ndim:
            raise SegmentationError(
                f"channel_axis={channel_axis} does not exist in an image of shape {self.array.shape}"
            )
        self.channel_axis = None if channel_axis is None else channel_axis % ndim
        self.shape = tuple(int(n) for axis, n in enumerate(self.array.shape) if axis != self.channel_axis)
        self.channels = 1 if self.channel_axis is None else int(self.array.shape[self.channel_axis])
        self._check_shape()
        kind = str(self.array.dtype)
        if kind not in SCALES:
            raise SegmentationError(
                f"images of type {kind} are not understood; allowed are {', '.join(SCALES)}. "
                "Integers of another size: convert to uint16, or divide by the largest possible value."
            )
        self.scale = np.float32(SCALES[kind])
        self._lock = threading.RLock()
        self._derived: dict[Hashable, np.ndarray] = {}
        self.spacing = self._checked_spacing(spacing)
        if isinstance(self.array, np.ndarray) and not isinstance(self.array, np.memmap):
            self._check_values(self.array)

    def _check_shape(self) -> None:
        if len(self.shape) not in (2, 3):
            raise SegmentationError(
                f"an image has two or three spatial axes, this one has shape {tuple(self.array.shape)} and "
                f"channel_axis={self.channel_axis}. For colour give channel_axis=-1."
            )
        if min(self.shape) == 0 or self.channels == 0:
            raise SegmentationError(f"the image is empty: its shape is {tuple(self.array.shape)}")
        if self.channels > MAX_CHANNELS:
            raise SegmentationError(
                f"{self.channels} channels along axis {self.channel_axis}, at most {MAX_CHANNELS} allowed; "
                "is channel_axis right?"
            )

    def _checked_spacing(self, spacing: Sequence[float] | None) -> tuple[float, ...]:
        if spacing is None:
            return (1.0,) * len(self.shape)
        values = tuple(float(value) for value in spacing)
        if len(values) != len(self.shape) or not all(np.isfinite(value) and value > 0 for value in values):
            raise SegmentationError(
                f"spacing={tuple(spacing)} must hold {len(self.shape)} positive numbers, one a spatial axis"
            )
        return values

    def _check_values(self, values: np.ndarray) -> None:
        if values.dtype.kind != "f" or values.size == 0:
            return
        low, high = float(values.min()), float(values.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            raise SegmentationError(
                "the image holds NaN or infinite values; replace them first (numpy.nan_to_num)"
            )
        if low < 0 or high > 1:
            raise SegmentationError(
                f"float images must lie in [0, 1], this one spans [{low:.4g}, {high:.4g}]; "
                "rescale it (skimage.exposure.rescale_intensity)"
            )

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.shape)

    def read(self, box: Box, channel: int | None = 0) -> np.ndarray:
        """Return a box of a channel, or of the brightness (None: their mean); float32, C-contiguous."""
        if channel is None:
            total = self.read(box, 0)
            for other in range(1, self.channels):
                total = total + self.read(box, other)
            return total * np.float32(1 / self.channels)
        index: list[slice | int] = list(box)
        if self.channel_axis is not None:
            index.insert(self.channel_axis, channel)
        values = np.asarray(self.array[tuple(index)])
        if not isinstance(self.array, np.ndarray) or isinstance(self.array, np.memmap):
            self._check_values(values)
        if values.dtype.kind == "f" or values.dtype == bool:
            return np.ascontiguousarray(values, dtype=np.float32)
        return np.multiply(values, self.scale, dtype=np.float32)

    def derived(self, key: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return a small array made from the whole picture by the first who asks, then kept."""
        with self._lock:
            if key not in self._derived:
                self._derived[key] = make()
            return self._derived[key]

    def level(self, channel: int | None, cell: int) -> np.ndarray:
        """Return the means of square cells, aligned to the picture's origin.

        Parameters
        ----------
        channel : int or None
            None = the brightness.
        cell : int
            Side of a cell in pixels. Cells at the far border average the pixels they have.

        Returns
        -------
        float32 array
            Of shape ``ceil(shape / cell)``.
        """
        return self.derived(("level", channel, cell), lambda: self._level(channel, cell))

    def _level(self, channel: int | None, cell: int) -> np.ndarray:
        coarse = np.empty([-(-length // cell) for length in self.shape], np.float32)
        band = max(1, LEVEL_BAND // cell)
        for start in range(0, coarse.shape[0], band):
            stop = min(start + band, coarse.shape[0])
            rows = slice(start * cell, min(stop * cell, self.shape[0]))
            values = self.read((rows, *(slice(0, length) for length in self.shape[1:])), channel)
            for axis in range(self.ndim):
                values = _cell_means(values, axis, cell)
            coarse[start:stop] = values
        return coarse


LEVEL_BAND = 256
"""Rows that are read at once when a pyramid level is made."""


def _cell_means(values: np.ndarray, axis: int, cell: int) -> np.ndarray:
    """Average runs of `cell` values along an axis, the last run over what is left."""
    starts = np.arange(0, values.shape[axis], cell)
    sums = np.add.reduceat(values, starts, axis=axis, dtype=np.float32)
    sizes = np.diff(np.append(starts, values.shape[axis])).astype(np.float32)
    return sums / sizes.reshape([-1 if a == axis else 1 for a in range(values.ndim)])
