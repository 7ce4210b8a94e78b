"""The story of one sync, and the only place where login, network, sources and cache meet.

For every source `decide` says keep, check, fetch or refetch. One gate call asks the change stamps of all that are due.
Then each is visited on its own: its reader looks, what moved is read into a new snapshot, and the manifest flips. A
source that fails keeps its cache, is reported, and does not stop the others.
"""

from __future__ import annotations

import gc
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from larknb.api.client import LarkClient
from larknb.auth.scopes import blocking
from larknb.cache.latest import publish
from larknb.cache.policy import decide
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache, SourceCache
from larknb.cache.tablefiles import Change
from larknb.config.names import free_name
from larknb.errors import Asker, BudgetSpent, ConfigError, LarkError, LoginRequired, NotFound
from larknb.messages import say
from larknb.model import Action, Batch, Grid, Kind, Outcome, Parcel, Policy, Progress, Reporter, Source, Stamp
from larknb.readers import gate
from larknb.readers.base import Look, Reader, options_stamp, resolve
from larknb.readers.bitable import BitableReader
from larknb.readers.document import DocumentReader
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.results.sync import SyncReport, SyncRow
from larknb.stored import Newer

__all__ = [
    "Sync",
    "sync_all",
]

log = logging.getLogger("larknb")


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
    report : callable
        Is told the progress.
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
    report: Reporter = lambda _: None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass
class _Visit:
    """One source on its way through a sync."""

    source: Source
    action: Action
    cached: SourceCache | None
    forced: bool = False
    title: str = ""
    stamp: Stamp | None = None
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    error: LarkError | None = None
    asker: Asker | None = None

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Keep what goes wrong inside as this visit's error: the other sources go on."""
        try:
            yield
        except LarkError as error:
            self.error = error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            name = self.source.name
            self.error = LarkError(say("disk.what", reason=reason), source=name, next=say("disk.next"))
            self.error.__cause__ = error
        except Exception as error:  # a defect of ours in one kind of cell must not cost the other sources their sync
            log.exception("unexpected, while %s was synced", self.source.name)
            text = say("unexpected.what", error=f"{type(error).__name__}: {error}")
            self.error = LarkError(text, source=self.source.name, next=say("unexpected.next"))
            self.error.__cause__ = error


def sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    """Visit every source that is due and report what was done with each.

    Raises
    ------
    LoginRequired
        No source that is due has a usable identity.
    """
    with _patient_collector():
        return _sync_all(job, sources)


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Let the cycle collector look less often: a page of JSON is half a million objects, and none of them a cycle."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 100_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    visits = [_planned(job, source, job.clock()) for source in sources]
    due = [visit for visit in visits if visit.action != "keep" and visit.error is None]
    shared = sum(_prepare(job, identity, due) for identity in sorted({visit.source.identity for visit in due}))
    _raise_if_nobody(due)
    visits = [visit for visit in visits if job.kind is None or visit.source.kind in (job.kind, None)]
    _name(visits)
    rows: list[SyncRow] = []
    spent: LarkError | None = None
    for done, visit in enumerate(visits):
        job.report(Progress(visit.source.name, done, len(visits)))
        if spent is not None and visit.action != "keep":
            visit.error = spent
            rows.append(_row(visit, "", "not tried", problem=spent.brief()))
        else:
            rows += _visit(job, visit, done, len(visits))
        spent = spent or (visit.error if isinstance(visit.error, BudgetSpent) else None)
        job.report(Progress(visit.source.name, done + 1, len(visits), state="done"))
    _raise_if_nobody(due)
    _charge(rows, shared)
    errors = {visit.source.name: visit.error for visit in visits if visit.error is not None}
    return SyncReport(rows, errors, {visit.source.name: visit.asker for visit in visits if visit.asker is not None})


def _planned(job: Sync, source: Source, now: float) -> _Visit:
    """Decide what is to be done with a source; one that a newer larknb wrote has failed already."""
    try:
        return _plan(job, source, now)
    except Newer as error:
        return _Visit(source, "check", None, error=error)


