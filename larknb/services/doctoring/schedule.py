"""Checks of the schedule: whether the units that were installed are still there, and how their last runs ended."""

from __future__ import annotations

from pathlib import Path

from larknb import display
from larknb.errors import LarkError
from larknb.headless import installed, records, units
from larknb.headless.installed import InstalledUnit
from larknb.headless.records import RunRecord
from larknb.results.doctor import Finding, Level
from larknb.services.doctoring.examination import Examination, finding, of_error
from larknb.services.night import job_of

__all__ = ["check_schedule"]


def check_schedule(examination: Examination) -> list[Finding]:
    """Look for the units of this workspace, and at the last run of each notebook that ran headlessly."""
    settings = examination.settings
    known = installed.read(settings.work).units.values()
    found = [_unit(examination, unit) for unit in known]
    scheduled = {_notebook(unit) for unit in known}
    folders = sorted((settings.work / "runs").glob("*/"))
    last = (next(records.newest_first(folder), None) for folder in folders)
    found += [_last_run(each, scheduled) for each in last if each is not None]
    return found or [finding("ok", "schedule", "no_schedule")]


def _unit(examination: Examination, unit: InstalledUnit) -> Finding:
    job = job_of(examination.context, unit.options)
    words = {"system": unit.system, "notebook": _notebook(unit)}
    try:
        if units.is_there(unit.system, job):
            return finding("ok", "schedule", "unit_there", **words)
    except LarkError as error:
        return of_error("schedule", error)
    return finding("fault", "schedule", "unit_gone", **words)


def _notebook(unit: InstalledUnit) -> str:
    return Path(str(unit.options.get("notebook", ""))).stem


def _last_run(record: RunRecord, scheduled: set[str]) -> Finding:
    """Return how a run ended; the failure of one that nobody scheduled is no fault of the schedule."""
    notebook = Path(record.notebook).stem
    words = {"notebook": notebook, "at": display.moment(record.started_at)}
    if record.status in ("ok", "stopped", "busy"):
        return finding("ok", "schedule", "run_ended_well", **words)
    reason = str(record.error or record.status)
    level: Level = "fault" if notebook in scheduled else "note"
    return finding(level, "schedule", "run_failed", reason=reason, path=record.output, **words)
