"""A disk that fails: the file operations below a folder, counted, and one of them refused or deadly.

Operations are those of ``os``, which all files of ours are written by; `open` is made to go through it, too. Whoever
writes past it (a C library with a path of its own) is not seen here: `limited` has the system itself refuse that.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

__all__ = ["ERRORS", "Disk", "broken", "limited"]

# Which operations a disk refuses for which reason.
_WRITING = {"create", "write", "fsync", "mkdir", "rename"}
_CHANGING = {"create", "mkdir", "rename", "remove", "touch"}
_READING = {"open", "list", "stat"}
ERRORS = {
    errno.ENOSPC: _WRITING,
    errno.EDQUOT: _WRITING,
    errno.EROFS: _CHANGING,
    errno.EACCES: _CHANGING | _READING,
    errno.EIO: _CHANGING | _READING | _WRITING,
    errno.EMFILE: {"create", "open", "list"},
}
_NAMES = {
    "mkdir": "mkdir", "rmdir": "remove", "unlink": "remove", "remove": "remove", "rename": "rename", "replace":
    "rename", "utime": "touch", "truncate": "touch", "chmod": "touch", "link": "create",
    "listdir": "list", "scandir": "list", "stat": "stat", "lstat": "stat",
}  # fmt: skip
_HANDLES = {"write": "write", "fsync": "fsync", "sendfile": "write"}
_MAKES = os.O_CREAT | os.O_WRONLY | os.O_RDWR | os.O_TRUNC


@dataclass
class Disk:
    """What happens to the operations below ``root``.

    Parameters
    ----------
    error : int
        The reason, and so the operations that are counted; 0 counts all that change something.
    at : int
        Which of them fails, from 1; 0 lets all succeed.
    lasts : bool
        All later ones fail as well, as on a disk that stays full.
    kill : bool
        The process dies instead, in the middle of a write.
    """

    root: Path
    error: int = 0
    at: int = 0
    lasts: bool = False
    kill: bool = False
    done: list[str] = field(default_factory=list)
    _handles: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counts(self, kind: str) -> bool:
        return kind in ERRORS.get(self.error, _CHANGING | {"write"})

    def meets(self, kind: str, path: str) -> bool:
        """Count an operation; say whether it is one that fails."""
        with self._lock:
            if not self.counts(kind):
                return False
            self.done.append(f"{kind} {os.path.relpath(path, self.root)}")
            number = len(self.done)
        return bool(self.at) and (number == self.at or (self.lasts and number > self.at))

    def fail(self, path: str | None) -> None:
        if self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        reason = OSError(self.error, os.strerror(self.error))
        reason.filename = path
        raise reason

    def below(self, path: object) -> str:
        """Return a path below the folder, empty for any other."""
        found = Path(os.fsdecode(path)).absolute() if isinstance(path, (str, bytes, os.PathLike)) else Path()
        return str(found) if found.is_relative_to(self.root) else ""

    # --- what takes the place of the functions of os -----------------------------------------------------------------

    def on_path(self, real: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def act(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
            known = self.below(path)
            is_idle = kind in ("mkdir", "remove") and os.path.lexists(known) is (kind == "mkdir")
            if known and not is_idle and self.meets(kind, known):
                self.fail(known)
            return real(path, *args, **kwargs)

        return act

    def on_handle(self, real: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def act(handle: int, *args: Any, **kwargs: Any) -> Any:
            known = self._handles.get(handle, "")
            if known and self.meets(kind, known):
                if self.kill and real is _WRITE:
                    real(handle, bytes(args[0])[: len(args[0]) // 2])
                self.fail(None)  # the system names no file here
            return real(handle, *args, **kwargs)

        return act

    def opening(self, real: Callable[..., int]) -> Callable[..., int]:
        def act(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            known = self.below(path)
            if known and self.meets("create" if flags & _MAKES else "open", known):
                self.fail(known)
            handle = real(path, flags, *args, **kwargs)
            self._handles[handle] = known
            return handle

        return act


_WRITE = os.write


def _through_os(real: Callable[..., Any]) -> Callable[..., Any]:
    """Let `open` of a path go through ``os.open``."""

    def act(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, closefd: bool = True, opener: Any = None) -> Any:  # fmt: skip
        if opener is None and not isinstance(file, int):
            opener = lambda path, flags: os.open(path, flags, 0o666)  # noqa: E731
        return real(file, mode, buffering, encoding, errors, newline, closefd, opener)

    return act


@contextmanager
def broken(root: Path, error: int = 0, at: int = 0, *, lasts: bool = False, kill: bool = False) -> Iterator[Disk]:
    """Give a folder a disk that fails; what was done there is in the ``done`` of what this yields."""
    disk = Disk(root, error, at, lasts, kill)
    replaced: dict[str, Any] = {name: disk.on_path(getattr(os, name), kind) for name, kind in _NAMES.items()}
    replaced |= {name: disk.on_handle(getattr(os, name), kind) for name, kind in _HANDLES.items() if hasattr(os, name)}
    through = _through_os(open)
    with (
        mock.patch.multiple(os, open=disk.opening(os.open), **replaced),
        mock.patch.object(builtins, "open", through),
        mock.patch.object(io, "open", through),
    ):
        yield disk


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let the system refuse every file of this process that grows beyond ``size`` bytes, whoever writes it."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
