"""Publishing to a real store: interrupted at each request, killed at each request, read by many meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.remote.target import open_target
from larknb.workspace import Workspace
from tests.conftest import Lab
from tests.s3 import S3, environment
from tests.seaweed import seaweed
from tests.stores import change, live_elsewhere, need, state_of

READERS, PUBLISHES = 20, 20

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with seaweed(tmp_path_factory.mktemp("seaweed")) as url:
        yield url


@pytest.fixture
def store(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The real store, behind a door that can be slammed."""
    live_elsewhere(tmp_path / "elsewhere", monkeypatch)
    with S3(server) as door:
        yield door.use(monkeypatch)


@pytest.fixture
def team(request: pytest.FixtureRequest) -> str:
    """A place of its own for each test."""
    return f"s3://bucket/{request.node.name.replace('[', ' ').rstrip(']')} 团队"


@pytest.mark.parametrize("fault", ["busy", "reset"])
def test_one_request_that_fails_is_sent_again(synced: Lab, store: S3, team: str, fault: str) -> None:
    """At each request in turn the store is busy, or hangs up, once: the publish goes on, readers see the new state."""
    ours, number, at = Workspace(synced.workspace.root), 1, 0
    ours.publish(team)
    while True:
        change(synced, number)
        first = len(store.journal)
        store.fault = lambda here, *_, bad=first + at: fault if here == bad else ""
        assert ours.publish(team).ok
        if len(store.journal) - first <= at:
            break
        assert state_of(Workspace(team)) == (number, number)
        number, at = number + 1, at + 1
    assert at > 8


class Stopped:
    """A fault that holds one request, until somebody has killed the client, and refuses all that follow."""

    def __init__(self, at: int) -> None:
        self.at, self.arrived, self._released = at, threading.Event(), threading.Event()

    def __call__(self, here: int, *_: str) -> str:
        if here == self.at:
            self.arrived.set()
            self._released.wait(30)
        return "reset" if here >= self.at else ""

    def kill(self, client: subprocess.Popen[bytes]) -> bool:
        """Kill the client at this request; say whether it came so far."""
        while client.poll() is None and not self.arrived.wait(0.02):
            pass
        client.kill()
        client.wait()
        self._released.set()
        return self.arrived.is_set()


@pytest.mark.timeout(300)
def test_a_publisher_that_is_killed_leaves_a_whole_state(synced: Lab, store: S3, team: str) -> None:
    """SIGKILL at each request in turn; the next publish of the workspace goes on, its own lease is no obstacle."""
    ours, number, is_over = Workspace(synced.workspace.root), 1, False
    change(synced, number)
    ours.publish(team)
    command = [sys.executable, "-m", "larknb", "--home", str(synced.workspace.root), "publish", team]
    while not is_over:
        change(synced, number + 1)
        store.fault = stopped = Stopped(len(store.journal) + number - 1)
        client = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment(store.url)})
        is_over = not stopped.kill(client)
        store.heal()
        assert state_of(Workspace(team)) in ((number, number), (number + 1, number + 1))
        ours.publish(team)
        number += 1
        assert state_of(Workspace(team)) == (number, number)
    assert number > 8


READER = """
import sys, threading
from pathlib import Path
from larknb.workspace import Workspace
from tests.stores import state_of

team, stop, seen, problems = sys.argv[1], Path(sys.argv[2]), set(), []

def read():
    try:
        while not stop.exists():
            seen.add(state_of(Workspace(team)))
    except Exception as error:
        problems.append(repr(error))

threads = [threading.Thread(target=read) for _ in range(int(sys.argv[3]))]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(problems or sorted(seen))
"""


def test_many_readers_see_whole_states_while_others_are_published(
    synced: Lab, store: S3, team: str, tmp_path: Path
) -> None:
    """20 readers on two machines, during 20 publishes: no mixed state, no missing file, no error."""
    ours, stop = Workspace(synced.workspace.root), tmp_path / "stop"
    ours.publish(team)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", READER, team, str(stop), str(READERS // 2)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "HOME": str(tmp_path / home), "XDG_CACHE_HOME": str(tmp_path / home)},
        )
        for home in ("here", "there")
    ]  # fmt: skip
    for number in range(1, PUBLISHES + 1):
        change(synced, number)
        ours.publish(team)
    stop.touch()
    for reader in running:
        told, _ = reader.communicate(timeout=60)
        seen = eval(told)
        assert all(isinstance(each, tuple) and each[0] == each[1] for each in seen), told
        assert len(seen) > 1, told


def test_delta_tables_lie_beside_the_others(
    synced: Lab, server: str, team: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the address holds blanks and Chinese; an unchanged table gets no second version."""
    need("deltalake")
    for name, value in environment(server).items():  # without the door: deltalake lets no other thread run meanwhile
        monkeypatch.setenv(name, value)
    for _ in range(2):
        synced.workspace.publish(team, format="delta")
    logs = [name for name in open_target(team).listing("delta/s1/people") if "/_delta_log/" in name]
    assert [name.rpartition("/")[2] for name in logs] == ["00000000000000000000.json"]


def told(home: Path, team: str, *command: str) -> str:
    """Return what the command line prints to somebody who has nothing but an address."""
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(("LARKNB_", "LARK_"))}
    where = {**dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(home)), "LARKNB_HOME": team}
    done = subprocess.run(
        [sys.executable, "-m", "larknb", *command], capture_output=True, text=True, cwd=home, check=False,
        env={**kept, **where, "LARKNB_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_somebody_elsewhere_has_what_was_published(synced: Lab, store: S3, team: str, tmp_path: Path) -> None:
    """Another home, no token, no larknb.toml: they load, search, query in SQL, and see what changed."""
    change(synced, 5)
    Workspace(synced.workspace.root).publish(team, history=True)
    home = tmp_path / "another home"
    home.mkdir()
    assert told(home, team, "load", "s1/people", "--csv").count("person") == 30
    assert "person 3" in told(home, team, "search", "person 3")
    assert json.loads(told(home, team, "sql", "SELECT max(age) AS n FROM people", "--json")) == [{"n": 29.0}]
    assert "team 5" in told(home, team, "diff", "s1")
    assert "published by ws" in told(home, team, "status")
    assert not [*home.rglob("*token*"), *home.rglob("larknb.toml")]


def test_a_second_publisher_is_refused_by_the_store(store: S3, team: str) -> None:
    """It writes under a condition: of two that saw the same lease, one is refused."""
    target = open_target(team)
    assert target.exchange("publisher.lease", None, b"ours")
    assert not target.exchange("publisher.lease", None, b"theirs")
    assert target.exchange("publisher.lease", b"ours", b"ours again")
    assert not target.exchange("publisher.lease", b"ours", b"theirs")
    assert target.read("publisher.lease") == b"ours again"
