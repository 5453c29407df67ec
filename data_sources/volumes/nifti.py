"""NIfTI in and out: the header is checked before a value is read; called by reading.py and for downloads."""

from __future__ import annotations

import gzip
import io
import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError
from data_sources.volumes.volume import Volume, check_volume_header

__all__ = ["looks_like_nifti", "nifti_bytes", "read_nifti"]

_HEADER_BYTES = 544
"""A NIfTI-2 header and its extension flag; a NIfTI-1 header is shorter."""

_DAMAGE = (OSError, EOFError, ValueError, OverflowError, zlib.error)
_MM = {"unknown": 1.0, "mm": 1.0, "meter": 1000.0, "micron": 0.001}
_GZIP = b"\x1f\x8b"


class Scaled:
    """Stored numbers that mean ``slope * number + intercept``, computed where they are asked for."""

    def __init__(self, stored: NDArray[Any], slope: float, intercept: float) -> None:
        self.stored, self.slope, self.intercept = stored, slope, intercept
        self.shape = stored.shape
        fits = stored.dtype.itemsize <= 2 or stored.dtype == np.float32
        self.dtype = np.dtype(np.float32 if fits else np.float64)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        part = np.asarray(self.stored[key]).astype(self.dtype)
        part *= self.dtype.type(self.slope)
        part += self.dtype.type(self.intercept)
        return part

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found = self[...]
        return found if dtype is None else found.astype(dtype)


def looks_like_nifti(start: bytes) -> bool:
    """Return whether the unpacked start of a file is that of a NIfTI, of one or two files."""
    return start[344:347] in (b"n+1", b"ni1") or start[4:7] in (b"n+2", b"ni2")


def unpacked_start(start: bytes) -> bytes:
    """Return the first bytes of what a gzip file holds, given its own first bytes; others as they are."""
    if not start.startswith(_GZIP):
        return start
    try:
        return zlib.decompressobj(wbits=31).decompress(start, _HEADER_BYTES)
    except zlib.error:
        return start


def read_nifti(
    source: str | os.PathLike[str] | bytes, name: str, frame: int | None = None, fill: float | None = None
) -> Volume:
    """Volume in a NIfTI-1 or NIfTI-2 file, `.nii` or `.nii.gz`; see `read_volume` for the parameters.

    Uncompressed files are memory-mapped.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            stream: Any = gzip.GzipFile(fileobj=file) if packed else file
            header = _header(stream.read(_HEADER_BYTES), name)
            affine, scale = _space(header, name)
            shape, dtype = _layout(header, name)
            kept = _without_singletons(shape, name)
            series = kept[3:]
            check_volume_header(
                kept[:3] if len(series) == 1 and frame is not None else kept,
                dtype,
                name,
                held=packed or isinstance(source, bytes),
            )
            first = _frame_offset(series, frame, name) * math.prod(kept[:3])
            start = int(header["vox_offset"]) + first * dtype.itemsize
            if packed:
                stored = _unpacked(stream, start, kept[:3], dtype, name)
            else:
                stored = _mapped(file, source, start, kept[:3], dtype, name)
    except ImageError:
        raise
    except _DAMAGE as error:
        raise ImageError(
            f"{name}: a damaged or truncated NIfTI ({error or type(error).__name__}); copy or export it again"
        ) from error
    values: Any = stored
    if scale is not None:
        values = Scaled(stored, *scale)
    return Volume(values, affine=affine, name=name, header=header, fill=fill)


def _header(start: bytes, name: str) -> Any:
    """Parse a header without following anything it says."""
    import nibabel
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    if not looks_like_nifti(start):
        raise ImageError(f"{name}: no NIfTI, or one that ends within its header; export it again")
    if start[344:347] == b"ni1" or start[4:7] == b"ni2":
        raise ImageError(
            f"{name}: the header of a pair (.hdr and .img), whose values are in another file; "
            "save it as one .nii"
        )
    kind = nibabel.Nifti2Header if start[4:7] == b"n+2" else nibabel.Nifti1Header
    try:
        return kind.from_fileobj(io.BytesIO(start), check=False)
    except (HeaderDataError, WrapStructError, ValueError) as error:
        raise ImageError(f"{name}: a damaged NIfTI header ({error}); export it again") from error


def _layout(header: Any, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    from nibabel.spatialimages import HeaderDataError

    try:
        shape = tuple(int(one) for one in header.get_data_shape())
        dtype = header.get_data_dtype()
    except (HeaderDataError, KeyError, ValueError) as error:
        raise ImageError(
            f"{name}: values of a type that is not understood ({error}); save it as int16 or float32"
        ) from error
    if not 1 <= int(header["dim"][0]) <= 7 or min(shape, default=0) < 1:
        raise ImageError(f"{name}: a damaged NIfTI header (sizes {shape}); export it again")
    if not 0 < float(header["vox_offset"]) < 2**31:
        raise ImageError(f"{name}: a damaged NIfTI header (values at byte {float(header['vox_offset'])})")
    return shape, dtype


def _without_singletons(shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Drop axes after the third that have one entry: many programs write volumes so."""
    kept = list(shape[:3]) + [one for one in shape[3:] if one > 1]
    if len(kept) > 4:
        raise ImageError(f"{name}: {len(shape)} axes ({' × '.join(map(str, shape))}); a volume has three")
    return tuple(kept)


