"""Earlier states of a source: which snapshot a moment means, and the source as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from larknb.cache.manifest import TableEntry
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
    snapshots = cached.manifest.snapshots
    name = snapshot_of({key: entry.synced_at for key, entry in snapshots.items()}, when, now)
    if name is None:
        first = min(snapshots, default="-")
        raise NotFound(
            say("history.none.what", when=when), source=cached.name, next=say("history.none.next", first=first)
        )
    then = snapshots[name]
    tables = {key: TableEntry.of(past) for key, past in then.tables.items()}
    return SourceCache(cached.folder, replace(cached.manifest, tables=tables, guide=then.guide), snapshot=name)


def snapshot_of(times: Mapping[str, float], when: Any, now: float) -> str | None:
    """Return the id of the snapshot that was current at ``when``, out of ``id -> epoch seconds``; None if none was."""
    ordered = sorted(times, key=lambda name: times[name])
    if when in times:
        return str(when)
    if isinstance(when, int):
        return ordered[when] if -len(ordered) <= when < 0 else None
    end = _moment(when, now)
    return next((name for name in reversed(ordered) if times[name] <= end), None)


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
