"""When a schedule is due: on the clock of the wall, whatever daylight saving does to it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from itertools import pairwise

__all__ = [
    "DAY",
    "next_due",
    "shortest_gap",
]

DAY = 86400.0  # seconds of a day on the wall; two days a year have an hour more or less
_WALL = datetime(2001, 1, 1)  # noqa: DTZ001  a Monday, on any wall: longer intervals count from here


def next_due(after: float, interval: float | None, at: Sequence[time] = (), zone: tzinfo | None = None) -> float:
    """Return the first time later than ``after`` at which a run is due.

    Parameters
    ----------
    after : float
        Epoch seconds, as what is returned.
    interval : float, optional
        Seconds. The times lie on local midnight and whole intervals after it: an hour means full hours; one that does
        not divide a day begins anew each midnight. An hour that comes twice has its times twice; those of an hour that
        is left out are left out. Longer than a day: counted from a Monday's midnight.
    at : sequence of time
        Local times of every day. One that is left out when the clocks go forward is as much later as they moved; one
        that comes twice counts the first time.
    zone : tzinfo, optional
        By default the machine's.
    """
    due = [_daily(after, each, zone) for each in at]
    if interval is not None and interval < DAY:
        due += [_on_the_grid(after, interval, zone), _daily(after, time(), zone)]
    elif interval is not None:
        due.append(_in_days(after, interval, zone))
    return min(due)


def shortest_gap(at: Sequence[time]) -> float:
    """Return the least number of seconds between two of the times that every day has; a day for a single one."""
    seconds = sorted({each.hour * 3600 + each.minute * 60 + each.second for each in at})
    return min(later - earlier for earlier, later in pairwise([*seconds, seconds[0] + DAY]))


def _wall(at: float, zone: tzinfo | None) -> datetime:
    """Return what a clock on the wall shows."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)


def _epoch(wall: datetime, zone: tzinfo | None) -> float:
    return wall.replace(tzinfo=zone).timestamp()


def _ahead(at: float, zone: tzinfo | None) -> float:
    """Return by how many seconds the wall is ahead of UTC; whole ones, for walls are rounded."""
    return round((_wall(at, zone) - datetime(1970, 1, 1)).total_seconds() - at)  # noqa: DTZ001  both are walls


def _daily(after: float, at: time, zone: tzinfo | None) -> float:
    first = _wall(after, zone).date()
    days = (first + timedelta(days=n) for n in range(-1, 4))  # a zone may leave out a whole day
    return next(due for day in days if (due := _epoch(datetime.combine(day, at), zone)) > after)


def _in_days(after: float, interval: float, zone: tzinfo | None) -> float:
    count = math.floor((_wall(after, zone) - _WALL).total_seconds() / interval)
    walls = (_WALL + timedelta(seconds=interval * n) for n in range(count, count + 4))
    return next(due for wall in walls if (due := _epoch(wall, zone)) > after)


def _on_the_grid(after: float, interval: float, zone: tzinfo | None) -> float:
    wall, ahead = _wall(after, zone), _ahead(after, zone)
    since_midnight = (wall - datetime.combine(wall.date(), time())).total_seconds()
    step = (math.floor(since_midnight / interval) + 1) * interval
    due = round(after - since_midnight) + min(step, DAY)  # midnight is a whole second, a difference of floats is not
    if _ahead(due, zone) == ahead:
        return due
    change = _change(after, due, zone)  # the clocks are put forward or back before that
    since_midnight = _wall(change, zone).hour * 3600 + _wall(change, zone).minute * 60 + _wall(change, zone).second
    return change if since_midnight % interval == 0 else _on_the_grid(change, interval, zone)


def _change(low: float, high: float, zone: tzinfo | None) -> float:
    """Return the second between two times from which on the wall is ahead by another amount."""
    before = _ahead(low, zone)
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if _ahead(middle, zone) == before else (low, middle)
    return float(round(high))
