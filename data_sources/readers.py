"""Reads a table from a file of any known kind, with an error that helps for all others."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from data_sources import limits
from data_sources.delimited import KINDS, read_delimited
from data_sources.errors import TableError
from data_sources.table import Table
from data_sources.workbooks import read_arrow, read_excel, read_parquet

__all__ = ["TABLE_SUFFIXES", "read_table"]

TABLE_SUFFIXES = (
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".csv.gz",
    ".tsv.gz",
    ".xlsx",
    ".xlsm",
    ".parquet",
    ".feather",
    ".arrow",
)
"""What a file chooser may offer; the content decides, not the name."""

# What the first bytes say; a name can be wrong.
_OTHERS = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or another old Office document"),
    (b"FEA1", "a Feather file of the old version 1"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"RIFF", "a picture, a sound or a film"),
)  # fmt: skip


def read_table(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    filename: str | None = None,
    *,
    sheet: str | None = None,
    title: str = "",
) -> Table:
    """Read a table: CSV, TSV and the like (also gzipped), Excel, Parquet, Feather.

    Nothing in the file is executed: no formula, macro or pickle.

    Parameters
    ----------
    source : path, bytes or file opened for bytes
    filename : str, optional
        For messages and the title; taken from a path when not given.
    sheet : str, optional
        Of an Excel workbook; the first with cells when not given.
    title : str
        The file's name without its ending when empty.

    Returns
    -------
    Table
        With guessed roles (see `Table.with_roles`), and `notes` on what was guessed or could not be read.
        A file with a header and no rows gives a table of 0 rows.

    Raises
    ------
    TableError
        If the file is missing, empty, too large, damaged, or no table.
    """
    content, found = _content(source)
    filename = str(filename or found)
    if not content.strip():
        raise TableError(f'"{filename}" is empty. Choose a file with a table in it.')
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(content, filename)
    frame, notes = _read(content, filename, sheet)
    stem = re.sub(r"\.(gz|[A-Za-z0-9]{1,8})$", "", re.sub(r"\.gz$", "", Path(filename).name)) or "table"
    slug = re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or "table"
    table = Table(frame, name=slug, title=title or stem, source=Path(filename).name, notes=notes)
    dates = next((name for name, column in table.columns.items() if column.role == "time"), None)
    if (
        table.time is not None
        or dates is None
        or not pd.api.types.is_datetime64_any_dtype(frame[dates].dtype)
    ):
        return table
    table = table.with_periods(dates)
    table.notes += (f'"{dates}" has too many different times to step through; see "{table.time}".',)
    return table


def _read(content: bytes, filename: str, sheet: str | None) -> tuple[pd.DataFrame, list[str]]:
    if content.startswith(b"PAR1"):
        return read_parquet(content, filename)
    if content.startswith(b"ARROW1"):
        return read_arrow(content, filename)
    if content.startswith(b"PK\x03\x04"):
        return read_excel(content, filename, sheet)
    for start, kind in _OTHERS:
        if content.startswith(start):
            raise TableError(f'"{filename}" is {kind}, whatever its name says. {_advice(kind)}')
    suffix = Path(filename).suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".parquet", ".feather", ".arrow"):
        raise TableError(
            f'"{filename}" is not what its ending {suffix} promises, or its beginning is damaged. '
            "Save or download it again."
        )
    opening = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        raise TableError(
            f'"{filename}" is a web page or XML, not a table. Download the table itself. {KINDS}'
        )
    if opening.startswith((b"{", b"[{", b"[[")):
        raise TableError(f'"{filename}" is JSON, which is not read as a table. {KINDS}')
    return read_delimited(content, filename)


def _advice(kind: str) -> str:
    if "Excel" in kind or "Feather" in kind:
        return "Open it where it was made and save it as .xlsx, Parquet or CSV."
    return KINDS if "archive" not in kind else f"Unpack it first. {KINDS}"


def _content(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """Return all bytes and a name, after a look at the size."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        _check(len(source), "The file")
        return bytes(source), "the file"
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        try:
            if not path.is_file():
                raise TableError(f'There is no file "{path}". Check the path.')
            _check(path.stat().st_size, f'"{path.name}"')
            return path.read_bytes(), path.name
        except (OSError, ValueError) as error:
            raise TableError(f'"{path.name}" cannot be opened: {error}.') from error
    name = Path(str(getattr(source, "name", "") or "the file")).name
    content = source.read(limits.TABLE_FILE_BYTES + 1)
    if not isinstance(content, bytes):
        raise TableError("The file is opened for text. Open it for bytes, with mode 'rb'.")
    _check(len(content), f'"{name}"')
    return content, name


def _check(size: int, what: str) -> None:
    if size > limits.TABLE_FILE_BYTES:
        raise TableError(
            f"{what} has more than {limits.TABLE_FILE_BYTES / 1e6:,.0f} MB. "
            "Save fewer rows or columns, or save it as Parquet."
        )


def _unpacked(content: bytes, filename: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(limits.TABLE_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(f'"{filename}" is a damaged gzip file. Save or download it again.') from error
    _check(len(unpacked), f'"{filename}", unpacked,')
    return unpacked
