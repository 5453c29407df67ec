"""Reads a Zarr array or the finest level of an OME-Zarr image from a folder; called by reading.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data_sources.errors import ImageError
from data_sources.images.picture import Image, check_header
from data_sources.images.reading import DAMAGE, guessed_axes
from data_sources.images.tiff import common_unit, sizes_along
from data_sources.limits import IMAGE_TEXT_BYTES

__all__ = ["open_zarr", "read_zarr", "text_attributes"]

_CODECS = frozenset(
    {"bytes", "endian", "transpose", "sharding_indexed"}
    | {"blosc", "gzip", "zlib", "zstd", "lz4", "lzma", "bz2", "packbits"}
    | {"crc32c", "crc32", "adler32", "fletcher32"}
    | {"shuffle", "delta", "fixedscaleoffset", "quantize", "bitround", "astype"}
)
"""What may decode a chunk: others could run code (``pickle`` does)."""

_UNITS = {
    "micrometer": "µm",
    "nanometer": "nm",
    "millimeter": "mm",
    "centimeter": "cm",
    "meter": "m",
    "angstrom": "Å",
}


def open_zarr(path: Path, name: str) -> tuple[Any, str | None, tuple[str, ...], dict[str, float] | None, str]:
    """Open a Zarr array, or the finest level of an OME-Zarr image, without reading its values.

    Returns
    -------
    tuple
        The stored array, its axes (None when it does not say), channel names, size of a pixel by axis, unit.
    """
    described = _description(path, name)
    order: str | None = None
    names: tuple[str, ...] = ()
    sizes, unit = None, "px"
    if described.get("node_type") == "group" or "shape" not in described:
        level, order, names, sizes, unit = _multiscale(path, described, name)
        path = path / level
        described = _description(path, name)
    for codec in _codecs(described):
        if codec not in _CODECS:
            allowed = ", ".join(sorted(_CODECS))
            raise ImageError(f"{name}: compressed with {codec!r}, which is not read; allowed are {allowed}")
    try:
        import zarr

        stored = zarr.open_array(str(path), mode="r")
        np.dtype(stored.dtype)
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged Zarr ({error})") from error
    return stored, order, names, sizes, unit


def read_zarr(
    path: Path, name: str, axes: str | None, frame: int | None, value_range: tuple[float, float] | None
) -> Image:
    """Image in a Zarr folder; see `read_image` for the parameters."""
    stored, order, names, sizes, unit = open_zarr(path, name)
    shape, dtype = tuple(stored.shape), np.dtype(stored.dtype)
    if order is None:
        order = axes if axes is not None else guessed_axes(shape, name)
    if len(order) != len(shape):
        raise ImageError(f"{name}: axes {order} for {len(shape)} dimensions")
    cut: list[Any] = [
        0 if size == 1 and axis in "TCZ" else slice(None) for axis, size in zip(order, shape, strict=True)
    ]
    left = [axis for axis, one in zip(order, cut, strict=True) if isinstance(one, slice)]
    if "T" in left and "Z" in left:
        count = shape[order.index("T")]
        if frame is None or not 0 <= frame < count:
            raise ImageError(
                f"{name}: {count} time points with depth; choose one of 0 to {count - 1} with `frame`"
            )
        cut[order.index("T")] = frame
        left.remove("T")
    kept = tuple(size for size, one in zip(shape, cut, strict=True) if isinstance(one, slice))
    check_header(kept, dtype, shape[order.index("C")] if "C" in left else 1, name)
    try:
        array = np.asarray(stored[tuple(cut)])
    except DAMAGE as error:
        raise ImageError(f"{name}: a damaged Zarr ({error})") from error
    if "C" in left:
        array = np.moveaxis(array, left.index("C"), -1)
        left.remove("C")
        left.append("C")
    size = sizes_along("".join(left), sizes)
    return Image(array, "".join(left), name, names if "C" in left else (), size, unit, value_range)


def _description(path: Path, name: str) -> dict[str, Any]:
    """Read what a Zarr folder says about itself, as one mapping (version 2 has several files)."""
    found: dict[str, Any] = {}
    for part in ("zarr.json", ".zarray", ".zgroup", ".zattrs"):
        file = path / part
        if not file.is_file():
            continue
        if file.stat().st_size > IMAGE_TEXT_BYTES:
            raise ImageError(
                f"{name}: {part} has {file.stat().st_size:,} bytes; allowed are {IMAGE_TEXT_BYTES:,}"
            )
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ImageError(f"{name}: {part} is damaged ({error})") from error
        if not isinstance(said, dict):
            raise ImageError(f"{name}: {part} is damaged (no object)")
        found.update({"attributes": said} if part == ".zattrs" else said)
    if not found:
        raise ImageError(
            f"{name} is a folder without a Zarr array; formats are PNG, JPEG, TIFF, NPY and Zarr"
        )
    return found


def _codecs(described: Any) -> Iterator[str]:
    """Names of all codecs anywhere in an array's description, those inside shards too."""
    if isinstance(described, Mapping):
        for key in ("codecs", "index_codecs", "filters", "compressor"):
            part = described.get(key) or []
            for codec in part if isinstance(part, list) else [part]:
                said = codec if isinstance(codec, Mapping) else {"name": codec}
                yield str(said.get("name", said.get("id"))).removeprefix("numcodecs.")
                yield from _codecs(said.get("configuration"))


def _multiscale(
    path: Path, described: Mapping[str, Any], name: str
) -> tuple[str, str, tuple[str, ...], dict[str, float] | None, str]:
    """Folder of the finest level, axes, channel names, pixel size and unit of an OME-Zarr image."""
    try:
        said = described.get("attributes") or {}
        said = said.get("ome", said)
        scale = said["multiscales"][0]
        level = str(scale["datasets"][0]["path"])
        steps = scale["datasets"][0].get("coordinateTransformations", [])
        scales = next((one["scale"] for one in steps if one["type"] == "scale"), None)
        given = [one if isinstance(one, dict) else {"name": one} for one in scale["axes"]]
        order = "".join(str(one["name"]).upper() for one in given)
        names = tuple(
            str(one["label"]) for one in said.get("omero", {}).get("channels", []) if one.get("label")
        )
        units = [str(one.get("unit") or "") for one in given]
        lengths = {
            axis: (float(size), _UNITS.get(unit, unit))
            for axis, size, unit in zip(order, scales or [], units, strict=bool(scales))
            if axis in "XYZ"
        }
    except DAMAGE as error:
        raise ImageError(
            f"{name}: a Zarr group without an OME-Zarr image ({type(error).__name__}: {error})"
        ) from error
    target = (path / level).resolve()
    if not target.is_relative_to(path.resolve()):
        raise ImageError(f"{name}: its first level lies outside of it")
    if len(set(order)) != len(order) or not set(order) <= set("TCZYX") or not order.endswith("YX"):
        raise ImageError(f"{name}: axes {order!r}; allowed are t, c and z before y and x")
    sizes, unit = common_unit(lengths)
    return level, order, names, sizes, unit


def text_attributes(path: Path) -> dict[str, str]:
    """Attributes of a Zarr folder that are text."""
    said = _description(path, path.name).get("attributes")
    return (
        {str(key): value for key, value in said.items() if isinstance(value, str)}
        if isinstance(said, dict)
        else {}
    )
