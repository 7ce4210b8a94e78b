"""Calls counted by month and source, and the budget that a sync must not pass.

The platform's quota is per tenant and month, so the count covers every request that went out, tries again included.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from larknb import stored
from larknb.errors import BudgetSpent
from larknb.messages import say
from larknb.wire.retry import Clock

__all__ = ["Months", "Usage"]

FORMAT = 1  # of ``usage.json``; the files before it held the months alone
KEPT = 13  # months: this one, and a year to compare with

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class Months:
    """What ``usage.json`` holds: for each month (``2026-01``) the calls by source key."""

    months: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def with_month(self, name: str, calls: Mapping[str, int]) -> Months:
        """Return the file's next content: a month is replaced, and what is too old is gone."""
        months = {**self.months, name: dict(calls)}
        return Months({kept: months[kept] for kept in sorted(months)[-KEPT:]})


class Usage:
    """The calls of this month, kept in ``work/usage.json`` and shared by all processes of a workspace.

    A lost count is no reason to lose a sync: a file that is damaged counts as none, and one of a newer larknb is left
    as it is, with what is counted here known to this process alone.

    Parameters
    ----------
    path : Path
        The file (`Months`); calls that serve all sources have the key ``""``.
    budget : int, optional
        ``monthly_calls`` of larknb.toml.
    """

    def __init__(self, path: Path, budget: int | None = None, *, clock: Clock = time.time) -> None:
        self.path, self.budget, self._clock = path, budget, clock
        self._new: Counter[str] = Counter()
        self._stored = sum(self._month().values())
        self._lock = threading.Lock()

    def count(self, source: str) -> None:
        """Count one request for ``source``; BudgetSpent if it would pass the budget."""
        with self._lock:
            if self.budget is not None and self._stored + self._new.total() >= self.budget:
                raise BudgetSpent(say("budget.what", budget=self.budget), next=say("budget.next"))
            self._new[source] += 1

    def save(self) -> None:
        """Add what was counted since the last time to the file; a disk that takes nothing costs the count alone."""
        with self._lock:
            if self._new:
                try:
                    self._add()
                except stored.Newer as error:
                    log.warning("%s", error)
                except OSError as error:
                    log.warning("%s: %s", self.path, error.strerror)

    def by_source(self) -> dict[str, int]:
        """Return the calls of this month by source key."""
        return dict(self._month() + self._new)

    def total(self) -> int:
        """Return the calls of this month."""
        return sum(self.by_source().values())

    def forecast(self) -> int:
        """Return the calls that this month will have at the present pace."""
        now = time.localtime(self._clock())
        start = time.mktime((now.tm_year, now.tm_mon, 1, 0, 0, 0, 0, 0, -1))
        end = time.mktime((now.tm_year, now.tm_mon + 1, 1, 0, 0, 0, 0, 0, -1))
        passed = max(self._clock() - start, 86400.0)  # one busy first hour is no pace
        return round(self.total() * (end - start) / passed)

    def _add(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock"):
            month = self._month() + self._new
            stored.write(self.path, self._read().with_month(self._name(), month), format=FORMAT)
        self._stored, self._new = month.total(), Counter()

    def _month(self) -> Counter[str]:
        return Counter(self._read().months.get(self._name(), {}))

    def _name(self) -> str:
        return time.strftime("%Y-%m", time.localtime(self._clock()))

    def _read(self) -> Months:
        try:
            return stored.read(self.path, Months, format=FORMAT, migrate={0: _numbered}) or Months()
        except (stored.Damaged, stored.Newer, OSError):
            return Months()


def _numbered(document: stored.Unchecked) -> stored.Unchecked:
    """Return format 1 of the files before it; what is no count is left out."""
    return {"months": {name: calls for name, calls in document.items() if _is_count(calls)}}


def _is_count(calls: object) -> bool:
    return isinstance(calls, dict) and all(isinstance(number, int) for number in calls.values())
