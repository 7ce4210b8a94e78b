"""Instants as the clock on the wall of a base's zone shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "FIRST_MS",
    "LAST_MS",
    "Calendar",
    "zone_of",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
HOUR, DAY = 3_600_000, 86_400_000  # milliseconds
FIRST_MS, LAST_MS = -62135596800000, 253402300799999  # the years 1 to 9999, which is what Python's dates know

Numbers = npt.NDArray[np.int64]


def zone_of(name: str) -> tuple[str, bool]:
    """Return the IANA zone that a base's ``time_zone`` stands for, and whether it is known; else it is UTC."""
    alias = {"Asia/Beijing": "Asia/Shanghai"}.get(name, name)  # the platform's own example is no IANA name
    try:
        return ZoneInfo(alias).key, True
    except (KeyError, ValueError, OSError):  # no such zone, no zone name at all, the name of a folder of zones
        return "UTC", False


class Calendar:
    """Instants in the zone of the base, through zoneinfo: Arrow's own zone database is missing on Windows.

    An instant that is in the year 0 or 10000 there becomes null: neither Python nor pandas can show it.
    """

    def __init__(self, time_zone: str) -> None:
        name, _ = zone_of(time_zone)
        self.zone = ZoneInfo(name)
        self.aware, self.naive = pa.timestamp("ms", name), pa.timestamp("ms")

    def instants(self, moments: pa.Array) -> pa.Array:
        """Return the same instants, zone-aware."""
        aware = moments.view(self.aware)
        ms = _milliseconds(moments)
        if len(ms) == 0 or (ms.min() > FIRST_MS + DAY and ms.max() < LAST_MS - DAY):
            return aware
        return pc.if_else(pa.array(_can_be_shown(self._wall(ms))), aware, None)

    def clocks(self, moments: pa.Array) -> pa.Array:
        """Return what the clock on the wall shows, without a zone."""
        return self._naive(moments, self._wall(_milliseconds(moments)))

    def days(self, moments: pa.Array) -> pa.Array:
        """Return calendar days as midnights without a zone; an instant in mid-day keeps its time of day.

        The first instant of a day is its midnight here, also where a clock that goes forward at 00:00 shows 01:00.
        """
        ms = _milliseconds(moments)
        wall = self._wall(ms)
        begins = self._wall(ms - 1) // DAY != wall // DAY
        return self._naive(moments, np.where(begins, wall - wall % DAY, wall))

    def text(self, ms: int) -> str:
        """Return an instant as text: the day where it is midnight, else day and time."""
        wall = ms + self._offset(ms)
        if not FIRST_MS <= wall <= LAST_MS:
            return str(ms)
        moment = EPOCH.replace(tzinfo=None) + wall * MILLISECOND
        return moment.date().isoformat() if wall % DAY == 0 else moment.isoformat(sep=" ")

    def _naive(self, moments: pa.Array, wall: Numbers) -> pa.Array:
        nulls = ~_can_be_shown(wall) | moments.is_null().to_numpy(zero_copy_only=False)
        return pa.array(wall, pa.int64(), mask=nulls).view(self.naive)

    def _wall(self, ms: Numbers) -> Numbers:
        """Return the local time as if it were UTC.

        No zone changes its offset twice within an hour: where the two ends of an hour agree, all of it does.
        """
        hours, position = np.unique(ms // HOUR, return_inverse=True)
        begins, ends = (self._offsets(hours * HOUR + end) for end in (0, HOUR - 1))
        offsets, changes = begins[position], (begins != ends)[position]
        offsets[changes] = self._offsets(ms[changes])
        return ms + offsets

    def _offsets(self, ms: Numbers) -> Numbers:
        return np.array([self._offset(instant) for instant in ms.tolist()], dtype=np.int64)

    def _offset(self, ms: int) -> int:
        # At both ends a local time would leave the years that Python knows; two days off, the offset is the same.
        inside = min(max(ms, FIRST_MS + 2 * DAY), LAST_MS - 2 * DAY)
        offset = (EPOCH + inside * MILLISECOND).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // MILLISECOND


def _milliseconds(moments: pa.Array) -> Numbers:
    numbers: Numbers = moments.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _can_be_shown(wall: Numbers) -> npt.NDArray[np.bool_]:
    return (wall >= FIRST_MS) & (wall <= LAST_MS)
