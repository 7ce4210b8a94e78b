"""What tells a file that is as it was written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.checks import (
    Corrupt,
    Sealed,
    check_file,
    check_of,
    is_sealed,
    is_whole,
    parsing,
    read_whole,
    sealed,
    verify,
)


@dataclass(frozen=True, kw_only=True)
class Note(Sealed):
    words: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@given(st.binary(min_size=1, max_size=300), st.integers(0))
def test_every_flipped_bit_shows(data: bytes, at: int) -> None:
    """And so does every byte that is missing."""
    bit = at % (8 * len(data))
    flipped = data[: bit // 8] + bytes([data[bit // 8] ^ (1 << bit % 8)]) + data[bit // 8 + 1 :]
    assert check_of(flipped) != check_of(data) != check_of(data[:-1])


def test_a_file_has_the_check_of_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pieces it is read in."""
    monkeypatch.setattr("larknb.cache.checks.CHUNK", 7)
    path = tmp_path / "file"
    for size in (0, 1, 6, 7, 8, 100):
        path.write_bytes(bytes(range(size)))
        assert check_file(path) == check_of(bytes(range(size)))


@pytest.mark.parametrize(("data", "check", "whole"), [
    (b"abc", check_of(b"abc"), True), (b"abd", check_of(b"abc"), False), (b"abcd", check_of(b"abc"), False),
    (b"", check_of(b"abc"), False), (b"", check_of(b""), True), (b"abc", "", True), (b"", "", False),
])  # fmt: skip
def test_whether_a_file_is_whole(tmp_path: Path, data: bytes, check: str, whole: bool) -> None:
    """Without a check it is as soon as there are any bytes."""
    path = tmp_path / "file"
    assert not is_whole(path, check)
    path.write_bytes(data)
    assert is_whole(path, check) is whole
    assert not is_whole(tmp_path, check)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """Else the error names the file; one that is missing is told apart."""
    path = tmp_path / "file"
    for read in (read_whole, verify):
        with pytest.raises(FileNotFoundError):
            read(path, "")
        with pytest.raises(Corrupt, match="no file"):
            read(tmp_path, "")
    path.write_bytes(b"abc")
    assert read_whole(path, check_of(b"abc")) == b"abc"
    for read in (read_whole, verify):
        with pytest.raises(Corrupt, match="file"):
            read(path, check_of(b"abd"))


def refuse() -> None:
    raise OSError(5, "input/output error")


@pytest.mark.parametrize("parse", [
    lambda: json.loads("{"), lambda: gzip.decompress(b"\x1f\x8b\x08abc"), lambda: dict[str, int]()["key"],
    lambda: list[int]()[0], lambda: int("x"), lambda: b"\xff".decode(), refuse,
])  # fmt: skip
def test_what_a_parser_says_of_damage_is_one_error(tmp_path: Path, parse: Callable[[], object]) -> None:
    """It bears the path, and what was said."""
    with pytest.raises(Corrupt) as caught, parsing(tmp_path / "file"):
        parse()
    assert caught.value.path == tmp_path / "file"


def test_a_seal_is_that_of_all_the_rest() -> None:
    """What comes back from the disk keeps it, whatever is in it; what was changed does not."""
    note = sealed(Note(words="é\u2028", values={"big": 10**30, "pair": (1, 2), "small": 1e-300}))
    assert is_sealed(note)
    assert not is_sealed(replace(note, words="e"))
    assert not is_sealed(replace(note, seal=""))
    assert not is_sealed(Note())
