"""What a run that was killed left running, which mark tells it, and what its record says afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from larknb.errors import Busy
from larknb.headless.leftovers import clean_up, end_marked, environment, signed
from larknb.headless.runner import run_notebook
from larknb.results.runs import RunResult, RunStatus
from tests.headless.conftest import HANG, PID, RUNAWAY, STUBBORN, Bench, is_alive, once, posix

IDLE = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
Start = Callable[..., "subprocess.Popen[bytes]"]
RUNNER = (
    "import sys; from pathlib import Path; from larknb.headless import kernel; kernel.SAVE_EVERY = 0.2\n"
    "from larknb.headless.runner import run_notebook; run_notebook(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def kill_the_runner(bench: Bench, *cells: str, pids: int) -> None:
    """Run a notebook in another process, and kill that as soon as the file tells of so many processes."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", RUNNER, str(bench.write(*cells)), str(bench.output)], env=env)
    until = time.monotonic() + 30
    while not (bench.output.exists() and len(bench.pids()) == pids and bench.is_hanging()):
        assert time.monotonic() < until
        time.sleep(0.05)  # another process writes it
    process.kill()
    process.wait(10)


@posix
@pytest.mark.crash
def test_a_killed_runner_leaves_what_was_done(bench: Bench) -> None:
    """SIGKILL gives no chance to do anything: the notebook and a record that says ``running`` are there."""
    kill_the_runner(bench, "print('done', flush=True)", PID, HANG, pids=1)
    assert bench.text(1) == "done\n"
    nbformat.validate(bench.executed())
    assert bench.record()["status"] == "running"
    bench.assert_nothing_runs()  # the kernel watches its parent


@posix
@pytest.mark.crash
def test_what_a_killed_runner_left_running_is_ended(bench: Bench) -> None:
    """A kernel that holds the interpreter's lock sees no parent go, and children never do: the next run ends them.

    Where a keeper is, see `larknb.headless.keeper`, it has done that before.
    """
    kill_the_runner(bench, PID, RUNAWAY, STUBBORN, pids=3)
    assert sys.platform == "linux" or any(map(is_alive, bench.pids()))
    clean_up(bench.root)
    bench.assert_nothing_runs()
    assert bench.record()["status"] == bench.executed()["metadata"]["larknb"]["status"] == "killed"
    assert {path.suffix for path in bench.output.parent.iterdir()} == {".ipynb", ".json"}


def test_the_run_of_a_living_runner_is_left_alone(bench: Bench) -> None:
    """Neither is it cleaned up, nor can another one write the same notebook."""
    tried: list[str] = []

    def interfere() -> None:
        clean_up(bench.root)
        try:
            run_notebook(bench.path, bench.output)
        except Busy as error:
            tried.append(str(error))
        (bench.root / "go").touch()

    once(bench.is_hanging, interfere)
    wait = "import os, time\nopen('hanging', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.05)"
    assert bench.run(wait).ok
    assert ["Another run is writing" in text for text in tried] == [True]
    assert bench.record()["status"] == "ok"


@posix
def test_a_child_in_a_session_of_its_own_goes_too(bench: Bench) -> None:
    """It has left the kernel's process group; a program that was there before the run is none of its business."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        assert bench.run(PID, RUNAWAY).ok
        assert len(bench.pids()) == 2
        bench.assert_nothing_runs()
        assert other.poll() is None
        other.kill()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Where a run writes its notebook."""
    path = tmp_path / "runs" / "night" / "1.ipynb"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that a run with these outputs would leave; each is gone after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def one(**marks: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(IDLE, env={**os.environ, **marks}, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # it runs: its environment can be seen now
        started.append(process)
        return process

    yield one
    for process in started:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def leave(output: Path, status: RunStatus = "running") -> RunResult:
    """Write what a killed runner leaves, the record as 0.1.0 wrote it: notebook, record and sign."""
    result = RunResult("night.ipynb", str(output), status, started_at=1.0)
    told = result.to_dict()
    output.write_text(json.dumps({"cells": ["图"], "metadata": {"larknb": told}}), encoding="utf-8")
    output.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    output.with_suffix(".running").touch()
    return result


def told(output: Path) -> tuple[str, str]:
    """Return the status in the record and in the notebook's metadata."""
    record = json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))
    notebook = json.loads(output.read_text(encoding="utf-8"))
    return record["status"], notebook["metadata"]["larknb"]["status"]


# --- marks ------------------------------------------------------------------------------------------------------------


