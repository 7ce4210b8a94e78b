"""What came of a file: a later process goes on with what is proven, and takes nothing for whole that is not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from larknb.cache.checks import check_of
from larknb.partial import LEFT, Partial, link_or_copy

DATA = bytes(range(256)) * 20


def pieces(data: bytes = DATA, size: int = 1000) -> Iterator[bytes]:
    return (data[first : first + size] for first in range(0, len(data), size))


def torn(*came: bytes) -> Iterator[bytes]:
    """Pieces, and then a connection that breaks."""
    yield from came
    raise ConnectionError


def half(folder: Path, key: str = "tok") -> Partial:
    """Leave 3,000 bytes of a file."""
    partial = Partial(folder, key)
    partial.begin("接线 图.png", "image/png")
    with pytest.raises(ConnectionError):
        partial.take(torn(*pieces(DATA[:3000])))
    return partial


def test_what_came_is_gone_on_with(tmp_path: Path) -> None:
    """Another process finds how much there is, what it is called, and ends with all of it."""
    half(tmp_path)
    later = Partial(tmp_path, "tok")
    assert (later.take_up(), later.is_whole) == (3000, False)
    assert (later.name, later.content_type) == ("接线 图.png", "image/png")
    later.take(pieces(DATA[3000:]))
    came = later.finish()
    assert came.path.read_bytes() == DATA
    assert (came.size, came.check, came.sha256) == (5120, check_of(DATA), hashlib.sha256(DATA).hexdigest())
    assert (came.name, came.content_type) == ("接线 图.png", "image/png")


def test_what_is_whole_says_so_to_a_later_process(tmp_path: Path) -> None:
    """Also where it is empty: nothing is asked for again."""
    for key, data in (("tok", DATA), ("none", b"")):
        partial = Partial(tmp_path, key)
        partial.begin()
        partial.take(pieces(data))
        came = partial.finish()
        later = Partial(tmp_path, key)
        assert (later.take_up(), later.is_whole) == (len(data), True)
        assert later.finish() == came


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"?" * 50)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2500] ^= 1
    path.write_bytes(data)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("damage", "left"), [(cut, 2000), (longer, 3000), (flipped, 2000), (zeros, 0), (gone, 0)],
)  # fmt: skip
def test_what_a_power_cut_left_counts_as_far_as_it_is_proven(
    tmp_path: Path, damage: Callable[[Path], None], left: int
) -> None:
    """Bytes that are not those that came are taken away, and what follows them."""
    damage(half(tmp_path).path)
    later = Partial(tmp_path, "tok")
    assert later.take_up() == left
    assert not later.is_whole
    if left:
        later.take(pieces(DATA[left:]))
        assert later.finish().path.read_bytes() == DATA


@pytest.mark.parametrize("damage", [cut, longer, flipped, zeros])
def test_a_whole_file_that_was_damaged_is_no_whole_one(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """It is not cut either: it may be another name of a file that a source shows."""
    partial = Partial(tmp_path, "tok")
    partial.begin()
    partial.take(pieces())
    partial.finish()
    shown = tmp_path / "shown"
    os.link(partial.path, shown)
    damage(partial.path)
    before = shown.read_bytes()
    assert Partial(tmp_path, "tok").take_up() == 0
    assert shown.read_bytes() == before


@pytest.mark.parametrize("end", range(0, 60, 7))
def test_a_list_of_sums_that_was_cut_proves_what_it_says(tmp_path: Path, end: int) -> None:
    """Wherever the process was killed, the rest is asked for, and the file comes out right."""
    partial = half(tmp_path)
    sums = partial.files[1]
    sums.write_bytes(sums.read_bytes()[: len(sums.read_bytes()) - end])
    later = Partial(tmp_path, "tok")
    size = later.take_up()
    if not size:
        later.begin()
    later.take(pieces(DATA[size:]))
    assert later.finish().path.read_bytes() == DATA


def test_two_keys_never_share_a_file(tmp_path: Path) -> None:
    """Nor do those that differ by case alone, or hold what no file name may."""
    names = {Partial(tmp_path, key).path.name.casefold() for key in ("tok", "TOK", "../tok", "a/b", "a:b", "长" * 200)}
    assert len(names) == 6
    assert all(LEFT.fullmatch(name) for name in names)


def test_somebody_elses_folder_stays(tmp_path: Path) -> None:
    """Where a folder lies under the name, nothing is taken away."""
    partial = Partial(tmp_path, "tok")
    partial.path.mkdir()
    partial.discard()
    assert partial.take_up() == 0
    with pytest.raises(OSError, match="not a plain file"):
        partial.begin()
    assert partial.path.is_dir()


def test_a_file_of_others_is_taken_with_its_check(tmp_path: Path) -> None:
    """Another name of it costs no bytes; where it is not what its check tells, it is none."""
    (tmp_path / "a.png").write_bytes(DATA)
    partial = Partial(tmp_path / "b", "tok")
    partial.lend(tmp_path / "a.png", check_of(DATA), "a.png", "image/png")
    assert (partial.take_up(), partial.is_whole, partial.name) == (len(DATA), True, "a.png")
    partial.lend(tmp_path / "a.png", check_of(DATA[1:]), "a.png", "image/png")
    assert partial.take_up() == 0
    assert (tmp_path / "a.png").read_bytes() == DATA


def test_a_disk_without_second_names_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some network drives and memory cards are."""
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    (tmp_path / "a").write_bytes(DATA)
    link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == DATA
