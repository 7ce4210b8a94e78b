"""When a schedule is due, by the clock on the wall, whatever daylight saving does to it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from itertools import pairwise

from larknb.errors import ConfigError
from larknb.messages import say

__all__ = ["DAY", "Timetable", "next_due", "parse_time", "shortest_gap"]

DAY = 86400.0  # seconds of a day on the wall; two days a year have an hour more or less
CLOSE = 0.25  # of an interval: a time of the interval that follows a run this closely is skipped
_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001  on any wall: intervals longer than a day count from here


@dataclass(frozen=True)
class Timetable:
    """When the runs of a schedule are due.

    Parameters
    ----------
    interval : float, optional
        Seconds.
    at : sequence of time
        Local times of every day.
    zone : tzinfo, optional
        Whose clock it is; by default the machine's.
    """

    interval: float | None
    at: Sequence[time] = ()
    zone: tzinfo | None = None

    @property
    def gap(self) -> float | None:
        """The seconds between two runs: the interval, else the shortest gap between the times; None without either."""
        return self.interval if self.interval is not None or not self.at else shortest_gap(self.at)

    def next_run(self, began: float, ended: float) -> float:
        """Return when the next run is due, after one that began and ended at these times.

        A time of the interval less than a quarter of it after the last start is skipped.
        """
        due = [next_due(ended, None, self.at, self.zone)] if self.at else []
        if self.interval is not None:
            due.append(next_due(max(ended, began + CLOSE * self.interval), self.interval, (), self.zone))
        return min(due)


def parse_time(text: str) -> time:
    """Return the time of the day that a text such as ``8:30`` means."""
    try:
        hour, minute = text.split(":")
        return time(int(hour), int(minute))
    except ValueError as error:
        raise ConfigError(say("schedule.at.what", value=text), next=say("schedule.at.next")) from error


def next_due(after: float, interval: float | None, at: Sequence[time] = (), zone: tzinfo | None = None) -> float:
    """Return the first time later than ``after`` at which a run is due.

    Parameters
    ----------
    after : float
        Epoch seconds, as what is returned.
    interval : float, optional
        Seconds, counted from local midnight, so that an hour means full hours. An interval that does not divide a day
        begins anew at midnight. One longer than a day counts from the midnight of a Monday. When the clocks go back,
        the hour that comes twice has its times twice; when they go forward, the missing hour has none.
    at : sequence of time
        Local times of every day. A time that is missing when the clocks go forward comes as much later as they moved;
        one that comes twice counts once, the first time.
    zone : tzinfo, optional
        By default the machine's.
    """
    due = [_daily(after, each, zone) for each in at]
    if interval is not None and interval < DAY:
        due += [_within_a_day(after, interval, zone), _daily(after, time(), zone)]
    elif interval is not None:
        due.append(_in_days(after, interval, zone))
    return min(due)


def shortest_gap(at: Sequence[time]) -> float:
    """Return the least seconds between two of the times of every day; a day for a single time."""
    seconds = sorted({each.hour * 3600 + each.minute * 60 + each.second for each in at})
    return min(later - earlier for earlier, later in pairwise([*seconds, seconds[0] + DAY]))


def _wall(at: float, zone: tzinfo | None) -> datetime:
    """Return what a clock on the wall shows, as a time without zone."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)


def _epoch(wall: datetime, zone: tzinfo | None) -> float:
    return wall.replace(tzinfo=zone).timestamp()


def _ahead(at: float, zone: tzinfo | None) -> float:
    """Return by how many whole seconds the clock on the wall is ahead of UTC."""
    return round((_wall(at, zone) - datetime(1970, 1, 1)).total_seconds() - at)  # noqa: DTZ001  both are walls


def _daily(after: float, at: time, zone: tzinfo | None) -> float:
    """Return the next time of the day."""
    first = _wall(after, zone).date()
    days = (first + timedelta(days=n) for n in range(-1, 4))  # a zone may leave out a whole day
    return next(due for day in days if (due := _epoch(datetime.combine(day, at), zone)) > after)


def _in_days(after: float, interval: float, zone: tzinfo | None) -> float:
    """Return the next time of an interval of a day or more."""
    count = math.floor((_wall(after, zone) - _MONDAY).total_seconds() / interval)
    walls = (_MONDAY + timedelta(seconds=interval * n) for n in range(count, count + 4))
    return next(due for wall in walls if (due := _epoch(wall, zone)) > after)


def _within_a_day(after: float, interval: float, zone: tzinfo | None) -> float:
    """Return the next time of an interval of less than a day."""
    wall, ahead = _wall(after, zone), _ahead(after, zone)
    since_midnight = (wall - datetime.combine(wall.date(), time())).total_seconds()
    step = (math.floor(since_midnight / interval) + 1) * interval
    due = round(after - since_midnight) + min(step, DAY)  # midnight is a whole second, a difference of floats is not
    if _ahead(due, zone) == ahead:
        return due
    change = _change(after, due, zone)  # the clocks move before that
    since_midnight = _wall(change, zone).hour * 3600 + _wall(change, zone).minute * 60 + _wall(change, zone).second
    return change if since_midnight % interval == 0 else _within_a_day(change, interval, zone)


def _change(low: float, high: float, zone: tzinfo | None) -> float:
    """Return the second between two times at which the clocks move, by halving the span."""
    before = _ahead(low, zone)
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if _ahead(middle, zone) == before else (low, middle)
    return float(round(high))
