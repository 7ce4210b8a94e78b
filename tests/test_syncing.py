"""What a sync costs, what it proves, and what it does when things go wrong; asked from the stand-in's journal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from larknb.errors import AccessDenied, BudgetSpent, Busy, LoginRequired, NotFound, NotSynced
from larknb.results.sync import SyncReport
from larknb.sandbox import Fault, Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import PEOPLE, Clock, Lab, sign_in, text, write_settings

HOUR, DAY = 3600.0, 86400.0


def sync(lab: Lab, **options: object) -> SyncReport:
    return lab.workspace.sync(progress=False, **options)  # type: ignore[arg-type]


def only(lab: Lab, options: str) -> None:
    """Add options to the one source of the settings."""
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + options + "\n", encoding="utf-8")


def actions(report: SyncReport) -> dict[str, str]:
    return {row.table: row.action for row in report}


# --- cost -----------------------------------------------------------------------------------------------------


def test_the_first_sync(lab: Lab) -> None:
    """Gate, table list, zone, and for each table its fields and rows; at the end the table list again."""
    report = sync(lab).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "app", "fields", "search", "fields", "search", "tables"]
    assert report.calls == 8
    assert actions(report) == {"teams": "fetched", "people": "fetched"}


def test_a_young_cache_costs_nothing(lab: Lab) -> None:
    """Younger than max_age: no request, also none for a token."""
    sync(lab)
    report = sync(lab.later(HOUR - 1))
    assert lab.requests() == []
    assert set(actions(report).values()) == {"kept"}


def test_nothing_changed(lab: Lab) -> None:
    """One gate call and one table list, also with computed columns in the base."""
    sync(lab)
    report = sync(lab.later())
    assert lab.requests() == ["metas", "tables"]
    assert set(actions(report).values()) == {"unchanged"}
    assert report.calls == 2


@pytest.mark.parametrize("edit", ["edit", "delete", "rename"])
def test_one_table_changed(lab: Lab, edit: str) -> None:
    """Whatever changed in it: gate, tables, fields, rows, tables; computed columns of the others are read again."""
    sync(lab)
    lab.later()
    record_id = next(iter(lab.people.rows))
    if edit == "edit":
        lab.people.edit(record_id, {"age": 99})
    elif edit == "delete":
        lab.people.delete(record_id)
    else:
        lab.people.rename_field("fldAge", "years")
    report = sync(lab).raise_for_failures()
    # teams has a computed column, so its rows are asked for that column alone
    assert sorted(lab.requests()) == sorted(["metas", "tables", "fields", "search", "search", "tables"])
    assert report.calls == 6
    row = next(row for row in report if row.table == "people")
    assert (row.added, row.changed, row.removed) == {"edit": (0, 1, 0), "delete": (0, 0, 1), "rename": (0, 0, 0)}[edit]


def test_the_table_with_computed_columns_changed(lab: Lab) -> None:
    """Nothing feeds on it: the other table has no computed columns and is left alone."""
    sync(lab)
    lab.later()
    lab.teams.edit(next(iter(lab.teams.rows)), {"title": text("renamed")})
    sync(lab).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "fields", "search", "tables"]


def test_computed_columns_alone_are_asked_for(lab: Lab) -> None:
    """The second search names the computed column only, and its new values arrive."""
    sync(lab)
    lab.later()
    record_id = next(iter(lab.teams.rows))
    lab.teams.set_quietly(record_id, {"size": {"type": 2, "value": [16]}})
    lab.people.add({"name": text("one more"), "age": 1})
    report = sync(lab).raise_for_failures()
    bodies = [call.body for call in lab.box.journal.calls if call.endpoint == "search"]
    assert {"automatic_fields": False, "field_names": ["size"]} in bodies
    assert lab.workspace.load("s1/teams").loc[record_id, "size"] == 16
    assert {row.table: row.changed for row in report} == {"teams": 1, "people": 0}


def test_a_quiet_change_is_found_by_a_full_read(lab: Lab) -> None:
    """What no stamp shows (TODAY(), a renamed person) is bounded by full_every, which also asks the zone again."""
    sync(lab)
    record_id = next(iter(lab.teams.rows))
    lab.teams.set_quietly(record_id, {"size": {"type": 2, "value": [16]}})
    report = sync(lab.later(DAY)).raise_for_failures()
    assert sorted(lab.requests()) == sorted(
        ["metas", "tables", "app", "fields", "search", "fields", "search", "tables"]
    )
    assert {row.table: row.changed for row in report} == {"teams": 1, "people": 0}


def test_computed_always(lab: Lab, tmp_path: Path) -> None:
    """``computed = "always"`` asks the computed columns at every look, and nothing else."""
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'computed = "always"\n', encoding="utf-8")
    sync(lab)
    record_id = next(iter(lab.teams.rows))
    lab.teams.set_quietly(record_id, {"size": {"type": 2, "value": [17]}})
    sync(lab.later()).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "search"]
    assert lab.workspace.load("s1/teams").loc[record_id, "size"] == 17


def test_pages_and_gate_of_many(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """1,001 rows are three pages; three bases share one gate call."""
    bases = [box.tenant.add_base(f"b{n}") for n in range(3)]
    for base in bases:
        base.add_table("t", [Field("name", 1, is_primary=True)])
    bases[0].tables[0].add_many([{"name": text(str(n))} for n in range(1001)])
    bases[1].tables[0].add({"name": text("x")})
    write_settings(tmp_path, box, *(f"{box.url}/base/{base.app_token}" for base in bases))
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    assert box.journal.count("metas") == 1
    assert box.journal.count("search") == 5
    box.journal.clear()
    clock.advance(HOUR)
    workspace.sync(progress=False).raise_for_failures()
    assert sorted(box.journal.endpoints()) == ["metas", "tables", "tables", "tables"]


def test_force_reads_without_asking_the_gate(lab: Lab) -> None:
    """Forced: every table is read, whatever the stamps say."""
    sync(lab)
    report = sync(lab.later(1), force=True).raise_for_failures()
    assert lab.requests() == ["tables", "fields", "search", "fields", "search", "tables"]
    assert set(actions(report).values()) == {"fetched"}


def test_forcing_every_hour_still_asks_the_zone_once_a_day(lab: Lab) -> None:
    """Forced reads keep every table young, so full_every never passes; zone and permissions are asked all the same."""
    sync(lab)
    asked = 0
    for _ in range(25):
        sync(lab.later(), force=True)
        asked += lab.requests().count("app")
    assert asked == 1


def test_a_wiki_link_is_resolved_once(lab: Lab) -> None:
    """The node is looked up at the first sync and never again."""
    node = lab.box.tenant.add_wiki_node(lab.base)
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/wiki/{node}")
    sync(lab).raise_for_failures()
    assert lab.requests()[0] == "get_node"
    sync(lab.later()).raise_for_failures()
    assert lab.requests() == ["metas", "tables"]
    assert len(lab.workspace.load("s1", "people")) == 30


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


def test_one_table_of_the_url(lab: Lab) -> None:
    """A URL that names a table syncs and loads that one."""
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/base/{lab.base.app_token}?table=tblPeople&view=vewX")
    sync(lab).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "app", "fields", "search", "tables"]
    assert len(lab.workspace.load("s1")) == 30


def test_other_settings_mean_another_read(lab: Lab) -> None:
    """A filter added to larknb.toml takes effect at the next sync, however young the cache is."""
    sync(lab)
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'tables = ["people"]\nfields = ["name"]\n', encoding="utf-8")
    sync(lab.later(1)).raise_for_failures()
    assert [*lab.workspace.tables("s1")] == ["people"]
    assert "age" not in lab.workspace.load("s1")


def test_a_view_is_asked_at_every_look(lab: Lab) -> None:
    """A source with a view costs one request more per look, and a changed view is read again."""
    ids = [*lab.people.rows][:3]
    view = lab.people.add_view("some", record_ids=ids)
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + f'tables = ["people"]\nview = "{view}"\n', encoding="utf-8")
    sync(lab).raise_for_failures()
    assert [*lab.workspace.load("s1").index] == ids
    sync(lab.later()).raise_for_failures()
    assert lab.requests() == ["metas", "tables", "view"]


# --- truth ----------------------------------------------------------------------------------------------------


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
    assert "gone" in next(row.problem for row in report if row.table == "people")
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


def test_a_table_chosen_by_name_and_renamed_is_missed(lab: Lab) -> None:
    """The settings name a table that is called otherwise now: that is an error, and its rows stay."""
    only(lab, 'tables = ["people", "teams"]')
    sync(lab).raise_for_failures()
    lab.people.rename("staff")
    report = sync(lab.later())
    assert isinstance(report.errors["s1"], NotFound)
    assert "staff" in report[0].problem
    assert len(lab.workspace.load("s1/people")) == 30


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


# --- failures -------------------------------------------------------------------------------------------------

FAULTS = {
    "rate limit": (Fault.reply(429, 99991400, {"x-ogw-ratelimit-reset": "3"}), True),
    "rate limit as 400": (Fault.reply(400, 99991400, {"x-ogw-ratelimit-reset": "3"}), True),
    "busy as HTTP 200": (Fault.reply(200, 1254290), True),
    "not ready": (Fault.reply(400, 1254607), True),
    "500": (Fault.reply(500, {"code": 1255001, "msg": "internal"}), True),
    "gateway page": (Fault.html(502), True),
    "sign-in page": (Fault.html(200), True),
    "dropped": (Fault.drop(), True),
    "dropped after": (Fault.drop_after(), True),
    "truncated": (Fault.truncate(), True),
    "invalid JSON": (Fault.invalid_json(), True),
    "expired token": (Fault.call(lambda box: box.expire()), True),
    "forbidden": (Fault.reply(403, 91403), False),
    "quota": (Fault.reply(400, 99991403), False),
}


@pytest.mark.parametrize("position", range(8))
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_each_request(lab: Lab, name: str, position: int) -> None:
    """Right data, or the old data with a report; never a mix of both."""
    fault, heals = FAULTS[name]
    sync(lab)
    old = lab.workspace.tables("s1")
    lab.later(DAY)
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    lab.teams.edit(next(iter(lab.teams.rows)), {"title": text("motors")})
    lab.workspace.get_user_access_token()  # renewed now: faults around that are the login's own tests
    lab.box.faults.add(fault, after=position)
    report = sync(lab)
    new = lab.workspace.tables("s1")
    if heals:
        assert report.ok
    if report.ok:
        assert new["people"]["age"].iloc[0] == 99
        assert [*new["people"]["team"].iloc[0]] == ["motors"]
    else:
        assert report.errors
        for table, frame in old.items():
            pd.testing.assert_frame_equal(new[table], frame)
        lab.box.faults.clear()
        assert sync(lab.later(1), force=True).ok


def test_the_servers_delay_is_honoured(lab: Lab) -> None:
    """x-ogw-ratelimit-reset is waited for, to the second."""
    lab.box.faults.add(Fault.reply(429, 99991400, {"x-ogw-ratelimit-reset": "7"}), endpoint="search")
    sync(lab).raise_for_failures()
    assert 7.0 in lab.clock.slept


def test_too_large_an_answer_is_asked_in_smaller_pages(lab: Lab) -> None:
    """1254030 halves the page until it fits."""
    lab.box.faults.add(Fault.reply(200, 1254030), endpoint="search", times=2)
    sync(lab).raise_for_failures()
    sizes = [call.query["page_size"] for call in lab.box.journal.calls if call.endpoint == "search"]
    assert sizes[:3] == ["500", "250", "125"]


def test_a_failing_source_does_not_stop_the_others(lab: Lab) -> None:
    """One base is gone, the other is synced; the report names the first."""
    good = f"{lab.box.url}/base/{lab.base.app_token}"
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/base/AppGone00000000000000000001", good)
    report = sync(lab)
    assert {row.source: row.action for row in report} == {"s1": "failed", "s2": "fetched"}
    assert not report.ok
    assert len(lab.workspace.load("s2/people")) == 30
    with pytest.raises(NotSynced):
        lab.workspace.load("s1")


def test_a_budget_stops_before_it_is_passed(lab: Lab) -> None:
    """The rest is reported as not tried; not one call more goes out."""
    url = f"{lab.box.url}/base/{lab.base.app_token}"
    other = lab.box.tenant.add_base("other")
    other.add_table("t", [Field("name", 1, is_primary=True)])
    write_settings(
        lab.workspace.root, lab.box, url, f"{lab.box.url}/base/{other.app_token}", more="[budget]\nmonthly_calls = 5"
    )
    report = sync(lab)
    assert [row.action for row in report] == ["failed", "not tried"]
    assert isinstance(report.errors["s1"], BudgetSpent)
    assert len(lab.requests()) == 5


def test_no_login_is_said_before_anything_is_asked(lab: Lab) -> None:
    """Without a usable login: LoginRequired, and no request."""
    lab.workspace.logout()
    lab.later(0)
    with pytest.raises(LoginRequired):
        sync(lab)
    assert lab.requests() == []


def test_the_app_itself_can_read(lab: Lab) -> None:
    """identity = "tenant" needs no login at all."""
    lab.workspace.logout()
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/base/{lab.base.app_token}", more='identity = "tenant"')
    sync(lab).raise_for_failures()
    assert {call.identity for call in lab.box.journal.calls if call.endpoint == "search"} == {"tenant"}


def test_without_the_gate_scope_every_source_is_asked_itself(lab: Lab) -> None:
    """A missing gate scope costs the gate, not the sync."""
    sync(lab)
    lab.later()
    lab.reply(99991679, endpoint="metas")
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    assert sync(lab).ok
    assert lab.workspace.load("s1/people")["age"].iloc[0] == 99


def test_a_second_sync_waits_and_then_gives_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two syncs of one workspace at once: the second ends with Busy and names the first."""
    from larknb import workspace

    monkeypatch.setattr(workspace, "LOCK_PATIENCE", 0.1)
    with lab.workspace._locked(lab.workspace.settings), pytest.raises(Busy, match="pid"):
        sync(lab)
    assert sync(lab).ok


