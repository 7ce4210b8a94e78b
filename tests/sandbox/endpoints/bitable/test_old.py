"""The two deprecated reads of records."""

from __future__ import annotations

import json
from collections.abc import Callable

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import NOON_MS, Api, outcome, path_of


def old_table(base: Base, box: Sandbox) -> Table:
    """Build a table of every column whose old shape differs."""
    linked = base.add_table("被关联", [Field("标题", 1)], "tblLinked")
    other = linked.add({"标题": "第一行"})
    link = {"multiple": True, "table_id": "tblLinked", "table_name": "被关联"}
    table = base.add_table(
        "T",
        [
            Field("文本", 1),
            Field("数字", 2),
            Field("进度", 2, "Progress"),
            Field("人员", 11),
            Field("关联", 21, property=link),
            Field("查找", 19),
            Field("公式数字", 20),
            Field("公式日期", 20),
            Field("公式选项", 20),
            Field("单选", 3, property={"options": [{"id": "optA", "name": "甲", "color": 0}]}),
            Field("创建人", 1003),
        ],
    )
    table.add(
        {
            "文本": [{"type": "text", "text": "a "}, {"type": "mention", "mentionType": "User", "text": "@b"}],
            "数字": 100.0,
            "进度": 0.66,
            "人员": box.tenant.users[0],
            "关联": [other],
            "查找": {"type": 1, "value": [{"type": "text", "text": "x"}]},
            "公式数字": {"type": 2, "value": [64]},
            "公式日期": {"type": 5, "value": [1690992000000]},
            "公式选项": {"type": 3, "value": ["甲"]},
            "单选": "甲",
        },
        "recOld",
    )
    return table


def test_the_old_list_has_the_old_shapes(api: Api, base: Base, box: Sandbox) -> None:
    """Text and numbers are strings, the creator one object, links carry texts, computed cells have no wrapper."""
    table = old_table(base, box)
    item = api.data(f"{path_of(table)}/records")["items"][0]
    assert (item["id"], item["record_id"]) == ("recOld", "recOld")
    linked = next(iter(base.table("被关联").rows))
    assert item["fields"] == {
        "文本": "a @b",
        "数字": "100",
        "进度": "0.66",
        "人员": [box.tenant.users[0].person()],
        "关联": [
            {
                "type": "text",
                "table_id": "tblLinked",
                "record_ids": [linked],
                "text": "第一行",
                "text_arr": ["第一行"],
            }
        ],
        "查找": [{"type": "text", "text": "x"}],
        "公式数字": 64,
        "公式日期": 45141.0,
        "公式选项": ["optA"],
        "单选": "甲",
        "创建人": box.tenant.users[0].person(),
    }


def test_the_old_get(api: Api, base: Base, box: Sandbox) -> None:
    """The old get knows segments, referenced formats, automatic fields and the address of the row."""
    table = old_table(base, box)
    plain = api.data(f"{path_of(table)}/records/recOld")["record"]
    assert set(plain) == {"record_id", "fields"}
    asked = dict.fromkeys(("text_field_as_array", "display_formula_ref", "automatic_fields", "with_shared_url"), "true")
    record = api.data(f"{path_of(table)}/records/recOld", **asked)["record"]
    assert record["fields"]["文本"][0] == {"type": "text", "text": "a "}
    assert (record["fields"]["公式日期"], record["fields"]["公式选项"]) == (1690992000000, ["甲"])
    assert record["created_time"] == NOON_MS
    assert record["record_url"].startswith(box.url)


def test_the_old_list_pages_by_record_id(api: Api, table: Table) -> None:
    """Tokens are record ids, views and field names count, formula filters and sorts are refused."""
    ids = list(table.rows)
    path = f"{path_of(table)}/records"
    first = api.data(path, page_size=2)
    assert (first["page_token"], first["total"], first["has_more"]) == (ids[1], 5, True)
    rest = api.data(path, page_size=3, page_token=first["page_token"], field_names=json.dumps(["数量"]))
    assert [item["fields"] for item in rest["items"]] == [{"数量": "2"}, {"数量": "3"}, {"数量": "4"}]
    assert "page_token" not in rest
    view = table.add_view("一行", record_ids=ids[:1])
    assert api.data(path, view_id=view)["total"] == 1
    assert outcome(api.get(path, filter='CurrentValue.[数量]="1"')) == (200, 1254018)
    assert outcome(api.get(path, sort='["数量 DESC"]')) == (200, 1254016)
    assert outcome(api.get(path, field_names='["无"]')) == (200, 1254024)


def test_the_old_list_needs_the_wide_scope(table: Table, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Fine-grained scopes do not open the old endpoints."""
    api = connect(box.sign_in(scopes=["base:record:retrieve", "base:record:read"])["access_token"])
    assert outcome(api.get(f"{path_of(table)}/records")) == (400, 99991679)
