"""Bitable endpoints: base, tables, views, fields, record search and batch_get, and the two deprecated record reads."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from . import cells
from .base import Base
from .cells import Shape
from .filters import WRONG_FILTER, WRONG_SORT, Question, compile_filter, compile_sort, is_empty, view_test
from .guard import id_kind, sees_avatars
from .objects import derived_id
from .paging import offset_of, token_of
from .tables import Field, Row, State, Table, View, options_of
from .wire import Answer, CodeError, Endpoint, Request, bad_parameter, success

if TYPE_CHECKING:
    from .box import Sandbox

T = TypeVar("T")
Serve = Callable[[Row], Any]

WRONG_JSON, WRONG_BODY, FAIL, NO_PAGE = 1254000, 1254001, 1254002, 1254011
WRONG_BASE, WRONG_TABLE, WRONG_VIEW, WRONG_RECORD = 1254003, 1254004, 1254005, 1254006
NO_BASE, NO_TABLE, NO_VIEW, NO_RECORD = 1254040, 1254041, 1254042, 1254043
WRONG_NAMES, TOO_LARGE = 1254024, 1254030
NOT_EXIST, FORBIDDEN, NO_PERMISSION = 91402, 91403, 1254302

PAGE = 20  # rows or items of a page whose size is not asked for
MOST_ITEMS, MOST_RECORDS, MOST_IDS, MOST_NAMES = 100, 500, 100, 200


# What the path names -------------------------------------------------------------------------------------------------


def find_base(box: Sandbox, request: Request) -> Base:
    """Base of the path, if the caller may read it. A wiki node's token is the token of no document."""
    app_token = request.params["app_token"]
    if not app_token.isascii() or not app_token.replace("_", "").isalnum() or len(app_token) > 100:
        raise CodeError(WRONG_BASE)
    base = box.tenant.document(app_token)
    if not isinstance(base, Base):
        raise CodeError(NOT_EXIST if box.tenant.wiki_node(app_token) else NO_BASE)
    if not base.may_read(_identity(request)):
        raise CodeError(FORBIDDEN)
    return base


def find_table(box: Sandbox, request: Request) -> Table:
    """Table of the path."""
    base, table_id = find_base(box, request), request.params["table_id"]
    if not table_id.startswith("tbl"):
        raise CodeError(WRONG_TABLE)
    table = next((one for one in base.tables if one.table_id == table_id), None)
    if table is None:
        raise CodeError(NO_TABLE)
    return table


def find_view(table: Table, view_id: object) -> View:
    """View of this id."""
    if not str(view_id).startswith("vew"):
        raise CodeError(WRONG_VIEW)
    view = table.views.get(str(view_id))
    if view is None:
        raise CodeError(NO_VIEW)
    return view


def seen_state(box: Sandbox, table: Table) -> State:
    """Fields and rows as a record read sees them: late by the replica's lag."""
    return table.state_at(box.clock() - box.replica_lag)


def hides_rows(box: Sandbox, table: Table, request: Request) -> bool:
    """Whether advanced permissions keep the rows from this caller."""
    return table.base.is_advanced and _identity(request) not in box.roles


def _identity(request: Request) -> str:
    assert request.caller is not None
    return request.caller.identity


# Pages ---------------------------------------------------------------------------------------------------------------


def page_size(request: Request, most: int) -> int:
    """Wanted page size, within the documented bounds."""
    text = request.query.get("page_size") or str(PAGE)
    try:
        size = int(text)
    except ValueError:
        raise bad_parameter("page_size", text, "expected an integer") from None
    if size <= 0:
        raise CodeError(NO_PAGE)
    if size > most:
        raise bad_parameter("page_size", text, f"must not exceed {most}")
    return size


