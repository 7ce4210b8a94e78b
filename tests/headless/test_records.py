from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import ConfigError
from larknb.headless.records import RunRecord, began, newest_first, prune, read, since, write
from larknb.results.changes import Changed, Summary
from larknb.results.runs import CellError, CellRun, RunResult, RunStatus

SUFFIXES = (".ipynb", ".json", ".log", ".html")


def record(day: int = 1, status: RunStatus = "ok", summary: Summary | None = None) -> RunRecord:
    error = None if status == "ok" else CellError(1, "lk.sync()", "ApiError", "no network")
    return RunRecord.of(
        RunResult(
            "/ws/夜班.ipynb", f"/ws/{day}.ipynb", status, started_at=float(day), items=(CellRun(1, "lk.sync()", 0.5),),
            error=error, summary=summary,
        )
    )  # fmt: skip


def leave(folder: Path, day: int, status: RunStatus | None = "ok", summary: Summary | None = None) -> None:
    """Leave what a run of one day left; without a status a record that is none."""
    folder.mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        (folder / f"202601{day:02}T000000Z{suffix}").touch()
    path = folder / f"202601{day:02}T000000Z.json"
    if status is None:
        path.write_text("[]")
    else:
        write(path, record(day, status, summary))


def days(folder: Path) -> list[int]:
    return sorted({int(path.name[6:8]) for path in folder.glob("2026*")})


def test_old_runs_go(tmp_path: Path) -> None:
    """The newest stay with all that belongs to them; what is no run is not touched."""
    for day in range(1, 6):
        leave(tmp_path, day)
    (tmp_path / "mine.ipynb").touch()
    prune(tmp_path, 2)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"mine.ipynb"} | {f"202601{day:02}T000000Z{suffix}" for day in (4, 5) for suffix in SUFFIXES}
    prune(tmp_path, 9)
    assert {path.name for path in tmp_path.iterdir()} == left


def test_runs_that_failed_stay_longer(tmp_path: Path) -> None:
    """Three times as long; what has no record that can be read is no evidence."""
    for day in range(1, 13):
        leave(tmp_path, day, "failed" if day % 2 else "ok")
    leave(tmp_path, 8, None)
    (tmp_path / "20260107T000000Z.json").write_text("{")
    prune(tmp_path, 3)
    assert days(tmp_path) == [5, 9, 10, 11, 12]


def test_records_come_newest_first(tmp_path: Path) -> None:
    """One that is damaged is left out."""
    for day in (2, 3, 1):
        leave(tmp_path, day)
    (tmp_path / "20260102T000000Z.json").write_text("{")
    assert [record.started_at for record in newest_first(tmp_path)] == [3.0, 1.0]


def told(number: int | None) -> Summary | None:
    return None if number is None else Summary((Changed("s1", "bitable", "people", number, 0, 0),), 0)


@pytest.mark.parametrize(
    ("runs", "at", "added"),
    [
        ([], None, []),
        ([("ok", 1)], 1.0, []),
        ([("ok", 1), ("failed", 2), ("dead", None), ("failed", 3)], 1.0, [2, 3]),
        ([("failed", 1), ("running", None)], None, [1]),
    ],
)
def test_what_nobody_may_have_seen(
    tmp_path: Path, runs: list[tuple[RunStatus, int | None]], at: float | None, added: list[int]
) -> None:
    """It counts from the last run that ended well, and the failed ones after it add what they brought."""
    for day, (status, number) in enumerate(runs, 1):
        leave(tmp_path, day, status, told(number))
    found, earlier = since(tmp_path)
    assert (found.started_at if found else None) == at
    assert sorted(row.added for row in earlier) == added


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "20260101T000000Z.ipynb"


