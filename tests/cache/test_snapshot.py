"""A new state of a source on its way to the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from larknb.cache import history, tablefiles
from larknb.cache.cached import SourceCache
from larknb.cache.loading import document, frame
from larknb.cache.policy import snapshot_id
from larknb.cache.snapshot import Snapshot
from larknb.errors import AccessDenied
from larknb.model import Batch, Entry, Guide, Learned, Policy

from .taking import NOW, batch, computed, files, grid, guide, info, opened, rows, take, take_guide


def test_a_snapshot_is_a_folder_and_a_manifest(cached: SourceCache) -> None:
    """Raw and friendly file in the snapshot, the latest one for other programs beside the manifest."""
    table = info("缺陷")
    take(cached, NOW, batch(table, 3))
    name = snapshot_id(NOW)
    assert files(cached) == {
        "manifest.json", "缺陷.parquet", f"snapshots/{name}/snapshot.json.gz", f"snapshots/{name}/缺陷.parquet",
        f"snapshots/{name}/缺陷.raw.parquet",
    }  # fmt: skip
    assert json.loads((cached.folder / "manifest.json").read_text(encoding="utf-8"))["snapshot"] == name


def test_a_torn_reading_leaves_nothing(cached: SourceCache) -> None:
    """A fresh batch drops what an earlier reading of the table left."""
    table = info()
    take(cached, NOW, batch(table, 5), batch(table, 2))
    assert cached.rows("tblA") == 2
    assert len(frame(cached, "tblA")) == 2


def test_an_error_on_the_way_leaves_the_old_state(cached: SourceCache) -> None:
    """Nothing of a snapshot that was not committed stays on disk."""
    table = info()
    take(cached, NOW, batch(table, 5))
    before = files(cached)
    with pytest.raises(RuntimeError), Snapshot(cached, NOW + 60, policy=Policy()) as snapshot:
        snapshot.add(batch(table, 9))
        raise RuntimeError
    assert files(cached) == before
    assert len(frame(opened(cached), "tblA")) == 5


def test_many_row_groups(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows arrive page by page and are written in row groups; a late widening rewrites the friendly file."""
    monkeypatch.setattr(tablefiles, "ROW_GROUP", 10)
    table = info()
    pages = [rows(table, 7, first=7 * n) for n in range(4)] + [rows(table, 5, first=28, results=2)]
    take(cached, NOW, *(Batch(table, page, fresh=not n) for n, page in enumerate(pages)))
    found = frame(cached, "tblA")
    assert [*found.index] == [f"rec{n}" for n in range(33)]
    assert found["sum"].iloc[0] == (0.0,)  # the last page had several results
    assert pq.ParquetFile(cached.folder / cached.tables["tblA"].raw).num_row_groups >= 3


def test_a_column_never_narrows_again(cached: SourceCache) -> None:
    """Once a computed column held several results its cells stay tuples, also when the next reading has single ones."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 3, results=2), fresh=True))
    take(cached, NOW + 60, batch(table, 3))
    assert frame(cached, "tblA")["sum"].iloc[1] == (1.0,)


def test_an_empty_table(cached: SourceCache) -> None:
    """No rows, all columns."""
    table = info()
    take(cached, NOW, Batch(table, table.schema.empty_table(), fresh=True))
    assert [*frame(cached, "tblA").columns][:3] == ["name", "day", "sum"]
    assert len(frame(cached, "tblA")) == 0


def test_a_manifest_that_could_not_be_written_leaves_the_old_state(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the flip; what is noted afterwards must not point to the files that went."""
    table = info()
    take(cached, NOW, batch(table, 5))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            take(cached, NOW + 60, batch(table, 9))
    cached.note_problem("the disk is full", NOW + 60)
    assert len(frame(opened(cached), "tblA")) == 5


