"""Frames as an Excel workbook, read back by another library."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from larknb.errors import ConfigError
from larknb.outlets.workbook import write_workbook


def book_of(path: Path, **frames: pd.DataFrame) -> Any:
    write_workbook(frames, path)
    return openpyxl.load_workbook(path)


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def one(value: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"X": pd.Series([value], ["rec0"], dtype=dtype).rename_axis("_record_id")})


@pytest.mark.parametrize(
    ("frame", "value"),
    [
        (one("电机"), "电机"),
        (one(2.5), 2.5),
        (one(3, "Int8"), 3),
        (one(True), True),
        (one(None, object), None),
        (one(float("nan")), None),
        (one(float("inf")), "inf"),
        (one(10**17 + 1), "100000000000000001"),
        (one(999_999_999_999_999), 999_999_999_999_999),
        (one(pd.Timestamp("2024-01-05")), dt.datetime(2024, 1, 5)),
        (one(pd.Timestamp("2024-01-05 13:30:15")), dt.datetime(2024, 1, 5, 13, 30, 15)),
        (one(pd.Timestamp("1899-12-30"), "datetime64[ms]"), "1899-12-30"),
        (one(pd.Timestamp("2024-01-05", tz="UTC")), "2024-01-05 00:00:00+00:00"),
        (one(dt.time(8, 30)), dt.time(8, 30)),
        (one(("甲", "乙")), "甲; 乙"),
        (one(()), None),
        (one("甲", "category"), "甲"),
        (one("a\ud800b", object), "a?b"),
        (one("第一行\n第二行"), "第一行\n第二行"),
        (one("https://example.com"), "https://example.com"),
        (one("0012"), "0012"),
        (one({"seconds": 1}, object), '{"seconds":1}'),
    ],
)
def test_every_value_is_what_it_is(tmp_path: Path, frame: pd.DataFrame, value: Any) -> None:
    """Numbers, dates and truth stay such; what Excel cannot hold is written as its text."""
    sheet = book_of(tmp_path / "b.xlsx", t=frame).active
    assert cells(sheet) == [["_record_id", "X"], ["rec0", value]]


FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\ufeff=1", " =1", "\t=1", "\r=1", "＝1", "{=1}", "=HYPERLINK(1)"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(tmp_path: Path, text: str) -> None:
    """Neither a cell nor a header that begins like a formula is one."""
    sheet = book_of(tmp_path / "b.xlsx", t=pd.DataFrame({text: [text]}, index=pd.Index([text], name=text + " "))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}


def test_links_can_be_clicked(tmp_path: Path) -> None:
    """The address column of a link field is one of links, unless it is of a kind that runs something."""
    frame = pd.DataFrame({"报告.link": ["https://example.com/a?b=c", "javascript:alert(1)", None]})
    sheet = book_of(tmp_path / "b.xlsx", t=frame).active
    assert sheet["A2"].hyperlink.target == "https://example.com/a?b=c"
    assert sheet["A3"].hyperlink is None and sheet["A3"].value == "javascript:alert(1)"


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_they_must(tmp_path: Path) -> None:
    """Wide characters count twice; nothing is wider than a screen."""
    frame = pd.DataFrame({"短": ["x"], "标题": ["电机过热电机过热"], "长": ["字" * 500]}).rename_axis("号")
    sheet = book_of(tmp_path / "b.xlsx", t=frame).active
    widths = {letter: sheet.column_dimensions[letter].width for letter in "BCD"}
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:D2"
    assert 16 <= widths["C"] <= 22 and 55 <= widths["D"] <= 65 and widths["B"] <= 13


def test_a_text_that_is_too_long_is_cut_visibly(tmp_path: Path) -> None:
    """A cell holds 32,767 letters of UTF-16; a pair is never cut in two."""
    for text in ("字" * 40_000, "😀" * 20_000):
        value = book_of(tmp_path / "b.xlsx", t=one(text)).active["B2"].value
        assert value.endswith("…") and len(value.encode("utf-16-le")) // 2 in (32_766, 32_767)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["人员", "部门"], ["人员", "部门"]),
        (["a/b:c", "a b c"], ["a b c", "a b c (2)"]),
        (["A", "a"], ["A", "a (2)"]),
        (["x" * 40, "x" * 41], ["x" * 31, "x" * 27 + " (2)"]),
        (["", "'"], ["Sheet", "Sheet (2)"]),
        (["'q'"], ["q"]),
        (["History"], ["History_"]),
    ],
)
def test_sheets_have_names_that_excel_accepts(tmp_path: Path, titles: list[str], names: list[str]) -> None:
    """At most 31 letters, none of its own signs, no two alike whatever their case."""
    write_workbook(dict.fromkeys(titles, one("x")), tmp_path / "b.xlsx")
    assert openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames == names


def test_what_is_too_large_is_refused_before_a_byte_is_written(tmp_path: Path) -> None:
    """More columns than a sheet has are an error that says what to do, and the file of before stays."""
    (tmp_path / "b.xlsx").write_bytes(b"before")
    with pytest.raises(ConfigError, match="columns="):
        write_workbook({"t": pd.DataFrame([range(16_384)])}, tmp_path / "b.xlsx")
    assert (tmp_path / "b.xlsx").read_bytes() == b"before"


def test_an_empty_frame_is_a_header(tmp_path: Path) -> None:
    """A table without rows, and one without columns."""
    sheet = book_of(tmp_path / "b.xlsx", t=one("x").iloc[:0]).active
    assert cells(sheet) == [["_record_id", "X"]]
    assert cells(book_of(tmp_path / "c.xlsx", t=pd.DataFrame()).active) in ([], [[None]])
