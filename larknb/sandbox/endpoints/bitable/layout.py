"""What a base is made of: its facts, its tables, their views and fields."""

from __future__ import annotations

from typing import Any

from larknb.sandbox.platform.guard import id_kind
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.bitable.fields import Field

from .lookup import FORBIDDEN, NOT_EXIST, find_base, find_table, find_view, page_by_id


def get_app(platform: Platform, request: Request) -> Response:
    """Facts about one base."""
    base = find_base(platform, request)
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


def list_tables(platform: Platform, request: Request) -> Response:
    """Tables of a base with their revisions."""
    base, moment = find_base(platform, request), platform.clock() - platform.revision_lag
    shown, more = page_by_id(request, base.tables, lambda table: table.table_id)
    items = [{"table_id": one.table_id, "revision": one.revision_at(moment), "name": one.name} for one in shown]
    return success({**more, "items": items})


def get_record_share(platform: Platform, request: Request) -> Response:
    """Where the record stands that a link shares; codes of failures are our guess."""
    token = request.params["share_token"]
    if token not in platform.tenant.shared_records:
        raise CodeError(NOT_EXIST)
    base, table_id, record_id = platform.tenant.shared_records[token]
    if not base.may_read(request.identity):
        raise CodeError(FORBIDDEN)
    data = {"base_token": base.app_token, "table_id": table_id, "record_id": record_id}
    return success({"record_share_token": token, **data})


def list_views(platform: Platform, request: Request) -> Response:
    """Views of a table."""
    table = find_table(platform, request)
    kind = id_kind(platform, request, request.query.get("user_id_type", "open_id"))
    shown, more = page_by_id(request, list(table.views.values()), lambda view: view.view_id)
    items = []
    for view in shown:
        item = {"view_id": view.view_id, "view_name": view.name, "view_type": view.type}
        item["view_public_level"] = view.public_level
        if view.private_owner:
            owner = platform.tenant.find_user(view.private_owner)
            item["view_private_owner_id"] = owner.id_of(kind) if owner else view.private_owner
        items.append(item)
    return success({**more, "items": items})


def get_view(platform: Platform, request: Request) -> Response:
    """One view with its filter."""
    view = find_view(find_table(platform, request), request.params["view_id"])
    hidden = list(view.hidden_fields) if view.hidden_fields else None
    settings = {"filter_info": view.filter_info, "hidden_fields": hidden, "hierarchy_config": None}
    names = {"view_id": view.view_id, "view_name": view.name, "view_type": view.type}
    return success({"view": names | {"property": settings}})


def list_fields(platform: Platform, request: Request) -> Response:
    """Columns of a table; with a view, those it hides are marked."""
    table, segments = find_table(platform, request), request.flag("text_field_as_array")
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
