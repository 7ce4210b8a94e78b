"""Files and folders of people inside of our own: ignored, never deleted, never followed out, never fatal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.history import at
from larknb.cache.loading import document, frame
from larknb.cache.policy import snapshot_id
from larknb.cache.store import Cache
from larknb.model import Source
from tests.cache.taking import NOW, batch, guide, info, opened, take, take_guide

DAY = 86400.0
SOURCE = Source("docs", "https://x.feishu.cn/docx/DocA", "document", "DocA")
FIRST = snapshot_id(NOW)


def text(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")


def parquet(path: Path) -> None:
    pq.write_table(pa.table({"mine": [1]}), path)


def folder(path: Path) -> None:
    path.mkdir()
    parquet(path / "people.parquet")
    text(path / "raw.json.gz")


def nested(path: Path) -> None:
    path.mkdir()
    folder(path / "snapshots")
    folder(path / FIRST)


def linked_folder(path: Path) -> None:
    outside = path.parents[4] / f"outside of {path.name}"
    folder(outside)
    path.symlink_to(outside)


def linked_file(path: Path) -> None:
    outside = path.parents[4] / f"outside of {path.name}"
    text(outside)
    path.symlink_to(outside)


PLANTS: dict[str, Callable[[Path], None]] = {
    "snapshots/notes.txt": text,
    "snapshots/.DS_Store": text,
    "snapshots/Thumbs.db": text,
    "snapshots/desktop.ini": text,
    "snapshots/mine": folder,
    "snapshots/20200101": folder,
    "snapshots/20200101T000000Z": folder,  # named as ours are, and not ours
    "snapshots/20200101T000001Z": nested,
    "snapshots/20200101T000002Z": text,
    "snapshots/20200101T000003Z": lambda path: path.mkdir(),
    "snapshots/20200101T000000Z copy": folder,
    "snapshots/.hidden": folder,
    "snapshots/mine.parquet": parquet,
    "snapshots/guide.json": text,
    "snapshots/.snapshot.json.tmp": text,
    "snapshots/elsewhere": linked_folder,
    "snapshots/20200101T000004Z": linked_folder,
    "snapshots/link.txt": linked_file,
    "snapshots/loop": lambda path: path.symlink_to(path),
    "snapshots/20200101T000005Z": lambda path: path.symlink_to(path.parent / "nothing"),
    "snapshots/pipe": lambda path: os.mkfifo(path),
    f"snapshots/{FIRST}/mine.parquet": parquet,
    f"snapshots/{FIRST}/mine.raw.parquet": parquet,
    f"snapshots/{FIRST}/.DS_Store": text,
    f"snapshots/{FIRST}/mine": folder,
    f"snapshots/{FIRST}/notes.tmp": text,
    f"snapshots/{FIRST}/link": linked_folder,
    "media/notes.txt": text,
    "media/mine.png": text,
    "media/.DS_Store": text,
    "media/mine": folder,
    "media/.x.png.7.tmp": text,
    "media/link.png": linked_file,
    "mine.parquet": parquet,
    "people.json": text,  # the settings ask for no such format
    "people copy.parquet": parquet,
    "people.xlsx": text,
    "notes.txt": text,
    "manifest.json.bak": text,
    "manifest.json~": text,
    ".mine.tmp": text,
    ".notes.txt.7.tmp": text,
    "drafts": folder,
    "../.DS_Store": text,
    "../notes.txt": text,
    "../mine": folder,
    "../mine too": nested,
}


def plant(root: Path) -> None:
    """Put all of it where people put it."""
    for name, make in PLANTS.items():
        if os.name == "nt" and make.__name__ in ("linked_folder", "linked_file", "<lambda>"):
            continue
        make(root / name)


def kept(root: Path, name: str = "docs") -> dict[str, Any]:
    """Return what lies there of it, bytes and targets of links, and what it leads to outside."""
    found = {planted: content(root / name / planted) for planted in PLANTS}
    outside = {str(path): content(path) for path in sorted(root.parents[2].glob("outside*"))}
    return found | outside


def content(path: Path) -> Any:
    if path.is_symlink():
        return str(path.readlink())
    if path.is_dir():
        return {each.name: content(each) for each in sorted(path.iterdir())}
    return path.read_bytes() if path.is_file() else path.exists()


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[SourceCache]:
    """A document with a table and a picture, two states of it, and people's files around them."""
    cached = Cache(tmp_path / "a" / "work").of(SOURCE)
    step(cached, 0)
    plant(cached.folder)
    yield cached


def step(cached: SourceCache, number: int, days: float = 0.0) -> None:
    """Let a sync read another state of table and text."""
    moment = NOW + 60 * number + days * DAY
    take(cached, moment, batch(info("people", "tblA"), 3 + number), selected=["tblA"])
    take_guide(cached, moment + 1, *guide(cached, f"words {number}", f"picture{number}"))


