"""One source at a sync: look at it, read what moved into a new snapshot, and tell what became of each table.

Whatever goes wrong with a source, it keeps its cache, and its failure is told in one place: `visit` returns it beside
the rows. A mistake of ours is told as such, with its traceback in the log.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from larknb import disk
from larknb.api.client import LarkClient
from larknb.bill import Bill, Cost, Files, ProgressLine
from larknb.cache.cached import SourceCache
from larknb.cache.latest import publish
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.cache.tablefiles import Change
from larknb.errors import AccessDenied, LarkError, NotFound
from larknb.messages import say
from larknb.model import Action, Drift, Guide, Kind, Learned, Outcome, Parcel, Policy, Reporter, Source, Stamp
from larknb.people import People
from larknb.readers.base import Look, Reader, options_stamp, resolve, stands_still
from larknb.readers.bitable import BitableReader, Tables
from larknb.readers.blocks import people_in
from larknb.readers.document import DocumentReader
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.results.base import some_of
from larknb.results.sync import SyncRow
from larknb.tabular.misfits import Misfits

__all__ = [
    "Planned",
    "Sync",
    "UnexpectedError",
    "Visited",
    "attempt",
    "reader_of",
    "row_of",
    "visit",
]

log = logging.getLogger("larknb")

T = TypeVar("T")


@dataclass(frozen=True)
class Sync:
    """What one sync is given.

    Parameters
    ----------
    cache : Cache
        Where snapshots go; the caller holds the workspace's lock.
    client : callable
        Gives the client of an identity, ``"user"`` or ``"tenant"``; LoginRequired where there is none.
    policy, settle, formats
        From the settings.
    force, accept_shrink, interval, kind
        From the call: read whatever the stamps say; take a table that lost most of its rows; the schedule's interval;
        leave out wiki links that turn out to be of another kind.
    known : mapping
        The sources of the workspace by key: a child that is one of them, or of an earlier library, is synced as that.
    report : callable
        Is told the progress.
    people : People, optional
        Knows the names of those whom documents mention.
    listed : mapping
        By identity, the tables of bases as they were listed last.
    """

    cache: Cache
    client: Callable[[str], LarkClient]
    policy: Policy = field(default_factory=Policy)
    settle: float = 5.0
    formats: Sequence[str] = ("parquet",)
    force: bool = False
    accept_shrink: bool = False
    interval: float | None = None
    kind: Kind | None = None
    known: Mapping[str, Source] = field(default_factory=dict)
    report: Reporter = lambda _: None
    people: People | None = None
    listed: Mapping[str, dict[str, Tables]] = field(default_factory=lambda: defaultdict(dict))
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Planned:
    """One source on its way to its visit.

    Parameters
    ----------
    action : str
        What is to be done with it.
    cached : SourceCache, optional
        What was cached of it before; None at its first sync.
    forced : bool
        Read it whatever its stamps say, and ask no gate.
    title : str
        What the wiki calls it, if it was looked up there.
    stamps : mapping
        All that the gate answered, by token.
    """

    source: Source
    action: Action
    cached: SourceCache | None = None
    forced: bool = False
    title: str = ""
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def stamp(self) -> Stamp | None:
        """What the gate answered of the source itself."""
        return self.stamps.get(self.source.target)


@dataclass(frozen=True)
class Visited:
    """What came of a visit: one row per table, the first failure, how the source changed its shape, and what else."""

    source: Source
    rows: Sequence[SyncRow] = ()
    error: LarkError | None = None
    drift: Sequence[Drift] = ()
    failing: tuple[str, ...] = ()
    remarks: Sequence[str] = ()


def visit(job: Sync, planned: Planned, problem: LarkError | None, line: ProgressLine) -> Visited:
    """Return what came of one source, whatever happened to it.

    That a child of a library may not be read, or is gone since it was listed, is told in its row and is no failure:
    nobody named it.

    Parameters
    ----------
    problem : LarkError, optional
        What kept it from being looked at.
    """
    if planned.action == "keep":
        return _keep(job, planned)
    bill = Bill(partial(_calls, job, planned.source.identity), job.clock)
    visited = Visited(planned.source, error=problem) if problem else _read(job, planned, bill, line)
    if isinstance(visited.error, NotFound) and planned.source.wiki:
        visited = _follow(job, planned, visited, bill, line)
    if visited.error is not None and visited.source.kind is not None:
        noted = attempt(visited.source.name, partial(_note, job, visited, visited.error))
        visited = replace(visited, error=noted or visited.error)
    if visited.rows:
        return visited
    problem_told = visited.error.brief() if visited.error else ""
    closed = bool(planned.source.parent) and _is_closed(visited.error)
    row = row_of(visited.source, "", "kept" if closed else "failed", cost=bill.total(), problem=problem_told)
    return Visited(visited.source, [row], None if closed else visited.error)


def _is_closed(error: LarkError | None) -> bool:
    """Say whether a source is not there for whoever reads it, and only this one."""
    return isinstance(error, (AccessDenied, NotFound)) and not error.lacks_scope


def _calls(job: Sync, identity: str) -> int:
    try:
        return job.client(identity).calls
    except LarkError:
        return 0  # no identity, no requests


def _note(job: Sync, visited: Visited, error: LarkError) -> None:
    failing = visited.failing or ((error.table,) if error.table else ())
    job.cache.of(visited.source).note_problem(error.brief(), job.clock(), failing)


def _keep(job: Sync, planned: Planned) -> Visited:
    """Return the rows of a source that is young enough."""
    source, cached = planned.source, planned.cached
    error = attempt(source.name, partial(_retype, job, source))
    parts = cached.parts if cached is not None and not isinstance(error, UnexpectedError) else {"": ""}
    problem = error.brief() if error else ""
    outcome: Outcome = "failed" if error else "kept"
    rows = [row_of(source, name, outcome, rows=cached.rows(key) if cached else None, problem=problem)
            for key, name in parts.items()]  # fmt: skip
    return Visited(source, rows, error)


def _retype(job: Sync, source: Source) -> None:
    """Give a sheet another header row or merged cells without a request, where the settings ask for that now."""
    cached = job.cache.of(source)
    if not cached.is_typed_by(source.options):
        with Snapshot(cached, job.clock(), source.options, policy=job.policy, formats=job.formats) as snapshot:
            snapshot.retype()


def _follow(job: Sync, planned: Planned, visited: Visited, bill: Bill, line: ProgressLine) -> Visited:
    """Ask again what a wiki link stands for, and read it if that is another document now."""
    found = attempt(planned.source.name, lambda: resolve(job.client(planned.source.identity), planned.source))
    if isinstance(found, LarkError):
        return replace(visited, error=found)
    source, _ = found
    if source.obj_token == planned.source.obj_token:
        return replace(visited, source=source)
    # Another base may well have the same table ids and revisions, if it is a copy of the first.
    return _read(job, replace(planned, source=source, action="refetch", forced=False), bill, line)


def _read(job: Sync, planned: Planned, bill: Bill, line: ProgressLine) -> Visited:
    """Look at one source, read what moved, and return one row per table."""
    found = attempt(planned.source.name, partial(_look_and_read, job, planned, bill, line))
    return Visited(planned.source, error=found) if isinstance(found, LarkError) else found


def _look_and_read(job: Sync, planned: Planned, bill: Bill, line: ProgressLine) -> Visited:
    source, client, began = planned.source, job.client(planned.source.identity), job.clock()
    job = replace(job, sleep=partial(_settle, job, line))
    with client.serving(source.key, source.name, line.retry):
        cached, look = _looked(job, planned, client, began)
        reader, options, before = reader_of(job, source), options_stamp(source), cached.manifest
        full_at = began if _is_full(job, planned, cached, began) or before.full_at is None else before.full_at
        bill.charge()
        if not look.plan and cached.parts.keys() == {*look.selected, *look.gone} and cached.is_typed_by(source.options):
            cached.note(began, look, options=options, full_at=full_at, stamp=planned.stamp)
            publish(cached, job.formats)
            return _told(source, cached, look, {}, bill, {})
        with Snapshot(cached, began, source.options, policy=job.policy, formats=job.formats) as snapshot:
            parcels = _named(job, client, reader.read(client, cached, look))
            learned = _take(snapshot, parcels, bill, line) if look.plan else look
            changes = snapshot.commit(
                learned, options=options, full_at=full_at, stamp=planned.stamp,
                # Rows that other settings leave out are not lost.
                accept_shrink=job.accept_shrink or before.options != options,
                calls=bill.total().calls, identity=client.identity.asker.label,
            )  # fmt: skip
    if job.people is not None:
        job.people.note(cached)
    bill.charge()
    return _told(source, cached, learned, changes, bill, line.files)


def _settle(job: Sync, line: ProgressLine, seconds: float) -> None:
    """Wait before a base is read, and say so."""
    if seconds:
        line.settle(seconds)
    job.sleep(seconds)


def _looked(job: Sync, planned: Planned, client: LarkClient, now: float) -> tuple[SourceCache, Look]:
    """Return the cache of a source and what a look at it found.

    A base that has the name of another one, and its tables, is a copy of that: it goes on with its cache.
    """
    forerunner = job.cache.forerunner(planned.source, job.known) if planned.source.kind == "bitable" else None
    if forerunner is not None:
        look = _look(job, planned, client, forerunner, now)
        if look.selected.keys() & forerunner.tables.keys():
            job.cache.adopt(planned.source, forerunner)
            return forerunner, look
    cached = job.cache.of(planned.source)
    return cached, _look(job, planned, client, cached, now)


def _look(job: Sync, planned: Planned, client: LarkClient, cached: SourceCache, now: float) -> Look:
    return reader_of(job, planned.source).look(
        client, cached, force=planned.forced, full=_is_full(job, planned, cached, now), stamps=planned.stamps,
        moved=not stands_still(cached.stamp, planned.stamp),
    )  # fmt: skip


def _is_full(job: Sync, planned: Planned, cached: SourceCache, now: float) -> bool:
    """Say whether this look asks also what is otherwise asked once.

    Forcing every hour keeps all reads young; what is asked once a day is asked all the same.
    """
    if planned.forced:
        return now >= (cached.manifest.full_at or 0.0) + job.policy.full_every
    return planned.action != "check"


def _named(job: Sync, client: LarkClient, parcels: Iterable[Parcel]) -> Iterator[Parcel]:
    """Yield what a read yields, a document with the names of those whom it mentions."""
    for parcel in parcels:
        if isinstance(parcel, Guide) and job.people is not None:
            record = parcel.record
            synced = (block for blocks in record["references"].values() for block in blocks)
            names = job.people.names(client, people_in([*record["blocks"], *synced]), also=[record["owner"]])
            yield Guide({**record, "people": names})
        else:
            yield parcel


def _take(snapshot: Snapshot, parcels: Iterable[Parcel], bill: Bill, line: ProgressLine) -> Learned:
    """Put what a read yields into a snapshot, and return what was learned by it."""
    learned = Learned()
    for parcel in parcels:
        if isinstance(parcel, Learned):
            learned = parcel
        else:
            snapshot.add(parcel)
            bill.charge(line.show(parcel))
    bill.charge()
    return learned


# --- the rows of the report -----------------------------------------------------------------------------------------


def row_of(source: Source, table: str, action: Outcome, *, cost: Cost | None = None, **facts: Any) -> SyncRow:
    """Return a row of the report."""
    cost = cost or Cost()
    name = source.name or source.token
    return SyncRow(name, source.said_kind, table, action, calls=cost.calls, seconds=cost.seconds, **facts)


def _told(
    source: Source, cached: SourceCache, learned: Learned, changes: Mapping[str, Change], bill: Bill,
    files: Mapping[str, Files],
) -> Visited:  # fmt: skip
    """Return one row per table, and the first of the problems that they had."""
    names = {**learned.selected, **learned.gone}
    costs = bill.by_table(names or [""])
    if not names:
        row = row_of(source, "", "unchanged", rows=0, cost=costs[""])
        return Visited(source, [row], drift=learned.drift)
    problems = {key: error for key in names if (error := _problem(source, key, learned, changes))}
    rows = [
        _row(partial(row_of, source, name, cost=costs[key]), key, cached, learned, changes.get(key), problems.get(key))
        for key, name in names.items()
    ]
    shown = ({**files, source.target: files.get("", Files())}.get(key, Files()) for key in names)
    rows = [_with_files(row, each) for row, each in zip(rows, shown, strict=True)]
    return Visited(
        source, rows, next(iter(problems.values()), None), learned.drift, tuple(problems), _remarks(source, learned)
    )


def _remarks(source: Source, learned: Learned) -> list[str]:
    """Return what there is to say of a source beside its tables: which of them were read incrementally."""
    tables = [f"{learned.selected[key]} ({count:,})" for key, count in learned.incremental.items()]
    return [say("report.incremental", source=source.name, tables=", ".join(tables))] if tables else []


def _problem(source: Source, table_id: str, learned: Learned, changes: Mapping[str, Change]) -> LarkError | None:
    """Return why a table is not as it is on the platform: its reading was refused, or is held back."""
    if table_id in learned.failed:
        return learned.failed[table_id]
    change = changes.get(table_id)
    if change is None or not change.problem:
        return None
    return LarkError(change.problem, source=source.name, next=say("shrink.next"))


def _row(
    row: Callable[..., SyncRow], table_id: str, cached: SourceCache, learned: Learned, change: Change | None,
    problem: LarkError | None,
) -> SyncRow:  # fmt: skip
    """Return the row of a table; ``row`` makes one of an action and what there is to say beside it."""
    rows = cached.rows(table_id)
    if problem is not None:
        return row("failed", rows=rows, problem=problem.brief())
    if table_id in learned.gone:
        return row("kept", rows=rows, problem=say("table.gone"))
    if change is None:
        return row("unchanged", rows=rows)
    return row(
        "fetched", rows=change.rows, added=change.added, changed=change.changed, removed=change.removed,
        problem=_misfits_told(change.misfits),
    )  # fmt: skip


def _with_files(row: SyncRow, files: Files) -> SyncRow:
    """Return a row with what it has to tell of pictures and files; those that could not be had fail nothing."""
    told = say("report.files", count=files.missing, why=files.why) if files.missing else ""
    problem = "; ".join(text for text in (row.problem, told) if text)
    return replace(row, files=files.came, file_bytes=files.size, files_missing=files.missing, problem=problem)


def _misfits_told(misfits: Misfits) -> str:
    """Say which columns hold values that fit no type, with an example of one; nothing where none does."""
    if not misfits.rows:
        return ""
    example = next(iter(misfits.examples.values()))
    return say("report.misfits", count=misfits.rows, columns=some_of([*misfits.examples]), example=example)


# --- kinds ----------------------------------------------------------------------------------------------------------


def reader_of(job: Sync, source: Source) -> Reader:
    """Return what reads a source."""
    assert source.kind is not None, "a wiki link is resolved before it is read, and of a library its children are"
    if source.kind == "bitable":
        return BitableReader(source, job.settle, job.sleep, listed=job.listed[source.identity])
    return (SpreadsheetReader if source.kind == "spreadsheet" else DocumentReader)(source, job.settle, job.sleep)


# --- what goes wrong ------------------------------------------------------------------------------------------------


class UnexpectedError(LarkError):
    """A mistake of ours. It is made here alone, after reader and cache have let go: no table can ever hold one."""


def attempt(name: str, act: Callable[[], T]) -> T | LarkError:
    """Return what ``act`` returns, or what went wrong with the source of this name: the other sources go on."""
    try:
        return act()
    except LarkError as error:
        return error
    except OSError as error:
        found = disk.refused(error, source=name)
        found.__cause__ = error
        return found
    except Exception as error:  # a mistake of ours in one kind of cell must not cost the other sources their sync
        log.exception("unexpected, while %s was synced", name)
        text = say("unexpected.what", error=f"{type(error).__name__}: {error}")
        mistake = UnexpectedError(text, source=name, next=say("unexpected.next"))
        mistake.__cause__ = error
        return mistake
