import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from larknb import stored
from larknb.errors import ConfigError
from larknb.files import NotPlain


@dataclass(frozen=True)
class Shelf:
    name: str
    books: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shelf.json"


def titled(document: stored.Unchecked) -> stored.Unchecked:
    """Make format 2 of format 1, which called the name a title."""
    return {"name": document["title"], "books": document["books"]}


def numbered(document: stored.Unchecked) -> stored.Unchecked:
    """Make format 1 of format 0, which listed the books alone."""
    return {"title": "old", "books": document}


MIGRATE = {0: numbered, 1: titled}


def test_what_is_written_is_read_again(path: Path) -> None:
    """The file is JSON that people can read, and its first key is the format."""
    shelf = Shelf("书架", {"a": 1})
    stored.write(path, shelf, format=2)
    assert stored.read(path, Shelf, format=2) == shelf
    assert next(iter(json.loads(path.read_text(encoding="utf-8")).items())) == ("format", 2)
    assert '\n  "name": "书架"' in path.read_text(encoding="utf-8")


def test_a_packed_file_is_read_again(tmp_path: Path) -> None:
    """A cut anywhere, a flipped bit, and what was never packed are damage."""
    path, shelf = tmp_path / "shelf.json.gz", Shelf("书架" * 200, {"a": 1})
    stored.write(path, shelf, format=2)
    assert stored.read(path, Shelf, format=2) == shelf
    data = path.read_bytes()
    assert len(data) < 200
    flipped = bytes([*data[:30], data[30] ^ 4, *data[31:]])
    for damaged in (*(data[:length] for length in range(len(data))), flipped, gzip.decompress(data), b"{}"):
        path.write_bytes(damaged)
        with pytest.raises(stored.Damaged) as caught:
            stored.read(path, Shelf, format=2)
        assert (caught.value.path, bool(caught.value.reason)) == (path, True)


def test_a_packed_file_of_a_newer_format_is_not_overwritten(tmp_path: Path) -> None:
    """An older one is kept beside, as any other."""
    path = tmp_path / "shelf.json.gz"
    stored.write(path, Shelf("a"), format=3)
    with pytest.raises(stored.Newer):
        stored.write(path, Shelf("b"), format=2)
    stored.write(path, Shelf("b"), format=4)
    assert stored.read(tmp_path / "shelf.json.v3.gz", Shelf, format=3) == Shelf("a")


def test_a_missing_file_is_none(path: Path) -> None:
    """Also where its folder is missing."""
    assert stored.read(path, Shelf, format=2) is None
    assert stored.read(path / "within" / "shelf.json", Shelf, format=2) is None


def test_a_key_from_elsewhere_is_left_out(path: Path) -> None:
    """What the type does not know hinders nobody."""
    path.write_text('{"format": 2, "name": "a", "colour": "red"}', "utf-8")
    assert stored.read(path, Shelf, format=2) == Shelf("a")


@pytest.mark.parametrize("content", [
    b"", b"\x00\x00", b"\xff\xfe", b"[]", b"null", b'{"format": 2', b'{"format": 2}', b'{"format": 2, "name": 5}',
    b'{"format": 2, "name": "a", "books": {"b": "c"}}', b'{"format": "2", "name": "a"}', b'{"format": -1, "name": "a"}',
    b'{"format": 2, "name": "\xff"}', b'{"format": 2, "name": "\\ud800"}', b"[" * 200_000,
    b'{"format": 2, "name": ' + b"[" * 200_000,
    b'{"format": 1, "title": "a"}', b'{"format": 1, "title": "a", "books": 7}', b'{"name": "a"}',
])  # fmt: skip
def test_strange_content_is_damaged(path: Path, content: bytes) -> None:
    """Whatever lies there, also in an older format: one exception, which names the file."""
    path.write_bytes(content)
    with pytest.raises(stored.Damaged) as caught:
        stored.read(path, Shelf, format=2, migrate=MIGRATE)
    assert caught.value.path == path
    assert caught.value.reason


def test_damage_is_told_with_its_place(path: Path) -> None:
    """The reason says what was expected where."""
    path.write_text('{"format": 2, "name": "a", "books": {"b": "c"}}', "utf-8")
    with pytest.raises(stored.Damaged, match=r"Expected `int`, got `str` - at `\$\.books"):
        stored.read(path, Shelf, format=2)


def test_a_newer_file_is_refused(path: Path) -> None:
    """Its own larknb can read it, ours only says so."""
    path.write_text('{"format": 3, "shelves": []}', "utf-8")
    with pytest.raises(stored.Newer, match="upgrade larknb") as caught:
        stored.read(path, Shelf, format=2)
    assert isinstance(caught.value, ConfigError)
    assert str(path) in str(caught.value)


