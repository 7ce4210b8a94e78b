"""Raw rows -> friendly rows, a whole table at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from larknb.tabular.cells import to_arrow
from larknb.tabular.frames import to_frame
from larknb.tabular.friendly import Friendly
from larknb.tabular.raw import FIELD_KEY, TABLE_KEY, raw_schema
from tests.tabular.records import EXPECTED, befriended, body, frame_of, listed, raw_table, raw_table_of_all


def test_columns_come_in_field_order_and_system_columns_last(frame: pd.DataFrame) -> None:
    """A frame has the fields in their order, derived columns beside theirs, ours at the end, and the ids as index."""
    assert list(frame.columns) == list(EXPECTED)
    assert frame.index.name == "_record_id"
    assert list(frame.index) == ["recFull", "recEmpty", "recEdge"]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_type_has_its_friendly_form(frame: pd.DataFrame, name: str) -> None:
    """Every type has the dtype and the values that the design promises, for full, empty and edge cells."""
    dtype, values = EXPECTED[name]
    assert str(frame[name].dtype) == dtype
    assert listed(frame[name]) == values


def test_rows_that_were_never_there_change_no_dtype(frame: pd.DataFrame) -> None:
    """An empty table, and one whose cells are all empty, have the dtypes that the definitions give."""
    fields = [field for field in body("fields.json") if field["type"] not in (5, 19, 20, 1001, 1002)]
    names = [field["field_name"] for field in fields if field["type"] != 3001]
    empties: tuple[list[dict[str, Any]], ...] = ([], [{}, {}])
    for rows in empties:
        empty = frame_of(raw_table(fields, rows))
        assert {name: str(empty[name].dtype) for name in names} == {name: str(frame[name].dtype) for name in names}


def test_the_friendly_schema_survives_parquet(tmp_path: Path) -> None:
    """Definitions and table facts travel with the friendly form too."""
    table = befriended(raw_table_of_all())
    pq.write_table(table, tmp_path / "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert schema.equals(table.schema, check_metadata=True)
    assert json.loads(schema.field("报告.link").metadata[FIELD_KEY])["field_id"] == "fldUrl"
    assert json.loads(schema.metadata[TABLE_KEY])["table_id"] == "tblFaults"


def test_a_table_is_made_row_group_by_row_group(tmp_path: Path) -> None:
    """What is learned from all groups shapes each: the pieces have one schema and are what the whole would be."""
    raw = raw_table_of_all()
    friendly = Friendly(raw.schema)
    parts = [raw.slice(start, 1) for start in range(3)]
    for part in parts:
        friendly.learn(part)
    with pq.ParquetWriter(tmp_path / "t.parquet", friendly.schema) as writer:
        for part in parts:
            writer.write_table(friendly.convert(part))
    pd.testing.assert_frame_equal(to_frame(pq.read_table(tmp_path / "t.parquet")), frame_of(raw))


def test_what_was_learned_can_be_kept_as_json() -> None:
    """With the persisted state a table is made again without looking at all of its rows first."""
    raw = raw_table_of_all()
    learned = Friendly(raw.schema)
    learned.learn(raw)
    again = Friendly(raw.schema, json.loads(json.dumps(learned.learned)))
    assert again.schema.equals(learned.schema, check_metadata=True)
    pd.testing.assert_frame_equal(to_frame(again.convert(raw)), to_frame(learned.convert(raw)))


def test_some_columns_can_be_made_alone() -> None:
    """Made of the raw columns that they need, they have the names and cells that they have beside all others."""
    raw = raw_table_of_all()
    friendly = Friendly(raw.schema)
    keys = friendly.sources_of(["报告.link", "费用合计"])
    part = raw.select(["_record_id", *keys])
    friendly.learn(part)
    alone, whole = to_frame(friendly.convert(part)), frame_of(raw)
    assert list(alone.columns) == ["报告", "报告.link", "费用合计"]
    pd.testing.assert_frame_equal(alone, whole[list(alone.columns)])


def test_no_two_columns_share_a_name() -> None:
    """Ours keep their names, then fields theirs, then derived columns; whoever comes late gets ``.1``, ``.2``."""
    names = ["_record_id", "X", "X.link", "_created_time", "X.link.1", "__index_level_0__", "", "a\ud800"]
    fields = [{"field_id": f"fld{n}", "field_name": name, "type": 15 if name == "X" else 13}
              for n, name in enumerate(names)]  # fmt: skip
    frame = frame_of(raw_table(fields, [{name: "v" for name in names if name != "X"} | {"X": {"link": "l"}}]))
    assert list(frame.columns)[:9] == [
        "_record_id.1", "X", "X.link.2", "X.link", "_created_time.1", "X.link.1", "__index_level_0__", "", "a?",
    ]  # fmt: skip
    assert frame.index.name == "_record_id" and list(frame.index) == ["rec0"]
    assert frame["X.link.2"].tolist() == ["l"] and frame["X.link"].tolist() == ["v"]
    assert frame["_created_time.1"].tolist() == ["v"] and frame["_created_time"].isna().all()


@pytest.mark.parametrize(
    ("fields", "records"),
    [
        ("fields_list.all_types", "records_search.all_types"),
        ("fields_list.all_types", "records_search.tolerance"),
        ("fields_list.doc", "records_search.doc"),
        ("fields_list.doc", "records_list_legacy.wrapped"),
    ],
)
def test_recorded_bodies_become_frames(tmp_path: Path, fields: str, records: str) -> None:
    """The recorded pages load, and plain pandas reads the same from the file."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")

    def items(name: str) -> Any:
        path = Path(folder) / "examples" / "bitable" / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8"))["data"]["items"]

    schema = raw_schema("tbl", "t", items(fields), time_zone="Asia/Beijing")
    table = befriended(to_arrow(schema, items(records)))
    pq.write_table(table, tmp_path / "t.parquet")
    frame = to_frame(table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)
    if records.startswith("records_search") and frame["日期"].notna().any():
        assert frame["日期"].iloc[0] == pd.Timestamp("2023-08-03")
        assert frame["地理位置.lng"].iloc[0] == 116.397755
