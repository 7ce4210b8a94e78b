"""What a search keeps of one source: its passages folded, compressed, in blocks, in one file of their own.

A file is a mark, a sum over the head, the head, and the frames of the blocks: each block has one frame with its folded
passages and one with what it takes to have them as they were written. Every part bears a sum, so a file that is cut,
foreign or otherwise damaged is known as such, and made again. Nothing here is worth a flush to the disk.
"""

from __future__ import annotations

import os
import secrets
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from larknb.decoding import ready
from larknb.files import NotPlain, create, is_plain, is_there, open_plain, replace
from larknb.model import Kind
from larknb.scan.folding import Codes
from larknb.scan.passages import Block, Passages, Patch, Piece, folded_of, pieces_of

__all__ = ["MARK", "SUFFIX", "Damaged", "Index", "Room", "build", "read", "write"]

MARK = b"larknb search index 4\n"
SUFFIX = ".index"
HEAD = len(MARK) + 12  # bytes before the head: the mark, its length, its sum
LARGEST = 256_000_000  # bytes of a head
SMALL = 100_000  # bytes of passages that are not worth another thread
LAYOUTS = 20_000_000  # bytes of layouts that stay in memory: those of a million rows
AHEAD = 8  # blocks that memory holds on their way


class Damaged(Exception):  # noqa: N818  a state of the file, which is made again
    """An index that does not say what it should, or was replaced while it was read."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder


# --- the head -------------------------------------------------------------------------------------------------------


class _Part(msgspec.Struct, array_like=True, frozen=True):
    """A document or table."""

    kind: Kind
    source: str
    title: str
    url: str


class _Frame(msgspec.Struct, array_like=True, frozen=True):
    """Compressed bytes: how many there were before, how many there are, and their sum."""

    size: int
    length: int
    sum: int


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    """A block: the number of its part, and its two frames."""

    part: int
    folded: _Frame
    patch: _Frame


class _Head(msgspec.Struct, frozen=True):
    """``folder`` is that of the source, ``version`` the state of it that was read."""

    folder: str
    version: str
    parts: list[_Part]
    blocks: list[_Entry]


class _Patch(msgspec.Struct, frozen=True):
    """A `Patch` as a frame has it: the numbers are their bytes, all first ones first, which compresses well."""

    gaps: bytes
    chars: bytes
    odd: dict[int, str]
    urls: list[str]


# --- to be searched -------------------------------------------------------------------------------------------------


@dataclass
class Room:
    """How many bytes may still stay in memory for the next search: of passages, and of where the parts of these are."""

    left: int
    layouts: int = LAYOUTS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, size: int) -> bool:
        """Say whether some folded passages may stay, and count them."""
        with self._lock:
            fits = size <= self.left
            self.left -= size if fits else 0
        return fits

    def takes_layout(self, size: int) -> bool:
        """Say whether a layout may stay, and count it."""
        with self._lock:
            fits = size <= self.layouts
            self.layouts -= size if fits else 0
        return fits


class Index:
    """The passages of one source, on the disk or in memory; Damaged where a block is asked for and cannot be had.

    Parameters
    ----------
    origin : Path or bytes
        The file, or all that would be in it.
    at : int
        Where its first frame begins.
    dated : int
        The modify time of the file, nanoseconds.
    """

    def __init__(self, head: _Head, origin: Path | bytes, at: int, room: Room, dated: int = 0) -> None:
        self.folder, self.version, self.dated, self.room = head.folder, head.version, dated, room
        self._origin: Path | bytes = origin
        self._kept: dict[int, bytes] = {}
        self.blocks: list[Block] = []
        for entry in head.blocks:
            part = head.parts[entry.part]
            folded = partial(self._folded, len(self.blocks), at, entry.folded)
            patch = partial(self._patch, at + entry.folded.length, entry.patch)
            about = part.kind, part.source, part.title, part.url, entry.folded.size
            self.blocks.append(Block(*about, folded, patch, room.takes_layout))
            at += entry.folded.length + entry.patch.length

    @property
    def is_written(self) -> bool:
        """Whether it lies in a file."""
        return isinstance(self._origin, Path)

    @property
    def whole(self) -> bytes:
        """All that the file of an index in memory is to hold."""
        assert isinstance(self._origin, bytes), "it lies in its file already"
        return self._origin

    def leave(self, path: Path) -> None:
        """Leave memory: it lies in a file now."""
        self._origin = path

    @property
    def kept(self) -> int:
        """The bytes that stay in memory."""
        own = len(self._origin) if isinstance(self._origin, bytes) else 0
        return own + sum(map(len, self._kept.values()))

    def _folded(self, number: int, at: int, frame: _Frame) -> bytes:
        if number in self._kept:
            return self._kept[number]
        data = self._whole(at, frame)
        if self.room.takes(len(data)):
            self._kept[number] = data
        return data

    def _patch(self, at: int, frame: _Frame) -> Patch:
        try:
            found = msgspec.msgpack.decode(self._whole(at, frame), type=ready(_Patch))
        except msgspec.MsgspecError as error:
            raise Damaged(self.folder) from error
        return Patch(np.cumsum(_numbers(found.gaps), dtype=np.uint32), _numbers(found.chars), found.odd, found.urls)

    def _whole(self, at: int, frame: _Frame) -> bytes:
        try:
            data = self._bytes(at, frame.length)
            if zlib.crc32(data) != frame.sum:
                raise Damaged(self.folder)
            whole: bytes = pa.decompress(data, frame.size, "zstd", asbytes=True)
        except (OSError, ValueError) as error:
            raise Damaged(self.folder) from error
        return whole

    def _bytes(self, at: int, length: int) -> bytes:
        if isinstance(self._origin, bytes):
            return self._origin[at : at + length]
        with _open(self._origin) as file:
            file.seek(at)
            return file.read(length)


def read(path: Path, room: Room) -> Index | None:
    """Return the index that a file holds; None where there is none of ours."""
    try:
        with _open(path) as file:
            start = file.read(HEAD)
            length = int.from_bytes(start[-12:-4], "little")
            if not start.startswith(MARK) or length > LARGEST:
                return None
            head = file.read(length)
            dated = os.fstat(file.fileno()).st_mtime_ns
        if zlib.crc32(head) != int.from_bytes(start[-4:], "little"):
            return None
        return Index(msgspec.msgpack.decode(head, type=ready(_Head)), path, HEAD + length, room, dated)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _open(path: Path) -> BinaryIO:
    return os.fdopen(open_plain(path, os.O_RDONLY), "rb")


# --- made -----------------------------------------------------------------------------------------------------------


def build(folder: str, version: str, passages: Iterable[Passages], room: Room, pool: Executor) -> Index:
    """Return the index of all passages of a source, in memory; a pool of threads makes the blocks of it."""
    parts: dict[_Part, int] = {}
    waiting: deque[tuple[int, Future[_Made]]] = deque()
    made: list[tuple[int, _Made]] = []
    for some in passages:
        part = parts.setdefault(_Part(some.kind, some.source, some.title, some.url), len(parts))
        for piece in pieces_of(some):
            if not waiting and len(piece.joined) < SMALL:
                made.append((part, _made(piece)))
                continue
            waiting.append((part, pool.submit(_made, piece)))
            if len(waiting) > AHEAD:
                first, job = waiting.popleft()
                made.append((first, job.result()))
    made += [(part, job.result()) for part, job in waiting]
    blocks = [_Entry(part, each.folded, each.patch) for part, each in made]
    head = msgspec.msgpack.encode(_Head(folder, version, [*parts], blocks))
    start = MARK + len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(4, "little") + head
    return Index(
        msgspec.msgpack.decode(head, type=ready(_Head)),
        b"".join([start, *chain.from_iterable(each.data for _, each in made)]),
        len(start),
        room,
    )


def write(index: Index, path: Path, finish: Callable[[Path], object] = lambda _: None) -> None:
    """Write an index that was built, in one step; OSError where the disk refuses, or something else lies there.

    ``finish`` is called with the file that is about to take its place. The index stays in memory until `Index.leave`.
    """
    if is_there(path) and not is_plain(path):
        raise NotPlain(path)
    partial_ = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")  # of this call: others may be at it, too
    try:
        with create(partial_) as file:
            file.write(index.whole)
        finish(partial_)
        replace(partial_, path)
    except BaseException:
        with suppress(OSError):
            partial_.unlink(missing_ok=True)
        raise


class _Made(NamedTuple):
    """A block on its way to the file: its two frames, and their bytes."""

    folded: _Frame
    patch: _Frame
    data: tuple[bytes, bytes]


def _made(piece: Piece) -> _Made:
    folded, patch = folded_of(piece)
    gaps = np.diff(patch.at, prepend=np.uint32(0))
    kept = _Patch(_bytes(gaps), _bytes(patch.chars), dict(patch.odd), [*patch.urls])
    (first, data), (second, more) = _frame(folded), _frame(msgspec.msgpack.encode(kept))
    return _Made(first, second, (data, more))


def _frame(data: bytes) -> tuple[_Frame, bytes]:
    packed: bytes = pa.compress(data, "zstd", asbytes=True)
    return _Frame(len(data), len(packed), zlib.crc32(packed)), packed


def _bytes(numbers: Codes) -> bytes:
    return numbers.astype("<u4").view(np.uint8).reshape(-1, 4).T.tobytes()


def _numbers(data: bytes) -> Codes:
    return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(4, -1).T).view("<u4").reshape(-1)
