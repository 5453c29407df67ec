"""How an image looks: contrast, channels, colours to pixels, and pixels to files; pure, for `ImageView`."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.ImageColor import getrgb

from data_sources.images import Image

__all__ = [
    "CHANNEL_COLORS",
    "WHITE",
    "Look",
    "Pyramid",
    "auto_limits",
    "channel_values",
    "colored",
    "default_look",
    "full_limits",
    "palette_uri",
    "picture_uri",
]

WHITE = "#ffffff"
RGB_COLORS = ("#ff0000", "#00ff00", "#0000ff")
CHANNEL_COLORS = ("#00ff00", "#ff00ff", "#00ffff", "#ffff00", "#ff8000", "#ffffff", "#4080ff", "#ff4040")
"""Colours of fluorescence channels in turn: green and magenta first, which the colour-blind tell apart."""

# Level 1 packs a photograph in a tenth of the time of level 6, 15 % larger.
PNG_LEVEL = 1
# A map of labels has few colours: level 6 makes it a quarter smaller for some 15 ms more at 1024².
PALETTE_LEVEL = 6
JPEG_QUALITY = 90
AUTO_PERCENTILES = (0.2, 99.8)
# Values that tell percentiles well: all of a 1024² picture; of larger ones every nth.
SAMPLED_VALUES = 1_000_000


@dataclass(frozen=True)
class Look:
    """How the channels of an image are shown.

    Attributes
    ----------
    limits : tuple of (float, float)
        Per channel, the values that are black and full colour.
    colors : tuple of str
        Per channel, "#rrggbb": the colours are added.
    shown : tuple of bool
        Per channel.
    """

    limits: tuple[tuple[float, float], ...]
    colors: tuple[str, ...]
    shown: tuple[bool, ...]

    def with_limits(self, limits: tuple[tuple[float, float], ...]) -> Look:
        """Return the look with other contrast limits."""
        return replace(self, limits=limits)


def full_limits(image: Image) -> tuple[tuple[float, float], ...]:
    """Return black and white of the image's type, per channel."""
    assert image.value_range is not None
    return (image.value_range,) * image.channels


def channel_values(image: Image, channel: int) -> NDArray[Any]:
    """Return the values of one channel, without a channel axis."""
    return image.array[..., channel] if image.channel_axis is not None else image.array


