"""How headless runs are told of."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import get_args

import pytest

from larknb import display
from larknb.errors import NotebookFailed
from larknb.results.changes import Summary
from larknb.results.runs import CellError, CellRun, RunList, RunResult, RunRow, RunStatus
from tests.results.samples import RUN, RUNS


def test_a_run_shows_its_cells() -> None:
    """The number as ``In [n]`` shows it and the seconds, why it ended above, where it lies below."""
    lines = repr(RUN).splitlines()
    assert "ZeroDivisionError" in lines[0]
    assert lines[1].split() == ["Cell", "First", "line", "Seconds"]
    assert lines[3].split() == ["[2]", "1/0", "3.0"]
    assert lines[4] == "work/runs/nb/1.ipynb"


def test_the_record_of_a_run() -> None:
    """What is kept beside the notebook is plain JSON, with the cells and the error."""
    data = json.loads(json.dumps(RUN.to_dict()))
    assert (data["status"], data["exit_code"], data["error"]["cell"]) == ("failed", 1, 2)
    assert data["cells"][1] == {"cell": 2, "line": "1/0", "seconds": 3.0}


def test_the_list_of_runs() -> None:
    """Times of this machine and states in words on the screen; the whole of them in the frame."""
    assert [*RUNS.to_frame().columns] == ["started_at", "notebook", "status", "seconds", "changed", "output"]
    line = repr(RUNS).splitlines()[3]
    assert line.startswith(f"{display.local('2026-01-10T07:06:40+0800')}  nb ")
    assert line.split()[3:] == ["killed", "0", "s", "work/runs/c.ipynb"]
    assert repr(RunList()) == "Runs\nNo runs yet. Next: larknb schedule."


def test_a_run_links_to_its_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the present folder, which in a notebook is the notebook's own."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    page = RunList(RUNS.items, str(tmp_path))._repr_html_()
    assert 'href="../work/runs/a%20b.ipynb"' in page


CODES = {"ok": 0, "login": 3, "busy": 4, "timeout": 124, "deadline": 124, "stopped": 143}


@pytest.mark.parametrize("status", get_args(RunStatus))
def test_every_end_has_an_exit_code_and_words(status: RunStatus) -> None:
    """A scheduler can tell them apart; what has no code of its own is 1."""
    result = RunResult("n.ipynb", "o.ipynb", status, started_at=0.0, seconds=1.26, signal=15)
    assert result.exit_code == CODES.get(status, 1)
    assert result.ok is (status == "ok")
    assert "{" not in result.headline()
    listed = RunList([RunRow("2026-01-16T10:30:59", "n", status, 1.26, "", "o.ipynb")]).shown()[1][0]
    assert listed[:4] == ["2026-01-16 10:30:59", "n", listed[2], "1 s"]
    assert listed[2]


def test_a_run_that_failed_raises_with_its_place() -> None:
    """The error has the reason, the notebook, and the executed notebook to open."""
    error = CellError(3, "1/0", "ZeroDivisionError", "division by zero")
    result = RunResult("n.ipynb", "o.ipynb", "failed", started_at=0.0, seconds=2.0, error=error)
    with pytest.raises(NotebookFailed) as caught:
        result.raise_for_failure()
    assert caught.value.what == "failed after 2.0 s: cell [3] (1/0): ZeroDivisionError: division by zero"
    assert (caught.value.source, caught.value.next) == ("n.ipynb", "open o.ipynb")
    good = RunResult("n", "o", "ok", started_at=0.0)
    assert good.raise_for_failure() is good


@pytest.mark.parametrize(("length", "kept"), [(293, 293), (294, 293), (10_000, 293)])
def test_the_words_of_an_error_are_cut(length: int, kept: int) -> None:
    """An exception may say whole pages; three hundred characters of it in one line are enough."""
    assert str(CellError(None, "", "Error", "x" * length)) == f"Error: {'x' * kept}"
    assert str(CellError(None, "", "Error", "a\n  b")) == "Error: a b"


def test_a_run_shows_its_cells_and_where_it_is() -> None:
    """Numbers as in the notebook, seconds to a tenth; the report's path below the notebook's, if there is one."""
    result = RunResult("n", "o.ipynb", "ok", started_at=5.0, items=(CellRun(2, "x = 1", 0.26),), summary=Summary((), 0))
    assert result.shown()[1] == [["[2]", "x = 1", "0.3"]]
    assert result.footer() == "o.ipynb"
    assert replace(result, report="o.html").footer() == "o.ipynb\no.html"
    assert result.to_dict() == {
        "notebook": "n", "output": "o.ipynb", "status": "ok", "exit_code": 0, "started_at": 5.0, "seconds": 0.0,
        "signal": 0, "summary": {"rows": [], "failed": 0, "lines": []}, "error": None,
        "cells": [{"cell": 2, "line": "x = 1", "seconds": 0.26}],
    }  # fmt: skip


def test_a_list_without_runs_says_how_to_begin() -> None:
    """With one it says nothing more."""
    assert RunList().footer() == "No runs yet. Next: larknb schedule."
    assert RunList([RunRow("2026-01-16T10:30:59", "n", "ok", 1.0, "", "o")]).footer() == ""


def test_a_result_cannot_be_changed() -> None:
    """What one holds stays what it was; another value is another result."""
    run = RunResult("nb", "out.ipynb", "ok", started_at=0.0)
    with pytest.raises(FrozenInstanceError):
        run.report = "out.html"  # type: ignore[misc]
    assert replace(run, report="out.html") != run


def test_a_report_stands_below_its_notebook() -> None:
    """Where one was written."""
    assert repr(replace(RUN, report="out.html")).splitlines()[-2:] == ["work/runs/nb/1.ipynb", "out.html"]
