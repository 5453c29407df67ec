"""Reads an image from a file, a folder or bytes, by its content; PNG, JPEG, NPY here, others beside."""

from __future__ import annotations

import io
import os
import struct
import tokenize
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.images.picture import AXES, Image, check_header

__all__ = ["DAMAGE", "decode_png", "file_format", "opened", "read_image"]

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    tokenize.TokenError,
)
"""What decoders raise when a file is damaged; none of them promises anything narrower."""

_FORMATS = "PNG, JPEG, TIFF, NPY and Zarr"
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    b"\x93NUMPY": "npy",
}


def read_image(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    axes: str | None = None,
    frame: int | None = None,
    value_range: tuple[float, float] | None = None,
) -> Image:
    """Read a picture, a volume or a series of pictures.

    The format is told by the content, not by the name. Sizes are checked from the header before anything is
    decoded. An alpha channel is dropped (the colours under it stay), palettes become RGB, and the orientation
    that a camera noted is applied.

    Parameters
    ----------
    source : path or bytes
        A PNG, JPEG, TIFF (8 or 16 bits or float, several pages, OME or ImageJ with channels and pixel size)
        or NPY file, a Zarr array or an OME-Zarr image (a folder); or the bytes of such a file.
    name : str, optional
        What to call it; the file's name by default.
    axes : str, optional
        One of "YX", "YXC", "ZYX", "ZYXC", "TYX", "TYXC" for files that do not say (NPY, plain Zarr, pages of
        a TIFF). By default a last axis of 3 or 4 is taken for channels and a first one for Z.
    frame : int, optional
        Which time point to read when there are several with depth (T and Z), counted from 0.
    value_range : (float, float), optional
        Values that count as black and white; by default all of an integer type, and 0 to 1 for floats.

    Returns
    -------
    Image

    Raises
    ------
    ImageError
        Not an image of these formats, damaged, too large, NaN or infinite, floats outside the value range.
    """
    if axes is not None and axes not in AXES:
        raise ImageError(f"axes {axes!r}; allowed are {', '.join(AXES)}")
    if not isinstance(source, bytes):
        path = Path(source)
        if path.is_dir():
            from data_sources.images.zarr_folder import read_zarr

            return read_zarr(path, name or path.name, axes, frame, value_range)
    with opened(source) as (file, found):
        title = name or found
        kind = file_format(file, title)
        if kind == "tiff":
            from data_sources.images.tiff import read_tiff

            return read_tiff(file, title, axes, frame, value_range)
        array = _decode_npy(file, title) if kind == "npy" else _decode_picture(file, kind, title)
    order = axes if axes is not None and kind == "npy" else guessed_axes(array.shape, title)
    return Image(array, order, title, value_range=value_range)


@contextmanager
def opened(source: str | os.PathLike[str] | bytes) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file or bytes for reading; gives it and what to call it."""
    if isinstance(source, bytes):
        yield io.BytesIO(source), "image"
        return
    path = Path(source)
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise ImageError(f"{path.name or path}: cannot be read ({said})") from error
    with file:
        yield file, path.name


def file_format(file: BinaryIO, name: str) -> str:
    """Say "png", "jpeg", "tiff" or "npy" by the first bytes of `file`, which is left at its start."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    what = "is empty" if not start else f"starts with {start!r}, which is no image we read"
    raise ImageError(f"{name} {what}; formats are {_FORMATS}")


def guessed_axes(shape: tuple[int, ...], name: str) -> str:
    """Axes of an array that does not say: a last axis of 3 or 4 is channels, a first of three is depth."""
    channels = len(shape) > 2 and shape[-1] in (3, 4)
    order = {2: "YX", 3: "YXC" if channels else "ZYX", 4: "ZYXC"}.get(len(shape))
    if order is None:
        raise ImageError(f"{name}: an array of {len(shape)} dimensions; an image has 2 to 4")
    return order


def _png_header(file: BinaryIO, name: str) -> tuple[int, int, int, int]:
    """Rows, columns, bits a channel and colour type."""
    start = file.read(26)
    if len(start) < 26 or start[12:16] != b"IHDR":
        raise ImageError(f"{name}: a PNG that ends before its size is said")
    cols, rows, bits, color = struct.unpack(">IIBB", start[16:26])
    return rows, cols, bits, color


def _jpeg_header(file: BinaryIO, name: str) -> tuple[int, int]:
    """Rows and columns, from the first start-of-frame segment."""
    file.seek(2)
    while True:
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            raise ImageError(f"{name}: a JPEG that ends before its size is said")
        if marker[1] == 0xFF:  # padding: the marker starts one byte later
            file.seek(-1, io.SEEK_CUR)
            continue
        if marker[1] in (0x01, *range(0xD0, 0xD9)):  # markers without a length
            continue
        head = file.read(2)
        length = struct.unpack(">H", head)[0] if len(head) == 2 else 0
        if length < 2:
            raise ImageError(f"{name}: a JPEG that ends before its size is said")
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            if len(frame) < 5:
                raise ImageError(f"{name}: a JPEG that ends before its size is said")
            rows, cols = struct.unpack(">HH", frame[1:5])
            return rows, cols
        file.seek(length - 2, io.SEEK_CUR)


def decode_png(file: BinaryIO, name: str, *, indexed: bool = False) -> tuple[Any, NDArray[Any]]:
    """Decode a PNG to Pillow's image and its values; with `indexed` a palette's indices stay as they are."""
    rows, cols, bits, color = _png_header(file, name)
    check_header((rows, cols), np.dtype(np.uint16 if bits == 16 else np.uint8), 1, name)
    if bits == 16 and color != 0:
        raise ImageError(f"{name}: a colour PNG of 16 bits, of which 8 would be lost; save it as TIFF or NPY")
    return _decode_pillow(file, "PNG", name, indexed=indexed)


def _decode_picture(file: BinaryIO, kind: str, name: str) -> NDArray[Any]:
    if kind == "png":
        return decode_png(file, name)[1]
    check_header(_jpeg_header(file, name), np.dtype(np.uint8), 1, name)
    return _decode_pillow(file, "JPEG", name)[1]


def _decode_pillow(
    file: BinaryIO, kind: str, name: str, *, indexed: bool = False
) -> tuple[Any, NDArray[Any]]:
    import PIL.Image
    import PIL.ImageOps

    file.seek(0)
    try:
        stored = PIL.Image.open(file, formats=[kind])
        stored.load()
        picture = PIL.ImageOps.exif_transpose(stored)
        return picture, pillow_values(picture, indexed=indexed)
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged {kind} ({error})") from error


def pillow_values(picture: Any, *, indexed: bool = False) -> NDArray[Any]:
    """Values of a decoded Pillow image: grey uint8 or uint16, or RGB uint8."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if mode == "I":  # 16-bit grey in older versions of Pillow
        return np.asarray(picture).astype(np.uint16)
    if mode in ("F", "L", "RGB") or (indexed and mode == "P"):
        return np.asarray(picture)
    return np.asarray(picture.convert("L" if mode in ("1", "LA", "La") else "RGB"))


def _decode_npy(file: BinaryIO, name: str) -> NDArray[Any]:
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged NPY ({error})") from error
    channels = shape[-1] if len(shape) == 4 or (len(shape) == 3 and shape[-1] in (3, 4)) else 1
    check_header(shape, dtype, channels, name)
    file.seek(0)
    try:
        return np.lib.format.read_array(file, allow_pickle=False)
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged NPY ({error})") from error