def test_an_interrupt_right_after_the_flip_keeps_the_new_files(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between the rename of the manifest and the next line: what is current on disk is complete."""
    table, rename = info(), os.replace

    def interrupted(*paths: Any) -> None:
        rename(*paths)
        if Path(paths[1]).name == "manifest.json":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take(cached, NOW, batch(table, 5))
    assert len(frame(opened(cached), "tblA")) == 5


def test_a_full_disk_leaves_no_leftovers(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a half-written file fails too on a full disk; its snapshot goes all the same."""

    def full(writer: pq.ParquetWriter) -> None:
        writer.is_open = False
        raise OSError(28, "No space left on device")

    table = info()
    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "close", full)
        with pytest.raises(OSError, match="No space"):
            take(cached, NOW, batch(table, 5))
    assert files(cached) == set()


# --- what is current ------------------------------------------------------------------------------------------------


def test_a_table_that_is_asked_for_no_more_leaves(cached: SourceCache) -> None:
    """The current state; an older one keeps it."""
    take(cached, NOW, batch(info("one", "tbl1"), 1), batch(info("two", "tbl2"), 2))
    take(cached, NOW + 60, batch(info("one", "tbl1"), 3), selected=["tbl1"])
    assert [*opened(cached).tables] == ["tbl1"]
    assert [*history.at(opened(cached), -2, NOW + 60).tables] == ["tbl1", "tbl2"]


def test_a_table_that_is_gone_keeps_its_rows(cached: SourceCache) -> None:
    """It is marked; once it is back the mark goes."""
    take(cached, NOW, batch(info(), 3))
    take(cached, NOW + 60, selected=[], gone={"tblA": "t"})
    assert (opened(cached).tables["tblA"].gone, opened(cached).rows("tblA")) == (True, 3)
    take(cached, NOW + 120, batch(info(), 3))
    assert not opened(cached).tables["tblA"].gone


def test_a_table_that_failed_keeps_its_rows(cached: SourceCache) -> None:
    """What came of it is dropped; when it was tried is noted, so that it is not tried at every look."""
    take(cached, NOW, batch(info("one", "tbl1"), 3), batch(info("two", "tbl2"), 3))
    failed = {"tbl1": AccessDenied("no")}
    changes = take(cached, NOW + 60, batch(info("one", "tbl1"), 9), batch(info("two", "tbl2"), 4), failed=failed)
    assert [*changes] == ["tbl2"]
    assert [opened(cached).rows(key) for key in ("tbl1", "tbl2")] == [3, 4]
    assert opened(cached).entry == Entry(NOW + 60, NOW + 60)


def test_a_table_whose_files_were_deleted_is_forgotten(cached: SourceCache) -> None:
    """It was not read again, so there is nothing to tell of it."""
    take(cached, NOW, batch(info("one", "tbl1"), 3), batch(info("two", "tbl2"), 3))
    for name in (cached.tables["tbl1"].raw, cached.tables["tbl1"].friendly):
        (cached.folder / name).unlink()
    take(cached, NOW + 60, batch(info("two", "tbl2"), 4))
    assert [*opened(cached).tables] == ["tbl2"]


def test_the_history_tells_what_a_sync_did(cached: SourceCache) -> None:
    """Rows, what changed, bytes, and when."""
    take(cached, NOW, batch(info(), 3))
    take(cached, NOW + 60, batch(info(), 5))
    entry = opened(cached).manifest.snapshots[snapshot_id(NOW + 60)]
    assert (entry.synced_at, entry.rows, entry.added, entry.changed, entry.removed) == (NOW + 60, 5, 2, 0, 0)
    folder = cached.folder / "snapshots" / snapshot_id(NOW + 60)
    assert entry.bytes == sum(path.stat().st_size for path in folder.glob("*.parquet"))


def test_two_syncs_within_one_second_are_two_snapshots(cached: SourceCache) -> None:
    """The later one's name moves on."""
    for n in range(3):
        take(cached, NOW, batch(info(), 3 + n))
    assert [*opened(cached).manifest.snapshots] == [snapshot_id(NOW + n) for n in range(3)]
    assert opened(cached).rows("tblA") == 5


# --- worksheets and documents -----------------------------------------------------------------------------------------


