"""Label maps as PNG, TIFF and Zarr that carry names and colours of classes; for dashboards and commands.

PNG and TIFF hold the colours as a palette, so any viewer shows them, and names as JSON in the text that the
format has for it; Zarr holds both as an attribute. Label maps of other programs are read too: their classes
are named by number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.images import read_indexed
from segmentation.annotations import AnnotationClass, default_classes
from segmentation.errors import SegmentationError
from segmentation.limits import MAX_CLASSES
from segmentation.whole_files import written_whole

__all__ = ["LABEL_FORMATS", "LabelMap", "checked_labels", "load_labels", "save_labels"]

LABEL_FORMATS = (".png", ".tif", ".tiff", ".zarr")
"""Endings of the files that carry names and colours."""

_KEY = "brushlink"


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Classes of pixels, with what they are called.

    Parameters
    ----------
    labels : ndarray of uint8, (rows, cols) or (planes, rows, cols)
        0 = unlabelled, else the class.
    classes : tuple of AnnotationClass
        At least those that occur in `labels`, in the order to show them.
    """

    labels: NDArray[np.uint8] = field(repr=False)
    classes: tuple[AnnotationClass, ...]


def checked_labels(labels: ArrayLike) -> NDArray[np.uint8]:
    """Return labels as uint8, or say why they are none.

    Raises
    ------
    SegmentationError
        Not whole numbers, numbers beyond 255, negative, empty, not two or three axes.
    """
    array = np.asarray(labels)
    if array.ndim not in (2, 3) or not array.size:
        raise SegmentationError(f"labels are (rows, cols) or (planes, rows, cols); got shape {array.shape}")
    if array.dtype.kind not in "bui":
        raise SegmentationError(f"labels are whole numbers; got {array.dtype}")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > MAX_CLASSES:
        raise SegmentationError(f"labels are 0 for none and classes 1..{MAX_CLASSES}; got {low} to {high}")
    return array.astype(np.uint8)


def save_labels(
    path: str | os.PathLike[str], labels: ArrayLike, classes: Iterable[AnnotationClass] = ()
) -> None:
    """Write a label map; the file appears whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.png`` (one picture), ``.tif``, ``.tiff`` or ``.zarr``.
    labels : array of int, (rows, cols) or (planes, rows, cols)
        0 = unlabelled, else the class.
    classes : iterable of AnnotationClass
        Names and colours; classes that occur without one are named by number.

    Raises
    ------
    SegmentationError
        Another ending, values that are no labels, a folder that cannot be written to.
    """
    target = Path(path)
    array = checked_labels(labels)
    kind = target.suffix.lower()
    if kind not in LABEL_FORMATS:
        raise SegmentationError(f"label maps are written as {', '.join(LABEL_FORMATS)}; got {target.name!r}")
    if kind == ".png" and array.ndim != 2:
        raise SegmentationError(
            f"a PNG holds one picture, these labels have {array.shape[0]} planes; use TIFF or Zarr"
        )
    known = _completed(array, tuple(classes))
    listed = [{"id": one.id, "name": one.name, "color": one.color, "locked": one.locked} for one in known]
    text = json.dumps({_KEY: {"version": 1, "classes": listed}})
    with written_whole(target) as draft:
        if kind == ".png":
            _write_png(draft, array, known, text)
        elif kind == ".zarr":
            _write_zarr(draft, array, text)
        else:
            _write_tiff(draft, array, known, text)


def load_labels(source: str | os.PathLike[str] | bytes) -> LabelMap:
    """Read a label map of ours or of another program (PNG, TIFF, NPY, Zarr).

    Raises
    ------
    SegmentationError
        Values that are no labels, damaged names or colours.
    ImageError
        Not an image, damaged, too large.
    """
    found = read_indexed(source)
    array = checked_labels(found.array)
    for text in (found.text.get(_KEY), found.text.get("ImageDescription")):
        try:
            said = json.loads(text) if text else None
        except ValueError:
            continue  # other programs write other things there
        if isinstance(said, Mapping) and _KEY in said:
            return LabelMap(array, _completed(array, _classes(said[_KEY])))
    used = [int(one) for one in np.unique(array) if one]
    standard = default_classes(max(used, default=0))
    # A palette that is a ramp of greys says nothing about classes.
    own = any(
        len({color[1:3], color[3:5], color[5:7]}) > 1 for one, color in found.colors.items() if one in used
    )
    named = (standard[one - 1] for one in used)
    if own:
        named = (AnnotationClass(one.id, one.name, found.colors.get(one.id, one.color)) for one in named)
    return LabelMap(array, tuple(named))


def _classes(said: Any) -> tuple[AnnotationClass, ...]:
    try:
        if said["version"] != 1:
            raise SegmentationError(f"class names of version {said['version']!r}; this reads version 1")
        return tuple(
            AnnotationClass(one["id"], one["name"], one["color"], bool(one.get("locked")))
            for one in said["classes"]
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise SegmentationError(
            f"damaged class names in a label map ({type(error).__name__}: {error})"
        ) from error


def _completed(array: NDArray[np.uint8], classes: tuple[AnnotationClass, ...]) -> tuple[AnnotationClass, ...]:
    """Classes with a standard one for every number that occurs without."""
    known = {one.id for one in classes}
    used = [int(one) for one in np.unique(array) if one and one not in known]
    standard = default_classes(max(used, default=0))
    return (*classes, *(standard[one - 1] for one in used))


def _table(classes: tuple[AnnotationClass, ...]) -> NDArray[np.uint8]:
    table = np.zeros((256, 3), np.uint8)
    for one in classes:
        table[one.id] = [int(one.color[at : at + 2], 16) for at in (1, 3, 5)]
    return table


def _write_png(path: Path, array: NDArray[np.uint8], classes: tuple[AnnotationClass, ...], text: str) -> None:
    from PIL import Image, PngImagePlugin

    picture = Image.frombytes("P", (array.shape[1], array.shape[0]), np.ascontiguousarray(array).tobytes())
    picture.putpalette(_table(classes).tobytes())
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt(_KEY, text)
    picture.save(path, "PNG", pnginfo=notes, transparency=0, bits=8)


def _write_tiff(
    path: Path, array: NDArray[np.uint8], classes: tuple[AnnotationClass, ...], text: str
) -> None:
    import tifffile

    colormap = _table(classes).T.astype(np.uint16) * 257
    tifffile.imwrite(
        path,
        array,
        photometric="palette",
        colormap=colormap,
        description=text,
        metadata=None,
        compression="zlib",
    )


def _write_zarr(path: Path, array: NDArray[np.uint8], text: str) -> None:
    import zarr

    chunks = tuple(min(size, 512 if axis >= array.ndim - 2 else 16) for axis, size in enumerate(array.shape))
    stored = zarr.create_array(str(path), shape=array.shape, chunks=chunks, dtype="uint8")
    stored[...] = array
    stored.attrs[_KEY] = text
