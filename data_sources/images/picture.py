"""What an image is once it is read: checked values with axes, channels, pixel size; made by readers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.limits import IMAGE_BYTES, IMAGE_CHANNELS, IMAGE_PIXELS

__all__ = ["AXES", "VALUE_RANGES", "Image", "check_header"]

AXES = ("YX", "YXC", "ZYX", "ZYXC", "TYX", "TYXC")
"""Orders an image can have: a volume (Z) or a series of pictures (T) first, channels last."""

VALUE_RANGES: Mapping[str, tuple[float, float]] = {
    "bool": (0, 1),
    "uint8": (0, 255),
    "uint16": (0, 65_535),
    "int16": (-32_768, 32_767),
    "float32": (0, 1),
    "float64": (0, 1),
}
"""Types that pixels can have, with the values that count as black and white unless told otherwise."""

_CHANNEL_NAMES = {3: ("red", "green", "blue")}


def check_header(shape: tuple[int, ...], dtype: np.dtype[Any], channels: int, name: str) -> None:
    """Refuse an image by what its header says, before anything is decoded.

    Parameters
    ----------
    shape : tuple of int
        All sizes, channels included.
    dtype : dtype
        Type of the values.
    channels : int
        Number of channels, 1 when there is no channel axis.
    name : str
        What to call the image in the message.

    Raises
    ------
    ImageError
        A size of zero, a type that is no picture, more pixels, bytes or channels than allowed.
    """
    size = " × ".join(f"{one:,}" for one in shape)
    if not shape or min(shape) < 1:
        raise ImageError(f"{name}: an image of {size or 'no'} pixels; each side needs at least one")
    if dtype.name not in VALUE_RANGES:
        raise ImageError(f"{name}: values of type {dtype.name}; allowed are {', '.join(VALUE_RANGES)}")
    if channels > IMAGE_CHANNELS:
        raise ImageError(
            f"{name}: {channels:,} channels; allowed are {IMAGE_CHANNELS}. Choose some of them first"
        )
    pixels = math.prod(shape) // max(channels, 1)
    if pixels > IMAGE_PIXELS:
        raise ImageError(
            f"{name}: {size} is {pixels:,} pixels; allowed are {IMAGE_PIXELS:,}. Crop or shrink it"
        )
    if math.prod(shape) * dtype.itemsize > IMAGE_BYTES:
        took = math.prod(shape) * dtype.itemsize
        raise ImageError(f"{name}: {size} {dtype.name} takes {took:,} bytes; allowed are {IMAGE_BYTES:,}")


@dataclass(frozen=True, eq=False)
class Image:
    """A picture, a volume or a series of pictures, with what its file says about it.

    Parameters
    ----------
    array : ndarray
        Values; spatial axes first, channels last. Kept read-only, in C order and native byte order.
    axes : {"YX", "YXC", "ZYX", "ZYXC", "TYX", "TYXC"}
        What the axes are.
    name : str
        What to call it.
    channel_names : tuple of str, optional
        One a channel; red, green, blue for three, else "channel 1" ….
    pixel_size : tuple of float, optional
        Size of a pixel along each axis but the channels, in `unit`; None when the file does not say.
    unit : str
        "px" without a pixel size, else what that is given in, such as "µm".
    value_range : (float, float), optional
        Values that count as black and white: by default those of the type, for floats 0 and 1.

    Raises
    ------
    ImageError
        Sizes, type or number of channels that are not allowed; NaN or infinite values; floats outside
        `value_range`; names or sizes that do not match the axes.
    """

    array: NDArray[Any] = field(repr=False)
    axes: str
    name: str = "image"
    channel_names: tuple[str, ...] = ()
    pixel_size: tuple[float, ...] | None = None
    unit: str = "px"
    value_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        array = np.asarray(self.array)
        if self.axes not in AXES or len(self.axes) != array.ndim:
            raise ImageError(
                f"{self.name}: axes {self.axes!r} for {array.ndim} dimensions; allowed are {', '.join(AXES)}"
            )
        array = np.array(array, dtype=array.dtype.newbyteorder("="), order="C")
        array.flags.writeable = False
        object.__setattr__(self, "array", array)
        check_header(array.shape, array.dtype, self.channels, self.name)
        names = tuple(self.channel_names) or _CHANNEL_NAMES.get(self.channels) or ()
        if not names and self.channel_axis is not None:
            names = tuple(f"channel {place}" for place in range(1, self.channels + 1))
        if self.channel_axis is not None and len(names) != self.channels:
            raise ImageError(f"{self.name}: {len(names)} channel names for {self.channels} channels")
        object.__setattr__(self, "channel_names", names)
        self._check_size()
        self._check_values()

    def _check_size(self) -> None:
        if self.pixel_size is None:
            object.__setattr__(self, "unit", "px")
            return
        size = tuple(float(one) for one in self.pixel_size)
        if len(size) != self.spatial_ndim or not all(math.isfinite(one) and one > 0 for one in size):
            raise ImageError(
                f"{self.name}: a pixel size is {self.spatial_ndim} numbers above 0; got {self.pixel_size}"
            )
        object.__setattr__(self, "pixel_size", size)

    def _check_values(self) -> None:
        low, high = self.value_range or VALUE_RANGES[self.array.dtype.name]
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ImageError(
                f"{self.name}: a value range is two numbers, black below white; got {low} and {high}"
            )
        object.__setattr__(self, "value_range", (float(low), float(high)))
        if self.array.dtype.kind != "f":
            return
        least, most = float(self.array.min()), float(self.array.max())
        if not (math.isfinite(least) and math.isfinite(most)):
            bad = int(np.size(self.array) - np.isfinite(self.array).sum())
            raise ImageError(f"{self.name}: {bad:,} values are NaN or infinite; replace them first")
        if least < low or most > high:
            raise ImageError(
                f"{self.name}: values from {least:.6g} to {most:.6g}, allowed are {low:g} to {high:g}; "
                "give the value range that counts as black and white"
            )

    @property
    def channel_axis(self) -> int | None:
        """Place of the channel axis, the last, or None."""
        return self.array.ndim - 1 if self.axes.endswith("C") else None

    @property
    def channels(self) -> int:
        """Number of channels, 1 without a channel axis."""
        return int(np.shape(self.array)[-1]) if self.axes.endswith("C") else 1

    @property
    def spatial_ndim(self) -> int:
        """Number of axes that are not channels."""
        return len(self.axes.removesuffix("C"))

    @property
    def spatial_shape(self) -> tuple[int, ...]:
        """Sizes of all axes that are not channels."""
        return tuple(self.array.shape[: self.spatial_ndim])

    @property
    def planes(self) -> int:
        """Number of pictures: 1, or the size of the Z or T axis."""
        return self.spatial_shape[0] if self.spatial_ndim == 3 else 1

    def plane(self, index: int) -> Image:
        """Picture number `index` of a volume or series; the image itself when it is one picture."""
        if self.spatial_ndim == 2 and index == 0:
            return self
        if not 0 <= index < self.planes:
            raise ImageError(
                f"{self.name}: there is no plane {index}; there are {self.planes}, counted from 0"
            )
        return Image(
            self.array[index],
            self.axes[1:],
            f"{self.name} [{index}]",
            self.channel_names,
            None if self.pixel_size is None else self.pixel_size[1:],
            self.unit,
            self.value_range,
        )

    def scaled(self) -> NDArray[np.float32]:
        """Values as float32 where black is 0 and white 1; integers beyond the value range are clipped."""
        low, high = self.value_range or VALUE_RANGES[self.array.dtype.name]
        result = (self.array.astype(np.float64) - low) / (high - low)
        return np.clip(result, 0, 1).astype(np.float32)
