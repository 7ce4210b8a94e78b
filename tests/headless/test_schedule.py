from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from larknb.errors import ApiError, Busy, LoginRequired, NotFound
from larknb.headless.schedule import schedule
from larknb.headless.times import parse_time
from larknb.results.runs import CellError, RunResult, RunStatus
from tests.conftest import Clock

HOUR, DAY = 3600.0, 86400.0
BERLIN = ZoneInfo("Europe/Berlin")
NINE = 1_768_550_400.0  # 2026-01-16 09:00 in Berlin

posix = pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")


def result(status: RunStatus, at: float) -> RunResult:
    error = CellError(2, "lk.sync()", "ApiError", "no network") if status == "failed" else None
    number = int(signal.SIGINT) if status == "stopped" else 0
    return RunResult("n.ipynb", "out.ipynb", status, started_at=at, error=error, signal=number)


Run = Callable[[float | None], RunResult]


class Night:
    """A schedule with a clock of its own: each run takes some time and ends in some way; the last ends it all."""

    def __init__(self, folder: Path, clock: Clock, *runs: tuple[float, RunStatus]) -> None:
        self.folder, self.clock, self.runs = folder, clock, list(runs)
        self.began: list[float] = []
        self.gaps: list[float | None] = []
        self.lines: list[str] = []
        clock.now = self.start = NINE

    def run(self, gap: float | None) -> RunResult:
        self.began.append(self.clock.now - self.start)
        self.gaps.append(gap)
        seconds, status = self.runs.pop(0)
        self.clock.advance(seconds)
        if not self.runs and status != "stopped":
            os.kill(os.getpid(), signal.SIGTERM)  # noted, for the schedule to find when the run is over
        return result(status, self.clock.now - seconds)

    def go(self, interval: float | None = HOUR, run: Run | None = None, **more: Any) -> int:
        options = {"tell": self.lines.append, "zone": BERLIN, "clock": self.clock, "sleep": self.clock.sleep}
        return schedule(run or self.run, self.folder, interval=interval, **{**options, **more})


@pytest.fixture
def night(tmp_path: Path, clock: Clock) -> Callable[..., Night]:
    return lambda *runs: Night(tmp_path / "runs" / "nightly", clock, *runs)


Make = Callable[..., Night]


@posix
def test_it_runs_now_and_then_at_full_hours(night: Make) -> None:
    """Whatever a run takes; a failing one does not end the night; one line each; each is told how long ago one was."""
    shift = night((60, "ok"), (600, "failed"), (5, "login"), (1, "ok"))
    shift.clock.now = NINE + 600
    assert shift.go() == 128 + signal.SIGTERM
    assert shift.began == [600, HOUR, 2 * HOUR, 3 * HOUR]
    assert shift.gaps == [HOUR, HOUR - 600, HOUR, HOUR]
    assert len(shift.lines) == 4
    assert "nightly: ok" in shift.lines[0]
    assert "cell [2] (lk.sync()): ApiError: no network" in shift.lines[1]
    assert all("next run" in line for line in shift.lines)


@posix
def test_a_full_hour_right_after_the_start_is_left_out(night: Make) -> None:
    """A minute after the first run nobody needs another; a time of the day that was asked for is kept."""
    shift = night((1, "ok"), (1, "ok"))
    shift.clock.now = NINE + HOUR - 60
    shift.go()
    assert shift.began == [HOUR - 60, 2 * HOUR]
    shift = night((1, "ok"), (1, "ok"))
    shift.clock.now = NINE + HOUR - 60
    shift.go(at=[parse_time("10:00")])
    assert shift.began == [HOUR - 60, HOUR]


@posix
def test_what_comes_during_a_run_is_not_made_up_for(night: Make) -> None:
    """A run of two and a half hours, then the next full hour."""
    shift = night((2.5 * HOUR, "ok"), (1, "ok"))
    shift.go()
    assert shift.began == [0, 3 * HOUR]


