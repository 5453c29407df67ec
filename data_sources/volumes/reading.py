"""Reads a volume from a file, a folder or bytes, told by its content; NPY and stacks here, NIfTI beside."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.images.reading import DAMAGE, file_format, opened
from data_sources.images.tiff import common_unit, read_tiff
from data_sources.images.zarr_folder import open_zarr
from data_sources.volumes.nifti import looks_like_nifti, read_nifti, unpacked_start
from data_sources.volumes.volume import Volume, check_volume_header

__all__ = ["VOLUME_SUFFIXES", "read_volume"]

VOLUME_SUFFIXES = (".nii", ".nii.gz", ".tif", ".tiff", ".npy", ".zarr")
"""Endings of what `read_volume` takes; the content decides all the same."""

_START_BYTES = 4_096
_FORMATS = "NIfTI (.nii, .nii.gz), TIFF stacks, NPY and Zarr"
_LARGEST = float(np.finfo(np.float64).max)


def read_volume(
    source: str | os.PathLike[str] | bytes,
    name: str | None = None,
    *,
    spacing: Sequence[float] | None = None,
    frame: int | None = None,
    fill: float | None = None,
) -> Volume:
    """Read a volume.

    The header is checked before anything is decoded. Uncompressed NIfTI and NPY files are memory-mapped, and
    of a Zarr only the chunks that are asked for are read. The voxels stay in the file's order.

    Parameters
    ----------
    source : path or bytes
        A NIfTI, a TIFF of several pages, an NPY file, a Zarr array or OME-Zarr image (a folder).
    name : str, optional
        What to call it; the file's name by default.
    spacing : (float, float, float), optional
        Size of a voxel along each axis in mm, for files that do not say; by default 1. Not for NIfTI.
    frame : int, optional
        Which volume of a series to take, counted from 0.
    fill : float, optional
        What to put where values are NaN or infinite, which is an error otherwise. The volume is then held in
        memory.

    Returns
    -------
    Volume

    Raises
    ------
    ImageError
        Not a volume of these formats, two or four dimensions, damaged or truncated, too large, voxels without
        a size, NaN.
    """
    if not isinstance(source, bytes) and Path(source).is_dir():
        path = Path(source)
        values, steps = _zarr(path, name or path.name, frame)
        return _made(values, spacing, steps, name or path.name, fill)
    with opened(source) as (file, found):
        title = name or ("volume" if isinstance(source, bytes) else found)
        start = file.read(_START_BYTES)
        if looks_like_nifti(unpacked_start(start)) or start[:2] == b"\x1f\x8b":
            if spacing is not None:
                raise ImageError(f"{title}: a NIfTI says how large its voxels are; leave out spacing")
            return read_nifti(source, title, frame, fill)
        try:
            kind = file_format(file, title)
        except ImageError as error:
            what = "is empty" if not start else f"starts with {start[:8]!r}, which is no volume we read"
            raise ImageError(f"{title} {what}; formats are {_FORMATS}") from error
        if kind == "npy":
            return _made(_npy(source, title), spacing, None, title, fill)
        if kind == "tiff":
            image = read_tiff(file, title, None, frame, (-_LARGEST, _LARGEST))
            if image.channel_axis is not None:
                raise ImageError(
                    f"{title}: {image.channels} channels; a volume has one. Save the channel you want"
                )
            steps = _steps(image.axes, image.pixel_size, image.unit)
            return _made(image.array, spacing, steps, title, fill)
    raise ImageError(f"{title}: a {kind.upper()} is a single picture; formats of volumes are {_FORMATS}")


def _made(
    values: Any,
    spacing: Sequence[float] | None,
    own: tuple[float, ...] | None,
    name: str,
    fill: float | None,
) -> Volume:
    steps = spacing if spacing is not None else own or (1.0, 1.0, 1.0)
    return Volume(values, steps, name=name, fill=fill)


def _steps(axes: str, size: tuple[float, ...] | None, unit: str) -> tuple[float, ...] | None:
    """Size of a voxel in mm, or None when the file does not say, or says it in no unit of length."""
    if size is None or axes != "ZYX":
        return None
    in_unit, _ = common_unit({"X": (1.0, unit), "Y": (1.0, "mm")})
    return None if in_unit is None else tuple(step / in_unit["Y"] for step in size)


def _npy(source: str | os.PathLike[str] | bytes, name: str) -> NDArray[Any]:
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file)
            check_volume_header(shape, dtype, name, held=isinstance(source, bytes))
            if isinstance(source, bytes):
                file.seek(0)
                return np.lib.format.read_array(file, allow_pickle=False)
        return np.lib.format.open_memmap(Path(source), mode="r")
    except ImageError:
        raise
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged or truncated NPY ({error}); save it again") from error


def _zarr(path: Path, name: str, frame: int | None) -> tuple[Any, tuple[float, ...] | None]:
    """Array of a Zarr folder, read in parts, and the size of its voxels in mm."""
    stored, order, _, sizes, unit = open_zarr(path, name)
    shape, dtype = tuple(stored.shape), np.dtype(stored.dtype)
    if order is None:
        check_volume_header(shape, dtype, name, held=False)
        return stored, None
    places = [axis for axis, one in enumerate(order) if one in "TC"]
    cut: list[int | slice] = [slice(None)] * len(shape)
    for axis in places:
        if shape[axis] == 1:
            cut[axis] = 0
        elif order[axis] == "T" and frame is not None and 0 <= frame < shape[axis]:
            cut[axis] = frame
        elif order[axis] == "T":
            raise ImageError(
                f"{name}: {shape[axis]} time points; choose one of 0 to {shape[axis] - 1} with `frame`"
            )
        else:
            raise ImageError(f"{name}: {shape[axis]} channels; a volume has one. Save the channel you want")
    kept = tuple(size for size, part in zip(shape, cut, strict=True) if isinstance(part, slice))
    check_volume_header(kept, dtype, name, held=False)
    spatial = "".join(one for one in order if one in "ZYX")
    size = None if sizes is None or not set("ZYX") <= set(sizes) else tuple(sizes[one] for one in spatial)
    return (_Part(stored, cut) if places else stored), _steps(spatial, size, unit)


class _Part:
    """A volume inside a stored array of more axes, of which the others are fixed."""

    def __init__(self, stored: Any, cut: list[int | slice]) -> None:
        self.stored, self.cut = stored, cut
        self.axes = [axis for axis, part in enumerate(cut) if isinstance(part, slice)]
        self.shape = tuple(stored.shape[axis] for axis in self.axes)
        self.dtype = np.dtype(stored.dtype)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        parts = list(key) if isinstance(key, tuple) else [key]
        index = list(self.cut)
        for axis, part in zip(self.axes, parts, strict=False):
            index[axis] = part
        return np.asarray(self.stored[tuple(index)])
