"""The health of login, sources, cache and quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from larknb.errors import Asker
from larknb.messages import say
from larknb.results.base import Rows
from larknb.results.sync import askers, read_as_line

__all__ = [
    "Status",
    "StatusRow",
]


@dataclass(frozen=True)
class StatusRow:
    """The health of one table of the cache."""

    source: str
    kind: str
    table: str
    rows: int | None
    state: Literal["fresh", "stale", "failed", "never"]
    age: float | None  # seconds since the start of the last look
    synced_at: str
    last_error: str
    bytes: int
    calls_month: int


class Status(Rows[StatusRow]):
    """Health of login, sources, cache and quota."""

    title = "status.title"

    def __init__(self, items: Sequence[StatusRow] = (), login: str = "", calls: int = 0, budget: int | None = None,
                 forecast: int | None = None, read_as: Mapping[str, Asker] | None = None) -> None:  # fmt: skip
        super().__init__(items)
        self.read_as = dict(read_as or {})  # by source name: who read what the cache has
        self.login, self.calls, self.budget, self.forecast = login, calls, budget, forecast

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("source", "kind", "table", "rows", "state", "age", "synced_at", "last_error", "bytes", "calls_month")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        from larknb import display

        names = ("source", "kind", "table", "rows", "state", "age", "bytes", "last_error")
        return [say(f"column.{name}") for name in names], [
            (
                row.source, say(f"kind.{row.kind}"), row.table, row.rows, say(f"state.{row.state}"),
                display.age(row.age), display.size(row.bytes), row.last_error,
            )
            for row in self
        ]  # fmt: skip

    def headline(self) -> str:  # noqa: D102
        return f"{say(self.title)} · {self.login}" if self.login else say(self.title)

    def footer(self) -> str:  # noqa: D102
        text = say("status.calls", calls=self.calls)
        if self.forecast is not None:
            text += say("status.forecast", forecast=self.forecast)
        if self.budget is not None:
            text += say("status.budget", budget=self.budget)
        told = read_as_line(self.read_as)
        return text + say("error.stop") + told if told else text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a plain dict, for ``--json``."""
        told = {name: getattr(self, name) for name in ("login", "calls", "budget", "forecast")}
        return {**told, "read_as": askers(self.read_as), "rows": self.to_dicts()}
