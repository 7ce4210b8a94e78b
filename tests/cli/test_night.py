"""The commands run and runs. The others' tests: schedule in tests/test_runs.py, units in tests/headless."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.conftest import Lab

from .running import run


@pytest.fixture
def notebook(home: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook that divides by its parameter."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    make: Any = nbformat.v4
    default = make.new_code_cell("n = 1", metadata={"tags": ["parameters"]})
    made = make.new_notebook(cells=[default, make.new_code_cell("print(6 / n)")])
    path = home.workspace.root / "divide.ipynb"
    path.write_text(make.writes_json(made), encoding="utf-8")
    return path


def test_a_run_for_programs(notebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-p gives a parameter, --output the file; the answer is one JSON document with the path of the notebook."""
    output = tmp_path / "out.ipynb"
    code, out, _ = run(capsys, "run", str(notebook), "-p", "n=3", "--output", str(output), "--json")
    answer = json.loads(out)
    assert (code, answer["status"], answer["output"], answer["report"]) == (0, "ok", str(output), "")
    assert "2.0" in output.read_text(encoding="utf-8")


def test_a_cell_that_fails_is_1(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command prints names the error, and `runs` lists the run."""
    code, out, _ = run(capsys, "run", str(notebook), "--parameter", "n=0")
    assert (code, "ZeroDivisionError" in out) == (1, True)
    listed = json.loads(run(capsys, "runs", "--json")[1])
    assert [(row["notebook"], row["status"]) for row in listed] == [("divide", "failed")]


def test_what_cannot_run_is_2(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A notebook that is not there and a parameter without a value are usage errors."""
    assert run(capsys, "run", "missing.ipynb")[0] == 2
    assert run(capsys, "run", "scheduled_sync", "-p", "n")[0] == 2


def test_no_runs_yet(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list says what would fill it."""
    assert "larknb schedule" in run(capsys, "runs")[1]
    assert json.loads(run(capsys, "runs", "--json")[1]) == []