def _plan(job: Sync, source: Source, now: float) -> _Visit:
    """Decide what is to be done with a source from what the cache knows of it; a wiki link learns its target there."""
    cached = job.cache.find(source)
    if cached is None:
        return _Visit(source, "fetch", None)
    known = cached.manifest
    # A first sync that failed knew no title and called the source by its token; the title may come now.
    name = source.name or (cached.name if cached.name != source.token else "")
    source = replace(source, name=name, kind=known.kind, obj_token=known.token, about=known.about)
    # Other settings (tables, filter, ...) mean other data, however young the cache is.
    forced = cached.entry is not None and (job.force or known.options != options_stamp(source))
    action = decide(cached.entry, job.policy, now=now, force=forced, interval=job.interval)
    return _Visit(source, action, cached, forced, asker=Asker(source.identity, known.identity))


def _prepare(job: Sync, identity: str, due: Sequence[_Visit]) -> int:
    """See to it that the sources of one identity have token, scopes, kind and stamp; return the requests it took."""
    mine = [visit for visit in due if visit.source.identity == identity]
    try:
        client = job.client(identity)
        client.identity.bearer()
        asker, granted = client.identity.asker, client.identity.granted
    except ConfigError:
        raise  # no app id or secret: nothing can work
    except LarkError as error:
        for visit in mine:
            visit.error = error
        return 0
    before = client.calls
    for visit in mine:
        visit.asker = asker
        with visit.trying():
            _check_scopes(visit, granted)
            if visit.source.wiki and not visit.source.obj_token:
                visit.source, visit.title = resolve(client, visit.source)
                _check_scopes(visit, granted)
    asked = [visit for visit in mine if visit.error is None and not visit.forced]
    try:
        along = [inner for visit in asked if visit.cached
                 for inner in _reader(visit.source, job).asked_along(visit.cached.state)]  # fmt: skip
        answers = gate.ask(client, [*(visit.source for visit in asked), *along]) if asked else gate.Gate()
    except LarkError as error:
        for visit in asked:
            visit.error = error
        return client.calls - before
    for visit in asked:
        visit.stamps = answers.stamps
        visit.stamp, visit.error = answers.stamps.get(visit.source.target), answers.failed.get(visit.source.target)
    return client.calls - before


def _check_scopes(visit: _Visit, granted: Sequence[str]) -> None:
    """Raise what the platform would say of a scope that is known to be missing, without asking it."""
    if lacking := blocking(granted, visit.source):
        raise LoginRequired(
            say("trouble.scope_user.what", scopes=" ".join(lacking)), source=visit.source.name, scopes=lacking,
            next=say("trouble.scope_user.next"), asker=visit.asker,
        )  # fmt: skip


def _raise_if_nobody(due: Sequence[_Visit]) -> None:
    """Raise the LoginRequired that every due source ended with; a missing scope is not a missing identity."""
    dead = [v.error for v in due if isinstance(v.error, LoginRequired) and not v.error.lacks_scope]
    if due and len(dead) == len(due):
        raise dead[0]


def _name(visits: Sequence[_Visit]) -> None:
    """Name the sources that have no name yet by their title."""
    taken = {visit.source.name for visit in visits}
    for visit in visits:
        if not visit.source.name:
            title = (visit.stamp.title if visit.stamp else "") or visit.title or visit.source.token
            visit.source = replace(visit.source, name=free_name(title, taken))
            taken.add(visit.source.name)


