"""Reads tables from text: CSV and its relatives, of any encoding and delimiter; for `read_table`."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections import Counter

import pandas as pd

from data_sources import limits
from data_sources.errors import TableError
from data_sources.settle import is_code, settled

__all__ = ["KINDS", "decoded", "named", "read_delimited", "sniffed_delimiter"]

KINDS = "Choose a CSV, TSV, Excel (.xlsx), Parquet or Feather file."
_DELIMITERS = (",", ";", "\t", "|")
_COMMA = r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*"
# UTF-32 before UTF-16, for its mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(content: bytes, filename: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a table from the bytes of a text file.

    Parameters
    ----------
    content : bytes
    filename : str
        For messages; ".tsv" and ".tab" fix the delimiter.

    Returns
    -------
    frame : DataFrame
    notes : list of str
        What had to be guessed or could not be read.

    Raises
    ------
    TableError
        If there is no header, two columns have the same name, or the rows do not fit the header.
    """
    text, notes = decoded(content, filename)
    text = text.lstrip("\ufeff\r\n")
    told = re.match(r"sep=(.)\r?\n", text)
    if told:
        text = text[told.end() :]
    if not text.strip():
        raise TableError(f'"{filename}" is empty. Choose a file whose first line names the columns.')
    if told:
        delimiter = told.group(1)
    elif filename.lower().endswith((".tsv", ".tab")):
        delimiter = "\t"
    else:
        delimiter = sniffed_delimiter(text)
    names, more = _header(text, delimiter, filename)
    frame = _parsed(text, delimiter, names, filename)
    codes = _codes(text, delimiter, names, filename, frame)
    decimal_comma = delimiter != "," and _may_have_decimal_comma(frame)
    if decimal_comma:
        # Once more as texts: 1.234 is already read as a number, and may be a thousand.
        texts = _parsed(text, delimiter, names, filename, texts=names)
        decimal_comma = _has_decimal_comma(texts)
        if decimal_comma:
            frame = texts
            notes.append("Numbers are read with a decimal comma.")
    frame = frame.assign(**codes)
    frame, unread = settled(frame, decimal_comma)
    return frame, [*notes, *more, *unread]


