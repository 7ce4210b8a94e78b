"""What people do to the shape of a base: the sync goes through, its report names each change, history goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from larknb.cli import main
from larknb.errors import ConfigError
from larknb.sandbox import Fault, Field
from tests.conftest import Lab, sync, text, write_settings
from tests.test_visit import only

STATE = Field("状态", 3, field_id="fldState", property={"options": ["开", "关"]})
Change = Callable[[Lab], Any]


@pytest.fixture
def board(lab: Lab) -> Lab:
    """The lab with a select column, synced."""
    lab.people.add_field(STATE)
    for record_id in [*lab.people.rows][:3]:
        lab.people.edit(record_id, {"状态": "开"})
    sync(lab.later()).raise_for_failures()
    lab.later()
    return lab


def lines(lab: Lab) -> list[str]:
    return [str(line) for line in sync(lab).raise_for_failures().drift]


def make_anew(lab: Lab) -> None:
    lab.people.delete_field("fldAge")
    lab.people.add_field(Field("age", 2, field_id="fldAge2"))


CHANGES: dict[str, tuple[Change, list[str]]] = {
    "renamed": (
        lambda lab: lab.people.rename_field("fldAge", "years"),
        ["s1 / people: column age is now called years"],
    ),
    "retyped": (
        lambda lab: lab.people.change_field("fldAge", type=1),
        ["s1 / people: column age is now Text, no longer Number"],
    ),
    "another face": (
        lambda lab: lab.people.change_field("fldAge", ui_type="Currency"),
        ["s1 / people: column age is now Currency, no longer Number"],
    ),
    "added": (lambda lab: lab.people.add_field(Field("city", 1)), ["s1 / people: column city is new"]),
    "removed": (
        lambda lab: lab.people.delete_field("fldAge"),
        ["s1 / people: column age was removed; earlier states keep it"],
    ),
    "made anew": (
        make_anew,
        ["s1 / people: column age was removed and is there again"],
    ),
    "option renamed": (
        lambda lab: lab.people.rename_option("fldState", "开", "未关闭"),
        ["s1 / people: option 开 of column 状态 is now called 未关闭"],
    ),
    "table renamed": (lambda lab: lab.people.rename("staff"), ["s1 / staff: the table was called people"]),
    "table added": (lambda lab: lab.base.add_table("cars", [Field("n", 1)]), ["s1 / cars: the table is new"]),
    "table removed": (
        lambda lab: lab.base.remove_table(lab.teams),
        ["s1 / teams: the table was removed; its last rows are kept"],
    ),
    "option added": (
        lambda lab: lab.people.change_field("fldState", property={"options": ["开", "关", "新"]}),
        [],
    ),
    "only rows": (lambda lab: lab.people.add({"name": text("new")}), []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_told_once(board: Lab, name: str) -> None:
    """In one line, at the sync that finds it."""
    change, told = CHANGES[name]
    change(board)
    assert lines(board) == told
    assert lines(board.later()) == []


DRIFT = [pytest.param(name, marks=[] if name in ("renamed", "table removed") else pytest.mark.soak)
         for name, (_, told) in CHANGES.items() if told]  # fmt: skip


@pytest.mark.parametrize("name", DRIFT)
def test_a_source_may_refuse_to_drift(board: Lab, name: str) -> None:
    """With ``drift = "raise"`` it fails, says what changed, and keeps its cache until it may drift again."""
    change, told = CHANGES[name]
    before = {key: frame.to_csv() for key, frame in board.workspace.tables("s1").items()}
    only(board, 'drift = "raise"')
    change(board)
    for _ in range(2):  # the second sync must not take it for known
        report = sync(board.later())
        assert isinstance(report.errors["s1"], ConfigError)
        assert told[0].removeprefix("s1 / ") in str(report.errors["s1"])
        assert {key: frame.to_csv() for key, frame in board.workspace.tables("s1").items()} == before
    file = board.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"raise"', '"evolve"'), encoding="utf-8")
    assert lines(board.later()) == told


def test_edits_of_rows_are_no_drift(board: Lab) -> None:
    """``drift = "raise"`` lets them pass."""
    only(board, 'drift = "raise"')
    board.people.add({"name": text("new"), "age": 1})
    assert lines(board) == []
    assert len(board.workspace.load("s1/people")) == 31


def test_a_new_name_of_a_column_changes_no_row(board: Lab) -> None:
    """Rows are the same, whatever their columns are called; ``load`` gives the new names."""
    board.people.rename_field("fldAge", "years")
    assert [row.changed for row in sync(board) if row.table == "people"] == [0]
    assert "years" in board.workspace.load("s1/people")


def test_history_goes_on_by_the_ids_of_columns(board: Lab) -> None:
    """Renamed, retyped, removed and added columns: earlier states show what they had, a diff pairs the columns."""
    board.people.rename_field("fldAge", "years")
    board.people.change_field("fldAge", type=1)
    board.people.delete_field("fldState")
    board.people.add_field(Field("city", 1))
    assert len(lines(board)) == 4
    now, then = (board.workspace.load("s1/people", as_of=at) for at in (None, -2))
    assert [*now.columns[:4]] == ["name", "years", "team", "city"] and [*then.columns[:4]] == [
        "name", "age", "team", "状态",
    ]  # fmt: skip
    assert (now["years"].tolist()[:2], then["age"].tolist()[:2]) == (["0", "1"], [0.0, 1.0])
    found = board.workspace.diff("s1/people")
    told = {(change.change, change.column) for change in found.column_changes}
    assert told == {("renamed", "years"), ("retyped", "years"), ("removed", "状态"), ("added", "city")}


def test_a_column_that_comes_back_is_known(board: Lab) -> None:
    """Removed at one sync, there again at a later one: by its id, or under its name."""
    age = board.people.field("fldAge")
    board.people.delete_field("fldAge")
    assert lines(board) == ["s1 / people: column age was removed; earlier states keep it"]
    board.people.add({"name": text("between")})
    assert lines(board.later()) == []
    board.people.add_field(age)
    assert lines(board.later()) == ["s1 / people: column age was removed and is there again"]


def test_several_changes_are_told_together(board: Lab) -> None:
    """Of all tables, in the order of the base."""
    board.teams.rename("groups")
    board.people.rename_field("fldName", "who")
    board.people.delete_field("fldAge")
    assert lines(board) == [
        "s1 / groups: the table was called teams",
        "s1 / people: column name is now called who",
        "s1 / people: column age was removed; earlier states keep it",
    ]


def test_no_change_of_the_settings_is_drift(board: Lab) -> None:
    """Columns and tables that somebody chooses, or chooses no more, did not change in the base."""
    people = '\ntables = ["people"]'
    for options in (f'fields = ["name"]{people}', f'fields = ["name", "age"]{people}', 'drift = "evolve"'):
        write_settings(board.workspace.root, board.box, f"{board.box.url}/base/{board.base.app_token}")
        only(board, options)
        assert lines(board.later()) == [], options


def test_a_first_sync_tells_nothing(lab: Lab) -> None:
    """There was nothing before."""
    assert lines(lab) == []


def test_requests_are_those_of_any_change(board: Lab) -> None:
    """Drift costs nothing: gate, table list, fields, rows, table list."""
    board.people.rename_field("fldAge", "years")
    sync(board)
    assert sorted(board.requests()) == ["fields", "metas", "search", "search", "tables", "tables"]


def test_the_base_behind_a_wiki_page_was_replaced_by_a_copy(lab: Lab) -> None:
    """The sync goes through, the report says so, and the states of before belong to the same source."""
    node = lab.box.tenant.add_wiki_node(lab.base)
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/wiki/{node}")
    sync(lab).raise_for_failures()
    copy = lab.box.tenant.copy_base(lab.base)
    lab.box.tenant.remove(lab.base)
    lab.box.tenant.add_wiki_node(copy, node_token=node)
    copy.table("people").rename_field("fldAge", "years")
    told = lines(lab.later())
    assert [copy.app_token in told[0], *told[1:]] == [True, "s1 / people: column age is now called years"]
    assert {change.change for change in lab.workspace.diff("s1/people", since=-2).column_changes} == {"renamed"}


def moved_to(lab: Lab, token: str) -> None:
    """Let the source of the settings be another base, under the same name."""
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/base/{token}")
    lab.later()


def test_a_source_that_goes_on_with_a_copy(board: Lab) -> None:
    """Its address in the settings is that of the copy: the report says so, and the states of before are its own."""
    copy = board.box.tenant.copy_base(board.base)
    copy.table("people").rename_field("fldAge", "years")
    moved_to(board, copy.app_token)
    told = lines(board)
    assert [copy.app_token in told[0], *told[1:]] == [True, "s1 / people: column age is now called years"]
    assert {change.change for change in board.workspace.diff("s1/people").column_changes} == {"renamed"}
    assert "age" in board.workspace.load("s1/people", as_of=-2)
    assert lines(board.later()) == [] and len(board.workspace.history("s1")) > 1


def test_a_source_that_may_not_drift_goes_on_with_no_copy(board: Lab) -> None:
    """It fails, and under its name there is what was there."""
    copy = board.box.tenant.copy_base(board.base)
    moved_to(board, copy.app_token)
    only(board, 'drift = "raise"')
    assert isinstance(sync(board).errors["s1"], ConfigError)
    moved_to(board, board.base.app_token)
    assert len(board.workspace.load("s1/people")) == 30


def test_a_copy_that_could_not_be_read_at_first_goes_on_later(board: Lab) -> None:
    """Whatever kept it from that: the states of before wait for it."""
    copy = board.box.tenant.copy_base(board.base)
    copy.table("people").rename_field("fldAge", "years")
    moved_to(board, copy.app_token)
    board.box.faults.add(Fault.reply(200, {"code": 1254302, "msg": "denied"}), endpoint="tables", times=None)
    assert "s1" in sync(board).errors
    board.box.faults.clear()
    assert copy.app_token in lines(board.later())[0]
    assert "age" in board.workspace.load("s1/people", as_of=-2)


def test_a_table_that_moved_to_another_base_is_told_in_both(board: Lab) -> None:
    """It is gone in the one, where its last rows are kept, and new in the other."""
    other = board.box.tenant.add_base("other")
    other.add_table("things", [Field("n", 1)]).add({"n": text("a")})
    bases = (board.base, other)
    write_settings(board.workspace.root, board.box, *(f"{board.box.url}/base/{each.app_token}" for each in bases))
    sync(board.later()).raise_for_failures()
    other.take_copies([board.teams])
    board.base.remove_table(board.teams)
    assert lines(board.later()) == [
        "s1 / teams: the table was removed; its last rows are kept",
        "s2 / teams: the table is new",
    ]
    assert len(board.workspace.load("s1/teams")) == len(board.workspace.load("s2/teams"))


def test_another_base_under_an_old_name_is_another_source(board: Lab) -> None:
    """Without a table in common nothing of the one belongs to the other."""
    other = board.box.tenant.add_base("other")
    other.add_table("things", [Field("n", 1)]).add({"n": text("a")})
    moved_to(board, other.app_token)
    assert lines(board) == []
    assert [*board.workspace.tables("s1")] == ["things"]
    assert len(board.workspace.history("s1")) == 1


def test_a_copy_beside_its_original_is_a_source_of_its_own(board: Lab) -> None:
    """Both are configured, and the second has taken the name of the first: neither loses its states."""
    copy = board.box.tenant.copy_base(board.base)
    board.people.add({"name": text("new")})
    urls = [f"{board.box.url}/base/{token}" for token in (copy.app_token, board.base.app_token)]
    write_settings(board.workspace.root, board.box, *urls)
    assert lines(board.later()) == []
    assert (len(board.workspace.history("s1")), len(board.workspace.history("s2"))) == (1, 2)


# --- where it is seen -------------------------------------------------------------------------------------------------


def test_a_report_shows_drift_everywhere(board: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """In a notebook, in a terminal, and for programs, in the language of the person."""
    board.people.rename_field("fldAge", "years<b>")
    report = sync(board)
    line = "s1 / people: column age is now called years<b>"
    assert line in repr(report) and "called years&lt;b&gt;" in report._repr_html_()
    assert report.to_dict()["drift"] == [
        {"source": "s1", "change": "column_renamed", "table": "people", "column": "years<b>", "before": "age",
         "after": "years<b>", "text": line},
    ]  # fmt: skip


def test_the_command_line_tells_drift(board: Lab, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """As text, and with ``--json``."""
    monkeypatch.chdir(board.workspace.root)
    board.people.rename_field("fldAge", "years")
    assert main(["sync", "--force", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["drift"]
    assert told["text"] == "s1 / people: column age is now called years"


def test_a_frame_keeps_its_types(board: Lab) -> None:
    """`load` gives the new names at once, and what was learned of a renamed column stays."""
    board.people.rename_field("fldAge", "years")
    sync(board)
    frame = board.workspace.load("s1/people", columns=["years"])
    assert pd.api.types.is_float_dtype(frame["years"])