def _visit(job: Sync, visit: _Visit, done: int, total: int) -> list[SyncRow]:
    """Return the rows of one source, whatever happens to it."""
    if visit.action == "keep":
        assert visit.cached is not None
        with visit.trying():
            _retype(job, visit)
        outcome: Outcome = "failed" if visit.error else "kept"
        problem = visit.error.brief() if visit.error else ""
        return [_row(visit, name, outcome, rows=visit.cached.rows(key), problem=problem)
                for key, name in visit.cached.parts.items()]  # fmt: skip
    meter = _Meter(job, visit.source.identity)
    rows: list[SyncRow] = []
    if visit.error is None:
        with visit.trying():
            rows = sync_one(job, visit, meter, done, total)
    if isinstance(visit.error, NotFound) and visit.source.wiki and _moved(job, visit):
        # Another base may well have the same table ids and revisions, if it is a copy of the first.
        visit.error, visit.action, visit.forced = None, "refetch", False
        with visit.trying():
            rows = sync_one(job, visit, meter, done, total)
    if visit.error is not None and visit.source.kind is not None:
        problem = visit.error.brief()
        with visit.trying():
            job.cache.of(visit.source).note_problem(problem, job.clock())
    if rows:
        return rows
    calls, seconds = meter.total()
    return [_row(visit, "", "failed", calls=calls, seconds=seconds, problem=visit.error.brief() if visit.error else "")]


def _retype(job: Sync, visit: _Visit) -> None:
    """Give a sheet another header row or merged cells without a request, where the settings ask for that now."""
    cached = job.cache.of(visit.source)
    options = visit.source.options
    if not cached.is_typed_by(options):
        with Snapshot(cached, job.clock(), options, policy=job.policy, formats=job.formats) as snapshot:
            snapshot.retype()


def _moved(job: Sync, visit: _Visit) -> bool:
    """Ask again what a wiki link stands for; say whether it is another document now."""
    before = visit.source.obj_token
    with visit.trying():
        visit.source, _ = resolve(job.client(visit.source.identity), visit.source)
    return visit.source.obj_token != before


def sync_one(job: Sync, visit: _Visit, meter: _Meter, done: int = 0, total: int = 1) -> list[SyncRow]:
    """Look at one source, read what moved into a new snapshot, and return one row per table."""
    source, client, began = visit.source, job.client(visit.source.identity), job.clock()
    reader = _reader(source, job)
    cached = job.cache.of(source)
    retyped = not cached.is_typed_by(source.options)
    asked, full_at = options_stamp(source), cached.manifest.full_at
    with client.serving(source.key, source.name):
        # Forcing every hour keeps all reads young; what is asked once a day is asked all the same.
        full = began >= (full_at or 0.0) + job.policy.full_every if visit.forced else visit.action != "check"
        look = reader.look(client, cached, force=visit.forced, full=full, moved=_moved_stamp(visit.stamp, cached.stamp),
                           stamps=visit.stamps)  # fmt: skip
        full_at = began if full or full_at is None else full_at
        meter.charge("")
        if not look.plan and cached.parts.keys() == {*look.selected, *look.gone} and not retyped:
            cached.note(began, look.learned, options=asked, full_at=full_at, stamp=visit.stamp)
            publish(cached, job.formats)
            return _rows(visit, cached, look, {}, meter)
        with Snapshot(cached, began, source.options, policy=job.policy, formats=job.formats) as snapshot:
            show = _Shower(job, source.name, done, total)
            for parcel in reader.read(client, cached, look) if look.plan else ():
                snapshot.add(parcel)
                meter.charge(show(parcel))
            meter.charge("")
            changes = snapshot.commit(
                look.learned, options=asked, full_at=full_at, stamp=visit.stamp,
                # Rows that other settings leave out are not lost.
                accept_shrink=job.accept_shrink or cached.manifest.options != asked,
                calls=meter.total()[0], identity=client.identity.asker.label,
            )  # fmt: skip
    meter.charge("")
    return _rows(visit, cached, look, changes, meter)


def _moved_stamp(new: Stamp | None, old: Stamp | None) -> bool:
    """Say whether the document may have been edited, as far as the gate tells."""
    return new is None or old is None or not old.settled or new.mtime != old.mtime


READERS: Mapping[Kind, Callable[..., Reader]] = {
    "bitable": BitableReader,
    "spreadsheet": SpreadsheetReader,
    "document": DocumentReader,
}


def _reader(source: Source, job: Sync) -> Reader:
    assert source.kind is not None, "a wiki link is resolved before it is read"
    return READERS[source.kind](source, settle=job.settle, sleep=job.sleep)


