"""Readers while a sync replaces, prunes and deletes: each sees one state, and never a file that has just gone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.cache import loading
from larknb.cache.cached import SourceCache
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.model import Learned, Parcel, Policy
from larknb.workspace import Workspace
from tests.cache.taking import NOW, batch, grid, guide, info

from .shelf import SOURCES

DAY = 86400.0
SHORT = Policy(history=1.0)  # what is older than two days goes at once
SETTINGS = '[app]\napp_id = "cli_a"\n' + "".join(
    f'[[sources]]\nname = "{name}"\nurl = "{each.url}"\n' for name, each in SOURCES.items()
)
READ_TABLES = """
import sys
from larknb.workspace import Workspace
home = Workspace(sys.argv[1])
print("ready", flush=True)
while not sys.stdin.closed and (line := sys.stdin.readline()) != "":
    for _ in range(5):
        tables = home.tables("base")
        counts = {len(frame) for frame in tables.values()}
        assert len(counts) == 1 and len(tables) == 3, counts
    print("ok", flush=True)
"""


def commit(cached: SourceCache, number: int, *parcels: Parcel) -> None:
    """Take a state two days after the one before; with it the states before the last one are pruned."""
    at = NOW + 3 * DAY * number
    with Snapshot(cached, at, policy=SHORT) as snapshot:
        for parcel in parcels:
            snapshot.add(parcel)
        selected = dict.fromkeys(("tblA", "tblB", "tblC", "s1", "DocA"), "")
        snapshot.commit(Learned(selected=selected), options="{}", full_at=at, stamp=None)


def sync_base(cached: SourceCache, number: int) -> None:
    """Three tables, each of as many rows as the number says."""
    commit(cached, number, *(batch(info(f"t{key}", f"tbl{key}"), 3 + number % 7) for key in "ABC"))


def sync_book(cached: SourceCache, number: int) -> None:
    commit(cached, number, grid("data", "s1", ["n"], *([number] for _ in range(3))))


def sync_page(cached: SourceCache, number: int) -> None:
    commit(cached, number, *guide(cached, f"words {number}", "picture"))


def read_tables(home: Workspace) -> None:
    tables = home.tables("base")
    assert len({len(frame) for frame in tables.values()}) == 1
    assert len({frame.attrs["larknb"]["synced_at"] for frame in tables.values()}) == 1
    assert len(tables) == 3


def read_one(home: Workspace) -> None:
    assert len(home.load("base/tA")) >= 3
    assert len(home.load("base/tA", raw=True)) >= 3
    assert home.schema("base/tA")


def read_then(home: Workspace) -> None:
    assert len(home.load("base/tB", as_of=-1)) >= 3


def read_book(home: Workspace) -> None:
    assert len({*home.load("book/data")["n"]}) == 1
    assert home.cells("book/data") is not None


def read_page(home: Workspace) -> None:
    page = home.document("page")
    assert page.markdown.count("words ") == 1
    assert page.markdown.split("words ")[1].split()[0] in page._repr_html_()


def look(home: Workspace) -> None:
    assert {row.source for row in home.status()} == {*SOURCES}
    assert home.search("words")


READS: dict[str, Callable[[Workspace], None]] = {
    "tables": read_tables, "one": read_one, "then": read_then, "book": read_book, "page": read_page, "look": look,
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "larknb.toml").write_text(SETTINGS, encoding="utf-8")
    step(tmp_path, 0)
    return tmp_path


def step(root: Path, number: int) -> None:
    """Let a sync of its own replace all three sources."""
    cache = Cache(root / "work")
    for name, sync in (("base", sync_base), ("book", sync_book), ("page", sync_page)):
        sync(cache.of(SOURCES[name]), number)


def read_while_syncing(root: Path, reads: list[str], rounds: int) -> list[Any]:
    """Read in threads, over and over, while all sources are replaced; return what went wrong."""
    stop, wrong = threading.Event(), []

    def work(read: Callable[[Workspace], None]) -> None:
        while not stop.is_set():
            try:
                read(Workspace(root))
            except Exception as error:  # noqa: BLE001  whatever it is, the test tells it
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(READS[name],)) for name in reads]
    for thread in threads:
        thread.start()
    for number in range(1, rounds + 1):
        step(root, number)
    stop.set()
    for thread in threads:
        thread.join()
    return wrong


def test_a_reader_sees_one_state(root: Path) -> None:
    """All tables of it, while states are replaced and pruned under it."""
    assert read_while_syncing(root, ["tables"], 6) == []


@pytest.mark.soak
def test_no_call_meets_a_file_that_has_gone(root: Path) -> None:
    """Nor rows of two states: many rounds, every call."""
    assert read_while_syncing(root, [*READS], 25) == []


@pytest.mark.soak
def test_a_reader_in_another_process_sees_one_state(root: Path) -> None:
    """The same between processes."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READ_TABLES, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin and reader.stdout
    try:
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, 25):
            print("read", file=reader.stdin, flush=True)
            step(root, number)
            assert reader.stdout.readline() == "ok\n"
    finally:
        reader.stdin.close()
        reader.wait(20)
        reader.stdout.close()


def test_tables_that_were_replaced_while_they_were_read_are_all_read_again(root: Path) -> None:
    """A sync comes between two tables of one call, and takes the files of the second one away."""
    cached = Cache(root / "work").find(SOURCES["base"])
    assert cached is not None
    first = cached.folder / cached.tables["tblA"].friendly
    data = first.read_bytes()
    for number in (1, 2, 3):
        step(root, number)
    assert not (cached.folder / cached.tables["tblC"].raw).exists()
    first.parent.mkdir()
    first.write_bytes(data)  # the first table was read just before
    frames = loading.frames_of(cached)
    assert [len(frame) for frame in frames.values()] == [6, 6, 6]