def content(notebook: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(notebook.with_suffix(".json").read_text(encoding="utf-8"))
    return kept


def test_a_record_has_the_keys_that_programs_know(notebook: Path) -> None:
    """And the number of its format first; what was written is read again."""
    run = record(status="failed", summary=told(2))
    write(notebook, run)
    keys = ["notebook", "output", "status", "exit_code", "started_at", "seconds", "signal", "summary", "error", "cells"]
    assert [*content(notebook)] == ["format", *keys]
    assert read(notebook) == run
    assert content(notebook)["summary"] == {
        "rows": [{"source": "s1", "kind": "bitable", "table": "people", "added": 2, "changed": 0, "removed": 0}],
        "failed": 0,
        "lines": [],
    }


def test_a_record_of_0_1_0_is_read(notebook: Path) -> None:
    """It had no format; reading leaves it as it is."""
    write(notebook, record(summary=told(2)))
    old = content(notebook)
    del old["format"]
    notebook.with_suffix(".json").write_text(json.dumps(old), encoding="utf-8")
    assert read(notebook) == record(summary=told(2))
    assert content(notebook) == old


def damaged(**keys: object) -> dict[str, object]:
    return {**json.loads(json.dumps(vars(record()), default=vars)), "format": 1, **keys}


@pytest.mark.parametrize(
    "kept",
    [
        [], {}, {"format": 1}, damaged(status="fine"), damaged(started_at="noon"), damaged(cells=[[]]),
        damaged(summary={"rows": [1], "failed": 0}), damaged(error="no network"), damaged(format="1"),
    ],
)  # fmt: skip
def test_a_strange_record_is_left_out(notebook: Path, kept: object, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever stands there, the other runs are still listed, and the log names the file."""
    notebook.touch()
    notebook.with_suffix(".json").write_text(json.dumps(kept), encoding="utf-8")
    leave(notebook.parent, 2)
    with caplog.at_level(logging.WARNING, "larknb"):
        assert [record.started_at for record in newest_first(notebook.parent)] == [2.0]
    assert str(notebook.with_suffix(".json")) in caplog.text


def test_a_record_of_a_newer_larknb_is_left_out(notebook: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what to do; the file is never overwritten."""
    notebook.with_suffix(".json").write_text('{"format": 2}', encoding="utf-8")
    with caplog.at_level(logging.WARNING, "larknb"):
        assert read(notebook) is None
    assert "upgrade larknb" in caplog.text
    with pytest.raises(ConfigError, match="upgrade larknb"):
        write(notebook, record())
    assert content(notebook) == {"format": 2}


def test_what_was_kept_of_an_older_record_goes_with_its_run(notebook: Path) -> None:
    """A record that is corrected leaves the older one beside it."""
    notebook.touch()
    notebook.with_suffix(".json").write_text("{}", encoding="utf-8")
    write(notebook, record())
    assert len([*notebook.parent.iterdir()]) == 3
    prune(notebook.parent, 0)
    assert [*notebook.parent.iterdir()] == []


def test_no_secret_is_in_a_record(notebook: Path) -> None:
    """Wherever it stands: in an error, in a cell's line, in the name of a table."""
    run = RunResult(
        "n.ipynb", "hunter2.ipynb", "failed", started_at=1.0, items=(CellRun(1, "x = 'hunter2'", 0.5),),
        error=CellError(1, "hunter2", "ValueError", 'a "hunter2"'),
        summary=Summary((Changed("hunter2", "bitable", "hunter2", 1, 0, 0),), 0),
    )  # fmt: skip
    write(notebook, RunRecord.of(run), lambda text: text.replace("hunter2", "****"))
    assert "hunter2" not in notebook.with_suffix(".json").read_text(encoding="utf-8")
    assert content(notebook)["error"]["evalue"] == 'a "****"'


def test_a_path_that_is_no_text_can_be_recorded(notebook: Path) -> None:
    """A file name may hold bytes that are no characters: they become question marks."""
    write(notebook, RunRecord.of(RunResult("n\udcff.ipynb", "o.ipynb", "ok", started_at=1.0)))
    assert content(notebook)["notebook"] == "n?.ipynb"


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("20260102T000000Z", 2.0), ("night/20260102T000000Z", 2.0), ("work/runs/night/20260102T000000Z.ipynb", 2.0),
        ("work\\runs\\night\\20260102T000000Z.ipynb", 2.0), ("day/20260102T000000Z", None), ("20260103T000000Z", None),
        ("night", None), ("", None), ("../night/2026*", None),
    ],
)  # fmt: skip
def test_a_run_is_found_by_its_id(tmp_path: Path, name: str, at: float | None) -> None:
    """Alone, after its notebook's name, or as the path that `lk.runs` shows."""
    leave(tmp_path / "night", 2)
    leave(tmp_path / "night", 4)
    assert began(tmp_path, name) == at
