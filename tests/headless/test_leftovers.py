from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from larknb.errors import Busy
from larknb.headless.leftovers import clean_up
from larknb.headless.runner import run_notebook
from larknb.results.runs import RunResult
from tests.headless.conftest import HANG, PID, RUNAWAY, STUBBORN, Bench, is_alive, once, posix

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
    """A kernel that holds the interpreter's lock sees no parent go, and children never do: the next run ends them."""
    kill_the_runner(bench, PID, RUNAWAY, STUBBORN, pids=3)
    assert any(map(is_alive, bench.pids()))
    clean_up(bench.root)
    bench.assert_nothing_runs()
    assert bench.record()["status"] == bench.executed()["metadata"]["larknb"]["status"] == "killed"
    assert {path.suffix for path in bench.output.parent.iterdir()} == {".ipynb", ".json", ".log"}


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
    assert ["Another run writes" in text for text in tried] == [True]
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


def leave(folder: Path, record: str) -> Path:
    """Leave what a killed runner leaves: the notebook, its record, and a sign that nobody holds."""
    output = folder / "night" / "20260101T000000Z.ipynb"
    output.parent.mkdir()
    output.write_text('{"cells": [], "metadata": {}}', encoding="utf-8")
    output.with_suffix(".json").write_text(record, encoding="utf-8")
    output.with_suffix(".running").touch()
    return output


def test_the_record_of_a_killed_runner_is_corrected(tmp_path: Path) -> None:
    """Also one that 0.1.0 wrote, which had no format; the notebook says the same."""
    result = RunResult("night.ipynb", "1.ipynb", "running", started_at=1.0)
    output = leave(tmp_path, json.dumps(result.to_dict()))
    clean_up(tmp_path)
    killed = {**result.to_dict(), "status": "killed", "exit_code": 1}
    assert json.loads(output.with_suffix(".json").read_bytes()) == {"format": 1, **killed}
    assert json.loads(output.read_bytes())["metadata"]["larknb"] == killed
    assert not output.with_suffix(".running").exists()


@pytest.mark.parametrize("record", ["", "{", "[]", '{"status": "running"}', '{"format": 2, "status": "running"}'])
def test_a_strange_record_of_a_killed_runner_stays(tmp_path: Path, record: str) -> None:
    """There is nothing to correct in it, and the sign goes all the same."""
    output = leave(tmp_path, record)
    clean_up(tmp_path)
    assert output.with_suffix(".json").read_text(encoding="utf-8") == record
    assert not output.with_suffix(".running").exists()


def test_a_record_without_its_notebook_is_corrected(tmp_path: Path) -> None:
    """The notebook may be damaged or gone."""
    output = leave(tmp_path, json.dumps(RunResult("n.ipynb", "1.ipynb", "running", started_at=1.0).to_dict()))
    output.write_text("{", encoding="utf-8")
    clean_up(tmp_path)
    assert json.loads(output.with_suffix(".json").read_bytes())["status"] == "killed"