def auto_limits(image: Image) -> tuple[tuple[float, float], ...]:
    """Return the values between which nearly all pixels lie, per channel; of a flat channel the type's.

    Percentiles 0.2 and 99.8, so that neither dead nor hot pixels decide.
    """
    result = []
    for channel, whole in enumerate(full_limits(image)):
        values = channel_values(image, channel).ravel()
        values = values[:: max(1, values.size // SAMPLED_VALUES)]
        low, high = (float(one) for one in np.percentile(values, AUTO_PERCENTILES))
        result.append((low, high) if high > low else whole)
    return tuple(result)


def default_look(image: Image) -> Look:
    """Return the look an image opens with.

    8 bits as they are; deeper values, which few cameras fill, between their percentiles.
    """
    eight = image.array.dtype in (np.dtype(np.uint8), np.dtype(bool))
    count = image.channels
    if count == 1:
        colors: tuple[str, ...] = (WHITE,)
    elif image.channel_names == ("red", "green", "blue"):
        colors = RGB_COLORS
    else:
        colors = tuple(CHANNEL_COLORS[place % len(CHANNEL_COLORS)] for place in range(count))
    limits = full_limits(image) if eight else auto_limits(image)
    # More than a handful of added colours are mud.
    shown = tuple(place < 4 for place in range(count))
    return Look(limits, colors, shown)


def colored(values: NDArray[Any], look: Look) -> NDArray[np.uint8]:
    """Colour a part of an image.

    Parameters
    ----------
    values : ndarray, (rows, cols) or (rows, cols, channels)
        True values.
    look : Look

    Returns
    -------
    ndarray of uint8, (rows, cols) or (rows, cols, 3)
        Grey when the only channel is shown in white, else RGB.
    """
    if values.ndim == 2:
        grey = _stretched(values, look.limits[0])
        if look.colors[0].lower() == WHITE:
            return grey
        return _tinted([grey], [look.colors[0]])
    shown = [place for place in range(values.shape[2]) if look.shown[place]]
    colors = [look.colors[place].lower() for place in shown]
    plain = (
        values.dtype == np.uint8
        and tuple(colors) == RGB_COLORS
        and all(limits == (0, 255) for limits in look.limits)
    )
    if plain and values.shape[2] == 3:
        return np.ascontiguousarray(values)
    parts = [_stretched(values[..., place], look.limits[place]) for place in shown]
    if set(colors) <= set(RGB_COLORS) and len(set(colors)) == len(colors):
        picture = np.zeros((*values.shape[:2], 3), np.uint8)
        for part, color in zip(parts, colors, strict=True):
            picture[..., RGB_COLORS.index(color)] = part
        return picture
    if len(shown) == 1 and colors[0] == WHITE:
        return parts[0]
    return _tinted(parts, colors) if parts else np.zeros((*values.shape[:2], 3), np.uint8)


def _stretched(values: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Map values between limits to 0..255."""
    low, high = limits
    span = high - low if high > low else 1.0
    if values.dtype == bool:
        values = values.astype(np.uint8)
    if values.dtype.kind in "iu":
        if values.dtype == np.uint8 and (low, high) == (0, 255):
            return np.ascontiguousarray(values)
        info = np.iinfo(values.dtype)
        every = np.arange(info.min, info.max + 1, dtype=np.float64)
        table = np.rint(np.clip((every - low) / span, 0, 1) * 255).astype(np.uint8)
        # A view as unsigned counts from 0; negative values lie behind the positive ones.
        if info.min < 0:
            table = np.roll(table, info.min)
            values = values.view(f"u{values.dtype.itemsize}")
        return table[values]
    scaled = (values.astype(np.float32) - np.float32(low)) * np.float32(255 / span)
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def _tinted(parts: list[NDArray[np.uint8]], colors: list[str]) -> NDArray[np.uint8]:
    total = np.zeros((*parts[0].shape, 3), np.uint16)
    for part, color in zip(parts, colors, strict=True):
        every = np.arange(256)[:, None] * np.array(getrgb(color)[:3])[None, :] / 255
        total += np.rint(every).astype(np.uint16)[part]
    return np.minimum(total, 255).astype(np.uint8)


class Pyramid:
    """An image at half, a quarter, … of its size, each level made when it is first asked for.

    Parameters
    ----------
    array : ndarray, (rows, cols) or (rows, cols, channels)
        Values; a level holds the means of 2 × 2 pixels of the one before, of the same type.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        self._levels = [array]

    def level(self, number: int) -> NDArray[Any]:
        """Return the image at 1 / 2**number of its size; edges are repeated where a side is odd."""
        while len(self._levels) <= number:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[number]


def _halved(array: NDArray[Any]) -> NDArray[Any]:
    rows, cols = array.shape[:2]
    odd = [(0, rows % 2), (0, cols % 2), *[(0, 0)] * (array.ndim - 2)]
    if rows % 2 or cols % 2:
        array = np.pad(array, odd, mode="edge")
    wide = np.float32 if array.dtype.kind == "f" else np.int32 if array.dtype.itemsize > 1 else np.uint16
    total: NDArray[Any] = array[0::2, 0::2].astype(wide)
    for part in (array[0::2, 1::2], array[1::2, 0::2], array[1::2, 1::2]):
        total = total + part
    if array.dtype.kind == "f":
        return total / np.float32(4)
    return ((total + 2) // 4).astype(np.uint8 if array.dtype == bool else array.dtype)


# -- files -----------------------------------------------------------------------------------------


def picture_uri(pixels: NDArray[np.uint8], *, lossy: bool = False) -> str:
    """Write a picture as a ``data:`` address.

    Parameters
    ----------
    pixels : ndarray of uint8, (rows, cols) or (rows, cols, 3)
    lossy : bool
        JPEG when in colour: a fifth of the bytes. For pictures shrunk for the screen, whose pixels are
        no pixels of the image anyway; what is shown pixel by pixel goes as PNG, exactly.
    """
    buffer = io.BytesIO()
    picture = PIL.Image.fromarray(pixels)
    if lossy and pixels.ndim == 3:
        picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
    picture.save(buffer, "PNG", compress_level=PNG_LEVEL)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def palette_uri(indexed: NDArray[np.uint8], colors: Mapping[int, Any]) -> str:
    """Write a map of small numbers as a palette PNG, at most one byte a pixel.

    Parameters
    ----------
    indexed : ndarray of uint8, (rows, cols)
    colors : mapping of int to str or tuple
        Number to "#rrggbb", "#rrggbbaa", "rgb(…)" or (r, g, b[, a]) of 0..255; others are transparent.
    """
    palette, alpha = bytearray(), bytearray()
    for number in range(max([*colors, int(indexed.max(initial=0))]) + 1):
        r, g, b, a = rgba(colors.get(number, (0, 0, 0, 0)))
        palette += bytes((r, g, b))
        alpha.append(a)
    picture = PIL.Image.fromarray(np.ascontiguousarray(indexed, dtype=np.uint8), mode="L")
    picture = picture.convert("L")
    picture = PIL.Image.frombytes("P", picture.size, picture.tobytes())
    picture.putpalette(bytes(palette))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=PALETTE_LEVEL, transparency=bytes(alpha))
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def rgba(color: Any) -> tuple[int, int, int, int]:
    """Read a colour as red, green, blue, alpha of 0..255."""
    parts = getrgb(color) if isinstance(color, str) else tuple(int(one) for one in color)
    return (parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else 255)
