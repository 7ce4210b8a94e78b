from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import Busy, NotFound
from larknb.model import CellError, RunResult, RunStatus
from larknb.runs.schedule import schedule
from tests.conftest import Clock

HOUR = 3600.0


class Night:
    """A schedule with a clock of its own: each run takes some time and ends in some way; the last ends it all."""

    def __init__(self, folder: Path, clock: Clock, *runs: tuple[float, RunStatus]) -> None:
        self.folder, self.clock, self.runs = folder, clock, list(runs)
        self.began: list[float] = []
        self.lines: list[str] = []
        self.start = clock.now

    def run(self) -> RunResult:
        self.began.append(self.clock.now - self.start)
        seconds, status = self.runs.pop(0)
        self.clock.advance(seconds)
        if not self.runs and status != "stopped":
            os.kill(os.getpid(), signal.SIGTERM)  # noted, for the schedule to find when the run is over
        error = CellError(2, "lk.sync()", "ApiError", "no network") if status == "failed" else None
        number = int(signal.SIGINT) if status == "stopped" else 0
        return RunResult("n.ipynb", "out.ipynb", status, started_at=self.start, error=error, signal=number)

    def go(self, interval: float | None = HOUR, run: Callable[[], RunResult] | None = None, **options: Any) -> int:
        return schedule(
            run or self.run, self.folder, interval=interval, tell=self.lines.append, clock=self.clock,
            sleep=self.clock.sleep, **options,
        )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "nightly"


posix = pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")


@posix
def test_it_runs_now_and_then_every_hour(folder: Path, clock: Clock) -> None:
    """From start to start, whatever a run takes; a failing run does not end the night; one line each."""
    night = Night(folder, clock, (60, "ok"), (600, "failed"), (5, "login"), (1, "ok"))
    assert night.go() == 128 + signal.SIGTERM
    assert night.began == [0, HOUR, 2 * HOUR, 3 * HOUR]
    assert len(night.lines) == 4
    assert "nightly: ok" in night.lines[0]
    assert "cell [2] (lk.sync()): ApiError: no network" in night.lines[1]
    assert all("next run" in line for line in night.lines)


@posix
def test_each_result_is_handed_on(folder: Path, clock: Clock) -> None:
    """What takes the results gets each of them; that it fails ends nothing."""
    handed: list[RunStatus] = []

    def after(result: RunResult) -> None:
        handed.append(result.status)
        raise RuntimeError

    night = Night(folder, clock, (1, "ok"), (1, "failed"), (1, "ok"))
    assert night.go(after=after) == 128 + signal.SIGTERM
    assert handed == ["ok", "failed", "ok"]
    assert len(night.lines) == 3


@posix
def test_missed_ticks_are_not_made_up_for(folder: Path, clock: Clock) -> None:
    """A run of two and a half hours, then the next tick that is not past."""
    night = Night(folder, clock, (2.5 * HOUR, "ok"), (1, "ok"))
    night.go()
    assert night.began == [0, 3 * HOUR]


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("failed", 1), ("login", 3), ("timeout", 124)])
def test_once(folder: Path, clock: Clock, status: RunStatus, code: int) -> None:
    """One run, its exit code, and nobody waits."""
    night = Night(folder, clock, (1, status), (1, "ok"))
    assert night.go(interval=None) == code
    assert (len(night.began), clock.slept, len(night.lines)) == (1, [], 1)
    assert "next run" not in night.lines[0]


def test_a_signal_during_a_run_ends_the_schedule(folder: Path, clock: Clock) -> None:
    """The run tells of it, and no other follows."""
    night = Night(folder, clock, (1, "stopped"), (1, "ok"))
    assert night.go() == 128 + signal.SIGINT
    assert len(night.began) == 1


@posix
def test_a_run_that_cannot_start_later_is_told(folder: Path, clock: Clock) -> None:
    """At first it ends the schedule, for it is set up wrongly; later, when a drive is away for a while, it does not."""

    def missing() -> RunResult:
        raise NotFound("no notebook")

    night = Night(folder, clock, (1, "ok"), (1, "ok"))
    with pytest.raises(NotFound):
        night.go(run=missing)
    runs = [night.run, missing, night.run]
    night.go(run=lambda: runs.pop(0)())
    assert night.began == [0, 2 * HOUR]
    assert "no notebook" in night.lines[1]


def test_never_two_at_once(folder: Path, clock: Clock) -> None:
    """The second says who holds it and ends at once; afterwards the lock is free."""
    night = Night(folder, clock, (1, "ok"), (1, "ok"), (1, "ok"))

    def twice() -> RunResult:
        with pytest.raises(Busy, match=f"pid {os.getpid()}"):
            night.go(interval=None)
        return night.run()

    assert night.go(interval=None, run=twice) == 0
    assert night.go(interval=None) == 0
    assert not (folder / "schedule.owner").exists()


def test_a_lock_of_a_dead_process_is_free(folder: Path, clock: Clock) -> None:
    """A schedule that was killed does not keep the next one from running."""
    code = (
        "import os, sys; from pathlib import Path; from larknb.runs.schedule import schedule\n"
        "schedule(lambda: os._exit(9), Path(sys.argv[1]), interval=None)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code, str(folder)], env=env, timeout=30, check=False).returncode == 9
    assert (folder / "schedule.owner").exists()
    assert Night(folder, clock, (1, "ok"), (1, "ok")).go(interval=None) == 0
