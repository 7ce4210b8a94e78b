"""Checks: what tells a file that is as it was written from one that a disk, a copy or a person has damaged.

A check is the CRC-32 of the bytes and their number. It finds every flipped bit, at the speed of reading; whoever
changes data on purpose is not its concern. An empty check is that of a file of an older larknb, which kept none: it
passes as long as the file can be parsed.
"""

from __future__ import annotations

import errno
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from larknb.decoding import ready
from larknb.stored import Unchecked

__all__ = [
    "UNSEALED",
    "Corrupt",
    "Sealed",
    "check_file",
    "check_of",
    "is_sealed",
    "is_whole",
    "parsing",
    "read_whole",
    "sealed",
    "unsealed",
    "verify",
]

CHUNK = 1 << 22  # bytes that are held at once of a file that is only checked


class Corrupt(OSError):  # noqa: N818  a state of the file, which a caller may well live with
    """A file that is not as it was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(errno.EIO, reason, str(path))
        self.path = path


def check_of(data: bytes) -> str:
    """Return the check of some bytes."""
    return f"{zlib.crc32(data):08x}-{len(data)}"


def check_file(path: Path) -> str:
    """Return the check of a file, whatever its size."""
    found = size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found, size = zlib.crc32(chunk, found), size + len(chunk)
    return f"{found:08x}-{size}"


def is_whole(path: Path, check: str) -> bool:
    """Say whether a file is there and as it was written."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return False
        if not check:
            return found.st_size > 0
        return found.st_size == _size(check) and check_file(path) == check
    except OSError:
        return False


def verify(path: Path, check: str) -> None:
    """Raise FileNotFoundError where there is no file, and Corrupt where it is not as it was written."""
    with parsing(path):
        if not stat.S_ISREG(path.stat().st_mode):  # a device or a pipe would be read for ever
            raise Corrupt(path, "no file")
        if check and check_file(path) != check:
            raise Corrupt(path, "the checksum differs")


def read_whole(path: Path, check: str) -> bytes:
    """Return the bytes of a file; FileNotFoundError where there is none, Corrupt where they are not as written."""
    verify(path, "")
    with parsing(path):
        data = path.read_bytes()
    if check and check_of(data) != check:
        raise Corrupt(path, "the checksum differs")
    return data


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Turn whatever a parser says of damaged bytes into Corrupt."""
    try:
        yield
    except (Corrupt, FileNotFoundError):
        raise
    # OSError: Arrow's and gzip's word for bytes that they do not understand.
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        EOFError,
        ArithmeticError,
        RecursionError,
        zlib.error,
    ) as error:
        raise Corrupt(path, f"{type(error).__name__}: {error}") from error


def _size(check: str) -> int:
    return int(check.rpartition("-")[2])


# --- seals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What is kept on disk with a check of itself: ``seal`` is that of all the rest."""

    seal: str = ""


S = TypeVar("S", bound=Sealed)
UNSEALED = os.urandom(8).hex()  # the seal of what is migrated: no file can hold this one


def sealed(value: S) -> S:
    """Return a value that bears the check of itself."""
    plain = msgspec.json.decode(_unsealed(value), type=ready(type(value)))  # as it will come back, big numbers and all
    return replace(plain, seal=check_of(_unsealed(plain)))


def is_sealed(value: Sealed) -> bool:
    """Say whether a value is what was sealed, or migrated."""
    return value.seal in (UNSEALED, check_of(_unsealed(value)))


def unsealed(document: Unchecked) -> Unchecked:
    """Return a document of an older format without its seal; ValueError where it is broken.

    What is added to a type later is not under the seal of what was written before.
    """
    whole = {**{name: each for name, each in document.items() if name != "format"}, "seal": ""}
    if document["seal"] not in (UNSEALED, check_of(msgspec.json.encode(whole))):
        raise ValueError("its seal is broken")
    return {**document, "seal": UNSEALED}


def _unsealed(value: Sealed) -> bytes:
    return msgspec.json.encode(replace(value, seal=""))
