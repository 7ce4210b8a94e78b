"""Who reads what: a person, the app itself, both side by side; and what each is told when it may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from larknb.cache.store import Cache
from larknb.cli import main
from larknb.errors import AccessDenied, ApiError, ConfigError, LarkError, LoginRequired
from larknb.results.sync import SyncReport
from larknb.sandbox import Base, Fault, Field, Sandbox
from larknb.services.account import begin_login, lacking_scopes
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, text, write_settings

SHEETS, DOCX = "sheets:spreadsheet:readonly", "docx:document:readonly"
BASES = {"base:app:read", "base:table:read", "base:field:read", "base:record:retrieve"}
USUAL = {"offline_access", "drive:drive.metadata:readonly", *BASES}


class Office:
    """Two bases, ``mine`` and ``ours``, and a workspace that reads each as somebody."""

    def __init__(self, root: Path, box: Sandbox, clock: Clock) -> None:
        self.root, self.box, self.clock = root, box, clock
        self.bases = {name: self._base(name) for name in ("mine", "ours")}

    def _base(self, name: str) -> Base:
        base = self.box.tenant.add_base(name)
        base.add_table("t", [Field("n", 1, is_primary=True)]).add({"n": text(name)})
        return base

    def configured(self, mine: str = "user", ours: str = "tenant") -> Workspace:
        """Write the settings: who reads which base."""
        write_settings(self.root, self.box)
        with (self.root / "larknb.toml").open("a", encoding="utf-8") as file:
            for name, identity in (("mine", mine), ("ours", ours)):
                url = f"{self.box.url}/base/{self.bases[name].app_token}"
                file.write(f'\n[[sources]]\nname = "{name}"\nurl = "{url}"\nidentity = "{identity}"\n')
        self.clock.advance(60)
        return Workspace(self.root, clock=self.clock, sleep=self.clock.sleep)

    @property
    def person(self) -> str:
        """Who reads, as people read it."""
        return self.box.tenant.users[0].name

    @property
    def labelled(self) -> str:
        """The same, as it is kept and as ``whoami`` says it."""
        return f"{self.person} ({self.box.tenant.users[0].open_id})"

    def who_asked(self) -> set[str | None]:
        return {call.identity for call in self.box.journal.calls if call.endpoint == "search"}

    def asked(self) -> list[str]:
        return [call.endpoint for call in self.box.journal.calls]


@pytest.fixture
def office(tmp_path: Path, box: Sandbox, clock: Clock) -> Office:
    return Office(tmp_path / "ws", box, clock)


def signed_in(workspace: Workspace, box: Sandbox, scopes: set[str] | None = None) -> Workspace:
    """Put a login with these scopes where the workspace keeps its own; None: the file does not tell which."""
    sign_in(workspace, box)
    file = workspace.settings.token_file
    token = json.loads(file.read_text(encoding="utf-8"))
    token["scope"] = " ".join(sorted(scopes or ()))
    file.write_text(json.dumps(token), encoding="utf-8")
    return workspace


def sync(workspace: Workspace, **options: Any) -> SyncReport:
    return workspace.sync(progress=False, **options)


# --- who read what ------------------------------------------------------------------------------------------------


def test_each_source_is_read_as_configured_and_the_report_says_so(office: Office) -> None:
    """One source as the person, one as the app: report, status, their JSON and each snapshot name both."""
    workspace = office.configured()
    sign_in(workspace, office.box)
    report = sync(workspace).raise_for_failures()
    assert office.who_asked() == {f"user:{office.box.tenant.users[0].open_id}", "tenant"}
    for shown in (report, workspace.status()):
        assert f"Read as {office.person}: mine. Read as the app itself, {office.box.app_id}: ours." in repr(shown)
        data = json.loads(json.dumps(shown.to_dict()))
        assert data["read_as"]["ours"] == {"identity": "tenant", "who": office.box.app_id}
    cached = {source.name: source for source in Cache(workspace.settings.cache_dir).sources.values()}
    snapshots = {name: next(iter(source.manifest.snapshots.values())) for name, source in cached.items()}
    assert {name: snapshot.identity for name, snapshot in snapshots.items()} == {
        "mine": office.labelled,
        "ours": office.box.app_id,
    }


def test_one_reader_is_named_once(office: Office) -> None:
    """Where all is read by one, the line below the table is short; the frame's columns stay as they are."""
    workspace = office.configured("user", "user")
    sign_in(workspace, office.box)
    report = sync(workspace)
    assert report.footer().endswith(f"requests. Read as {office.person}.")
    assert "identity" not in report.to_frame()
    office.clock.advance(10)
    kept = sync(workspace)  # it says who read it before
    assert {str(who) for who in kept.read_as.values()} == {office.person}


