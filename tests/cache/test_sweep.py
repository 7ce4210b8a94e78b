"""What is deleted after a sync, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache import records
from larknb.cache.cached import SourceCache
from larknb.cache.policy import snapshot_id

from .taking import NOW, batch, files, guide, info, take, take_guide, unpacked


def test_old_snapshots_keep_their_raw_files_alone(cached: SourceCache) -> None:
    """The friendly form of an old state is made again on demand."""
    table = info()
    for n in range(3):
        take(cached, NOW + 60 * n, batch(table, 3 + n))
    for n in range(2):
        folder = cached.folder / "snapshots" / snapshot_id(NOW + 60 * n)
        assert sorted((path.name for path in folder.iterdir()), reverse=True) == ["t.raw.parquet", "snapshot.json.gz"]


@pytest.mark.parametrize("packed", [True, False])
def test_retention_deletes_what_no_snapshot_needs(cached: SourceCache, packed: bool) -> None:
    """Days later two snapshots of one old day become one, as soon as two syncs agree that it is that late."""
    table, later = info(), NOW + 5 * 86400
    for number, at in enumerate((NOW, NOW + 60, later, later + 60), 1):
        assert len(cached.manifest.snapshots) == number - 1
        take(cached, at, batch(table, 3 + number))
        if not packed:
            unpacked(cached.folder / "snapshots" / snapshot_id(at))
    assert sorted(cached.manifest.snapshots) == [snapshot_id(at) for at in (NOW + 60, later, later + 60)]
    assert not (cached.folder / "snapshots" / snapshot_id(NOW)).exists()


def test_leftovers_of_a_crash_go(cached: SourceCache) -> None:
    """Half-written files, pictures that nothing shows, and snapshots that were never current."""
    (cached.folder / "media").mkdir(parents=True)
    torn = cached.folder / "snapshots" / "20200101T000000Z"
    records.begin(torn, ["t.parquet", "guide.json", "media/x.png"])
    names = (".t.parquet.tmp", ".manifest.json.77.tmp", "media/x.png", "snapshots/20200101T000000Z/t.parquet")
    left = [cached.folder / name for name in names]
    for path in left:
        path.write_bytes(b"x")
    take(cached, NOW, batch(info(), 3))
    assert not any(path.exists() for path in left)
    assert not (cached.folder / "snapshots" / "20200101T000000Z").exists()


def test_what_is_not_ours_stays(cached: SourceCache) -> None:
    """A file that somebody put there, and the manifest that an older larknb wrote."""
    cached.folder.mkdir(parents=True)
    others = [cached.folder / name for name in ("notes.txt", "manifest.v1.json")]
    for path in others:
        path.write_bytes(b"x")
    take(cached, NOW, batch(info(), 3))
    assert all(path.exists() for path in others)


def test_a_file_in_use_is_left_for_the_next_sweep(cached: SourceCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a reader may have it open: the sync goes on."""
    table, unlink = info(), Path.unlink
    take(cached, NOW, batch(table, 3))
    old = cached.folder / cached.tables["tblA"].friendly

    def held(path: Path, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(13, "in use")
        unlink(path, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", held)
        take(cached, NOW + 60, batch(table, 4))
    assert old.exists()
    take(cached, NOW + 120, batch(table, 5))
    assert not old.exists()


def test_a_state_keeps_all_that_it_shows(cached: SourceCache) -> None:
    """The three files of a document, its pictures, and the folder they lie in, for the current and for older states."""
    take_guide(cached, NOW, *guide(cached, "甲", "tok"))
    first = files(cached)
    take_guide(cached, NOW + 60, *guide(cached, "乙", "tok"))
    names = {f"snapshots/{snapshot_id(at)}/{name}" for at in (NOW, NOW + 60)
             for name in ("raw.json.gz", "guide.json", "guide.md")}  # fmt: skip
    latest = {"manifest.json", "guide.json", "guide.md", "media/tok.png"}
    assert names | latest | first <= files(cached)