class _Shower:
    """Reports the progress of one source, parcel by parcel."""

    def __init__(self, job: Sync, source: str, done: int, total: int) -> None:
        self._report, self._source, self._done, self._total = job.report, source, done, total
        self._rows: dict[str, int] = defaultdict(int)

    def __call__(self, parcel: Parcel) -> str:
        """Report a parcel and return the table that it belongs to, empty for what serves the whole source."""
        if not isinstance(parcel, (Batch, Grid)):
            return ""
        table = parcel.table
        rows, total = self._rows[table.table_id], 0
        if isinstance(parcel, Batch):
            rows, total = parcel.rows.num_rows + (0 if parcel.fresh else rows), parcel.total
        self._rows[table.table_id] = rows
        self._report(Progress(self._source, self._done, self._total, table.name, rows, total))
        return table.table_id


# --- the account -------------------------------------------------------------------------------------------------


class _Meter:
    """Requests and seconds of one source, by table; what serves the whole source is counted under ``""``."""

    def __init__(self, job: Sync, identity: str) -> None:
        self._job, self._identity = job, identity
        self._calls, self._at = self._now()
        self.spent: dict[str, tuple[int, float]] = {}

    def _now(self) -> tuple[int, float]:
        try:
            return self._job.client(self._identity).calls, self._job.clock()
        except LarkError:
            return 0, self._job.clock()  # no identity, no requests

    def charge(self, table_id: str) -> None:
        """Charge what was spent since the last time to a table."""
        (calls, at), (before, since) = self._now(), self.spent.get(table_id, (0, 0.0))
        self.spent[table_id] = before + calls - self._calls, since + at - self._at
        self._calls, self._at = calls, at

    def total(self) -> tuple[int, float]:
        """Return all that was spent until now."""
        self.charge("")
        return sum(calls for calls, _ in self.spent.values()), sum(seconds for _, seconds in self.spent.values())


def _rows(
    visit: _Visit, cached: SourceCache, look: Look, changes: Mapping[str, Change], meter: _Meter
) -> list[SyncRow]:
    """Return one row per table; what served the whole source is charged to the first."""
    rows: list[SyncRow] = []
    shared = meter.spent.get("", (0, 0.0))
    for table_id, name in {**look.selected, **look.gone}.items():
        calls, seconds = meter.spent.get(table_id, (0, 0.0))
        cost = {"calls": calls + shared[0], "seconds": seconds + shared[1]}
        shared = 0, 0.0
        change = changes.get(table_id)
        problem = look.failed.get(table_id) or (_held(visit, change) if change and change.problem else None)
        if problem is not None:
            visit.error = visit.error or problem
            rows.append(_row(visit, name, "failed", rows=cached.rows(table_id), problem=problem.brief(), **cost))
        elif table_id in look.gone:
            rows.append(_row(visit, name, "kept", rows=cached.rows(table_id), problem=say("table.gone"), **cost))
        elif change is None:
            rows.append(_row(visit, name, "unchanged", rows=cached.rows(table_id), **cost))
        else:
            counts = {"added": change.added, "changed": change.changed, "removed": change.removed}
            misfits = cached.tables[table_id].misfits if table_id in cached.tables else 0
            told = say("report.misfits", count=misfits) if misfits else ""
            rows.append(_row(visit, name, "fetched", rows=change.rows, problem=told, **counts, **cost))
    return rows or [_row(visit, "", "unchanged", rows=0, calls=shared[0], seconds=shared[1])]


def _held(visit: _Visit, change: Change) -> LarkError:
    return LarkError(change.problem, source=visit.source.name, next=say("shrink.next"))


def _row(visit: _Visit, table: str, action: Outcome, **facts: Any) -> SyncRow:
    return SyncRow(visit.source.name or visit.source.token, visit.source.kind or "wiki", table, action, **facts)


def _charge(rows: list[SyncRow], calls: int) -> None:
    """Add the requests that served all sources to the first row that was not kept."""
    for index, row in enumerate(rows):
        if row.action != "kept":
            rows[index] = replace(row, calls=row.calls + calls)
            return
