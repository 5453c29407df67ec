"""Reads TIFF: grey and colour, 8 and 16 bits, float, several pages, OME, ImageJ; called by reading.py."""

from __future__ import annotations

import io
import math
import struct
import xml.etree.ElementTree as ElementTree
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.images.picture import AXES, Image, check_header
from data_sources.images.reading import DAMAGE, pillow_values
from data_sources.limits import IMAGE_PAGES, IMAGE_TEXT_BYTES

__all__ = ["common_unit", "read_tiff", "sizes_along"]

_METRES = {
    "pm": 1e-12, "Å": 1e-10, "nm": 1e-9, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "inch": 0.0254,
}  # fmt: skip
"""Units of length that are understood, in metres."""

_SAME_UNIT = {
    "um": "µm", "μm": "µm", "micron": "µm", "microns": "µm", "micrometer": "µm", "micrometre": "µm",
    "nanometer": "nm", "nanometre": "nm", "millimeter": "mm", "millimetre": "mm",
    "centimeter": "cm", "centimetre": "cm", "meter": "m", "metre": "m", "angstrom": "Å", "picometer": "pm",
}  # fmt: skip


def read_tiff(
    file: BinaryIO, name: str, axes: str | None, frame: int | None, value_range: tuple[float, float] | None
) -> Image:
    """Image of the first series of a TIFF; see `read_image` for the parameters."""
    import tifffile

    _check_pages(file, name)
    try:
        with tifffile.TiffFile(file) as tiff:
            about = _about(tiff, name)
            series = tiff.series[0]
            shape, order, dtype = tuple(series.shape), str(series.axes), series.dtype
            if dtype is None:
                raise ImageError(f"{name}: a TIFF whose type of values is not said")
            channels = math.prod(size for size, axis in zip(shape, order, strict=True) if axis in "CS")
            check_header(shape, dtype, channels, name)
            if any(page is None for page in series.pages):
                raise ImageError(
                    f"{name}: an OME-TIFF of which pages are missing or in other files; join them first"
                )
            array = _decoded(series, file, name)
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged TIFF ({error})") from error
    array, order = _ordered(np.asarray(array), order, axes, frame, name)
    names, size, unit = about
    if not order.endswith("C") or len(names) != array.shape[-1]:
        names = ()
    return Image(array, order, name, names, sizes_along(order, size), unit, value_range)


def _check_pages(file: BinaryIO, name: str) -> None:
    """Follow the chain of pages to its end: tifffile reads a file that is cut off as one of fewer pages."""
    start = file.read(16)
    order = "<" if start[:2] == b"II" else ">"
    big = struct.unpack(order + "H", start[2:4])[0] == 43
    count_form, entry, offset_form, where = ("Q", 20, "Q", start[8:16]) if big else ("H", 12, "I", start[4:8])
    size = file.seek(0, io.SEEK_END)
    try:
        (offset,) = struct.unpack(order + offset_form, where)
        pages = 0
        while offset:
            pages += 1
            if pages > IMAGE_PAGES:
                raise ImageError(f"{name}: more than {IMAGE_PAGES:,} pages, which is all that is allowed")
            file.seek(min(offset, size))
            (entries,) = struct.unpack(order + count_form, file.read(struct.calcsize(count_form)))
            file.seek(min(entries * entry, size), io.SEEK_CUR)
            (offset,) = struct.unpack(order + offset_form, file.read(struct.calcsize(offset_form)))
    except struct.error as error:
        raise ImageError(f"{name}: a damaged TIFF (it ends within its list of pages)") from error
    file.seek(0)
    if not pages:
        raise ImageError(f"{name}: a TIFF without a page")


def _decoded(series: Any, file: BinaryIO, name: str) -> NDArray[Any]:
    """Values of a series; by Pillow where tifffile lacks the decompressor (LZW, JPEG, CCITT)."""
    try:
        return series.asarray(maxworkers=1)
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        reason = error
    import PIL.Image

    pages = [page.index for page in series.pages]
    if series.dtype.kind == "f" or (series.dtype.itemsize > 1 and "S" in series.axes):
        raise ImageError(
            f"{name}: a compression that is not read here ({reason}); save it as zip (deflate)"
        ) from reason
    file.seek(0)
    planes = []
    with PIL.Image.open(file, formats=["TIFF"]) as picture:
        for page in pages:
            picture.seek(page)
            planes.append(pillow_values(picture))
    array = np.stack(planes)
    if array.size != math.prod(series.shape) or array.dtype.itemsize != series.dtype.itemsize:
        raise ImageError(
            f"{name}: a compression that is not read here ({reason}); save it as zip (deflate)"
        ) from reason
    return array.reshape(series.shape)


