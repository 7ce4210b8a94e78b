"""SpreadsheetReader: the worksheets of a spreadsheet, all of them read at one revision.

A worksheet is read in two passes over the same cells, because one answer cannot tell a date from a number: the data
pass gives values and serials, the date pass asks the numeric columns again and gets text where a cell is a date. Both
are handed on window by window, each a `Grid` of what was received; what becomes header and type is decided in the
cache. The revision is the spreadsheet's: windows of two revisions are never mixed, and a spreadsheet that changed is
read whole.

A worksheet may be a Bitable instead. Its table is read by `BitableReader`, as if it were a source of its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from larknb.api.client import LarkClient
from larknb.config.names import no_table
from larknb.errors import ApiError, LarkError, WrongKind
from larknb.links import split_embedded
from larknb.messages import say
from larknb.model import Batch, Grid, Learned, Source, Stamp, TableInfo
from larknb.readers.base import Known, Look, Torn, check_by_table, must_be_read
from larknb.readers.bitable import BitableReader
from larknb.readers.embedded import Inside, Part, Within, look_at, not_there, read_parts
from larknb.readers.layout import Layout, Sheet, bases_in
from larknb.readers.windows import Content, Numbers, Window, Windows

__all__ = [
    "SpreadsheetReader",
]

log = logging.getLogger("larknb")

READINGS = 3  # of a spreadsheet before its source fails: the first, and twice again
STALE = {202, 206, 211, 212, 215}  # last digits of "no such worksheet" and "no such range", in both families of codes

LAYOUT_API = "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN"
SHEETS_API = "sheets-v3/spreadsheet-sheet/query"


@dataclass(frozen=True)
class _Plan:
    """What to read of a spreadsheet.

    ``due`` are the grids to read; where the revision turns out to be another one than at the look, all ``grids`` are.
    ``own`` is what the look found out about the worksheets themselves, ``parts`` what it found of the embedded bases.
    """

    layout: Layout | None
    due: Sequence[str]
    grids: Sequence[str]
    own: Learned
    parts: Sequence[Inside]

    @property
    def tables(self) -> list[str]:
        return [*self.due, *(key for inside in self.parts for key in inside.due)]


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
        remembered = None if moved or force or full else Layout.remembered(known.state)
        layout = remembered or self._layout(client)
        bases = bases_in(layout.sheets.values())
        own = self._worksheets(client, layout, bases, known, full=full)
        grids = [key for key in own.selected if key in layout.sheets and key not in own.failed]
        due = self._due(grids, layout, known, every=force or full)
        parts = [
            look_at(client, self._inside(part, known), force=force, full=full)
            for part in (_asked_of(base, own.selected) for base in bases)
            if part.keys
        ]
        plan = _Plan(None if remembered else layout, due, grids, own, parts)
        return Look.of(self._together(own, parts), plan)

    def _layout(self, client: LarkClient) -> Layout:
        """Return worksheets and revision as they are now."""
        return Layout.of(client.get(f"{self.path}/metainfo", api=LAYOUT_API, user_id_type="open_id"))

    def _worksheets(
        self, client: LarkClient, layout: Layout, bases: Sequence[Part], known: Known, *, full: bool
    ) -> Learned:
        """Return what the layout tells: which worksheets are asked for, gone, or cannot be read."""
        present = {*layout.sheets, *(key for base in bases for key in base.keys.values())}
        lost = {key: table.name for key, table in known.tables.items() if key not in present}
        self._check_names(layout, lost)
        hidden = self._hidden(client, layout, known, full=full)
        selected: dict[str, str] = {}
        unread: list[Sheet] = []
        for sheet in layout.sheets.values():
            if sheet.sheet_id in (hidden or ()) or not self._asked_for(sheet.sheet_id, sheet.title):
                continue
            if found := _table(sheet, bases):
                key, title = found
                selected[key] = title
            else:
                unread.append(sheet)
                if self._wanted is not None:
                    selected[sheet.sheet_id] = sheet.title
        memory = {
            "revision": layout.revision,
            "sheets": [sheet.memo for sheet in layout.sheets.values()],
            "hidden": hidden,
            "cells": {} if full else known.state.get("cells", {}),
            "unread": {sheet.sheet_id: sheet.title for sheet in unread},
        }
        gone = {key: name for key, name in lost.items() if self._asked_for(key, name)}
        sizeless = {key: self._without_size(layout.sheets[key]) for key in selected
                    if key in layout.sheets and not layout.sheets[key].has_size}  # fmt: skip
        failed = {**self._tell_unread(unread, known), **sizeless}
        return Learned(memory, again=tuple(sizeless), selected=selected, gone=gone, failed=failed)

    @property
    def _wanted(self) -> Sequence[str] | None:
        """The worksheets that the address or the settings name, by title or id."""
        return [self.source.part] if self.source.part else self.source.options.get("sheets")

    def _asked_for(self, *names: str) -> bool:
        wanted = self._wanted
        return wanted is None or any(name in wanted for name in names)

    def _check_names(self, layout: Layout, lost: Mapping[str, str]) -> None:
        """Raise NotFound for a worksheet of the settings that does not exist and is not one that was ``lost``."""
        titles = [sheet.title for sheet in layout.sheets.values()]
        check_by_table(self.source, {key: sheet.title for key, sheet in layout.sheets.items()}, lost)
        for name in self._wanted or ():
            if name not in {*layout.sheets, *titles, *lost, *lost.values()}:
                raise no_table(name, self.source.name, titles)

    def _hidden(self, client: LarkClient, layout: Layout, known: Known, *, full: bool) -> list[str] | None:
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

    def _without_size(self, sheet: Sheet) -> ApiError:
        """Return the error for a worksheet whose size is none, or that has no end."""
        return ApiError(say("sheet.size.what", sheet=sheet.title), source=self.source.name, next=say("sheet.size.next"))

    def _tell_unread(self, unread: Sequence[Sheet], known: Known) -> dict[str, LarkError]:
        """Tell once of worksheets that nobody can read, and return why those failed that the settings name."""
        failed: dict[str, LarkError] = {}
        for sheet in unread:
            what = say("sheet.block.what", sheet=sheet.title, kind=sheet.block_type)
            if self._wanted is not None:
                failed[sheet.sheet_id] = WrongKind(what, source=self.source.name, next=say("sheet.block.next"))
            elif sheet.sheet_id not in known.state.get("unread", {}):
                log.warning("%s: %s", self.source.name, what)
        return failed

    def _due(self, grids: Sequence[str], layout: Layout, known: Known, *, every: bool) -> list[str]:
        """Return the worksheets to read: all if the revision moved, else those we never had, lost or held back."""
        always = self.source.options.get("computed") == "always"
        if every or always or layout.revision != known.state.get("revision"):
            return [*grids]
        return [key for key in grids if must_be_read(known, key)]

    # --- embedded bases -----------------------------------------------------------------------------------------

    def _inside(self, part: Part, known: Known) -> Inside:
        source = part.source(self.source, computed=self.source.options.get("computed", "daily"))
        before = known.state.get("bases", {}).get(part.token, {})
        return Inside(part, Within(known, part, before), BitableReader(source, self.settle, self.sleep))

    def _together(self, own: Learned, parts: Sequence[Inside]) -> Learned:
        """Return what was learned of the worksheets and of the embedded bases as one."""
        gone, failed = {**own.gone}, {**own.failed}
        for inside in parts:
            gone |= {key: own.selected[key] for key in inside.gone}
            failed |= {key: not_there(self.source) for key in inside.missing if key not in gone}
            failed |= inside.found.failed
        return Learned(
            {**own.state, "bases": {inside.part.token: inside.found.state for inside in parts}},
            again=(*own.again, *(key for inside in parts for key in inside.found.again)),
            contains=("bitable",) if parts else (),
            selected={key: title for key, title in own.selected.items() if key not in gone},
            gone=gone,
            failed=failed,
            drift=tuple(each for inside in parts for each in inside.found.drift),
        )

    # --- the read -----------------------------------------------------------------------------------------------

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Grid | Batch | Learned]:
        """Yield every planned worksheet window by window, then the rows of the embedded bases, and what was learned.

        Raises
        ------
        LarkError
            The worksheets could not be read, or were edited during each of three readings.
        """
        plans: Sequence[_Plan] = look.plan
        for plan in plans:
            own = (yield from self._grids(client, known, plan)) if plan.due else plan.own
            parts = yield from read_parts(client, plan.parts)
            yield self._together(own, parts)

    def _grids(self, client: LarkClient, known: Known, plan: _Plan) -> Generator[Grid, None, Learned]:
        """Yield the planned grids, read until all windows show the revision of the layout; return what was learned."""
        layout, due, why = plan.layout, plan.due, ""
        windows = Windows(client, self.path, {**plan.own.state["cells"]})
        for reading in range(READINGS):
            layout = layout or self._layout(client)
            if layout.revision != plan.own.state["revision"]:
                due = plan.grids
            try:
                failed = yield from self._reading(windows, layout, [key for key in due if key in layout.sheets])
            except Torn as torn:
                why = str(torn)
                log.warning("%s: %s; reading it again", self.source.name, why)
            except LarkError as error:
                if not _is_stale(error.code) or reading:
                    raise
                log.warning("%s: %s", self.source.name, error)
            else:
                own = _as_read(plan.own, layout, due, known, windows.limits)
                return replace(own, failed={**own.failed, **failed}, again=(*own.again, *failed))
            layout = None
        raise ApiError(say("torn.what", table=self.source.name, why=why), source=self.source.name,
                       next=say("torn.next"))  # fmt: skip

    def _reading(
        self, windows: Windows, layout: Layout, due: Sequence[str]
    ) -> Generator[Grid, None, dict[str, LarkError]]:
        """Yield the grids of one revision, and return why some have none; Torn if it turns out that there were two."""
        grids = {key: _Arriving(layout.sheets[key], layout.revision) for key in due if layout.sheets[key].has_size}
        windows.ended.clear()
        areas = (Window(key, 1, 1, grid.sheet.most_rows, grid.sheet.columns) for key, grid in grids.items())
        for window, content in windows.read((area for area in areas if area.size), layout.revision):
            grids[window.sheet_id].numbers.add(content)
            yield grids[window.sheet_id].parcel(values=[content])
        grids = {key: grid for key, grid in grids.items() if key in windows.ended or not grid.has_more}
        if self.source.options.get("dates", True):
            numbers = (area for key, grid in grids.items() for area in grid.numbers.areas(key))
            for window, content in windows.read(numbers, layout.revision, dates=True):
                yield grids[window.sheet_id].parcel(dates=[content])
        yield from (grid.parcel(whole=True) for grid in grids.values())
        return {key: self._without_size(layout.sheets[key]) for key in due if key not in grids}


class _Arriving:
    """A worksheet on its way: parcels are made of its windows, and it is noted where it has numbers."""

    def __init__(self, sheet: Sheet, revision: int) -> None:
        self.sheet, self.numbers = sheet, Numbers()
        self._table, self._begun = TableInfo(sheet.sheet_id, sheet.title, revision, None), False
        self._head = {
            "sheet_id": sheet.sheet_id,
            "title": sheet.title,
            "revision": revision,
            "row_count": sheet.rows,
            "column_count": sheet.columns,
            "frozen_row_count": sheet.frozen_rows,
            "merges": [*sheet.merges],
        }

    @property
    def has_more(self) -> bool:
        """True when it is said to have more rows than are looked at."""
        return self.sheet.rows > self.sheet.most_rows

    def parcel(self, *, values: Sequence[Content] = (), dates: Sequence[Content] = (), whole: bool = False) -> Grid:
        """Return some windows of it, or its end."""
        fresh, self._begun = not self._begun, True
        return Grid(self._table, {**self._head, "values": values, "dates": dates}, fresh, whole)


def _table(sheet: Sheet, bases: Sequence[Part]) -> tuple[str, str] | None:
    """Return id and name of a worksheet's table in the cache; None where it is of a kind that nobody can read."""
    if not sheet.block_type:
        return sheet.sheet_id, sheet.title
    app_token, table_id = split_embedded(sheet.block)
    shown = (base for base in bases if base.token == app_token and table_id in base.keys)
    return next(((base.keys[table_id], base.titles[table_id]) for base in shown), None)


def _asked_of(base: Part, selected: Mapping[str, str]) -> Part:
    """Return a base with those of its tables that are asked for."""
    return replace(base, keys={table_id: key for table_id, key in base.keys.items() if key in selected})


def _as_read(own: Learned, layout: Layout, due: Sequence[str], known: Known, limits: Mapping[str, int]) -> Learned:
    """Return what is known of the worksheets after a read: those that are gone since the look leave it."""
    lost = {key for key in due if key not in layout.sheets}
    titles = {key: layout.sheets[key].title for key in due if key not in lost}
    return replace(
        own,
        state={**own.state, "revision": layout.revision, "cells": limits},
        selected={key: titles.get(key, title) for key, title in own.selected.items() if key not in lost},
        gone={**own.gone, **{key: own.selected[key] for key in due if key in lost and key in known.tables}},
    )


def _is_stale(code: int | None) -> bool:
    return code is not None and code // 1000 in (90, 1310) and code % 1000 in STALE
