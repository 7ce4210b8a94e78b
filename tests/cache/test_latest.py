"""The files for other programs."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from larknb.cache.store import SourceCache

from .taking import NOW, batch, info, take


def test_a_renamed_table_leaves_no_old_file(cached: SourceCache) -> None:
    """The file for other programs follows the table's name."""
    take(cached, NOW, batch(info("old"), 3))
    take(cached, NOW + 60, batch(info("new"), 3))
    assert {path.name for path in cached.folder.glob("*.parquet")} == {"new.parquet"}


def test_a_latest_file_that_was_held_open_is_replaced_later(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel had it open; the next sync brings it up to date although the table did not change again."""
    table, rename = info(), Path.replace

    def held(new: Path, old: Path) -> None:
        if old.name == "t.parquet":
            raise PermissionError(13, "in use")
        rename(new, old)

    take(cached, NOW, batch(table, 3))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", held)
        take(cached, NOW + 60, batch(table, 4))
    take(cached, NOW + 120, batch(table, 4))
    assert pq.read_metadata(cached.folder / "t.parquet").num_rows == 4