def page_by_id(
    request: Request, items: Sequence[T], id_of: Callable[[T], str], most: int = MOST_ITEMS
) -> tuple[list[T], dict[str, Any]]:
    """Items of one page and the rest of the answer. The token is the last id, and is there even on the last page."""
    size, after, start = page_size(request, most), request.query.get("page_token"), 0
    if after:
        start = next((place for place, item in enumerate(items, 1) if id_of(item) == after), -1)
    if start < 0:
        raise CodeError(FAIL)
    shown = list(items[start : start + size])
    more: dict[str, Any] = {"has_more": start + size < len(items), "total": len(items)}
    if shown:
        more["page_token"] = id_of(shown[-1])
    return shown, more


# Records as they are served ------------------------------------------------------------------------------------------


class Service:
    """Makes the records of an answer: the cells asked for, in the shape asked for."""

    def __init__(self, box: Sandbox, table: Table, state: State, shape: Shape, *, automatic: bool = False) -> None:
        self._box = box
        self._table = table
        self._shape = shape
        self._automatic = automatic
        self._columns = [(key, column.name, self._special(column)) for key, column in state.fields.items()]

    def only(self, names: Sequence[str]) -> None:
        """Serve these columns alone."""
        self._columns = [column for column in self._columns if column[1] in names]

    def record(self, row: Row) -> dict[str, Any]:
        """Record object of one row; empty cells have no key."""
        fields = {}
        kept = row.cells
        for key, name, special in self._columns:
            if special is not None:
                value = special(row)
                if value is not None:
                    fields[name] = value
            elif key in kept:
                fields[name] = kept[key]
        fields.update(row.strays)
        record: dict[str, Any] = {"record_id": row.record_id, "fields": fields}
        if self._automatic:
            record["created_time"] = row.created_time
            record["last_modified_time"] = row.modified_time
            record["created_by"] = self._people(row.created_by)
            record["last_modified_by"] = self._people(row.modified_by)
        return record

    def _people(self, value: Any) -> Any:
        if self._shape.people_as_stored:
            return value
        return cells.people_in(value, self._shape, self._box.tenant.find_user)

    def _special(self, column: Field) -> Serve | None:
        """How to serve a column whose cells do not go out as they are kept; ``None`` for the others."""
        change = self._change(column)
        if change is None and column.type not in cells.DERIVED:
            return None

        def serve(row: Row) -> Any:
            value = self._table.value(row, column)
            if value is None or change is None or isinstance(value, cells.Raw):
                return value
            return change(value)

        return serve

    def _change(self, column: Field) -> Callable[[Any], Any] | None:
        if column.type == cells.ATTACHMENT:
            return lambda value: [self._attachment(one) for one in value]
        if self._shape.old:
            return self._old(column)
        if self._shape.people_as_stored:
            return None
        if column.type in cells.PEOPLE:
            return self._people
        return self._computed_people if column.type in cells.COMPUTED else None

    def _computed_people(self, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") in cells.PEOPLE:
            return {**value, "value": self._people(value.get("value"))}
        return value

    def _attachment(self, file: Mapping[str, Any]) -> dict[str, Any]:
        extra = {"bitablePerm": {"tableId": self._table.table_id, "rev": self._table.revision}}
        quoted = urllib.parse.quote(orjson.dumps(extra), safe="")
        medias, token = f"{self._box.url}/open-apis/drive/v1/medias", file.get("file_token", "")
        return {
            **file,
            "url": f"{medias}/{token}/download?extra={quoted}",
            "tmp_url": f"{medias}/batch_get_tmp_download_url?file_tokens={token}&extra={quoted}",
        }

    def _old(self, column: Field) -> Callable[[Any], Any] | None:
        zone, shape = self._table.base.zone, self._shape
        if column.type == cells.TEXT:
            return None if shape.segments else cells.text_of
        if column.type == cells.NUMBER:
            return cells.number_text
        if column.type == cells.PERSON:
            return self._people
        if column.type in (cells.CREATED_USER, cells.MODIFIED_USER):
            return lambda value: self._people(value[0] if isinstance(value, list) else value)
        if column.type in cells.LINKS:
            table_id = str((column.property or {}).get("table_id", ""))
            return lambda value: cells.old_links(value, table_id, lambda ids: self._titles(table_id, ids))
        if column.type in cells.COMPUTED:
            plain = shape.referenced
            return lambda value: cells.old_computed(value, zone, self._option_id, referenced=plain)
        return None

    def _titles(self, table_id: str, ids: Any) -> list[str]:
        linked = next((one for one in self._table.base.tables if one.table_id == table_id), None)
        return linked.titles(ids) if linked else []

    def _option_id(self, name: str) -> str:
        columns = [column for table in self._table.base.tables for column in table.fields]
        ids = {option["name"]: option["id"] for column in columns for option in options_of(column)}
        return str(ids.get(name, name))


def shape_of(box: Sandbox, request: Request, kind: object, **old: bool) -> Shape:
    """Shape that this caller gets."""
    return Shape(id_kind(box, request, kind), sees_avatars(box, request), **old)


# Endpoints -----------------------------------------------------------------------------------------------------------


def get_app(box: Sandbox, request: Request) -> Answer:
    """Facts about one base."""
    base = find_base(box, request)
    return success(
        {
            "app": {
                "app_token": base.app_token,
                "name": base.name,
                "revision": base.revision,
                "is_advanced": base.is_advanced,
                "time_zone": base.time_zone,
                "formula_type": base.formula_type,
                "advance_version": base.advance_version,
            }
        }
    )


def list_tables(box: Sandbox, request: Request) -> Answer:
    """Tables of a base with their revisions."""
    base, moment = find_base(box, request), box.clock() - box.revision_lag
    shown, more = page_by_id(request, base.tables, lambda table: table.table_id)
    items = [{"table_id": one.table_id, "revision": one.revision_at(moment), "name": one.name} for one in shown]
    return success({**more, "items": items})


def list_views(box: Sandbox, request: Request) -> Answer:
    """Views of a table."""
    table = find_table(box, request)
    kind = id_kind(box, request, request.query.get("user_id_type", "open_id"))
    shown, more = page_by_id(request, list(table.views.values()), lambda view: view.view_id)
    items = []
    for view in shown:
        item = {"view_id": view.view_id, "view_name": view.name, "view_type": view.type}
        item["view_public_level"] = view.public_level
        if view.private_owner:
            owner = box.tenant.find_user(view.private_owner)
            item["view_private_owner_id"] = owner.id_of(kind) if owner else view.private_owner
        items.append(item)
    return success({**more, "items": items})


def get_view(box: Sandbox, request: Request) -> Answer:
    """One view with its filter."""
    view = find_view(find_table(box, request), request.params["view_id"])
    hidden = list(view.hidden_fields) if view.hidden_fields else None
    settings = {"filter_info": view.filter_info, "hidden_fields": hidden, "hierarchy_config": None}
    names = {"view_id": view.view_id, "view_name": view.name, "view_type": view.type}
    return success({"view": names | {"property": settings}})


def list_fields(box: Sandbox, request: Request) -> Answer:
    """Columns of a table; with a view, those it hides are marked."""
    table, segments = find_table(box, request), request.flag("text_field_as_array")
    view = find_view(table, request.query["view_id"]) if request.query.get("view_id") else None
    shown, more = page_by_id(request, table.fields, lambda column: column.field_id)
    hidden = view.hidden_fields or () if view else ()
    return success({**more, "items": [_field_item(one, one.field_id in hidden, segments) for one in shown]})


def _field_item(column: Field, hidden: bool, segments: bool) -> dict[str, Any]:
    item: dict[str, Any] = {
        "field_id": column.field_id,
        "field_name": column.name,
        "type": column.type,
        "ui_type": column.ui_type,
        "property": column.property,
        "is_primary": column.is_primary,
    }
    if column.is_hidden is not None:
        item["is_hidden"] = hidden or column.is_hidden
    if column.description is not None:
        item["description"] = [{"text": column.description, "type": "text"}] if segments else column.description
    return item


def search(box: Sandbox, request: Request) -> Answer:
    """One page of the records that a filter, a view or nothing selects."""
    table, body = find_table(box, request), _body(request)
    kind = request.query.get("user_id_type", "open_id")
    shape, size = shape_of(box, request, kind), page_size(request, MOST_RECORDS)
    state = seen_state(box, table)
    names = _checked_names(state, body.get("field_names"))
    automatic = body.get("automatic_fields") or False
    if not isinstance(automatic, bool):
        raise CodeError(WRONG_BODY)
    select, question = _selection(box, table, state, body, kind)
    offset = offset_of(table.table_id, request.query.get("page_token"), FAIL)
    if hides_rows(box, table, request):
        return success({"has_more": False, "total": 0, "items": []})

    asked = orjson.dumps([body.get(part) for part in ("filter", "sort", "view_id")])
    selected = (asked, question.today, kind)
    rows = state.selection(selected, select)

    def make() -> bytes:
        service = Service(box, table, state, shape, automatic=automatic)
        if names:
            service.only(names)
        return _record_page(table, rows, offset, size, service).content

    content = state.page((selected, tuple(names), automatic, shape, offset, size), make)
    if box.max_response_bytes is not None and len(content) > box.max_response_bytes:
        raise CodeError(TOO_LARGE)
    return Answer(200, content, code=0)


def _body(request: Request) -> dict[str, Any]:
    body = request.body
    if body is None:
        raise CodeError(WRONG_JSON)
    if not isinstance(body, dict):
        raise CodeError(WRONG_BODY)
    return body


def _checked_names(state: State, names: object) -> list[str]:
    if not names:
        return []
    if not isinstance(names, list) or len(names) > MOST_NAMES:
        raise CodeError(WRONG_NAMES)
    if not all(isinstance(name, str) and state.named(name) for name in names):
        raise CodeError(WRONG_NAMES)
    return names


def _selection(
    box: Sandbox, table: Table, state: State, body: Mapping[str, Any], kind: str
) -> tuple[Callable[[], list[Row]], Question]:
    """How to find the rows of a query. A view counts only where there is neither a filter nor a sort."""

    def open_id(given: str) -> str:
        user = box.tenant.find_user(given)
        return user.open_id if user and user.id_of(kind) == given else given

    question = Question(table, state, box.clock(), open_id)
    has_filter, sort = not is_empty(body.get("filter")), body.get("sort")
    tests = [compile_filter(body["filter"], question)] if has_filter else []
    order = compile_sort(sort, question) if sort else list
    if body.get("view_id") and not has_filter and not sort:
        tests = _view_tests(find_view(table, body["view_id"]), question)
    return lambda: order([row for row in state.rows.values() if all(test(row) for test in tests)]), question


def _view_tests(view: View, question: Question) -> list[Callable[[Row], bool]]:
    if view.record_ids is not None:
        listed = set(view.record_ids)
        return [lambda row: row.record_id in listed]
    return [view_test(view.filter_info, question)] if view.filter_info else []


def _record_page(table: Table, rows: Sequence[Row], offset: int, size: int, service: Service) -> Answer:
    more = offset + size < len(rows)
    data: dict[str, Any] = {"has_more": more, "total": len(rows)}
    data["items"] = [service.record(row) for row in rows[offset : offset + size]]
    if more:
        data["page_token"] = token_of(table.table_id, offset + size)
    return success(data)


def batch_get(box: Sandbox, request: Request) -> Answer:
    """Records by id, in the order of the table; what is gone and what is hidden is listed apart."""
    table, body = find_table(box, request), _body(request)
    wanted = _wanted_ids(body.get("record_ids"))
    shape = shape_of(box, request, body.get("user_id_type", "open_id"))
    state = seen_state(box, table)
    present = [row for key in wanted if (row := state.rows.get(key))]
    absent = [key for key in wanted if key not in state.rows]
    data: dict[str, Any] = {"records": [], "forbidden_record_ids": [], "absent_record_ids": absent}
    if hides_rows(box, table, request):
        data["forbidden_record_ids"] = [row.record_id for row in present]
        return success(data)
    service = Service(box, table, state, shape, automatic=bool(body.get("automatic_fields")))
    for row in sorted(present, key=lambda row: row.serial):
        record = service.record(row)
        if body.get("with_shared_url"):
            record["shared_url"] = _record_url(box, row)
        data["records"].append(record)
    return success(data)


def _wanted_ids(ids: object) -> list[str]:
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_IDS or not all(isinstance(one, str) for one in ids):
        raise CodeError(WRONG_BODY)
    return list(dict.fromkeys(ids))


def _record_url(box: Sandbox, row: Row) -> str:
    return f"{box.url}/record/{derived_id('', 27, row.record_id)}"


def list_records(box: Sandbox, request: Request) -> Answer:
    """One page of records in the old shapes. Its formula filter and its sort are not played: they are refused."""
    table, query = find_table(box, request), request.query
    if query.get("filter"):
        raise CodeError(WRONG_FILTER)
    if query.get("sort"):
        raise CodeError(WRONG_SORT)
    state = seen_state(box, table)
    names = _old_names(state, query.get("field_names"))
    service, tests = _old_service(box, table, state, request), []
    if names:
        service.only(names)
    if query.get("view_id"):
        tests = _view_tests(find_view(table, query["view_id"]), Question(table, state, box.clock()))
    rows = [row for row in state.rows.values() if all(test(row) for test in tests)]
    if hides_rows(box, table, request):
        rows = []
    shown, more = page_by_id(request, rows, lambda row: row.record_id, MOST_RECORDS)
    if not more["has_more"]:
        more.pop("page_token", None)
    return success({**more, "items": [{"id": row.record_id, **service.record(row)} for row in shown]})


def _old_names(state: State, names: str | None) -> list[str]:
    if not names:
        return []
    try:
        wanted = orjson.loads(names)
    except orjson.JSONDecodeError:
        raise CodeError(WRONG_NAMES) from None
    return _checked_names(state, wanted)


def _old_service(box: Sandbox, table: Table, state: State, request: Request) -> Service:
    segments, referenced = request.flag("text_field_as_array"), request.flag("display_formula_ref")
    kind = request.query.get("user_id_type", "open_id")
    shape = shape_of(box, request, kind, old=True, segments=segments, referenced=referenced)
    return Service(box, table, state, shape, automatic=request.flag("automatic_fields"))


def get_record(box: Sandbox, request: Request) -> Answer:
    """One record in the old shapes."""
    table, record_id = find_table(box, request), request.params["record_id"]
    if not record_id.startswith("rec"):
        raise CodeError(WRONG_RECORD)
    state = seen_state(box, table)
    service, row = _old_service(box, table, state, request), state.rows.get(record_id)
    if row is None:
        raise CodeError(NO_RECORD)
    if hides_rows(box, table, request):
        raise CodeError(NO_PERMISSION)
    record = service.record(row)
    if request.flag("with_shared_url"):
        record["record_url"] = _record_url(box, row)
    return success({"record": record})


def _endpoint(name: str, method: str, path: str, work: Callable[[Sandbox, Request], Answer], *scopes: str) -> Endpoint:
    full = f"/open-apis/bitable/v1/apps/{{app_token}}{path}"
    return Endpoint(name, method, full, work, (*scopes, "bitable:app:readonly", "bitable:app"), limits=((20, 1),))


ENDPOINTS = (
    _endpoint("app", "GET", "", get_app, "base:app:read"),
    _endpoint("tables", "GET", "/tables", list_tables, "base:table:read"),
    _endpoint("views", "GET", "/tables/{table_id}/views", list_views, "base:view:read"),
    _endpoint("view", "GET", "/tables/{table_id}/views/{view_id}", get_view, "base:view:read"),
    _endpoint("fields", "GET", "/tables/{table_id}/fields", list_fields, "base:field:read"),
    _endpoint("search", "POST", "/tables/{table_id}/records/search", search, "base:record:retrieve"),
    _endpoint("batch_get", "POST", "/tables/{table_id}/records/batch_get", batch_get, "base:record:read"),
    _endpoint("records", "GET", "/tables/{table_id}/records", list_records),
    _endpoint("record", "GET", "/tables/{table_id}/records/{record_id}", get_record),
)