def _frame_offset(series: tuple[int, ...], frame: int | None, name: str) -> int:
    if not series:
        return 0
    if frame is None or not 0 <= frame < series[0]:
        raise ImageError(
            f"{name}: there is no volume {frame} in this series; there are {series[0]}, counted from 0"
        )
    return frame


def _space(header: Any, name: str) -> tuple[NDArray[np.float64], tuple[float, float] | None]:
    """Affine in mm, and (slope, intercept) when the stored numbers are to be scaled."""
    from nibabel.spatialimages import HeaderDataError

    count = min(3, max(0, int(header["dim"][0])))
    steps = [float(one) for one in header["pixdim"][1 : 1 + count]]
    if not all(math.isfinite(step) and step != 0 for step in steps):
        raise ImageError(
            f"{name}: voxels of {' × '.join(f'{step:g}' for step in steps)} mm; each size must be above 0. "
            "Repair the header (pixdim) first"
        )
    try:
        affine = np.array(header.get_best_affine(), np.float64)
        slope, intercept = header.get_slope_inter()
        unit = header.get_xyzt_units()[0]
    except (HeaderDataError, KeyError, ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        raise ImageError(f"{name}: a damaged NIfTI header ({error}); export it again") from error
    affine[:3] *= _MM.get(unit, 1.0)
    if slope in (None, 1.0) and intercept in (None, 0.0):
        return affine, None
    return affine, (float(slope), float(intercept or 0.0))


def _unpacked(
    stream: BinaryIO, start: int, shape: tuple[int, ...], dtype: np.dtype[Any], name: str
) -> NDArray[Any]:
    """Values of a compressed file: exactly as many bytes as the header promises, in one buffer."""
    wanted = math.prod(shape) * dtype.itemsize
    stream.seek(start)
    buffer = bytearray()
    while len(buffer) < wanted:  # grows with what is there, not with what the header claims
        part = stream.read(min(wanted - len(buffer), 16_777_216))
        if not part:
            _ends_early(name, start + wanted, start + len(buffer))
        buffer += part
    stream.read(1)  # at the end of the stream its checksum is compared
    return np.ndarray(shape, dtype, buffer, order="F")


def _mapped(
    file: BinaryIO, source: Any, start: int, shape: tuple[int, ...], dtype: np.dtype[Any], name: str
) -> NDArray[Any]:
    wanted = math.prod(shape) * dtype.itemsize
    there = file.seek(0, io.SEEK_END)
    if there < start + wanted:
        _ends_early(name, start + wanted, there)
    if isinstance(source, bytes):
        return np.ndarray(shape, dtype, source, offset=start, order="F")
    return np.memmap(source, dtype, "r", offset=start, shape=shape, order="F")


def _ends_early(name: str, wanted: int, there: int) -> None:
    raise ImageError(
        f"{name}: a truncated NIfTI: its header promises {wanted:,} bytes, there are {there:,}; "
        "copy or export it again"
    )


def nifti_bytes(values: NDArray[Any], like: Volume, *, compressed: bool = True) -> bytes:
    """Return a NIfTI file of values that lie where a volume does, such as its mask.

    Parameters
    ----------
    values : (I, J, K) array
        Of the shape of `like`; booleans become uint8.
    like : Volume
        Where the affine comes from, and the header if it was read from a NIfTI.
    compressed : bool
        ``.nii.gz`` rather than ``.nii``.

    Raises
    ------
    ImageError
        Another shape, or a type that NIfTI has not.
    """
    import nibabel
    from nibabel.spatialimages import HeaderDataError

    values = np.asarray(values)
    if values.shape != like.shape:
        raise ImageError(f"values of shape {values.shape} do not lie on {like.name}, which has {like.shape}")
    if values.dtype == bool:
        values = values.astype(np.uint8)
    header = None if like.header is None else like.header.copy()
    kind = nibabel.Nifti2Image if isinstance(header, nibabel.Nifti2Header) else nibabel.Nifti1Image
    try:
        if header is None:
            image = kind(values, like.affine, dtype=values.dtype)
            image.header.set_xyzt_units("mm")
        else:
            header.set_data_dtype(values.dtype)
            header.set_slope_inter(1, 0)
            for text in ("descrip", "aux_file", "db_name", "intent_name"):  # may say who was scanned
                if text in header:
                    header[text] = b""
            header["cal_min"] = header["cal_max"] = 0
            image = kind(values, None, header)
            image.header.extensions.clear()
        image.header["descrip"] = b"Brushlink"
        content = image.to_bytes()
    except (HeaderDataError, ValueError) as error:
        raise ImageError(f"values of type {values.dtype} cannot be saved as NIfTI: {error}") from error
    return gzip.compress(content, compresslevel=6, mtime=0) if compressed else content
