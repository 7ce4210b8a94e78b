"""Cells of odd shapes from the wire to the frame: no value that is known is lost, and what does not fit is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.sandbox import Field, Raw
from larknb.tabular.cells import to_arrow
from larknb.tabular.drift import column_drift
from larknb.tabular.raw import definitions_of, raw_schema
from tests.conftest import Lab, sync, text
from tests.tabular.records import body, frame_of, listed


def table_of(lab: Lab, *fields: Field) -> Any:
    return lab.base.add_table("odd", [Field("title", 1, is_primary=True), *fields], table_id="tblOdd")


def told(lab: Lab) -> str:
    return next(row.problem for row in sync(lab.later()).raise_for_failures() if row.table == "odd")


def test_one_more_member_in_every_object_costs_nothing(lab: Lab) -> None:
    """Of every type of column that is known: the same frame as without, and a report that has nothing to say."""
    fields, records = ({"data": {"items": body(name)}} for name in ("fields.json", "records.json"))
    lab.base.load("all", fields, records, table_id="tblAll")
    sync(lab).raise_for_failures()
    before = lab.workspace.load("s1/all").drop(columns="时长")
    lab.box.more_members = {"new": {"a": [1, None]}, "realMentionType": "Docx"}
    report = sync(lab.later(), force=True).raise_for_failures()
    after = lab.workspace.load("s1/all")
    assert [listed(after[name]) for name in before] == [listed(before[name]) for name in before]
    assert [row.problem for row in report if row.table == "all"] == [""]


def test_cells_that_were_lost_once(lab: Lab) -> None:
    """Addresses that say what they are, alone and in a list, a mention with further members, a lookup of a link."""
    odd = table_of(lab, Field("url", 15), Field("note", 1), Field("who", 19))
    link = {"text": "飞书", "link": "https://www.feishu.cn", "type": "url"}
    mention = {"type": "mention", "text": "某公司沟通记录", "token": "D", "mentionType": "Docx",
               "realMentionType": "Docx"}  # fmt: skip
    first = next(iter(lab.people.rows))
    linked = {"type": 18, "value": [{"link_record_ids": [first]}]}
    odd.add({"title": text("a"), "url": Raw(link), "note": Raw([mention]), "who": Raw(linked)})
    odd.add({"title": text("b"), "url": Raw([link])})
    assert told(lab) == ""
    frame = lab.workspace.load("s1/odd")
    assert frame["url"].tolist() == ["飞书"] * 2 and frame["url.link"].tolist() == ["https://www.feishu.cn"] * 2
    assert listed(frame["note"]) == ["某公司沟通记录", None]
    assert listed(frame["who"]) == [("person 0",), None]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ([2**53 + 1, 5], [2**53 + 1, 5]),
        ([2**53 + 1, 0.5], ["9007199254740993", "0.5"]),
        ([2**64 - 1, 5], ["18446744073709551615", "5"]),
    ],
)
def test_a_number_is_exact_in_every_form(lab: Lab, cells: list[Any], shown: list[Any]) -> None:
    """In the frame, in a query of it, and in what other programs get."""
    odd = table_of(lab, Field("n", 2, field_id="fldN"))
    odd.add_many([{"title": text(str(cell)), "n": cell} for cell in cells])
    assert told(lab).startswith("Column n: 1 value could not be recognized (such as")
    frame = lab.workspace.load("s1/odd")
    assert frame["n"].tolist() == shown
    assert str(cells[0]) in lab.workspace.load("s1/odd", raw=True)["_extra"].iloc[0]
    assert len(lab.workspace.load("s1/odd", where={"n": shown[0]})) == 1


def test_what_does_not_fit_is_told_by_its_column(lab: Lab) -> None:
    """Each column once, with an example of the first."""
    odd = table_of(lab, Field("n", 2), Field("day", 5), Field("fine", 15))
    odd.add_many(
        [{"n": Raw("many"), "day": Raw("friday"), "fine": Raw({"link": "l", "type": "url"})}, {"n": Raw("few")}]
    )
    assert told(lab).startswith('Column n, day: 2 values could not be recognized (such as "many")')


def test_the_text_of_a_link_stands_for_a_table_that_nobody_reads(lab: Lab) -> None:
    """As soon as the table is read, its own texts count."""
    odd = table_of(lab, Field("team", 18, property={"multiple": True, "table_id": "tblTeams"}))
    first = next(iter(lab.teams.rows))
    odd.add({"title": text("a"), "team": Raw({"link_record_ids": [first], "text_arr": ["old name"]})})
    file = lab.workspace.root / "larknb.toml"
    alone = file.read_text(encoding="utf-8")
    file.write_text(alone + 'tables = ["odd"]\n', encoding="utf-8")
    sync(lab).raise_for_failures()
    assert listed(lab.workspace.load("s1/odd")["team"]) == [("old name",)]
    assert listed(lab.workspace.load("s1/odd", links="id")["team"]) == [(first,)]
    file.write_text(alone, encoding="utf-8")
    sync(lab.later()).raise_for_failures()
    assert listed(lab.workspace.load("s1/odd")["team"]) == [("team 0",)]


# --- columns whose definition is odd ----------------------------------------------------------------------------------

ODD: list[Any] = [
    None, True, 5, 2**70, "x", "\ud83d", [], {}, [[]], [{}], [None], {"id": "opt1", "name": "开"},
    [{"id": "opt1", "name": "开"}], [{"id": 5, "name": []}], {"data_type": [1]}, {"ui_type": {}},
]  # fmt: skip
MEMBERS = ["options", "type", "formatter", "table_id", "multiple", "target_field", "auto_serial", "date_formatter"]
TYPES = [1, 2, 3, 4, 5, 7, 11, 13, 15, 17, 18, 19, 20, 21, 22, 23, 24, 99, 1001, 1002, 1003, 1004, 1005, 3001]
DEFINITIONS = st.fixed_dictionaries(
    {"field_id": st.just("fldX"), "field_name": st.sampled_from(["X", "年"]), "type": st.sampled_from(TYPES)},
    optional={
        "property": st.sampled_from(ODD) | st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(ODD)),
        "ui_type": st.sampled_from(ODD),
    },
)


@given(DEFINITIONS, DEFINITIONS, st.sampled_from(ODD))
@settings(max_examples=60)
def test_no_definition_of_a_column_is_an_error(old: Any, new: Any, cell: Any) -> None:
    """Whatever its property is, or becomes: the column has its rows, and what changed can be told."""
    schemas = [raw_schema("tblA", "t", [field], time_zone="Asia/Shanghai") for field in (old, new)]
    before, after = map(definitions_of, schemas)
    assert all(change.column == new["field_name"] for change in column_drift("t", before, after, {}))
    rows = to_arrow(schemas[0], [{"record_id": "rec1", "fields": {old["field_name"]: cell}}])
    assert len(frame_of(rows)) == 1
