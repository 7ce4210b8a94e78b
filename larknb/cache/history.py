"""Earlier states of a source: which snapshot is meant, the source as it was then, and what was deleted since."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from numbers import Integral
from typing import Any

import pandas as pd

from larknb.cache import loading
from larknb.cache.cached import SourceCache
from larknb.cache.checks import is_whole
from larknb.cache.manifest import TableEntry
from larknb.cache.moments import Began, moment, no_run
from larknb.cache.policy import credible
from larknb.cache.records import Record
from larknb.display import iso
from larknb.errors import NotFound, WrongKind
from larknb.messages import say
from larknb.results.history import SnapshotRow

__all__ = ["LAST_IN", "at", "find", "past", "removed", "snapshot_of"]

LAST_IN = "_last_in"  # the column that names the last snapshot in which a deleted row was

log = logging.getLogger("larknb")


def at(cached: SourceCache, when: Any, now: float, began: Began = no_run) -> SourceCache:
    """Return the source as one of its snapshots left it; see `find` for ``when``.

    Raises
    ------
    NotFound
        There is no snapshot that old, or it cannot be told any more what it consists of.
    """
    name = find(cached, when, now, began)
    record = cached.record(name)
    if record is None:  # pruned since the manifest was read, or damaged
        cached.reload()
        name = find(cached, when, now, began)
        record = cached.record(name)
    if record is None:
        place = cached.folder / "snapshots" / name
        raise NotFound(say("history.lost.what", path=place), source=cached.name, next=say("history.lost.next"))
    tables = {key: _as_kept(cached, past) for key, past in record.tables.items()}
    # What that state alone shows is not in a manifest that was made again; what came later, not in its record.
    media = {**record.media, **cached.manifest.media}
    return cached.as_it_was(name, replace(cached.manifest, tables=tables, guide=record.guide, media=media))


def _as_kept(cached: SourceCache, past: TableEntry) -> TableEntry:
    """Return a table as it can be read; that of the current state also where its delta is damaged."""
    kept = TableEntry.of(past).as_kept()
    is_lost = not is_whole(cached.folder / kept.raw, kept.raw_check)
    return TableEntry.of(past) if is_lost and (cached.folder / past.raw).is_file() else kept


def find(cached: SourceCache, when: Any, now: float, began: Began = no_run, table_id: str = "") -> str:
    """Return the id of the snapshot that is meant.

    Parameters
    ----------
    when : datetime, date, str, int or None
        A moment (`larknb.cache.moments.moment`): what was current then. A snapshot id. An index: -1 is the newest.
        None: the last snapshot that differs from the state that ``cached`` is.
    now : float
        Epoch seconds.
    began : callable
        Tells when a headless run began.
    table_id : str
        For None: the one table that must differ.

    Raises
    ------
    NotFound
        There is none; the error tells which there are.
    """
    name = _different(cached, table_id) if when is None else snapshot_of(_times(cached), when, now, began)
    if name is not None:
        return name
    ordered = cached.manifest.ordered
    what = say("history.same.what") if when is None else say("history.none.what", when=when)
    first, last = (ordered[0], ordered[-1]) if ordered else ("-", "-")
    raise NotFound(what, source=cached.name, next=say("history.none.next", count=len(ordered), first=first, last=last))


def _different(cached: SourceCache, table_id: str) -> str | None:
    """Return the last snapshot before a state that has other rows, or another text, than it."""
    parts = {table_id} if table_id else None
    now = _contents(cached.tables, cached.guide, parts)
    for name, record in _before(cached):
        if record is not None and _contents(record.tables, record.guide, parts) != now:
            return name
    return None


def _before(cached: SourceCache) -> Iterator[tuple[str, Record | None]]:
    """Yield the snapshots before a state, the newest first, each with its record."""
    ordered, current = cached.manifest.ordered, cached.snapshot or cached.manifest.snapshot
    earlier = ordered[: ordered.index(current)] if current in ordered else ordered
    for name in reversed(earlier):
        yield name, cached.record(name)


def _contents(tables: Mapping[str, TableEntry], guide: Any, parts: set[str] | None) -> dict[str, str]:
    """Return what identifies the contents of a state: where each table, and the document, was written."""
    found = {key: table.as_kept().raw for key, table in tables.items() if parts is None or key in parts}
    return found if guide is None or parts is not None else {**found, "": guide.folder}


def _times(cached: SourceCache) -> dict[str, float]:
    """Return when each kept snapshot was, in their order."""
    manifest = cached.manifest
    return {name: manifest.snapshots[name].synced_at for name in manifest.ordered}


def snapshot_of(times: Mapping[str, float], when: Any, now: float, began: Began = no_run) -> str | None:
    """Return the id of the snapshot that was current at ``when``; None if none was.

    Parameters
    ----------
    times : mapping
        When each was, in epoch seconds, in their order. What a wrong clock told of one is not believed: the last one is
        current now.
    """
    ordered = [*times]
    if isinstance(when, str) and when in times:
        return when
    if (index := _index(when)) is not None:
        return ordered[index] if -len(ordered) <= index < 0 else None
    end = moment(when, now, began)
    if end >= now:
        return next(reversed(ordered), None)
    believed = zip(reversed(ordered), reversed(credible([*times.values()])), strict=True)
    return next((name for name, at in believed if at <= end), None)


def _index(when: Any) -> int | None:
    """Return the index that is meant, also as the command line writes it."""
    if isinstance(when, str):
        return int(when) if re.fullmatch(r"\s*-[0-9]{1,9}\s*", when) else None
    return int(when) if isinstance(when, Integral) and not isinstance(when, bool) else None


# --- what is kept -----------------------------------------------------------------------------------------------------


def past(cached: SourceCache) -> list[SnapshotRow]:
    """Return the snapshots of a source, the newest first."""
    times = _times(cached)
    believed = dict(zip(times, credible([*times.values()]), strict=True))
    return [_row(cached, name, believed[name]) for name in reversed(cached.manifest.ordered)]


def _row(cached: SourceCache, name: str, believed: float) -> SnapshotRow:
    entry, record = cached.manifest.snapshots[name], cached.record(name)
    notes = [say("history.note.current")] if name == cached.manifest.snapshot else []
    notes += [say("history.note.clock", at=iso(believed))] if believed != entry.synced_at else []
    notes += [say("history.note.lost")] if record is None else []
    notes += [say("history.note.incremental")] if record is not None and record.is_incremental else []
    is_document = record is not None and record.guide is not None and not record.tables
    return SnapshotRow(
        snapshot=name, synced_at=iso(entry.synced_at), revision=_revision(record),
        rows=None if is_document else entry.rows, added=entry.added, changed=entry.changed, removed=entry.removed,
        bytes=cached.size_of(name), calls=entry.calls, identity=entry.identity, note="; ".join(notes),
    )  # fmt: skip


def _revision(record: Record | None) -> int | str | None:
    """Return the revision of the document, or the highest one of the tables."""
    if record is None:
        return None
    if record.guide is not None:
        return record.guide.revision
    return max((table.revision for table in record.tables.values()), default=None)


def removed(cached: SourceCache, table_id: str) -> pd.DataFrame:
    """Return the rows that an earlier state of a table has and the present one has not, each as it was last.

    The column `LAST_IN` names the last snapshot that has it; the rows that went last come first.
    """
    if cached.tables[table_id].form == "grid":
        raise WrongKind(say("history.removed.what"), source=cached.name, next=say("history.removed.next"))
    known = loading.raw_frame(cached, table_id, []).index
    found = [loading.frame(cached, table_id).iloc[:0].assign(**{LAST_IN: ""})]
    before = cached.tables[table_id].as_kept().raw
    for name, record in _before(cached):
        if record is None or table_id not in record.tables or record.tables[table_id].as_kept().raw == before:
            continue
        before, state = record.tables[table_id].as_kept().raw, at(cached, name, 0.0)
        try:
            gone = loading.raw_frame(state, table_id, []).index.difference(known, sort=False)
            if len(gone):
                rows = loading.frame(state, table_id)
                found.append(rows[rows.index.isin(gone)].assign(**{LAST_IN: name}))
        except NotFound as error:  # one state is damaged: the others still tell
            log.warning("%s", error)
            continue
        known = known.union(gone, sort=False)
    return pd.concat(found[1:]) if len(found) > 1 else found[0]
