"""The rows of a table as passages."""

from __future__ import annotations

import json

import pyarrow as pa

from larknb.scan import search
from larknb.tabular.passages import passages_of_table
from larknb.tabular.raw import FIELD_KEY


def friendly() -> pa.Table:
    primary = {FIELD_KEY: json.dumps({"field_id": "fld1", "type": 1, "is_primary": True}).encode()}
    columns = {
        "_record_id": pa.array(["rec1", "rec2", "rec3"]),
        "状态": pa.array(["新建", None, None]).dictionary_encode(),
        "标题": pa.array(["电机过热", None, None]),
        "标签": pa.array([["偶发", "必现"], None, []], pa.list_(pa.field("element", pa.string()))),
        "里程": pa.array([12.0, None, None]),
        "描述": pa.array(["三相绕组", "绝缘偏低", None], pa.large_string()),
        "_created_by": pa.array(["张三", "张三", "张三"]),
    }
    table = pa.table(columns)
    at = table.column_names.index("标题")
    return table.set_column(at, table.schema.field(at).with_metadata(primary), table.column(at))


def test_a_row_is_one_passage() -> None:
    """All its text, choices and lists; called after its primary column; who created it and numbers are no text."""
    first, second = passages_of_table(friendly(), "s", "缺陷", "https://x/base/App?table=tbl1")
    assert first.path == ("电机过热",)
    assert first.text.splitlines() == ["新建", "偶发; 必现", "三相绕组"]
    assert first.url == "https://x/base/App?table=tbl1"
    assert (second.path, second.text) == (("rec2",), "绝缘偏低")
    assert search([first, second], "新建 三相")[0].path == "电机过热"
    assert not search([first, second], "张三")


def test_a_row_may_be_called_by_a_number_or_a_date() -> None:
    """A primary column that is no text gives the label, too."""
    primary = {FIELD_KEY: json.dumps({"is_primary": True}).encode()}
    schema = pa.schema([("_record_id", pa.string()), pa.field("n", pa.float64(), metadata=primary), ("t", pa.string())])
    table = pa.table([["r"], [3.5], ["文"]], schema=schema)
    assert next(passages_of_table(table, "s", "t", "")).path == ("3.5",)
    empty = schema.empty_table()
    assert list(passages_of_table(empty, "s", "t", "")) == []


def test_a_row_without_text_loses_no_other() -> None:
    """A row whose text cells are all empty leaves the others at their places."""
    columns = {"_row": [3, 4, 5], "编号": ["1", "2", "3"], "名称": ["电机", None, "电池"], "备注": [None, None, "绝缘"]}
    found = list(passages_of_table(pa.table(columns), "s", "t", "u", "spreadsheet"))
    assert [passage.text for passage in found if passage.text] == ["电机", "电池\n绝缘"]