# --- security -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["open_base", "accounts_base"])
def test_a_hostile_settings_file_causes_no_request(tmp_path: Path, box: Sandbox, key: str) -> None:
    """A foreign host in larknb.toml is refused before the secret or a token could go there."""
    from larknb.errors import ConfigError

    root = tmp_path / "ws"
    workspace = write_settings(root, box, f"{box.url}/base/AppX")
    sign_in(workspace, box)
    file = root / "larknb.toml"
    lines = [
        f'{key} = "https://evil.example"' if line.startswith(key) else line for line in file.read_text().splitlines()
    ]
    file.write_text("\n".join(lines))
    box.journal.clear()
    for call in (workspace.sync, workspace.login, workspace.whoami, workspace.get_user_access_token):
        with pytest.raises(ConfigError, match=r"evil\.example"):
            call()
    assert len(box.journal) == 0


def test_no_secret_is_left_anywhere_but_in_the_token_file(lab: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    """After a sync with renewals and failures: output, log and every other file are clean."""
    lab.box.faults.add(Fault.call(lambda box: box.expire()), endpoint="search")
    lab.box.faults.add(Fault.drop(), endpoint="fields")
    lab.reply(91403, endpoint="tables", after=3)
    sync(lab)
    print(sync(lab.later(), force=True), lab.workspace.status(), lab.workspace.whoami(), lab.workspace.sources())
    print(repr(lab.workspace.get_user_access_token()))
    secrets = lab.box.secrets()
    shown = "".join(capfd.readouterr())
    private = {lab.workspace.settings.token_file, lab.workspace.root / "work" / "app_secret.json"}
    files = [path for path in lab.workspace.root.rglob("*") if path.is_file() and path not in private]
    assert len(secrets) > 3
    for secret in secrets:
        assert secret not in shown
        for path in files:
            assert secret.encode() not in path.read_bytes(), path
