"""How headless runs are told of."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from larknb.errors import NotebookFailed
from larknb.results.runs import CellError, RunList, RunResult, RunStatus
from tests.results.samples import RUN, RUNS


@pytest.mark.parametrize(
    ("status", "signal", "code"),
    [("ok", 0, 0), ("failed", 0, 1), ("dead", 0, 1), ("unsaved", 0, 1), ("login", 0, 3), ("busy", 0, 4),
     ("timeout", 0, 124), ("deadline", 0, 124), ("stopped", 15, 143)],
)  # fmt: skip
def test_the_exit_code_tells_how_it_ended(status: RunStatus, signal: int, code: int) -> None:
    """A scheduler reads nothing else."""
    run = RunResult("nb", "out.ipynb", status, started_at=0.0, signal=signal)
    assert (run.exit_code, run.ok) == (code, code == 0)


def test_a_failure_is_raised_on_demand() -> None:
    """The error names what to open next; a run that ended well is returned."""
    good = RunResult("nb", "out.ipynb", "ok", started_at=0.0)
    assert good.raise_for_failure() is good
    with pytest.raises(NotebookFailed, match=r"1/0.*ZeroDivisionError.*work/runs/nb/1\.ipynb"):
        RUN.raise_for_failure()


def test_a_run_shows_its_cells() -> None:
    """The number as ``In [n]`` shows it and the seconds, why it ended above, where it lies below."""
    lines = repr(RUN).splitlines()
    assert "ZeroDivisionError" in lines[0]
    assert lines[1].split() == ["Cell", "First", "line", "Seconds"]
    assert lines[3].split() == ["[2]", "1/0", "3.0"]
    assert lines[4] == "work/runs/nb/1.ipynb"


def test_an_error_of_many_pages_is_cut() -> None:
    """A message is one line, however long the exception was."""
    assert len(str(CellError(None, "", "ValueError", "x\n" * 9000))) == 300


def test_the_record_of_a_run() -> None:
    """What is kept beside the notebook is plain JSON, with the cells and the error."""
    data = json.loads(json.dumps(RUN.to_dict()))
    assert (data["status"], data["exit_code"], data["error"]["cell"]) == ("failed", 1, 2)
    assert data["cells"][1] == {"cell": 2, "line": "1/0", "seconds": 3.0}


def test_the_list_of_runs() -> None:
    """Times to the minute and states in words on the screen; the whole of them in the frame."""
    assert [*RUNS.to_frame().columns] == ["started_at", "notebook", "status", "seconds", "changed", "output"]
    line = repr(RUNS).splitlines()[3]
    assert line.startswith("2026-01-10 07:06  nb ")
    assert line.split()[3:] == ["killed", "0", "s", "work/runs/c.ipynb"]
    assert repr(RunList()) == "Runs\nNo runs yet: larknb schedule starts one."


def test_a_run_links_to_its_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the present folder, which in a notebook is the notebook's own."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    page = RunList(RUNS.items, str(tmp_path))._repr_html_()
    assert 'href="../work/runs/a%20b.ipynb"' in page


def test_a_result_cannot_be_changed() -> None:
    """What one holds stays what it was; another value is another result."""
    run = RunResult("nb", "out.ipynb", "ok", started_at=0.0)
    with pytest.raises(FrozenInstanceError):
        run.report = "out.html"  # type: ignore[misc]
    assert replace(run, report="out.html") != run


def test_a_report_stands_below_its_notebook() -> None:
    """Where one was written."""
    assert repr(replace(RUN, report="out.html")).splitlines()[-2:] == ["work/runs/nb/1.ipynb", "out.html"]
