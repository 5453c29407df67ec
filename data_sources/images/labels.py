"""Reads label maps: PNG, TIFF, NPY or Zarr whose values are class numbers; for segmentation.label_files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.images.reading import DAMAGE, decode_png, file_format, opened, read_image

__all__ = ["IndexedImage", "read_indexed"]


@dataclass(frozen=True, eq=False)
class IndexedImage:
    """Whole numbers a pixel, with the colours and the text that the file carries.

    Parameters
    ----------
    array : ndarray of unsigned int, (rows, cols) or (planes, rows, cols)
    colors : dict of int to str
        ``#rrggbb`` of each number, empty without a palette.
    text : dict of str to str
        What is written beside the picture: PNG text, ``ImageDescription`` of a TIFF, attributes of a Zarr.
    """

    array: NDArray[Any] = field(repr=False)
    colors: Mapping[int, str]
    text: Mapping[str, str]


def read_indexed(source: str | os.PathLike[str] | bytes) -> IndexedImage:
    """Read a picture whose values are numbers of classes or objects, palettes as their indices.

    Raises
    ------
    ImageError
        As `read_image`; also colour pictures, negative numbers and fractions.
    """
    colors: dict[int, str] = {}
    text: dict[str, str] = {}
    if isinstance(source, bytes) or not Path(source).is_dir():
        with opened(source) as (file, name):
            kind = file_format(file, name)
            if kind == "jpeg":
                raise ImageError(
                    f"{name}: a JPEG changes values, so it cannot hold labels; use PNG, TIFF, NPY or Zarr"
                )
            if kind == "png":
                picture, array = decode_png(file, name, indexed=True)
                text = {str(key): str(value) for key, value in picture.info.items() if isinstance(value, str)}
                if picture.mode == "P":
                    colors = _palette(np.asarray(picture.getpalette("RGB"), np.uint8).reshape(-1, 3))
                return IndexedImage(_whole(array, name), colors, text)
            if kind == "tiff":
                colors, text = _tiff_notes(file, name)
    elif (Path(source) / "zarr.json").is_file() or (Path(source) / ".zattrs").is_file():
        from data_sources.images.zarr_folder import text_attributes

        text = text_attributes(Path(source))
    image = read_image(source)
    return IndexedImage(_whole(image.array, image.name), colors, text)


def _whole(array: NDArray[Any], name: str) -> NDArray[Any]:
    if array.ndim > 3 or (array.ndim == 3 and array.shape[-1] == 3):
        raise ImageError(f"{name}: a colour picture of shape {array.shape}; labels are one number a pixel")
    if array.dtype == bool:
        return array.astype(np.uint8)
    if array.dtype.kind == "f" or array.min() < 0:
        raise ImageError(
            f"{name}: values of type {array.dtype} from {array.min()}; labels are whole numbers from 0"
        )
    return array


def _palette(table: NDArray[Any]) -> dict[int, str]:
    return {
        place: "#{:02x}{:02x}{:02x}".format(*(int(one) for one in color)) for place, color in enumerate(table)
    }


def _tiff_notes(file: Any, name: str) -> tuple[dict[int, str], dict[str, str]]:
    import tifffile

    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages[0]
            table = page.colormap if page.dtype == np.uint8 else None
            colors = {} if table is None else _palette((np.asarray(table) >> 8).T)
            return colors, {"ImageDescription": str(page.description or "")}
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged TIFF ({error})") from error
