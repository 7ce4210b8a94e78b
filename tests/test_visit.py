"""What a visit proves of one source, and what its report says of each table."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from larknb.cache.checks import check_file
from larknb.cache.store import Cache
from larknb.errors import AccessDenied
from larknb.sandbox import Fault, Field, Sandbox
from larknb.visit import UnexpectedError
from larknb.wire.codes import BadAnswer
from larknb.workspace import Workspace
from tests.conftest import PEOPLE, Clock, Lab, actions, open_lab, sign_in, sync, text, write_settings

HOUR, DAY = 3600.0, 86400.0


def only(lab: Lab, options: str) -> None:
    """Add options to the one source of the settings."""
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + options + "\n", encoding="utf-8")


def test_rows_that_move_between_pages_are_read_again(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A row deleted before page two shifts the others: the reading does not prove complete and is repeated."""
    base = box.tenant.add_base("b", app_token="AppB")
    table = base.add_table("t", [Field("name", 1, is_primary=True)])
    ids = table.add_many([{"name": text(str(n))} for n in range(600)])
    write_settings(tmp_path, box, f"{box.url}/base/AppB")
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    box.faults.add(Fault.call(lambda _: table.delete(ids[0])), endpoint="search", after=1)
    workspace.sync(progress=False).raise_for_failures()
    assert {*workspace.load("s1").index} == {*ids[1:]}
    box.journal.clear()
    clock.advance(HOUR)
    workspace.sync(progress=False).raise_for_failures()
    assert "search" in box.journal.endpoints()  # the revision had moved during the read: it is read again


def test_a_table_that_never_holds_still_fails(lab: Lab) -> None:
    """Three readings that do not prove complete: the source fails and keeps its cache."""
    sync(lab)
    before = lab.workspace.load("s1/people")
    lab.later()
    lab.people.add({"name": text("new"), "age": 1})
    wrong = {"code": 0, "msg": "", "data": {"has_more": False, "total": 5, "items": []}}
    lab.box.faults.add(Fault.reply(200, wrong), endpoint="search", times=None)
    report = sync(lab)
    assert not report.ok
    assert "kept changing" in report[0].problem
    pd.testing.assert_frame_equal(lab.workspace.load("s1/people"), before)


def test_an_empty_answer_on_an_advanced_base_is_no_empty_table(lab: Lab) -> None:
    """Success with no rows, advanced permissions: the cache stays, and the report says whom to ask."""
    sync(lab)
    lab.later()
    lab.base.is_advanced = True
    lab.people.add({"name": text("new"), "age": 1})
    report = sync(lab)
    assert not report.ok
    assert isinstance(report.errors["s1"], AccessDenied)
    assert "app" in lab.requests()
    assert len(lab.workspace.load("s1/people")) == 30


def test_a_table_that_lost_most_rows_waits(lab: Lab) -> None:
    """Held back at first, believed when a look ten minutes later reads the same."""
    sync(lab)
    lab.later()
    lab.people.delete(*[*lab.people.rows][:20])
    report = sync(lab)
    assert not report.ok
    assert "30 rows became 10" in next(row.problem for row in report if row.table == "people")
    assert len(lab.workspace.load("s1/people")) == 30
    assert not sync(lab.later(300), force=True).ok
    assert sync(lab.later(301), force=True).ok
    assert len(lab.workspace.load("s1/people")) == 10


def test_a_held_back_table_is_looked_at_again_without_force(lab: Lab) -> None:
    """The revision does not move again, and yet the next look reads the table once more."""
    sync(lab)
    lab.later()
    lab.people.delete(*[*lab.people.rows][:20])
    sync(lab)
    assert sync(lab.later()).ok
    assert len(lab.workspace.load("s1/people")) == 10


def test_what_failed_is_due_at_once(lab: Lab) -> None:
    """Ten minutes after a table was held back the next sync looks again, although the cache is young."""
    sync(lab)
    lab.later()
    lab.people.delete(*[*lab.people.rows][:20])
    assert not sync(lab).ok
    report = sync(lab.later(601))
    assert report.ok
    assert "search" in lab.requests()
    assert len(lab.workspace.load("s1/people")) == 10


@pytest.mark.parametrize("endpoint", ["tables", "fields", "search"])
def test_success_that_says_nothing_proves_nothing(lab: Lab, endpoint: str) -> None:
    """Code 0 without data: the source fails and keeps its cache."""
    sync(lab)
    before = lab.workspace.tables("s1")
    lab.later()
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    lab.box.faults.add(Fault.reply(200, {"code": 0, "msg": ""}), endpoint=endpoint, times=None)
    assert not sync(lab).ok
    for name, frame in lab.workspace.tables("s1").items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_accept_shrink(lab: Lab) -> None:
    """Whoever knows that the rows were deleted says so."""
    sync(lab)
    lab.later()
    lab.people.delete(*[*lab.people.rows][:20])
    assert sync(lab, accept_shrink=True).ok
    assert len(lab.workspace.load("s1/people")) == 10


