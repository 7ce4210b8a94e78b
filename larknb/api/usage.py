"""Calls counted by month and source, and the budget that a sync must not pass.

The platform's quota is per tenant and month, so the count covers every request that went out, tries again included,
and none that no connection took.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from larknb import console, stored
from larknb.api.downloads import Downloads
from larknb.disk import refused
from larknb.errors import BudgetSpent, Busy
from larknb.messages import say
from larknb.places import lock
from larknb.wire.retry import Clock

__all__ = ["Months", "Usage"]

FORMAT = 1  # of ``usage.json``; the files before it held the months alone
DAY = 86_400.0  # seconds
KEPT = 13  # months: this one, and a year to compare with
PATIENCE = 10.0  # seconds that a saving waits for another process; adding a few numbers takes milliseconds
HIGHEST = 10**9  # calls of one source in a month: what is higher is no count

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

    A lost count is no reason to lose a sync. So that a damaged file loses none, each saving writes the same numbers
    into a second one (``usage.copy.json``), and the higher count of the two is the one that counts. Where neither can
    be understood the count begins again, and with a budget that is said aloud. A file of a newer larknb is left as it
    is, and what is counted here stands in the other one.

    Parameters
    ----------
    path : Path
        The file (`Months`); calls that serve all sources have the key ``""``.
    budget : int, optional
        ``monthly_calls`` of larknb.toml.
    tell : callable, optional
        Takes what whoever set a budget must know; by default it is noted beside what is printed.
    """

    def __init__(
        self,
        path: Path,
        budget: int | None = None,
        *,
        clock: Clock = time.time,
        tell: Callable[[str], object] = console.note,
    ) -> None:
        self.path, self.budget, self._clock, self._tell = path, budget, clock, tell
        self._copy = path.with_name(f"{path.stem}.copy{path.suffix}")
        self._new: Counter[str] = Counter()
        known, self._is_lost = self._read()
        self._stored = sum(known.months.get(self._name(), {}).values())
        self._lock = threading.Lock()
        self.downloads = Downloads(path.with_name("downloads.json"), clock=clock)

    @property
    def left(self) -> int | None:
        """What may still be asked this month; None without a budget."""
        return None if self.budget is None else self.budget - self._stored - self._new.total()

    def count(self, source: str) -> None:
        """Count one request for ``source``; BudgetSpent if it would pass the budget."""
        with self._lock:
            if self.budget is not None and self._is_lost:
                self._is_lost = False
                self._tell(say("budget.lost", path=self.path))
            if self.left is not None and self.left <= 0:
                raise BudgetSpent(say("budget.what", budget=self.budget), next=say("budget.next"))
            self._new[source] += 1

    def uncount(self, source: str) -> None:
        """Take the count of one request back: it never left this machine."""
        with self._lock:
            self._new[source] -= 1

    def save(self) -> None:
        """Add what was counted since the last time to the file; a disk that takes nothing costs the count alone."""
        self.downloads.save()
        with self._lock:
            if self._new:
                try:
                    self._add()
                except Busy as error:
                    log.warning("%s", error)
                except OSError as error:
                    log.warning("%s", refused(error, self.path))

    def by_source(self) -> dict[str, int]:
        """Return the calls of this month by source key."""
        return dict(self._month() + self._new)

    def total(self) -> int:
        """Return the calls of this month."""
        return sum(self.by_source().values())

    def forecast(self) -> int:
        """Return the calls that this month will have at the present pace."""
        start, end = self._bounds()
        passed = max(self._clock() - start, DAY)  # one busy first hour is no pace
        return round(self.total() * (end - start) / passed)

    @property
    def daily(self) -> float | None:
        """What may be asked a day, in the rest of this month as in the next ones; None without a budget."""
        if self.budget is None:
            return None
        start, end = self._bounds()
        rest = max(end - self._clock(), DAY)
        return max(0.0, min((self.budget - self.total()) / rest, self.budget / (end - start))) * DAY

    def _bounds(self) -> tuple[float, float]:
        """Return when this month began, and when it ends."""
        now = time.localtime(self._clock())
        first = [time.mktime((now.tm_year, month, 1, 0, 0, 0, 0, 0, -1)) for month in (now.tm_mon, now.tm_mon + 1)]
        return first[0], first[1]

    def _add(self) -> None:
        def busy() -> Busy:
            return Busy(say("budget.busy"), source=str(self.path))

        with lock(self.path.with_name(f"{self.path.name}.lock"), busy, patience=PATIENCE):
            known, _ = self._read()
            month = Counter(known.months.get(self._name(), {})) + self._new
            later = known.with_month(self._name(), month)
            if sum(self._write(path, later) for path in (self.path, self._copy)):  # both, and one at least
                self._stored, self._new = month.total(), Counter()

    def _write(self, path: Path, months: Months) -> bool:
        """Write one of the two files; False where the disk takes nothing, or lies what we may not replace."""
        try:
            stored.write(path, months, format=FORMAT)
        except stored.Newer as error:
            log.warning("%s", error)
            return False
        except OSError as error:
            log.warning("%s", refused(error, path))
            return False
        return True

    def _month(self) -> Counter[str]:
        return Counter(self._read()[0].months.get(self._name(), {}))

    def _name(self) -> str:
        return time.strftime("%Y-%m", time.localtime(self._clock()))

    def _read(self) -> tuple[Months, bool]:
        """Return what the two files say together, and whether something was lost: neither of them is whole."""
        found = [_months_of(path) for path in (self.path, self._copy)]
        there = [(months, is_whole) for months, is_whole in found if months is not None]
        return _joined([months for months, _ in there]), bool(there) and not any(whole for _, whole in there)


@dataclass(frozen=True)
class _Found:
    """The file as it is found: somebody may have edited it."""

    months: stored.Unchecked


def _months_of(path: Path) -> tuple[Months | None, bool]:
    """Return what a file says, None where there is none, and whether all of it could be understood."""
    try:
        found = stored.read(path, _Found, format=FORMAT, migrate={0: lambda document: {"months": document}})
    except stored.Damaged as damaged:
        log.warning("%s", damaged)
        return Months(), False
    except OSError as error:
        log.warning("%s", refused(error, path))
        return Months(), False
    except stored.Newer:
        return None, False
    if found is None:
        return None, False
    months = {name: {source: number for source, number in calls.items() if _is_count(number)}
              for name, calls in found.months.items() if isinstance(calls, dict)}  # fmt: skip
    return Months(months), months == found.months


def _is_count(number: object) -> bool:
    return type(number) is int and 0 <= number <= HIGHEST


def _joined(found: Iterable[Months]) -> Months:
    """Return the higher count of each source and month: of two files one may lack what it never got."""
    months: dict[str, Counter[str]] = {}
    for each in found:
        for name, calls in each.months.items():
            months[name] = months.get(name, Counter()) | Counter(calls)
    return Months(months)
