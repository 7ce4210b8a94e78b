"""When requests left, in a file that all processes of one app on this machine share.

It holds times of the last minute and nothing else, so nothing about it is worth an error: a file that is damaged counts
as an empty one, and where none can be written or locked, each process knows its own requests alone.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from larknb.decoding import ready
from larknb.files import create, read_plain

if TYPE_CHECKING:
    from filelock import FileLock

__all__ = ["Sent", "SentFile", "file_of"]

PATIENCE = 0.5  # seconds for the lock, which is held for less than a millisecond
POLL = 0.002  # seconds between two looks at it
GIVEN_UP = 30.0  # seconds without the file, after somebody kept the lock: they may be stopped in a debugger
MOST = 1_000_000  # bytes: a few times for each of some twenty APIs are less

Sent = dict[str, list[float]]  # by API, in the time of the clock that all processes share

log = logging.getLogger("larknb")


def file_of(open_base: str, app_id: str) -> Path:
    """Return the file of an app: in the person's cache, and another one on each machine that shares their home."""
    from platformdirs import user_cache_path

    names = "\n".join((platform.node(), open_base.rstrip("/").lower(), app_id))
    name = hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return user_cache_path("larknb", appauthor=False) / "pace" / f"{name}.json"


class SentFile:
    """The file, which one process at a time has open."""

    def __init__(self, path: Path) -> None:
        self._path, self._unused_until = path, 0.0

    @contextmanager
    def opened(self) -> Iterator[Sent]:
        """Give what the file says, and keep what becomes of it; where there can be no file, give nothing."""
        lock = self._lock()
        try:
            sent = _read(self._path) if lock else {}
            before = msgspec.json.encode(sent)
            yield sent
            after = msgspec.json.encode(sent)
            if lock and after != before:
                self._write(after)
        finally:
            if lock:
                lock.release()

    def _lock(self) -> FileLock | None:
        from filelock import FileLock, Timeout

        if time.monotonic() < self._unused_until:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path.with_suffix(".lock"))
            lock.acquire(timeout=PATIENCE, poll_interval=POLL)
        except (OSError, NotImplementedError, Timeout) as error:
            self._give_up(error)
            return None
        return lock

    def _write(self, data: bytes) -> None:
        try:
            with create(self._path) as file:
                file.write(data)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        log.debug("%s: %s", self._path, error)
        self._unused_until = time.monotonic() + GIVEN_UP


def _read(path: Path) -> Sent:
    try:
        return msgspec.json.decode(read_plain(path, MOST), type=ready(Sent))
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return {}
