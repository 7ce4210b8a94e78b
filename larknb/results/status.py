"""The health of login, sources, cache and quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from larknb import display
from larknb.errors import Asker
from larknb.messages import joined, say
from larknb.results.base import Attribute, Json, Rows, kind_word, read_as_dict, read_as_line
from larknb.visible import visible

__all__ = ["Advice", "State", "Status", "StatusRow"]

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


@dataclass(frozen=True)
class Advice:
    """What would make the requests of a month fewer.

    Parameters
    ----------
    interval : float, optional
        Seconds: looking no more often fits the budget. None without one, and where no interval does.
    incremental : mapping
        By source: the requests that ``incremental = true`` would save in a month, about.
    """

    interval: float | None = None
    incremental: Mapping[str, int] = field(default_factory=dict)


class Status(Rows[StatusRow]):
    """Health of login, sources, cache and quota.

    ``login`` is a sentence; ``calls``, ``budget`` and ``forecast`` are requests of this month; ``read_as`` says by
    source name who read what the cache has; ``advice`` says what would make them fewer.

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
        forecast: int | None = None, read_as: Mapping[str, Asker] | None = None, advice: Advice | None = None,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.read_as, self.advice = dict(read_as or {}), advice
        self.login, self.calls, self.budget, self.forecast = login, calls, budget, forecast

    def headline(self) -> str:
        """Return the line above the table: who is logged in."""
        return f"{say(self.title)} · {self.login}" if self.login else say(self.title)

    def footer(self) -> str:
        """Return the lines below the table: the requests of this month and who asked, and what would be fewer."""
        line = say("status.calls", calls=self.calls)
        if self.forecast is not None:
            line += say("status.forecast", forecast=self.forecast)
        if self.budget is not None:
            line += say("status.budget", budget=self.budget)
        askers = read_as_line(self.read_as)
        first = joined(line + say("error.stop"), askers) if askers else line
        return "\n".join([first, *self._advised()])

    def _advised(self) -> Iterator[str]:
        """Yield a line for each advice."""
        most = max(self, key=lambda row: row.calls_month, default=None)
        if most is not None and most.calls_month and len({row.source for row in self}) > 1:
            yield say("status.most", source=visible(most.source), calls=most.calls_month)
        if self.advice is None:
            return
        if self.advice.interval is not None:
            yield say("status.interval", interval=display.age(self.advice.interval))
        elif self.budget is not None:
            yield say("status.no_interval")
        for source, calls in self.advice.incremental.items():
            yield say("status.incremental", source=visible(source), calls=calls)

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        numbers = {name: getattr(self, name) for name in ("login", "calls", "budget", "forecast")}
        advice = asdict(self.advice) if self.advice else None
        return {**numbers, "read_as": read_as_dict(self.read_as), "advice": advice, "rows": self.to_dicts()}
