"""The open points of the platform's documentation that read-only requests can settle, by kind of source.

Each is a question with yes or no; its evidence are statuses, codes, counts and types, never what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, Protocol
from urllib.parse import quote

import pyarrow as pa

from larknb.readers.base import Known
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import RECORD_ID, FieldType, definitions_of, raw_schema
from larknb.wire.reply import Reply

__all__ = ["NEWEST", "OF_A_SOURCE", "OF_THE_PLATFORM", "Asking", "Question", "Requests", "Verdict"]

Verdict = Literal["yes", "no", "unclear"]
Found = tuple[bool | None, str]  # whether it is so, None where that stays open; and the evidence

NEWEST, ANY = 100, 500  # rows that are compared with the cached ones: those edited last, and some in no order
MADE_UP = "eyJ.larknb.probe"  # a token that nobody has


class Requests(Protocol):
    """What sends a request as the identity that reads the source."""

    def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, bearer: str | None = None
    ) -> Reply:
        """Return the answer to one request below ``/open-apis/``, or to a whole address."""


class Asking:
    """One source that is asked about, and what several questions need of it."""

    def __init__(
        self, requests: Requests, token: str = "", *, node: str = "", accounts: str = "", app: str = "",
        kept: Known | None = None,
    ) -> None:  # fmt: skip
        self.requests, self.token, self.node, self.accounts, self.app = requests, token, node, accounts, app
        self.kept = kept

    def get(self, path: str) -> Reply:
        """Return the answer to a GET."""
        return self.requests("GET", path)

    def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Return the answer to a POST that reads."""
        return self.requests("POST", path, body)

    @cached_property
    def tables(self) -> list[Mapping[str, Any]]:
        """The tables of a base."""
        return _items(self.get(f"bitable/v1/apps/{self.token}/tables?page_size=100"))

    @property
    def table(self) -> str:
        """The path of its first table."""
        return f"bitable/v1/apps/{self.token}/tables/{self.tables[0]['table_id']}"

    @cached_property
    def rows(self) -> list[Mapping[str, Any]]:
        """Some rows of it, with the times of each."""
        return _items(self.post(f"{self.table}/records/search?page_size=50", {"automatic_fields": True}))

    @property
    def known(self) -> Known:
        """The source as it was last synced."""
        if self.kept is None:
            raise LookupError("it was never synced")
        return self.kept

    @cached_property
    def newest(self) -> Newest:
        """The rows edited last of the first table that tells of each row when that was."""
        kept = self.known
        table_id, column = next((each, name) for each in kept.tables for name in _time_columns(kept.schema(each)))
        table = f"bitable/v1/apps/{self.token}/tables/{table_id}"
        body = {"automatic_fields": True, "sort": [{"field_name": column, "desc": True}]}
        rows = _items(self.post(f"{table}/records/search?page_size={NEWEST}", body))
        others = _items(self.post(f"{table}/records/search?page_size={ANY}", {"automatic_fields": True}))
        return Newest(table_id, column, rows, others, _items(self.get(f"{table}/fields?page_size=100")))

    @cached_property
    def layout(self) -> Mapping[str, Any]:
        """The layout of a spreadsheet."""
        return self.get(f"sheets/v2/spreadsheets/{self.token}/metainfo").data

    @property
    def sheet(self) -> Mapping[str, Any]:
        """Its first worksheet that is a grid."""
        return next(each for each in self.layout["sheets"] if not each.get("blockInfo"))

    def values(self, area: str, query: str = "") -> Reply:
        """Return the cells of an area of the first worksheet."""
        place = quote(f"{self.sheet['sheetId']}!{area}", safe="")
        return self.get(f"sheets/v2/spreadsheets/{self.token}/values/{place}{query}")


@dataclass(frozen=True)
class Newest:
    """The rows of a table that were edited last, by the column that tells it, some others, and its field list."""

    table_id: str
    column: str
    rows: list[Mapping[str, Any]]
    others: list[Mapping[str, Any]]
    fields: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Question:
    """One open point: what holds if the answer is yes, and how it is asked."""

    name: str
    ask: Callable[[Asking], Found]


def _items(reply: Reply) -> list[Mapping[str, Any]]:
    return [item for item in reply.data.get("items") or () if isinstance(item, Mapping)]


def _seen(*replies: Reply) -> str:
    """Return the statuses and codes of answers."""
    return "; ".join(f"HTTP {reply.status}, code {reply.code}" for reply in replies)


