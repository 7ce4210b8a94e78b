"""What is wrong with the files of a source, and what heals it; `tests/hostile/test_cache_damage.py` has the table."""

from __future__ import annotations

from larknb.cache.cached import SourceCache
from larknb.cache.verify import Finding, verify

from .taking import NOW, batch, info, opened, take


def test_findings_tell_what_heals(cached: SourceCache) -> None:
    """A friendly file by its raw one, a raw one by a sync, one of the history by nothing."""
    take(cached, NOW, batch(info("one", "tbl1"), 3), batch(info("two", "tbl2"), 3))
    take(cached, NOW + 60, batch(info("one", "tbl1"), 4))
    assert verify(cached) == []
    old = cached.record(cached.manifest.ordered[0])
    assert old is not None
    one, two = cached.tables["tbl1"], cached.tables["tbl2"]
    (cached.folder / old.tables["tbl1"].raw).unlink()
    for name in (one.friendly, two.raw, two.friendly):
        (cached.folder / name).write_bytes(b"x")
    assert {*verify(opened(cached))} == {
        Finding(cached.folder / old.tables["tbl1"].raw, "missing", "nothing"),
        Finding(cached.folder / one.friendly, "damaged", "load"),
        Finding(cached.folder / two.raw, "damaged", "sync"),
        Finding(cached.folder / two.friendly, "damaged", "sync"),
    }


def test_the_record_of_a_state_is_one_of_its_files(cached: SourceCache) -> None:
    """Without it nobody knows what the state consists of."""
    take(cached, NOW, batch(info(), 3))
    path = cached.folder / "snapshots" / cached.manifest.ordered[0] / "snapshot.json.gz"
    path.unlink()
    assert verify(opened(cached)) == [Finding(path, "missing", "nothing")]
