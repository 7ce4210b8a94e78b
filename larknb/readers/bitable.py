"""BitableReader: the tables of a Bitable (Base), read and proven complete.

The revisions are listed before anything is read and once more after it, rows are proven to be all there, and what moved
meanwhile is read again at the next look. One request at a time: the platform works serially per base.
"""

from __future__ import annotations

import logging
import sys
import time
from array import array
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, ConfigError, LarkError
from larknb.messages import say
from larknb.model import Batch, Drift, Learned, Parcel, Source, Stamp, TableInfo
from larknb.readers.attachments import with_attachments
from larknb.readers.base import Known, Look, Torn, must_be_read, reading_table
from larknb.readers.chosen import MOST_NAMES, Chosen, chosen_tables, list_fields, view_of
from larknb.readers.incremental import merged, obstacle, read_newest
from larknb.readers.remembered import Changed, Memory, table_drift
from larknb.results.drift import drift_text
from larknb.tabular.calendar import zone_of
from larknb.tabular.cells import to_arrow, unknown_names
from larknb.tabular.raw import RECORD_ID, computed_columns, computed_schema, definition_of, definitions_of, raw_schema
from larknb.wire.codes import remedy

__all__ = [
    "BitableReader",
    "Tables",
]

log = logging.getLogger("larknb")

PAGE = 500  # records: the most that search accepts
LIST_PAGE = 100  # tables
SMALLEST_PAGE = 10  # records; a page this small that is still too large holds rows we cannot read
SLOW = {1254607: 100, 1255040: 100}  # not ready, timed out: the smallest page for which that is still the page's fault
CATCH_ALL = 1254002  # a failure without a name; it also stands for a page token that went stale
READINGS = 3  # of one table before its source fails: the first, and twice again

Mode = Literal["whole", "computed", "edited"]
Revisions = Mapping[str, int | None]
Tables = Sequence[Mapping[str, Any]]  # of a base, as they are listed
App = Mapping[str, Any]  # name, zone and permissions of a base


@dataclass(frozen=True)
class _Plan:
    table_id: str
    name: str
    revision: int | None
    mode: Mode
    anew: bool = False  # what it embeds is asked again, too

    @property
    def tables(self) -> tuple[str]:
        return (self.table_id,)


@dataclass(frozen=True)
class _Reading:
    """How the reading of a table ended: what the base is now known to be, and why its rows were refused, if so."""

    app: App
    refused: LarkError | None = None
    changed: Changed = field(default_factory=Changed)


@dataclass(frozen=True)
class _SoFar:
    """What is known of a base while its tables are read one by one."""

    app: App
    memory: Memory
    drift: tuple[Drift, ...]
    refused: Mapping[str, LarkError] = field(default_factory=dict)

    def after(self, table_id: str, ended: _Reading) -> _SoFar:
        """Return what is known when all rows of a table were read, or refused."""
        if ended.refused:
            return replace(self, app=ended.app, refused={**self.refused, table_id: ended.refused})
        memory = self.memory.after_read(table_id, ended.changed)
        return replace(self, app=ended.app, memory=memory, drift=(*self.drift, *ended.changed.drift))


