"""The log file: ``work/logs/larknb.log``, rotating, with everything that looks like a secret taken out.

A record is one line, and what follows of a traceback is indented: no text of others looks like a record. The log stops
nobody: where it cannot be written, or something lies there that is no log of ours, there is none.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from textwrap import indent
from typing import Any

from larknb.files import is_there, open_plain
from larknb.visible import visible, visible_lines

__all__ = ["log_to", "redactor"]

SIZE = 1_000_000  # bytes of one file
OLDER = 3  # files that are kept beside it
_BEGINNING = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \d+ ")  # of a log of ours, as `_Redacting` says

# v2 tokens are JWT-like, older and tenant tokens carry a letter before a dash and always a digit.
_TOKENS = re.compile(r"eyJ[\w.-]{8,}|\b[tu]r?-(?=[\w.-]*\d)[\w.-]{20,}|(?<=Bearer )\S+")
_IN_ADDRESSES = re.compile(r"(?<=code=)[\w.-]+|(?<=secret=)\S+|(?<=token=)(?!tbl|rec)[\w.-]{16,}")


def redactor(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """Return what takes these secrets, and whatever looks like a token, out of a text."""
    known = [secret for secret in secrets if secret]

    def redact(text: str) -> str:
        for secret in known:
            text = text.replace(secret, "****")
        return _TOKENS.sub("****", text)

    return redact


class _Redacting(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(process)d %(message)s")
        self._redact = redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler's; it may hold lines that look like records
        return _IN_ADDRESSES.sub("****", self._redact(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        return indent(visible_lines(super().formatException(ei)), "    ")

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  logging's name
        return indent(visible_lines(super().formatStack(stack_info)), "    ")


class _Quiet(RotatingFileHandler):
    """A log that cannot be written (the folder is gone, the drive disconnected) shows nothing under a cell."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=open_plain)

    def doRollover(self) -> None:  # noqa: N802  logging's name
        """Begin a new file; where another process has this one open, as only Windows minds, it grows on instead."""
        try:
            super().doRollover()
            self.maxBytes = SIZE
        except PermissionError:
            self.maxBytes += SIZE  # so that not every record tries again
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  logging's name
        return


def log_to(path: Path, secrets: Iterable[str] = ()) -> None:
    """Let the ``larknb`` logger write to ``path``; a second call for the same file changes nothing."""
    logger = logging.getLogger("larknb")
    old = [handler for handler in logger.handlers if isinstance(handler, RotatingFileHandler)]
    if any(Path(handler.baseFilename) == path for handler in old):
        return
    for handler in old:  # one process, one workspace at a time: an earlier one's log is complete
        logger.removeHandler(handler)
        with suppress(OSError):  # a full disk takes no last line
            handler.close()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rotated = [path, *(Path(f"{path}.{number}") for number in range(1, OLDER + 1))]
        if not all(map(_is_ours, rotated)):
            return
        handler = _Quiet(path, maxBytes=SIZE, backupCount=OLDER, encoding="utf-8", delay=True)
    except OSError:
        return  # a folder that cannot be written to stops nobody from reading
    handler.setFormatter(_Redacting(secrets))
    logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


def _is_ours(path: Path) -> bool:
    """Say whether a file may be appended to, renamed and, at last, deleted: it is missing, empty, or begins as ours."""
    if not is_there(path):
        return True
    with open(open_plain(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123  a handle is no path
        beginning = file.read(60)
    return not beginning or bool(_BEGINNING.match(beginning))
