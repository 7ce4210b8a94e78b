"""Bitable endpoints: base, tables, views, fields, record search and batch_get, and the two deprecated record reads."""

from __future__ import annotations

from collections.abc import Callable

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.exchange import Request, Response

from .layout import get_app, get_record_share, get_view, list_fields, list_tables, list_views
from .old import get_record, list_records
from .search import batch_get, search


def _endpoint(
    name: str, method: str, path: str, work: Callable[[Platform, Request], Response], *scopes: str
) -> Endpoint:
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
    Endpoint(
        "record_share",
        "GET",
        "/open-apis/base/v3/record_share/{share_token}/meta",
        get_record_share,
        ("base:record:read", "bitable:app:readonly", "bitable:app"),
        ("user",),
    ),
)
