"""What a sync did, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from larknb.errors import Asker
from larknb.messages import say
from larknb.model import Outcome
from larknb.results.base import Rows, some_of

__all__ = [
    "SyncReport",
    "SyncRow",
    "askers",
    "read_as_line",
]


@dataclass(frozen=True)
class SyncRow:
    """What a sync did with one table (or with a source that failed before its tables were known)."""

    source: str
    kind: str
    table: str
    action: Outcome
    rows: int | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0
    calls: int = 0
    seconds: float = 0.0
    problem: str = ""


def read_as_line(askers: Mapping[str, Asker]) -> str:
    """Say as whom sources were read: one for all, or which sources by each of several."""
    sources: dict[str, list[str]] = {}
    for name, asker in askers.items():
        if asker.label:
            sources.setdefault(str(asker), []).append(name)
    if len(sources) == 1:
        return say("error.asker", who=next(iter(sources)))
    return "".join(say("read.some", who=who, sources=some_of(names)) for who, names in sources.items())


def askers(askers: Mapping[str, Asker]) -> dict[str, dict[str, str]]:
    return {name: {"identity": asker.kind, "who": asker.label} for name, asker in askers.items()}


class SyncReport(Rows[SyncRow]):
    """What a sync did, one row per table; ``ok`` says that nothing failed and every source was tried."""

    title = "report.title"

    def __init__(
        self, items: Sequence[SyncRow] = (), errors: Mapping[str, Exception] | None = None,
        read_as: Mapping[str, Asker] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.errors, self.read_as = dict(errors or {}), dict(read_as or {})  # by source name

    @property
    def ok(self) -> bool:
        """True when no source or table failed and every one was tried."""
        return all(row.action not in ("failed", "not tried") for row in self)

    @property
    def calls(self) -> int:
        """API requests that this sync made."""
        return sum(row.calls for row in self)

    def raise_for_failures(self) -> SyncReport:
        """Raise the first failure, if there is one; else return the report itself."""
        for error in self.errors.values():
            raise error
        return self

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return (
            "source", "kind", "table", "action", "rows", "added", "changed", "removed", "calls", "seconds", "problem",
        )  # fmt: skip

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns() if name != "kind"]
        return header, [
            (
                row.source, row.table, say(f"action.{row.action}"), row.rows, row.added or "", row.changed or "",
                row.removed or "", row.calls or "", f"{row.seconds:.1f}" if row.seconds else "", row.problem,
            )
            for row in self
        ]  # fmt: skip

    def footer(self) -> str:  # noqa: D102
        failed = sum(row.action in ("failed", "not tried") for row in self)
        key = "report.ok" if not failed else "report.failed"
        told = say(key, calls=self.calls, failed=failed, sources=len({row.source for row in self}))
        return told + read_as_line(self.read_as)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a plain dict, for ``--json``."""
        return {"ok": self.ok, "calls": self.calls, "read_as": askers(self.read_as), "rows": self.to_dicts()}