def test_the_command_line_says_it_to_programs(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The JSON of sync and status names who read each source."""
    monkeypatch.setenv("LARKNB_HOME", str(office.configured("tenant", "tenant").root))
    for command in ("sync", "status"):
        assert main([command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["read_as"]["mine"]["who"] == office.box.app_id


def test_the_login_line_names_everyone_who_reads(office: Office) -> None:
    """A workspace with both identities: who is logged in, and the app beside."""
    workspace = office.configured()
    sign_in(workspace, office.box)
    assert workspace.status().login == f"{office.person} · the app itself, {office.box.app_id}"
    assert f"the app itself, {office.box.app_id}" in repr(workspace.whoami())
    assert workspace.whoami().name == office.box.tenant.users[0].name


def test_nobody_is_missed_where_the_app_reads_everything(office: Office) -> None:
    """All sources as the app: sync, status and whoami need no login and do not speak of one."""
    workspace = office.configured("tenant", "tenant")
    sync(workspace).raise_for_failures()
    assert office.who_asked() == {"tenant"}
    assert workspace.status().login == f"the app itself, {office.box.app_id}"
    assert workspace.whoami().identity == "tenant"
    assert "login" not in repr(workspace.status())


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "who", "step"), [("mine", "王敏", "ask its owner"), ("ours", "the app itself, cli_", "share it with")]
)
@pytest.mark.parametrize("endpoint", ["metas", "tables", "search"])
def test_a_refusal_names_who_was_refused(office: Office, endpoint: str, name: str, who: str, step: str) -> None:
    """Without access the person asks the owner, and the app is added to the document."""
    workspace = office.configured()
    sign_in(workspace, office.box)
    if endpoint == "metas":
        office.bases[name].readers = set()
    else:
        office.box.faults.add(Fault.reply(None, 1254302), endpoint=endpoint, times=None)
    error = sync(workspace).errors[name]
    assert isinstance(error, AccessDenied)
    assert f"Read as {who}" in str(error)
    assert f"Next: {step}" in str(error)


@pytest.mark.parametrize(("name", "step"), [("mine", "ask for a role"), ("ours", "add the app to the base")])
def test_an_empty_advanced_base_names_who_sees_nothing(office: Office, name: str, step: str) -> None:
    """Success without rows, under advanced permissions: whose role is missing."""
    workspace = office.configured()
    sign_in(workspace, office.box)
    office.bases[name].is_advanced = True
    error = sync(workspace).errors[name]
    assert isinstance(error, AccessDenied)
    assert error.asker is not None
    assert (error.asker.kind, step in str(error)) == ("user" if name == "mine" else "tenant", True)


def test_the_app_keeps_reading_when_the_persons_login_is_dead(office: Office) -> None:
    """Mixed identities: the person's source fails and says whose login ended, the app's source is synced."""
    workspace = office.configured()
    sign_in(workspace, office.box)
    office.box.revoke_refresh()
    office.clock.advance(8000)
    report = sync(workspace)
    assert {row.source: row.action for row in report} == {"mine": "failed", "ours": "fetched"}
    error = report.errors["mine"]
    assert isinstance(error, LoginRequired)
    assert f"Read as {office.person}. Next: run larknb login" in str(error)


def test_the_app_reads_where_nobody_was_ever_logged_in(office: Office) -> None:
    """Mixed identities without a login: the status names the missing one and the app."""
    workspace = office.configured()
    assert {row.source: row.action for row in sync(workspace)} == {"mine": "failed", "ours": "fetched"}
    assert "Nobody is logged in" in workspace.status().login
    assert workspace.status().login.endswith(office.box.app_id)


# --- codes ----------------------------------------------------------------------------------------------------------

CONSOLE = "/auth?q=base:table:read,bitable:app:readonly,bitable:app&op_from=openapi&token_type="


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    ("code", "identity", "error", "words"),
    [
        (99991672, "user", AccessDenied, "admin to enable it and to publish a version: http"),
        (99991672, "tenant", AccessDenied, "admin to enable it and to publish a version: http"),
        (99991679, "user", LoginRequired, "asks for just that"),
        (99991676, "user", LoginRequired, "asks for just that"),
        (99991676, "tenant", AccessDenied, "admin to enable it and to publish a version: http"),
        (99991668, "user", LoginRequired, "run larknb login"),
        (99991663, "user", LoginRequired, "run larknb login"),
        (99991663, "tenant", ConfigError, "check app_id"),
        (99991664, "tenant", ConfigError, "check app_id"),
        (99991665, "tenant", ConfigError, "check app_id"),
    ],
)
def test_a_code_means_what_its_caller_can_do(
    office: Office, status: int, code: int, identity: str, error: type[LarkError], words: str
) -> None:
    """The same code, to a person and to the app: log in again, or the console; whatever the HTTP status."""
    workspace = office.configured(identity, identity)
    sign_in(workspace, office.box)
    office.box.faults.add(Fault.reply(status, code), endpoint="tables", times=None)
    found = refusal(workspace)
    assert type(found) is error
    assert words in str(found)
    if "http" in words:
        assert f"{office.box.url}/app/{office.box.app_id}/auth" in str(found)
        assert f"token_type={identity}" in str(found)


def refusal(workspace: Workspace) -> Exception:
    """Return what a sync ends with: it raises only where no login works at all."""
    try:
        return sync(workspace).errors["mine"]
    except LoginRequired as error:
        return error


@pytest.mark.parametrize(("identity", "code"), [("user", 99991668), ("user", 99991663), ("tenant", 99991663)])
def test_a_refused_token_is_renewed_once(office: Office, identity: str, code: int) -> None:
    """Another token and the same call again, for a person and for the app."""
    workspace = office.configured(identity, identity)
    sign_in(workspace, office.box)
    office.box.faults.add(Fault.reply(None, code), endpoint="tables")
    sync(workspace).raise_for_failures()
    assert office.asked().count("token" if identity == "user" else "tenant_token") == (1 if identity == "user" else 2)


@pytest.mark.parametrize(("identity", "code"), [("user", 99991668), ("tenant", 99991663)])
def test_an_api_that_refuses_the_identity_says_which(office: Office, identity: str, code: int) -> None:
    """The one code whose message counts: after one renewal it is no login that helps, but another identity."""
    workspace = office.configured(identity, identity)
    sign_in(workspace, office.box)
    body = {"code": code, "msg": f"{identity} access token not support"}
    office.box.faults.add(Fault.reply(400, body), endpoint="tables", times=None)
    error = sync(workspace).errors["mine"]
    assert type(error) is ApiError
    assert error.asker is not None
    assert 'set identity = "user" or "tenant"' in str(error)
    assert office.asked().count("tables") == 2 * len(workspace.sources())


@pytest.mark.parametrize("identity", ["user", "tenant"])
def test_a_scope_that_the_app_lacks(office: Office, identity: str) -> None:
    """As the platform says it: the scopes, and the console page of this app for this identity."""
    workspace = office.configured(identity, identity)
    sign_in(workspace, office.box)
    office.box.scopes -= {"base:table:read", "bitable:app:readonly", "bitable:app"}
    error = sync(workspace).errors["mine"]
    assert isinstance(error, LarkError)
    assert (error.code, error.lacks_scope) == (99991672, True)
    assert f"{office.box.app_id}{CONSOLE}{identity}" in str(error)


# --- scopes of a login ------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(office: Office) -> Workspace:
    """A base and a spreadsheet, both read by a person."""
    workspace = office.configured("user", "user")
    book = office.box.tenant.add_spreadsheet("book")
    book.add_sheet("s", rows=[["a"], [1]])
    with (workspace.root / "larknb.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[sources]]\nname = "book"\nurl = "{office.box.url}/sheets/{book.token}"\n')
    office.clock.advance(60)
    return workspace


def test_a_known_gap_costs_no_request(office: Office, mixed: Workspace) -> None:
    """A source whose scope was not granted fails by name, unasked; the others are synced, and status says it."""
    signed_in(mixed, office.box, USUAL)
    report = sync(mixed)
    assert {row.source: row.action for row in report} == {"mine": "fetched", "ours": "fetched", "book": "failed"}
    error = report.errors["book"]
    assert isinstance(error, LoginRequired)
    assert error.scopes == (SHEETS,)
    assert f"Read as {office.person}" in str(error)
    assert not {"spreadsheet", "sheets", "values"} & {*office.asked()}
    assert next(row.calls for row in report if row.source == "book") == 0
    assert f"sources need more scopes ({SHEETS})" in mixed.status().login


def test_a_file_that_does_not_tell_is_tried(office: Office, mixed: Workspace) -> None:
    """An older file names no scopes: the platform is asked, and nobody is warned."""
    signed_in(mixed, office.box, None)
    sync(mixed).raise_for_failures()
    assert mixed.status().login == office.person
    assert mixed.login() == mixed.whoami()


def test_only_gaps_do_not_raise(office: Office, mixed: Workspace) -> None:
    """A login that lacks the scopes of every source is no missing login: the report tells."""
    signed_in(mixed, office.box, {"offline_access", DOCX})
    report = sync(mixed)
    assert {row.action for row in report} == {"failed"}
    assert all(isinstance(error, LoginRequired) for error in report.errors.values())


def test_a_wiki_page_is_checked_once_it_is_known(office: Office) -> None:
    """The look-up of a wiki link needs a scope of its own; what it leads to is checked before it is asked."""
    workspace = office.configured("user", "user")
    node = office.box.tenant.add_wiki_node(office.box.tenant.add_document("guide"))
    workspace.remove("mine")
    workspace.remove("ours")
    signed_in(workspace, office.box, USUAL | {"wiki:node:read"})
    with (workspace.root / "larknb.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[sources]]\nname = "page"\nurl = "{office.box.url}/wiki/{node}"\n')
    error = sync(workspace).errors["page"]
    assert isinstance(error, LoginRequired)
    assert error.scopes == (DOCX,)
    assert office.asked() == ["get_node"]


def test_add_tells_what_a_new_source_needs(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A spreadsheet comes into a workspace of bases: it is added, and the note names the scope and the way."""
    workspace = signed_in(office.configured("user", "user"), office.box, USUAL)
    book = office.box.tenant.add_spreadsheet("book")
    capsys.readouterr()
    workspace.add(f"{office.box.url}/sheets/{book.token}", "book")
    assert f"not granted: {SHEETS}. lk.login()" in capsys.readouterr().err
    assert workspace.sources()[-1].name == "book"


def test_add_tells_what_the_platform_says(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the file does not tell what was granted, the refusal does; the source is there for the login to ask for."""
    workspace = signed_in(office.configured("user", "user"), office.box, None)
    base = office.box.tenant.add_base("third")
    body = {"code": 99991679, "msg": "m", "error": {"permission_violations": [{"subject": "base:table:read"}]}}
    office.box.faults.add(Fault.reply(400, body), endpoint="tables")
    workspace.add(f"{office.box.url}/base/{base.app_token}", "third")
    assert "not granted: base:table:read." in capsys.readouterr().err
    assert workspace.sources()[-1].name == "third"


def test_what_the_app_reads_is_asked_of_nobody(office: Office) -> None:
    """A person is asked for the scopes of the sources that are read in their name, and for no others."""
    workspace = office.configured("tenant", "tenant")
    with begin_login(workspace.context) as login:
        assert {*login.scopes} == {"offline_access"}


def test_nobody_there_is_no_reason_to_fail(office: Office, mixed: Workspace) -> None:
    """A headless notebook that calls login() goes on with the login that it has."""
    signed_in(mixed, office.box, USUAL)
    assert mixed.login(wait=10).label == office.labelled
    assert "scopes" not in office.asked()


def test_what_the_app_lacks_stands_on_the_login(office: Office, mixed: Workspace) -> None:
    """A scope that the app has not enabled is not asked for; the login names the source that needs it."""
    office.box.scopes = set(USUAL)
    with begin_login(mixed.context) as login:
        assert login.not_enabled == {"book": (SHEETS,)}
        assert {*login.scopes} == USUAL


def test_a_login_does_not_wait_for_the_preflight(office: Office) -> None:
    """Where the app's scopes cannot be seen, what the sources need is asked for, and nobody is accused."""
    workspace = office.configured("user", "user")
    office.box.faults.add(Fault.reply(500, 20050), endpoint="tenant_token", times=None)
    with begin_login(workspace.context) as login:
        assert {*login.scopes} == USUAL
        assert login.shortfall() == ""


def test_explicit_scopes_are_asked_for_once(office: Office) -> None:
    """scopes= names others than the sources need: what is granted already is not asked for again."""
    workspace = signed_in(office.configured("user", "user"), office.box, USUAL | {DOCX})
    assert lacking_scopes(workspace.context, workspace.whoami(), [DOCX]) == ()
    assert lacking_scopes(workspace.context, workspace.whoami(), [DOCX, SHEETS]) == (SHEETS,)
