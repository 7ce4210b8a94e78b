"""The same run again and again, one at a time and on the clock, until a signal ends it."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import time as Time
from datetime import tzinfo
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from larknb import console, display
from larknb.errors import Busy, ConfigError, LarkError
from larknb.headless.records import prune
from larknb.headless.runner import owned_signals
from larknb.headless.times import next_due, shortest_gap
from larknb.messages import say
from larknb.results.runs import RunResult

__all__ = [
    "KEEP",
    "parse_time",
    "schedule",
]

log = logging.getLogger("larknb")

STEP = 1.0  # seconds between two looks at the signals while it waits
KEEP = 200  # runs whose notebooks are kept: a good week of hourly ones
CLOSE = 0.25  # of an interval: a time on the grid that follows a run this closely is not worth another
LOGIN_EVERY = 900.0  # seconds between two looks at the login while it waits: a token lives for two hours


def schedule(
    run: Callable[[float | None], RunResult],
    folder: Path,
    *,
    interval: float | None,
    at: Sequence[Time] = (),
    once: bool = False,
    keep: int = KEEP,
    keep_alive: Callable[[], object] = lambda: None,
    after: Callable[[RunResult], object] = lambda _: None,
    tell: Callable[[str], None] = console.note,
    zone: tzinfo | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run now, then whenever it is due (`next_due`), and return the exit code.

    A run that fails does not end the schedule: the next one may find the network or the login again. A time that was
    slept through is caught up once, when the machine wakes; one that came while a run was on its way is not made up
    for, nor is one of the interval's less than a quarter of it after the last run.

    Parameters
    ----------
    run : callable
        Runs the notebook once; is given the seconds since the last run began (at first: the interval, or the
        shortest gap between the times), for a sync must look again however short ago it did.
    folder : path
        Where its runs are kept. It holds the lock: never two schedules of one notebook at once.
    interval : float, optional
        Seconds.
    at : sequence of time
        Local times of every day.
    once : bool
        Run now, and no more.
    keep : int
        How many executed notebooks to keep, see `prune`.
    keep_alive : callable
        Renews the login if it is time to; is called before each run and every quarter of an hour between.
    after : callable
        Is given each result. Neither its failure nor that of ``keep_alive`` ends the schedule.
    tell : callable
        Takes one line per run.
    zone : tzinfo, optional
        Whose clock it is; by default the machine's.

    Returns
    -------
    int
        128 + n where signal n ended it, else the exit code of the only run.

    Raises
    ------
    Busy
        Another process schedules this notebook.
    """
    gap, is_first = interval if interval is not None or not at else shortest_gap(at), True
    with _locked(folder, clock), owned_signals() as arrived:
        while arrived.signal is None:
            began = clock()
            _try(keep_alive)
            result, headline = _attempt(run, gap, is_first)
            is_first = False
            if result is not None:
                _try(partial(after, result))
            _try(partial(prune, folder, keep))
            line = say("schedule.line", at=display.moment(began), notebook=folder.name, headline=headline)
            if result is not None and (once or result.exit_code > 128):
                tell(line)
                return result.exit_code
            due = _next(began, clock(), interval, at, zone)
            tell(line + say("schedule.then", at=display.moment(due)))
            looked_at = clock()
            while arrived.signal is None and clock() < due:
                sleep(min(STEP, max(0.0, due - clock())))
                if clock() >= looked_at + LOGIN_EVERY:
                    looked_at = clock()
                    _try(keep_alive)
            gap = clock() - began
    return 128 + arrived.signal


def parse_time(text: str) -> Time:
    """Return the time of the day that a text such as ``8:30`` means."""
    try:
        hour, minute = text.split(":")
        return Time(int(hour), int(minute))
    except ValueError as error:
        raise ConfigError(say("schedule.at.what", value=text), next=say("schedule.at.next")) from error


def _next(began: float, now: float, interval: float | None, at: Sequence[Time], zone: tzinfo | None) -> float:
    """Return the time of the next run after one that began and ended at these times."""
    due = [next_due(now, None, at, zone)] if at else []
    if interval is not None:
        due.append(next_due(max(now, began + CLOSE * interval), interval, (), zone))
    return min(due)


def _attempt(
    run: Callable[[float | None], RunResult], gap: float | None, is_first: bool
) -> tuple[RunResult | None, str]:
    """Return what came of one run, None where it could not even start, and the words for it."""
    try:
        result = run(gap)
    except Exception as error:
        if is_first:
            raise  # it is set up wrongly, and will not heal; later a drive may be away for a while
        log.exception("a run could not start")
        return None, str(error) if isinstance(error, LarkError) else repr(error)
    return result, result.headline()


def _try(act: Callable[[], object]) -> None:
    """Do something that must not end the schedule, whatever comes of it."""
    try:
        act()
    except LarkError as error:  # no network, or nobody is logged in any more: the run tells it
        log.warning("%s", error)
    except Exception:
        log.exception("unexpected, between two runs")


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
