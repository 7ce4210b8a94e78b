"""Notices after a run: decided, sent, and remembered once the bot took them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from larknb.errors import LarkError
from larknb.headless.bot import Card, card
from larknb.headless.notices import Notice, decide, mark_told, read_memory, write_memory
from larknb.headless.ours import is_sign
from larknb.results.runs import RunResult
from larknb.results.user import User

__all__ = ["notify"]

log = logging.getLogger("larknb")

PATIENCE = 60.0  # seconds to wait for the notices of another notebook


def notify(
    result: RunResult,
    user: User | None,
    *,
    root: Path,
    file: Path,
    deliver: Callable[[Card], None],
    now: float,
    redact: Callable[[str], str] = str,
    remember: bool = True,
    tell: Literal["failures", "changes"] = "failures",
) -> list[Notice]:
    """Tell what there is to tell after a run, and return it.

    Parameters
    ----------
    root : path
        The workspace, as people know it.
    file : path
        Remembers what was told.
    deliver : callable
        Takes each card. If it raises LarkError, that is logged, and the card is tried again after the next run.
    remember : bool
        False leaves the file as it is: nothing was really told.
    tell : str
        ``changes``: also of a good run that brought changes. Its card comes once; the changes are in the runs.
    """
    with _locked(file.with_suffix(".lock")):
        notices, memory = decide(read_memory(file), result, user, now, tell=tell)
        for notice in notices:
            try:
                deliver(card(notice, result, root, redact, changes=tell == "changes"))
            except LarkError as error:
                log.warning("notice %s of %s: %s", notice.kind, notice.notebook, error)
            else:
                memory = mark_told(memory, notice)
        if remember:
            write_memory(file, memory)
    return notices


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold a lock while inside; where none can be had, a notice may come twice, and that is better than none."""
    lock = FileLock(file, timeout=PATIENCE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if is_sign(file):
            lock.acquire()
    except (OSError, Timeout) as error:
        log.warning("%s: %s", file, error)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()
