"""A new state of a source on its way to the disk."""

from __future__ import annotations

import json
import os
from typing import Any

import pyarrow.parquet as pq
import pytest

from larknb.cache import tablefiles
from larknb.cache.loading import frame
from larknb.cache.policy import snapshot_id
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import SourceCache
from larknb.model import Batch, Policy

from .taking import DAY, NOW, batch, files, info, opened, rows, take


def test_a_snapshot_is_a_folder_and_a_manifest(cached: SourceCache) -> None:
    """Raw and friendly file in the snapshot, the latest one for other programs beside the manifest."""
    table = info("缺陷")
    take(cached, NOW, batch(table, 3))
    name = snapshot_id(NOW)
    assert files(cached) == {
        "manifest.json", "缺陷.parquet", f"snapshots/{name}/缺陷.parquet", f"snapshots/{name}/缺陷.raw.parquet",
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
    pages = [rows(table, 7, first=7 * n) for n in range(4)] + [rows(table, 5, day=DAY + 3_600_000, first=28)]
    take(cached, NOW, *(Batch(table, page, fresh=not n) for n, page in enumerate(pages)))
    found = frame(cached, "tblA")
    assert [*found.index] == [f"rec{n}" for n in range(33)]
    assert str(found["day"].dtype) == "datetime64[ms, Asia/Shanghai]"  # the last page had a time of day
    assert pq.ParquetFile(cached.folder / cached.tables["tblA"].raw).num_row_groups >= 3


def test_a_column_never_narrows_again(cached: SourceCache) -> None:
    """Once a date column held a time of day it stays zone-aware, also when the next reading has none."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 3, day=DAY + 1), fresh=True))
    take(cached, NOW + 60, batch(table, 3))
    assert str(frame(cached, "tblA")["day"].dtype) == "datetime64[ms, Asia/Shanghai]"


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
