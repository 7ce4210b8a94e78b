"""The raw form: its schema, and what the schema says."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import FIELD_KEY, TABLE_KEY, computed_columns, computed_schema
from tests.tabular.records import SYSTEM, body, schema_of

TYPES = {
    "标题": pa.list_(
        pa.struct(
            [(n, pa.string()) for n in ("type", "text", "link", "token", "mentionType", "name")]
            + [("mentionNotify", pa.bool_())]
        )
    ),
    "里程": pa.float64(),
    "评分": pa.float64(),
    "状态": pa.dictionary(pa.int32(), pa.string()),
    "标签": pa.list_(pa.string()),
    "发现日期": pa.timestamp("ms", "UTC"),
    "已确认": pa.bool_(),
    "负责人": pa.list_(pa.struct([(n, pa.string()) for n in ("id", "name", "en_name", "email", "avatar_url")])),
    "电话": pa.string(),
    "报告": pa.struct([("text", pa.string()), ("link", pa.string())]),
    "附件": pa.list_(
        pa.struct(
            [(n, pa.string()) for n in ("file_token", "name", "type")]
            + [("size", pa.int64()), ("url", pa.string()), ("tmp_url", pa.string())]
        )
    ),
    "车辆": pa.list_(pa.string()),
    "车辆里程": pa.struct([("type", pa.int32()), ("ui_type", pa.string()), ("value_json", pa.string())]),
    "地点": pa.struct(
        [(n, pa.string()) for n in ("location", "pname", "cityname", "adname", "address", "name", "full_address")]
    ),
    "群组": pa.list_(pa.struct([(n, pa.string()) for n in ("id", "name", "avatar_url")])),
    "流程": pa.string(),
    "创建时间": pa.timestamp("ms", "UTC"),
    "创建人": pa.list_(pa.struct([(n, pa.string()) for n in ("id", "name", "en_name", "email", "avatar_url")])),
    "编号": pa.string(),
    "时长": pa.string(),
}


def test_columns_come_from_the_field_list_in_its_order() -> None:
    """The schema has every field by its id, in order, between the record id and our own columns; a button has none."""
    fields = body("fields.json")
    assert schema_of(fields).names == [
        "_record_id",
        *(field["field_id"] for field in fields if field["type"] != 3001),
        *SYSTEM,
        "_extra",
        "_row_hash",
        "_computed_hash",
    ]


@pytest.mark.parametrize("name", TYPES)
def test_the_arrow_type_depends_on_the_definition(name: str) -> None:
    """Each kind of field has the Arrow type of the mapping, also when the page has no rows."""
    fields = body("fields.json")
    field_id = next(field["field_id"] for field in fields if field["field_name"] == name)
    assert schema_of(fields).field(field_id).type == TYPES[name]
    assert to_arrow(schema_of(fields), []).schema.field(field_id).type == TYPES[name]


def test_definitions_travel_in_the_metadata() -> None:
    """Every column carries its definition, the schema its table; a Parquet file gives both back unchanged."""
    fields = body("fields.json")
    schema = schema_of(fields)
    definition = json.loads(schema.field("fldSel").metadata[FIELD_KEY])
    keys = ("field_id", "field_name", "type", "ui_type", "property", "is_primary", "description")
    assert definition == {key: fields[7].get(key) for key in keys}
    table = json.loads(schema.metadata[TABLE_KEY])
    assert table["table_id"] == "tblFaults" and table["name"] == "故障"
    assert table["time_zone"] == "Asia/Shanghai" and table["user_id_type"] == "open_id"


def test_a_raw_table_survives_parquet(tmp_path: Path) -> None:
    """Rows and schema, metadata included, come back from a Parquet file as they were written."""
    fields = body("fields.json")
    table = to_arrow(schema_of(fields), body("records.json"))
    pq.write_table(table, tmp_path / "t.parquet")
    back = pq.read_table(tmp_path / "t.parquet")
    assert back.schema.equals(table.schema, check_metadata=True)
    assert back.to_pylist() == table.to_pylist()


def test_a_field_that_is_listed_twice_is_one_column() -> None:
    """A listing that moved while it was paged may repeat a field."""
    field = {"field_id": "fldX", "field_name": "X", "type": 2}
    assert schema_of([field, field]).names.count("fldX") == 1


def test_a_read_of_the_computed_columns_alone() -> None:
    """Such a page has record ids, the formula and lookup columns, their misfits and their hash."""
    schema = schema_of(body("fields.json"))
    part = computed_schema(schema)
    computed = ["fldLook", "fldForm", "fldFNum", "fldFDay"]
    assert computed_columns(schema) == computed
    assert part.names == ["_record_id", *computed, "_extra", "_computed_hash"]
    records = body("records.json")
    names = ("车辆里程", "结论", "费用合计", "到期日")
    slim = [{**r, "fields": {name: r["fields"][name] for name in names if name in r["fields"]}} for r in records]
    whole, page = to_arrow(schema, records), to_arrow(part, slim)
    assert page.schema.equals(part, check_metadata=True)
    assert page.to_pylist() == whole.select(part.names).to_pylist()
