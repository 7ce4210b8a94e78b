"""The last report of a sync that looked at something: what a sync that kept everything offers instead of its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from larknb import stored
from larknb.results.sync import SyncReport, SyncRow
from larknb.services.context import Context

__all__ = ["with_last"]

log = logging.getLogger("larknb")

FILE = "last_sync.json"
FORMAT = 1


@dataclass(frozen=True)
class LastSync:
    """When a sync ended, and its rows."""

    at: float
    rows: tuple[SyncRow, ...]


def with_last(context: Context, report: SyncReport) -> SyncReport:
    """Keep the rows of a report, or give one that kept everything the report before; the workspace is locked."""
    path = context.settings.work / FILE
    try:
        if not report.kept_all:
            stored.write(path, LastSync(context.clock(), tuple(report)), format=FORMAT)
        elif last := stored.read(path, LastSync, format=FORMAT):
            report.last = SyncReport(last.rows, at=last.at)
    except (stored.Damaged, stored.Newer, OSError) as error:  # nobody needs it
        log.warning("the last report is left out: %s", error)
    return report
