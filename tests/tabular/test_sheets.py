"""Raw grids -> typed tables -> frames, as an analyst sees them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.tabular.grid import digest, row_hashes
from larknb.tabular.preview import preview
from larknb.tabular.raw import TABLE_KEY
from larknb.tabular.typed import cells, columns, to_frame, to_table

DATA = Path(__file__).parent.parent / "data" / "sheets"
TEXT = str(pd.Series(["a"]).dtype)  # the installed pandas' default: "str", before pandas 3 "object"
EPOCH = datetime(1899, 12, 30)
DAY = 86_400_000

Rows = Sequence[Any]  # of lists of cells, some of them null


def window(rows: Rows, row: int = 1, column: int = 1) -> dict[str, Any]:
    return {"row": row, "column": column, "values": rows}


def record_of(values: Rows, dates: Rows = (), frozen: int = 0, merges: Sequence[Sequence[int]] = ()) -> dict[str, Any]:
    """Return a grid given as rows from A1 on; merges are row, column, rows, columns."""
    return {
        "sheet_id": "aaaaaa",
        "title": "明细",
        "revision": 1,
        "row_count": 200,
        "column_count": 20,
        "frozen_row_count": frozen,
        "merges": [dict(zip(("row", "column", "rows", "columns"), merge, strict=True)) for merge in merges],
        "values": [window(values)],
        "dates": [window(dates)] if dates else [],
    }


def frame_of(values: Rows, dates: Rows = (), options: Any = None, **layout: Any) -> pd.DataFrame:
    return to_frame(to_table(record_of(values, dates, **layout), options))


def one_column(*items: Any, dates: Sequence[int] = ()) -> pd.DataFrame:
    """Return the frame of one column below a header; the cells at ``dates`` have a date format."""
    shown = [[None], *(["2026/01/01" if place in dates else cell] for place, cell in enumerate(items))]
    # A second column keeps the rows whose cell is empty.
    return frame_of([["x", "n"], *([cell, "·"] for cell in items)], shown if dates else ())


def listed(values: Any) -> list[Any]:
    """Return the values of a column as plain Python: None for every kind of missing one."""
    return [None if pd.isna(value) else value for value in values]


# --- the oracle -------------------------------------------------------------------------------------------------------


def received(answer: Any) -> list[dict[str, Any]]:
    """Return the windows of a recorded answer, or of one of its ranges."""
    if answer is None:
        return []
    data = answer.get("data", {"valueRange": answer})
    windows = []
    for part in data.get("valueRanges") or [data["valueRange"]]:
        place = re.search(r"!([A-Z])(\d+)", part["range"])
        if place:
            windows.append(window(part["values"], int(place[2]), ord(place[1]) - ord("A") + 1))
    return windows


def check(record: Mapping[str, Any], options: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    table = to_table(record, options)
    assert json.loads(table.schema.metadata[TABLE_KEY])["header_rows"] == [expected["header_row"]]
    assert table.column("_row").to_pylist() == expected["rows"]
    found = [
        {
            "name": field.name,
            "letter": field.metadata[b"lark.col"].decode(),
            "header": field.metadata.get(b"lark.header", b"").decode() or None,
            "type": {"double": "float64"}.get(str(field.type), str(field.type)),
            "kinds": json.loads(field.metadata[b"lark.kinds"]),
            "values": [value.isoformat() if isinstance(value, (datetime, time)) else value
                       for value in table.column(field.name).to_pylist()],
        }
        for field in table.schema.remove(0)
    ]  # fmt: skip
    assert found == expected["columns"]
    assert cells(record)[["row", "col", "kind", "text"]].to_dict("records") == expected["side"]


CASES = json.loads((DATA / "cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_constructed_cases(case: dict[str, Any]) -> None:
    """What a person would read from the grid is what the table holds."""
    record = record_of([], frozen=case["frozen"])
    record |= {"values": received(case["values"]), "dates": received(case["dates"])}
    check(record, {}, case["expected"])


@pytest.fixture
def contract() -> Path:
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    return Path(folder) / "examples" / "sheets"


def test_the_contracts_cases(contract: Path) -> None:
    """Every recorded answer gives the table that the contract expects."""
    for case in json.loads((contract / "expected_typed.json").read_text(encoding="utf-8")):
        bodies = {
            name: json.loads((contract / case[name]).read_text(encoding="utf-8")) if case[name] else None
            for name in ("p1", "p2")
        }
        record = record_of([], frozen=case["options"].get("frozen", 0))
        record |= {"values": received(bodies["p1"]), "dates": received(bodies["p2"])}
        options = {"header": case["options"]["hdr"] + 1} if "hdr" in case["options"] else {}
        check(record, options, case["expected"])


@pytest.mark.parametrize(
    "name",
    ["single", "batch_get", "embed_image", "all_null", "no_data", "ragged", "merged", "rich_cells", "trimmed_range",
     "unicode", "chunk_1", "chunk_2"],
)  # fmt: skip
def test_the_contracts_other_bodies(contract: Path, name: str) -> None:
    """No shape of the contract is too odd: a table comes of each, and every rich cell is in the side table."""
    body = json.loads((contract / f"values_{name}.json").read_text(encoding="utf-8"))
    record = record_of([]) | {"values": received(body)}
    table = to_table(record, {"header": "none"})
    assert_reproduces(record, table)


# --- types and frames -------------------------------------------------------------------------------------------------

TODAY = 46_038  # 2026-01-16


@pytest.mark.parametrize(
    ("items", "dates", "dtype", "values"),
    [
        ((1, 2), (), "int64", [1, 2]),
        ((1, None), (), "Int64", [1, None]),
        ((2**62 + 1, None), (), "Int64", [2**62 + 1, None]),
        ((2**63, 5), (), "float64", [2.0**63, 5.0]),
        ((2**64 - 1, 5), (), TEXT, ["18446744073709551615", "5"]),
        ((1.5, 2), (), "float64", [1.5, 2.0]),
        ((1.5, None), (), "float64", [1.5, None]),
        ((True, False), (), "bool", [True, False]),
        ((True, None), (), "boolean", [True, None]),
        ((True, 1), (), TEXT, ["TRUE", "1"]),
        ((1, "#N/A"), (), "Int64", [1, None]),
        ((1.5, "  "), (), "float64", [1.5, None]),
        (("1", "2"), (), TEXT, ["1", "2"]),
        (("a", None, ""), (), TEXT, ["a", None, ""]),
        ((TODAY, TODAY + 1), (0, 1), "datetime64[ms]", [pd.Timestamp("2026-01-16"), pd.Timestamp("2026-01-17")]),
        ((TODAY, None), (0,), "datetime64[ms]", [pd.Timestamp("2026-01-16"), None]),
        ((TODAY + 0.5, 0.25), (0, 1), "datetime64[ms]",
         [pd.Timestamp("2026-01-16 12:00"), pd.Timestamp("1899-12-30 06:00")]),
        ((0.5, None, 0.25), (0, 2), "object", [time(12), None, time(6)]),
        ((TODAY, 1), (0,), TEXT, ["2026-01-16", "1"]),
        ((TODAY, "待定"), (0,), TEXT, ["2026-01-16", "待定"]),
        ((None, None), (), TEXT, [None, None]),
        ((1e300, 2e7), (0, 1), "float64", [1e300, 2e7]),
        ((-693_593, 2_958_465), (0, 1), "datetime64[ms]", [pd.Timestamp(1, 1, 1), pd.Timestamp(9999, 12, 31)]),
        ((2_958_466, -693_594), (0, 1), "int64", [2_958_466, -693_594]),
        ((2_958_465.9999999999, 1), (0, 1), TEXT, ["2958466.0", "1899-12-31"]),
    ],
)  # fmt: skip
def test_types(items: Sequence[Any], dates: Sequence[int], dtype: str, values: list[Any]) -> None:
    """The narrowest type that holds every cell exactly; what no date can show stays a number."""
    column = one_column(*items, dates=dates)["x"]
    assert str(column.dtype) == dtype
    assert listed(column) == values


@pytest.mark.parametrize("name", [case["case"] for case in CASES])
def test_a_plain_read_of_the_file_gives_the_same_frame(tmp_path: Path, name: str) -> None:
    """``pd.read_parquet``, as other programs read the latest file, knows index and nullable types."""
    case = next(case for case in CASES if case["case"] == name)
    record = record_of([]) | {"values": received(case["values"]), "dates": received(case["dates"])}
    table = to_table(record)
    pq.write_table(table, tmp_path / "t.parquet")
    frame = to_frame(table)
    assert frame.index.name == "_row"
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)


def test_some_columns_of_the_file(tmp_path: Path) -> None:
    """A part of the columns keeps the index."""
    pq.write_table(to_table(record_of([["a", "b"], [1, None], [2, True]])), tmp_path / "t.parquet")
    frame = to_frame(pq.read_table(tmp_path / "t.parquet", columns=["_row", "b"]))
    assert (frame.index.tolist(), str(frame["b"].dtype)) == ([2, 3], "boolean")


def test_the_first_days() -> None:
    """The epoch is linear: there is no 1900-02-29, and days before 1900 exist."""
    column = one_column(-1, 0, 59, 60, 61, dates=range(5))["x"]
    assert [value.date().isoformat() for value in column] == [
        "1899-12-29", "1899-12-30", "1900-02-27", "1900-02-28", "1900-03-01",
    ]  # fmt: skip


def test_seconds_survive_the_double() -> None:
    """Every second of a day comes back as it was written, not a microsecond earlier."""
    serials = [TODAY + second / 86_400 for second in range(0, 86_400, 577)]
    column = one_column(*serials, dates=range(len(serials)))["x"]
    assert column.tolist() == [pd.Timestamp("2026-01-16") + pd.Timedelta(seconds=s) for s in range(0, 86_400, 577)]


# --- header -----------------------------------------------------------------------------------------------------------

GROUPS = [["区域", "2024 年", None], [None, "上半年", "下半年"], ["华东", 10, 20], [None, 30, 40]]
MERGES = [(1, 1, 2, 1), (1, 2, 1, 2), (3, 1, 2, 1)]


def test_a_header_of_several_rows() -> None:
    """Frozen rows that merged cells tie together name the columns jointly; a cell merged downwards counts once."""
    frame = frame_of(GROUPS, frozen=2, merges=MERGES)
    assert frame.columns.tolist() == ["区域", "2024 年 / 上半年", "2024 年 / 下半年"]
    assert frame.index.tolist() == [3, 4]


def test_frozen_rows_without_merged_cells() -> None:
    """The last of them is the header."""
    frame = frame_of([["报表", None], ["a", "b"], [1, 2]], frozen=2)
    assert (frame.columns.tolist(), frame.index.tolist()) == (["a", "b"], [3])


def test_a_merged_title_above_merged_groups() -> None:
    """A line over the whole width names the sheet, not its columns."""
    title = [["2024 年度报表", None, None]]
    merges = [(1, 1, 1, 3), *((row + 1, column, rows, cols) for row, column, rows, cols in MERGES)]
    frame = frame_of([*title, *GROUPS], frozen=3, merges=merges)
    assert frame.columns.tolist() == ["区域", "2024 年 / 上半年", "2024 年 / 下半年"]


def test_a_group_over_some_columns_is_no_title() -> None:
    """A single merged cell that covers only some columns is a part of their names."""
    frame = frame_of([[None, "温度", None], ["时间", "进", "出"], [1, 2, 3]], frozen=2, merges=[(1, 2, 1, 2)])
    assert frame.columns.tolist() == ["时间", "温度 / 进", "温度 / 出"]


def test_a_frozen_row_that_is_blank() -> None:
    """It names nothing; the header is looked for as if none were frozen."""
    frame = frame_of([[None, None], ["a", "b"], [1, 2]], frozen=1)
    assert frame.columns.tolist() == ["a", "b"]


def test_a_single_column() -> None:
    """Without a row of two cells the first one that is not blank is the header."""
    frame = frame_of([[None], ["名单"], ["甲"], ["乙"]])
    assert (frame.columns.tolist(), frame["名单"].tolist()) == (["名单"], ["甲", "乙"])


def test_a_header_is_looked_for_in_the_first_rows() -> None:
    """A row of two cells far below is data."""
    frame = frame_of([["标题"], *[["x"]] * 20, ["a", "b"]])
    assert frame.columns.tolist() == ["标题", "col_B"]


@pytest.mark.parametrize(
    ("header", "names", "index"),
    [
        ("none", ["col_A", "col_B", "col_C"], [1, 2, 3, 4]),
        (1, ["区域", "2024 年", "2024 年_2"], [2, 3, 4]),
        (2, ["区域", "上半年", "下半年"], [3, 4]),
        ([1, 2], ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], [3, 4]),
        ((2, 1), ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], [3, 4]),
        (9, [], []),
    ],
)
def test_the_header_is_an_option(header: Any, names: list[str], index: list[int]) -> None:
    """None, a sheet row, or several; merged cells name every column that they cover."""
    frame = frame_of(GROUPS, options={"header": header}, merges=MERGES)
    assert (frame.columns.tolist(), frame.index.tolist()) == (names, index)


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["_row", "x"], ["_row_2", "x"]),
        (["\u3000名\u00a0", "\u200b名\ufeff"], ["名", "名_2"]),
        (["e\u0301", "é"], ["é", "é_2"]),
        ([2024, 2025.5, True], ["2024", "2025.5", "TRUE"]),
        ([None, "\u3000", "x"], ["col_A", "col_B", "x"]),
        (["col_B", None, "x"], ["col_B", "col_B_2", "x"]),
        ([{"type": "url", "text": "链接", "link": "u"}, [{"type": "text", "text": "粗"}]], ["链接", "粗"]),
    ],
)  # fmt: skip
def test_names(headers: list[Any], names: list[str]) -> None:
    """Clean, never empty, each once, and none that another column has by itself."""
    assert frame_of([headers, [1] * len(headers)], options={"header": 1}).columns.tolist() == names


def test_dates_in_the_header() -> None:
    """Months along the top are named by their day."""
    frame = frame_of([["项目", TODAY], ["甲", 1]], [[None, "1月16日"]])
    assert frame.columns.tolist() == ["项目", "2026-01-16"]


def test_wide_tables() -> None:
    """Thirteen thousand columns of one name are named in a moment, the last by three letters."""
    table = to_table(record_of([["x"] * 13_000, [1] * 13_000]))
    assert table.column_names[-1] == "x_13000"
    assert table.schema.field(13_000).metadata[b"lark.col"] == b"SEZ"


# --- rows, merges, rich cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "region", "value"),
    [
        ("off", ["华东", None, "华南", None], ["a", "b", "c", None]),
        ("down", ["华东", "华东", "华南", "华南"], ["a", "b", "c", None]),
        ("all", ["华东", "华东", "华南", "华南"], ["a", "b", "华南", "华南"]),
    ],
)
def test_merged_cells(how: str, region: list[Any], value: list[Any]) -> None:
    """As they came, filled down their first column, or all over; a row blank but for the merge is no row."""
    rows = [["区域", "值", "注"], ["华东", "a", 1], [None, "b", 2], ["华南", "c", 3], [None, None, 4], [None] * 3, [5]]
    down, across = (2, 1, 2, 1), (4, 1, 3, 2)
    frame = frame_of(rows, options={"fill_merged": how}, merges=[down, across if how == "all" else (4, 1, 3, 1)])
    assert frame.index.tolist() == [2, 3, 4, 5, 7]
    assert listed(frame["区域"])[:4] == region
    assert listed(frame["值"])[:4] == value


def test_what_is_merged_with_the_header_is_no_value() -> None:
    """A header that reaches into the rows below is not written into them."""
    frame = frame_of([["区域", "值"], [None, 1], ["华南", 2]], options={"fill_merged": "all"}, merges=[(1, 1, 2, 1)])
    assert listed(frame["区域"]) == [None, "华南"]


def test_merged_cells_beyond_the_grid() -> None:
    """Merges where nothing is do no harm."""
    merges = [(2, 1, 500, 30), (900, 1, 2, 2), (1, 9, 2, 2)]
    frame = frame_of([["a"], [1]], options={"fill_merged": "all"}, merges=merges)
    assert (frame.columns.tolist(), frame["a"].tolist()) == (["a"], [1])


LINK = {"type": "url", "text": "手册", "link": "https://example.com/m"}
IMAGE = {"type": "embed-image", "text": "", "fileToken": "imgToken1", "link": "https://example.com/i?sign=1"}
PERSON = {"type": "mention", "text": "@王敏", "userID": "ou_1"}
PAGE = {"type": "mention", "text": "指南", "link": "https%3A%2F%2Fexample.com%2Fd%3Fa%3D1"}


def test_rich_cells() -> None:
    """The table has their text; links, mentions and images are in the side table, with what identifies them."""
    record = record_of([["x", "y"], [[{"type": "text", "text": "见 "}, LINK, PERSON], PAGE], [IMAGE, 1]])
    frame = to_frame(to_table(record))
    assert listed(frame["x"]) == ["见 手册@王敏", ""]
    assert listed(frame["y"]) == ["指南", "1"]
    side = cells(record)
    assert side.columns.tolist() == ["row", "col", "kind", "text", "link", "token", "raw"]
    assert [tuple(listed(row)) for row in side.iloc[:, :6].to_numpy()] == [
        (2, "A", "link", "手册", "https://example.com/m", None),
        (2, "A", "mention", "@王敏", None, "ou_1"),
        (2, "B", "mention", "指南", "https://example.com/d?a=1", None),
        (3, "A", "image", "", "https://example.com/i?sign=1", "imgToken1"),
    ]
    assert json.loads(side["raw"][0]) == LINK


def test_an_image_among_numbers() -> None:
    """It has no text, so the numbers stay numbers; its row is kept, and the image is in the side table."""
    record = record_of([["x"], [1], [IMAGE], [[]]])
    frame = to_frame(to_table(record))
    assert (str(frame["x"].dtype), listed(frame["x"])) == ("Int64", [1, None, None])
    assert cells(record)["kind"].tolist() == ["image", "other"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ({"type": "multipleValue", "values": [1, "甲", True, 0.5]}, "1,甲,TRUE,0.5"),
        ({"type": "url", "text": "", "link": "https://example.com"}, "https://example.com"),
        ({"type": "url", "text": None, "texts": [{"text": "文"}, {"text": "本"}, None, "x"], "link": "u"}, "文本"),
        ({"type": "formula", "text": "=A1"}, "=A1"),
        ({"type": "attachment", "text": "图纸.pdf", "fileToken": "f1", "size": 3}, "图纸.pdf"),
        ({"type": "some-day", "text": "未来"}, "未来"),
        ({"type": "some-day", "text": 12}, "12"),
        ({"type": None, "values": {}}, ""),
        ([{"type": "text"}, "直", None, 3], "直3"),
        ([[{"type": "text", "text": "深"}]], "深"),
    ],
)
def test_texts_of_rich_cells(cell: Any, text: str) -> None:
    """Every shape has a text, also those that nobody has seen yet."""
    assert frame_of([["x", "n"], [cell, "·"], ["t", "·"]])["x"].iloc[0] == text


# --- what there is to say about it ------------------------------------------------------------------------------------


def test_columns() -> None:
    """Name, letter, type and dtype of each, and its header where that is another."""
    record = record_of([["a ", None, "m", "t", "d"], [1, "x", 1, 0.5, TODAY], [2, None, "y", 0.25, None]],
                       [[None] * 5, [1, "x", 1, "12:00", "2026/1/16"], [2, None, "y", "06:00", None]])  # fmt: skip
    found = columns(to_table(record, {"header": 1}).schema, {"col_B": 0.5})
    assert [(c.name, c.field_id, c.type, c.dtype, c.description, c.empty) for c in found] == [
        ("a", "A", "Integer", "int64", "a ", None),
        ("col_B", "B", "Text", TEXT, "", 0.5),
        ("m", "C", "Mixed", TEXT, "", None),
        ("t", "D", "Time", "object", "", None),
        ("d", "E", "DateTime", "datetime64[ms]", "", None),
    ]


def test_preview() -> None:
    """The head as it stands in the sheet, under the names and types that come of it."""
    record = record_of([["台账", None], [None, None], ["名", "数"], ["甲", 1], [None, None], ["乙", 2]])
    shown = preview(record)
    assert shown.to_frame().columns.tolist() == ["row", "use", "A", "B"]
    assert shown.rows() == [
        (None, "name", "名", "数"),
        (None, "type", "Text", "Integer"),
        (1, "above", "台账", ""),
        (2, "above", "", ""),
        (3, "header", "名", "数"),
        (4, "data", "甲", "1"),
        (5, "blank", "", ""),
        (6, "data", "乙", "2"),
    ]
    assert "明细" in repr(shown)
    assert "header" in repr(shown)


def test_preview_of_another_header() -> None:
    """Options are tried out without a request."""
    record = record_of([["a", "b"], ["c", "d"], [1, 2]])
    assert preview(record, {"header": 2}).rows()[0] == (None, "name", "c", "d")
    assert preview(record, {"header": "none"}).rows()[2] == (1, "data", "a", "b")


def test_preview_is_short_and_harmless() -> None:
    """Wide and long sheets, long cells and hostile text stay a small, escaped table."""
    rows = [[f"<script>{n}</script>" + "长" * 100 for n in range(40)] for _ in range(300)]
    html = preview(record_of(rows))._repr_html_()
    assert "<script>" not in html
    assert len(html) < 40_000
    assert preview(record_of(rows)).to_frame().shape == (11, 42)


def test_an_empty_sheet() -> None:
    """No cells at all: an empty table, an empty side table, an empty preview."""
    for record in (record_of([]), record_of([[None], [], [""]]), record_of([]) | {"values": []}):
        assert to_frame(to_table(record)).shape == (0, 0)
        assert cells(record).shape == (0, 7)
        assert row_hashes(record) == {}
        assert len(preview(record).rows()) == 2


# --- what changed -----------------------------------------------------------------------------------------------------


def test_row_hashes() -> None:
    """By sheet row; an edit, a new row and a deleted one show, and blank rows do not count."""
    before = row_hashes(record_of([["a", "b"], [1, 2], [None, None], [3, 4]]))
    after = row_hashes(record_of([["a", "b"], [1, "2"], [5], [None, None]]))
    assert (list(before), list(after)) == ([1, 2, 4], [1, 2, 3])
    assert before[1] == after[1]
    assert before[2] != after[2]


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (1, "1"), (None, 0), ("", 0), (LINK, "手册"), (LINK, {**LINK, "link": "u"})]
)
def test_what_is_a_change(one: Any, other: Any) -> None:
    """Another value, another kind of value, another link."""
    first, second = (row_hashes(record_of([["x", cell]])) for cell in (one, other))
    assert first != second


def test_a_date_format_is_a_change() -> None:
    """The same number is another value once it is a date, and the same date however it is written."""
    plain = row_hashes(record_of([[TODAY]]))
    shown = [row_hashes(record_of([[TODAY]], [[text]])) for text in ("2026/01/16", "1月16日")]
    assert shown[0] == shown[1] != plain


def test_what_is_no_change() -> None:
    """The address of a file, which is signed anew each time, and how the cells came."""
    signed = {**IMAGE, "link": "https://example.com/i?sign=2"}
    assert row_hashes(record_of([[IMAGE]])) == row_hashes(record_of([[signed]]))
    assert row_hashes(record_of([[[IMAGE]]])) == row_hashes(record_of([[[signed]]]))
    assert row_hashes(record_of([["a"]])) == row_hashes(record_of([["a", None, None], [None], []]))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "新"},
        {"frozen_row_count": 1},
        {"merges": [{"row": 2, "column": 1, "rows": 2, "columns": 1}]},
        {"values": [window([["b"]])]},
    ],
)
def test_digest(change: dict[str, Any]) -> None:
    """Everything that the table follows from counts; the revision and the size of the grid do not."""
    record = record_of([["a"], [1]])
    assert digest(record | change) != digest(record)
    assert digest(record | {"revision": 9, "row_count": 900, "column_count": 7}) == digest(record)


# --- properties -------------------------------------------------------------------------------------------------------

ERRORS = ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!"]
BLANKS = ["", " ", "\u3000", "\u00a0\u200b", "\ufeff"]
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ELEMENT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "url", "mention", "embed-image", "attachment", "multipleValue", "new"])
        | LEAVES,
        "text": st.text(max_size=5) | LEAVES,
        "link": st.sampled_from(["https://example.com", "https%3A%2F%2Fexample.com", ""]) | LEAVES,
        "texts": st.lists(st.dictionaries(st.just("text"), st.text(max_size=3) | LEAVES) | LEAVES, max_size=3) | LEAVES,
        "values": st.lists(LEAVES | st.text(max_size=3), max_size=3) | LEAVES,
        "fileToken": st.text(max_size=5) | LEAVES,
        "userID": st.text(max_size=5),
        "textType": st.sampled_from(["fileToken", "openId"]),
        "segmentStyle": st.just({"bold": True}),
    },
)
CELL = (
    LEAVES
    | st.text(max_size=6)
    | st.sampled_from([*ERRORS, *BLANKS])
    | ELEMENT
    | st.lists(ELEMENT | st.text(max_size=3) | LEAVES, max_size=3)
)
SERIAL = st.integers(-800_000, 3_000_000) | st.floats(-800_000, 3_000_000) | st.floats(0, 1, exclude_max=True)
# Columns of one kind with holes, so that types beside text come up; a date is a pair of serial and True.
HOLES = st.none() | st.sampled_from([*ERRORS, *BLANKS])
DATES = st.tuples(SERIAL, st.just(True))
COLUMN_KINDS = [
    CELL,
    st.booleans() | HOLES,
    st.integers(-(2**63), 2**64 - 1) | HOLES,
    st.integers(-5, 5),
    st.floats(-1e9, 1e9) | HOLES,
    DATES | HOLES,
    DATES | st.integers(-9, 9),
    st.tuples(st.floats(0, 1, exclude_max=True), st.just(True)) | st.none(),
    st.text(max_size=4) | HOLES,
    st.none(),
]


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    height = draw(st.integers(0, 8))
    kinds = draw(st.lists(st.sampled_from(COLUMN_KINDS), max_size=6))
    grid = [[draw(kind) for kind in kinds] for _ in range(height)]
    values = [[cell[0] if isinstance(cell, tuple) else cell for cell in row] for row in grid]
    dates = [["2026/01/01" if isinstance(cell, tuple) else cell for cell in row] for row in grid]
    place = st.integers(1, 9)
    merges = draw(st.lists(st.tuples(place, place, place, place), max_size=3))
    return record_of(values, dates, frozen=draw(st.integers(0, 4)), merges=merges)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "header": st.sampled_from(["auto", "none", 1, 3, [1, 2], (2, 4)]),
        "fill_merged": st.sampled_from(["off", "down", "all"]),
    },
)


def shows(cell: Any) -> bool:
    if not isinstance(cell, str):
        return cell is not None
    return any(not char.isspace() and char not in "\u200b\u200c\u200d\u2060\ufeff" for char in cell)


def assert_reproduces(record: Mapping[str, Any], table: pa.Table) -> None:
    """Every cell of the grid below the header is in the typed table, in the side table, or both."""
    values, dates = (by_place(record[which]) for which in ("values", "dates"))
    side: dict[tuple[int, str], list[Any]] = {}
    for row, letter, raw in cells(record)[["row", "col", "raw"]].to_numpy().tolist():
        side.setdefault((row, letter), []).append(json.loads(raw))
    rows = {row: place for place, row in enumerate(table.column("_row").to_pylist())}
    typed = {field.metadata[b"lark.col"].decode(): table.column(field.name).to_pylist()
             for field in table.schema.remove(0)}  # fmt: skip
    header = max(json.loads(table.schema.metadata[TABLE_KEY])["header_rows"], default=0)
    for (row, column), cell in values.items():
        letter = chr(ord("A") + column - 1)
        beside = side.get((row, letter), [])
        assert beside == expected_beside(cell)
        if row <= header:
            continue
        if row not in rows or letter not in typed:
            assert not shows(cell)
            continue
        is_text = pa.types.is_string(table.schema.field(list(typed).index(letter) + 1).type)
        found = typed[letter][rows[row]]
        is_date = isinstance(dates.get((row, column)), str) and type(cell) in (int, float)
        assert same(found, cell, is_text, is_date), (found, cell)


def by_place(windows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], Any]:
    return {
        (row, column): cell
        for part in windows
        for row, line in enumerate(part["values"] or (), part["row"])
        for column, cell in enumerate(line or (), part["column"])
    }


def expected_beside(cell: Any) -> list[Any]:
    if isinstance(cell, str):
        return [cell] if cell in ERRORS else []
    if cell == []:
        return [[]]
    parts = cell if isinstance(cell, list) else [cell] if isinstance(cell, dict) else []
    plain = [isinstance(part, str) or (isinstance(part, dict) and part.get("type") == "text") for part in parts]
    return [part for part, is_plain in zip(parts, plain, strict=True) if not is_plain]


def same(found: Any, cell: Any, is_text: bool, is_date: bool) -> bool:
    """Say whether a typed value is what the cell was, as far as the column's type shows it."""
    if isinstance(cell, (dict, list)):
        return isinstance(found, str) if is_text else found is None
    if is_date and cell >= -693_593 and round(cell * DAY) < 2_958_466 * DAY:
        return found in shown_dates(EPOCH + timedelta(milliseconds=round(cell * DAY)), is_text)
    if isinstance(cell, str):
        return bool(found == cell) if is_text else found is None and (not shows(cell) or cell in ERRORS)
    if cell is None:
        return found is None
    if is_text:
        return bool(found == (str(cell).upper() if isinstance(cell, bool) else repr(cell)))
    return bool(found == cell) and isinstance(found, bool) == isinstance(cell, bool)


