"""A file on its way from the network: what came of it so far, proven, so that a later process goes on where it was.

Beside the bytes lies a list of sums, a line for each piece that was written: how many bytes there were then, and the
CRC-32 of all of them. What a killed process or a power cut left is believed as far as a line proves it, and no further;
that nothing is missing stands in a line of its own, which is written last.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from larknb.files import create, is_plain, naming, open_plain, sync_file

__all__ = ["LEFT", "Partial", "Received", "link_or_copy"]

LEFT = re.compile(r".{1,60}-[0-9a-f]{12}\.(part|sums)")  # the names of what is on its way
PIECE = 1 << 20  # bytes that are held at once of what is proven again
WHOLE = "whole"


@dataclass(frozen=True)
class Received:
    """A file that came whole: where it lies now, what it is called, and what proves its bytes.

    ``check`` is that of `larknb.cache.checks`, ``sha256`` is for others.
    """

    path: Path
    size: int
    check: str
    sha256: str
    name: str = ""
    content_type: str = ""


class Partial:
    """What came of one file.

    Parameters
    ----------
    folder : Path
        Where it lies while it comes; it is made when the first byte does.
    key : str
        What tells it from all other files, such as its token.

    Attributes
    ----------
    size : int
        Bytes that came and are proven; `take_up` finds those of an earlier process.
    is_whole : bool
        All of it is there.
    """

    def __init__(self, folder: Path, key: str) -> None:
        stem = f"{re.sub(r'[^A-Za-z0-9_-]', '_', key[:60])}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self.path, self._sums = folder / f"{stem}.part", folder / f"{stem}.sums"
        self._forget()

    def _forget(self) -> None:
        self.size, self.is_whole = 0, False
        self._head = _Head()
        self._crc, self._sha = 0, hashlib.sha256()

    @property
    def name(self) -> str:
        """Its name, as the server told it."""
        return self._head.name

    @property
    def content_type(self) -> str:
        """Its type, as the server told it."""
        return self._head.content_type

    @property
    def total(self) -> int | None:
        """How many bytes there are in all, where the server told."""
        return self._head.total

    @property
    def files(self) -> tuple[Path, Path]:
        """The bytes and their sums."""
        return self.path, self._sums

    def is_there(self) -> bool:
        """Say whether anything came."""
        return is_plain(self._sums)

    def take_up(self) -> int:
        """Find what came before and return how many bytes of it are proven; what is not, is taken away."""
        self._forget()
        if not (is_plain(self.path) and is_plain(self._sums)):
            self.discard()
            return 0
        head, proofs, is_whole = _sums_of(self._sums)
        self._prove(proofs)
        self.is_whole = is_whole and self.size == (proofs[-1][0] if proofs else 0) == self.path.stat().st_size
        if is_whole and not self.is_whole:
            self.discard()  # it may be another name of a file elsewhere, which must not be cut
        elif not self.is_whole:
            self._cut(head, [proof for proof in proofs if proof[0] <= self.size])
        if self.size or self.is_whole:
            self._head = head
        return self.size

    def _prove(self, proofs: list[tuple[int, int]]) -> None:
        """Read what lies there as far as the sums agree."""
        with os.fdopen(open_plain(self.path, os.O_RDONLY), "rb") as file:
            for size, crc in proofs:
                data = file.read(size - self.size)
                if len(data) < size - self.size or zlib.crc32(data, self._crc) != crc:
                    return
                self._sha.update(data)
                self._crc, self.size = crc, size

    def _cut(self, head: _Head, proofs: list[tuple[int, int]]) -> None:
        """Take away what is not proven."""
        with os.fdopen(open_plain(self.path, os.O_RDWR), "rb+") as file, naming(self.path):
            file.truncate(self.size)
        with create(self._sums) as sums:
            sums.write(head.line() + b"".join(_line(*proof) for proof in proofs))

    # --- while it comes -----------------------------------------------------------------------------------------

    def begin(self, name: str = "", content_type: str = "", total: int | None = None) -> None:
        """Forget what came, and begin with the first byte of what the server calls so."""
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._head = _Head(name, content_type, total)
        with create(self._sums) as sums, create(self.path):
            sums.write(self._head.line())

    def take(self, pieces: Iterator[bytes]) -> None:
        """Add pieces, each proven as soon as it is written, whatever ends them."""
        with _appending(self.path) as file, _appending(self._sums) as sums:
            for piece in pieces:
                if piece:
                    _write(file, piece, self.path)
                    self._sha.update(piece)
                    self._crc, self.size = zlib.crc32(piece, self._crc), self.size + len(piece)
                    _write(sums, _line(self.size, self._crc), self._sums)

    def finish(self) -> Received:
        """Say that nothing is missing, and bring it to the disk."""
        if not self.is_whole:
            sync_file(self.path)
            with _appending(self._sums) as sums:
                _write(sums, f"{WHOLE}\n".encode(), self._sums)
            sync_file(self._sums)
            self.is_whole = True
        check = f"{self._crc:08x}-{self.size}"
        return Received(self.path, self.size, check, self._sha.hexdigest(), self.name, self.content_type)

    def lend(self, path: Path, check: str, name: str, content_type: str) -> None:
        """Take a file that lies elsewhere for what comes here; `take_up` says whether it is what its check tells."""
        crc, _, size = check.partition("-")
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with create(self._sums) as sums:  # first: a file without whole sums may be cut, and this one is another's, too
            proof = _line(int(size), int(crc, 16)) if int(size) else b""
            sums.write(_Head(name, content_type).line() + proof + f"{WHOLE}\n".encode())
        link_or_copy(path, self.path)

    def discard(self) -> None:
        """Take away what came; what is no file of ours stays."""
        self._forget()
        for path in self.files:
            if is_plain(path):
                path.unlink()


def link_or_copy(old: Path, new: Path) -> None:
    """Give a file another name, or where the disk has no two names for one file, copy it."""
    with suppress(OSError):
        os.link(old, new)
        return
    with os.fdopen(open_plain(old, os.O_RDONLY), "rb") as source, create(new) as copy:
        while data := source.read(PIECE):
            copy.write(data)
    sync_file(new)


# --- the sums -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Head:
    """What stands above the sums."""

    name: str = ""
    content_type: str = ""
    total: int | None = None

    def line(self) -> bytes:
        words = (self.name, self.content_type, "" if self.total is None else str(self.total))
        return (" ".join(quote(word, errors="replace") for word in words) + "\n").encode()

    @classmethod
    def of(cls, line: str) -> _Head:
        name, content_type, total = [*map(unquote, line.split(" ")), "", "", ""][:3]
        return cls(name, content_type, int(total) if re.fullmatch("[0-9]{1,15}", total) else None)


def _line(size: int, crc: int) -> bytes:
    return f"{size} {crc:08x}\n".encode()


def _sums_of(path: Path) -> tuple[_Head, list[tuple[int, int]], bool]:
    """Return the head, the proofs in their order, and whether the last line says that nothing is missing."""
    with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as file:
        head, *lines = file.read().decode("utf-8", "replace").split("\n")
    proofs: list[tuple[int, int]] = []
    for line in lines[:-1]:  # what has no end was being written
        if line == WHOLE:
            return _Head.of(head), proofs, True
        found = re.fullmatch(r"([0-9]{1,15}) ([0-9a-f]{8})", line)
        if found is None or int(found[1]) <= (proofs[-1][0] if proofs else 0):
            break
        proofs.append((int(found[1]), int(found[2], 16)))
    return _Head.of(head), proofs, False


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    """Give a handle on a file, to be written at its end."""
    handle = open_plain(path, os.O_WRONLY | os.O_APPEND)
    try:
        yield handle
    finally:
        os.close(handle)


def _write(handle: int, data: bytes, path: Path) -> None:
    with naming(path):
        while data:
            data = data[os.write(handle, data) :]
