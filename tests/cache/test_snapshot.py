from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from larknb.cache import history, tablefiles
from larknb.cache.policy import snapshot_id
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache, SourceCache
from larknb.errors import NotFound
from larknb.model import Batch, Policy, Source, TableInfo
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import raw_schema

NOW = 1_768_000_000.0
SOURCE = Source("功能安全", "https://x.feishu.cn/base/AppA", "bitable", "AppA")
FIELDS = [
    {"field_id": "fldN", "field_name": "name", "type": 1, "ui_type": "Text", "is_primary": True},
    {
        "field_id": "fldD",
        "field_name": "day",
        "type": 5,
        "ui_type": "DateTime",
        "property": {"date_formatter": "yyyy/MM/dd"},
    },
    {"field_id": "fldF", "field_name": "sum", "type": 20, "ui_type": "Formula"},
]
DAY = 1_690_992_000_000  # 2023-08-03 00:00 +08:00


@pytest.fixture
def cached(tmp_path: Path) -> SourceCache:
    return Cache(tmp_path).of(SOURCE)


def info(name: str = "t", table_id: str = "tblA", revision: int = 1) -> TableInfo:
    return TableInfo(table_id, name, revision, raw_schema(table_id, name, FIELDS, time_zone="Asia/Shanghai"))


def rows(table: TableInfo, count: int, day: int = DAY, first: int = 0) -> pa.Table:
    records = [
        {
            "record_id": f"rec{n}",
            "fields": {"name": [{"type": "text", "text": f"n{n}"}], "day": day, "sum": {"type": 2, "value": [n]}},
        }
        for n in range(first, first + count)
    ]
    return to_arrow(table.schema, records)


def take(cached: SourceCache, at: float, *batches: Batch, **options: Any) -> dict[str, tablefiles.Change]:
    with Snapshot(cached, at) as snapshot:
        for batch in batches:
            snapshot.add(batch)
        return snapshot.commit(state={}, stamp=None, policy=Policy(), **options)


def files(cached: SourceCache) -> set[str]:
    return {str(path.relative_to(cached.folder)) for path in cached.folder.rglob("*") if path.is_file()}


def test_a_snapshot_is_a_folder_and_a_manifest(cached: SourceCache) -> None:
    """Raw and friendly file in the snapshot, the latest one for other programs beside the manifest."""
    table = info("缺陷")
    take(cached, NOW, Batch(table, rows(table, 3), fresh=True))
    name = snapshot_id(NOW)
    assert files(cached) == {
        "manifest.json", "缺陷.parquet", f"snapshots/{name}/缺陷.parquet", f"snapshots/{name}/缺陷.raw.parquet",
    }  # fmt: skip
    assert json.loads((cached.folder / "manifest.json").read_text(encoding="utf-8"))["snapshot"] == name


def test_an_unchanged_table_costs_no_bytes(cached: SourceCache) -> None:
    """A table that reads the same points into the older snapshot; a changed one beside it gets a new file."""
    one, two = info("one", "tbl1"), info("two", "tbl2")
    take(cached, NOW, Batch(one, rows(one, 3), fresh=True), Batch(two, rows(two, 3), fresh=True))
    take(cached, NOW + 60, Batch(one, rows(one, 3), fresh=True), Batch(two, rows(two, 4), fresh=True))
    assert cached.tables["tbl1"]["raw"].split("/")[1] == snapshot_id(NOW)
    assert cached.tables["tbl2"]["raw"].split("/")[1] == snapshot_id(NOW + 60)
    take(cached, NOW + 120, Batch(one, rows(one, 3), fresh=True))
    assert cached.manifest["snapshot"] == snapshot_id(NOW + 60)
    assert not (cached.folder / "snapshots" / snapshot_id(NOW + 120)).exists()


def test_a_torn_reading_leaves_nothing(cached: SourceCache) -> None:
    """A fresh batch drops what an earlier reading of the table left."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 5), fresh=True), Batch(table, rows(table, 2), fresh=True))
    assert cached.rows("tblA") == 2
    assert len(cached.frame("tblA")) == 2


def test_an_error_on_the_way_leaves_the_old_state(cached: SourceCache) -> None:
    """Nothing of a snapshot that was not committed stays on disk."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 5), fresh=True))
    before = files(cached)
    with pytest.raises(RuntimeError), Snapshot(cached, NOW + 60) as snapshot:
        snapshot.add(Batch(table, rows(table, 9), fresh=True))
        raise RuntimeError
    assert files(cached) == before
    assert len(SourceCache(cached.folder).frame("tblA")) == 5


