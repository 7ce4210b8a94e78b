"""SpreadsheetReader: the worksheets of a spreadsheet, all of them read at one revision.

A worksheet is read in two passes over the same cells, because one answer cannot tell a date from a number: the data
pass gives values and serials, the date pass asks the numeric columns again and gets text where a cell is a date. Both
are handed on as they were received, as a `Grid`; what becomes header and type is decided in the cache. The revision
is the spreadsheet's: windows of two revisions are never mixed, and a spreadsheet that changed is read whole.

A worksheet may be a Bitable instead. Its table is read by `BitableReader`, as if it were a source of its own.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from larknb.api.client import LarkClient
from larknb.errors import ApiError, BudgetSpent, LarkError, LoginRequired, NotFound, WrongKind
from larknb.links import split_embedded
from larknb.messages import say
from larknb.model import Batch, Grid, Source, Stamp
from larknb.readers.base import Known, KnownTable, Look
from larknb.readers.bitable import BitableReader
from larknb.readers.windows import Moved, Part, Sheet, Window, Windows, numeric, to_grid

__all__ = [
    "SpreadsheetReader",
]

log = logging.getLogger("larknb")
READINGS = 3  # of a spreadsheet before its source fails: the first, and twice again

BITABLE = "BITABLE_BLOCK"
STALE = {202, 206, 211, 212, 215}  # last digits of "no such worksheet" and "no such range", in both families of codes

LAYOUT_API = "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN"
SHEETS_API = "sheets-v3/spreadsheet-sheet/query"


@dataclass(frozen=True)
class _Layout:
    revision: int
    sheets: dict[str, Sheet]


@dataclass(frozen=True)
class _GridPlan:
    """The grids to read. Where the revision turns out to be another one than at the look, ``all`` of them are due."""

    layout: _Layout | None
    due: list[str]
    all: list[str]


@dataclass(frozen=True)
class _Base:
    """A base whose tables are worksheets: for each table_id the id it has in the cache, and the worksheet's title."""

    app_token: str
    tables: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _BasePlan:
    base: _Base
    reader: BitableReader
    known: Known
    look: Look


