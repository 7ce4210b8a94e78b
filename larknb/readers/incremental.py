"""An edit costs what it weighs: a table of which the rows edited last are read, and the others are kept.

The platform tells no list of changes. But where every edit of a row moves its modify time (A5), the rows that were
edited since the last proven read come first in a search sorted by that time. They are taken only if nothing speaks
against it: as many rows as the server has, none gone, none that differs although its time stands still, and one at
least to tell why the revision moved. Else `Torn` is raised, and the table is read whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from larknb.api.client import LarkClient
from larknb.api.endpoints import endpoint_of
from larknb.api.paging import Listing
from larknb.errors import AccessDenied, LarkError, LoginRequired, NotFound
from larknb.model import Batch, Options, TableInfo
from larknb.readers.base import Known, Torn, stops_everything
from larknb.readers.chosen import Chosen
from larknb.tabular.cells import to_arrow, unknown_names
from larknb.tabular.raw import (
    COMPUTED_HASH,
    RECORD_ID,
    ROW_HASH,
    Definition,
    FieldType,
    canonical_json,
    computed_columns,
    definitions_of,
    linked_table,
    linked_tables,
    lookup_target,
    property_of,
)

__all__ = ["Newest", "merged", "obstacle", "read_newest"]

API = "bitable-v1/app-table-record/search"
CREATED, MODIFIED = "_created_time", "_last_modified_time"
HASHES = (ROW_HASH, COMPUTED_HASH)
MARGIN = 30_000  # ms: by so much clocks of the platform may differ
GRAIN = 1_000  # ms: a column may tell whole seconds where the row itself tells more
MOST = 50_000  # rows that are read newest first: memory never holds a table

Flags = npt.NDArray[np.bool_]  # one for each row
Times = npt.NDArray[np.int64]  # epoch milliseconds


# --- where it applies -----------------------------------------------------------------------------------------------


def obstacle(options: Options, schema: pa.Schema, table_id: str, moved: Collection[str]) -> str:
    """Return why the edited rows of a table do not tell all that changed in it; empty where they do.

    Parameters
    ----------
    schema : pyarrow.Schema
        The raw one, as it is cached.
    moved : collection of str
        The other tables of the base whose revision moved.
    """
    definitions = definitions_of(schema).values()
    if "view" in options or "filter" in options:
        return "a view or filter limits it"  # rows enter and leave one without an edit, and a sort disables a view
    if _time_column(schema) is None:
        return "it has no column that tells when a row was modified"
    if computed_columns(schema) and (moved or options.get("computed") == "always"):
        return "its computed columns are due"
    if linked_tables(schema) & {*moved}:
        return "a table that it links to moved"  # a row deleted there leaves the links here
    if any(_tells_of_other_rows(definition, table_id) for definition in definitions):
        return "an edit of one row may change another one"
    return ""


def _time_column(schema: pa.Schema) -> Definition | None:
    """Return the first column that tells when a row was modified."""
    definitions = definitions_of(schema).values()
    return next((each for each in definitions if each.get("type") == FieldType.MODIFIED_TIME), None)


def _tells_of_other_rows(definition: Definition, table_id: str) -> bool:
    """Say whether a column may show what stands in other rows of its own table, as far as its definition tells.

    One that changes with the day does, too: read anew in edited rows alone, it would be a mix of days.
    """
    kind = definition.get("type")
    if kind == FieldType.DUPLEX_LINK:
        return linked_table(definition) in (table_id, None)
    if kind == FieldType.LOOKUP:
        target = lookup_target(definition)
        return target is None or target[0] == table_id or bool(RELATIVE.search(canonical_json(property_of(definition))))
    if kind == FieldType.FORMULA:
        expression = str(property_of(definition).get("formula_expression") or "")
        return bool(OTHER_ROWS.search(expression) or VOLATILE.search(expression))
    return False


# In an expression, `$table[…].$field[…]` is a cell of the same row; a `$column[…]`, or a table by itself, is many rows.
OTHER_ROWS = re.compile(r"\$column\[|CurrentValue|\$table\[[^\]]*\](?!\.\$field\[)")
VOLATILE = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN|RANDOMBETWEEN|RANDOMITEM)\s*\(", re.IGNORECASE)
# Days in the filter of a lookup that are other ones tomorrow.
RELATIVE = re.compile(rb'"(?:Today|Tomorrow|Yesterday|(?:Current|Last|TheLast|TheNext)(?:Week|Month))"')


# --- the rows that were edited last ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Newest:
    """The rows of a table that were edited last, as they are now.

    Parameters
    ----------
    rows : pyarrow.Table
        In the raw form, the newest first; those at the end were not edited since.
    edited : int
        Those that are new, or differ from what is kept.
    """

    rows: pa.Table
    edited: int


def read_newest(
    client: LarkClient, path: str, chosen: Chosen, info: TableInfo, known: Known, *,
    proven: int, lag: int, page_size: int,
) -> Newest:  # fmt: skip
    """Read the rows of a table that were edited since its last proven read.

    Parameters
    ----------
    path : str
        Of a search.
    chosen : Chosen
        What is read of the table.
    info : TableInfo
        The table as its field list says now.
    proven : int
        When the revision had stood still after that read, by the server's clock in epoch milliseconds.
    lag : int
        By how many milliseconds what is read may be older than that.

    Raises
    ------
    Torn
        They do not prove to be all that changed.
    """
    column = _time_column(info.schema)
    if column is None or not info.schema.equals(known.schema(info.table_id), check_metadata=True):
        raise Torn("its columns are defined otherwise now")
    kept = _kept(known, info.table_id, [RECORD_ID, MODIFIED, *HASHES, column["field_id"]])
    _agreeing(kept, column)
    since = _since(kept, proven, lag, page_size)
    newest, total = _until(_pages(client, path, chosen, column, page_size), info, column, kept, since)
    _prove(newest, total, kept)
    if since > proven - MARGIN:
        oldest = next(_pages(client, path, chosen, column, page_size, desc=False))
        _meet(_rows(oldest, info), newest, column, kept, since)
    return newest


def _kept(known: Known, table_id: str, columns: Sequence[str]) -> pa.Table:
    try:
        return pa.concat_tables(known.row_groups(table_id, columns)).combine_chunks()
    except OSError as error:
        raise Torn(f"what is kept of it cannot be read: {error}") from error


def _since(kept: pa.Table, proven: int, lag: int, page_size: int) -> int:
    """Return until when no edit can have been missed; Torn where more than half of the rows are younger than that.

    A table that was filled shortly before it was read lies within the margin: then it is the lag alone (see `_meet`).
    """
    times = _times(kept, MODIFIED)
    for margin in (max(MARGIN, lag), lag):
        if (times > proven - margin).sum() <= max(page_size, len(times) // 2):
            return proven - margin
    raise Torn("most rows were modified too shortly before their last read")


def _pages(
    client: LarkClient, path: str, chosen: Chosen, column: Definition, size: int, *, desc: bool = True
) -> Iterator[Mapping[str, Any]]:
    """Yield the pages of a sorted search; none is asked for before it is wanted, as it may be the last one."""
    body = {**chosen.body(), "sort": [{"field_name": column["field_name"], "desc": desc}]}
    params: Mapping[str, Any] = {"user_id_type": "open_id", "page_size": size}
    listing = Listing(endpoint_of(API), size)
    while True:
        try:
            page = client.call("POST", path, api=API, params=params, json=body).data
        except LarkError as error:
            if _is_final(error):
                raise
            raise Torn(f"the sorted search was refused: {error.brief()}") from error
        yield {**page, "items": [*map(chosen.of_record, page.get("items") or [])]}
        if not page.get("has_more"):
            return
        if trouble := listing.trouble(page):
            raise Torn(f"its pages have no end: {trouble}")
        params = {**params, "page_token": page["page_token"]}


def _is_final(error: LarkError) -> bool:
    """Say whether a search without a sort would fail as well."""
    return error.code is None or stops_everything(error) or isinstance(error, (LoginRequired, AccessDenied, NotFound))


def _until(
    pages: Iterable[Mapping[str, Any]], info: TableInfo, column: Definition, kept: pa.Table, since: int
) -> tuple[Newest, int]:
    """Return the rows down to the first page that ends with one that was not edited since, and how many there are."""
    parts: list[pa.Table] = []
    totals: set[int] = set()
    edited = 0
    for page in pages:
        parts.append(_rows(page, info))
        totals.add(int(page.get("total") or 0))
        _check_order(pa.concat_tables(parts[-2:]), column)
        is_edited = _edited(parts[-1], kept, since)
        edited += int(is_edited.sum())
        if not len(is_edited) or (not is_edited[-1] and _times(parts[-1], MODIFIED)[-1] <= since):
            break
        if sum(map(len, parts)) > MOST:
            raise Torn(f"more than {MOST} rows were edited")
    rows = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    if len(pc.unique(rows.column(RECORD_ID))) != rows.num_rows or len(totals) != 1:
        raise Torn(f"{rows.num_rows} rows, total {sorted(totals)}")
    return Newest(rows, edited), totals.pop()


def _rows(page: Mapping[str, Any], info: TableInfo) -> pa.Table:
    records = page["items"]
    if unknown := unknown_names(info.schema, records):
        raise Torn(f"unknown column {sorted(unknown)[0]!r}: renamed meanwhile?")
    return to_arrow(info.schema, records)


def _check_order(rows: pa.Table, column: Definition, *, desc: bool = True) -> None:
    """Raise Torn unless the rows came in the order that was asked for, by the time at which each was modified."""
    _agreeing(rows, column)
    steps = np.diff(_times(rows, column["field_id"]))
    if ((steps > 0) if desc else (steps < 0)).any():
        raise Torn("the rows are not sorted")


def _agreeing(rows: pa.Table, column: Definition) -> None:
    """Raise Torn where the column does not tell the time of each row: it may watch some other columns alone.

    Rows without a time, as those may be that were never edited, come last: nobody sees that one came or went.
    """
    if rows.column(MODIFIED).null_count or rows.column(column["field_id"]).null_count:
        raise Torn("not every row tells when it was modified")
    apart = np.abs(_times(rows, column["field_id"]) - _times(rows, MODIFIED))
    if (apart >= GRAIN).any():
        raise Torn(f"column {column['field_name']!r} does not tell when its rows were modified")


def _times(rows: pa.Table, name: str) -> Times:
    """Return a column of times."""
    times: Times = rows.column(name).cast(pa.int64()).to_numpy()
    return times


# --- the proof ------------------------------------------------------------------------------------------------------


def _edited(rows: pa.Table, kept: pa.Table, since: int) -> Flags:
    """Say which rows are new or differ from the kept ones; Torn where one differs for which there is no reason."""
    places = pc.index_in(rows.column(RECORD_ID), value_set=kept.column(RECORD_ID).combine_chunks())
    is_known = places.is_valid().to_numpy()
    now, then = rows.filter(pa.array(is_known)), kept.take(places.drop_null())
    times, before = _times(now, MODIFIED), _times(then, MODIFIED)
    differs = np.zeros(now.num_rows, dtype=bool)
    for name in HASHES:
        differs |= now.column(name).to_numpy() != then.column(name).to_numpy()
    if (differs & (times == before) & (times <= since)).any():
        raise Torn("a row differs, and its modify time stands still")
    found: Flags = ~is_known
    found[is_known] = differs | (times != before)
    return found


def _meet(oldest: pa.Table, newest: Newest, column: Definition, kept: pa.Table, since: int) -> None:
    """Raise Torn unless the oldest rows are as they are kept, up to the second with which the newest ones end.

    All rows between them were modified within that second: no edit by a clock that is behind can hide there.
    """
    _check_order(oldest, column, desc=False)
    is_seen = pc.is_in(oldest.column(RECORD_ID), value_set=newest.rows.column(RECORD_ID).combine_chunks()).to_numpy()
    if (_edited(oldest, kept, since) & ~is_seen).any():
        raise Torn("a row was edited by a clock that is behind")
    if not len(is_seen) or _times(oldest, MODIFIED)[-1] + GRAIN < _times(newest.rows, MODIFIED)[-1]:
        raise Torn("most rows were modified too shortly before their last read")


def _prove(newest: Newest, total: int, kept: pa.Table) -> None:
    """Raise Torn unless the newest rows and those that are kept are all rows of the table."""
    if not newest.edited:
        raise Torn("its revision moved, and no row tells why")
    is_seen = pc.is_in(kept.column(RECORD_ID), value_set=newest.rows.column(RECORD_ID).combine_chunks())
    unseen = _times(kept, MODIFIED)[~is_seen.to_numpy()]
    if (unseen > _times(newest.rows, MODIFIED)[-1] + GRAIN).any():
        raise Torn("a row is gone from where it was")
    if newest.rows.num_rows + len(unseen) != total:
        raise Torn(f"{newest.rows.num_rows + len(unseen)} rows are kept or new, total {total}")


# --- the new state --------------------------------------------------------------------------------------------------


def merged(info: TableInfo, known: Known, newest: Newest) -> Iterator[Batch]:
    """Yield all rows of a table: the kept ones in their order, edited ones in their places, and then the new ones.

    Raises
    ------
    Torn
        What is kept cannot be read.
    """
    total, is_first = 0, True
    ids = newest.rows.column(RECORD_ID).combine_chunks()
    came = np.ones(len(ids), dtype=bool)
    groups = known.row_groups(info.table_id)
    while (group := _next(groups)) is not None:
        places = pc.index_in(group.column(RECORD_ID), value_set=ids).combine_chunks()
        came[places.drop_null().to_numpy()] = False
        rows = _replaced(group.cast(info.schema), newest, places)
        total += rows.num_rows
        yield Batch(info, rows, total=total, fresh=is_first)
        is_first = False
    new = newest.rows.filter(pa.array(came))
    new = new.take(pa.array(np.argsort(new.column(CREATED).cast(pa.int64()).fill_null(0).to_numpy(), kind="stable")))
    yield Batch(info, new, total=total + new.num_rows, fresh=is_first)


def _next(groups: Iterator[pa.Table]) -> pa.Table | None:
    try:
        return next(groups, None)
    except OSError as error:
        raise Torn(f"what is kept of it cannot be read: {error}") from error


def _replaced(group: pa.Table, newest: Newest, places: pa.Array) -> pa.Table:
    """Return rows that are kept with the newest ones in their places."""
    at = np.flatnonzero(places.is_valid())
    if not len(at):
        return group
    order = np.arange(group.num_rows)
    order[at] = group.num_rows + places.drop_null().to_numpy()
    return pa.concat_tables([group, newest.rows]).unify_dictionaries().combine_chunks().take(pa.array(order))
