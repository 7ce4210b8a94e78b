from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from larknb.errors import NotebookFailed
from larknb.results.runs import CellError, CellRun, RunList, RunResult, RunRow, RunStatus

CELLS = (CellRun(1, "import larknb as lk", 0.25), CellRun(2, "lk.sync()", 1.5))


def result(status: RunStatus, **more: object) -> RunResult:
    error = None if status == "ok" else CellError(2, "lk.sync()", "ApiError", "no <b>network</b>")
    run = RunResult("n.ipynb", "out.ipynb", status, started_at=1.0, seconds=2.0, items=CELLS, error=error)
    return replace(run, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "code"),
    [("ok", 0), ("failed", 1), ("dead", 1), ("unsaved", 1), ("login", 3), ("busy", 4), ("timeout", 124),
     ("deadline", 124), ("stopped", 143)],
)  # fmt: skip
def test_the_exit_code_tells_the_end(status: RunStatus, code: int) -> None:
    """A signal is told as a shell tells it."""
    assert result(status, signal=15 if status == "stopped" else 0).exit_code == code


def test_a_failure_is_raised_on_demand() -> None:
    """A good result is given back, to be chained."""
    assert result("ok").raise_for_failure() == result("ok")
    with pytest.raises(NotebookFailed, match=r"cell \[2\] \(lk.sync\(\)\): ApiError.*Next: open out.ipynb"):
        result("failed").raise_for_failure()


def test_a_result_shows_its_cells_and_files() -> None:
    """One row per cell, and below where the notebook and the report lie; foreign text is escaped."""
    run = result("failed", report="out.html")
    assert repr(run).splitlines()[-2:] == ["out.ipynb", "out.html"]
    assert "no &lt;b&gt;network" in run._repr_html_()
    assert list(run.to_frame().columns) == ["cell", "line", "seconds"]
    assert len(run) == 2


def test_a_result_cannot_be_changed() -> None:
    """What one holds stays what it was; another value is another result."""
    run = result("ok")
    with pytest.raises(FrozenInstanceError):
        run.report = "out.html"  # type: ignore[misc]
    assert replace(run, report="out.html") != run


def test_a_result_is_plain_data_for_programs() -> None:
    """As ``--json`` prints it; where the report lies is added there."""
    told = result("failed").to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["error"] == {"cell": 2, "line": "lk.sync()", "ename": "ApiError", "evalue": "no <b>network</b>"}
    assert told["cells"][1] == {"cell": 2, "line": "lk.sync()", "seconds": 1.5}
    assert (told["exit_code"], told["summary"], "report" in told) == (1, None, False)


def test_runs_are_listed() -> None:
    """Without one the list says how to begin."""
    assert repr(RunList()) == "Runs\nNo runs yet: larknb schedule starts one."
    row = RunRow("2026-01-16T10:30:00+0800", "night", "killed", 61.5, "nothing changed", "work/runs/night/1.ipynb")
    assert "2026-01-16 10:30  night     killed  62 s  nothing changed" in repr(RunList([row], "/ws"))
