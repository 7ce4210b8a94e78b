"""A table as JSON for other programs."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.tabular import records
from larknb.tabular.records import json_records


def told(values: Any) -> list[Any]:
    """Return what a program reads of one column."""
    text = b"".join(json_records(pd.DataFrame({"列": values}))).decode("utf-8")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return [row["列"] for row in json.loads(text, parse_constant=refuse)]


@pytest.mark.parametrize(
    "number", [1 / 3, 1e-12, 5e-324, 0.1 + 0.2, 1.7976931348623157e308, -math.pi, 123456789.123456789, 2.0**60, -0.0]
)
@pytest.mark.parametrize("make", [lambda one: [one], lambda one: [[one]], lambda one: [np.array([one])]])
def test_a_number_keeps_all_its_digits(make: Any, number: float) -> None:
    """Seventeen of them, however small it is, alone and in a list."""
    (found,) = told(make(number))
    assert repr(found[0] if isinstance(found, list) else found) == repr(number)


@pytest.mark.parametrize("number", [2**53 + 1, 999_999_999_999_999_999, -(2**63), 2**64 - 1, 10**30])
def test_a_whole_number_is_exact(number: int) -> None:
    """Also beyond what a float holds, and beyond 64 bits."""
    assert told([number]) == [number]
    assert told(pd.Series([number, None], dtype=object)) == [number, None]


def test_a_nullable_integer_is_exact() -> None:
    """A missing one beside it makes no float of it."""
    assert told(pd.array([2**53 + 1, None], dtype="Int64")) == [2**53 + 1, None]
    assert told(pd.array([2**53 + 1, None], dtype="int64[pyarrow]")) == [2**53 + 1, None]


@pytest.mark.parametrize(
    "column",
    [
        [math.nan],
        [math.inf],
        [-math.inf],
        [None],
        [pd.NaT],
        [pd.NA],
        pd.array([None], dtype="Int64"),
        pd.array([None], dtype="boolean"),
        pd.Categorical([None]),
        pd.Series([math.nan, 10**30, "\ud800"], dtype=object)[:1],
    ],
)
def test_what_is_missing_is_null(column: Any) -> None:
    """Of every kind, and never a word that is no JSON."""
    assert told(column) == [None]


def test_missing_in_a_row_that_only_the_standard_library_writes() -> None:
    """A big integer in the same row changes nothing for the others."""
    frame = pd.DataFrame({"big": [10**30], "nan": [math.nan], "at": [pd.NaT], "list": [[math.inf, pd.NA]]})
    row = json.loads(b"".join(json_records(frame)))[0]
    assert row == {"big": 10**30, "nan": None, "at": None, "list": [None, None]}


@pytest.mark.parametrize(
    ("moment", "iso"),
    [
        (pd.Timestamp("2024-01-01 10:00:00.123456"), "2024-01-01T10:00:00.123"),
        (pd.Timestamp("2024-01-01", tz="Asia/Shanghai"), "2023-12-31T16:00:00.000Z"),
        (pd.Timestamp("1600-01-01").as_unit("ms"), "1600-01-01T00:00:00.000"),
        (dt.date(2024, 1, 1), "2024-01-01T00:00:00.000"),
        (dt.datetime(2024, 1, 1, 3, tzinfo=dt.UTC), "2024-01-01T03:00:00.000Z"),
        (dt.time(3, 4, 5), "03:04:05"),
        (np.datetime64("2024-01-01"), "2024-01-01T00:00:00.000"),
    ],
)
def test_a_time_is_iso(moment: Any, iso: str) -> None:
    """As a cell, and in a list."""
    assert told([moment]) == [iso]
    assert told([[moment]]) == [[iso]]


@pytest.mark.parametrize("text", ["\ud800", "中\udfff文", "a\\\ud83d", "\ud800\\u0041"])
def test_half_a_character_breaks_nothing(text: str) -> None:
    """A lone surrogate is escaped, in a cell and in the name of a column; all is UTF-8."""
    frame = pd.DataFrame([[text]], columns=pd.Index([text], dtype=object), dtype=object)
    whole = b"".join(json_records(frame)).decode("utf-8")
    assert json.loads(whole) == [{text: text}]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ([], []),
        (["甲", "乙"], ["甲", "乙"]),
        (np.array(["甲", None], dtype=object), ["甲", None]),
        (np.array(["2024-01-01", "NaT"], dtype="M8[ns]"), ["2024-01-01T00:00:00.000", None]),
        ({"k": [1.5, {"子": True}]}, {"k": [1.5, {"子": True}]}),
        ({1: "a"}, {"1": "a"}),
    ],
)
def test_a_list_stays_a_list(cell: Any, found: object) -> None:
    """And a mapping a mapping, whatever is in it."""
    assert told(pd.Series([cell], dtype=object)) == [found]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5])
def test_pieces_make_one_list(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a piece ends, the whole is one list in the order of the rows; Chinese stays readable."""
    monkeypatch.setattr(records, "ROWS", 2)
    pieces = [*json_records(pd.DataFrame({"名": range(rows)}))]
    assert [row["名"] for row in json.loads(b"".join(pieces))] == [*range(rows)]
    assert rows == 0 or '"名"' in b"".join(pieces).decode("utf-8")