def _refusal(reply: Reply, *codes: int) -> Found:
    """Say whether an answer refuses with one of these codes; whichever it is, it is the evidence."""
    return (reply.code in codes if reply.code else None), _seen(reply)


def _share(values: Iterable[bool]) -> Found:
    """Say whether something holds of all that was looked at; nothing looked at says nothing."""
    found = [*values]
    return (all(found) if found else None), f"{sum(found)} of {len(found)}"


# --- the platform itself --------------------------------------------------------------------------------------------


def _made_up_token(asking: Asking) -> Found:
    reply = asking.requests("GET", "authen/v1/user_info", bearer=MADE_UP)
    return (reply.status == 200 if reply.code else None), _seen(reply)


def _wrong_secret(asking: Asking) -> Found:
    body = {"app_id": asking.app, "app_secret": "larknb-probe"}
    return _refusal(asking.requests("POST", "auth/v3/tenant_access_token/internal", body, bearer=""), 10015)


def _third_token_endpoint(asking: Asking) -> Found:
    body = {"grant_type": "refresh_token", "client_id": asking.app, "client_secret": "x", "refresh_token": MADE_UP}
    reply = asking.requests("POST", f"{asking.accounts}/oauth/v3/token", body, bearer="")
    is_there = bool(reply.body and reply.body.get("error")) or None
    return (False if reply.status == 404 else is_there), _seen(reply)


OF_THE_PLATFORM = (
    Question("auth/made_up_user_token_is_http_200", _made_up_token),
    Question("auth/wrong_app_secret_is_10015", _wrong_secret),
    Question("auth/token_endpoint_v3_is_there", _third_token_endpoint),
)

# --- a base ---------------------------------------------------------------------------------------------------------


def _still(asking: Asking) -> Found:
    again = _items(asking.get(f"bitable/v1/apps/{asking.token}/tables?page_size=100"))
    return _share(one.get("revision") == two.get("revision") for one, two in zip(asking.tables, again, strict=False))


def _paging(asking: Asking) -> Found:
    first = asking.post(f"{asking.table}/records/search?page_size=1", {})
    if not first.data.get("has_more"):
        return None, f"{len(_items(first))} row(s)"
    token = quote(str(first.data.get("page_token")), safe="")
    second = asking.post(f"{asking.table}/records/search?page_size=1&page_token={token}", {})
    ids = [item.get("record_id") for item in (*_items(first), *_items(second))]
    return len(ids) == len({*ids}), f"{len({*ids})} of {len(ids)} ids differ"


def _untouched(asking: Asking) -> Found:
    known = [row for row in asking.rows if row.get("created_time")]
    times = [bool(row.get("last_modified_time")) for row in known]
    return _share(times)


def _empty_left_out(asking: Asking) -> Found:
    fields = len(_items(asking.get(f"{asking.table}/fields?page_size=100")))
    sizes = [len(row.get("fields") or {}) for row in asking.rows]
    return (
        min(sizes) < fields if sizes and fields else None
    ), f"{min(sizes, default=0)} to {max(sizes, default=0)} of {fields}"


def _rare_types(asking: Asking) -> Found:
    types = sorted({field.get("type") for field in _items(asking.get(f"{asking.table}/fields?page_size=100"))}, key=str)
    return (True if {24, 3001} & {*types} else None), f"types {types}"


def _new_base_api(asking: Asking) -> Found:
    reply = asking.get(f"base/v3/bases/{asking.token}/tables")
    return (reply.code == 0 if reply.code is not None else None), _seen(reply)