def test_many_row_groups(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows arrive page by page and are written in row groups; a late widening rewrites the friendly file."""
    monkeypatch.setattr(tablefiles, "ROW_GROUP", 10)
    table = info()
    pages = [rows(table, 7, first=7 * n) for n in range(4)] + [rows(table, 5, day=DAY + 3_600_000, first=28)]
    take(cached, NOW, *(Batch(table, page, fresh=not n) for n, page in enumerate(pages)))
    frame = cached.frame("tblA")
    assert [*frame.index] == [f"rec{n}" for n in range(33)]
    assert str(frame["day"].dtype) == "datetime64[ms, Asia/Shanghai]"  # the last page had a time of day
    assert pq.ParquetFile(cached.folder / cached.tables["tblA"]["raw"]).num_row_groups >= 3


def test_a_column_never_narrows_again(cached: SourceCache) -> None:
    """Once a date column held a time of day it stays zone-aware, also when the next reading has none."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 3, day=DAY + 1), fresh=True))
    take(cached, NOW + 60, Batch(table, rows(table, 3), fresh=True))
    assert str(cached.frame("tblA")["day"].dtype) == "datetime64[ms, Asia/Shanghai]"


def test_an_empty_table(cached: SourceCache) -> None:
    """No rows, all columns."""
    table = info()
    take(cached, NOW, Batch(table, table.schema.empty_table(), fresh=True))
    assert [*cached.frame("tblA").columns][:3] == ["name", "day", "sum"]
    assert len(cached.frame("tblA")) == 0


def test_old_snapshots_keep_their_raw_files_alone(cached: SourceCache) -> None:
    """The friendly form of an old state is made again on demand."""
    table = info()
    for n in range(3):
        take(cached, NOW + 60 * n, Batch(table, rows(table, 3 + n), fresh=True))
    for n in range(2):
        folder = cached.folder / "snapshots" / snapshot_id(NOW + 60 * n)
        assert [path.name for path in folder.iterdir()] == ["t.raw.parquet"]


def test_retention_deletes_what_no_snapshot_needs(cached: SourceCache) -> None:
    """A day later two snapshots of one old day become one, and its files go."""
    table = info()
    for at in (NOW, NOW + 60, NOW + 5 * 86400):
        take(cached, at, Batch(table, rows(table, 3 + int(at - NOW)), fresh=True))
    assert sorted(cached.manifest["snapshots"]) == [snapshot_id(NOW + 60), snapshot_id(NOW + 5 * 86400)]
    assert not (cached.folder / "snapshots" / snapshot_id(NOW)).exists()


def test_titles_that_clash_on_windows(cached: SourceCache) -> None:
    """Two tables whose names differ by case alone, or not at all, and reserved names, get files of their own."""
    tables = [info(name, f"tbl{n}") for n, name in enumerate(("Data", "data", "CON", "a/b", "Data"))]
    take(cached, NOW, *(Batch(table, rows(table, n + 1), fresh=True) for n, table in enumerate(tables)))
    names = [entry["file"].casefold() for entry in cached.tables.values()]
    assert len(set(names)) == 5
    assert [len(cached.frame(f"tbl{n}")) for n in range(5)] == [1, 2, 3, 4, 5]


def test_a_renamed_table_leaves_no_old_file(cached: SourceCache) -> None:
    """The file for other programs follows the table's name."""
    take(cached, NOW, Batch(info("old"), rows(info("old"), 3), fresh=True))
    take(cached, NOW + 60, Batch(info("new"), rows(info("new"), 3), fresh=True))
    assert {path.name for path in cached.folder.glob("*.parquet")} == {"new.parquet"}


def test_a_damaged_manifest_counts_as_never_synced(cached: SourceCache) -> None:
    """It is said in the log, and the next sync starts anew."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 3), fresh=True))
    (cached.folder / "manifest.json").write_bytes(b"\x00\x00")
    assert SourceCache(cached.folder).entry is None


def test_a_manifest_that_could_not_be_written_leaves_the_old_state(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the flip; what is noted afterwards must not point to the files that went."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 5), fresh=True))

    def full(self: SourceCache) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(SourceCache, "save", full)
        with pytest.raises(OSError, match="No space"):
            take(cached, NOW + 60, Batch(table, rows(table, 9), fresh=True))
    cached.note_problem("the disk is full", NOW + 60)
    assert len(SourceCache(cached.folder).frame("tblA")) == 5


def test_an_interrupt_right_after_the_flip_keeps_the_new_files(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between the rename of the manifest and the next line: what is current on disk is complete."""
    table, save = info(), SourceCache.save

    def interrupted(self: SourceCache) -> None:
        save(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SourceCache, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take(cached, NOW, Batch(table, rows(table, 5), fresh=True))
    assert len(SourceCache(cached.folder).frame("tblA")) == 5


def test_a_full_disk_leaves_no_leftovers(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a half-written file fails too on a full disk; its snapshot goes all the same."""

    def full(writer: pq.ParquetWriter) -> None:
        writer.is_open = False
        raise OSError(28, "No space left on device")

    table = info()
    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "close", full)
        with pytest.raises(OSError, match="No space"):
            take(cached, NOW, Batch(table, rows(table, 5), fresh=True))
    assert files(cached) == set()


def test_tables_named_like_our_own_files(cached: SourceCache) -> None:
    """A table called manifest harms no manifest, and x.raw does not share a file with the raw form of x."""
    tables = [info(name, f"tbl{n}") for n, name in enumerate(("manifest", "x", "x.raw"))]
    batches = [Batch(table, rows(table, n + 1), fresh=True) for n, table in enumerate(tables)]
    take(cached, NOW, *batches, formats=["parquet", "json"])
    take(cached, NOW + 60, *batches, formats=["parquet", "json"], selected=["tbl1", "tbl2"])
    assert [len(SourceCache(cached.folder).frame(f"tbl{n}")) for n in (1, 2)] == [2, 3]


def test_a_latest_file_that_was_held_open_is_replaced_later(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel had it open; the next sync brings it up to date although the table did not change again."""

    def held(*_: object) -> None:
        raise PermissionError(13, "in use")

    table = info()
    take(cached, NOW, Batch(table, rows(table, 3), fresh=True))
    with monkeypatch.context() as patched:
        patched.setattr("larknb.cache.snapshot.replace", held)
        take(cached, NOW + 60, Batch(table, rows(table, 4), fresh=True))
    take(cached, NOW + 120, Batch(table, rows(table, 4), fresh=True))
    assert pq.read_metadata(cached.folder / "t.parquet").num_rows == 4


def test_an_edit_that_was_undone_moves_the_modify_time(cached: SourceCache) -> None:
    """The cells are the same, the time of the last edit is not: the new rows are kept."""
    table = info()
    records = [{"record_id": "rec1", "fields": {}, "last_modified_time": at} for at in (DAY, DAY + 1)]
    for n, record in enumerate(records):
        take(cached, NOW + 60 * n, Batch(table, to_arrow(table.schema, [record]), fresh=True))
    assert cached.raw_frame("tblA")["_last_modified_time"].iloc[0].value == (DAY + 1) * 10**6


def test_an_earlier_state_never_turns_into_the_present_one(cached: SourceCache) -> None:
    """Its files went while it was read: that is said, instead of showing today's rows as those of then."""
    table = info()
    for n in range(2):
        take(cached, NOW + 60 * n, Batch(table, rows(table, 3 + n), fresh=True))
    earlier = history.at(cached, -2, NOW + 120)
    (cached.folder / earlier.tables["tblA"]["raw"]).unlink()
    with pytest.raises(NotFound):
        earlier.frame("tblA")


def test_volatile_results_do_not_hold_a_table_back_for_ever(cached: SourceCache) -> None:
    """A formula with NOW() differs at every look; the second look still reads the same rows."""
    table = info()
    take(cached, NOW, Batch(table, rows(table, 30), fresh=True))
    for minute, value in ((1, 1), (12, 2)):
        records = [{"record_id": f"rec{n}", "fields": {"sum": {"type": 2, "value": [value]}}} for n in range(5)]
        batch = Batch(table, to_arrow(table.schema, records), fresh=True)
        change = take(cached, NOW + 60 * minute, batch)["tblA"]
    assert change.problem == ""
    assert cached.rows("tblA") == 5
