"""Every type of cell with members, lists and objects that its page does not name: what is known of it is read."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tabular.records import extras, frame_of, listed, one_column, raw_table, segment

MENTION = {
    "type": "mention",
    "text": "某公司沟通记录",
    "token": "D",
    "mentionType": "Docx",
    "realMentionType": "Docx",
}
PERSON = {"id": "ou_a", "name": "张三"}
FILE = {"file_token": "f1", "name": "一.png", "type": "image/png", "size": 3}
LINK = {"text": "飞书", "link": "https://feishu.cn"}
PLACE = {"location": "116.4,39.9", "name": "广场", "full_address": "北京"}
OLDER_LINK = {"type": "text", "table_id": "tblA", "record_ids": ["r1", "r2"], "text": "甲,乙", "text_arr": ["甲", "乙"]}
ODD = {"new": {"a": [1, None]}}


def result(type_: Any, *items: Any, **more: Any) -> dict[str, Any]:
    return {"type": type_, "value": [*items], **more}


GOLDEN: list[tuple[int, Any, Any]] = [
    (1, [segment("见 "), MENTION], "见 某公司沟通记录"),
    (1, [{"text": "无 type"}], "无 type"),
    (1, [{"type": "text", "text": "FS0001", "segmentIndex": 0}], "FS0001"),
    (1, {"type": "text", "text": "一段"}, "一段"),
    (1, ["一", segment("二"), None, ODD], "一二"),
    (1, [[segment("一")], [segment("二")]], "一二"),
    (1, result(1, segment("曾是公式")), "曾是公式"),
    (2, [5], 5.0),
    (2, result(2, 5), 5.0),
    (2, {"type": 2, "value": 5, "status": "ok"}, 5.0),
    (2, [result(2, 5)], 5.0),
    (3, {"type": 3, "value": "甲"}, "甲"),
    (15, [result(15, LINK)], "飞书"),
    (3, ["甲"], "甲"),
    (3, {"id": "opt1", "name": "甲", "color": 1}, "甲"),
    (3, [{"text": "甲"}], "甲"),
    (4, [{"id": "opt1", "name": "甲"}, "乙"], ("甲", "乙")),
    (4, {"name": "甲"}, ("甲",)),
    (4, "甲", ("甲",)),
    (4, [["甲"], ["乙"]], ("甲", "乙")),
    (7, [True], True),
    (11, [{**PERSON, "union_id": "on_a", "avatar": {"avatar_72": "u"}}, {"id": "ou_b"}], "张三; ou_b"),
    (11, {**PERSON, **ODD}, "张三"),
    (13, [segment("131"), segment("00")], "13100"),
    (13, {"text": "13100"}, "13100"),
    (15, {**LINK, "type": "url"}, "飞书"),
    (15, [{**LINK, "type": "url"}], "飞书"),
    (15, [{"text": "见 "}, {**LINK, "type": "url"}], "见 飞书"),
    (17, [{**FILE, "image_width": 640, "mime_type": "image/png"}, {"file_token": "f2"}], "一.png; f2"),
    (17, {**FILE, **ODD}, "一.png"),
    (18, {"link_record_ids": ["r1"], "table_id": "tblA", "text": "甲", "text_arr": ["甲"], "type": "text"}, ("甲",)),
    (18, [{"link_record_ids": ["r1"]}, {"record_ids": ["r2"], **ODD}], ("r1", "r2")),
    (18, ["r1", "r2"], ("r1", "r2")),
    (21, [OLDER_LINK], ("甲", "乙")),
    (21, {"record_ids": ["r1"], "text": "甲"}, ("甲",)),
    (19, result(2, 1, status="ok"), 1.0),
    (19, {"type": "2", "value": [1]}, 1.0),
    (19, {"type": 2, "value": 5}, 5.0),
    (19, result(11, {**PERSON, "text": "?", **ODD}), "张三"),
    (19, result(18, {"link_record_ids": ["r1"], "text_arr": ["甲"]}), ("甲",)),
    (19, result(18, OLDER_LINK), ("甲", "乙")),
    (19, {"link_record_ids": ["r1"]}, ("r1",)),
    (19, {**LINK, "type": "url"}, "飞书"),
    (19, result(19, result(2, 1), result(2, 2.5)), (1.0, 2.5)),
    (19, result(20, {"value": [segment("甲")]}), "甲"),
    (19, result(22, {**PLACE, "poi_id": "B0"}), "北京"),
    (20, result(1, {"type": "url", "cellPosition": None, **LINK}, ui_type="Text", status="ok"), "飞书"),
    (20, {"ui_type": 5, "value": [True]}, True),
    (22, {**PLACE, "poi_id": "B0"}, "北京"),
    (22, [PLACE], "北京"),
    (23, [{"id": "oc_a", "name": "群", "external": False}], "群"),
    (23, {"id": "oc_a", "name": "群"}, "群"),
    (24, {"id": "s1", "name": "评审"}, "评审"),
    (24, ["评审"], "评审"),
    (1003, [{**PERSON, "union_id": "on_a"}], "张三"),
    (1004, {**PERSON, **ODD}, "张三"),
    (1005, [segment("0007")], "0007"),
]


@pytest.mark.parametrize(("type_", "cell", "told"), GOLDEN)
def test_what_is_known_of_a_cell_is_read(type_: int, cell: Any, told: Any) -> None:
    """Beside its neighbours, and none of it is lost: the cell as it came is kept where its column does not say all."""
    table = one_column(type_, [None, cell, None])
    assert listed(frame_of(table)["X"])[1] == told
    kept = extras(table)
    assert kept[0] == kept[2] == {} and kept[1] in ({}, {"fldX": cell})
    assert kept[1] or type_ in (19, 20) or json.dumps(ODD)[1:-1] not in json.dumps(cell)


@pytest.mark.parametrize("type_", [5, 1001, 1002])
def test_a_time_in_a_list_of_one_is_a_time(type_: int) -> None:
    """As every other single value."""
    assert listed(frame_of(one_column(type_, [[1704038400000]]))["X"]) == listed(
        frame_of(one_column(type_, [1704038400000]))["X"]
    )


def test_the_address_is_read_beside_the_text() -> None:
    """Both columns of an address, of an object with ``type`` and of a list of one."""
    frame = frame_of(one_column(15, [{**LINK, "type": "url"}, [{**LINK, "type": "url"}]]))
    assert frame["X.link"].tolist() == ["https://feishu.cn"] * 2


def test_persons_of_the_record_itself_may_have_more_members() -> None:
    """Who edited a row is read of an object with other members, and of a list of one."""
    from larknb.tabular.cells import to_arrow
    from tests.tabular.records import schema_of

    record = {"record_id": "r", "fields": {}, "created_by": {**PERSON, **ODD}, "last_modified_by": [PERSON]}
    assert frame_of(to_arrow(schema_of([]), [record]))[["_created_by", "_last_modified_by"]].values.tolist() == [
        ["张三", "张三"]
    ]


# --- anything beside, in lists or out of them -------------------------------------------------------------------------

KNOWN: list[tuple[int, Any]] = [
    (1, [segment("a"), {"type": "mention", "mentionType": "User", "name": "张三", "text": "@张三", "token": "ou"}]),
    (2, result(2, 1.5)),
    (3, {"name": "甲"}),
    (4, [{"name": "甲"}, {"name": "乙"}]),
    (11, [PERSON]),
    (13, [segment("131")]),
    (15, LINK),
    (15, [{"text": "见 "}, LINK]),
    (17, [FILE]),
    (18, {"link_record_ids": ["r1", "r2"]}),
    (19, result(1, segment("a"))),
    (19, result(18, {"link_record_ids": ["r1"]})),
    (20, result(2, 1.5)),
    (20, result(11, PERSON)),
    (21, {"link_record_ids": ["r1"]}),
    (22, PLACE),
    (23, [{"id": "oc_a", "name": "群"}]),
    (24, {"id": "s1", "name": "评审"}),
    (1003, [PERSON]),
    (1004, [PERSON]),
    (1005, [segment("0007")]),
]
ODD_VALUES: list[Any] = [
    None, True, 5, 2**70, 1.5, "x", "\ud83d", [], {}, [[]], [{}], {"value": {}}, [None], {"text": [], "_": 1},
]  # fmt: skip
MORE = st.dictionaries(st.sampled_from(["_a", "_b", ""]), st.sampled_from(ODD_VALUES), max_size=2)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


@given(st.sampled_from(KNOWN), st.data())
@settings(max_examples=80)
def test_no_member_costs_a_known_one(case: tuple[int, Any], data: st.DataObject) -> None:
    """Whatever members come along, and with objects for lists of one and lists of one for objects: the same cell."""
    type_, plain = case
    cell = copy.deepcopy(plain)
    for place in [*objects(cell)]:
        place |= copy.deepcopy(data.draw(MORE))
    if data.draw(st.booleans()):
        cell = [cell] if isinstance(cell, dict) and type_ not in (19, 20) else cell[0] if len(cell) == 1 else cell
    table, same = one_column(type_, [cell]), one_column(type_, [plain])
    assert table.column("fldX").is_valid().to_pylist() == [True]
    assert listed(frame_of(table)["X"]) == listed(frame_of(same)["X"])
    if type_ not in (19, 20) and any("_a" in place or "_b" in place for place in objects(cell)):
        assert extras(table) == [{"fldX": cell}]


SHAPES = st.sampled_from(ODD_VALUES)


@given(st.sampled_from([1, 2, 3, 4, 5, 7, 11, 13, 15, 17, 18, 19, 20, 21, 22, 23, 24, 1001, 1003, 1005, 99]), st.data())
@settings(max_examples=100)
def test_no_shape_is_an_error(type_: int, data: st.DataObject) -> None:
    """Any JSON as a cell, whatever its type: a table and a frame of its rows."""
    members = st.dictionaries(st.sampled_from(["text", "link", "name", "id", "value", "type", "record_ids"]), SHAPES)
    cell = data.draw(SHAPES | members | st.lists(members | SHAPES, max_size=3))
    table = one_column(type_, [cell])
    assert len(frame_of(table)) == 1
    if extras(table)[0]:
        assert extras(table)[0]["fldX"] == cell


# --- recorded ---------------------------------------------------------------------------------------------------------


def test_the_recorded_extra_members_cost_nothing() -> None:
    """Every cell of the recorded page with members beyond the documented has its value in the frame."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    bodies = [json.loads((Path(folder) / "examples" / "bitable" / name).read_text(encoding="utf-8"))["data"]["items"]
              for name in ("fields_list.all_types.json", "records_search.extra_members.json")]  # fmt: skip
    frame = frame_of(raw_table(bodies[0], [record["fields"] for record in bodies[1]]))
    for name, values in {
        "多行文本": ["见 过温指引@张三", "没有 type 的片段"],
        "人员": ["张三; 李四", "ou_2910013f1e6456f16a0ce75ede950a0a"],
        "超链接": ["飞书", "新闻标题"],
        "超链接.link": ["https://www.feishu.cn/", "https://example.com/news"],
        "附件": ["接线图.png", None],
        "单向关联": [("第一行",), None],
        "公式-文本": ["飞书", None],
        "查找引用-人员": ["张三", None],
        "地理位置": ["天安门广场，北京市东城区东长安街", None],
        "群组": ["过温专项", None],
        "创建人": ["张三", None],
    }.items():
        assert listed(frame[name]) == values, name