def _ordered(
    array: NDArray[Any], order: str, axes: str | None, frame: int | None, name: str
) -> tuple[NDArray[Any], str]:
    """Order the axes as `Image` has them: one entry goes, T with Z is cut to a frame, channels are last."""
    if len(order) != array.ndim:
        raise ImageError(
            f"{name}: a damaged TIFF ({array.ndim} axes of values where its tags name {len(order)})"
        )
    keep = [axis for axis, size in zip(order, array.shape, strict=True) if size > 1 or axis in "YX"]
    array = array.reshape(
        [size for axis, size in zip(order, array.shape, strict=True) if size > 1 or axis in "YX"]
    )
    if "T" in keep and "Z" in keep:
        place = keep.index("T")
        if frame is None:
            raise ImageError(f"{name}: {array.shape[place]} time points with depth; choose one with `frame`")
        if not 0 <= frame < array.shape[place]:
            raise ImageError(
                f"{name}: there is no frame {frame}; there are {array.shape[place]}, counted from 0"
            )
        array = array.take(frame, axis=place)
        keep.pop(place)
    if "C" in keep and "S" in keep:  # several colour pictures in one: all their channels side by side
        place = keep.index("C")
        array = np.moveaxis(array, place, -2)
        keep.append(keep.pop(place))
        keep.remove("S")
        array = array.reshape(*array.shape[:-2], -1)
    for axis in "CS":
        if axis in keep:
            array = np.moveaxis(array, keep.index(axis), -1)
            keep.remove(axis)
            keep.append("C")
    if keep[-1] == "C" and array.shape[-1] == 4 and "S" in order:
        array = array[..., :3]  # the fourth sample of a colour picture is its transparency
    elif keep[-1] == "C" and array.shape[-1] == 2 and "S" in order:
        array, keep = array[..., 0], keep[:-1]
    found = "".join("Z" if axis not in "TZYXC" else axis for axis in keep)
    if axes is None and found in AXES:
        return array, found
    if axes == "YXC" and found in ("ZYX", "TYX"):
        return np.moveaxis(array, 0, -1), axes
    if axes is not None and (len(axes), axes[1:]) == (len(found), found[1:]):  # what is the first axis?
        return array, axes
    raise ImageError(f"{name}: a TIFF with axes {order}, asked for {axes or 'any of ' + ', '.join(AXES)}")


_Sizes = dict[str, float] | None


def _about(tiff: Any, name: str) -> tuple[tuple[str, ...], _Sizes, str]:
    """Channel names, size of a pixel by axis and its unit, from OME-XML or from ImageJ's notes."""
    if tiff.is_ome and tiff.ome_metadata:
        text = tiff.ome_metadata
        if len(text) > IMAGE_TEXT_BYTES:
            raise ImageError(f"{name}: {len(text):,} characters of OME-XML; allowed are {IMAGE_TEXT_BYTES:,}")
        return _about_ome(text, name)
    if tiff.is_imagej and tiff.imagej_metadata:
        return _about_imagej(tiff)
    return (), None, "px"


def _about_ome(text: str, name: str) -> tuple[tuple[str, ...], _Sizes, str]:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ImageError(f"{name}: damaged OME-XML ({error})") from error
    own = root.get("UUID")
    for part in root.iter():
        # tifffile would follow the names of other files; a picture must not make us open any
        if part.tag.endswith("}UUID") and part.get("FileName") and part.text != own:
            raise ImageError(
                f"{name}: an OME-TIFF of several files (such as {part.get('FileName')!r}); join them first"
            )
    pixels = next((part for part in root.iter() if part.tag.endswith("}Pixels")), None)
    if pixels is None:
        return (), None, "px"
    names = []
    for place, channel in enumerate((part for part in pixels if part.tag.endswith("}Channel")), start=1):
        title = channel.get("Name") or f"channel {place}"
        samples = int(channel.get("SamplesPerPixel") or 1)
        names.extend([title] if samples == 1 else [f"{title} {one}" for one in range(1, samples + 1)])
    given = {
        axis: (float(size), pixels.get(f"PhysicalSize{axis}Unit") or "µm")
        for axis in "XYZ"
        if (size := pixels.get(f"PhysicalSize{axis}"))
    }
    sizes, unit = common_unit(given)
    return tuple(names), sizes, unit


def _about_imagej(tiff: Any) -> tuple[tuple[str, ...], _Sizes, str]:
    notes, tags = tiff.imagej_metadata, tiff.pages[0].tags
    unit = str(notes.get("unit") or "")
    given = {}
    for axis, tag in (("X", "XResolution"), ("Y", "YResolution")):
        value = tags[tag].value if tag in tags else (0, 1)
        if value[0] > 0 and value[1] > 0:
            given[axis] = (value[1] / value[0], unit)
    if notes.get("spacing"):
        given["Z"] = (abs(float(notes["spacing"])), unit)
    sizes, unit = common_unit(given)
    return (), sizes, unit


def sizes_along(order: str, sizes: _Sizes) -> tuple[float, ...] | None:
    """Size of a pixel along each axis but the channels, a frame in time counts 1; None if one is missing."""
    spatial = order.removesuffix("C")
    if sizes is None or not set(spatial) <= {*sizes, "T"}:
        return None
    return tuple(1.0 if axis == "T" else sizes[axis] for axis in spatial)


def common_unit(given: dict[str, tuple[float, str]]) -> tuple[_Sizes, str]:
    """Bring sizes to the unit of X (or the first axis); no sizes when their units cannot be compared."""
    sizes = {axis: (size, _SAME_UNIT.get(unit, unit)) for axis, (size, unit) in given.items()}
    if not sizes or any(not math.isfinite(size) or size <= 0 for size, _ in sizes.values()):
        return None, "px"
    unit = sizes.get("X", next(iter(sizes.values())))[1]
    if unit in ("", "pixel", "px") or any(
        one != unit and not {one, unit} <= _METRES.keys() for _, one in sizes.values()
    ):
        return None, "px"
    factor = {one: 1.0 if one == unit else _METRES[one] / _METRES[unit] for _, one in sizes.values()}
    return {axis: size * factor[one] for axis, (size, one) in sizes.items()}, unit
