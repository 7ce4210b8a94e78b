from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from larknb.headless.records import newest_first, prune, since

SUFFIXES = (".ipynb", ".json", ".log", ".html")


def leave(folder: Path, day: int, status: str | None = "ok", **more: Any) -> None:
    """Leave what a run of one day left."""
    folder.mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        (folder / f"202601{day:02}T000000Z{suffix}").touch()
    record = {"status": status, "started_at": float(day), **more} if status else []
    (folder / f"202601{day:02}T000000Z.json").write_text(json.dumps(record))


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
    assert [record["started_at"] for record in newest_first(tmp_path)] == [3.0, 1.0]


@pytest.mark.parametrize(
    ("runs", "at", "told"),
    [
        ([], None, []),
        ([("ok", [1])], 1.0, []),
        ([("ok", [1]), ("failed", [2]), ("dead", None), ("failed", [3])], 1.0, [2, 3]),
        ([("failed", [1]), ("running", None)], None, [1]),
    ],
)
def test_what_nobody_may_have_seen(
    tmp_path: Path, runs: list[tuple[str, Any]], at: float | None, told: list[int]
) -> None:
    """It counts from the last run that ended well, and the failed ones after it add what they brought."""
    for day, (status, rows) in enumerate(runs, 1):
        leave(tmp_path, day, status, summary=None if rows is None else {"rows": rows, "failed": 0})
    found, earlier = since(tmp_path)
    assert found == at
    assert sorted(map(str, earlier)) == list(map(str, told))
