"""BitableReader: the tables of a Bitable (Base), read whole and proven complete.

The revisions are listed before anything is read and once more after it, rows are proven to be all there, and what moved
meanwhile is read again at the next look. One request at a time: the platform works serially per base.
"""

from __future__ import annotations

import logging
import time
from array import array
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, ConfigError, LarkError
from larknb.messages import say
from larknb.model import Batch, Drift, Learned, Source, Stamp, TableInfo
from larknb.readers.base import Known, Look, Torn, must_be_read
from larknb.readers.chosen import MOST_NAMES, Chosen, chosen_tables, list_fields, view_of
from larknb.readers.remembered import Changed, Memory, table_drift
from larknb.results.drift import drift_text
from larknb.tabular.calendar import zone_of
from larknb.tabular.cells import to_arrow, unknown_names
from larknb.tabular.raw import RECORD_ID, computed_columns, computed_schema, definition_of, definitions_of, raw_schema
from larknb.wire.codes import remedy

__all__ = [
    "BitableReader",
]

log = logging.getLogger("larknb")

PAGE = 500  # records: the most that search accepts
LIST_PAGE = 100  # tables
SMALLEST_PAGE = 10  # records; a page this small that is still too large holds rows we cannot read
SLOW = {1254607: 100, 1255040: 100}  # not ready, timed out: the smallest page for which that is still the page's fault
CATCH_ALL = 1254002  # a failure without a name; it also stands for a page token that went stale
READINGS = 3  # of one table before its source fails: the first, and twice again

Revisions = Mapping[str, int | None]
App = Mapping[str, Any]  # name, zone and permissions of a base


@dataclass(frozen=True)
class _Plan:
    table_id: str
    name: str
    revision: int | None
    mode: Literal["whole", "computed"]

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
class BitableReader:
    """Reads the tables of one base.

    Parameters
    ----------
    source : Source
        A resolved source of kind ``bitable``; its options name tables, view, fields, filter, computed.
    settle : float
        Seconds to wait before a changed base is read: its replicas may lag behind the revisions.
    """

    source: Source
    settle: float = 5.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

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
        names, revisions = self._listed(client)
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
        plan = [_Plan(key, names[key], revisions[key], mode) for key, mode in modes.items() if mode]
        memory = memory.after_look(self.source, names, tables, view_id)
        state = {"revisions": revisions, "view": view, "app": app, **memory.state}
        return Look(state=state, selected=tables.there, gone=tables.gone, plan=tuple(plan), drift=drift)

    def _listed(self, client: LarkClient) -> tuple[dict[str, str], Revisions]:
        """Return the names and the revisions of all tables of the base."""
        items = list(client.items("GET", f"{self.base}/tables", page_size=LIST_PAGE, api="bitable-v1/app-table/list"))
        names = {str(item["table_id"]): str(item.get("name") or "") for item in items}
        return names, {str(item["table_id"]): _number(item.get("revision")) for item in items}

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

    def _mode(
        self, table_id: str, known: Known, revisions: Revisions, *, every: bool
    ) -> Literal["whole", "computed"] | None:
        """Say what must be read of a table: all of it, its computed columns alone, or nothing."""
        before = known.state.get("revisions", {})
        if every or must_be_read(known, table_id) or _moved(revisions, before, table_id):
            return "whole"
        fed = any(_moved(revisions, before, key) for key in {*revisions, *before} if key != table_id)
        if not fed and self.source.options.get("computed") != "always":
            return None
        computed = computed_columns(known.schema(table_id)) and known.rows(table_id) != 0
        return "computed" if computed else None

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Batch | Learned]:
        """Yield the rows of every planned table, and then what was learned.

        Raises
        ------
        LarkError
            A table could not be read, or did not prove complete three times.
        """
        self.sleep(self.settle)
        app, whole, refused = look.state["app"], list[str](), dict[str, LarkError]()
        plans: Sequence[_Plan] = look.plan
        memory, drift = Memory.of(look.state), [*look.drift]
        for plan in plans:
            if plan.mode == "computed" and (computed := self._computed(client, plan, known, memory)) is not None:
                yield from computed
                continue
            whole.append(plan.table_id)
            ended = yield from self._whole(client, plan, known, app, memory)
            app = ended.app
            if ended.refused:
                refused[plan.table_id] = ended.refused
            else:
                memory = memory.after_read(plan.table_id, ended.changed)
                drift += ended.changed.drift
        again = {*self._moved_meanwhile(client, look, whole), *refused}
        state = {**look.state, "app": app, **memory.state}
        yield look.learned(state=state, again=tuple(sorted(again)), failed=refused, drift=tuple(drift))

    def _moved_meanwhile(self, client: LarkClient, look: Look, read: Sequence[str]) -> list[str]:
        """Return which of the tables just read have another revision than at the look."""
        if not read:
            return []
        _, after = self._listed(client)
        return [table_id for table_id in read if _moved(after, look.state["revisions"], table_id)]

    def _whole(
        self, client: LarkClient, plan: _Plan, known: Known, app: App, memory: Memory
    ) -> Generator[Batch, None, _Reading]:
        """Yield all rows of a table, read until they prove complete."""
        chosen = self._chosen(client, plan, memory)
        size, reading, why = PAGE, 0, ""
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
            for page in self._pages(client, plan.table_id, body, PAGE):
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
        if not _same_ids(rows.column(RECORD_ID), known.record_ids(plan.table_id)):
            return None
        return [Batch(info, rows, total=proof.count, fresh=True, computed_only=True)]

    # --- requests -----------------------------------------------------------------------------------------------

    def _chosen(self, client: LarkClient, plan: _Plan, memory: Memory) -> Chosen:
        """Return what is read of a table, by its field list of now."""
        fields = list_fields(client, self.base, plan.table_id)
        return Chosen.of(self.source, plan.name, fields, view=memory.view_id, known=memory.chosen(plan.table_id))

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
        unique = len(np.unique(np.frombuffer(self._ids, dtype=np.int64))) if self.count else 0
        if unique != self.count or self._totals - {self.count} or not (self.count or self._totals):
            totals = " / ".join(map(str, sorted(self._totals))) or "-"
            raise Torn(f"{self.count} rows, {unique} different, total {totals}")


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
