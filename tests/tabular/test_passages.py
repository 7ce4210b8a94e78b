"""The rows of a table as passages."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from larknb.tabular.passages import passages_of_table
from larknb.tabular.raw import FIELD_KEY
from tests.passages import apart, search


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
    first, second = apart(passages_of_table(friendly(), "s", "缺陷", "https://x/base/App?table=tbl1"))
    assert first.path == ("电机过热",)
    assert first.text.splitlines() == ["新建", "偶发; 必现", "三相绕组"]
    assert first.url == "https://x/base/App?table=tbl1"
    assert (second.path, second.text) == (("rec2",), "绝缘偏低")
    assert search([first, second], "新建 三相")[0].path == "电机过热"
    assert not search([first, second], "张三")


CALLED = [
    (pa.array([3.5]), "3.5"),
    (pa.array([3.0]), "3"),
    (pa.array([7], pa.int64()), "7"),
    (pa.array([True]), "True"),
    (pa.array([1_690_992_000_000], pa.timestamp("ms", "Asia/Shanghai")), "2023-08-03"),
    (pa.array([1_690_992_060_000], pa.timestamp("ms")), "2023-08-02 16:01"),
    (pa.array([["甲", "乙"]], pa.list_(pa.string())), "甲; 乙"),
    (pa.array(["新建"]).dictionary_encode(), "新建"),
    (pa.array([None], pa.float64()), "r"),
    (pa.array([""]), "r"),
]


@pytest.mark.parametrize(("cell", "name"), CALLED, ids=[name for _, name in CALLED])
def test_a_row_is_called_by_its_primary_cell(cell: pa.Array, name: str) -> None:
    """Whatever its type; a number or date without what says nothing, and the row's id where it is empty."""
    primary = {FIELD_KEY: json.dumps({"is_primary": True}).encode()}
    fields = [("_record_id", pa.string()), pa.field("n", cell.type, metadata=primary), ("t", pa.string())]
    table = pa.table([["r"], cell, ["文"]], schema=pa.schema(fields))
    assert next(apart(passages_of_table(table, "s", "t", ""))).path == (name,)
    assert passages_of_table(table.slice(0, 0), "s", "t", "").joined == b""


def test_signs_of_our_own_in_a_cell_are_blanks() -> None:
    """They separate nothing, in whatever cell they are."""
    columns = {"_record_id": ["1", "2"], "a": ["甲\x1d乙", "丙"], "b": ["丁\x1e", "戊\x1f己"]}
    found = list(apart(passages_of_table(pa.table(columns), "s", "t", "")))
    assert [(each.path, each.text) for each in found] == [(("甲 乙",), "丁 "), (("丙",), "戊 己")]


def test_a_row_without_text_loses_no_other() -> None:
    """A row whose text cells are all empty leaves the others at their places."""
    columns = {"_row": [3, 4, 5], "编号": ["1", "2", "3"], "名称": ["电机", None, "电池"], "备注": [None, None, "绝缘"]}
    found = list(apart(passages_of_table(pa.table(columns), "s", "t", "u", "spreadsheet")))
    assert [passage.text for passage in found if passage.text] == ["电机", "电池\n绝缘"]
