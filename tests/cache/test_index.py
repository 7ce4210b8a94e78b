"""The file that is kept of one source's passages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from larknb.cache import index
from larknb.cache.index import Damaged, Index, Room
from larknb.files import NotPlain
from larknb.scan.folding import END
from tests.passages import passage, together

TEXTS = [f"第 {number} 行，电机过热 ＡＢＣ" for number in range(60_000)]


@pytest.fixture(scope="module")
def built() -> Index:
    passages = [passage(text, f"h{number}", url=f"u{number}") for number, text in enumerate(TEXTS)]
    with ThreadPoolExecutor(2) as pool:
        return index.build("folder", "v1", together(passages), Room(0), pool)


def test_an_index_reads_as_it_was_built(built: Index, tmp_path: Path) -> None:
    """All blocks, with what it takes to have their passages as they were written; and it is small."""
    index.write(built, tmp_path / "a.index")
    found = index.read(tmp_path / "a.index", Room(0))
    assert found is not None
    assert (found.folder, found.version, found.is_written) == ("folder", "v1", True)
    assert len(found.blocks) > 1
    data = b"".join(block.folded() for block in found.blocks)
    assert data.count(END.encode()) == len(TEXTS)
    assert [url for block in found.blocks for url in block.patch().urls] == [f"u{n}" for n in range(len(TEXTS))]
    assert (tmp_path / "a.index").stat().st_size * 3 < len("".join(TEXTS).encode())


def test_memory_keeps_no_more_than_there_is_room_for(built: Index, tmp_path: Path) -> None:
    """What it keeps needs no file any more."""
    index.write(built, tmp_path / "a.index")
    found = index.read(tmp_path / "a.index", Room(built.blocks[0].size))
    assert found is not None
    kept, *_ = [block.folded() for block in found.blocks]
    assert found.kept == len(kept)
    (tmp_path / "a.index").unlink()
    assert found.blocks[0].folded() == kept
    with pytest.raises(Damaged):
        found.blocks[1].folded()


def test_layouts_have_room_of_their_own(built: Index, tmp_path: Path) -> None:
    """Those of a few blocks stay, as many as there is room for, whatever passages do."""
    index.write(built, tmp_path / "a.index")
    one = built.blocks[0].layout(built.blocks[0].folded())
    found = index.read(tmp_path / "a.index", Room(0, layouts=one.nbytes + 10))
    assert found is not None
    twice = [[block.layout(block.folded()) for block in found.blocks] for _ in range(2)]
    assert [first is second for first, second in zip(*twice, strict=True)] == [True] + [False] * (len(found.blocks) - 1)
    assert found.kept == 0


def test_a_folder_in_its_place_stays(built: Index, tmp_path: Path) -> None:
    """That is said, and no half of a file is left."""
    (tmp_path / "a.index").mkdir()
    with pytest.raises(NotPlain):
        index.write(built, tmp_path / "a.index")
    assert [path.name for path in tmp_path.iterdir()] == ["a.index"]
    assert index.read(tmp_path / "a.index", Room(0)) is None
