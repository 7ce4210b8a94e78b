"""Many sources: what one call opens, parses and writes does not grow with the square of their number."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import Fault, Field, Sandbox, blocks
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
    assert sorted(row.age or 0.0 for row in rows) == [0] * (COUNT - 1) + [3600]
    assert [row.action for row in sync(many)].count("unchanged") == 1


def test_a_sync_opens_each_manifest_a_few_times_and_lists_no_folder_twice(many: Lab) -> None:
    """What is opened grows with the sources, and the settings are read once."""
    with watched() as heard:
        sync(many)
    assert opened(heard, "manifest.json") <= 2 * COUNT
    assert opened(heard, "bitable_cache") <= 2
    assert opened(heard, "larknb.toml") == 1


def test_documents_that_mention_somebody_unknown_look_into_the_others_once(
    tmp_path: Path, box: Sandbox, clock: Clock
) -> None:
    """Not each into all: the first sync of a library grows with its documents."""
    box.scopes.discard("contact:user.basic_profile:readonly")
    somebody, count = box.tenant.add_user("李四"), 12
    documents = [
        box.tenant.add_document(f"指引 {number}", [blocks.text(blocks.at(somebody))]) for number in range(count)
    ]
    sign_in(write_settings(tmp_path, box, *(f"{box.url}/docx/{each.document_id}" for each in documents)), box)
    lab = Lab(box, Workspace(tmp_path, clock=clock, sleep=clock.sleep), clock)
    with watched() as heard:
        sync(lab).raise_for_failures()
    assert opened(heard, "manifest.json") <= 2 * count
    with watched() as heard:
        sync(lab.later(), force=True).raise_for_failures()
    assert opened(heard, "manifest.json") <= 7 * count


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


# --- several at once ------------------------------------------------------------------------------------------------


def test_several_bases_are_asked_at_once(many: Lab) -> None:
    """Their table lists wait for each other, which one after the other would never end; the report keeps the order."""
    meeting = threading.Barrier(COUNT, timeout=30)
    many.box.faults.add(Fault.call(lambda _: meeting.wait()), endpoint="tables", times=COUNT)
    report = sync(many).raise_for_failures()
    assert [row.source for row in report] == [f"s{number}" for number in range(1, COUNT + 1)]
    assert [row.calls for row in report] == [2, *[1] * (COUNT - 1)]  # the gate is on the first one's bill
    assert not meeting.broken


def test_what_goes_wrong_with_one_base_is_told_of_that_one(many: Lab) -> None:
    """The error and the count of its calls are its own, although others are asked meanwhile."""
    token = many.box.tenant.bases[2].app_token
    many.box.tenant.bases[2].readers = {"nobody"}
    report = sync(many)
    assert [row.action == "failed" for row in report] == [False, False, True, False]
    assert [*report.errors] == ["s3"]
    assert "Source: s3" in str(report.errors["s3"])
    calls = many.workspace.context.usage.by_source()
    assert calls[token] + 1 == calls[many.box.tenant.bases[1].app_token]  # the gate told, and nobody asked it


def test_tables_of_one_base_are_read_one_after_the_other(many: Lab) -> None:
    """Two sources of one base never ask it at the same time."""
    base = many.box.tenant.bases[0]
    tables = [base.add_table(f"t{number}", TEAMS) for number in range(2)]
    urls = [f"{many.box.url}/base/{base.app_token}?table={table.table_id}" for table in tables]
    write_settings(many.workspace.root, many.box, *urls, *[f"{many.box.url}/base/{many.box.tenant.bases[1].app_token}"])
    at_once = threading.Barrier(2)

    def met(_: object) -> None:
        with suppress(threading.BrokenBarrierError):
            at_once.wait(0.05)
            raise AssertionError("two requests are on their way to one base")

    for number in range(2):
        many.box.faults.add(Fault.call(met), endpoint="search", after=number)
    assert sync(many, force=True).ok
    found = [call.path for call in many.box.journal.calls if base.app_token in call.path and call.endpoint == "search"]
    assert len(found) == 2


@pytest.mark.parametrize("beside", [0, 1])
def test_sources_of_one_base_share_the_list_of_its_tables(many: Lab, beside: int) -> None:
    """Where nothing changed it is asked for once; after a read it is a new one, which the next source goes by."""
    base = many.box.tenant.bases[0]
    tables = [base.add_table(f"t{number}", [Field("title", 1)]) for number in range(3)]
    for table in tables:
        table.add({"title": text("a")})
    urls = [f"{many.box.url}/base/{base.app_token}?table={table.table_id}" for table in tables]
    others = [f"{many.box.url}/base/{each.app_token}" for each in many.box.tenant.bases[1 : 1 + beside]]
    write_settings(many.workspace.root, many.box, *urls, *others)
    sync(many.later()).raise_for_failures()

    def lists() -> int:
        return sum(call.endpoint == "tables" and base.app_token in call.path for call in many.box.journal.calls)

    many.later()
    assert {row.action for row in sync(many)} == {"unchanged"}
    assert lists() == 1
    tables[0].add({"title": text("b")})
    many.later()
    many.box.faults.add(Fault.call(lambda _: tables[2].add({"title": text("c")})), endpoint="search", times=1)
    found = {row.table: row.action for row in sync(many)}
    assert (found["t0"], found["t1"], found["t2"]) == ("fetched", "unchanged", "fetched")
    assert lists() == 3
    assert [len(many.workspace.load(f"{row.source}/{row.table}")) for row in many.workspace.status()][:3] == [2, 1, 2]


def test_progress_is_told_in_the_callers_thread_and_counts_up(many: Lab) -> None:
    """A notebook shows only what its own thread says."""
    steps: list[tuple[int, int, int]] = []
    many.workspace.sync(progress=lambda step: steps.append((threading.get_ident(), step.done, step.total)))
    assert {(thread, total) for thread, _, total in steps} == {(threading.get_ident(), COUNT)}
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    assert steps[-1][1] == COUNT


def test_a_scarce_budget_goes_into_whole_sources(many: Lab) -> None:
    """One after the other, so that none is begun that could not be paid for."""
    file = many.workspace.root / "larknb.toml"
    spent = many.workspace.context.usage.total()
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[budget]\nmonthly_calls = {spent + 3}\n", encoding="utf-8")
    assert [row.action for row in sync(many)] == ["unchanged", "unchanged", "failed", "not tried"]


def test_an_interrupt_ends_all_of_them_and_frees_the_cache(many: Lab) -> None:
    """Whatever was on its way is gone, and the next sync does it."""

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    before = manifests(many)
    with pytest.raises(KeyboardInterrupt):
        many.workspace.sync(force=True, progress=interrupt)
    assert manifests(many) == before
    assert {row.action for row in sync(many, force=True)} == {"fetched"}