def test_a_worksheet_is_typed_anew_without_a_read(cached: SourceCache) -> None:
    """Another header row: other columns from the same grid; the time of the read stays."""
    take(cached, NOW, grid())
    with Snapshot(cached, NOW + 60, {"header": 2}, policy=Policy()) as snapshot:
        snapshot.retype()
    again = opened(cached)
    assert [*frame(again, "sheet1").columns] == ["甲", "1"]
    assert again.is_typed_by({"header": 2})
    assert (again.rows("sheet1"), again.tables["sheet1"].read_at, again.manifest.checked_at) == (1, NOW, NOW)


def test_a_document_is_current_with_its_pictures(cached: SourceCache) -> None:
    """What changed is told under its own token."""
    changes = take_guide(cached, NOW, *guide(cached, "甲", "tok"))
    assert changes["AppA"].added == 3
    again = opened(cached)
    assert (again.parts, again.has_media("tok"), again.has_media("other")) == ({"AppA": "t"}, True, False)
    assert "甲" in document(again).markdown
    assert [path.read_bytes() for path in document(again).images] == [b"tok"]


def test_a_picture_stays_as_long_as_a_kept_state_shows_it(cached: SourceCache) -> None:
    """After that neither its file nor its entry is left."""
    take_guide(cached, NOW, *guide(cached, "甲", "old"))
    take_guide(cached, NOW + 60, *guide(cached, "乙", "new"))
    assert {path.name for path in (cached.folder / "media").iterdir()} == {"old.png", "new.png"}
    for seconds, words in ((0, "丙"), (60, "丁")):  # two syncs must agree that it is that late
        assert "old" in cached.manifest.media
        take_guide(cached, NOW + 100 * 86400 + seconds, *guide(cached, words, "new"))
    assert {path.name for path in (cached.folder / "media").iterdir()} == {"new.png"}
    assert [*opened(cached).manifest.media] == ["new"]


def test_rows_inside_of_a_document_are_told_anew(cached: SourceCache) -> None:
    """The embedded table changed, the document did not: its text shows the new rows, at no read of it."""
    sheet = {"block_id": "blk1", "block_type": 30, "sheet": {"token": "Sht_a"}}
    parcels = guide(cached, "甲")
    page = parcels[-1]
    assert isinstance(page, Guide)
    page.record["blocks"].append(sheet)
    page.record["blocks"][0]["children"].append("blk1")
    learned = Learned(embedded={"Sht_a": {"status": "ok"}}, selected={"Sht_a": "s", "AppA": "t"})
    for n, (amount, read) in enumerate(((1, parcels), (7, []))):
        with Snapshot(cached, NOW + 60 * n, policy=Policy()) as snapshot:
            for parcel in (grid("s", "Sht_a", ["数量"], [amount]), *read):
                snapshot.add(parcel)
            snapshot.commit(learned, options="{}", full_at=NOW, stamp=None)
    assert "| 7 |" in document(opened(cached)).markdown
    assert [*document(opened(cached)).tables[0]["数量"]] == [7]


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be brought to the disk there")
def test_all_of_it_is_on_the_disk_before_it_is_current(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut right after the flip finds each file whole, and each under its name."""
    synced, fsync, rename = set[int](), os.fsync, os.replace
    at_the_flip: list[set[int]] = []

    def noted(number: int) -> None:
        synced.add(os.fstat(number).st_ino)
        fsync(number)

    def flipped(old: Any, new: Any) -> None:
        if str(new).endswith("manifest.json"):
            at_the_flip.append({*synced})
        rename(old, new)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "replace", flipped)
    take(cached, NOW, batch(info("a", "tblA"), 3), grid("b", "sheet1"))
    folder = cached.folder / "snapshots" / snapshot_id(NOW)
    assert {path.stat().st_ino for path in (*folder.iterdir(), folder, folder.parent)} <= at_the_flip[0]
    names = {"a.raw.parquet", "a.parquet", "b.grid.json.gz", "b.parquet"}
    assert names <= {path.name for path in folder.iterdir()}


def test_a_reader_that_begins_anew_forgets_computed_columns(cached: SourceCache) -> None:
    """They are those of rows that were read before; the whole table is read after them."""
    take(cached, NOW, batch(info(), 3))
    take(cached, NOW + 60, computed([7, 7, 7]), batch(info(), 3))
    assert [*frame(cached, "tblA")["sum"]] == [0, 1, 2]
