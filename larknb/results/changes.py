"""What changed since the last run of a notebook that ended well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from larknb import display
from larknb.messages import joined, say
from larknb.results.base import Attribute, Json, Rows, kind_word
from larknb.results.diff import Diff
from larknb.results.sync import SyncReport
from larknb.visible import visible

__all__ = ["SUMMARY", "Changed", "Changes", "Summary", "changed_by", "changed_in_brief"]

SUMMARY = "application/vnd.larknb.summary+json"  # the form of `Changes` that the runner puts into the run's record


@dataclass(frozen=True)
class Changed:
    """What changed in one table, or in one document: its rows or its blocks."""

    source: str
    kind: str
    table: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Summary:
    """What the sync of one run changed, and how many sources failed: what the run's record keeps of it.

    ``lines`` are the first lines of what changed since the last look, as a message can carry them.
    """

    rows: tuple[Changed, ...]
    failed: int
    lines: tuple[str, ...] = ()

    def to_dict(self) -> Json:
        """Return it as a plain dict, as the record has it."""
        return {"rows": [{**vars(row)} for row in self.rows], "failed": self.failed, "lines": [*self.lines]}


class Changes(Rows[Changed]):
    """What changed since the last scheduled run that ended well, one row per table or document.

    ``fresh`` are the changes of the last sync alone, ``since`` is when that run began (None if there was none),
    ``failed`` counts the sources that failed now, ``cost`` and ``login`` are sentences, ``details`` show what changed
    cell by cell (None where nothing did, and at the first look), ``lines`` are the first of it for a message.
    """

    COLUMNS = (
        Attribute("source"),
        Attribute("kind", kind_word),
        Attribute("table"),
        Attribute("added", display.count),
        Attribute("changed", display.count),
        Attribute("removed", display.count),
    )

    def __init__(
        self, items: Sequence[Changed] = (), fresh: Sequence[Changed] = (), *, since: float | None = None,
        failed: int = 0, cost: str = "", login: str = "", details: Diff | None = None, lines: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.fresh, self.since, self.failed, self.cost, self.login = tuple(fresh), since, failed, cost, login
        self.details, self.lines = details, tuple(lines)

    @classmethod
    def of(cls, report: SyncReport, earlier: Sequence[Changed] = (), **more: Any) -> Changes:
        """Return what a sync changed, added to the ``earlier`` changes that nobody may have seen."""
        fresh = changed_by(report)
        sums: dict[tuple[str, str, str], tuple[int, ...]] = {}
        for each in (*earlier, *fresh):
            key = (each.source, each.kind, each.table)
            new = (each.added, each.changed, each.removed)
            sums[key] = tuple(map(sum, zip(sums.get(key, (0, 0, 0)), new, strict=True)))
        failed = len({row.source for row in report if row.action in ("failed", "not tried")})
        return cls([Changed(*key, *counts) for key, counts in sums.items()], fresh, failed=failed, **more)

    def headline(self) -> str:
        """Return the line above the table: since when, and what changed in all."""
        begin = say("changes.since", at=display.moment(self.since)) if self.since else say("changes.first")
        return begin + changed_in_brief(Summary(self.items, self.failed))

    def footer(self) -> str:
        """Return the line below the table: what it cost, and when the login ends."""
        return visible(joined(self.cost, self.login))

    def summary(self) -> Summary:
        """Return what the last sync alone changed."""
        return Summary(self.fresh, self.failed, self.lines)

    def _repr_mimebundle_(self, **_: Any) -> Json:
        return {SUMMARY: self.summary().to_dict()}


def changed_by(report: SyncReport) -> list[Changed]:
    """Return what a sync changed, by table and document."""
    return [
        Changed(row.source, row.kind, row.table, row.added, row.changed, row.removed)
        for row in report
        if row.action == "fetched" and (row.added or row.changed or row.removed)
    ]


def changed_in_brief(summary: Summary | None) -> str:
    """Return the summary of a run as one phrase; empty for a run without one."""
    if summary is None:
        return ""
    tables = [row for row in summary.rows if row.kind != "document"]
    parts = []
    if tables:
        counts = {name: sum(getattr(row, name) for row in tables) for name in ("added", "changed", "removed")}
        parts.append(say("changes.rows", sources=len({row.source for row in tables}), **counts))
    if documents := len({row.source for row in summary.rows if row.kind == "document"}):
        parts.append(say("changes.documents", count=documents))
    if summary.failed:
        parts.append(say("changes.failed", count=summary.failed))
    return say("changes.and").join(parts) or say("changes.nothing")
