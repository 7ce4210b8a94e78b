"""The same run again and again, one at a time, until a signal ends it."""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from larknb import display
from larknb.errors import Busy, LarkError
from larknb.messages import say
from larknb.model import RunResult
from larknb.runs.runner import owned_signals, prune

__all__ = ["schedule"]

log = logging.getLogger("larknb")

STEP = 1.0  # seconds between two looks at the signals while it waits
KEEP = 200  # runs whose notebooks are kept: a good week of hourly ones


def schedule(
    run: Callable[[], RunResult],
    folder: Path,
    *,
    interval: float | None,
    keep: int = KEEP,
    tell: Callable[[str], None] = display.note,
    after: Callable[[RunResult], object] = lambda _: None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run now, then at every ``interval``, and return the exit code.

    A run that fails does not end the schedule: the next one may find the network or the login again. Runs that became
    due while another one took longer, or while the machine slept, are not made up for.

    Parameters
    ----------
    run : callable
        Runs the notebook once.
    folder : path
        Where its runs are kept. It holds the lock: never two schedules of one notebook at once.
    interval : float or None
        Seconds from start to start; None runs once.
    keep : int
        How many executed notebooks to keep.
    tell : callable
        Takes one line per run.
    after : callable
        Takes the result of each run. What it raises is logged and ends nothing.

    Returns
    -------
    int
        128 + n where signal n ended it, else the exit code of the only run.

    Raises
    ------
    Busy
        Another process schedules this notebook.
    """
    code: int | None = None
    with _locked(folder, clock), owned_signals() as arrived:
        while arrived.signal is None:
            began = clock()
            try:
                result = run()
                code, headline = result.exit_code, result.headline()
                _hand_on(result, after)
            except LarkError as error:
                if code is None:
                    raise  # nothing ever ran: it is set up wrongly, and will not heal
                headline = str(error)
            prune(folder, keep)
            line = say("schedule.line", at=display.moment(began), notebook=folder.name, headline=headline)
            if interval is None or code > 128:
                tell(line)
                return code
            due = began + interval * max(1, math.ceil((clock() - began) / interval))  # the first that is not past
            tell(line + say("schedule.then", at=display.moment(due)))
            while arrived.signal is None and clock() < due:
                sleep(min(STEP, max(0.0, due - clock())))
    return 128 + arrived.signal


def _hand_on(result: RunResult, after: Callable[[RunResult], object]) -> None:
    try:
        after(result)
    except Exception:  # the night goes on
        log.exception("after a run of %s", result.notebook)


@contextmanager
def _locked(folder: Path, clock: Callable[[], float]) -> Iterator[None]:
    """Hold the lock of the schedule; the system frees it when its owner dies, whatever way."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / "schedule.owner"
    lock = FileLock(folder / "schedule.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy(say("schedule.busy.what", owner=_owner(owner)), next=say("schedule.busy.next")) from error
    try:
        owner.write_text(json.dumps({"pid": os.getpid(), "started_at": round(clock())}), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _owner(path: Path) -> str:
    """Say who holds the lock, as far as it can be known."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        return f"pid {owner['pid']}, {display.moment(owner['started_at'])}"
    except (OSError, ValueError, LookupError, TypeError):
        return "?"
