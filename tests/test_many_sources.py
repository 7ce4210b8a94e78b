"""Many sources: what one call opens, parses and writes does not grow with the square of their number."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import TEAMS, Clock, Lab, sign_in, sync, text, write_settings

COUNT = 4
_watching: list[list[tuple[str, str]]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("open", "os.listdir", "os.scandir"):
        path, mode = str(arguments[0]), str(arguments[1]) if event == "open" else ""
        for heard in _watching:
            heard.append((Path(path).name, mode))


sys.addaudithook(_hear)  # it stays for as long as the process, and hears nothing unless somebody watches


@contextmanager
def watched() -> Iterator[list[tuple[str, str]]]:
    """Give the files that are opened and the folders that are listed inside."""
    heard: list[tuple[str, str]] = []
    _watching.append(heard)
    try:
        yield heard
    finally:
        _watching.remove(heard)


def opened(heard: list[tuple[str, str]], name: str) -> int:
    return sum(each == name for each, _ in heard)


@pytest.fixture
def many(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """Some bases, synced, with the stamps of all settled."""
    urls = []
    for number in range(COUNT):
        base = box.tenant.add_base(f"base {number}", app_token=f"AppMany{number:020d}")
        base.add_table("teams", TEAMS).add_many([{"title": text("a")}])
        urls.append(f"{box.url}/base/{base.app_token}")
    sign_in(write_settings(tmp_path, box, *urls), box)
    clock.advance(60)
    lab = Lab(box, Workspace(tmp_path, clock=clock, sleep=clock.sleep), clock)
    sync(lab).raise_for_failures()
    sync(lab.later(7200)).raise_for_failures()
    return lab.later(7200)


def manifests(lab: Lab) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in lab.workspace.root.rglob("manifest.json")}


def test_a_sync_that_finds_nothing_changed_writes_one_file_for_all(many: Lab) -> None:
    """No manifest is written, and what is told of the age is right all the same."""
    before = manifests(many)
    assert {row.action for row in sync(many)} == {"unchanged"}
    assert manifests(many) == before
    many.clock.advance(60)
    assert {row.age for row in many.workspace.status()} == {60}
    assert {row.action for row in sync(many)} == {"kept"}
    assert json.loads((many.workspace.root / "work" / "looks.json").read_bytes())["format"] == 1


def test_a_source_that_changed_is_looked_at_by_its_manifest_again(many: Lab) -> None:
    """What was noted of the earlier state says nothing of the new one."""
    sync(many)
    table = many.box.tenant.bases[0].tables[0]
    table.add({"title": text("b")})
    assert [row.action for row in sync(many.later())].count("fetched") == 1
    many.clock.advance(30)
    assert {row.age for row in many.workspace.status()} == {30}


def test_a_source_that_failed_is_due_at_once(many: Lab) -> None:
    """The failure is kept in the manifest, beside the time of the last good look."""
    sync(many)
    many.later().reply(91403, endpoint="tables", times=1)
    assert [row.action for row in sync(many)].count("failed") == 1
    rows = many.workspace.status()
    assert sorted(row.age for row in rows) == [0] * (COUNT - 1) + [3600]
    assert [row.action for row in sync(many)].count("unchanged") == 1


def test_a_sync_opens_each_manifest_a_few_times_and_lists_no_folder_twice(many: Lab) -> None:
    """What is opened grows with the sources, and the settings are read once."""
    with watched() as heard:
        sync(many)
    assert opened(heard, "manifest.json") <= 2 * COUNT
    assert opened(heard, "bitable_cache") <= 2
    assert opened(heard, "larknb.toml") == 1


def test_a_load_opens_the_manifest_of_its_source_alone(many: Lab) -> None:
    """The others are neither read nor asked whose they are."""
    with watched() as heard:
        assert len(many.workspace.load("s3")) == 1
    assert opened(heard, "manifest.json") == 1
    assert opened(heard, "larknb.toml") == 1


def test_the_status_opens_each_manifest_once(many: Lab) -> None:
    """It parses the settings once, too."""
    with watched() as heard:
        assert len(many.workspace.status()) == COUNT
    assert opened(heard, "manifest.json") == COUNT
    assert opened(heard, "larknb.toml") == 1


def test_a_workspace_opened_anew_knows_the_looks(many: Lab) -> None:
    """Another process keeps what this one looked at."""
    sync(many)
    other = Workspace(many.workspace.root, clock=many.clock, sleep=many.clock.sleep)
    assert {row.action for row in other.sync(progress=False)} == {"kept"}
