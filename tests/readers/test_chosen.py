"""What the settings of a base choose by name, when it is added, and what becomes of the names later."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from larknb.errors import ConfigError, LarkError, NotFound
from larknb.model import Source
from larknb.readers.chosen import Chosen, chosen_tables, follow, near_first
from larknb.sandbox import Field
from tests.conftest import Lab, sync, text
from tests.test_visit import only

STATE = Field("状态", 3, field_id="fldState", property={"options": ["开", "关"]})


def condition(column: str, operator: str = "isGreater", *values: str) -> dict[str, Any]:
    return {"field_name": column, "operator": operator, "value": [*values]}


def rows(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"conjunction": "and", "conditions": [*conditions], **more}


TOML_OVER_20 = (
    'filter = {conjunction = "and", conditions = [{field_name = "age", operator = "isGreater", value = ["20"]}]}'
)
PEOPLE = 'tables = ["people"]\n'


def columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in map(str, frame) if not name.startswith("_")]


# --- when it is added -------------------------------------------------------------------------------------------------


@pytest.fixture
def adding(lab: Lab) -> Lab:
    """A workspace of another base with one table, which has a view and a form."""
    base = lab.box.tenant.add_base("台账", app_token="AppMore000000000000000001")
    table = base.add_table(
        "缺陷", [Field("标题", 1, field_id="fldT"), Field("数量", 2), Field("合计", 20), STATE], table_id="tblD"
    )
    table.add_many([{"标题": text("甲"), "数量": n} for n in range(3)])
    table.add_view("未关闭", record_ids=[*table.rows][:2])
    table.add_view("登记", type="form")
    lab.made = base
    return lab


def address(lab: Lab, more: str = "") -> str:
    return f"{lab.box.url}/base/{lab.base.app_token}{more}"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"fields": ["标题", "数目"]}, "no column 数目", "olumns are: 数量, "),
    ({"filter": rows(condition("标体", "is", "a"))}, "no column 标体", "olumns are: 标题, "),
    ({"filter": rows(children=[rows(condition("数", "is", "1"))])}, "no column 数", "olumns are"),
    ({"filter": rows(condition("合计", "is", "1"))}, "Column 合计 of table 缺陷 is computed", "where="),
    ({"filter": rows(condition("状态", "is", "开着"))}, "状态 has no option 开着", "its options are: 开, "),
    ({"view": "未关"}, "no view 未关", "its views are: 未关闭, "),
    ({"view": "vewGone1"}, "no view vewGone1", "its views are"),
    ({"view": "登记"}, "登记 is a form", "another view"),
    ({"view": "未关闭", "filter": rows(condition("数量", "is", "1"))}, "cannot be combined", "leave one"),
    ({"tables": ["缺线"]}, "no table 缺线", "缺陷"),
]


@pytest.mark.parametrize(("options", "what", "then"), WRONG)
def test_a_name_that_is_not_there_is_refused_at_once(adding: Lab, options: Any, what: str, then: str) -> None:
    """The error names it and what there is, the nearest first; nothing is written."""
    before = (adding.workspace.root / "larknb.toml").read_text(encoding="utf-8")
    with pytest.raises((ConfigError, NotFound), match=what) as caught:
        adding.workspace.add(address(adding), **options)
    assert then in str(caught.value.next) and address(adding) in caught.value.source
    assert (adding.workspace.root / "larknb.toml").read_text(encoding="utf-8") == before


def test_names_that_people_see_are_taken(adding: Lab) -> None:
    """A view, columns and tables by name: only these rows and columns are read, and adding them twice is no mistake."""
    for _ in range(2):
        adding.workspace.add(address(adding), view="未关闭", fields=["标题"], tables=["缺陷"])
    adding.workspace.sync("台账", progress=False).raise_for_failures()
    frame = adding.workspace.load("台账")
    assert (len(frame), columns(frame)) == (2, ["标题"])


def test_a_view_costs_one_request_a_look(adding: Lab) -> None:
    """By its name one more, once: then its id is known."""
    adding.workspace.add(address(adding), view="未关闭", tables=["缺陷"])
    counts = []
    for _ in range(2):
        adding.later()
        adding.workspace.sync("台账", progress=False).raise_for_failures()
        counts.append(sorted(set(adding.requests()) & {"views", "view"}))
    assert counts == [["view", "views"], ["view"]]


def test_a_source_without_names_asks_nothing_more(adding: Lab) -> None:
    """Who chooses nothing pays nothing when a source is added."""
    adding.box.journal.clear()
    adding.workspace.add(address(adding))
    assert adding.requests() == ["metas", "tables"]


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ('view = "{view}"', ["view"]),
        (TOML_OVER_20.replace("{", "{{").replace("}", "}}"), []),
        ('fields = ["age"]', []),
        ('drift = "raise"', []),
    ],
    ids=["view", "filter", "fields", "drift"],
)
def test_what_is_chosen_costs_no_more_than_is_said(lab: Lab, options: str, more: list[str]) -> None:
    """At the first sync, when nothing changed, and when rows did: one request more for a view, none for the others."""
    view = lab.people.add_view("some", record_ids=[*lab.people.rows])
    only(lab, PEOPLE + options.format(view=view))
    for read in (["app", "fields", "search", "tables"], [], ["fields", "search", "tables"]):
        lab.later()
        sync(lab).raise_for_failures()
        assert lab.requests() == ["metas", "tables", *more, *read]
        if not read:
            lab.people.add({"name": text("new"), "age": 50})


# --- names that follow ------------------------------------------------------------------------------------------------


def test_a_filter_follows_a_renamed_column(lab: Lab) -> None:
    """It stays the same column, whatever it is called, at this sync and at all later ones."""
    only(lab, PEOPLE + TOML_OVER_20)
    sync(lab).raise_for_failures()
    lab.people.rename_field("fldAge", "years")
    for count in (9, 10):
        sync(lab.later()).raise_for_failures()
        assert len(lab.workspace.load("s1")) == count
        lab.people.add({"name": text("older"), "years": 99})


def test_a_new_column_does_not_take_over_an_old_name(lab: Lab) -> None:
    """The filter means the column that it meant, not the one that is called so now."""
    only(lab, PEOPLE + TOML_OVER_20)
    sync(lab).raise_for_failures()
    lab.people.rename_field("fldAge", "years")
    lab.people.add_field(Field("age", 2, field_id="fldNewAge"))
    sync(lab.later()).raise_for_failures()
    assert len(lab.workspace.load("s1")) == 9


def test_a_filter_follows_a_renamed_option(lab: Lab) -> None:
    """Cells hold the names of options: without it every row would go with the old name."""
    lab.people.add_field(STATE)
    for record_id in [*lab.people.rows][:3]:
        lab.people.edit(record_id, {"状态": "开"})
    only(lab, PEOPLE + TOML_OVER_20.replace('"age", operator = "isGreater", value = ["20"]',
                                            '"状态", operator = "is", value = ["开"]'))  # fmt: skip
    sync(lab).raise_for_failures()
    lab.people.rename_option("fldState", "开", "未关闭")
    for _ in range(2):
        sync(lab.later(), force=True).raise_for_failures()
        assert lab.workspace.load("s1")["状态"].tolist() == ["未关闭"] * 3


def test_a_filter_without_its_column_fails(lab: Lab) -> None:
    """Other rows would come: the source keeps its cache, and is told what there is."""
    only(lab, PEOPLE + TOML_OVER_20)
    sync(lab).raise_for_failures()
    lab.people.delete_field("fldAge")
    report = sync(lab.later())
    assert "no column age" in str(report.errors["s1"])
    assert len(lab.workspace.load("s1")) == 9


def test_chosen_columns_follow_and_may_go(lab: Lab) -> None:
    """A renamed one stays chosen, a removed one is told and left out."""
    only(lab, PEOPLE + 'fields = ["name", "age"]')
    sync(lab).raise_for_failures()
    lab.people.rename_field("fldName", "who")
    lab.people.delete_field("fldAge")
    for told in (2, 0):
        report = sync(lab.later()).raise_for_failures()
        assert len(report.drift) == told
        assert columns(lab.workspace.load("s1")) == ["who"]
        lab.people.add({"who": text("new")})


def test_a_view_follows_its_id(lab: Lab) -> None:
    """A view that was named by its name is the same one when it is called otherwise; one that is gone fails."""
    view = lab.people.add_view("some", record_ids=[*lab.people.rows][:2])
    only(lab, PEOPLE + 'view = "some"')
    sync(lab).raise_for_failures()
    lab.people.change_view(view, name="others")
    sync(lab.later()).raise_for_failures()
    assert len(lab.workspace.load("s1")) == 2
    lab.people.remove_view(view)
    assert isinstance(sync(lab.later()).errors["s1"], LarkError)
    assert len(lab.workspace.load("s1")) == 2


def test_the_same_name_of_a_view_in_another_table_is_another_view(lab: Lab) -> None:
    """The settings name another table: what the name stood for in the first one counts there alone."""
    for table in (lab.people, lab.teams):
        table.add_view("some", record_ids=[*table.rows][:2])
    text_of = (lab.workspace.root / "larknb.toml").read_text(encoding="utf-8")
    for name in ("people", "teams"):
        (lab.workspace.root / "larknb.toml").write_text(text_of, encoding="utf-8")
        only(lab, f'tables = ["{name}"]\nview = "some"')
        sync(lab.later()).raise_for_failures()
        assert len(lab.workspace.load(f"s1/{name}")) == 2


def test_computed_columns_are_read_of_the_filtered_rows(lab: Lab) -> None:
    """Also after the filter's column got another name: the shortcut asks for the rows that were read last."""
    lab.people.add_field(Field("double", 20, field_id="fldDouble"))
    only(lab, PEOPLE + TOML_OVER_20 + '\ncomputed = "always"')
    sync(lab).raise_for_failures()
    lab.people.rename_field("fldAge", "years")
    sync(lab.later()).raise_for_failures()
    sync(lab.later()).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "search"]


