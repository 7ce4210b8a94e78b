"""Which units were installed."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from larknb.headless import installed
from larknb.headless.units import Job


def job(notebook: str) -> Job:
    return Job(PurePosixPath("/data"), {"notebook": notebook, "interval": "1h"}, PurePosixPath("/usr/bin/python3"))


def test_units_are_remembered_until_they_are_taken_away(tmp_path: Path) -> None:
    """One for each notebook and system; a second installation replaces the first."""
    for notebook in ("one", "two", "one"):
        installed.remember(tmp_path, "cron", job(notebook))
    known = installed.read(tmp_path).units.values()
    assert sorted(unit.options["notebook"] for unit in known) == ["one", "two"]
    installed.forget(tmp_path, "cron", job("one"))
    installed.forget(tmp_path, "systemd", job("two"))
    assert [unit.options["notebook"] for unit in installed.read(tmp_path).units.values()] == ["two"]


def test_what_cannot_be_read_or_written_costs_nothing(tmp_path: Path) -> None:
    """A damaged file counts as none; something else in its place is left alone."""
    (tmp_path / "units.json").write_text("{", encoding="utf-8")
    assert not installed.read(tmp_path).units
    (tmp_path / "units.json").unlink()
    (tmp_path / "units.json").mkdir()
    installed.remember(tmp_path, "cron", job("one"))
    assert not installed.read(tmp_path).units
