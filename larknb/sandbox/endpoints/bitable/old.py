"""The two deprecated reads of records, which answer in shapes of their own."""

from __future__ import annotations

import orjson

from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.bitable.rows import TableState

from .filters import WRONG_FILTER, WRONG_SORT, Question, view_tests
from .lookup import (
    MOST_RECORDS,
    WRONG_NAMES,
    checked_names,
    find_table,
    find_view,
    hides_rows,
    page_by_id,
    seen_state,
)
from .records import RecordMaker, record_url, shape_of

WRONG_RECORD, NO_RECORD, NO_PERMISSION = 1254006, 1254043, 1254302


def list_records(platform: Platform, request: Request) -> Response:
    """One page of records in the old shapes. Its formula filter and its sort are not played: they are refused."""
    table, query = find_table(platform, request), request.query
    if query.get("filter"):
        raise CodeError(WRONG_FILTER)
    if query.get("sort"):
        raise CodeError(WRONG_SORT)
    state = seen_state(platform, table)
    names = _old_names(state, query.get("field_names"))
    maker, tests = _old_maker(platform, table, state, request), []
    if names:
        maker.only(names)
    if query.get("view_id"):
        tests = view_tests(find_view(table, query["view_id"]), Question(table, state, platform.clock()))
    rows = [row for row in state.rows.values() if all(test(row) for test in tests)]
    if hides_rows(platform, table, request):
        rows = []
    shown, more = page_by_id(request, rows, lambda row: row.record_id, MOST_RECORDS)
    if not more["has_more"]:
        more.pop("page_token", None)
    return success({**more, "items": [{"id": row.record_id, **maker.record(row)} for row in shown]})


def _old_names(state: TableState, names: str | None) -> list[str]:
    if not names:
        return []
    try:
        wanted = orjson.loads(names)
    except orjson.JSONDecodeError:
        raise CodeError(WRONG_NAMES) from None
    return checked_names(state, wanted)


def _old_maker(platform: Platform, table: Table, state: TableState, request: Request) -> RecordMaker:
    segments, referenced = request.flag("text_field_as_array"), request.flag("display_formula_ref")
    kind = request.query.get("user_id_type", "open_id")
    shape = shape_of(platform, request, kind, old=True, segments=segments, referenced=referenced)
    return RecordMaker(platform, table, state, shape, automatic=request.flag("automatic_fields"))


def get_record(platform: Platform, request: Request) -> Response:
    """One record in the old shapes."""
    table, record_id = find_table(platform, request), request.params["record_id"]
    if not record_id.startswith("rec"):
        raise CodeError(WRONG_RECORD)
    state = seen_state(platform, table)
    maker, row = _old_maker(platform, table, state, request), state.rows.get(record_id)
    if row is None:
        raise CodeError(NO_RECORD)
    if hides_rows(platform, table, request):
        raise CodeError(NO_PERMISSION)
    record = maker.record(row)
    if request.flag("with_shared_url"):
        record["record_url"] = record_url(platform, row)
    return success({"record": record})
