"""The same run again and again, one at a time and on the clock, until a signal ends it."""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from larknb import console, display, stored
from larknb.errors import Busy, LarkError
from larknb.headless.ours import foreign, is_sign, not_written
from larknb.headless.records import UNNUMBERED, prune
from larknb.headless.signals import FirstSignal, owned_signals
from larknb.headless.times import Timetable
from larknb.messages import say
from larknb.results.runs import RunResult

__all__ = ["KEEP", "schedule"]

log = logging.getLogger("larknb")

FORMAT = 1  # of the file that names the owner of the lock
LOOK_EVERY = 1.0  # seconds between two looks at the signals while it waits
KEEP = 200  # runs whose notebooks are kept: a good week of hourly ones
LOGIN_EVERY = 900.0  # seconds between two looks at the login while it waits: a token lives for two hours


def schedule(
    run: Callable[[float | None], RunResult],
    folder: Path,
    *,
    interval: float | None,
    at: Sequence[dt.time] = (),
    once: bool = False,
    keep: int = KEEP,
    keep_alive: Callable[[], object] = lambda: None,
    after: Callable[[RunResult], object] = lambda _: None,
    tell: Callable[[str], None] = console.note,
    zone: dt.tzinfo | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run now and whenever it is due (`Timetable`), and return the exit code.

    A run that fails does not end the schedule. Times that pass during a run are skipped. Times that pass while the
    machine sleeps are caught up by one run when it wakes.

    Parameters
    ----------
    run : callable
        Runs the notebook once; takes the seconds since the last run began (at first what the timetable says), so that
        its sync looks again however short that is.
    folder : path
        Where its runs are kept, and the lock: a notebook never has two schedules at once.
    once : bool
        Run now and no more.
    keep : int
        How many executed notebooks to keep, see `prune`.
    keep_alive : callable
        Renews the login in good time; called before each run and every quarter of an hour between.
    after : callable
        Takes each result. Neither its failure nor that of ``keep_alive`` ends the schedule.
    tell : callable
        Takes one line per run.

    Returns
    -------
    int
        128 + n if signal n ended it, else the exit code of the only run.

    Raises
    ------
    Busy
        Another process schedules this notebook.
    LarkError
        The folder cannot be written, or the first run could not even start.
    """
    shift = _Shift(run, folder, Timetable(interval, at, zone), keep, keep_alive, after, tell, clock, sleep)
    with _locked(folder, clock), owned_signals() as arrived:
        return shift.work(arrived, once=once)


@dataclass(frozen=True)
class _Shift:
    """A schedule at work; its fields are the arguments of `schedule`."""

    run: Callable[[float | None], RunResult]
    folder: Path
    timetable: Timetable
    keep: int
    keep_alive: Callable[[], object]
    after: Callable[[RunResult], object]
    tell: Callable[[str], None]
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def work(self, arrived: FirstSignal, *, once: bool) -> int:
        """Run and wait in turn, until a signal arrives or the only run is over."""
        gap, is_first = self.timetable.gap, True
        while arrived.number is None:
            began = self.clock()
            result, line = self._run(began, gap, is_first=is_first)
            if result is not None and (once or result.exit_code > 128):
                self.tell(line)
                return result.exit_code
            due = self.timetable.next_run(began, self.clock())
            self.tell(line + say("schedule.then", at=display.moment(due)))
            self._wait_until(due, arrived)
            gap, is_first = self.clock() - began, False
        return 128 + arrived.number

    def _run(self, began: float, gap: float | None, *, is_first: bool) -> tuple[RunResult | None, str]:
        """Return the result of one run with all that belongs to it, and the line that tells of it."""
        _try(self.keep_alive)
        result, headline = self._attempt(gap, is_first=is_first)
        if result is not None:
            _try(lambda: self.after(result))
        _try(lambda: prune(self.folder, self.keep))
        at = display.moment(began)
        return result, say("schedule.line", at=at, notebook=self.folder.name, headline=headline)

    def _attempt(self, gap: float | None, *, is_first: bool) -> tuple[RunResult | None, str]:
        """Return the result of one run, None if it could not even start, and its headline."""
        try:
            result = self.run(gap)
        except Exception as error:
            if is_first:
                raise  # it is set up wrongly and will not heal; later a drive may be away for a while
            log.exception("a run could not start")
            return None, str(error) if isinstance(error, LarkError) else repr(error)
        return result, result.headline()

    def _wait_until(self, due: float, arrived: FirstSignal) -> None:
        """Wait for a time or a signal, and look after the login meanwhile."""
        looked_at = self.clock()
        while arrived.number is None and self.clock() < due:
            self.sleep(min(LOOK_EVERY, max(0.0, due - self.clock())))
            if self.clock() >= looked_at + LOGIN_EVERY:
                looked_at = self.clock()
                _try(self.keep_alive)


def _try(act: Callable[[], object]) -> None:
    """Do something whose failure is logged and does not end the schedule."""
    try:
        act()
    except LarkError as error:  # no network, or nobody is logged in any more: the next run reports it
        log.warning("%s", error)
    except Exception:
        log.exception("unexpected, between two runs")


@contextmanager
def _locked(folder: Path, clock: Callable[[], float]) -> Iterator[None]:
    """Hold the lock of the schedule while inside; the system frees the lock of a process that died."""
    owner, file = folder / "schedule.owner", folder / "schedule.lock"
    lock = FileLock(file, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not is_sign(file):
            raise foreign(file)
        lock.acquire()
    except Timeout as error:
        raise Busy(say("schedule.busy.what", owner=_name_owner(owner)), next=say("schedule.busy.next")) from error
    except OSError as error:
        raise not_written(file, error) from error
    try:
        with _owned(owner, Owner(os.getpid(), round(clock()))):
            yield
    finally:
        with suppress(OSError):
            lock.release()


@contextmanager
def _owned(file: Path, owner: Owner) -> Iterator[None]:
    """Say who holds the lock; where that cannot be written, nobody is told, and that is all."""
    try:
        stored.write(file, owner, format=FORMAT)
    except (OSError, stored.Newer) as error:
        log.warning("%s: %s", file, error)
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Owner:
    """Who holds the lock of a schedule, as the file beside the lock says."""

    pid: int
    started_at: float


def _name_owner(path: Path) -> str:
    """Say who holds the lock, as far as it can be known."""
    try:
        owner = stored.read(path, Owner, format=FORMAT, migrate=UNNUMBERED)
    except (stored.Damaged, stored.Newer, OSError):
        owner = None
    return f"pid {owner.pid}, {display.moment(owner.started_at)}" if owner else "?"
