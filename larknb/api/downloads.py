"""The downloads of the last 24 hours: the platform gives an app so many a day, whatever they are for."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from larknb import stored
from larknb.disk import refused
from larknb.wire.retry import Clock

__all__ = ["Downloads"]

FORMAT = 1
HOURS = 24  # that are counted: where the platform's day begins is not documented
EVERY = 20  # downloads between two savings: so many at most does a killed process not tell the next one

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class Hours:
    """What ``downloads.json`` holds: how many there were in each hour since 1970."""

    hours: Mapping[str, int] = field(default_factory=dict)


class Downloads:
    """Counts downloads, over all processes of a workspace.

    Parameters
    ----------
    path : Path, optional
        Where the count is kept; without it, it ends with the process.
    """

    def __init__(self, path: Path | None = None, *, clock: Clock = time.time) -> None:
        self._path, self._clock, self._lock = path, clock, threading.Lock()
        self._known = Counter(_read(path) if path else {})
        self._new: Counter[str] = Counter()

    def take(self, most: int) -> bool:
        """Count one more, unless that would make more than ``most`` in 24 hours."""
        with self._lock:
            now = self._hour()
            recent = sum(count for hour, count in (self._known + self._new).items() if abs(now - int(hour)) < HOURS)
            if recent >= most:
                return False
            self._new[str(now)] += 1
            is_due = self._new.total() >= EVERY
        if is_due:
            self.save()
        return True

    def save(self) -> None:
        """Add what was counted since the last time to the file; what the disk refuses is counted all the same."""
        with self._lock:
            if not self._new or self._path is None:
                return
            self._known, self._new = Counter(_read(self._path)) + self._new, Counter()
            kept = {hour: count for hour, count in self._known.items() if abs(self._hour() - int(hour)) < HOURS}
            try:
                stored.write(self._path, Hours(kept), format=FORMAT)
            except (OSError, stored.Newer) as error:
                log.warning("%s", refused(error, self._path) if isinstance(error, OSError) else error)

    def _hour(self) -> int:
        return int(self._clock() // 3600)


def _read(path: Path) -> dict[str, int]:
    """Return the counts of a file, as far as they are any."""
    found = stored.recall(path, Hours, format=FORMAT)
    return {hour: count for hour, count in found.hours.items() if hour.isascii() and hour.isdigit()}
