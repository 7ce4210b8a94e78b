"""The ladder of fixtures: a stand-in on loopback, a workspace that points at it, and a login."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import pytest
import requests
from hypothesis import settings

from larknb.errors import Asker
from larknb.results.sync import SyncReport
from larknb.results.user import User
from larknb.sandbox import Base, Field, Sandbox, Table
from larknb.workspace import Workspace

from .auth.filekeyring import FileKeyring

if TYPE_CHECKING:
    from .frontend import FrontEnd

# A landing must not depend on luck: the same examples every time, and LARKNB_EXPLORE=1 to look for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("explore" if os.environ.get("LARKNB_EXPLORE") else "same")


class Clock:
    """A clock that stands still until it is moved, and the waits that were asked for."""

    def __init__(self, now: float = 1_768_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Person:
    """Whoever signed in to the stand-in, as a client sees them."""

    granted = ()

    def __init__(self, token: str, label: str = "") -> None:
        self.token, self.asker = token, Asker("user", label)

    def bearer(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        return self.token

    def user(self) -> User:
        raise NotImplementedError


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes ``-n auto`` means: half of the time a test waits for a kernel or a server."""
    return max(3, os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test, and texts are English."""
    for name in [*os.environ]:
        if name.startswith(("LARKNB_", "LARKSUITE_CLI_")) and name != "LARKNB_CONTRACT":
            monkeypatch.delenv(name)
    if "LARKNB_CONTRACT" in os.environ:  # a test may run the demo, which takes every variable of ours away
        monkeypatch.setenv("LARKNB_CONTRACT", os.environ["LARKNB_CONTRACT"])
    for name in ("COLUMNS", "LINES"):  # the width of a terminal is that of no file
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LARKNB_LANG", "en")
    monkeypatch.setenv("LARKNB_SETTLE", "0")


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of the machine, which must not matter."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this process cannot be changed")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Sandbox]:
    """An empty stand-in."""
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as running:
        yield running


def find_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return find_port()


@pytest.fixture
def live_box(free_port: int) -> Iterator[Sandbox]:
    """A stand-in with the machine's clock, for a command that runs in a process of its own."""
    with Sandbox(redirect_uris=(f"http://127.0.0.1:{free_port}/callback",)) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, live_box: Sandbox) -> Path:
    """A workspace of a running stand-in, with the machine's clock and somebody logged in."""
    base = live_box.tenant.add_base("staff <img src=x onerror=alert(1)>", app_token="AppStaff000000000000000001")
    base.add_table("people", [Field("name", 1, is_primary=True)]).add_many([{"name": text("a")}] * 3)
    sign_in(write_settings(tmp_path, live_box, f"{live_box.url}/base/{base.app_token}"), live_box)
    return tmp_path


@pytest.fixture
def kernel() -> Iterator[FrontEnd]:
    """A kernel with a page in front of it."""
    from tests.frontend import front_end  # jupyter_client takes a while to import

    with front_end() as page:
        yield page


@dataclass
class Lab:
    """A stand-in, a workspace that is logged in to it, and what was made for the test, such as a base."""

    box: Sandbox
    workspace: Workspace
    clock: Clock
    made: Any = None

    @property
    def base(self) -> Base:
        assert isinstance(self.made, Base)
        return self.made

    @property
    def people(self) -> Table:
        return self.base.table("people")

    @property
    def teams(self) -> Table:
        return self.base.table("teams")

    def later(self, seconds: float = 3600.0) -> Lab:
        """Let time pass and forget the requests until now."""
        self.clock.advance(seconds)
        self.box.journal.clear()
        return self

    def requests(self) -> list[str]:
        return [call.endpoint for call in self.box.journal.calls if call.endpoint not in ("token", "user_info")]

    def reply(self, code: int, endpoint: str = "search", **kwargs: Any) -> None:
        from larknb.sandbox import Fault

        self.box.faults.add(Fault.reply(None, code), endpoint=endpoint, **kwargs)