def shown_dates(moment: datetime, is_text: bool) -> list[Any]:
    """Return what a date may be: a date-time, a time of day, or either as text."""
    is_time = moment.date() == EPOCH.date()
    if not is_text:
        return [moment, moment.time()] if is_time else [moment]
    if moment.time() == time():
        return [moment.date().isoformat()]
    return [moment.time().isoformat() if is_time else moment.isoformat(sep=" ")]


@given(records(), st.sampled_from(["auto", "none", 1, 3, [1, 2]]))
@settings(max_examples=300, deadline=None)
def test_the_tables_reproduce_the_grid(record: dict[str, Any], header: Any) -> None:
    """Typed table and side table hold every cell of a random grid, exactly; styles alone are in the raw grid only."""
    assert_reproduces(record, to_table(record, {"header": header}))


@given(records(), OPTIONS)
@settings(max_examples=150, deadline=None)
def test_any_grid_becomes_a_file(tmp_path_factory: pytest.TempPathFactory, record: Any, options: Any) -> None:
    """Whatever is in it and whatever the options: names are unique, rows rise, and the file reads back the same."""
    table = to_table(record, options)
    assert len(set(table.column_names)) == table.num_columns
    rows = table.column("_row").to_pylist()
    assert rows == sorted(set(rows))
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    pq.write_table(table, path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), to_frame(table))
    assert preview(record, options).to_frame().shape[0] >= 2
    assert len(columns(table.schema)) == table.num_columns - 1


@given(records(), st.data())
@settings(max_examples=150, deadline=None)
def test_windows_make_no_difference(record: dict[str, Any], data: st.DataObject) -> None:
    """However the grid is cut into windows, padded or trimmed: one table, one set of hashes."""
    cut = dict(record)
    for which in ("values", "dates"):
        rows = record[which][0]["values"] if record[which] else []
        down, across = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 6))
        cut[which] = [
            window([row[:across] for row in rows[:down]]),
            window([row[across:] for row in rows[:down]], column=across + 1),
            window([[*row, None, None] for row in rows[down:]] + [None], row=down + 1),
        ]
    options = data.draw(OPTIONS)
    assert to_table(cut, options).equals(to_table(record, options), check_metadata=True)
    assert row_hashes(cut) == row_hashes(record)
    assert cells(cut).equals(cells(record))
