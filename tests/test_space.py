"""A wiki space as departments have them: every request counted, and syncs that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.cache import listing
from larknb.library import Child
from larknb.results.sync import SyncReport
from larknb.sandbox import Sandbox
from larknb.sandbox.serving.journal import Journal
from larknb.walking import AT_ONCE
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, sign_in, sync, write_settings
from tests.shelves import SPACE, Shelf, make, open_shelf, shelf_of

COUNT = 1000
KILLED = 250  # as many as ten syncs come through in a minute; more bring no other moments
READ = {"docx": Counter(document=2, blocks=1), "sheet": Counter(metainfo=1, values_batch=2),
        "bitable": Counter(tables=2, app=1, fields=1, search=1)}  # fmt: skip


def expected(shelf: Shelf, read: list[str], asked: int, tables: int) -> Counter[str]:
    """Return the requests of one look: the lists, the gate, the tables of bases that stand still, and what is read."""
    found = Counter(nodes=shelf.lists(), metas=-(-asked // 200), tables=tables)
    for kind in read:
        found += READ[kind]
    return found


def lines(report: SyncReport) -> list[str]:
    return [row.source for row in report[1:] if row.problem]


@pytest.fixture
def big(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A thousand children on three levels, shortcuts, ten kinds, and twenty documents that may not be read."""
    shelf = shelf_of(box, COUNT)
    box.lists_closed = True
    for guide in shelf.guides[-20:]:
        guide.readers = {"ou_nobody"}
    return open_shelf(tmp_path, box, clock, shelf)


def kinds_of(shelf: Shelf) -> list[str]:
    return [each.kind for each in shelf.documents if each.kind in READ]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_thousand_children(big: Lab) -> None:
    """The journal holds just what the table of costs says: at first, when nothing changed, and when much did."""
    shelf: Shelf = big.made
    kinds = kinds_of(shelf)
    bases, children = kinds.count("bitable"), len(kinds)
    report = sync(big)
    assert report.ok
    assert len(lines(report)) == 20
    readable = [each.kind for each in shelf.documents if each.kind in READ and each.readers is None]
    assert Counter(big.requests()) == expected(shelf, readable, children, 0)
    report = sync(big.later())
    assert report.ok
    assert Counter(big.requests()) == expected(shelf, [], children, bases)
    changed = change(shelf)
    report = sync(big.later())
    assert report.ok
    assert Counter(big.requests()) == expected(shelf, ["docx"] * changed, children + 5, bases)
    assert report[0].added == 5
    assert len(big.workspace.documents("s1").gone) == 5
    sync(big.later(60))
    assert big.requests() == ["metas"]  # for the twenty that may not be read, and are due again


def change(shelf: Shelf) -> int:
    """Rename ten, edit ten, move ten, delete five, add five; return how many documents must be read for that."""
    whole = [each for each in shelf.guides if each.readers is None]
    below = {node.parent for node in shelf.space.nodes}
    leaves = [each for each in whole if not {shelf.nodes[shelf.documents.index(each)]} & below]
    for number, guide in enumerate(leaves[:20]):
        guide.rename(f"改名 {number}") if number < 10 else guide.append({"block_id": f"b{number}", "block_type": 22})
    tops = [node.token for node in shelf.space.below("")]
    for guide in leaves[20:30]:
        shelf.space.move(shelf.nodes[shelf.documents.index(guide)], tops[-1])
    for guide in leaves[30:35]:
        shelf.space.tenant.remove(guide)  # type: ignore[attr-defined]
    for number in range(5):
        shelf.hang(make(shelf.box, "docx", f"新 {number}"), tops[0])
    return 25


# --- killed ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def live() -> Iterator[Shelf]:
    """A space of a stand-in that other processes can reach, with a latency that gives a kill something to hit."""
    with Sandbox(latency=0.004, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        yield shelf_of(box, KILLED)


def workspace_of(root: Path, shelf: Shelf) -> Workspace:
    workspace = write_settings(root, shelf.box, shelf.url)
    sign_in(workspace, shelf.box)
    return workspace


def begin_sync(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "larknb", "--home", str(root), "sync", "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "LARKNB_SETTLE": "0"},
    )  # fmt: skip


def cached(workspace: Workspace) -> dict[str, object]:
    """Return what the cache holds of each child: the text of a document, the rows of tables."""
    found: dict[str, object] = {}
    for child in workspace.documents("s1"):
        if child.kind == "document":
            found[child.name] = workspace.document(child.name).markdown
        elif child.name:
            found[child.name] = {name: frame.to_csv() for name, frame in workspace.tables(child.name).items()}
    return found


def children_of(workspace: Workspace) -> tuple[Child, ...]:
    return listing.read(workspace.settings.cache_dir, SPACE).children


def kill_at(process: subprocess.Popen[bytes], journal: Journal, request: int, pause: float) -> None:
    """Kill a sync a moment after some request, so that it dies on the network as well as on the disk."""
    while process.poll() is None and len(journal) < request:
        time.sleep(0.001)  # a real process: there is no clock to pass
    time.sleep(pause)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL, "it was done before it could be killed"


@pytest.mark.crash
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_killed_at_random_moments(tmp_path: Path, live: Shelf) -> None:
    """Ten syncs die; the next one goes on where they were, and in the end the caches are those of a whole sync."""
    whole, killed = workspace_of(tmp_path / "whole", live), workspace_of(tmp_path / "killed", live)
    journal = live.box.journal
    journal.clear()
    assert begin_sync(whole.root).wait(300) == 0
    once = Counter(journal.endpoints())
    journal.clear()
    rng = random.Random(20261127)
    for request in sorted(rng.sample(range(1, once.total() - 10), 10)):
        kill_at(begin_sync(killed.root), journal, request, rng.uniform(0, 0.02))
    assert begin_sync(killed.root).wait(300) == 0
    assert children_of(killed) == children_of(whole)
    assert cached(killed) == cached(whole)
    again = Counter(journal.endpoints())
    assert again["blocks"] <= once["blocks"] + 10, "what had been read was read again"
    assert again["nodes"] <= once["nodes"] + 10 * AT_ONCE, "lists that were had were asked for again"


def test_a_document_of_each_kind_is_counted(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """The same accounts for forty children."""
    shelf = shelf_of(box, 40)
    lab = open_shelf(tmp_path, box, clock, shelf)
    kinds = kinds_of(shelf)
    assert sync(lab).ok
    assert Counter(lab.requests()) == expected(shelf, kinds, len(kinds), 0)
    assert sync(lab.later()).ok
    assert Counter(lab.requests()) == expected(shelf, [], len(kinds), kinds.count("bitable"))