def test_every_run_has_a_mark_of_its_own(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the same place however it is written, and another one for another place."""
    (mark,) = environment(output).values()
    monkeypatch.chdir(output.parent)
    assert environment(Path("1.ipynb")) == environment(output)
    for other in (output.with_name("2.ipynb"), output.parent / "other" / output.name):
        assert environment(other) != environment(output)
    assert mark.isalnum()


def test_a_run_within_a_run_bears_both_marks(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook may run another one: whoever ends the outer run ends the inner one, too."""
    ((name, outer),) = environment(output).items()
    monkeypatch.setenv(name, outer)
    inner = environment(output.with_name("2.ipynb"))[name]
    assert inner.split()[0] == outer
    assert len({*inner.split()}) == 2


def test_only_marked_processes_are_ended(output: Path, start: Start) -> None:
    """That of the run and that of a run within it; not another run's, and not an unmarked one."""
    ((name, mark),) = environment(output).items()
    own, nested = start(**{name: mark}), start(**{name: f"0123 {mark}"})
    other, longer, free = start(**{name: "0123"}), start(**{name: f"{mark}0"}), start(**{name: ""})
    end_marked(output)
    assert [process.wait(10) != 0 for process in (own, nested)] == [True, True]
    assert [process.poll() for process in (other, longer, free)] == [None, None, None]


# --- the sign ---------------------------------------------------------------------------------------------------------


def test_a_run_is_signed_as_long_as_it_runs(output: Path) -> None:
    """The sign is beside the notebook, locked, and gone afterwards, whatever happened inside."""
    sign = output.with_suffix(".running")
    with pytest.raises(KeyboardInterrupt), signed(output):
        assert sign.exists()
        with pytest.raises(Busy, match=r"1\.ipynb") as caught, signed(output):
            pass
        assert caught.value.next
        raise KeyboardInterrupt
    assert not sign.exists()


def test_two_outputs_run_side_by_side(output: Path) -> None:
    """One sign is not the other's."""
    with signed(output), signed(output.with_name("2.ipynb")):
        assert {path.name for path in output.parent.glob("*.running")} == {"1.running", "2.running"}


@pytest.mark.parametrize("is_left", [True, False])
def test_a_sign_that_was_left_means_processes_that_were_left(output: Path, start: Start, is_left: bool) -> None:
    """Before the run begins anew; without a sign there was no run, and nobody is looked for."""
    process = start(**environment(output))
    if is_left:
        output.with_suffix(".running").touch()
    with signed(output):
        if is_left:
            assert process.wait(10) != 0
    assert (process.poll() is None) is not is_left


def test_a_drive_without_locks_runs_all_the_same(output: Path) -> None:
    """Where no sign can be written the run goes on, and tells itself what it cannot write."""
    with signed(output.parent / "missing.ipynb" / "1.ipynb"):
        pass
    output.parent.joinpath("file").touch()
    with signed(output.parent / "file" / "1.ipynb"):
        pass


# --- cleaning up ------------------------------------------------------------------------------------------------------


def test_a_killed_run_is_told_as_killed(output: Path, start: Start) -> None:
    """Its processes are ended, its sign is gone, and record and notebook say so; what was done stays."""
    leave(output)
    process = start(**environment(output))
    clean_up(output.parent.parent)
    assert process.wait(10) != 0
    assert told(output) == ("killed", "killed")
    assert "图" in output.read_text(encoding="utf-8")
    assert not output.with_suffix(".running").exists()


def test_what_a_killed_runner_was_writing_goes(output: Path) -> None:
    """Whether it was the notebook or what lies beside it; another run's is none of its business."""
    leave(output)
    torn = [output.with_name(f".1.{ending}.99.tmp") for ending in ("ipynb", "json", "log", "html")]
    for path in (*torn, other := output.with_name(".2.ipynb.99.tmp")):
        path.touch()
    clean_up(output.parent.parent)
    assert [path.exists() for path in (*torn, other)] == [False] * 4 + [True]


def test_a_run_that_ended_keeps_its_result(output: Path) -> None:
    """The sign was left, but the record was written: it is right."""
    leave(output, "failed")
    clean_up(output.parent.parent)
    assert told(output) == ("failed", "failed")
    assert not output.with_suffix(".running").exists()


def test_a_running_run_is_left_alone(output: Path, start: Start) -> None:
    """Its runner lives and holds the lock."""
    leave(output)
    process = start(**environment(output))
    with FileLock(output.with_suffix(".running")):
        clean_up(output.parent.parent)
    assert process.poll() is None
    assert told(output) == ("running", "running")


def test_the_record_of_a_killed_run_is_a_whole_one(output: Path) -> None:
    """Also one that 0.1.0 wrote, which had no format; the notebook says the same."""
    killed = {**leave(output).to_dict(), "status": "killed", "exit_code": 1}
    clean_up(output.parent.parent)
    assert json.loads(output.with_suffix(".json").read_bytes()) == {"format": 1, **killed}
    assert json.loads(output.read_bytes())["metadata"]["larknb"] == killed


@pytest.mark.parametrize(
    "record",
    ["", "{", "[]", "{}", '"running"', "null", '{"status": "running"}', '{"format": 2, "status": "running"}'],
)
def test_a_broken_record_stops_nobody(output: Path, record: str) -> None:
    """It stays as it is, its sign goes, and the next run of the folder is cleaned up all the same."""
    leave(output)
    leave(second := output.with_name("2.ipynb"))
    output.with_suffix(".json").write_text(record, encoding="utf-8")
    clean_up(output.parent.parent)
    assert output.with_suffix(".json").read_text(encoding="utf-8") == record
    assert not output.with_suffix(".running").exists()
    assert told(second) == ("killed", "killed")


@pytest.mark.parametrize("left", [None, "", "{", "[]", '{"metadata": 1}'])
def test_a_record_without_its_notebook(output: Path, left: str | None) -> None:
    """The notebook is damaged or gone: what is there is corrected."""
    leave(output)
    output.unlink()
    if left is not None:
        output.write_text(left, encoding="utf-8")
    clean_up(output.parent.parent)
    assert json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))["status"] == "killed"
    assert (output.read_text(encoding="utf-8") if output.exists() else None) == left