# --- very many columns ------------------------------------------------------------------------------------------------


def wide(lab: Lab, count: int, chosen: int) -> None:
    fields = [Field("n", 1, is_primary=True), *(Field(f"c{n}", 13) for n in range(count))]
    lab.base.add_table("wide", fields, table_id="tblWide").add({"n": text("row"), "c0": "0", f"c{count - 1}": "last"})
    names = ", ".join(f'"c{n}"' for n in range(chosen))
    only(lab, f'tables = ["wide"]\nfields = [{names}]')


def test_more_columns_than_a_search_takes_are_read(lab: Lab) -> None:
    """A table of 231 columns of which 220 are chosen: one search, and the others are left out here."""
    wide(lab, 231, 220)
    sync(lab).raise_for_failures()
    frame = lab.workspace.load("s1")
    assert columns(frame) == [f"c{n}" for n in range(220)]
    assert (lab.requests().count("search"), lab.requests().count("fields")) == (1, 3)
    raw = lab.workspace.load("s1", raw=True)
    assert raw["_extra"].isna().all()


@pytest.mark.parametrize(("chosen", "named"), [(200, True), (201, False)])
def test_a_search_names_two_hundred_columns(chosen: int, named: bool) -> None:
    """Not one more."""
    fields = [{"field_id": f"fld{n}", "field_name": f"c{n}", "type": 13} for n in range(300)]
    source = Source("s", "u", "bitable", "t", options={"fields": tuple(f"c{n}" for n in range(chosen))})
    body = Chosen.of(source, "wide", fields).body()
    assert len(body.get("field_names", ())) == (chosen if named else 0)


# --- the parts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("a", {}, "1"),
        ("2", {}, "2"),
        ("a", {"a": "2"}, "2"),
        ("a", {"a": "gone"}, "1"),
        ("old", {"old": "2"}, "2"),
        ("c", {}, None),
    ],
)
def test_what_a_name_stands_for(name: str, known: dict[str, str], found: str | None) -> None:
    """What it stood for, if that is still there; an id; else what is called so."""
    assert follow(name, {"1": "a", "2": "b"}, known) == found


def test_the_nearest_names_come_first() -> None:
    """Then all others, in order."""
    assert near_first("stats", ["zebra", "status", "a"]) == "status, a, zebra"


def test_all_tables_of_one_name_are_chosen() -> None:
    """A base may have several."""
    source = Source("s", "u", "bitable", "t", options={"tables": ("a",)})
    assert chosen_tables(source, {"1": "a", "2": "a", "3": "b"}, {}, {"a": "1"}).there == {"1": "a", "2": "a"}
