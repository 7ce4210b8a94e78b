"""What a run that was killed left running, which mark tells it, and what its record says afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from larknb.errors import Busy
from larknb.headless.leftovers import clean_up, end_marked, environment, signed

IDLE = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
Start = Callable[..., "subprocess.Popen[bytes]"]


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


def leave(output: Path, status: str = "running") -> None:
    """Write what a runner that was killed leaves: notebook, record and sign."""
    output.write_text(json.dumps({"cells": ["图"], "metadata": {"larknb": {"status": status}}}), encoding="utf-8")
    output.with_suffix(".json").write_text(json.dumps({"status": status, "exit_code": None}), encoding="utf-8")
    output.with_suffix(".running").touch()


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
    assert json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))["exit_code"] == 1
    assert "图" in output.read_text(encoding="utf-8")
    assert not output.with_suffix(".running").exists()


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


@pytest.mark.parametrize("record", ["", "{", "[]", "{}", '"running"', "null"])
def test_a_broken_record_stops_nobody(output: Path, record: str) -> None:
    """The next run of the folder is cleaned up all the same."""
    leave(output)
    leave(second := output.with_name("2.ipynb"))
    output.with_suffix(".json").write_text(record, encoding="utf-8")
    clean_up(output.parent.parent)
    assert output.with_suffix(".json").read_text(encoding="utf-8") == record
    assert told(second) == ("killed", "killed")


def test_a_record_without_its_notebook(output: Path) -> None:
    """What is there is corrected."""
    leave(output)
    output.unlink()
    clean_up(output.parent.parent)
    assert json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))["status"] == "killed"
    assert not output.exists()