def test_a_table_that_is_gone_keeps_its_rows(lab: Lab) -> None:
    """Somebody deleted the table in the base: the cached rows stay and the report says so."""
    sync(lab)
    lab.base.remove_table(lab.people)
    report = sync(lab.later())
    assert "deleted" in next(row.problem for row in report if row.table == "people")
    assert len(lab.workspace.load("s1/people")) == 30


def test_links_follow_a_renamed_row(lab: Lab) -> None:
    """A team's new title shows in the people that link to it, at no request of their own."""
    sync(lab)
    lab.later()
    team, _ = lab.teams.rows
    lab.teams.edit(team, {"title": text("motors")})
    sync(lab)
    assert lab.requests().count("search") == 1
    frame = lab.workspace.load("s1/people")
    assert [*frame["team"].iloc[0]] == ["motors"]
    assert [*lab.workspace.load("s1/people", links="id")["team"].iloc[0]] == [team]


def test_a_table_chosen_by_name_and_renamed_is_followed(lab: Lab) -> None:
    """The settings name a table that is called otherwise now: it stays the same one, at this sync and the next."""
    only(lab, 'tables = ["people", "teams"]')
    sync(lab).raise_for_failures()
    lab.people.rename("staff")
    for drift in (["s1 / staff: the table was called people"], []):
        report = sync(lab.later()).raise_for_failures()
        assert [*map(str, report.drift)] == drift
    assert len(lab.workspace.load("s1/staff")) == 30


def test_a_table_made_anew_under_its_old_name(lab: Lab) -> None:
    """Deleted and created again: its name means the new one, now and in the snapshots; the old rows stay by id."""
    sync(lab)
    lab.base.remove_table(lab.people)
    lab.base.add_table("people", PEOPLE, table_id="tblNew").add({"name": text("new"), "age": 1})
    sync(lab.later()).raise_for_failures()
    assert len(lab.workspace.load("s1/people")) == 1
    assert len(lab.workspace.load("s1/people", as_of=-1)) == 1
    assert len(lab.workspace.load("s1/tblPeople")) == 30


def without_revisions(box: Sandbox, table_ids: dict[str, str]) -> None:
    items = [{"table_id": table_id, "name": name} for table_id, name in table_ids.items()]
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"items": items}}), endpoint="tables", times=None)


def test_a_table_without_a_revision_is_read_at_every_look(lab: Lab) -> None:
    """What cannot be known to be unchanged is read; the missing number is no error."""
    without_revisions(lab.box, {"tblTeams": "teams", "tblPeople": "people"})
    sync(lab).raise_for_failures()
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    sync(lab.later()).raise_for_failures()
    assert lab.workspace.load("s1/people")["age"].iloc[0] == 99


def test_a_field_list_without_fields_is_no_table_without_columns(lab: Lab) -> None:
    """Success with an empty field list: read again, and in the end the old columns stay."""
    sync(lab)
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    lab.box.faults.add(Fault.reply(200, {"code": 0, "data": {"items": None}}), endpoint="fields", times=1)
    sync(lab.later()).raise_for_failures()
    assert lab.workspace.load("s1/people")["age"].iloc[0] == 99
    lab.people.edit(next(iter(lab.people.rows)), {"age": 98})
    lab.box.faults.add(Fault.reply(200, {"code": 0, "data": {}}), endpoint="fields", times=None)
    assert not sync(lab.later()).ok
    assert lab.workspace.load("s1/people")["age"].iloc[0] == 99


def test_rows_that_the_settings_leave_out_are_not_lost(lab: Lab) -> None:
    """A filter that takes most rows away is the user's own wish: nothing is held back."""
    sync(lab)
    one = '{ field_name = "age", operator = "is", value = ["3"] }'
    only(lab, f'tables = ["people"]\nfilter = {{ conjunction = "and", conditions = [{one}] }}')
    assert sync(lab.later(1)).ok
    assert len(lab.workspace.load("s1")) == 1


def test_a_refused_table_does_not_make_the_others_be_read_at_every_look(lab: Lab) -> None:
    """After full_every the refused one is tried at each look, the others are young again."""
    sync(lab)
    advanced = {"code": 0, "data": {"app": {"is_advanced": True}}}
    empty = {"code": 0, "data": {"items": [], "has_more": False, "total": 0}}
    lab.box.faults.add(Fault.reply(200, advanced), endpoint="app", times=None)
    lab.box.faults.add(Fault.reply(200, empty), endpoint="search", after=1)
    assert not sync(lab.later(DAY)).ok
    lab.box.faults.add(Fault.reply(200, empty), endpoint="search")
    report = sync(lab.later())
    assert actions(report) == {"teams": "unchanged", "people": "failed"}
    assert lab.requests().count("search") == 1


