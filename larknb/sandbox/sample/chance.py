"""The days of the story, and chance that falls the same way every time."""

from __future__ import annotations

import datetime as dt
import random
from typing import TypeVar

from larknb.sandbox.world.times import midnight_of, zone_of

T = TypeVar("T")

ZONE = zone_of("Asia/Shanghai")
START, TODAY = dt.date(2024, 1, 8), dt.date(2026, 1, 16)  # everything here was written between these days
HOUR, DAY = 3_600_000, 86_400_000  # milliseconds


class Dice(random.Random):
    """Chance that falls the same way every time."""

    def maybe(self, share: float, value: T) -> T | None:
        """Value of a cell that is filled in this share of the rows."""
        return value if self.random() < share else None

    def day(self, first: dt.date = START) -> int:
        """Some day's midnight."""
        return midnight_of(first + dt.timedelta(days=self.randrange((TODAY - first).days)), ZONE)

    def moment(self) -> int:
        """Some moment of a working day."""
        return self.day() + self.randrange(9 * HOUR, 19 * HOUR)
