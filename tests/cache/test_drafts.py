"""Tables while they arrive: what each file is called."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.drafts import Drafts
from larknb.cache.loading import frame
from larknb.cache.snapshot import Snapshot
from larknb.model import Grid, Policy

from .taking import NOW, batch, grid, info, opened, take


def test_titles_that_clash_on_windows(cached: SourceCache) -> None:
    """Two tables whose names differ by case alone, or not at all, and reserved names, get files of their own."""
    tables = [info(name, f"tbl{n}") for n, name in enumerate(("Data", "data", "CON", "a/b", "Data"))]
    take(cached, NOW, *(batch(table, n + 1) for n, table in enumerate(tables)))
    names = [entry.file.casefold() for entry in cached.tables.values()]
    assert len(set(names)) == 5
    assert [len(frame(cached, f"tbl{n}")) for n in range(5)] == [1, 2, 3, 4, 5]


def test_tables_named_like_our_own_files(cached: SourceCache) -> None:
    """A table called manifest harms no manifest, and x.raw does not share a file with the raw form of x."""
    tables = [info(name, f"tbl{n}") for n, name in enumerate(("manifest", "x", "x.raw"))]
    batches = [batch(table, n + 1) for n, table in enumerate(tables)]
    take(cached, NOW, *batches, formats=["parquet", "json"])
    take(cached, NOW + 60, *batches, formats=["parquet", "json"], selected=["tbl1", "tbl2"])
    assert [len(frame(opened(cached), f"tbl{n}")) for n in (1, 2)] == [2, 3]


def test_a_table_may_be_called_as_a_kept_manifest(cached: SourceCache) -> None:
    """Its file of records must not pass for the manifest of an older larknb."""
    take(cached, NOW, batch(info("manifest.v1"), 1), formats=["json"])
    assert not (cached.folder / "manifest.v1.json").exists()
    assert len(frame(opened(cached), "tblA")) == 1


def test_a_table_keeps_its_file_name(cached: SourceCache) -> None:
    """Read again it takes the place of its own files, and not a name beside them."""
    for n in range(2):
        take(cached, NOW + 60 * n, batch(info("one", "tbl1"), 1 + n), batch(info("ONE", "tbl2"), 1 + n))
    assert cached.tables["tbl1"].file == "one"
    assert cached.tables["tbl2"].file.startswith("ONE-")


def test_a_table_that_became_a_worksheet(cached: SourceCache) -> None:
    """Within one read the second form takes the place of the first one, whose files go."""
    take(cached, NOW, batch(info("t", "x"), 3), grid("t", "x"))
    assert (cached.tables["x"].form, cached.rows("x")) == ("grid", 2)
    take(cached, NOW + 60, grid("t", "x"), batch(info("t", "x"), 3))
    assert (cached.tables["x"].form, cached.rows("x")) == ("records", 3)


def test_a_worksheet_whose_end_did_not_come_is_none(cached: SourceCache) -> None:
    """What a torn reading left of it is deleted, and the cached rows stay; a fresh one begins anew."""
    take(cached, NOW, grid("a", "a", ["x"], ["1"]), grid("b", "b", ["x"], ["1"]))
    torn = [replace(grid(name, name, ["x"], ["2"]), whole=False) for name in ("a", "b")]
    take(cached, NOW + 60, *torn, grid("a", "a", ["x"], ["3"]), selected=["a", "b"])
    assert [frame(cached, name)["x"].tolist() for name in ("a", "b")] == [["3"], ["1"]]
    assert len(list(cached.folder.glob("snapshots/*/b.grid.json.gz"))) == 1


def test_an_abandoned_read_leaves_no_writer_behind(cached: SourceCache) -> None:
    """Its thread ends with it, whatever it had still to write."""
    before = threading.active_count()
    with pytest.raises(RuntimeError), Snapshot(cached, NOW, policy=Policy()) as snapshot:
        snapshot.add(batch(info(), 10))
        raise RuntimeError
    assert threading.active_count() == before


def test_what_comes_anew_in_another_form_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    """Neither files nor a thread, whichever came first."""
    before = threading.active_count()
    rows, sheet = batch(info("t", "x"), 3), grid("t", "x")
    for name, parcels, files in (
        ("a", (rows, sheet), {"t.grid.json.gz", "t.parquet"}),
        ("b", (sheet, rows), {"t.raw.parquet", "t.parquet"}),
    ):
        (tmp_path / name).mkdir()
        drafts = Drafts(tmp_path / name, {}, {})
        for parcel in parcels:
            drafts.add_grid(parcel) if isinstance(parcel, Grid) else drafts.add_rows(parcel)
        assert len([*drafts.finished()]) == 1
        assert {path.name for path in (tmp_path / name).iterdir()} - {"begun.txt"} == files
    assert threading.active_count() == before
