"""What the cache does where nobody asks for something else, and the names and numbers that others rely on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from larknb.cache import tablefiles
from larknb.cache.cached import SourceCache
from larknb.cache.drafts import Drafts
from larknb.cache.gridfiles import typing_options
from larknb.cache.manifest import Manifest
from larknb.cache.policy import kept_snapshots
from larknb.cache.search import Contents, search_all
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.cache.tablefiles import Change, TableWriter
from larknb.model import Kind, Learned, Policy, Source
from tests.passages import passage, together

from .taking import NOW, SOURCE, batch, grid, guide, info, rows, take, take_guide

DAY = 86400.0


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("bitable", "bitable_cache"),
        ("spreadsheet", "spreadsheet_cache"),
        ("document", "fault_diagnosis_cache/guides"),
    ],
)
def test_each_kind_has_its_own_folder(tmp_path: Path, kind: Kind, folder: str) -> None:
    """Other programs read the files there: the names are a promise."""
    cached = Cache(tmp_path).of(Source("功能安全", "https://x.feishu.cn/base/A", kind, "A"))
    assert cached.folder == tmp_path / folder / "功能安全"


def test_a_large_loss_is_held_back_unless_somebody_accepts_it(cached: SourceCache) -> None:
    """Nobody did: the cached rows stay."""
    take(cached, NOW, batch(info(), 30))
    with Snapshot(cached, NOW + 60, policy=Policy()) as snapshot:
        snapshot.add(batch(info(), 5))
        changes = snapshot.commit(Learned(selected={"tblA": ""}), options="{}", full_at=NOW, stamp=None)
    assert changes["tblA"].problem
    assert cached.rows("tblA") == 30


def test_the_history_knows_no_calls_that_nobody_counted(cached: SourceCache) -> None:
    """Nor a person that nobody named."""
    take(cached, NOW, batch(info(), 3))
    (entry,) = cached.manifest.snapshots.values()
    assert (entry.calls, entry.identity) == (0, "")


def test_a_document_changes_no_rows(cached: SourceCache) -> None:
    """What a snapshot did to it is not told in rows."""
    assert Change(None) == Change(None, added=0, changed=0, removed=0, problem="")
    changes = take_guide(cached, NOW, *guide(cached, "a"))
    assert [change.rows for change in changes.values()] == [None]


def test_a_source_that_was_never_read_was_never_looked_at() -> None:
    """Its next look is due at once, whatever the clock says."""
    fresh = Manifest.of(SOURCE)
    assert (fresh.checked_at, fresh.snapshot, fresh.problem, fresh.problem_at, fresh.identity) == (
        0.0,
        None,
        "",
        None,
        "",
    )
    assert (fresh.tables, fresh.media, fresh.snapshots, fresh.state, fresh.again) == ({}, {}, {}, {}, ())


def test_each_form_is_told_in_the_manifest(cached: SourceCache) -> None:
    """Records and grids are read in ways of their own."""
    take(cached, NOW, batch(info("a", "tblA"), 1), grid("b", "sheet1"))
    assert {key: entry.form for key, entry in cached.tables.items()} == {"tblA": "records", "sheet1": "grid"}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, {}),
        ({"header": 2, "fill_merged": False, "dates": False, "sheets": ["a"]}, {"header": 2, "fill_merged": False}),
        ({"header": (1, 2)}, {"header": [1, 2]}),
        ({"header": None, "fill_merged": True}, {"header": None, "fill_merged": True}),
    ],
)
def test_two_options_decide_what_a_worksheet_becomes(options: Any, found: Any) -> None:
    """No other one types it anew; a pair is a list, as JSON gives it back."""
    assert typing_options(options) == found


def test_a_search_shows_twenty_hits(tmp_path: Path) -> None:
    """The total tells of the others."""
    found = [passage(f"电机 {n}") for n in range(25)]

    def contents(_: Path) -> Contents:
        return Contents("1", lambda: together(found))

    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").write_text("1", encoding="utf-8")
    hits = search_all(tmp_path / "search", [tmp_path / "a"], contents, "电机")
    assert (len(hits), hits.found) == (20, 25)


def test_every_snapshot_of_two_days_is_kept() -> None:
    """To the second, however short the history; one second older is a day's last or nothing."""
    times = {"older": NOW - 2 * DAY - 1, "edge": NOW - 2 * DAY, "newest": NOW}
    assert kept_snapshots(times, now=NOW, history=DAY) == {"edge", "newest"}


def test_the_history_reaches_to_its_limit() -> None:
    """A snapshot that is as old as the limit stays, one second later it goes."""
    for at, stays in ((NOW - 9 * DAY, True), (NOW - 9 * DAY - 1, False)):
        assert ("old" in kept_snapshots({"old": at, "newest": NOW}, now=NOW, history=9 * DAY)) is stays


def test_a_table_that_stands_still_keeps_its_files(cached: SourceCache) -> None:
    """Another table of the source changed, and nothing links the two: its friendly file is not made again."""
    take(cached, NOW, batch(info("a", "tblA"), 3), batch(info("b", "tblB"), 3))
    before = cached.tables["tblB"]
    take(cached, NOW + 60, batch(info("a", "tblA"), 4))
    assert cached.tables["tblB"] == before
    assert cached.tables["tblA"].rows == 4


def test_a_reading_that_begins_anew_leaves_no_file(tmp_path: Path) -> None:
    """A table that was renamed while it was read has files under its last name alone."""
    drafts = Drafts(tmp_path, {}, {})
    drafts.add_rows(batch(info("before"), 2))
    drafts.add_rows(batch(info("after"), 2))
    assert [key for key, _ in drafts.finished()] == ["tblA"]
    assert {path.name for path in tmp_path.iterdir()} == {"after.raw.parquet", "after.parquet", "begun.txt"}


@pytest.mark.parametrize("end", [TableWriter.close, TableWriter.discard])
def test_a_writer_leaves_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Any) -> None:
    """However it ends: a notebook syncs hundreds of tables in one process."""
    monkeypatch.setattr(tablefiles, "ROW_GROUP", 2)
    before = threading.active_count()
    writer = TableWriter(tmp_path, "t", info(), {})
    writer.add(rows(info(), 3))
    end(writer)
    assert threading.active_count() == before


@pytest.mark.parametrize("more", [0, 1, 2])
def test_a_group_that_could_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    """Also where later groups went well: a table with a hole is no table."""
    monkeypatch.setattr(tablefiles, "ROW_GROUP", 2)
    writer = TableWriter(tmp_path, "t", info(), {})
    with pytest.raises(ValueError, match="field names are not matching"):
        for part in (rows(info(), 2).drop_columns(["fldD"]), *[rows(info(), 2)] * more):
            writer.add(part)
        writer.close()
    writer.discard()
