"""What a sync costs, what it proves, and what it does when things go wrong; asked from the stand-in's journal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from larknb.errors import AccessDenied, BudgetSpent, Busy, LoginRequired, NotFound, NotSynced
from larknb.sandbox import Fault, Field, Sandbox
from larknb.services import context
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, actions, sign_in, sync, text, write_settings

HOUR, DAY = 3600.0, 86400.0


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


@pytest.mark.soak
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


FOLDER, SPACE = "drive/folder/FldTest0000000000000000001", "wiki/settings/7034502641455497244"


@pytest.mark.parametrize(("path", "kind"), [(FOLDER, "folder"), (SPACE, "space")])
def test_what_holds_many_documents_fails_alone(lab: Lab, path: str, kind: str) -> None:
    """A folder or a wiki space that is not there: the report says so and what to do, and the others are read."""
    write_settings(lab.workspace.root, lab.box, f"{lab.box.url}/{path}", f"{lab.box.url}/base/{lab.base.app_token}")
    report = sync(lab)
    assert [(row.source, row.kind, row.action) for row in report][:2] == [
        ("s1", kind, "failed"), ("s2", "bitable", "fetched"),
    ]  # fmt: skip
    assert isinstance(report.errors["s1"], NotFound)
    assert "Next: " in report[0].problem


def test_a_gate_that_we_do_not_understand_costs_a_request_per_source(lab: Lab) -> None:
    """What it says is odd, so every source is asked itself."""
    sync(lab)
    lab.box.faults.add(Fault.reply(200, {"code": 0, "data": {"metas": ["?"]}}), endpoint="metas")
    assert sync(lab.later()).ok
    assert lab.requests() == ["metas", "tables"]


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
    """A missing gate scope costs the gate, not the sync, and the report says so."""
    assert not sync(lab).remarks
    lab.later()
    lab.reply(99991679, endpoint="metas")
    lab.people.edit(next(iter(lab.people.rows)), {"age": 99})
    report = sync(lab)
    assert report.ok
    assert "each source was checked on its own" in report.footer()
    assert report.to_dict()["remarks"] == [*report.remarks]
    assert lab.workspace.load("s1/people")["age"].iloc[0] == 99


def test_a_second_sync_waits_and_then_gives_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two syncs of one workspace at once: the second ends with Busy and names the first."""
    monkeypatch.setattr(context, "LOCK_PATIENCE", 0.1)
    with lab.workspace.context.lock(), pytest.raises(Busy, match="pid"):
        sync(lab)
    assert sync(lab).ok


def test_a_source_that_the_gate_refuses_is_named(lab: Lab) -> None:
    """The error that a report raises says which source it is, and the others are read."""
    book = lab.box.tenant.add_spreadsheet("账", token="ShtClosed00000000000000001")
    book.add_sheet("页", [["a", "b"], ["1", "2"]])
    urls = f"{lab.box.url}/base/{lab.base.app_token}", f"{lab.box.url}/sheets/{book.token}"
    write_settings(lab.workspace.root, lab.box, *urls)
    sync(lab.later()).raise_for_failures()
    book.readers = set()
    report = sync(lab.later())
    assert {row.source: row.ok for row in report} == {"s1": True, "s2": False}
    with pytest.raises(AccessDenied, match="s2"):
        report.raise_for_failures()


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
