"""Files that are either whole or not there: atomic writes, and names that every system accepts."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

__all__ = ["NotPlain", "file_name", "read_plain", "replace", "sync_file", "sync_folder", "write_atomically"]

LONGEST = 80  # characters of a title in a file name; the folders above it need the rest of Windows' 260
LONGEST_BYTES = 200  # of UTF-8: other systems count bytes, and end at 255 with our suffixes

# The devices of Windows, of whatever suffix; the raised digits are those of Latin-1, which it takes for plain ones.
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *(p + n for p in ("com", "lpt") for n in "123456789¹²³")}


class NotPlain(OSError):  # noqa: N818  what lies there, and no failure of the disk
    """A folder, a pipe, a device or a link, where a plain file was looked for."""


def file_name(title: str, key: str = "", taken: frozenset[str] | set[str] = frozenset()) -> str:
    """Return ``title`` as a file name that is safe on Windows, macOS and Linux.

    A name that had to be altered, or that differs from one of ``taken`` (case-folded names) by case alone, gets a
    short hash of the title and of ``key`` (what tells two things of one title apart): no two ever share a file.
    """
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", unicodedata.normalize("NFC", title)).strip().rstrip(". ")
    name = name.encode("utf-8", "replace").decode()
    name = _cut(name)
    altered = name != title or not name or _is_reserved(name)
    if altered or name.casefold() in taken:
        digest = hashlib.sha256(f"{title}/{key}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = f"{name}-{digest}" if name and not _is_reserved(name) else f"_{name}-{digest}"
    return name


def _is_reserved(name: str) -> bool:
    """Say whether Windows takes a name for a device, with whatever suffix and blanks before it."""
    return name.partition(".")[0].rstrip().casefold() in _RESERVED


def _cut(name: str) -> str:
    name = name[:LONGEST]
    while len(name.encode()) > LONGEST_BYTES:
        name = name[:-1]
    return name.rstrip(". ")


def read_plain(path: Path, most: int) -> bytes | None:
    """Return what a file holds, cut one byte after ``most``; None where there is none.

    It never waits and never follows a link, whatever somebody else put there.

    Raises
    ------
    NotPlain
        It is no file.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise NotPlain(path)  # not even opened: a device may act on that
        names = ("O_BINARY", "O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC")
        flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in names)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotPlain(path)  # it was exchanged just now
            return file.read(most + 1)
    except FileNotFoundError:
        return None


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file so that every reader sees the old bytes or the new ones, also after a crash or a power cut.

    Parameters
    ----------
    mode : int, optional
        Permission bits, set before the first byte is written (0o600 for what nobody else may read).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(partial, flags, 0o666 if mode is None else mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace(new: Path, old: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Rename ``new`` over ``old``; on Windows try for two seconds while another program has ``old`` open."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8, 0.5):
        try:
            new.replace(old)
        except PermissionError:
            if os.name != "nt":
                raise
            sleep(pause)
        else:
            return
    new.replace(old)


def sync_file(path: Path) -> None:
    """Bring a written file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system can."""
    if os.name == "nt":
        return  # NTFS journals renames; a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
