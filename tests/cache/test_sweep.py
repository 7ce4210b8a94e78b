"""What is deleted after a sync, and what is not."""

from __future__ import annotations

from larknb.cache.policy import snapshot_id
from larknb.cache.store import SourceCache

from .taking import NOW, batch, info, take


def test_old_snapshots_keep_their_raw_files_alone(cached: SourceCache) -> None:
    """The friendly form of an old state is made again on demand."""
    table = info()
    for n in range(3):
        take(cached, NOW + 60 * n, batch(table, 3 + n))
    for n in range(2):
        folder = cached.folder / "snapshots" / snapshot_id(NOW + 60 * n)
        assert [path.name for path in folder.iterdir()] == ["t.raw.parquet"]


def test_retention_deletes_what_no_snapshot_needs(cached: SourceCache) -> None:
    """A day later two snapshots of one old day become one, and its files go."""
    table = info()
    for at in (NOW, NOW + 60, NOW + 5 * 86400):
        take(cached, at, batch(table, 3 + int(at - NOW)))
    assert sorted(cached.manifest.snapshots) == [snapshot_id(NOW + 60), snapshot_id(NOW + 5 * 86400)]
    assert not (cached.folder / "snapshots" / snapshot_id(NOW)).exists()
