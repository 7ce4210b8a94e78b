"""Several at once: two workspaces with one cache, syncs that wait for each other, edits of one larknb.toml."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from larknb.config.edit import add_source, create, remove_source, save_app
from larknb.config.settings import load_settings
from larknb.errors import Busy, ConfigError
from larknb.sandbox import Field, Sandbox
from larknb.services.context import Context
from larknb.workspace import Workspace
from tests.conftest import Lab, sign_in, text, write_settings

URLS = [f"https://example.feishu.cn/base/Demo{number:024}" for number in range(10)]
SYNCS = """
import larknb
for _ in range(8):
    larknb.Workspace().sync(force=True, progress=False).raise_for_failures()
"""


def names(root: Path) -> list[str]:
    return sorted(source.name for source in load_settings(root, {}).sources)


# --- the lock of the cache ------------------------------------------------------------------------------------------


@pytest.fixture
def second(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A second workspace with the same source, whose cache is that of the first."""
    monkeypatch.setenv("LARKNB_CACHE_DIR", str(lab.workspace.root.parent / "shared"))
    root = lab.workspace.root.parent / "second"
    write_settings(root, lab.box, lab.workspace.settings.sources[0].url)
    workspace = Workspace(root, clock=lab.clock, sleep=lab.clock.sleep)
    sign_in(workspace, lab.box)
    return workspace


def test_the_lock_lies_where_the_cache_lies(lab: Lab, second: Workspace) -> None:
    """Who syncs into a cache from another workspace waits a minute, is told who holds it, and then gives up."""
    with Context(lab.workspace.root).lock(), pytest.raises(Busy, match=f"pid {os.getpid()}"):
        second.sync(progress=False)
    assert sum(lab.clock.slept) == pytest.approx(60, abs=0.5)
    second.sync(progress=False).raise_for_failures()


def test_a_second_sync_goes_on_when_the_first_is_done(lab: Lab, second: Workspace) -> None:
    """It waits no longer than it must."""
    held = Context(lab.workspace.root).lock()
    held.__enter__()

    def wait(seconds: float) -> None:
        lab.clock.sleep(seconds)
        if sum(lab.clock.slept) > 5:
            held.__exit__(None, None, None)

    Workspace(second.root, clock=lab.clock, sleep=wait).sync(progress=False).raise_for_failures()
    assert 5 < sum(lab.clock.slept) < 6


@pytest.mark.crash
def test_two_workspaces_sync_into_one_cache(tmp_path: Path, live_box: Sandbox) -> None:
    """Sixteen syncs of two processes at once end well, each and every one."""
    base = live_box.tenant.add_base("b", app_token="AppStaff000000000000000001")
    base.add_table("people", [Field("name", 1, is_primary=True)]).add_many([{"name": text("a")}] * 3)
    environment = {**os.environ, "LARKNB_CACHE_DIR": str(tmp_path / "shared")}
    processes = []
    for name in ("one", "two"):
        sign_in(write_settings(tmp_path / name, live_box, f"{live_box.url}/base/{base.app_token}"), live_box)
        processes.append(subprocess.Popen(
            [sys.executable, "-c", SYNCS], env={**environment, "LARKNB_HOME": str(tmp_path / name)},
            stderr=subprocess.PIPE, text=True,
        ))  # fmt: skip
    assert [process.communicate(timeout=100)[1] for process in processes] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    assert len([*(tmp_path / "shared" / "bitable_cache" / "s1" / "snapshots").iterdir()]) >= 1


# --- larknb.toml ----------------------------------------------------------------------------------------------------


def at_once(*calls: Callable[[], object]) -> None:
    """Make all calls at the same time, each in a thread of its own."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        for future in [pool.submit(call) for call in calls]:
            future.result(timeout=60)


def test_ten_sources_are_added_at_once(tmp_path: Path) -> None:
    """Each finds its place in the file."""
    at_once(*(lambda url=url: add_source(tmp_path, {"name": url[-1], "url": url}) for url in URLS))
    assert names(tmp_path) == [url[-1] for url in URLS]


def test_sources_of_one_title_are_numbered_at_once(tmp_path: Path) -> None:
    """No two take the same name."""
    at_once(*(lambda url=url: add_source(tmp_path, {"url": url}, "staff") for url in URLS[:4]))
    assert names(tmp_path) == ["staff", "staff 2", "staff 3", "staff 4"]


def test_one_source_is_added_once(tmp_path: Path) -> None:
    """Whoever comes second finds it there."""
    root = tmp_path
    create(root)
    at_once(*[lambda: add_once(root)] * 4)
    assert names(root) == ["staff"]


def add_once(root: Path) -> None:
    if not load_settings(root, {}).sources:
        with suppress(ConfigError):  # somebody was faster since
            add_source(root, {"url": URLS[0]}, "staff")


def test_edits_of_all_kinds_at_once_lose_nothing(tmp_path: Path) -> None:
    """Add, remove, set-up and the making of the file itself."""
    for url in URLS[:3]:
        add_source(tmp_path, {"name": url[-1], "url": url})
    at_once(
        lambda: create(tmp_path),
        lambda: remove_source(tmp_path, "0"),
        lambda: remove_source(tmp_path, "1"),
        lambda: save_app(tmp_path, {"app_id": "cli_example"}),
        lambda: save_app(tmp_path, {"brand": "lark"}),
        *(lambda url=url: add_source(tmp_path, {"name": url[-1], "url": url}) for url in URLS[3:8]),
    )
    settings = load_settings(tmp_path, {})
    assert names(tmp_path) == ["2", "3", "4", "5", "6", "7"]
    assert (settings.app_id, settings.brand) == ("cli_example", "lark")


@pytest.mark.crash
def test_ten_commands_add_a_source_at_once(tmp_path: Path, live_box: Sandbox) -> None:
    """In real processes, with a title that all of them have."""
    sign_in(write_settings(tmp_path, live_box), live_box)
    bases = [live_box.tenant.add_base("staff", app_token=f"AppStaff0000000000000000{n:02}") for n in range(10)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "larknb", "--home", str(tmp_path), "add", f"{live_box.url}/base/{base.app_token}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for base in bases
    ]  # fmt: skip
    assert [process.communicate(timeout=100)[1] for process in processes] == [""] * 10
    assert names(tmp_path) == sorted(["staff", *(f"staff {number}" for number in range(2, 11))])
