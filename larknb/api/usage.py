"""Calls counted by month and source, and the budget that a sync must not pass.

The platform's quota is per tenant and month, so the count covers every request that went out, tries again included.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock

from larknb.errors import BudgetSpent
from larknb.files import write_atomically
from larknb.messages import say

__all__ = ["Usage"]

log = logging.getLogger("larknb")


class Usage:
    """The calls of this month, kept in ``work/usage.json`` and shared by all processes of a workspace.

    Parameters
    ----------
    path : Path
        The file; its months map a source key to a number (``""`` for calls that serve all sources).
    budget : int, optional
        ``monthly_calls`` of larknb.toml.
    """

    def __init__(self, path: Path, budget: int | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.path, self.budget, self._clock = path, budget, clock
        self._new: Counter[str] = Counter()
        self._stored = sum(self._month().values())
        self._lock = threading.Lock()

    def _name(self) -> str:
        return time.strftime("%Y-%m", time.localtime(self._clock()))

    def _read(self) -> dict[str, Any]:
        try:
            found = orjson.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}  # a lost count is no reason to lose a sync
        return found if isinstance(found, dict) else {}

    def _month(self) -> dict[str, int]:
        month = self._read().get(self._name())
        return dict(month) if isinstance(month, dict) else {}

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
                except OSError as error:
                    log.warning("%s: %s", self.path, error.strerror)

    def _add(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock"):
            months, month = self._read(), Counter(self._month())
            month.update(self._new)
            recent = sorted({*months, self._name()})[-13:]  # a year to compare with
            kept = {name: dict(month) if name == self._name() else months[name] for name in recent}
            write_atomically(self.path, orjson.dumps(kept, option=orjson.OPT_INDENT_2))
        self._stored, self._new = month.total(), Counter()

    def by_source(self) -> dict[str, int]:
        """Return the calls of this month by source key."""
        return dict(Counter(self._month()) + self._new)

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