@posix
def test_what_was_slept_through_is_caught_up_once(night: Make) -> None:
    """The laptop wakes after seven hours: one run at once, then back to the clock."""
    shift = night((1, "ok"), (1, "ok"), (1, "ok"))
    shift.go(sleep=lambda seconds: shift.clock.advance(7.4 * HOUR if len(shift.began) == 1 else seconds))
    assert shift.began == [0, 7.4 * HOUR + 1, 8 * HOUR]


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("failed", 1), ("login", 3), ("timeout", 124)])
def test_once(night: Make, status: RunStatus, code: int) -> None:
    """One run, its exit code, and nobody waits."""
    shift = night((1, status), (1, "ok"))
    assert shift.go(once=True) == code
    assert (len(shift.began), shift.clock.slept, len(shift.lines)) == (1, [], 1)
    assert "next run" not in shift.lines[0]


def test_a_signal_during_a_run_ends_the_schedule(night: Make) -> None:
    """The run tells of it, and no other follows."""
    shift = night((1, "stopped"), (1, "ok"))
    assert shift.go() == 128 + signal.SIGINT
    assert len(shift.began) == 1


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_waits_ends_the_schedule(night: Make, number: signal.Signals) -> None:
    """Within a second, without a traceback, and the lock is free."""
    shift = night((1, "ok"), (1, "ok"))
    assert shift.go(sleep=lambda _: os.kill(os.getpid(), number)) == 128 + number
    assert len(shift.began) == 1
    assert shift.go(once=True) == 0


@posix
def test_a_run_that_cannot_start_later_is_told(night: Make) -> None:
    """At first it ends the schedule, for it is set up wrongly; later, when a drive is away for a while, it does not."""

    def missing(_: float | None) -> RunResult:
        raise NotFound("no notebook")

    shift = night((1, "ok"), (1, "ok"))
    with pytest.raises(NotFound):
        shift.go(run=missing)
    runs = [shift.run, missing, shift.run]
    shift.go(run=lambda gap: runs.pop(0)(gap))
    assert shift.began == [0, 2 * HOUR]
    assert "no notebook" in shift.lines[1]


@posix
def test_neither_the_login_nor_a_notice_ends_it(night: Make) -> None:
    """Both are tried again; the login is looked after also while it waits."""
    shift, told, looks = night((1, "ok"), (1, "failed"), (1, "ok")), [], []

    def after(run: RunResult) -> None:
        told.append(run.status)
        raise RuntimeError("the bot is gone")

    def keep_alive() -> None:
        looks.append(shift.clock.now - NINE)
        raise ApiError("no network")

    shift.go(after=after, keep_alive=keep_alive)
    assert told == ["ok", "failed", "ok"]
    assert shift.began == [0, HOUR, 2 * HOUR]
    assert len(looks) == 3 + 2 * 3
    assert max(later - sooner for sooner, later in pairwise(looks)) <= 902


def test_never_two_at_once(night: Make) -> None:
    """The second says who holds it and ends at once; afterwards the lock is free."""
    shift = night((1, "ok"), (1, "ok"), (1, "ok"))

    def twice(gap: float | None) -> RunResult:
        with pytest.raises(Busy, match=f"pid {os.getpid()}"):
            shift.go(once=True)
        return shift.run(gap)

    assert shift.go(once=True, run=twice) == 0
    assert shift.go(once=True) == 0
    assert not (shift.folder / "schedule.owner").exists()


@pytest.mark.parametrize("owner", [None, "", "{", "[]", '{"pid": "me"}', '{"format": 2}'])
def test_an_owner_that_is_not_known(night: Make, owner: str | None) -> None:
    """Whatever the file beside the lock says: the second schedule is refused all the same."""
    shift = night((1, "ok"))

    def twice(gap: float | None) -> RunResult:
        file = shift.folder / "schedule.owner"
        file.unlink() if owner is None else file.write_text(owner, encoding="utf-8")
        with pytest.raises(Busy, match=r"\(\?\)"):
            shift.go(once=True)
        return shift.run(gap)

    assert shift.go(once=True, run=twice) == 0


