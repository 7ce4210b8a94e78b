"""Record search and batch_get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.wire.paging import offset_of, token_of
from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.bitable.rows import Row, TableState

from .filters import Question, compile_filter, compile_sort, is_empty, view_tests
from .lookup import FAIL, MOST_RECORDS, checked_names, find_table, find_view, hides_rows, page_size, seen_state
from .records import RecordMaker, record_url, shape_of

WRONG_JSON, WRONG_BODY, TOO_LARGE = 1254000, 1254001, 1254030
MOST_IDS = 100


def search(platform: Platform, request: Request) -> Response:
    """One page of the records that a filter, a view or nothing selects."""
    table, body = find_table(platform, request), _body(request)
    kind = request.query.get("user_id_type", "open_id")
    shape, size = shape_of(platform, request, kind), page_size(request, MOST_RECORDS)
    state = seen_state(platform, table)
    names = checked_names(state, body.get("field_names"))
    automatic = body.get("automatic_fields") or False
    if not isinstance(automatic, bool):
        raise CodeError(WRONG_BODY)
    select, question = _selection(platform, table, state, body, kind)
    offset = offset_of(table.table_id, request.query.get("page_token"), FAIL)
    if hides_rows(platform, table, request):
        return success({"has_more": False, "total": 0, "items": []})

    asked = orjson.dumps([body.get(part) for part in ("filter", "sort", "view_id")])
    selected = (asked, question.today, kind)
    rows = state.selection(selected, select)

    def make() -> bytes:
        maker = RecordMaker(platform, table, state, shape, automatic=automatic)
        if names:
            maker.only(names)
        return _record_page(table, rows, offset, size, maker).content

    more = orjson.dumps(platform.more_members)
    content = state.page((selected, tuple(names), automatic, shape, offset, size, more), make)
    if platform.max_response_bytes is not None and len(content) > platform.max_response_bytes:
        raise CodeError(TOO_LARGE)
    return Response(200, content, code=0)


def _body(request: Request) -> dict[str, Any]:
    body = request.body
    if body is None:
        raise CodeError(WRONG_JSON)
    if not isinstance(body, dict):
        raise CodeError(WRONG_BODY)
    return body


def _selection(
    platform: Platform, table: Table, state: TableState, body: Mapping[str, Any], kind: str
) -> tuple[Callable[[], list[Row]], Question]:
    """How to find the rows of a query. A view counts only where there is neither a filter nor a sort."""

    def open_id(given: str) -> str:
        user = platform.tenant.find_user(given)
        return user.open_id if user and user.id_of(kind) == given else given

    question = Question(table, state, platform.clock(), open_id)
    has_filter, sort = not is_empty(body.get("filter")), body.get("sort")
    tests = [compile_filter(body["filter"], question)] if has_filter else []
    order = compile_sort(sort, question) if sort else list
    if body.get("view_id") and not has_filter and not sort:
        tests = view_tests(find_view(table, body["view_id"]), question)
    return lambda: order([row for row in state.rows.values() if all(test(row) for test in tests)]), question


def _record_page(table: Table, rows: Sequence[Row], offset: int, size: int, maker: RecordMaker) -> Response:
    more = offset + size < len(rows)
    data: dict[str, Any] = {"has_more": more, "total": len(rows)}
    data["items"] = [maker.record(row) for row in rows[offset : offset + size]]
    if more:
        data["page_token"] = token_of(table.table_id, offset + size)
    return success(data)


def batch_get(platform: Platform, request: Request) -> Response:
    """Records by id, in the order of the table; what is gone and what is hidden is listed apart."""
    table, body = find_table(platform, request), _body(request)
    wanted = _wanted_ids(body.get("record_ids"))
    shape = shape_of(platform, request, body.get("user_id_type", "open_id"))
    state = seen_state(platform, table)
    present = [row for key in wanted if (row := state.rows.get(key))]
    absent = [key for key in wanted if key not in state.rows]
    data: dict[str, Any] = {"records": [], "forbidden_record_ids": [], "absent_record_ids": absent}
    if hides_rows(platform, table, request):
        data["forbidden_record_ids"] = [row.record_id for row in present]
        return success(data)
    maker = RecordMaker(platform, table, state, shape, automatic=bool(body.get("automatic_fields")))
    for row in sorted(present, key=lambda row: row.serial):
        record = maker.record(row)
        if body.get("with_shared_url"):
            record["shared_url"] = record_url(platform, row)
        data["records"].append(record)
    return success(data)


def _wanted_ids(ids: object) -> list[str]:
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_IDS or not all(isinstance(one, str) for one in ids):
        raise CodeError(WRONG_BODY)
    return list(dict.fromkeys(ids))
