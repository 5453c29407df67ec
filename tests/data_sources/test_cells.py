"""Columns as codes and as numbers, whatever kind of cells they hold."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from data_sources.cells import code, is_text, numbers, plain


@pytest.mark.parametrize(
    ("series", "keys"),
    [
        (pd.Series(["b", "a", None, "B"]), ["a", "B", "b", "missing"]),
        (pd.Series([3, 1, 2]), [1, 2, 3]),
        (pd.Series([3.0, np.nan, 1.5]), [1.5, 3, "missing"]),
        (pd.Series([10, 9, None], dtype="Int64"), [9, 10, "missing"]),
        (pd.Series([True, False]), [False, True]),
        (pd.Series(["x", "missing", None]), ["x", "missing"]),
        (pd.Series(pd.Categorical(["lo", "hi"], ["lo", "mid", "hi"], ordered=True)), ["lo", "hi"]),
        (pd.Series(pd.Categorical(["lo", "hi"], ["lo", "mid", "hi"])), ["hi", "lo"]),
        (pd.Series(["Wed", "Mon", "Sun", None]), ["Mon", "Wed", "Sun", "missing"]),
        (pd.Series(["march", "january"]), ["january", "march"]),
        (
            pd.Series([pd.Timestamp("2024-02-01"), pd.Timestamp("2024-01-01 06:30"), pd.NaT]),
            ["2024-01-01 06:30:00", "2024-02-01", "missing"],
        ),
        (pd.Series([[1], [1], None], dtype=object), ["[1]", "missing"]),
        (pd.Series([], dtype=object), []),
    ],
)
def test_codes(series: pd.Series, keys: list) -> None:
    coding = code(series)
    assert coding.keys.tolist() == keys
    assert coding.codes.dtype == np.int32
    for cell, place in zip(series, coding.codes, strict=True):
        missing = cell is None or (not isinstance(cell, list) and pd.isna(cell))
        expected = "missing" if missing else str(cell) if isinstance(cell, list) else plain(cell)
        assert coding.keys[place] == expected


def test_order_given_comes_first() -> None:
    assert code(pd.Series(list("abcd")), order=("c", "absent", "a")).keys.tolist() == ["c", "a", "b", "d"]


def test_among() -> None:
    coding = code(pd.Series(["a", "b", None, "a"]))
    assert coding.among(["a", "absent"]).tolist() == [True, False, False, True]
    assert coding.among(["missing"]).tolist() == [False, False, True, False]
    assert coding.among([]).tolist() == [False] * 4
    assert code(pd.Series([], dtype=object)).among(["a"]).tolist() == []


def test_numbers() -> None:
    assert numbers(pd.Series([1, 2])).tolist() == [1, 2]
    assert numbers(pd.Series([True, False])).tolist() == [1, 0]
    assert np.isnan(numbers(pd.Series([np.inf, np.nan, None], dtype=float))).all()
    assert numbers(pd.Series([5, None], dtype="Int64"))[0] == 5
    days = numbers(pd.Series(pd.to_datetime(["1970-01-02", None])))
    assert days[0] == 86_400_000
    assert np.isnan(days[1])
    zoned = pd.Series(pd.to_datetime(["1970-01-02T01:00+01:00"]))
    assert numbers(zoned).tolist() == [86_400_000]
    assert numbers(pd.Series(pd.Categorical([1, 2]))).tolist() == [1, 2]
    for text in (pd.Series(["1"]), pd.Series([1j]), pd.Series(pd.Categorical(["a"]))):
        assert is_text(text)
        with pytest.raises(TypeError):
            numbers(text)


def test_plain() -> None:
    assert plain(np.float32(2.0)) == 2
    assert isinstance(plain(np.float32(2.0)), int)
    assert plain(np.str_("a")) == "a"
    assert plain(datetime.date(2024, 1, 2)) == "2024-01-02"
    assert plain(float("nan")) == plain(None) == plain(pd.NaT) == plain(pd.NA) == "missing"
