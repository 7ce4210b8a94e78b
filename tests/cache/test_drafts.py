"""Tables while they arrive: what each file is called."""

from __future__ import annotations

from larknb.cache.loading import frame
from larknb.cache.store import SourceCache

from .taking import NOW, batch, info, opened, take


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
