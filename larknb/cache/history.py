"""Earlier states of a source: which snapshot a moment means, and the source as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from larknb.cache.manifest import TableEntry
from larknb.cache.policy import credible
from larknb.cache.store import SourceCache
from larknb.errors import NotFound
from larknb.messages import say

__all__ = ["at", "snapshot_of"]


def at(cached: SourceCache, when: Any, now: float) -> SourceCache:
    """Return the source as one of its snapshots left it.

    Parameters
    ----------
    when : datetime, date, str or int
        A time (a naive one is local), a date (its end), ``"yesterday"`` (the last snapshot before today 00:00), a
        snapshot id, or an index: -1 is the newest.

    Raises
    ------
    NotFound
        There is no snapshot that old.
    """
    name = snapshot_of(_times(cached), when, now)
    record = None if name is None else cached.record(name)
    if name is not None and record is None:  # pruned since the manifest was read, or damaged
        cached.reload()
        name = snapshot_of(_times(cached), when, now)
        record = None if name is None else cached.record(name)
    if name is None:
        first = next(iter(cached.manifest.ordered), "-")
        raise NotFound(
            say("history.none.what", when=when), source=cached.name, next=say("history.none.next", first=first)
        )
    if record is None:
        place = cached.folder / "snapshots" / name
        raise NotFound(say("history.lost.what", path=place), source=cached.name, next=say("history.lost.next"))
    tables = {key: TableEntry.of(past) for key, past in record.tables.items()}
    return SourceCache(cached.folder, replace(cached.manifest, tables=tables, guide=record.guide), snapshot=name)


def _times(cached: SourceCache) -> dict[str, float]:
    """Return when each kept snapshot was, in their order."""
    manifest = cached.manifest
    return {name: manifest.snapshots[name].synced_at for name in manifest.ordered}


def snapshot_of(times: Mapping[str, float], when: Any, now: float) -> str | None:
    """Return the id of the snapshot that was current at ``when``; None if none was.

    Parameters
    ----------
    times : mapping
        When each was, in epoch seconds, in their order. What a wrong clock told of one is not believed: the last one is
        current now.
    """
    ordered = [*times]
    if when in times:
        return str(when)
    if isinstance(when, int):
        return ordered[when] if -len(ordered) <= when < 0 else None
    end = _moment(when, now)
    if end >= now:
        return next(reversed(ordered), None)
    believed = zip(reversed(ordered), reversed(credible([*times.values()])), strict=True)
    return next((name for name, at in believed if at <= end), None)


def _moment(when: Any, now: float) -> float:
    """Return a time or a date's end as epoch seconds, read in the machine's zone."""
    today = datetime.fromtimestamp(now).date()  # noqa: DTZ006  local days are meant
    if when == "yesterday":
        return datetime.combine(today, time.min).timestamp() - 0.001
    if isinstance(when, str):
        try:
            when = date.fromisoformat(when) if len(when) <= 10 else datetime.fromisoformat(when)
        except ValueError as error:
            raise NotFound(say("history.when.what", when=when), next=say("history.when.next")) from error
    if isinstance(when, datetime):
        return when.timestamp()
    if isinstance(when, date):
        return datetime.combine(when + timedelta(days=1), time.min).timestamp() - 0.001
    raise NotFound(say("history.when.what", when=when), next=say("history.when.next"))
