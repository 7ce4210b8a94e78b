"""Units that are gone, and runs that failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Lab
from tests.headless.units.conftest import Machine, posix


@posix
@pytest.mark.parametrize(
    "system", ["cron", *(pytest.param(each, marks=pytest.mark.soak) for each in ("systemd", "launchd"))]
)
def test_a_unit_that_is_gone_is_found(
    system: Any, synced: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is in its place is fine, one that was taken away properly is forgotten."""
    folder = tmp_path / "machine"
    folder.mkdir()
    machine, workspace, options = Machine(folder, monkeypatch), synced.workspace, {"notebook": "scheduled_sync"}
    workspace.install(system, options, lambda line: None)
    assert workspace.doctor().ok
    machine.table.unlink(missing_ok=True)
    for path in [*machine.home.rglob("*.service"), *machine.home.rglob("*.plist")]:
        path.unlink()
    report = workspace.doctor()
    assert [each.check for each in report.faults] == ["schedule"]
    assert "gone" in report.faults[0].what
    workspace.uninstall(system, options)
    assert workspace.doctor().ok


@pytest.mark.soak
def test_the_last_run_is_told(synced: Lab) -> None:
    """One that ended well is fine; the failure of a notebook that nobody scheduled is a note."""
    notebook = synced.workspace.root / "bad.ipynb"
    cell = '{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": "1/0", "id": "a"}'
    kernel = '{"kernelspec": {"name": "python3", "display_name": "Python 3"}}'
    notebook.write_text(f'{{"nbformat": 4, "nbformat_minor": 5, "metadata": {kernel}, "cells": [{cell}]}}', "utf-8")
    synced.workspace.run(notebook)
    report = synced.workspace.doctor()
    [told] = [each for each in report if each.check == "schedule"]
    assert (told.level, "ZeroDivisionError" in told.why) == ("note", True)
