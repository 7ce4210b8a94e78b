"""What one call reads from the disk, seen by the operating system's calls that open files."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import Busy, ConfigError
from larknb.sandbox import Field, Sandbox
from larknb.services import context
from larknb.services.context import Context
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, sign_in, text, write_settings

COUNT = 8  # sources

_watched: list[Counter[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watched and isinstance(arguments[0], (str, Path)):
        _watched[-1][str(arguments[0])] += 1


sys.addaudithook(_hook)  # for good: the interpreter knows no way to take one out


@contextmanager
def watched() -> Iterator[Counter[str]]:
    """Count the files that are opened inside, by path."""
    _watched.append(Counter())
    try:
        yield _watched[-1]
    finally:
        _watched.pop()


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    """Eight synced bases of two tables each."""
    urls = []
    for number in range(COUNT):
        base = box.tenant.add_base(f"base {number}", app_token=f"AppBase{number}0000000000000000001")
        for name in ("people", "teams"):
            table = base.add_table(name, [Field("name", 1, is_primary=True)])
            table.add_many([{"name": text(f"{name} of base {number}")}])
        urls.append(f"{box.url}/base/{base.app_token}")
    write_settings(tmp_path / "ws", box, *urls)
    made = Workspace(tmp_path / "ws", clock=clock, sleep=clock.sleep)
    sign_in(made, box)
    clock.advance(60)
    made.sync(progress=False).raise_for_failures()
    made.search("people")  # keeps its index
    return made


def manifests(opened: Counter[str]) -> list[int]:
    return [count for path, count in opened.items() if Path(path).name == "manifest.json"]


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        (lambda workspace: workspace.load("s3/people"), 1),
        (lambda workspace: workspace.tables("s3"), 1),
        (lambda workspace: workspace.schema("s3", "teams"), 1),
        (lambda workspace: workspace.paths("s3"), 1),
        (lambda workspace: workspace.status(), COUNT),
        (lambda workspace: workspace.sources(), COUNT),
        (lambda workspace: workspace.search("people"), 0),
    ],
    ids=["load", "tables", "schema", "paths", "status", "sources", "search"],
)
def test_a_call_reads_the_settings_once_and_the_manifests_it_needs(
    workspace: Workspace, call: Callable[[Workspace], object], needed: int
) -> None:
    """However many sources there are: the settings are parsed once, and no manifest is opened in vain or twice."""
    with watched() as opened:
        call(workspace)
    assert opened[str(workspace.root / "larknb.toml")] == 1
    assert manifests(opened) == [1] * needed


def test_a_search_opens_what_changed(workspace: Workspace, box: Sandbox, clock: Clock) -> None:
    """After one source was read again, its manifest is the only one that a search opens."""
    box.tenant.base("AppBase30000000000000000001").table("people").add_many([{"name": text("newcomer")}])
    clock.advance(7200)
    workspace.sync("s4", progress=False, force=True).raise_for_failures()
    with watched() as opened:
        assert [hit.source for hit in workspace.search("newcomer")] == ["s4"]
    assert manifests(opened) == [1]


def test_a_source_that_is_configured_no_more_can_be_named(workspace: Workspace) -> None:
    """Its cache is still there, and so is its name; a longer name goes before a shorter one."""
    workspace.remove("s8")
    assert len(workspace.load("s8/people")) == 1


def test_one_view_sees_one_state(workspace: Workspace) -> None:
    """Settings that change while a call is on its way count from the next call on."""
    view = Context(workspace.root)
    before = view.settings
    (workspace.root / "larknb.toml").write_text("[app]\n", encoding="utf-8")
    assert view.settings is before
    assert view.again().settings.app_id == ""


def test_the_lock_is_held_by_one(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second waits, and is told who holds it; afterwards it is free again."""
    monkeypatch.setattr(context, "LOCK_PATIENCE", 0.1)
    view = Context(workspace.root)
    with view.lock(), pytest.raises(Busy, match=r"pid \d+"), view.again().lock():
        pass
    with view.lock():
        assert (workspace.root / "work" / "sync.json").exists()
    assert not (workspace.root / "work" / "sync.json").exists()


@pytest.mark.parametrize(
    "call",
    [
        lambda ws: ws.sync(kind="tables"),
        lambda ws: ws.search("x", kind="guide"),
        lambda ws: ws.load("s1/people", links="x"),
        lambda ws: ws.login(method="magic"),
    ],
)
def test_a_misspelt_argument_is_no_empty_answer(synced: Lab, call: Callable[[Workspace], object]) -> None:
    """The error names what is accepted."""
    with pytest.raises(ConfigError, match="use one of"):
        call(synced.workspace)