def write_settings(root: Path, box: Sandbox, *urls: str, more: str = "") -> Workspace:
    root.mkdir(parents=True, exist_ok=True)
    sources = "".join(f'\n[[sources]]\nname = "s{number}"\nurl = "{url}"\n' for number, url in enumerate(urls, 1))
    uris = ", ".join(f'"{uri}"' for uri in box.redirect_uris)
    (root / "larknb.toml").write_text(
        f'[app]\napp_id = "{box.app_id}"\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\n'
        f"redirect_uris = [{uris}]\n{more}\n{sources}",
        encoding="utf-8",
    )
    workspace = Workspace(root)
    workspace.save_secret(box.app_secret)
    return workspace


def sign_in(workspace: Workspace, box: Sandbox) -> None:
    """Put a login of the stand-in where the workspace keeps its own."""
    from larknb.files import write_atomically

    answer = box.sign_in()
    user = box.tenant.users[0]
    now = box.clock()
    import json

    write_atomically(
        workspace.settings.token_file,
        json.dumps(
            {
                "access_token": answer["access_token"],
                "expires_at": now + answer["expires_in"],
                "refresh_token": answer["refresh_token"],
                "last_refresh": "2026-01-01T00:00:00",
                "refresh_expires_at": now + answer["refresh_token_expires_in"],
                "granted_at": now,
                "scope": answer["scope"],
                "open_base": box.url,
                "app_id": box.app_id,
                "open_id": user.open_id,
                "name": user.name,
            }
        ).encode(),
        mode=0o600,
    )


PEOPLE = [
    Field("name", 1, field_id="fldName", is_primary=True),
    Field("age", 2, field_id="fldAge"),
    Field("team", 18, field_id="fldTeam", property={"multiple": True, "table_id": "tblTeams"}),
]
TEAMS = [
    Field("title", 1, field_id="fldTitle", is_primary=True),
    Field("size", 20, field_id="fldSize"),
]


def text(value: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": value}]


def open_lab(root: Path, box: Sandbox, clock: Clock, url: str, made: Any) -> Lab:
    """Open a workspace with one source, log in, and let what was made settle."""
    write_settings(root, box, url)
    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    clock.advance(60)
    return Lab(box, workspace, clock, made)


def people_and_teams(root: Path, box: Sandbox, clock: Clock) -> Lab:
    """Two linked tables, 30 people in 2 teams; teams have a computed column."""
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    teams = base.add_table("teams", TEAMS, table_id="tblTeams")
    people = base.add_table("people", PEOPLE, table_id="tblPeople")
    ids = teams.add_many([{"title": text(f"team {n}"), "size": {"type": 2, "value": [15]}} for n in range(2)])
    people.add_many(
        [{"name": text(f"person {n}"), "age": n, "team": {"link_record_ids": [ids[n % 2]]}} for n in range(30)]
    )
    return open_lab(root, box, clock, f"{box.url}/base/{base.app_token}", base)


@pytest.fixture
def lab(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """People and teams in a workspace."""
    return people_and_teams(tmp_path / "ws", box, clock)


def sync(lab: Lab, **options: Any) -> SyncReport:
    return lab.workspace.sync(progress=False, **options)


def actions(report: SyncReport) -> dict[str, str]:
    return {row.table: row.action for row in report}


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileKeyring]:
    """A keychain, which the tests' own processes share."""
    folder = tmp_path / "keychain"
    folder.mkdir()
    monkeypatch.setenv("KEYRING_FOLDER", str(folder))
    before, ring = keyring.get_keyring(), FileKeyring()  # type: ignore[no-untyped-call]
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def browser() -> Iterator[Callable[[str], requests.Response]]:
    """What a browser does with a link: follow it, through the accounts page, to wherever it ends."""
    with requests.Session() as session:
        session.trust_env = False
        yield lambda url: session.get(url, timeout=10)


@pytest.fixture
def synced(lab: Lab) -> Lab:
    """The lab after its first sync."""
    lab.workspace.sync(progress=False).raise_for_failures()
    return lab
