"""The list of a library on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache import listing
from larknb.cache.listing import Listing
from larknb.cache.policy import Held
from larknb.library import Child, Place, Root, Walk
from larknb.stored import Newer

CHILD = Child(key="n", parent="", title="标题", obj_type="docx", obj_token="d", name="标题", gone="deleted")
WALK = Walk(began_at=1.0, options="{}", root=Root(title="t"), waiting=(Place("", "", 1),), children=(CHILD,))
WHOLE = Listing(key="7", root=Root(page=CHILD), children=(CHILD,), checked_at=2.0, held=Held("x", 1.0), walk=WALK)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Children, an interrupted walk and a list that waits come back as they were."""
    listing.write(tmp_path, WHOLE)
    assert listing.read(tmp_path, "7") == WHOLE


def test_nothing_is_an_empty_list(tmp_path: Path) -> None:
    """Of a library that was never walked there is nothing to decide by."""
    assert listing.read(tmp_path, "7") == Listing(key="7")
    assert listing.read(tmp_path, "7").entry is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 1, "key": 7}', "\0" * 20])
def test_a_damaged_file_is_an_empty_list(tmp_path: Path, content: str) -> None:
    """The next walk makes it again."""
    listing.write(tmp_path, WHOLE)
    (file,) = (tmp_path / listing.FOLDER).iterdir()
    file.write_text(content)
    assert listing.read(tmp_path, "7") == Listing(key="7")
    assert listing.read(tmp_path, listing.write(tmp_path, WHOLE).key) == WHOLE


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A newer larknb may know more than we would keep."""
    listing.write(tmp_path, WHOLE)
    (file,) = (tmp_path / listing.FOLDER).iterdir()
    file.write_text('{"format": 99}')
    with pytest.raises(Newer):
        listing.read(tmp_path, "7")


def test_tokens_that_differ_in_case_alone(tmp_path: Path) -> None:
    """Each has a file of its own, also where the disk does not tell upper from lower case."""
    for key in ("aB", "Ab"):
        listing.write(tmp_path, Listing(key=key, checked_at=1.0))
    assert len({file.name.casefold() for file in (tmp_path / listing.FOLDER).iterdir()}) == 2


def test_what_was_interrupted_or_failed_is_due(tmp_path: Path) -> None:
    """However young the list is; a whole one is as old as its walk."""
    whole = Listing(key="7", checked_at=5.0, full_at=5.0)
    entries = [whole, Listing(key="7", checked_at=5.0, walk=WALK), Listing(key="7", checked_at=5.0, problem="no")]
    assert [each.entry.checked_at for each in entries if each.entry] == [5.0, 0.0, 0.0]