@dataclass(frozen=True)
class BitableReader:
    """Reads the tables of one base.

    Parameters
    ----------
    source : Source
        A resolved source of kind ``bitable``; its options name tables, view, fields, filter, computed,
        by_table (fields and filter of single tables).
    settle : float
        Seconds to wait before a changed base is read: its replicas may lag behind the revisions.
    page : int
        Records to ask for at once.
    listed : dict, optional
        The tables of bases as this sync listed them last, by path: several sources may be of one base.
    """

    source: Source
    settle: float = 5.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)
    page: int = PAGE
    listed: dict[str, Tables] | None = field(default=None, compare=False)

    @property
    def base(self) -> str:
        """Path of the base below ``/open-apis/``."""
        return f"bitable/v1/apps/{self.source.target}"

    def asked_along(self, state: Mapping[str, Any]) -> list[Source]:  # noqa: ARG002
        """Return nothing: a base holds no documents."""
        return []

    # --- the look -----------------------------------------------------------------------------------------------

    def look(
        self,
        client: LarkClient,
        known: Known,
        *,
        force: bool = False,
        full: bool = False,
        moved: bool = True,  # noqa: ARG002  that an edited record moves the base's modify time is unverified
        stamps: Mapping[str, Stamp] | None = None,  # noqa: ARG002  nothing within a base is a document of its own
    ) -> Look:
        """Ask the revisions of all tables and say which of them must be read.

        ``force`` reads every table, ``full`` asks zone and permissions again too. API: bitable-v1/app-table/list.
        """
        names, revisions = _told((self.listed or {}).get(self.base) or self._list(client))
        memory = Memory.of(known.state)
        absent = {key: table.name for key, table in known.tables.items() if key not in names}
        tables = chosen_tables(self.source, names, absent, memory.tables)
        drift = (*table_drift(self.source, known, tables),)
        self._refuse(drift)
        view_id, view = view_of(client, self.source, self.base, tables.there, memory.views)
        app = known.state.get("app") or {}
        if full or not app:
            app = self._app(client, app)
        every = force or full or view != known.state.get("view") or memory.is_of_another(self.source)
        modes = {key: self._mode(key, known, revisions, every=every or memory.is_renamed(key, name))
                 for key, name in tables.there.items()}  # fmt: skip
        anew = force or full
        plan = [_Plan(key, names[key], revisions[key], mode, anew) for key, mode in modes.items() if mode]
        memory = memory.after_look(self.source, names, tables, view_id)
        left = {"left": known.state["left"]} if "left" in known.state else {}
        proven = known.state.get("proven", {})
        state = {"revisions": revisions, "view": view, "app": app, "proven": proven, **left, **memory.state}
        return Look(state=state, selected=tables.there, gone=tables.gone, plan=tuple(plan), drift=drift)

    def _list(self, client: LarkClient) -> Tables:
        """Return all tables of the base, and keep them for its other sources."""
        found = [*client.items("GET", f"{self.base}/tables", page_size=LIST_PAGE, api="bitable-v1/app-table/list")]
        if self.listed is not None:
            self.listed[self.base] = found
        return found

    def _refuse(self, drift: Sequence[Drift]) -> None:
        """Raise what drifted, where the settings ask for that: the source fails, and its cache stays."""
        if drift and self.source.options.get("drift") == "raise":
            raise ConfigError(
                say("drifted.what", changes="; ".join(map(drift_text, drift))), source=self.source.name,
                next=say("drifted.next"),
            )  # fmt: skip

    def _app(self, client: LarkClient, before: App) -> App:
        """Return name, zone and permissions of the base; a zone that is not told stays. API: bitable-v1/app/get."""
        app = client.get(self.base, api="bitable-v1/app/get")["app"]
        if app.get("time_zone") is None and "time_zone" in before:
            app = {**app, "time_zone": before["time_zone"]}
        if not zone_of(str(app.get("time_zone") or ""))[1]:
            log.warning("%s: %s", self.source.name, say("zone.unknown", zone=app.get("time_zone")))
        kept = ("name", "time_zone", "is_advanced", "formula_type", "revision")
        return {key: app[key] for key in kept if key in app}

    def _mode(self, table_id: str, known: Known, revisions: Revisions, *, every: bool) -> Mode | None:
        """Say what must be read of a table: all of it, its edited rows or its computed columns alone, or nothing."""
        before = known.state.get("revisions", {})
        if every or must_be_read(known, table_id):
            return "whole"
        fed = {key for key in {*revisions, *before} if key != table_id and _moved(revisions, before, key)}
        if _moved(revisions, before, table_id):
            return "edited" if self._is_incremental(table_id, known, fed) else "whole"
        if not fed and self.source.options.get("computed") != "always":
            return None
        computed = computed_columns(known.schema(table_id)) and known.rows(table_id) != 0
        return "computed" if computed else None

    def _is_incremental(self, table_id: str, known: Known, moved: Collection[str]) -> bool:
        """Say whether the edited rows of a table are enough, as the settings ask; ``moved`` are the other tables."""
        state = known.state
        has_rows = known.rows(table_id) and table_id in state.get("proven", {})
        if not has_rows or not self.source.options.get("incremental"):
            return False
        why = "the base has advanced permissions" if state["app"].get("is_advanced") else ""  # rows are hidden or shown
        why = why or obstacle(self.source.options, known.schema(table_id), table_id, moved)
        if why:
            log.info("%s / %s: it is read whole: %s", self.source.name, known.tables[table_id].name, why)
        return not why

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Parcel]:
        """Yield the rows of every planned table, the files in them if they are asked for, and what was learned.

        Raises
        ------
        LarkError
            A table could not be read, or did not prove complete three times.
        """
        tables, most = self._tables(client, known, look), self.source.options.get("attachments")
        if not most:
            return tables
        anew, limit = any(plan.anew for plan in look.plan), sys.maxsize if most is True else most
        return with_attachments(client, known, tables, limit=limit, anew=anew, name=self.source.name)

    def _tables(self, client: LarkClient, known: Known, look: Look) -> Iterator[Batch | Learned]:
        if self.listed is not None:
            self.listed.pop(self.base, None)  # until it is asked again at the end
        self.sleep(self.settle)
        so_far = _SoFar(look.state["app"], Memory.of(look.state), look.drift)
        whole, edited = list[str](), dict[str, int]()
        plans: Sequence[_Plan] = look.plan
        for plan in plans:
            with reading_table(plan.table_id):
                found = self._computed(client, plan, known, so_far.memory) if plan.mode == "computed" else None
                if found is not None:
                    yield from found
                    continue
                chosen = self._chosen(client, plan, so_far.memory)
                count = plan.mode == "edited" and (yield from self._edited(client, plan, chosen, known, so_far.app))
                if count:
                    edited[plan.table_id] = count
                    continue
                whole.append(plan.table_id)
                so_far = so_far.after(plan.table_id, (yield from self._whole(client, plan, chosen, known, so_far)))
        read = [*whole, *edited]
        moved = self._moved_meanwhile(client, look, read)
        at = client.server_time
        for plan in plans:
            if plan.table_id in moved and edited.pop(plan.table_id, 0):  # it may have lost rows between two pages
                with reading_table(plan.table_id):
                    chosen = self._chosen(client, plan, so_far.memory)
                    so_far = so_far.after(plan.table_id, (yield from self._whole(client, plan, chosen, known, so_far)))
        again = {*moved, *so_far.refused}
        proven = _proven(look.state["proven"], read, again, at)
        yield look.learned(
            state={**look.state, "app": so_far.app, "proven": proven, **so_far.memory.state},
            again=tuple(sorted(again)), failed=so_far.refused, drift=so_far.drift, incremental=edited,
        )  # fmt: skip

    def _edited(
        self, client: LarkClient, plan: _Plan, chosen: Chosen, known: Known, app: App
    ) -> Generator[Batch, None, int]:
        """Yield all rows of a table, those edited since its last read as they are now; return how many were edited.

        That is 0 where all rows must be read.
        """
        path = f"{self.base}/tables/{plan.table_id}/records/search"
        info, proven = self._info(plan, chosen.fields, app), known.state["proven"][plan.table_id]
        try:
            newest = read_newest(
                client, path, chosen, info, known, proven=proven, lag=int(self.settle * 1000), page_size=self.page
            )
            yield from merged(info, known, newest)
        except Torn as torn:
            log.info("%s / %s: it is read whole: %s", self.source.name, plan.name, torn)
            return 0
        return newest.edited

    def _moved_meanwhile(self, client: LarkClient, look: Look, read: Sequence[str]) -> list[str]:
        """Return which of the tables just read have another revision than at the look."""
        if not read:
            return []
        _, after = _told(self._list(client))
        return [table_id for table_id in read if _moved(after, look.state["revisions"], table_id)]

    def _whole(
        self, client: LarkClient, plan: _Plan, chosen: Chosen, known: Known, so_far: _SoFar
    ) -> Generator[Batch, None, _Reading]:
        """Yield all rows of a table, read until they prove complete."""
        size, reading, why, app, memory = self.page, 0, "", so_far.app, so_far.memory
        while reading < READINGS:
            info = self._info(plan, chosen.fields, app)
            changed = Changed.of(chosen, info, known, memory)
            self._refuse(changed.drift)
            try:
                ended = yield from self._reading(client, info, chosen, size, known, app, accept_unknown=reading > 0)
                return replace(ended, changed=changed)
            except Torn as torn:
                why = str(torn)
                log.warning("%s / %s: %s; reading it again", self.source.name, plan.name, why)
                reading, chosen = reading + 1, self._chosen(client, plan, memory)
            except LarkError as error:
                if smaller := _smaller_page(error, size):
                    size = smaller
                elif remedy(error.code).heal == "fields" and reading == 0:
                    reading, chosen = 1, self._chosen(client, plan, memory)
                elif error.code == CATCH_ALL and reading + 1 < READINGS:
                    reading += 1  # page from the start
                else:
                    raise
        raise ApiError(say("torn.what", table=plan.name, why=why), source=self.source.name, next=say("torn.next"))

    def _reading(
        self,
        client: LarkClient,
        info: TableInfo,
        chosen: Chosen,
        size: int,
        known: Known,
        app: App,
        *,
        accept_unknown: bool,
    ) -> Generator[Batch, None, _Reading]:
        """Yield the pages of one reading; Torn if it turns out incomplete."""
        if not definitions_of(info.schema):
            raise Torn("no fields")  # every table has a primary one: this answer would cost the table its columns
        proof = _Proof()
        for page in self._pages(client, info.table_id, chosen.body(), size):
            records = [*map(chosen.of_record, page.get("items") or [])]
            if not accept_unknown and (unknown := unknown_names(info.schema, records)):
                raise Torn(f"unknown column {sorted(unknown)[0]!r}: renamed meanwhile?")
            first = not proof.count
            proof.add(records, page.get("total"))
            if records:
                yield Batch(info, to_arrow(info.schema, records), total=proof.total, fresh=first)
        proof.check()
        if proof.count:
            return _Reading(app)
        return (yield from self._empty(client, info, known, app))

    def _empty(self, client: LarkClient, info: TableInfo, known: Known, app: App) -> Generator[Batch, None, _Reading]:
        """An empty answer: on a base with advanced permissions it means that we may not see the rows."""
        if known.rows(info.table_id):
            app = self._app(client, app)
        if not app.get("is_advanced"):
            yield Batch(info, info.schema.empty_table(), fresh=True)
            return _Reading(app)
        asker = client.identity.asker
        refused = AccessDenied(
            say("advanced.what", table=info.name), source=self.source.name, asker=asker,
            next=say(f"advanced.{asker.kind}.next"),
        )  # fmt: skip
        return _Reading(app, refused)

    def _computed(self, client: LarkClient, plan: _Plan, known: Known, memory: Memory) -> list[Batch] | None:
        """Return the computed columns of a table, or None where it must be read whole."""
        full = known.schema(plan.table_id)
        names = [definition_of(full.field(column))["field_name"] for column in computed_columns(full)]
        if len(names) > MOST_NAMES:
            return None
        info = TableInfo(plan.table_id, plan.name, plan.revision or 0, computed_schema(full))
        proof, parts = _Proof(), []
        try:
            body = memory.chosen(plan.table_id).body(names)
            for page in self._pages(client, plan.table_id, body, self.page):
                records = page.get("items") or []
                proof.add(records, page.get("total"))
                parts.append(to_arrow(info.schema, records))
            proof.check()
        except Torn:
            return None
        except LarkError as error:
            if remedy(error.code).heal not in ("shrink", "fields"):
                raise
            return None
        rows = pa.concat_tables(parts)
        cached = pa.concat_tables(known.row_groups(plan.table_id, [RECORD_ID]))
        if not _same_ids(rows.column(RECORD_ID), cached.column(RECORD_ID)):
            return None
        return [Batch(info, rows, total=proof.count, fresh=True, computed_only=True)]

    # --- requests -----------------------------------------------------------------------------------------------

    def _chosen(self, client: LarkClient, plan: _Plan, memory: Memory) -> Chosen:
        """Return what is read of a table, by its field list of now."""
        fields = list_fields(client, self.base, plan.table_id)
        source = memory.source_of(self.source, plan.table_id, plan.name)
        return Chosen.of(source, plan.name, fields, view=memory.view_id, known=memory.chosen(plan.table_id))

    def _info(self, plan: _Plan, fields: Sequence[Mapping[str, Any]], app: App) -> TableInfo:
        schema = raw_schema(plan.table_id, plan.name, fields, time_zone=str(app.get("time_zone") or ""))
        return TableInfo(plan.table_id, plan.name, plan.revision or 0, schema)

    def _pages(self, client: LarkClient, table_id: str, body: Any, size: int) -> Iterator[dict[str, Any]]:
        """Yield the pages of a search. API: bitable-v1/app-table-record/search."""
        path = f"{self.base}/tables/{table_id}/records/search"
        return client.paginate(
            "POST", path, page_size=size, api="bitable-v1/app-table-record/search",
            params={"user_id_type": "open_id"}, json=body,
        )  # fmt: skip