def work(cached: SourceCache) -> Path:
    return cached.folder.parents[2]


def test_syncs_and_retention_leave_it_alone(cached: SourceCache) -> None:
    """New states come, old ones go with every file of ours, and all that people put there stays."""
    before = kept(cached.folder.parent)
    for number, days in ((1, 0), (2, 400), (3, 400), (4, 800), (5, 800)):
        step(cached, number, days)
    assert kept(cached.folder.parent) == before
    assert FIRST not in cached.manifest.snapshots
    left = {path.name for path in (cached.folder / "snapshots" / FIRST).iterdir()}
    assert left == {name.split("/")[2] for name in PLANTS if name.startswith(f"snapshots/{FIRST}/")}
    assert not (cached.folder / "media" / "picture0.png").exists()


def test_it_is_no_part_of_any_answer(cached: SourceCache) -> None:
    """Neither of the tables, nor of the history, nor of the list of sources."""
    step(cached, 1)
    cache = Cache(work(cached))
    assert [*cache.sources] == ["DocA"]
    assert cache.folders() == [cached.folder]
    again = opened(cached)
    assert len(again.manifest.snapshots) == 4
    assert "words 1" in document(again).markdown
    assert "words 0" in document(at(again, -3, NOW)).markdown


@pytest.mark.skipif(os.name == "nt", reason="a link needs rights there")
def test_a_snapshot_that_somebody_moved_elsewhere_is_not_followed(cached: SourceCache) -> None:
    """It can be read through the link; what lies there is theirs, and nothing of it is deleted."""
    elsewhere = work(cached) / FIRST
    (cached.folder / "snapshots" / FIRST).rename(elsewhere)
    (cached.folder / "snapshots" / FIRST).symlink_to(elsewhere)
    before = content(elsewhere)
    assert "words 0" in document(at(opened(cached), snapshot_id(NOW + 1), NOW)).markdown
    for number, days in ((1, 0), (2, 400), (3, 400), (4, 800), (5, 800)):
        step(cached, number, days)
    assert content(elsewhere) == before
    assert (cached.folder / "snapshots" / FIRST).is_symlink()


def test_a_damaged_manifest_is_made_again_without_it(cached: SourceCache) -> None:
    """A folder that is named like a snapshot is none if no record of ours is in it, and no raw file."""
    step(cached, 1)
    before, known = kept(cached.folder.parent), opened(cached).manifest.snapshots.keys()
    (cached.folder / "manifest.json").write_bytes(b"{")
    again = opened(cached)
    assert {*known} <= again.manifest.snapshots.keys()
    step(again, 2)
    step(opened(cached), 3)
    assert "words 3" in document(opened(cached)).markdown
    assert kept(cached.folder.parent) == before


def test_a_source_that_is_renamed_takes_it_along(cached: SourceCache) -> None:
    """Its folder moves with all that is in it."""
    before = kept(cached.folder.parent)
    renamed = Cache(work(cached)).of(replace(SOURCE, name="neu"))
    step(renamed, 1)
    assert renamed.folder.name == "neu"
    assert kept(cached.folder.parent, "neu") == before


@pytest.mark.parametrize("make", [text, folder, linked_folder, lambda path: path.symlink_to(path)])
@pytest.mark.parametrize("place", ["bitable_cache/s", "bitable_cache/s/snapshots", "bitable_cache/s/media"])
def test_something_of_theirs_in_our_place(tmp_path: Path, place: str, make: Callable[[Path], None]) -> None:
    """It is left as it is; the sync goes on beside it, or says what is in its way."""
    source = Source("s", "https://x.feishu.cn/base/AppA", "bitable", "AppA")
    path = tmp_path / "a" / "b" / "c" / "d" / place
    path.parent.mkdir(parents=True)
    make(path)
    before = content(path)
    try:
        cached = Cache(tmp_path / "a" / "b" / "c" / "d").of(source)
        take(cached, NOW, batch(info(), 3))
    except OSError as error:
        assert str(path) in str(error)
    else:
        assert len(frame(opened(cached), "tblA")) == 3
    after = content(path)
    assert after == before or {name: after[name] for name in before} == before


def test_their_table_of_our_name_is_not_deleted_with_ours(tmp_path: Path) -> None:
    """A format that is asked for no more takes its own files along, and none that somebody else wrote."""
    cached = Cache(tmp_path).of(Source("s", "https://x.feishu.cn/base/AppA", "bitable", "AppA"))
    take(cached, NOW, batch(info("ours", "tblA"), 3), batch(info("theirs", "tblB"), 3), formats=["parquet", "json"])
    (cached.folder / "theirs.json").write_text("mine", encoding="utf-8")
    take(cached, NOW + 60, batch(info("ours", "tblA"), 4), formats=["parquet"])
    assert not (cached.folder / "ours.json").exists()
    assert (cached.folder / "theirs.json").read_text(encoding="utf-8") == "mine"
