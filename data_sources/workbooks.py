"""Reads tables from files with a structure of their own: Excel, Parquet, Feather; for `read_table`."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from typing import Any

import pandas as pd

from data_sources import limits
from data_sources.delimited import named
from data_sources.errors import TableError, did_you_mean
from data_sources.settle import settled

__all__ = ["read_arrow", "read_excel", "read_parquet", "sheet_names"]


# What openpyxl lets through when the XML inside is damaged; SyntaxError is the parser's own.
_DAMAGE = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_excel(content: bytes, filename: str, sheet: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Read one sheet of an Excel workbook (.xlsx, .xlsm): its values; no formula is computed, no macro run.

    Parameters
    ----------
    content : bytes
    filename : str
    sheet : str, optional
        The first sheet with cells when not given.

    Returns
    -------
    frame : DataFrame
        The first row with cells names the columns.
    notes : list of str

    Raises
    ------
    TableError
        If it is broken, too large, has no such sheet or no cells.
    """
    book = _opened(content, filename)
    try:
        names = [shown.title for shown in book.worksheets]
        if sheet is not None and sheet not in names:
            raise TableError(f'"{filename}" has no sheet "{sheet}". {did_you_mean(sheet, names)}')
        for name in names if sheet is None else [sheet]:
            rows = _cells(book[name], filename)
            if rows:
                break
        else:
            raise TableError(f'"{filename}" has no cells. Choose a workbook with a table in it.')
    except _DAMAGE as error:
        raise _broken(filename, "Excel") from error
    finally:
        book.close()
    header, notes = named(["" if cell is None else str(cell) for cell in rows[0]], filename)
    if sheet is None and len(names) > 1:
        notes.insert(
            0, f'This is the sheet "{name}"; there are also: {", ".join(n for n in names if n != name)}.'
        )
    frame = pd.DataFrame(rows[1:], columns=header, dtype=object)
    frame, unread = settled(frame)
    return frame, [*notes, *unread]


def sheet_names(content: bytes, filename: str) -> list[str]:
    """Return the names of the sheets of a workbook.

    Raises
    ------
    TableError
        If it is no workbook.
    """
    book = _opened(content, filename)
    try:
        return [shown.title for shown in book.worksheets]
    finally:
        book.close()


def _opened(content: bytes, filename: str) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if "xl/workbook.xml" not in archive.namelist():
                raise TableError(
                    f'"{filename}" is a ZIP archive without an Excel workbook. '
                    "Unpack it, or save the table as .xlsx or CSV."
                )
        if size > limits.WORKBOOK_UNPACKED_BYTES:
            raise TableError(
                f'"{filename}" unpacks to {size / 1e6:,.0f} MB; at most '
                f"{limits.WORKBOOK_UNPACKED_BYTES / 1e6:,.0f} MB are read. Save the table as Parquet or CSV."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which are not read
            return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (*_DAMAGE, InvalidFileException, OSError) as error:
        raise _broken(filename, "Excel") from error


def _cells(sheet: Any, filename: str) -> list[list[object]]:
    """Return the rows of a sheet that have cells, without the columns that have none."""
    sheet.reset_dimensions()  # some programs write a wrong size into the file
    rows: list[list[object]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in sheet.iter_rows(values_only=True):
            filled = any(cell is not None for cell in row)
            if filled:
                rows.append(list(row))
            if len(rows) > limits.TABLE_ROWS + 1 or len(row) > 16 * limits.TABLE_COLUMNS:
                raise TableError(
                    f'"{filename}" has more than {limits.TABLE_ROWS:,} rows or {limits.TABLE_COLUMNS:,} '
                    "columns. Take a part of it."
                )
    if not rows:
        return []
    width = max(len(row) for row in rows)
    padded = [row + [None] * (width - len(row)) for row in rows]
    used = [place for place in range(width) if any(row[place] is not None for row in padded)]
    return [[row[place] for place in used] for row in padded]


def read_parquet(content: bytes, filename: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Raises
    ------
    TableError
        If it is broken or larger than the limits allow.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        meta = file.metadata
        size = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
        _check_size(meta.num_rows, len(file.schema_arrow), size, filename)
        table = _gathered(file.iter_batches(batch_size=16_384), file.schema_arrow, filename)
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise _broken(filename, "Parquet") from error
    return _frame(table, filename)


def read_arrow(content: bytes, filename: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a Feather (version 2) or Arrow IPC file.

    Raises
    ------
    TableError
        If it is broken, of version 1, or larger than the limits allow.
    """
    import pyarrow as pa

    try:
        reader = pa.ipc.open_file(pa.BufferReader(content))
        batches = (reader.get_batch(place) for place in range(reader.num_record_batches))
        table = _gathered(batches, reader.schema, filename)
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise _broken(filename, "Feather") from error
    return _frame(table, filename)


def _gathered(batches: Any, schema: Any, filename: str) -> Any:
    """Join batches until they are larger than the limits: a small file can unpack to a huge one."""
    import pyarrow as pa

    kept, rows, size = [], 0, 0
    for batch in batches:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        _check_size(rows, batch.num_columns, size, filename)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema=schema)


def _check_size(rows: int, columns: int, size: int, filename: str) -> None:
    if rows > limits.TABLE_ROWS or columns > limits.TABLE_COLUMNS or size > limits.TABLE_UNPACKED_BYTES:
        raise TableError(
            f'"{filename}" is too large: at most {limits.TABLE_ROWS:,} rows, {limits.TABLE_COLUMNS:,} '
            f"columns and {limits.TABLE_UNPACKED_BYTES / 1e6:,.0f} MB unpacked are read. "
            "Take a sample or fewer columns."
        )


def _frame(table: Any, filename: str) -> tuple[pd.DataFrame, list[str]]:
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    names, notes = named(list(table.column_names), filename)
    try:
        frame = table.rename_columns(names).to_pandas(date_as_object=False, ignore_metadata=True)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise _broken(filename, "Arrow") from error
    # The row numbers that pandas saves as a column say nothing about the rows.
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith("__index_level_")])
    return frame, notes


def _broken(filename: str, kind: str) -> TableError:
    return TableError(f'"{filename}" is a damaged or incomplete {kind} file. Save or download it again.')