def test_a_lock_of_a_dead_process_is_free(night: Make) -> None:
    """A schedule that was killed does not keep the next one from running."""
    shift = night((1, "ok"), (1, "ok"))
    code = (
        "import os, sys; from pathlib import Path; from larknb.headless.schedule import schedule\n"
        "schedule(lambda gap: os._exit(9), Path(sys.argv[1]), interval=None, once=True)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.run([sys.executable, "-c", code, str(shift.folder)], env=env, timeout=30, check=False)
    assert process.returncode == 9
    assert (shift.folder / "schedule.owner").exists()
    assert shift.go(once=True) == 0


# --- two weeks ---------------------------------------------------------------------------------------------------


@posix
def test_two_weeks_of_nights(night: Make) -> None:
    """Failing runs, clocks put back, a sleeping laptop, a busy workspace, no network, a login that dies on day seven.

    Every hour that should have had a run had one, and none had two.
    """
    shift = night()
    clock = shift.clock
    clock.now = start = datetime(2026, 10, 19, 0, 0, tzinfo=BERLIN).timestamp()  # the clocks go back on the 25th
    end = start + 14 * DAY
    asleep = (start + 3 * DAY + 1.5 * HOUR, start + 3 * DAY + 8.4 * HOUR)
    began: list[float] = []

    def run(_: float | None) -> RunResult:
        began.append(clock.now)
        with pytest.raises(Busy):
            shift.go(once=True)
        age, number = clock.now - start, len(began)
        clock.advance(75 * 60 if number == 100 else 40)  # one takes longer than an hour
        if clock.now >= end:
            os.kill(os.getpid(), signal.SIGTERM)
        if number in (50, 51):
            raise OSError("the drive is away")
        ends: list[tuple[bool, RunStatus]] = [
            (age > 7 * DAY, "login"), (number % 17 == 0, "busy"), (number % 5 == 0, "failed"), (True, "ok")
        ]  # fmt: skip
        return result(next(status for is_so, status in ends if is_so), began[-1])

    def keep_alive() -> None:
        if clock.now > start + 7 * DAY:
            raise LoginRequired("it is over")
        if clock.now > start + 5 * DAY:
            raise ApiError("no network")

    def sleep(seconds: float) -> None:
        clock.now = asleep[1] if asleep[0] <= clock.now < asleep[1] else clock.now + seconds * 20

    assert shift.go(run=run, keep_alive=keep_alive, sleep=sleep) == 128 + signal.SIGTERM
    hours = {start + n * HOUR for n in range(14 * 24 + 1)}
    overrun = next(at for n, at in enumerate(began, 1) if n == 100) // HOUR * HOUR + HOUR
    slept = {at for at in hours if asleep[0] < at < asleep[1]}
    ran = [at // HOUR * HOUR for at in began]
    assert len(ran) == len(set(ran)), "an hour had two runs"
    assert set(ran) == hours - {overrun} - (slept - {asleep[1] // HOUR * HOUR})
    assert len(shift.lines) == len(began)
    assert sum("the drive is away" in line for line in shift.lines) == 2


@posix
@pytest.mark.soak
def test_three_real_runs(tmp_path: Path) -> None:
    """Every three seconds on the real clock, with real kernels, until SIGTERM ends it in order."""
    from larknb.workspace import Workspace
    from tests.headless.conftest import Bench, once

    (tmp_path / "larknb.toml").write_text("[app]\n")
    path, workspace = Bench(tmp_path).write("print('run')"), Workspace(tmp_path)

    def ended() -> list[str]:
        return [row.status for row in workspace.runs() if row.status != "running"]

    once(lambda: len(ended()) == 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert workspace.schedule(path, interval=4.0) == 128 + signal.SIGTERM
    assert ended() == ["ok"] * 3
    began = sorted(datetime.fromisoformat(row.started_at).timestamp() for row in workspace.runs())
    assert all(at % 4 < 1 for at in began[1:])
    assert time.time() - began[-1] < 10
