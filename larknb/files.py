"""Files that are either whole or not there: plain ones alone, atomic writes, names that every system accepts.

What the disk refuses is an `OSError` that names the file, also where the system itself would not: at a write, a flush.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import os
import re
import stat
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "NotPlain",
    "create",
    "file_name",
    "is_plain",
    "is_there",
    "naming",
    "open_plain",
    "read_plain",
    "remove_torn",
    "replace",
    "sync_file",
    "sync_folder",
    "write_atomically",
]

LONGEST = 80  # characters of a title in a file name; the folders above it need the rest of Windows' 260
LONGEST_BYTES = 200  # of UTF-8: other systems count bytes, and end at 255 with our suffixes

# The devices of Windows, of whatever suffix; the raised digits are those of Latin-1, which it takes for plain ones.
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *(p + n for p in ("com", "lpt") for n in "123456789¹²³")}


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


# --- plain files ----------------------------------------------------------------------------------------------------

# Never through a link, and never waiting for the other end of a pipe.
_CAREFUL = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC"))


class NotPlain(OSError):  # noqa: N818  as all of `larknb.errors`
    """Where a file of ours should be lies a folder, a pipe, a device or a link, or a file far too large to be ours."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.EINVAL, "not a plain file", str(path))


def is_there(path: Path) -> bool:
    """Say whether anything lies there, be it a link to nothing; a disk that does not answer is no No."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_plain(path: Path) -> bool:
    """Say whether a plain file lies there; a link is none, whatever it leads to."""
    return is_there(path) and stat.S_ISREG(path.lstat().st_mode)


def open_plain(path: Path | str, flags: int, mode: int = 0o666) -> int:
    """Return a handle on a plain file; NotPlain where something else lies there, which is not even opened.

    It may stand as the ``opener`` of `open`.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise NotPlain(path)
    handle = os.open(path, flags | _CAREFUL, mode)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)  # it was exchanged just now
        raise NotPlain(path)
    return handle


def read_plain(path: Path, most: int) -> bytes:
    """Return what a plain file holds; NotPlain where it is none, or has more than ``most`` bytes."""
    with naming(path), open(open_plain(path, os.O_RDONLY), "rb") as file:
        if os.fstat(file.fileno()).st_size > most:
            raise NotPlain(path)
        return file.read()


def create(path: Path, mode: int = 0o666) -> BinaryIO:
    """Return an empty file to be written, for libraries too; each write that the disk refuses names the file."""
    return io.BufferedWriter(_Raw(path, mode))


class _Raw(io.RawIOBase):
    def __init__(self, path: Path, mode: int) -> None:
        self._path = path
        self._handle = open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._handle

    def write(self, data: ReadableBuffer) -> int:
        with naming(self._path):
            return os.write(self._handle, data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            with naming(self._path):
                os.close(self._handle)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let what the disk refuses inside name a file, unless it names one already."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


# --- whole or not there ---------------------------------------------------------------------------------------------


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file so that every reader sees the old bytes or the new ones, also after a crash or a power cut.

    Parameters
    ----------
    mode : int, optional
        Permission bits, set before the first byte is written (0o600 for what nobody else may read).

    Raises
    ------
    NotPlain
        A folder, a link, a pipe or a device lies there: it is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_there(path) and not is_plain(path):
        raise NotPlain(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with create(partial, 0o666 if mode is None else mode) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace(partial, path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename in (None, str(partial)):
            error.filename = str(path)
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_torn(path: Path) -> None:
    """Delete what killed writers of a file left on its way; only for whoever keeps other writers out."""
    with suppress(OSError):
        for partial in [*path.parent.glob(f".{glob.escape(path.name)}.*.tmp")]:
            if partial.name[len(path.name) + 2 : -len(".tmp")].isdecimal() and is_plain(partial):
                partial.unlink(missing_ok=True)


def replace(new: Path, old: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Rename ``new`` over ``old``; on Windows try for two seconds while another program has ``old`` open."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8, 0.5):
        try:
            new.replace(old)
        except PermissionError:
            if sys.platform != "win32":
                raise
            sleep(pause)
        else:
            return
    new.replace(old)


def sync_file(path: Path) -> None:
    """Bring a written file to the disk."""
    _sync(path, os.O_RDWR)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system can."""
    if sys.platform == "win32":
        return  # NTFS journals renames; a folder cannot be opened there
    try:
        _sync(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network drives cannot
            raise


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        with naming(path):
            os.fsync(handle)
    finally:
        os.close(handle)
