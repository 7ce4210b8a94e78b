"""Processes that die: whatever the moment, the last good state reads and the next sync goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.sandbox import Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import sign_in, text, write_settings

pytestmark = [pytest.mark.crash, pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")]

ROWS = 4000


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(latency=0.005, redirect_uris=("http://127.0.0.1:18765/callback",)) as running:
        base = running.tenant.add_base("b", app_token="AppCrash000000000000000001")
        for name in ("one", "two"):
            fields = [Field("name", 1, is_primary=True), Field("version", 2)]
            table = base.add_table(name, fields, table_id=f"tbl{name}")
            table.add_many([{"name": text(f"row {n}"), "version": 0} for n in range(ROWS)])
        yield running


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox) -> Workspace:
    workspace = write_settings(tmp_path, box, f"{box.url}/base/{box.tenant.bases[0].app_token}")
    sign_in(workspace, box)
    return workspace


def begin_sync(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "larknb", "--home", str(root), "sync", "--force", "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "LARKNB_SETTLE": "0"},
    )  # fmt: skip


def state_of(workspace: Workspace) -> float:
    """Return the version that the cache is at; all its tables must be whole and of the same one."""
    tables = workspace.tables("s1")
    assert {len(frame) for frame in tables.values()} == {ROWS}
    found = {frame["version"].max() for frame in tables.values()}
    assert len(found) == 1, "the tables are of two states"
    return float(found.pop())


def await_begun(process: subprocess.Popen[bytes], snapshots: Path, known: set[Path]) -> None:
    """Wait until a sync has begun to write a new state."""
    while process.poll() is None and not {*snapshots.iterdir()} - known:
        time.sleep(0.002)


def test_killed_at_random_moments(workspace: Workspace, box: Sandbox) -> None:
    """SIGKILL at ten moments, half of them while it writes: the tables are all of the last state or all of the new."""
    began = time.monotonic()
    assert begin_sync(workspace.root).wait(60) == 0
    whole = time.monotonic() - began
    rng = random.Random(20261124)
    snapshots = workspace.root / "work" / "bitable_cache" / "s1" / "snapshots"
    before, outcomes = 0.0, set()
    for version in range(1, 11):
        for table in box.tenant.bases[0].tables:
            table.edit(next(iter(table.rows)), {"version": version})
        known = {*snapshots.iterdir()}
        process = begin_sync(workspace.root)
        if version % 2:
            await_begun(process, snapshots, known)
            time.sleep(rng.uniform(0, 0.05) * whole)
        else:
            time.sleep(rng.uniform(0.4, 1.05) * whole)  # a real process: there is no clock to pass
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        after = state_of(workspace)
        assert after in (before, float(version))
        outcomes.add(after == before)
        before = after
    assert begin_sync(workspace.root).wait(60) == 0
    assert state_of(workspace) == 10.0
    assert all((folder / "snapshot.json.gz").is_file() for folder in snapshots.iterdir()), "a torn snapshot was left"
    assert True in outcomes, "no kill came before the flip: the test shows nothing"


def test_two_syncs_at_once(workspace: Workspace) -> None:
    """Both end well: the second waits for the first, and the cache is whole."""
    first, second = begin_sync(workspace.root), begin_sync(workspace.root)
    assert {first.wait(60), second.wait(60)} == {0}
    assert state_of(workspace) == 0.0
