"""Millisecond stamps, and the zones in which they are days."""

from __future__ import annotations

import datetime as dt
import zoneinfo


def zone_of(name: str) -> dt.tzinfo:
    """Zone of a base; the platform's own ``Asia/Beijing`` is Shanghai, an empty or unknown name is UTC."""
    try:
        return zoneinfo.ZoneInfo("Asia/Shanghai" if name == "Asia/Beijing" else name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # the empty name is a folder of the zone database
        return dt.UTC


def local(ms: float, zone: dt.tzinfo) -> dt.datetime:
    """Local time of a millisecond stamp, also before 1970 and on Windows, where ``fromtimestamp`` refuses it."""
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=ms)).astimezone(zone)


def stamp_of(moment: dt.datetime) -> int:
    """Millisecond stamp of an aware time."""
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)


def midnight_of(day: dt.date, zone: dt.tzinfo) -> int:
    """Millisecond stamp of the day's first moment in the zone."""
    return stamp_of(dt.datetime.combine(day, dt.time(), zone))