@dataclass
class _Proof:
    """Unique ids = rows read = ``total`` of every page."""

    count: int = 0
    _totals: set[int] = field(default_factory=set)
    _ids: array[int] = field(default_factory=lambda: array("q"))  # hashes: half a million ids would weigh 50 MB

    def add(self, records: Sequence[Mapping[str, Any]], total: Any) -> None:
        self._ids.extend(hash(record["record_id"]) for record in records)
        self.count += len(records)
        if total is not None:
            self._totals.add(int(total))

    @property
    def total(self) -> int:
        """What the server says there are."""
        return max(self._totals, default=0)

    def check(self) -> None:
        ids = np.sort(np.array(self._ids, np.int64))  # np.unique takes six times the memory of a million ids
        unique = np.count_nonzero(ids[1:] != ids[:-1]) + min(1, self.count)
        if unique != self.count or self._totals - {self.count} or not (self.count or self._totals):
            totals = " / ".join(map(str, sorted(self._totals))) or "-"
            raise Torn(f"{self.count} rows, {unique} different, total {totals}")


def _proven(before: Mapping[str, int], read: Sequence[str], again: Collection[str], at: float | None) -> dict[str, int]:
    """Return until when it is proven of tables that their rows are as they were read.

    That is by the server's clock, in epoch milliseconds, and nobody knows it where no answer told the time.
    """
    stood = {} if at is None else dict.fromkeys(read, int(at * 1000))
    kept = {key: when for key, when in before.items() if key not in read}
    return {key: when for key, when in {**kept, **stood}.items() if key not in again}


def _told(tables: Tables) -> tuple[dict[str, str], Revisions]:
    """Return the names and the revisions of the tables in a list."""
    names = {str(table["table_id"]): str(table.get("name") or "") for table in tables}
    return names, {str(table["table_id"]): _number(table.get("revision")) for table in tables}


def _number(revision: Any) -> int | None:
    return None if revision is None else int(revision)


def _smaller_page(error: LarkError, size: int) -> int | None:
    """Return how many records to ask for after an answer that was too much; None where the page is not to blame."""
    smallest = SMALLEST_PAGE if remedy(error.code).heal == "shrink" else SLOW.get(error.code or 0, PAGE)
    return max(smallest, size // 2) if size > smallest else None


def _moved(now: Revisions, before: Revisions, table_id: str) -> bool:
    """Say whether a table may have changed; a revision that nobody told cannot stand still."""
    return now.get(table_id) is None or now[table_id] != before.get(table_id)


def _same_ids(new: pa.ChunkedArray, old: pa.ChunkedArray) -> bool:
    return len(new) == len(old) and bool(pc.all(pc.is_in(new, value_set=old.combine_chunks())).as_py() in (True, None))