@dataclass(frozen=True)
class SpreadsheetReader:
    """Reads the worksheets of one spreadsheet.

    Parameters
    ----------
    source : Source
        A resolved source of kind ``spreadsheet``. Its ``part``, or else the option ``sheets`` (titles or sheet_ids),
        names the worksheets; without either, all that are visible. ``dates = False`` leaves out the date pass.
    settle : float
        Seconds to wait before a changed embedded base is read; a spreadsheet proves itself by its revision.
    """

    source: Source
    settle: float = 5.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

    @property
    def path(self) -> str:
        """Path of the spreadsheet below ``/open-apis/``."""
        return f"sheets/v2/spreadsheets/{self.source.target}"

    @property
    def _wanted(self) -> Sequence[str] | None:
        return [self.source.part] if self.source.part else self.source.options.get("sheets")

    def _asked_for(self, *names: str) -> bool:
        wanted = self._wanted
        return wanted is None or any(name in wanted for name in names)

    def asked_along(self, state: Mapping[str, Any]) -> list[Source]:  # noqa: ARG002
        """Return nothing: what is embedded in a spreadsheet are bases, which the gate does not answer for."""
        return []

    # --- the look -----------------------------------------------------------------------------------------------

    def look(
        self,
        client: LarkClient,
        known: Known,
        *,
        force: bool = False,
        full: bool = False,
        moved: bool = True,
        stamps: Mapping[str, Stamp] | None = None,  # noqa: ARG002  embedded bases ask their revisions at every look
    ) -> Look:
        """Ask the revision and say which worksheets must be read.

        ``force`` reads every worksheet, ``full`` also asks again which of them are hidden. With ``moved=False`` (the
        gate says that the spreadsheet was not edited) only the embedded bases are asked for their revisions.
        """
        layout = None if moved or force or full else self._remembered(known)
        remembered = layout is not None
        layout = layout or self._layout(client)
        bases = _bases(layout.sheets.values())
        present = {*layout.sheets, *(key for base in bases for key, _ in base.tables.values())}
        lost = {key: entry.name for key, entry in known.tables.items() if key not in present}
        self._check_names(layout, lost)
        hidden = self._hidden(client, layout, known, full=full)
        look = Look(
            state={
                "revision": layout.revision,
                "sheets": [sheet.memo for sheet in layout.sheets.values()],
                "hidden": hidden,
                "cells": {} if full else dict(known.state.get("cells", {})),
                "bases": {},
                "unread": {},
            },
            gone={key: name for key, name in lost.items() if self._asked_for(key, name)},
        )
        sheets = [sheet for sheet in layout.sheets.values() if self._asked_for(sheet.sheet_id, sheet.title)]
        self._select(look, known, [sheet for sheet in sheets if sheet.sheet_id not in (hidden or ())], bases)
        grids = [key for key in look.selected if key in layout.sheets and key not in look.failed]
        if due := self._due(grids, layout, known, every=force or full):
            look.plan.append(_GridPlan(None if remembered else layout, due, grids))
        for base in bases:
            if tables := {key: names for key, names in base.tables.items() if names[0] in look.selected}:
                self._look_at(client, known, look, replace(base, tables=tables), force=force, full=full)
        return look

    def _due(self, grids: Sequence[str], layout: _Layout, known: Known, *, every: bool) -> list[str]:
        """Return the worksheets to read: all if the revision moved, else those we never had, lost or held back."""
        always = self.source.options.get("computed") == "always"
        if every or always or layout.revision != known.state.get("revision"):
            return [*grids]
        return [key for key in grids if known.rows(key) is None or key in known.again or known.tables[key].gone]

    def _layout(self, client: LarkClient) -> _Layout:
        """Return worksheets and revision as they are now."""
        data = client.get(f"{self.path}/metainfo", api=LAYOUT_API, user_id_type="open_id")
        revision = int((data.get("properties") or {}).get("revision") or 0)
        sheets = [_sheet(item) for item in data.get("sheets") or ()]
        return _Layout(revision, {sheet.sheet_id: sheet for sheet in sheets})

    def _remembered(self, known: Known) -> _Layout | None:
        """Return names and revision as the last look left them, without sizes."""
        if "sheets" not in known.state:
            return None
        sheets = [Sheet(*memo) for memo in known.state["sheets"]]
        return _Layout(int(known.state["revision"]), {sheet.sheet_id: sheet for sheet in sheets})

    def _hidden(self, client: LarkClient, layout: _Layout, known: Known, *, full: bool) -> list[str] | None:
        """Return the ids of hidden worksheets, None where it does not matter because the settings name worksheets.

        The layout does not tell, and the call that does is limited to 100 a minute, so it is asked only when worksheets
        came or went, and with every full read. A spreadsheet has at least one visible worksheet.
        """
        if self._wanted is not None:
            return None
        hidden: list[str] | None = known.state.get("hidden")
        same = layout.sheets.keys() == {memo[0] for memo in known.state.get("sheets", ())}
        if hidden is not None and same and not full:
            return hidden
        if len(layout.sheets) < 2:
            return []
        path = f"sheets/v3/spreadsheets/{self.source.target}/sheets/query"
        listed = client.get(path, api=SHEETS_API).get("sheets") or ()
        return [str(item["sheet_id"]) for item in listed if item.get("hidden")]

    def _check_names(self, layout: _Layout, lost: Mapping[str, str]) -> None:
        """Raise NotFound for a worksheet of the settings that does not exist and is not one that was ``lost``."""
        titles = [sheet.title for sheet in layout.sheets.values()]
        for name in self._wanted or ():
            if name not in {*layout.sheets, *titles, *lost, *lost.values()}:
                raise NotFound(
                    say("table.missing.what", table=name), source=self.source.name,
                    next=say("table.missing.next", tables=", ".join(titles)),
                )  # fmt: skip

    def _select(self, look: Look, known: Known, sheets: Sequence[Sheet], bases: Sequence[_Base]) -> None:
        """Put the worksheets that can be read into the look, in their order, and note the others."""
        embedded = {base.app_token: base.tables for base in bases}
        for sheet in sheets:
            app_token, table_id = split_embedded(sheet.block)
            if not sheet.block_type:
                look.selected[sheet.sheet_id] = sheet.title
            elif table_id in embedded.get(app_token, ()):
                key, title = embedded[app_token][table_id]
                look.selected[key] = title
            else:
                self._note_unread(look, known, sheet)

    def _note_unread(self, look: Look, known: Known, sheet: Sheet) -> None:
        """Tell once of a worksheet of a kind that nobody can read; one that the settings name has failed."""
        look.state["unread"][sheet.sheet_id] = sheet.title
        what = say("sheet.block.what", sheet=sheet.title, kind=sheet.block_type)
        if self._wanted is not None:
            look.selected[sheet.sheet_id] = sheet.title
            look.failed[sheet.sheet_id] = WrongKind(what, source=self.source.name, next=say("sheet.block.next"))
        elif sheet.sheet_id not in known.state.get("unread", {}):
            log.warning("%s: %s", self.source.name, what)

    def _look_at(self, client: LarkClient, known: Known, look: Look, base: _Base, *, force: bool, full: bool) -> None:
        """Look at one embedded base; what is wrong with it does not harm the worksheets."""
        before: Mapping[str, Any] = known.state.get("bases", {}).get(base.app_token, {})
        look.contains.add("bitable")
        options = {"tables": list(base.tables), "computed": self.source.options.get("computed", "daily")}
        source = Source(self.source.name, self.source.url, "bitable", base.app_token, identity=self.source.identity,
                        options=options)  # fmt: skip
        reader = BitableReader(source, settle=self.settle, sleep=self.sleep)
        view = _Within(known, before, {table_id: key for table_id, (key, _) in base.tables.items()})
        try:
            found = reader.look(client, view, force=force, full=full)
        except LarkError as error:
            _raise_if_general(error)
            look.state["bases"][base.app_token] = before
            look.failed |= {key: error for key, _ in base.tables.values()}
            look.again |= look.failed.keys() & {*known.again}
            return
        look.state["bases"][base.app_token] = found.state
        for table_id in found.gone:
            key, title = base.tables[table_id]
            look.gone[key] = title
            look.selected.pop(key, None)
        if found.plan:
            look.plan.append(_BasePlan(base, reader, view, found))

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Grid | Batch]:
        """Yield every planned worksheet whole, then the rows of the embedded bases; the look's state is then complete.

        Raises
        ------
        LarkError
            The worksheets could not be read, or were edited during each of three readings.
        """
        for plan in look.plan:
            if isinstance(plan, _GridPlan):
                yield from self._grids(client, known, look, plan)
            else:
                yield from self._base(client, known, look, plan)

    def _base(self, client: LarkClient, known: Known, look: Look, plan: _BasePlan) -> Iterator[Batch]:
        """Yield the rows of an embedded base under the names of its worksheets."""
        tables = plan.base.tables
        try:
            for batch in plan.reader.read(client, plan.known, plan.look):
                key, title = tables[batch.table.table_id]
                yield replace(batch, table=replace(batch.table, table_id=key, name=title))
        except LarkError as error:
            _raise_if_general(error)
            look.state["bases"][plan.base.app_token] = known.state.get("bases", {}).get(plan.base.app_token, {})
            look.failed |= {tables[item.table_id][0]: error for item in plan.look.plan}
            look.again |= look.failed.keys() & {*known.again}
        else:
            look.failed |= {tables[table_id][0]: error for table_id, error in plan.look.failed.items()}
            look.again |= {tables[table_id][0] for table_id in plan.look.again}

    def _grids(self, client: LarkClient, known: Known, look: Look, plan: _GridPlan) -> list[Grid]:
        """Return the planned grids, read until all windows show the revision of the layout."""
        layout, due, why = plan.layout, plan.due, ""
        for reading in range(READINGS):
            layout = layout or self._layout(client)
            if layout.revision != look.state["revision"]:
                due = plan.all
            sheets = self._still_there(layout, due, known, look)
            windows = Windows(client, self.path, layout.revision, look.state["cells"])
            try:
                grids = self._reading(windows, sheets)
            except Moved as moved:
                why = str(moved)
                log.warning("%s: %s; reading it again", self.source.name, why)
            except LarkError as error:
                if not _is_stale(error.code) or reading:
                    raise
                log.warning("%s: %s", self.source.name, error)
            else:
                look.state["revision"] = layout.revision
                return grids
            layout = None
        raise ApiError(say("torn.what", table=self.source.name, why=why), source=self.source.name,
                       next=say("torn.next"))  # fmt: skip

    def _still_there(self, layout: _Layout, due: Sequence[str], known: Known, look: Look) -> list[Sheet]:
        """Return the due worksheets; those that are gone since the look leave it."""
        for sheet_id in due:
            if sheet_id in layout.sheets:
                look.selected[sheet_id] = layout.sheets[sheet_id].title
            elif (title := look.selected.pop(sheet_id, None)) and sheet_id in known.tables:
                look.gone[sheet_id] = title
        return [layout.sheets[sheet_id] for sheet_id in due if sheet_id in layout.sheets]

    def _reading(self, windows: Windows, sheets: Sequence[Sheet]) -> list[Grid]:
        """Return the grids of one revision; _Moved if it turns out that there were two."""
        areas = [Window(sheet.sheet_id, 1, 1, sheet.rows, sheet.columns)
                 for sheet in sheets if sheet.rows and sheet.columns]  # fmt: skip
        values = windows.read(areas)
        dates: dict[str, list[Part]] = {}
        if self.source.options.get("dates", True):
            dates = windows.read([area for key, parts in values.items() for area in numeric(key, parts)], dates=True)
        return [
            to_grid(sheet, windows.revision, values.get(sheet.sheet_id, []), dates.get(sheet.sheet_id, []))
            for sheet in sheets
        ]