def test_a_timeout_is_asked_again_in_smaller_pages(lab: Lab) -> None:
    """1255040 again and again: the page was too much work, not the platform away."""
    lab.box.faults.add(Fault.reply(504, 1255040), endpoint="search", times=5)
    sync(lab).raise_for_failures()
    sizes = [call.query["page_size"] for call in lab.box.journal.calls if call.endpoint == "search"]
    assert sizes[:6] == ["500"] * 5 + ["250"]


def test_files_that_somebody_deleted_are_read_again(lab: Lab) -> None:
    """No stamp moved, but the cache has lost its files: the next look brings them back."""
    sync(lab)
    for path in (lab.workspace.root / "work").rglob("*people*.parquet"):
        path.unlink()
    sync(lab.later()).raise_for_failures()
    assert len(lab.workspace.load("s1/people")) == 30
    assert [*lab.workspace.load("s1/people")["team"].iloc[0]] == ["team 0"]


def test_another_format_needs_no_edit(lab: Lab) -> None:
    """JSON added to the settings is there after the next look, and goes when it is taken out again."""
    sync(lab)
    file = lab.workspace.root / "larknb.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("[app]", '[cache]\nformats = ["parquet", "json"]\n[app]'), encoding="utf-8")
    sync(lab.later()).raise_for_failures()
    latest = lab.workspace.root / "work" / "bitable_cache" / "s1" / "people.json"
    assert latest.exists()
    file.write_text(before, encoding="utf-8")
    sync(lab.later()).raise_for_failures()
    assert not latest.exists()


def test_a_wiki_page_that_became_a_copy_of_its_base(lab: Lab) -> None:
    """The copy has the same table ids and revisions: it is another base all the same, and read whole."""
    node = lab.box.tenant.add_wiki_node(lab.base)
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/wiki/{node}")
    sync(lab).raise_for_failures()
    copied = lab.box.tenant.add_base("copy")
    copied.add_table("people", PEOPLE, table_id="tblPeople").add({"name": text("copied"), "age": 1})
    lab.box.faults.add(Fault.reply(200, 1254040), endpoint="tables")
    found = {"obj_type": "bitable", "obj_token": copied.app_token}
    lab.box.faults.add(Fault.reply(200, {"code": 0, "data": {"node": found}}), endpoint="get_node")
    report = sync(lab.later(), accept_shrink=True).raise_for_failures()
    assert "app" in lab.requests()
    assert actions(report)["people"] == "fetched"
    assert len(lab.workspace.load("s1", "people")) == 1


# --- mistakes of ours -----------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_told_as_one(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """What our code does not expect: traceback in the log, a row without a table, and the data as they were."""
    sync(lab)
    before = lab.workspace.tables("s1")
    mistaken = Workspace(lab.workspace.root, clock=lab.clock, sleep=lambda _: dict[str, None]()["no such key"])
    report = mistaken.sync(force=True, progress=False)
    assert [(row.table, row.action, row.rows) for row in report] == [("", "failed", None)]
    assert "Something unexpected went wrong: KeyError" in report[0].problem
    assert isinstance(report.errors["s1"], UnexpectedError)
    assert isinstance(report.errors["s1"].__cause__, KeyError)
    assert any(record.exc_info for record in caplog.records)
    for name, frame in lab.workspace.tables("s1").items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_an_odd_answer_in_the_middle_of_a_read_leaves_nothing(lab: Lab) -> None:
    """Rows of one table had come when the next answer was not understood: none of them is kept."""
    sync(lab)
    lab.later(DAY)
    lab.teams.edit(next(iter(lab.teams.rows)), {"title": text("motors")})
    wrong = {"code": 0, "data": {"items": ["?"], "total": 1}}
    lab.box.faults.add(Fault.reply(200, wrong), endpoint="search", after=1, times=2)
    report = sync(lab)
    assert [(row.table, row.action) for row in report] == [("", "failed")]
    assert isinstance(report.errors["s1"], BadAnswer)
    assert lab.workspace.load("s1/teams")["title"].iloc[0] == "team 0"
    assert sync(lab.later()).ok
    assert lab.workspace.load("s1/teams")["title"].iloc[0] == "motors"


def test_a_mistake_while_nothing_is_due_names_no_table(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A young sheet is to be typed anew and its grid makes no sense: the row bears no rows of the old one."""
    book = box.tenant.add_spreadsheet("表", token="ShtTest0000000000000000001")
    book.add_sheet("明细", [["名称"], ["甲"]], sheet_id="aaaaaa")
    lab = open_lab(tmp_path, box, clock, f"{box.url}/sheets/ShtTest0000000000000000001", book)
    sync(lab).raise_for_failures()
    (cached,) = Cache(lab.workspace.settings.cache_dir).sources.values()
    (raw,) = (entry.raw for entry in cached.tables.values())
    (cached.folder / raw).write_bytes(gzip.compress(b"[]"))
    cached.save(cached.manifest.with_checks({raw: check_file(cached.folder / raw)}))
    only(lab, 'header = "none"')
    report = sync(lab)
    assert [(row.table, row.action, row.rows) for row in report] == [("", "failed", None)]
    assert isinstance(report.errors["s1"], UnexpectedError)
