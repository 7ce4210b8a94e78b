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

from larknb.model import GridOptions
from larknb.tabular.grid import row_hashes
from larknb.tabular.preview import preview
from larknb.tabular.raw import TABLE_KEY
from larknb.tabular.typed import Typing, cells, columns, to_frame, to_table
from tests.tabular.grids import (
    DAY,
    EPOCH,
    ERRORS,
    IMAGE,
    LINK,
    OPTIONS,
    PAGE,
    PERSON,
    TEXT,
    TODAY,
    listed,
    one_column,
    record_of,
    records,
    window,
)

# --- the cases ------------------------------------------------------------------------------------------------------

DATA = Path(__file__).parent.parent / "data" / "sheets"


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


def check(record: Mapping[str, Any], options: GridOptions, expected: Mapping[str, Any]) -> None:
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
        options: GridOptions = {"header": case["options"]["hdr"] + 1} if "hdr" in case["options"] else {}
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


# --- types and frames -----------------------------------------------------------------------------------------------


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


# --- rich cells -----------------------------------------------------------------------------------------------------


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


# --- what there is to say about it ----------------------------------------------------------------------------------


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


def test_an_empty_sheet() -> None:
    """No cells at all: an empty table, an empty side table, an empty preview."""
    for record in (record_of([]), record_of([[None], [], [""]]), record_of([]) | {"values": []}):
        assert to_frame(to_table(record)).shape == (0, 0)
        assert cells(record).shape == (0, 7)
        assert row_hashes(record) == {}
        assert len(preview(record).rows()) == 2


# --- any grid -------------------------------------------------------------------------------------------------------


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


# --- lengths of time ------------------------------------------------------------------------------------------------


def test_the_contracts_durations(contract: Path) -> None:
    """What shows a time and is no time of day is a length; moments that show their time alone stay moments."""
    [case] = json.loads((contract / "expected_typed_durations.json").read_text(encoding="utf-8"))
    values, dates = (json.loads((contract / case[name]).read_text(encoding="utf-8")) for name in ("p1", "p2"))
    record = record_of([], frozen=1) | {"values": received(values), "dates": received(dates)}
    table = to_table(record)
    for expected in case["expected"]["columns"]:
        column = table.column(expected["name"])
        found = [
            value.total_seconds() if isinstance(value, timedelta)
            else value.isoformat() if isinstance(value, (datetime, time)) else value
            for value in column.to_pylist()
        ]  # fmt: skip
        assert (str(column.type), found) == (expected["type"], expected.get("seconds", expected.get("values")))


def lengths(*cells: tuple[float, str] | None) -> dict[str, Any]:
    """One column of serials, each with the text that the sheet shows."""
    values = [["时长", "n"], *([cell[0] if cell else None, "·"] for cell in cells)]
    return record_of(values, [[None], *([cell[1] if cell else None] for cell in cells)])


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        ([(1.5, "36:00:00"), (0.5, "12:00:00")], "duration[ms]"),
        ([(1.5, "36时0分"), (0.25, "6时")], "duration[ms]"),
        ([(1.5, "12:00 PM"), None], "duration[ms]"),
        ([(-0.25, "-6:00"), (0.5, "12:00")], "duration[ms]"),
        ([(1.0, "24:00:00.5")], "duration[ms]"),
        ([(0.5, "12:00:00"), (0.25, "6:00:00")], "time64[us]"),
        ([(1.5, "1899/12/31 12:00")], "timestamp[ms]"),
        ([(45306.5, "12:00"), (1.5, "36:00")], "string"),
        ([(1.5, "36:00"), (45306, "2024/01/15")], "string"),
        ([(1.5, "36:00"), (3, "#N/A")], "string"),
    ],
)
def test_a_length_is_told_by_what_the_sheet_shows(cells: list[Any], type_: str) -> None:
    """A time alone, and a serial that is no time of day; a single date beside it makes text of the column."""
    assert str(to_table(lengths(*cells)).column("时长").type) == type_


def test_lengths_are_exact() -> None:
    """They come of the serials: a double of a third of a day is eight hours."""
    frame = to_frame(to_table(lengths((1.5, "36:00"), None, (4 / 3, "32:00"), (-0.25, "-6:00"))))
    assert frame["时长"].dtype == "timedelta64[ms]"
    assert [*frame["时长"].dropna()] == [timedelta(hours=36), timedelta(hours=32), timedelta(hours=-6)]


@pytest.mark.parametrize(("cell", "shown"), [((1.5, "36:00"), "36:00:00"), ((-0.25, "-6:00"), "-6:00:00")])
def test_a_length_among_text_is_no_moment_of_1899(cell: tuple[float, str], shown: str) -> None:
    """Its exact text is hours, minutes and seconds."""
    record = record_of([["时长", "n"], [cell[0], "·"], ["无", "·"]], [[None], [cell[1]]])
    assert to_table(record).column("时长").to_pylist() == [shown, "无"]


def test_once_a_column_of_lengths_always_one() -> None:
    """Also when only times of day are left of it; dates make it another column."""
    learned = Typing(lengths((1.5, "36:00"))).columns
    assert learned == {"时长": {"kind": "duration"}}
    again = Typing(lengths((0.5, "12:00")), None, learned)
    assert str(again.schema.field("时长").type) == "duration[ms]"
    assert again.columns == learned == Typing(lengths(), None, learned | {"别的": {"kind": "duration"}}).columns
    dated = Typing(lengths((45306, "2024/01/15")), None, learned)
    assert str(dated.schema.field("时长").type) == "timestamp[ms]"


def test_another_format_makes_another_table() -> None:
    """The same serials shown as a length and as a date are two states of the sheet."""
    assert row_hashes(lengths((1.5, "36:00"))) != row_hashes(lengths((1.5, "1899/12/31")))
    assert row_hashes(lengths((0.5, "12:00"))) == row_hashes(lengths((0.5, "12:00:00")))
