"""Files of all kinds, whole and broken: what is read, what is noted, what the error says."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from data_sources import SourceError, TableError, gapminder, limits, read_table
from data_sources.delimited import sniffed_delimiter

PLAIN = "name,wert\nÄpfel,1.5\nÖl,2.25\n"


def excel(*rows: list, title: str = "Sheet", more: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name in more:
        book.create_sheet(name)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(frame: pd.DataFrame, **options) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


# Every kind gives the same table ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def countries() -> pd.DataFrame:
    return gapminder().at(2007).frame


def contents(frame: pd.DataFrame) -> dict[str, bytes]:
    feather, book = io.BytesIO(), io.BytesIO()
    frame.to_feather(feather)
    frame.to_excel(book, index=False)
    return {
        "a.csv": frame.to_csv(index=False).encode(),
        "a.tsv": frame.to_csv(index=False, sep="\t").encode(),
        "a.txt": frame.to_csv(index=False, sep="|").encode("utf-8-sig"),
        "semicolon.csv": frame.to_csv(index=False, sep=";", decimal=",").encode(),
        "a.csv.gz": gzip.compress(frame.to_csv(index=False).encode()),
        "a.parquet": parquet(frame),
        "a.feather": feather.getvalue(),
        "a.xlsx": book.getvalue(),
    }


@pytest.mark.parametrize("filename", list(contents(pd.DataFrame({"a": ["b"]}))))
def test_every_kind_of_file_gives_the_rows_that_were_written(filename: str, countries: pd.DataFrame) -> None:
    table = read_table(contents(countries)[filename], filename)
    pd.testing.assert_frame_equal(table.frame, countries, check_dtype=False)
    assert table.label == "country"
    assert table.time == "year"
    assert table.measures == ["lifeExp", "pop", "gdpPercap"]
    assert table.columns["pop"].stock
    # The content decides, not the name.
    again = read_table(contents(countries)[filename], "table.xyz")
    pd.testing.assert_frame_equal(again.frame, countries, check_dtype=False)


def test_paths_and_open_files(tmp_path: Path) -> None:
    path = tmp_path / "My Table 2.csv"
    path.write_text(PLAIN, encoding="utf-8")
    table = read_table(path)
    assert (table.name, table.title, table.source) == ("my-table-2", "My Table 2", "My Table 2.csv")
    assert read_table(str(path)).frame.equals(table.frame)
    with path.open("rb") as file:
        assert read_table(file).title == "My Table 2"
    with path.open() as file, pytest.raises(TableError, match="rb"):
        read_table(file)  # type: ignore[arg-type]
    assert read_table(io.BytesIO(path.read_bytes()), title="Fruit").title == "Fruit"
    with pytest.raises(TableError, match="There is no file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(TableError, match="There is no file"):
        read_table(tmp_path)


# Text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", True),
        ("utf-16-be", True),
        ("utf-32", False),
        ("cp1252", True),
        ("latin-1", True),
    ],
)
def test_encodings(encoding: str, noted: bool) -> None:
    table = read_table(PLAIN.encode(encoding), "fruit.csv")
    assert table.frame.name.tolist() == ["Äpfel", "Öl"]
    assert table.frame.wert.tolist() == [1.5, 2.25]
    assert bool(table.notes) is noted


def test_a_byte_that_windows_does_not_know_is_latin_1() -> None:
    assert read_table(b"name,x\n\x81\xe4,1\n", "t.csv").frame.name.tolist() == ["\x81ä"]


def test_damaged_text_says_so() -> None:
    with pytest.raises(TableError, match="UTF-16 but is damaged"):
        read_table(PLAIN.encode("utf-16")[:-1], "t.csv")


@given(
    st.lists(
        st.tuples(st.text(alphabet="abc ,;\t|\"\n'é", min_size=1, max_size=8), st.integers(-99, 99)),
        min_size=2,
        max_size=20,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
@settings(max_examples=100, deadline=None)
def test_what_pandas_writes_is_read_back(rows: list, delimiter: str) -> None:
    rows = [(text + "x", number) for text, number in rows]
    frame = pd.DataFrame(rows, columns=["text", "number"])
    content = frame.to_csv(index=False, sep=delimiter).encode()
    # A header of two names; which delimiter it is must come out whatever the texts contain.
    if sniffed_delimiter(content.decode()) != delimiter:
        return  # texts full of another delimiter can look like its table
    table = read_table(content, "t.csv")
    assert table.frame.text.tolist() == frame.text.tolist()
    assert table.frame.number.tolist() == frame.number.tolist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_beside_quoted_others(delimiter: str) -> None:
    text = delimiter.join(["a", "b", "c"]) + "\n"
    text += (delimiter.join(['"x, y; z"', "1", '"p|q"']) + "\n") * 5
    assert sniffed_delimiter(text) == delimiter


def test_excel_writes_which_delimiter_it_used() -> None:
    table = read_table(b"sep=;\r\na;b\r\nx,y;1\r\n", "t.csv")
    assert table.frame.to_dict("list") == {"a": ["x,y"], "b": [1]}


def test_one_column_is_a_table_too() -> None:
    assert read_table(b"x\n1\n2\n3\n", "t.csv").frame.x.tolist() == [1, 2, 3]


def test_decimal_comma_only_where_it_is_evident() -> None:
    table = read_table(b"ort;wert;plz\nA;1,5;01067\nB;1.234,25;04109\nC;-2,0;10115\n", "t.csv")
    assert table.frame.wert.tolist() == [1.5, 1234.25, -2.0]
    assert table.frame.plz.tolist() == ["01067", "04109", "10115"]
    assert table.notes == ("Numbers are read with a decimal comma.",)
    plain = read_table(b"a;b\nx;1.5\ny;1.234\n", "t.csv")
    assert plain.frame.b.tolist() == [1.5, 1.234]


def test_thousands_dates_truths_and_gaps() -> None:
    text = (
        "n,day,ok,iso,gap,id\n"
        '"1,234",2024-01-31,True,NA,NA,900719925474099301\n'
        '"12,000,000.5",2024-02-29T12:00,false,DE,3,900719925474099302\n'
        "7,2024-03-01,TRUE,FR,-,900719925474099303\n"
    )
    frame = read_table(text.encode(), "t.csv").frame
    assert frame.n.tolist() == [1234, 12_000_000.5, 7]
    assert frame.day.tolist() == [
        pd.Timestamp("2024-01-31"),
        pd.Timestamp("2024-02-29 12:00"),
        pd.Timestamp("2024-03-01"),
    ]
    assert frame.ok.tolist() == [True, False, True]
    assert frame.iso.tolist() == ["NA", "DE", "FR"]  # Namibia is not a gap
    assert np.isnan(frame.gap[[0, 2]]).all()
    assert frame.id[0] == "900719925474099301"  # as a float it would end in 00


def test_cells_that_are_no_number_are_counted_in_a_note() -> None:
    lines = "".join(f"{i},{i * i}\n" for i in range(20))
    table = read_table(f"x,y\n{lines}oops,?\n12 km,3\n".encode(), "t.csv")
    assert table.frame.x.isna().sum() == 2
    assert table.columns["x"].role == "measure"
    assert table.notes == ("Column \"x\": 2 cells are no number and count as missing ('oops', '12 km').",)
    assert np.isnan(table.frame.y[20])
    mostly_text = read_table(b"x\na\nb\nc\n1\n", "t.csv")
    assert mostly_text.frame.x.tolist() == ["a", "b", "c", "1"]
    dates = read_table(b"d\n2024-01-01\n2024-01-02\n2024-01-03\n2024-01-04\n2024-02-30\n", "t.csv")
    assert "1 cell is no date" in dates.notes[0]
    assert dates.columns["d"].role == "time"


def test_short_rows_have_gaps_and_nameless_columns_get_a_name() -> None:
    table = read_table(b"a,,c\n1,2,3\n4\n5,6,7\n", "t.csv")
    assert list(table.frame.columns) == ["a", "column 2", "c"]
    assert np.isnan(table.frame["c"][1])
    assert table.notes == ('Column 2 has no name; it is called "column 2".',)


def test_markup_in_cells_and_names_is_only_text() -> None:
    table = read_table(b"<b>x</b>,y\n<img src=x onerror=alert(1)>,1\n=1+1,2\n@a,3\n", "t.csv")
    assert table.frame["<b>x</b>"].tolist() == ["<img src=x onerror=alert(1)>", "=1+1", "@a"]


@pytest.mark.parametrize(
    ("content", "filename", "message"),
    [
        (b"", "t.csv", "is empty"),
        (b"\n \n", "t.csv", "is empty"),
        ("\ufeff".encode(), "t.csv", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "photo.csv", 'photo.csv" is a PNG image'),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "t.csv", "JPEG image"),
        (b"%PDF-1.7", "t.csv", "PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.xls", "save it as .xlsx"),
        (b"SQLite format 3\x00", "t.csv", "SQLite"),
        (b"<!DOCTYPE html><html>", "t.csv", "web page"),
        (b'{"a": [1]}', "t.csv", "JSON"),
        (b"\x80\x04\x95\x00\x00\x00\x00", "t.csv", "no text and no table"),
        (bytes(range(1, 32)) * 20, "t.csv", "no text and no table"),
        (b"\x00\x01\x02\x03" * 200, "t.csv", "no text and no table"),
        (b"a,b,a\n1,2,3\n", "t.csv", 'are called "a"'),
        (b"a,b\n1,2\n3,4,5\n", "t.csv", "line 3 has 3 cells and the header 2"),
        (b"a,b\n1,2,3\n4,5,6\n", "t.csv", "more cells than the header"),
        (b'a,b\n"1,2\n3,4\n', "t.csv", "never closed"),
        (b"hello", "t.xlsx", "not what its ending .xlsx promises"),
        (b"PAR1 and then nothing", "t.parquet", "damaged or incomplete Parquet"),
        (b"ARROW1 and then nothing", "t.feather", "damaged or incomplete Feather"),
        (b"FEA1", "t.feather", "old version 1"),
        (b"PK\x03\x04 and then nothing", "t.xlsx", "damaged or incomplete Excel"),
        (b"\x1f\x8b and then nothing", "t.csv.gz", "damaged gzip"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "t.csv.gz", "damaged gzip"),
    ],
)
def test_bad_files_say_what_they_are(content: bytes, filename: str, message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        read_table(content, filename)
    assert isinstance(caught.value, SourceError)
    assert filename in str(caught.value)


def test_header_without_rows_is_a_table_that_cannot_be_explored() -> None:
    table = read_table(b"a,b\n", "t.csv")
    assert len(table) == 0
    assert list(table.columns) == ["a", "b"]
    with pytest.raises(TableError, match="no rows"):
        table.check_explorable()


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_table_or_a_table_error(content: bytes) -> None:
    try:
        table = read_table(content, "any.csv")
    except TableError:
        return
    for name in table.measures:
        table.histogram(name, table.edges(name))


@pytest.mark.parametrize("filename", ["a.parquet", "a.feather", "a.xlsx"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_damaged_files_are_a_table_error(filename: str, data: st.DataObject) -> None:
    content = bytearray(_SMALL[filename])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(8, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read_table(bytes(content), filename)
    except TableError:
        return


_SMALL = contents(pd.DataFrame({"a": ["x", "y"], "b": [1, 2]}))


# Limits ----------------------------------------------------------------------------------------------------


def test_files_over_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "TABLE_FILE_BYTES", 100)
    path = tmp_path / "big.csv"
    path.write_bytes(b"x\n" * 60)
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(TableError, match="more than 0 MB"):
            read_table(source)
    with pytest.raises(TableError, match="unpacked"):
        read_table(gzip.compress(path.read_bytes()), "big.csv.gz")


@pytest.mark.parametrize("filename", ["a.csv", "a.xlsx", "a.parquet", "a.feather"])
def test_rows_over_the_limit(filename: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = contents(pd.DataFrame({"x": range(11)}))[filename]
    monkeypatch.setattr(limits, "TABLE_ROWS", 11)
    assert len(read_table(content, filename)) == 11
    monkeypatch.setattr(limits, "TABLE_ROWS", 10)
    with pytest.raises(TableError, match="10 rows"):
        read_table(content, filename)


def test_columns_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TABLE_COLUMNS", 2)
    with pytest.raises(TableError, match="at most 2"):
        read_table(b"a,b,c\n1,2,3\n", "t.csv")


def test_what_unpacks_to_too_much_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TABLE_UNPACKED_BYTES", 100_000)
    same = pd.DataFrame({"x": ["a" * 1000] * 1000})
    assert len(parquet(same)) < 10_000
    with pytest.raises(TableError, match="unpacked"):
        read_table(parquet(same), "t.parquet")
    monkeypatch.setattr(limits, "WORKBOOK_UNPACKED_BYTES", 100_000)
    bomb = io.BytesIO(excel(["a"], [1]))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(200_000))
    with pytest.raises(TableError, match="unpacks to"):
        read_table(bomb.getvalue(), "t.xlsx")


# Excel -----------------------------------------------------------------------------------------------------


def test_excel_finds_the_table_and_names_the_other_sheets() -> None:
    rows = [
        [],
        [None, "name", "n", "when"],
        [None, "a", 1, datetime.datetime(2024, 1, 2)],
        [None, "b", 2.5, None],
    ]
    content = excel(*rows, title="Data", more=("Notes",))
    table = read_table(content, "t.xlsx")
    assert list(table.frame.columns) == ["name", "n", "when"]
    assert table.frame.n.tolist() == [1, 2.5]
    assert table.columns["when"].role == "time"
    assert table.notes == ('This is the sheet "Data"; there are also: Notes.',)
    with pytest.raises(TableError, match='Did you mean "Data"'):
        read_table(content, "t.xlsx", sheet="data")
    with pytest.raises(TableError, match="no cells"):
        read_table(content, "t.xlsx", sheet="Notes")


def test_excel_formulas_are_not_computed_and_mixed_cells_are_noted() -> None:
    rows = [["n", "f", "mix"], *([i, "=1+1", i] for i in range(9)), [9, "=HYPERLINK(1)", "none of it"]]
    table = read_table(excel(*rows), "t.xlsx")
    assert table.frame.f.isna().all()
    assert table.columns["mix"].role == "measure"
    assert table.notes == ("Column \"mix\": 1 cell is no number and counts as missing ('none of it').",)
    with pytest.raises(TableError, match='are called "a"'):
        read_table(excel(["a", "a"], [1, 2]), "t.xlsx")
    with pytest.raises(TableError, match="no cells"):
        read_table(excel(), "t.xlsx")
    assert len(read_table(excel(["a", "b"]), "t.xlsx")) == 0


def test_a_zip_archive_is_not_a_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "x\n1\n")
    with pytest.raises(TableError, match="ZIP archive without"):
        read_table(buffer.getvalue(), "t.xlsx")


# Parquet and Feather ---------------------------------------------------------------------------------------


def test_parquet_kinds_of_columns() -> None:
    import decimal

    frame = pd.DataFrame(
        {
            "money": [decimal.Decimal("1.50"), decimal.Decimal("2.25")],
            "day": pd.to_datetime(["2024-01-01", "2024-01-02"]).date,
            "kind": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True),
            "list": [[1, 2], None],
            "flag": [True, False],
            "maybe": pd.array([1, None], dtype="Int64"),
        },
        index=pd.Index([5, 6]),
    )
    table = read_table(parquet(frame), "t.parquet")
    assert list(table.frame.columns) == list(frame.columns)
    assert table.frame.money.tolist() == [1.5, 2.25]
    assert table.columns["day"].role == "time"
    assert table.times == ["2024-01-01", "2024-01-02"]
    assert table.keys("list") == ["[1 2]", "missing"]
    assert table.keys("flag") == [False, True]
    assert table.numbers("maybe")[0] == 1


def test_parquet_with_double_names() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), buffer)
    with pytest.raises(TableError, match='are called "a"'):
        read_table(buffer.getvalue(), "t.parquet")


def test_parquet_without_rows() -> None:
    assert len(read_table(parquet(pd.DataFrame({"a": pd.Series(dtype=float)})), "t.parquet")) == 0
