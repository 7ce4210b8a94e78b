"""What a request names: base, table, view, columns, and the page of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError, bad_parameter
from larknb.sandbox.wire.exchange import Request
from larknb.sandbox.world.bitable.base import Base, Table
from larknb.sandbox.world.bitable.fields import View
from larknb.sandbox.world.bitable.rows import TableState

T = TypeVar("T")

FAIL, NO_PAGE = 1254002, 1254011
WRONG_BASE, WRONG_TABLE, WRONG_VIEW, WRONG_NAMES = 1254003, 1254004, 1254005, 1254024
NO_BASE, NO_TABLE, NO_VIEW = 1254040, 1254041, 1254042
NOT_EXIST, FORBIDDEN = 91402, 91403

PAGE_SIZE = 20  # rows or items of a page whose size is not asked for
MOST_ITEMS, MOST_RECORDS, MOST_NAMES = 100, 500, 200


def find_base(platform: Platform, request: Request) -> Base:
    """Base of the path, if the caller may read it. A wiki node's token is the token of no document."""
    app_token = request.params["app_token"]
    if not app_token.isascii() or not app_token.replace("_", "").isalnum() or len(app_token) > 100:
        raise CodeError(WRONG_BASE)
    base = platform.tenant.document(app_token)
    if not isinstance(base, Base):
        raise CodeError(NOT_EXIST if platform.tenant.wiki_node(app_token) else NO_BASE)
    if not base.may_read(request.identity):
        raise CodeError(FORBIDDEN)
    return base


def find_table(platform: Platform, request: Request) -> Table:
    """Table of the path."""
    base, table_id = find_base(platform, request), request.params["table_id"]
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


def seen_state(platform: Platform, table: Table) -> TableState:
    """Fields and rows as a record read sees them: late by the replica's lag."""
    return table.state_at(platform.clock() - platform.replica_lag)


def hides_rows(platform: Platform, table: Table, request: Request) -> bool:
    """Whether advanced permissions keep the rows from this caller."""
    return table.base.is_advanced and request.identity not in platform.roles


def checked_names(state: TableState, names: object) -> list[str]:
    """Names of columns, each of which some column bears."""
    if not names:
        return []
    if not isinstance(names, list) or len(names) > MOST_NAMES:
        raise CodeError(WRONG_NAMES)
    if not all(isinstance(name, str) and state.named(name) for name in names):
        raise CodeError(WRONG_NAMES)
    return names


# Pages ---------------------------------------------------------------------------------------------------------------


def page_size(request: Request, most: int) -> int:
    """Wanted page size, within the documented bounds."""
    text = request.query.get("page_size") or str(PAGE_SIZE)
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