def decoded(content: bytes, filename: str) -> tuple[str, list[str]]:
    """Return the text of a file by its byte order mark, else as UTF-8, UTF-16 or Windows-1252, with notes.

    Raises
    ------
    TableError
        If it is no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), []
            except UnicodeDecodeError as error:
                raise TableError(
                    f'"{filename}" says it is {encoding.upper()} but is damaged. Save it again as UTF-8.'
                ) from error
    start = content[:4096]
    if 0 in start:
        return _without_mark(content, start, filename)
    if _is_binary(start.decode("latin-1")):
        raise TableError(f'"{filename}" is no text and no table of a kind that is known. {KINDS}')
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    guess = "If letters look wrong, save the file as UTF-8."
    try:
        return content.decode("cp1252"), [f"The text is no UTF-8; it is read as Windows-1252. {guess}"]
    except UnicodeDecodeError:
        return content.decode("latin-1"), [f"The text is no UTF-8; it is read as Latin-1. {guess}"]


def _is_binary(start: str) -> bool:
    return sum(char < " " and char not in "\t\n\r\f" for char in start) > len(start) // 50


def _without_mark(content: bytes, start: bytes, filename: str) -> tuple[str, list[str]]:
    """Read UTF-16 that lost its mark: every other byte of simple text is 0."""
    encoding = "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    zeros = start[1::2] if encoding == "utf-16-le" else start[::2]
    if zeros.count(0) > 0.4 * len(zeros) and len(content) % 2 == 0:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text = ""
        if text and not _is_binary(text[:4096]):
            return text, [f"The text has no mark of its encoding; it is read as {encoding.upper()}."]
    raise TableError(f'"{filename}" is no text and no table of a kind that is known. {KINDS}')


def sniffed_delimiter(text: str) -> str:
    """Return which of comma, semicolon, tab and bar splits most lines into the same number of cells.

    A text that none of them splits is a table of one column, for which a comma does.
    """
    sample = text[: limits.SNIFF_BYTES]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        counts: Counter[int] = Counter()
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if row:
                    counts[len(row)] += 1
        except csv.Error:
            continue
        if not counts:
            continue
        cells, lines = max(counts.items(), key=lambda item: (item[1], item[0]))
        if cells > 1 and (lines / counts.total(), cells) > score:
            best, score = delimiter, (lines / counts.total(), cells)
    return best


def _header(text: str, delimiter: str, filename: str) -> tuple[list[str], list[str]]:
    """Return the names in the first line; nameless columns get a name, with a note."""
    try:
        names = next(csv.reader(io.StringIO(text[: limits.SNIFF_BYTES], newline=""), delimiter=delimiter))
    except (csv.Error, StopIteration) as error:
        raise TableError(
            f'The first line of "{filename}" cannot be read as names of columns: {error}.'
        ) from error
    return named(names, filename)


def named(names: list[str], filename: str) -> tuple[list[str], list[str]]:
    """Check the names of columns and name the nameless.

    Raises
    ------
    TableError
        If two columns have the same name, or there are more than `limits.TABLE_COLUMNS`.
    """
    names = [name.strip() for name in names]
    if len(names) > limits.TABLE_COLUMNS:
        raise TableError(
            f'"{filename}" has {len(names):,} columns; at most {limits.TABLE_COLUMNS:,} are read. '
            "Leave some out."
        )
    double = [name for name, times in Counter(filter(None, names)).items() if times > 1]
    if double:
        shown = ", ".join(f'"{name[:40]}"' for name in double[:5])
        raise TableError(
            f'Several columns of "{filename}" are called {shown}. Give each column its own name.'
        )
    notes = []
    for place, name in enumerate(names):
        if not name:
            free = f"column {place + 1}"
            while free in names:
                free += "'"
            names[place] = free
            notes.append(f'Column {place + 1} has no name; it is called "{free}".')
    return names, notes


def _parsed(
    text: str, delimiter: str, names: list[str], filename: str, texts: list[str] | None = None
) -> pd.DataFrame:
    """Parse the rows: all columns with pandas' own guesses, or some columns as they are written."""
    try:
        with warnings.catch_warnings():
            # pandas drops cells beyond the header with no more than a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(text.encode("utf-8", "replace")),  # a StringIO takes four bytes a character
                sep=delimiter,
                header=0,
                names=names,
                index_col=False,
                usecols=texts,
                dtype="str" if texts else None,
                low_memory=False,
                keep_default_na=False,
                na_values=[""],
                nrows=limits.TABLE_ROWS + 1,
                engine="c",
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error, ValueError) as error:
        raise TableError(f'"{filename}" cannot be read: {_reason(str(error), len(names))}') from error
    if len(frame) > limits.TABLE_ROWS:
        raise TableError(f'"{filename}" has more than {limits.TABLE_ROWS:,} rows. Take a sample of it.')
    return frame


def _reason(error: str, columns: int) -> str:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error)
    if found:
        expected, line, saw = found.groups()
        return (
            f"line {line} has {saw} cells and the header {expected}. "
            "Put cells that hold the delimiter in quotes."
        )
    if "does not match length of data" in error:
        return f"the rows have more cells than the header, which names {columns}."
    if "EOF inside string" in error:
        return "a quotation mark is opened and never closed."
    return f"{error.strip().rstrip('.')}."


def _codes(
    text: str, delimiter: str, names: list[str], filename: str, frame: pd.DataFrame
) -> dict[str, pd.Series]:
    """Return the columns of whole numbers that are codes, such as 00501 or an id of 18 digits, as texts.

    As a number the one would lose its zeros, the other its last digits.
    """
    whole = [name for name in names if pd.api.types.is_integer_dtype(frame[name].dtype)]
    # One search for each character before a cell: a pattern with a fixed beginning is ten times faster.
    zeros = any(re.search(f"{re.escape(before)}0[0-9]", text) for before in (delimiter, "\n", '"', " "))
    doubtful = [name for name in whole if zeros or (len(frame) and frame[name].abs().max() >= 10**16)]
    if not doubtful:
        return {}
    written = _parsed(text, delimiter, names, filename, texts=doubtful)
    return {name: written[name] for name in doubtful if is_code(written[name]).any()}


def _may_have_decimal_comma(frame: pd.DataFrame) -> bool:
    texts = (frame[name] for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype))
    return any(bool(cells.dropna().head(1000).str.fullmatch(_COMMA).any()) for cells in texts)


def _has_decimal_comma(frame: pd.DataFrame) -> bool:
    """Tell whether numbers are written 1,5: some are, and none is written 1.5."""
    commas = points = 0
    for name in frame.columns:
        cells = frame[name].dropna().head(1000).str.strip()
        commas += int(cells.str.fullmatch(_COMMA).sum())
        points += int(cells.str.fullmatch(r"[+-]?\d+\.(\d{1,2}|\d{4,})").sum())
    return commas > 0 and points == 0
