"""What is noted of one source, and what its cache tells of it."""

from __future__ import annotations

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.history import at
from larknb.model import Entry, Learned, Stamp

from .taking import NOW, batch, grid, guide, info, opened, take, take_guide


def test_a_manifest_that_went_leaves_what_is_known(cached: SourceCache) -> None:
    """A reader that looks again still has the state that it read first."""
    take(cached, NOW, batch(info(), 3))
    reader = opened(cached)
    (cached.folder / "manifest.json").unlink()
    reader.reload()
    assert reader.manifest == cached.manifest


# --- what is noted --------------------------------------------------------------------------------------------------


def test_what_a_look_learned_outlives_the_process(cached: SourceCache) -> None:
    """Its time, stamp, state, and what is to be read again; the problem of an earlier one is over."""
    cached.note_problem("no access", NOW)
    learned = Learned(state={"revision": 3}, again=("tblA",), embedded={"k": {"status": "ok"}}, contains=("bitable",))
    cached.note(NOW + 60, learned, options="{}", full_at=NOW, stamp=Stamp("9", True, "title"))
    again = opened(cached)
    assert (again.state, [*again.again], again.embedded) == ({"revision": 3}, ["tblA"], {"k": {"status": "ok"}})
    assert (again.stamp, again.manifest.checked_at, again.manifest.problem) == (Stamp("9", True), NOW + 60, "")
    assert (again.manifest.options, again.manifest.full_at, again.manifest.contains) == ("{}", NOW, ("bitable",))


def test_the_last_stamp_stays_until_another_comes(cached: SourceCache) -> None:
    """As settled as it was: an unsettled one proves nothing at the next look."""
    cached.note(NOW, Learned(), options="", full_at=NOW, stamp=Stamp("9", settled=False))
    cached.note(NOW + 60, Learned(), options="", full_at=NOW)
    assert opened(cached).stamp == Stamp("9", settled=False)
    cached.note(NOW + 120, Learned(), options="", full_at=NOW, stamp=Stamp("9", settled=True))
    assert opened(cached).stamp == Stamp("9", settled=True)


def test_a_problem_leaves_the_data_alone(cached: SourceCache) -> None:
    """And it is due at once: its last good look counts as none."""
    take(cached, NOW, batch(info(), 3))
    cached.note_problem("no access", NOW + 60)
    assert opened(cached).rows("tblA") == 3
    assert (opened(cached).entry, cached.manifest.problem_at) == (Entry(0.0, NOW), NOW + 60)


def test_when_it_was_read_is_told_by_the_table_that_waits_longest(cached: SourceCache) -> None:
    """One that is gone does not count: it cannot be read again."""
    assert cached.entry is None
    one, two, three = info("one", "tbl1"), info("two", "tbl2"), info("three", "tbl3")
    take(cached, NOW, batch(one, 1), batch(two, 1))
    take(cached, NOW + 60, batch(two, 1), batch(three, 1))
    assert cached.entry == Entry(NOW + 60, NOW)
    take(cached, NOW + 120, batch(three, 1), selected=["tbl2", "tbl3"], gone={"tbl1": "one"})
    assert cached.entry == Entry(NOW + 120, NOW + 60)


@pytest.mark.parametrize(("old", "new"), [("tblA", "tblB"), ("tblB", "tblA")])
def test_a_table_that_is_gone_leaves_its_name_to_a_new_one(cached: SourceCache, old: str, new: str) -> None:
    """Both are there by their ids, and as long as there is no new one, the old one by its name."""
    take(cached, NOW, batch(info("t", old), 1))
    take(cached, NOW + 30, selected=[], gone={old: "t"})
    assert cached.table_id("t") == old
    take(cached, NOW + 60, batch(info("t", new), 1), selected=[new], gone={old: "t"})
    assert [cached.table_id(name) for name in ("t", old, new, "other")] == [new, old, new, None]


def test_a_read_that_was_held_back_counts_as_a_try(cached: SourceCache) -> None:
    """The cached rows stay, and are no reason to read everything again at once."""
    take(cached, NOW, batch(info(), 30))
    assert take(cached, NOW + 60, batch(info(), 1))["tblA"].problem
    assert (cached.entry, cached.rows("tblA"), cached.read_at("tblA")) == (Entry(NOW + 60, NOW + 60), 30, NOW)


def test_a_document_is_a_part_of_its_own(cached: SourceCache) -> None:
    """By the source's own token: its title, when it was read, and the bytes of its files."""
    take_guide(cached, NOW, *guide(cached, "甲", "tok"))
    assert cached.guide is not None
    files = [cached.folder / cached.guide.folder / name for name in ("raw.json.gz", "guide.json", "guide.md")]
    assert (cached.read_at("AppA"), cached.size("AppA")) == (NOW, sum(path.stat().st_size for path in files))
    assert (cached.parts, cached.entry) == ({"AppA": "t"}, Entry(NOW, NOW))


def test_rows_whose_files_are_gone_are_none(cached: SourceCache) -> None:
    """Somebody deleted the folder: the table is as good as never read."""
    take(cached, NOW, batch(info(), 3))
    (cached.folder / cached.tables["tblA"].raw).unlink()
    assert (cached.rows("tblA"), cached.rows("tblB")) == (None, None)


def test_age_and_size_of_each_part(cached: SourceCache) -> None:
    """For the status: of a table the bytes of both its files, as long as they are there."""
    take(cached, NOW, batch(info("one", "tbl1"), 3))
    take(cached, NOW + 60, batch(info("two", "tbl2"), 3))
    entry = cached.tables["tbl2"]
    both = [cached.folder / name for name in (entry.raw, entry.friendly)]
    assert cached.size("tbl2") == sum(path.stat().st_size for path in both)
    assert [cached.read_at(part) for part in ("tbl1", "tbl2")] == [NOW, NOW + 60]
    both[0].unlink()
    assert cached.size("tbl2") == both[1].stat().st_size
    assert (cached.read_at("nothing"), cached.size("nothing")) == (0.0, 0)


def test_an_earlier_state_has_its_raw_file_alone(cached: SourceCache) -> None:
    """Nothing else of it counts: neither to say whether it is there, nor how large it is."""
    take(cached, NOW, batch(info(), 3))
    take(cached, NOW + 60, batch(info(), 4))
    earlier = at(cached, -2, NOW + 60)
    raw = cached.folder / earlier.tables["tblA"].raw
    assert (earlier.rows("tblA"), earlier.size("tblA")) == (3, raw.stat().st_size)


def test_whether_worksheets_must_be_typed_anew(cached: SourceCache) -> None:
    """Header and merged cells decide; other options, and tables of records, do not."""
    assert cached.is_typed_by({"header": 2}), "there is nothing to type"
    take(cached, NOW, batch(info(), 3))
    assert cached.is_typed_by({"header": 2}), "a table of records has its types"
    take(cached, NOW, grid(), batch(info(), 3), options={"header": (1, 2), "view": "v"})
    assert cached.is_typed_by({"header": [1, 2], "view": "other"})
    assert not cached.is_typed_by({"header": 1})
    assert not cached.is_typed_by({})
