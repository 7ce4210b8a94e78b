"""The health of login, sources, cache and quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from larknb import display
from larknb.errors import Asker
from larknb.messages import joined, say
from larknb.results.base import Attribute, Json, Rows, kind_word, read_as_dict, read_as_line

__all__ = ["State", "Status", "StatusRow"]

State = Literal["fresh", "stale", "failed", "never"]


@dataclass(frozen=True)
class StatusRow:
    """The health of one table of the cache."""

    source: str
    kind: str
    table: str
    rows: int | None
    state: State
    age: float | None  # seconds since the start of the last look
    synced_at: str
    last_error: str
    bytes: int
    calls_month: int


def _ago(seconds: float | None) -> str:
    return display.age(None) if seconds is None else say("status.ago", age=display.age(seconds))


class Status(Rows[StatusRow]):
    """Health of login, sources, cache and quota.

    ``login`` is a sentence; ``calls``, ``budget`` and ``forecast`` are requests of this month; ``read_as`` says by
    source name who read what the cache has.

    Examples
    --------
    >>> [(row.source, row.table) for row in lk.status() if row.state != "fresh"]
    []
    """

    title = "status.title"
    COLUMNS = (
        Attribute("source"),
        Attribute("kind", kind_word),
        Attribute("table"),
        Attribute("rows"),
        Attribute("state", lambda state: say(f"state.{state}")),
        Attribute("age", _ago),
        Attribute("synced_at", only="frame"),
        Attribute("last_error", last=True),
        Attribute("bytes", display.size),
        Attribute("calls_month", only="frame"),
    )

    def __init__(
        self, items: Sequence[StatusRow] = (), login: str = "", calls: int = 0, budget: int | None = None,
        forecast: int | None = None, read_as: Mapping[str, Asker] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.read_as = dict(read_as or {})
        self.login, self.calls, self.budget, self.forecast = login, calls, budget, forecast

    def headline(self) -> str:
        """Return the line above the table: who is logged in."""
        return f"{say(self.title)} · {self.login}" if self.login else say(self.title)

    def footer(self) -> str:
        """Return the line below the table: the requests of this month, and who asked."""
        line = say("status.calls", calls=self.calls)
        if self.forecast is not None:
            line += say("status.forecast", forecast=self.forecast)
        if self.budget is not None:
            line += say("status.budget", budget=self.budget)
        askers = read_as_line(self.read_as)
        return joined(line + say("error.stop"), askers) if askers else line

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        numbers = {name: getattr(self, name) for name in ("login", "calls", "budget", "forecast")}
        return {**numbers, "read_as": read_as_dict(self.read_as), "rows": self.to_dicts()}
