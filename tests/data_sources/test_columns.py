"""Roles, labels and units that are guessed for any table, and how a person corrects them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_sources import Column, Table, TableError, gapminder, read_table
from data_sources.columns import infer_column


@pytest.mark.parametrize(
    ("name", "cells", "role", "label", "unit", "aggregate"),
    [
        ("continent", ["Asia", "Europe"] * 20, "dimension", "Continent", "", "sum"),
        ("cylinders", [4, 6, 8] * 20, "dimension", "Cylinders", "", "sum"),
        ("cylinders", [4, 6, 8, np.nan] * 20, "dimension", "Cylinders", "", "sum"),
        ("survived", [True, False], "dimension", "Survived", "", "sum"),
        ("who", [f"name {i}" for i in range(50)], "label", "Who", "", "sum"),
        ("petal_width", [0.2, 1.4, 0.3], "measure", "Petal width", "", "mean"),
        ("total_bill", [16.99, 10.34], "measure", "Total bill", "", "sum"),
        ("lifeExp", [70.1, 80.2], "measure", "Life exp", "", "mean"),
        ("distance_km", list(range(60)), "measure", "Distance", "km", "sum"),
        ("Temperature (°C)", [20, 21, 20], "measure", "Temperature", "°C", "mean"),
        ("price_usd", [1.5, 2.5], "measure", "Price", "US$", "mean"),
        ("population", list(range(100)), "measure", "Population", "", "sum"),
        ("delta", list(range(-50, 50)), "measure", "Delta", "", "mean"),
        ("passengers", [1, 1, 2, 3], "measure", "Passengers", "", "sum"),
        ("year", [1952, 2007] * 5, "time", "Year", "", "sum"),
        ("Year of birth", [1952, 2007] * 5, "time", "Year of birth", "", "sum"),
        ("year", [1, 2] * 5, "dimension", "Year", "", "sum"),
        ("month", ["2024-01", "2024-02"] * 5, "time", "Month", "", "sum"),
        ("month", ["Jan", "Feb"] * 5, "dimension", "Month", "", "sum"),
        ("ISO", ["AT", "DE"] * 5, "dimension", "ISO", "", "sum"),
        ("void", [np.nan, np.nan], "measure", "Void", "", "mean"),
        ("", ["a", "a"], "dimension", "Unnamed", "", "sum"),
    ],
)
def test_guesses(name: str, cells: list, role: str, label: str, unit: str, aggregate: str) -> None:
    column = infer_column(pd.Series(cells, name=name))
    assert (column.role, column.label, column.unit) == (role, label, unit)
    if role == "measure":
        assert column.aggregate == aggregate


def test_a_population_is_a_stock() -> None:
    assert infer_column(pd.Series(range(100), name="population")).stock
    assert not infer_column(pd.Series(range(100), name="sales")).stock


def test_dates_and_categories() -> None:
    assert infer_column(pd.Series(pd.to_datetime(["2024-01-01"]), name="x")).role == "time"
    assert infer_column(pd.Series(pd.Categorical(["a", "b"]), name="x")).role == "dimension"


def test_roles_of_a_table_of_years() -> None:
    table = Table(gapminder().frame, name="csv")
    assert (table.label, table.time, table.weight) == ("country", "year", None)
    assert table.hierarchy == ("continent", "country")
    with pytest.raises(TableError, match="level at a moment"):
        table.group("continent", "pop")


def test_hierarchy_is_guessed_from_what_nests() -> None:
    frame = pd.DataFrame(
        {"city": list("abcdef") * 2, "land": list("xxyyzz") * 2, "half": list("mmmmnn") * 2, "n": range(12)}
    )
    assert Table(frame, name="t").hierarchy == ("half", "land", "city")
    crossed = pd.DataFrame({"p": list("aabb") * 3, "q": list("xyxy") * 3, "n": range(12)})
    assert Table(crossed, name="t").hierarchy == ("p", "q")
    assert Table(crossed, name="t", hierarchy=()).hierarchy == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_318_683_096, "1.319 billion people"),
        (1_234, "1,234 people"),
        (0.5, "0.5 people"),
        (np.nan, "missing"),
        (None, "missing"),
        ("Asia", "Asia"),
        (np.int64(3), "3 people"),
    ],
)
def test_values_for_people(value: object, text: str) -> None:
    assert Column("pop", "measure", unit="people").text(value) == text


def test_years_have_no_comma_and_money_comes_first() -> None:
    assert Column("year", "time").text(2007) == "2007"
    assert Column("gdp", "measure", unit="US$").text(12_345.6) == "US$ 12,346"
    assert Column("gdp", "measure", "GDP", "US$").title == "GDP (US$)"
    assert Column("gdp", "measure").title == "Gdp"


def test_roles_and_aggregates_are_checked() -> None:
    with pytest.raises(TableError, match=r"no role.*dimension"):
        Column("x", "color")  # type: ignore[arg-type]
    with pytest.raises(TableError, match="no aggregate"):
        Column("x", "measure", aggregate="median")  # type: ignore[arg-type]


# Mapping columns by hand -----------------------------------------------------------------------------------


@pytest.fixture
def table() -> Table:
    frame = pd.DataFrame(
        {
            "city": list("abcd") * 2,
            "land": list("xxyy") * 2,
            "when": [1, 1, 1, 1, 2, 2, 2, 2],
            "people": range(10, 18),
            "rate": np.linspace(0, 1, 8),
            "text": [f"t{i}" for i in range(8)],
        }
    )
    return Table(frame, name="t")


def test_with_roles_maps_columns(table: Table) -> None:
    mapped = table.with_roles(
        [Column("people", "measure", "Inhabitants", stock=True), Column("rate", "measure", aggregate="mean")],
        label="city",
        time="when",
        weight="people",
        hierarchy=("land", "city"),
        title="Cities",
        root="Both",
    )
    assert (mapped.label, mapped.time, mapped.weight, mapped.hierarchy) == (
        "city",
        "when",
        "people",
        ("land", "city"),
    )
    assert mapped.columns["when"].role == "time"
    assert mapped.columns["city"].role == "label"
    assert mapped.title == "Cities"
    assert mapped.times == [1, 2]
    assert mapped.at(2).tree(size="people").values[0] == 14 + 15 + 16 + 17
    rates = table.frame.rate[4:]
    assert mapped.at(2).total("rate") == pytest.approx(np.average(rates, weights=table.frame.people[4:]))
    # The table it came from is as it was.
    assert table.time is None
    assert table.columns["when"].role == "dimension"
    assert mapped.with_roles(time=None, hierarchy=None).time is None


def test_unknown_and_unfit_columns_are_told(table: Table) -> None:
    with pytest.raises(TableError, match='Did you mean "city"'):
        table.with_roles(label="City")
    with pytest.raises(TableError, match=r"no column.*in the hierarchy"):
        table.with_roles(hierarchy=("land", "street"))
    with pytest.raises(TableError, match="twice"):
        table.with_roles(hierarchy=("land", "land"))
    with pytest.raises(TableError, match="holds text"):
        table.with_roles(weight="text")
    with pytest.raises(TableError, match="cannot be a measure"):
        table.with_roles([Column("text", "measure")])
    with pytest.raises(TableError, match="no column"):
        table.with_roles([Column("nobody", "measure")])
    with pytest.raises(TableError, match=r'no role "lable".*Did you mean "label"'):
        table.with_roles(lable="city")
    with pytest.raises(TableError, match='Did you mean "people"'):
        Table(table.frame, [Column("peple", "measure")], name="t")
    with pytest.raises(TableError, match="'a'"):
        Table(pd.DataFrame([[1, 2]], columns=["a", "a"]), name="t")


def test_bands_by_hand_and_of_a_column_with_gaps(table: Table) -> None:
    banded = table.with_bands("people", cuts=(12, 15))
    assert banded.keys("people band") == ["under 12", "12–15", "15 and over"]
    assert banded.group("people band", None).values.tolist() == [2, 3, 3]
    assert banded.columns["people band"].role == "dimension"
    with pytest.raises(TableError, match="must increase"):
        table.with_bands("people", cuts=(15, 12))
    with pytest.raises(TableError, match="holds text"):
        table.with_bands("text")
    with pytest.raises(TableError, match="Bands"):
        table.with_bands("people", count=1)


def test_a_band_column_that_came_with_the_rows_is_kept() -> None:
    table = Table(pd.DataFrame({"age": [1.5, 2.5, 3.5], "age band": ["a", "b", "b"]}), name="t")
    assert table.with_bands("age").keys("age band") == ["a", "b"]
    other = Table(pd.DataFrame({"age": [1.5, 2.5, 3.5]}), name="t").with_bands("age", cuts=(2,))
    assert other.with_bands("age", cuts=(3,)).keys("age band") == ["under 3", "3 and over"]


# Times -----------------------------------------------------------------------------------------------------


def test_dates_are_grouped_by_the_finest_period_that_can_be_stepped_through() -> None:
    stamps = pd.date_range("2023-01-01", "2024-12-31 23:00", freq="h")
    frame = pd.DataFrame({"when": [*stamps, pd.NaT], "n": 1.5})
    table = Table(frame, name="log")
    assert table.time is None
    monthly = table.with_periods("when")
    assert monthly.time == "when (month)"
    assert monthly.columns["when (month)"].label == "When (month)"
    assert monthly.times[:2] == ["2023-01", "2023-02"]
    assert len(monthly.times) == 24
    lines = monthly.lines(None)
    expected = stamps.to_series().groupby(stamps.strftime("%Y-%m")).size()
    assert lines.values[0].tolist() == expected.tolist()
    assert len(monthly.at("2024-02")) == 29 * 24
    assert table.with_periods("when", "year").times == ["2023", "2024"]
    assert table.with_periods("when", "day").keys("when (day)")[-1] == "missing"
    with pytest.raises(TableError, match="no dates"):
        table.with_periods("n")
    with pytest.raises(TableError, match='no period "week"'):
        table.with_periods("when", "week")


def test_read_dates_become_a_time(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    pd.DataFrame({"when": pd.date_range("2024-01-01", periods=2_000, freq="h"), "n": 1.5}).to_csv(
        path, index=False
    )
    table = read_table(path)
    assert table.time == "when (day)"
    assert len(table.times) == 84
    assert "too many different times" in table.notes[-1]


def test_each_time_is_one_table_however_many_there_are() -> None:
    frame = pd.DataFrame({"year": np.repeat(np.arange(1800, 2000), 3), "n": 1.5})
    table = Table(frame, name="long")
    parts = [table.at(year) for year in table.times]
    assert all(table.at(year) is part for year, part in zip(table.times, parts, strict=True))
    with pytest.raises(TableError, match="no rows of missing"):
        table.at("missing")
