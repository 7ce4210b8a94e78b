"""What a disk refuses, in words: which file, what is wrong with it, what to do; said here for everybody."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from larknb.errors import LarkError
from larknb.files import NotPlain
from larknb.messages import say

__all__ = ["refused", "telling", "why"]

# Why, by the system's own word for it.
_REASONS = {
    "full": ("ENOSPC",),
    "quota": ("EDQUOT",),
    "read_only": ("EROFS",),
    "denied": ("EACCES", "EPERM"),
    "handles": ("EMFILE", "ENFILE"),
    "long": ("ENAMETOOLONG",),
    "large": ("EFBIG",),
    "broken": ("EIO",),
    "drive": ("ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT",
              "ECONNABORTED", "ECONNRESET", "EREMOTEIO", "ENOMEDIUM", "ESHUTDOWN"),
    "gone": ("ENOENT",),
    "place": ("ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ELOOP"),
    "used": ("EBUSY", "ETXTBSY", "EAGAIN", "EDEADLK", "ENOLCK"),
}  # fmt: skip
_BY_NUMBER = {getattr(errno, name): reason for reason, names in _REASONS.items() for name in names
              if hasattr(errno, name)}  # fmt: skip
# Windows has words of its own that Python gives no number of the others, or a misleading one.
_BY_WINDOWS = {
    19: "read_only", 21: "drive", 23: "broken", 32: "used", 33: "used", 39: "full", 53: "drive", 55: "drive",
    59: "drive", 64: "drive", 67: "drive", 112: "full", 206: "long", 1006: "drive", 1117: "broken", 1167: "drive",
    1295: "quota", 4390: "place",
}  # fmt: skip


def why(error: OSError) -> str:
    """Return the reason in a word; empty for one that we have no words for."""
    if isinstance(error, NotPlain):
        return "plain"
    known = _BY_WINDOWS.get(getattr(error, "winerror", None) or 0)
    return known or _BY_NUMBER.get(error.errno or 0, "")


def refused(error: OSError, path: object = "", *, source: str = "", advice: str = "") -> LarkError:
    """Return the error to tell.

    Parameters
    ----------
    path : object
        The file, where the system did not name it itself.
    advice : str
        What to do next, where the caller knows better than the reason tells.
    """
    reason, own = why(error), error.strerror or str(error) or type(error).__name__
    file = error.filename or path
    words = say(f"disk.{reason}", own=own) if reason else own
    what = say("disk.file", path=file, reason=words) if file else say("disk.any", reason=words)
    return LarkError(what, source=source, next=advice or say(f"disk.{reason or 'other'}.next"))


@contextmanager
def telling() -> Iterator[None]:
    """Raise what the disk refuses inside as the `refused` error."""
    try:
        yield
    except OSError as error:
        if error.errno is None and error.filename is None:
            raise  # no word of a disk: requests has OSErrors of its own
        raise refused(error) from error