# --- the layout ---------------------------------------------------------------------------------------------------


def _sheet(item: Mapping[str, Any]) -> Sheet:
    block = item.get("blockInfo") or {}
    merges = tuple(
        {
            "row": int(merge.get("startRowIndex") or 0) + 1,
            "column": int(merge.get("startColumnIndex") or 0) + 1,
            "rows": int(merge.get("rowCount") or 1),
            "columns": int(merge.get("columnCount") or 1),
        }
        for merge in item.get("merges") or ()
    )
    return Sheet(
        str(item["sheetId"]),
        str(item.get("title") or ""),
        block_type=str(block.get("blockType") or "?") if block else "",
        block=str(block.get("blockToken") or ""),
        rows=int(item.get("rowCount") or 0),
        columns=int(item.get("columnCount") or 0),
        frozen_rows=int(item.get("frozenRowCount") or 0),
        merges=merges,
    )


def _bases(sheets: Collection[Sheet]) -> list[_Base]:
    """Return the bases that worksheets embed.

    A table is cached under its table_id. That is unique within one base only, and a copied base keeps the ids of the
    first: tables that share one are cached under the whole token of their block.
    """
    found: dict[str, dict[str, Sheet]] = defaultdict(dict)
    for sheet in sheets:
        app_token, table_id = split_embedded(sheet.block)
        if sheet.block_type == BITABLE and table_id:
            found[app_token].setdefault(table_id, sheet)
    count = Counter(table_id for tables in found.values() for table_id in tables)
    return [
        _Base(app, {key: (key if count[key] == 1 else sheet.block, sheet.title) for key, sheet in tables.items()})
        for app, tables in found.items()
    ]


def _is_stale(code: int | None) -> bool:
    return code is not None and code // 1000 in (90, 1310) and code % 1000 in STALE


def _raise_if_general(error: LarkError) -> None:
    """Raise what would stop every other call as well."""
    if isinstance(error, BudgetSpent) or (isinstance(error, LoginRequired) and not error.lacks_scope):
        raise error


@dataclass(frozen=True)
class _Within:
    """What the cache knows of one embedded base, under the names that its reader uses."""

    known: Known
    before: Mapping[str, Any]
    keys: Mapping[str, str]

    @property
    def state(self) -> Mapping[str, Any]:
        return self.before

    @property
    def again(self) -> Collection[str]:
        held = {table_id for table_id, key in self.keys.items() if key in self.known.again}
        return held | {*self.before.get("again", ())}

    @property
    def embedded(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        return {table_id: self.known.tables[key] for table_id, key in self.keys.items() if key in self.known.tables}

    def rows(self, table_id: str) -> int | None:
        return self.known.rows(self.keys[table_id])

    def schema(self, table_id: str) -> pa.Schema:
        return self.known.schema(self.keys[table_id])

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        return self.known.record_ids(self.keys[table_id])