def _base_stamp(asking: Asking) -> Found:
    body = {"request_docs": [{"doc_token": asking.token, "doc_type": "bitable"}]}
    metas = asking.post("drive/v1/metas/batch_query", body).data.get("metas") or []
    edited = [int(row["last_modified_time"]) // 1000 for row in asking.rows if row.get("last_modified_time")]
    if not metas or not edited:
        return None, "nothing to compare"
    ahead = int(metas[0].get("latest_modify_time") or 0) - max(edited)
    return ahead >= -60, f"{ahead} s after the newest row seen"


def _time_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns that tell when a row was modified."""
    definitions = definitions_of(schema).values()
    return [each["field_name"] for each in definitions if each.get("type") == FieldType.MODIFIED_TIME]


def _sorted(asking: Asking) -> Found:
    times = [row["fields"].get(asking.newest.column) or 0 for row in asking.newest.rows]
    return _share(now >= then for now, then in pairwise(times))


def _own_time(asking: Asking) -> Found:
    newest = asking.newest
    return _share(abs(row["fields"].get(newest.column, 0) - row["last_modified_time"]) < 1000 for row in newest.rows)


# Types of fields whose cells change by an edit alone, as far as is known: no person, file or result is among them.
STORED = frozenset({1, 2, 3, 4, 5, 7, 13, 15, 22})


def _edits_move_times(asking: Asking) -> Found:
    """A5: compare rows with the cached ones; where other cells came, so must another time have."""
    newest, kept = asking.newest, asking.known
    before = kept.schema(newest.table_id)
    now = raw_schema(newest.table_id, "", newest.fields, time_zone="")
    if definitions_of(now) != definitions_of(before):
        return None, "its columns are defined otherwise now"
    names = [name for name, each in definitions_of(before).items() if each.get("type") in STORED]
    time = "_last_modified_time"
    cached = pa.concat_tables(kept.row_groups(newest.table_id, [RECORD_ID, time, *names])).to_pylist()
    then = {row[RECORD_ID]: row for row in cached}
    seen = {row["record_id"]: row for row in [*newest.others, *newest.rows]}
    rows = to_arrow(now, [*seen.values()]).select([RECORD_ID, time, *names]).to_pylist()
    pairs = [(row, then[row[RECORD_ID]]) for row in rows if row[RECORD_ID] in then]
    moved = [new[time] != old[time] for new, old in pairs if any(new[name] != old[name] for name in names)]
    holds, share = _share(moved)
    return holds, f"{share} rows that differ from the cache ({len(pairs)} compared)"


BITABLE = (
    Question("bitable/page_size_501_is_refused", lambda asking: _refusal(
        asking.post(f"{asking.table}/records/search?page_size=501", {}), 99992402, 1254011, 1254000)),
    Question("bitable/unknown_table_is_1254041", lambda asking: _refusal(
        asking.get(f"bitable/v1/apps/{asking.token}/tables/tblLarknbProbe001/fields"), 1254041)),
    Question("bitable/revision_stands_still_while_nobody_edits", _still),
    Question("bitable/pages_share_no_row", _paging),
    Question("bitable/every_row_has_a_last_modified_time", _untouched),
    Question("bitable/empty_cells_are_left_out", _empty_left_out),
    Question("bitable/has_stage_or_button_fields", _rare_types),
    Question("bitable/base_v3_is_open_to_this_app", _new_base_api),
    Question("bitable/modify_time_follows_edited_rows", _base_stamp),
    Question("bitable/search_sorts_by_modified_time", _sorted),
    Question("bitable/modified_time_column_is_the_time_of_the_row", _own_time),
    Question("bitable/every_stored_edit_moves_the_modify_time", _edits_move_times),
)  # fmt: skip

# --- a spreadsheet --------------------------------------------------------------------------------------------------


def _grid(reply: Reply) -> list[list[Any]]:
    area = reply.data.get("valueRange")
    rows = area.get("values") if isinstance(area, Mapping) else None
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _outside(asking: Asking) -> Found:
    last = int(asking.sheet["rowCount"]) + 10
    reply = asking.values(f"A1:B{last}")
    return (reply.code == 0 if reply.code is not None else None), f"{_seen(reply)}, {len(_grid(reply))} of {last} rows"


def _rectangle(asking: Asking) -> Found:
    widths = {len(row) for row in _grid(asking.values("A1:E9"))}
    return (widths == {5} if widths else None), f"widths {sorted(widths)}"


def _merged(asking: Asking) -> Found:
    merges = [merge for merge in asking.sheet.get("merges") or () if merge.get("rowCount", 1) > 1][:1]
    if not merges:
        return None, "no merged cells"
    row, column = int(merges[0]["startRowIndex"]), int(merges[0]["startColumnIndex"])
    if column > 25:
        return None, "too far to the right"
    name = chr(65 + column)
    below = _grid(asking.values(f"{name}{row + 2}:{name}{row + 2}"))
    return (below in ([], [[None]], [[]])), f"{len(below)} row(s)"


def _both_options(asking: Asking) -> Found:
    options = "?valueRenderOption=UnformattedValue&dateTimeRenderOption=FormattedString"
    reply = asking.values("A1:E9", options)
    types = sorted({type(cell).__name__ for row in _grid(reply) for cell in row})
    return (reply.code == 0 if reply.code is not None else None), f"{_seen(reply)}, types {types}"


def _one_revision(asking: Asking) -> Found:
    properties = asking.layout.get("properties") or {}
    seen = asking.values("A1:A1").data.get("revision")
    return (seen == properties.get("revision") if seen is not None else None), "compared once"


def _hidden(asking: Asking) -> Found:
    sheets = asking.get(f"sheets/v3/spreadsheets/{asking.token}/sheets/query").data.get("sheets") or []
    hidden = [sheet for sheet in sheets if sheet.get("hidden")]
    if not hidden:
        return None, "no hidden worksheet"
    place = quote(f"{hidden[0]['sheet_id']}!A1:B2", safe="")
    reply = asking.get(f"sheets/v2/spreadsheets/{asking.token}/values/{place}")
    return reply.code == 0, _seen(reply)


def _values_v3(asking: Asking) -> Found:
    sheet = asking.sheet["sheetId"]
    body = {"ranges": [f"{sheet}!A1:B2"]}
    reply = asking.post(f"sheets/v3/spreadsheets/{asking.token}/sheets/{sheet}/values/batch_get", body)
    return (reply.code == 0 if reply.code is not None else False), _seen(reply)


SPREADSHEET = (
    Question("sheets/range_beyond_the_grid_is_cut", _outside),
    Question("sheets/values_are_padded_to_the_rectangle", _rectangle),
    Question("sheets/merged_cells_but_the_first_are_empty", _merged),
    Question("sheets/unformatted_value_goes_with_formatted_string", _both_options),
    Question("sheets/values_have_the_revision_of_the_layout", _one_revision),
    Question("sheets/hidden_worksheets_can_be_read", _hidden),
    Question("sheets/values_v3_are_open_to_this_app", _values_v3),
    Question("sheets/unknown_worksheet_is_90215", lambda asking: _refusal(
        asking.get(f"sheets/v2/spreadsheets/{asking.token}/values/{quote('zzzzzz!A1:A1', safe='')}"), 90215)),
)  # fmt: skip

# --- a document, a wiki page ----------------------------------------------------------------------------------------


def _last_page(asking: Asking) -> Found:
    reply = asking.get(f"docx/v1/documents/{asking.token}/blocks?page_size=500")
    if reply.data.get("has_more") is not False:
        return None, "more than one page"
    return bool(reply.data.get("page_token")), f"{len(_items(reply))} blocks"


def _newest(asking: Asking) -> Found:
    reply = asking.get(f"docx/v1/documents/{asking.token}/blocks?page_size=10&document_revision_id=-1")
    return (reply.code == 0 if reply.code is not None else None), _seen(reply)


def _node_by_token(asking: Asking) -> Found:
    reply = asking.get(f"wiki/v2/spaces/node_by_token?token={asking.node}")
    return (False if reply.status == 404 or reply.code == 99991201 else reply.code == 0), _seen(reply)


def _node_times(asking: Asking) -> Found:
    node = asking.get(f"wiki/v2/spaces/get_node?token={asking.node}").data.get("node") or {}
    kind = {"sheet": "sheet", "bitable": "bitable"}.get(str(node.get("obj_type")), "docx")
    body = {"request_docs": [{"doc_token": asking.token, "doc_type": kind}]}
    metas = asking.post("drive/v1/metas/batch_query", body).data.get("metas") or []
    if not metas:
        return None, "no modify time"
    return str(node.get("obj_edit_time")) == str(metas[0].get("latest_modify_time")), "compared once"


DOCUMENT = (
    Question("docx/last_page_has_a_page_token", _last_page),
    Question("docx/revision_minus_1_is_taken", _newest),
    Question("docx/unknown_document_is_1770002", lambda asking: _refusal(
        asking.get("docx/v1/documents/LarknbProbe000000000000001"), 1770002)),
)  # fmt: skip
WIKI = (
    Question("wiki/node_by_token_is_there", _node_by_token),
    Question("wiki/edit_time_is_the_time_of_the_gate", _node_times),
)
OF_A_SOURCE: Mapping[str, tuple[Question, ...]] = {
    "bitable": BITABLE, "spreadsheet": SPREADSHEET, "document": DOCUMENT, "wiki": WIKI,
}  # fmt: skip