def test_a_newer_file_is_never_overwritten(path: Path) -> None:
    """Not even by one who did not look."""
    path.write_text('{"format": 3, "shelves": []}', "utf-8")
    with pytest.raises(stored.Newer):
        stored.write(path, Shelf("a"), format=2)
    assert path.read_text("utf-8") == '{"format": 3, "shelves": []}'


@pytest.mark.parametrize(("content", "name"), [
    ('{"format": 1, "title": "a", "books": {"b": 1}}', "a"),
    ('{"b": 1}', "old"),
])  # fmt: skip
def test_an_older_file_is_migrated_step_by_step(path: Path, content: str, name: str) -> None:
    """One without a format has format 0."""
    path.write_text(content, "utf-8")
    assert stored.read(path, Shelf, format=2, migrate=MIGRATE) == Shelf(name, {"b": 1})
    assert path.read_text("utf-8") == content, "reading writes nothing"


def test_an_older_format_that_nobody_migrates_is_damaged(path: Path) -> None:
    """There is nothing to guess."""
    path.write_text('{"format": 1, "name": "a"}', "utf-8")
    with pytest.raises(stored.Damaged, match="format 1"):
        stored.read(path, Shelf, format=2)


def test_an_older_file_is_kept_beside(path: Path) -> None:
    """Byte for byte, under the number of its format, and once: a later one does not replace it."""
    for content in ('{"format": 1, "title": "a"}', '{"format": 1, "title": "b"}'):
        path.write_text(content, "utf-8")
        stored.write(path, Shelf("new"), format=2)
    assert (path.parent / "shelf.v1.json").read_text("utf-8") == '{"format": 1, "title": "a"}'
    assert stored.read(path, Shelf, format=2) == Shelf("new")


def test_a_file_without_a_format_is_kept_as_v0(path: Path) -> None:
    """It was written before formats were numbered."""
    path.write_text('{"b": 1}', "utf-8")
    stored.write(path, Shelf("new"), format=1)
    assert (path.parent / "shelf.v0.json").read_text("utf-8") == '{"b": 1}'


@pytest.mark.parametrize("content", [b"", b"\x00", b'{"format": 2, "name": "a"}', None])
def test_nothing_else_is_kept_beside(path: Path, content: bytes | None) -> None:
    """Neither a file of the same format nor what is no JSON."""
    if content is not None:
        path.write_bytes(content)
    stored.write(path, Shelf("new"), format=2)
    assert [entry.name for entry in path.parent.iterdir()] == ["shelf.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_what_is_private_stays_private(path: Path) -> None:
    """The mode is that of the new file; the older one keeps its own beside."""
    path.write_text("{}", "utf-8")
    path.chmod(0o600)
    stored.write(path, Shelf("new"), format=1, mode=0o600)
    assert {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()} == {
        "shelf.json": 0o600, "shelf.v0.json": 0o600,
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo if hasattr(os, "mkfifo") else Path.mkdir, lambda path: path.symlink_to("/dev/zero")]
)
def test_what_is_no_file_is_damaged_and_stays(path: Path, make: Callable[[Path], object]) -> None:
    """A folder, a pipe, a link to a device: nothing waits for it, and nothing is written in its place."""
    make(path)
    before = path.lstat()
    with pytest.raises(stored.Damaged, match="not a plain file"):
        stored.read(path, Shelf, format=2)
    with pytest.raises(NotPlain):
        stored.write(path, Shelf("a"), format=2)
    assert path.lstat() == before


LEFT = [b"", b" \r\n", bytes(9), b"\xef\xbb\xbf", b"{", b'{ "for', b"{}", b"[]", b"null", b'{"format": 2, "na',
        b'{"format": 2, "name": "a"', b'{"title":"x' + bytes(9)]  # fmt: skip
WHOLE = [b'{"format": 2, "name": "a"}', b'{"format": "mp4"}', b'"', b"{x", b"x", b"[1", b'{"other": 1', b"\xff\xfe",
         b'{"format": ' + b"[" * 100_000, b"\x89PNG", b"5"]  # fmt: skip


@pytest.mark.parametrize("content", [*LEFT, *WHOLE], ids=lambda content: str(content)[:20])
def test_what_a_crash_may_have_left_of_a_file(content: bytes) -> None:
    """Nothing, zeros, or the beginning of one of its formats; never what is whole or begins otherwise."""
    assert stored.is_left_of(content, '{"format":', '{"title":') is (content in LEFT)


@dataclass(frozen=True)
class Notes:
    notes: tuple[str, ...] = ()


@pytest.mark.parametrize("content", [None, b"{", b'{"format": 99}'])
def test_a_memory_that_cannot_be_read_is_empty(
    path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Missing, damaged or of a newer larknb; the log says what is lost, where something was."""
    if content is not None:
        path.write_bytes(content)
    assert stored.recall(path, Notes, "the notes are lost", format=1) == Notes()
    assert [text.partition(":")[0] for text in caplog.messages] == ["the notes are lost"] * (content is not None)
