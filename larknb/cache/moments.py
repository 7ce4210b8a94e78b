"""Moments: what people write for a time in the past, as epoch seconds. Pure: no disk, no clock of its own."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from larknb.config.values import parse_duration
from larknb.errors import ConfigError, NotFound
from larknb.messages import say

__all__ = ["Began", "moment", "no_run"]

Began = Callable[[str], float | None]  # tells when a headless run began, given its id; None for what is no run

DAYS_AGO = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1, "前天": 2}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZH_WEEKS, ZH_DAYS = ("周", "星期", "礼拜"), ("一", "二", "三", "四", "五", "六", "日天")


def no_run(_: str) -> None:
    """Know of no headless run."""


def moment(when: Any, now: float, began: Began = no_run) -> float:
    """Return the moment that is meant, read in the machine's zone.

    Parameters
    ----------
    when : datetime, date or str
        A time (a naive one is local), a date (its end), ``"yesterday"`` (its end, as for every day), ``"friday"`` (the
        last one before today), a duration such as ``"3d"`` (so long ago), or the id of a headless run (when it began).
    now : float
        Epoch seconds.

    Raises
    ------
    NotFound
        It is none of these; the error tells them.
    """
    if isinstance(when, str):
        return _of_text(when, now, began)
    if isinstance(when, datetime):
        return _epoch(when)
    if isinstance(when, date):
        return _end(when)
    raise _no_moment(when)


def _of_text(text: str, now: float, began: Began) -> float:
    word, today = unicodedata.normalize("NFKC", text).strip().casefold(), datetime.fromtimestamp(now).date()  # noqa: DTZ006  local days are meant
    if word in DAYS_AGO:
        return _end(today - timedelta(days=DAYS_AGO[word]))
    if (weekday := _weekday(word)) is not None:
        return _end(today - timedelta(days=(today.weekday() - weekday) % 7 or 7))
    with suppress(ConfigError):
        return now - parse_duration(word)
    if (start := began(text.strip())) is not None:
        return start
    try:
        return moment(date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text), now)
    except ValueError as error:
        raise _no_moment(text) from error


def _weekday(word: str) -> int | None:
    """Return the weekday that a word names, 0 for Monday."""
    for number, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]) or any(word == week + day for week in ZH_WEEKS for day in ZH_DAYS[number]):
            return number
    return None


def _end(day: date) -> float:
    """Return the last millisecond of a day."""
    return math.inf if day == date.max else _epoch(datetime.combine(day + timedelta(days=1), time.min)) - 0.001


def _epoch(at: datetime) -> float:
    try:
        return at.timestamp()
    except (OverflowError, OSError, ValueError):  # a year that this system's clock cannot tell
        return math.inf if at.year > 1970 else -math.inf


def _no_moment(when: Any) -> NotFound:
    return NotFound(say("history.when.what", when=when), next=say("history.when.next"))
