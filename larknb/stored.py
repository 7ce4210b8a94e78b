"""What is kept on disk as JSON: a dataclass and a format number, read and written in one place.

A file that says what its type says is read into it; anything else is `Damaged`, and the caller decides what that means.
A file of an older format is migrated as it is read, and kept beside the new one as soon as that is written. A file of
a newer format is refused (`Newer`) and never overwritten. A file whose name ends with ``.gz`` is compressed.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from larknb.decoding import ready
from larknb.errors import ConfigError
from larknb.files import NotPlain, read_plain, write_atomically
from larknb.messages import say

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["MOST", "Damaged", "Migration", "Newer", "Unchecked", "is_left_of", "read", "recall", "write"]

log = logging.getLogger("larknb")

HOLDS_NOTHING = ("", "{}", "[]", "null")

T = TypeVar("T")
Unchecked = Mapping[str, Any]  # a document of an older format, or a damaged one: it may hold anything
PACKED = ".gz"
MOST = 512_000_000  # bytes: what is larger is none of ours, and memory has other uses
Migration = Callable[[Unchecked], Unchecked]  # the document of one format -> that of the next


class Damaged(Exception):  # noqa: N818  a state of the file, which the caller may well live with
    """A file that does not say what it should; ``reason`` tells where, in the words of the JSON reader."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class Newer(ConfigError):  # noqa: N818  as all of `larknb.errors`
    """A file that a newer larknb wrote."""

    def __init__(self, path: Path) -> None:
        super().__init__(say("stored.newer.what", path=path), next=say("stored.newer.next"))
        self.path = path


def read(
    path: Path,
    type_: type[T],
    *,
    format: int,  # noqa: A002  the word that the file uses
    migrate: Mapping[int, Migration] | None = None,
) -> T | None:
    """Return what a file holds; None where there is none.

    Parameters
    ----------
    type_ : type
        A dataclass. Keys that it does not know are left out.
    format : int
        The format that ``type_`` describes; a file that names none has format 0.
    migrate : mapping, optional
        For each older format what makes the next one of it: takes and returns the whole document.

    Raises
    ------
    Damaged
        It is no plain file or no JSON, does not fit the type, or has an older format that ``migrate`` does not know.
    Newer
        It has a higher format.
    """
    try:
        data = read_plain(path, MOST)
    except FileNotFoundError:
        return None
    except NotPlain as error:
        raise Damaged(path, str(error.strerror)) from error
    try:
        data = _plain(path, data)
        found = _format_of(path, data, format)
        if found == format:  # the quick way
            return msgspec.json.decode(data, type=ready(type_))
        return msgspec.convert(_migrated(msgspec.json.decode(data), found, format, migrate or {}), ready(type_))
    except Newer:
        raise
    # Strange content may break a migration in any way; RecursionError: a hundred thousand brackets.
    except (
        msgspec.MsgspecError, zlib.error, ValueError, LookupError, TypeError, AttributeError, RecursionError
    ) as error:  # fmt: skip
        raise Damaged(path, str(error) or type(error).__name__) from error


def recall(
    path: Path,
    type_: type[T],
    lost: str = "",
    *,
    format: int,  # noqa: A002  the word that the file uses
    migrate: Mapping[int, Migration] | None = None,
    level: int = logging.WARNING,
) -> T:
    """Return what a file remembers; the empty memory, ``type_()``, where there is none or it cannot be read.

    The log says why, at a ``level``, behind what is ``lost`` by that.
    """
    try:
        return read(path, type_, format=format, migrate=migrate) or type_()
    except (Damaged, Newer, OSError) as error:
        log.log(level, "%s%s", f"{lost}: " if lost else "", error)
        return type_()


def write(
    path: Path,
    value: DataclassInstance,
    *,
    format: int,  # noqa: A002  as in `read`
    mode: int | None = None,
) -> None:
    """Replace a file by a dataclass, as JSON that begins with its ``format``; every reader sees the old or the new one.

    A file of an older format is kept beside, once: ``manifest.json`` as ``manifest.v1.json``.

    Parameters
    ----------
    mode : int, optional
        Permission bits, 0o600 for what nobody else may read.

    Raises
    ------
    Newer
        The file that is there has a higher format.
    NotPlain
        A folder, a link, a pipe or a device lies there.
    """
    _keep_older(path, format)
    document = {"format": format, **{each.name: getattr(value, each.name) for each in fields(value)}}
    data = msgspec.json.format(msgspec.json.encode(document), indent=2)
    write_atomically(path, gzip.compress(data, mtime=0) if path.suffix == PACKED else data, mode=mode)


def _plain(path: Path, data: bytes) -> bytes:
    """Return what is in a file that may be compressed; zlib.error where it is no such thing, or too large."""
    if path.suffix != PACKED:
        return data
    unpacker = zlib.decompressobj(wbits=31)
    whole = unpacker.decompress(data, MOST)
    if not unpacker.eof:
        raise zlib.error("its end is missing")
    return whole


def is_left_of(content: bytes, *beginnings: str) -> bool:
    """Say whether a content may be what a crash left of a file of ours: nothing, zeros, or a cut beginning.

    Parameters
    ----------
    beginnings : str
        What the whole file begins with, in its formats, without blanks.
    """
    text = content.decode("utf-8", "replace").strip("\ufeff\0 \t\r\n")
    if text in HOLDS_NOTHING:
        return True
    begin = "".join(text[:100].split())
    is_ours = any(known.startswith(begin) or begin.startswith(known) for known in beginnings)
    return is_ours and not _is_json(text)


def _is_json(text: str) -> bool:
    """Say whether a text is no cut one: it is whole, or deeper than anything of ours."""
    try:
        msgspec.json.decode(text)
    except RecursionError:
        return True
    except msgspec.MsgspecError:
        return False
    return True


class _Head(msgspec.Struct):
    """The one thing that is read of a document before its type is known."""

    format: int = 0


def _format_of(path: Path, data: bytes, known: int) -> int:
    """Return the format of a file; Newer if it is higher than the one we know."""
    found = msgspec.json.decode(data, type=ready(_Head)).format
    if found > known:
        raise Newer(path)
    return found


def _migrated(document: Unchecked, found: int, wanted: int, migrate: Mapping[int, Migration]) -> Unchecked:
    """Return a document brought from the format that was found to the wanted one, step by step."""
    for number in range(found, wanted):
        if number not in migrate:
            raise ValueError(f"format {found} is unknown")
        document = migrate[number](document)
    return document


def _keep_older(path: Path, wanted: int) -> None:
    """Copy a file that is about to be replaced by one of a later format; what is damaged has no format."""
    try:
        data = read_plain(path, MOST)
        found = _format_of(path, _plain(path, data), wanted)
    except Newer:
        raise
    except (FileNotFoundError, NotPlain, zlib.error, msgspec.MsgspecError, ValueError, RecursionError):
        return
    beside = path.with_name(f"{path.stem}.v{found}{path.suffix}")
    if found < wanted and not beside.exists():
        write_atomically(beside, data, mode=path.stat().st_mode & 0o777)
