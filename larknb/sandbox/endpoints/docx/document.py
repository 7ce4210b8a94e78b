"""Info, blocks in pages, single blocks, and children."""

from __future__ import annotations

from typing import Any

from larknb.sandbox.platform.guard import id_kind
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.wire.paging import offset_of, token_of
from larknb.sandbox.world.docx import OLDEST, Docx, Item

WRONG_PARAMETER, NOT_FOUND, DELETED = 1770001, 1770002, 1770003
TOO_OLD, WRONG_TOKEN, FORBIDDEN = 1770021, 1770022, 1770032

PAGE_SIZE = 500  # blocks of a page, by default and at most
SHORTEST_ID = 22


def find_document(platform: Platform, request: Request) -> Docx:
    """Document of the path, if the caller may read it. A wiki node's token is the id of no document."""
    document_id = request.params["document_id"]
    if len(document_id) < SHORTEST_ID:
        raise CodeError(WRONG_PARAMETER)
    document = platform.tenant.document(document_id)
    if not isinstance(document, Docx):
        raise CodeError(DELETED if document_id in platform.tenant.deleted else NOT_FOUND)
    if not document.may_read(request.identity):
        raise CodeError(FORBIDDEN)
    return document


def _revision(request: Request, document: Docx) -> int:
    """Revision asked for: the latest, or an older one if the caller may edit the document."""
    text, latest = request.query.get("document_revision_id", "-1"), document.revision_id
    try:
        asked = int(text)
    except ValueError:
        raise CodeError(WRONG_PARAMETER) from None
    if asked == -1 or asked == latest:
        return latest
    if not 1 <= asked < latest:
        raise CodeError(WRONG_PARAMETER)
    if not document.may_edit(request.identity):
        raise CodeError(FORBIDDEN)
    if asked < latest - OLDEST:
        raise CodeError(TOO_OLD)
    return asked


def get_document(platform: Platform, request: Request) -> Response:
    """Title, latest revision and how the document is displayed."""
    document = find_document(platform, request)
    facts = {"document_id": document.document_id, "revision_id": document.revision_id, "title": document.title}
    return success({"document": document.facts | facts})


def list_blocks(platform: Platform, request: Request) -> Response:
    """One page of all blocks, each before its children."""
    document = find_document(platform, request)
    items = document.version(_revision(request, document))
    return _page(platform, request, items, document.document_id)


def get_block(platform: Platform, request: Request) -> Response:
    """One block."""
    document = find_document(platform, request)
    item = _block(request, document)
    return success({"block": _served(platform, request, [item])[0]}, msg="")


def list_children(platform: Platform, request: Request) -> Response:
    """One page of a block's children, or of itself and all below it."""
    document = find_document(platform, request)
    item, deep = _block(request, document), request.flag("with_descendants")
    if deep:
        items = document.descendants(item["block_id"])
    else:
        items = [child for one in item.get("children") or [] if (child := document.block(one))]
    return _page(platform, request, items, f"{document.document_id} {item['block_id']} {deep}")


def _block(request: Request, document: Docx) -> Item:
    item = document.block(request.params["block_id"])
    if item is None:
        raise CodeError(NOT_FOUND)
    return item


def _page(platform: Platform, request: Request, items: list[Item], scope: str) -> Response:
    size, start = _page_size(request), offset_of(scope, _token(platform, request), WRONG_TOKEN)
    data: dict[str, Any] = {"has_more": start + size < len(items)}
    if data["has_more"] or platform.token_on_last_page:
        data["page_token"] = token_of(scope, start + size)
    return success({**data, "items": _served(platform, request, items[start : start + size])})


def _page_size(request: Request) -> int:
    text = request.query.get("page_size") or str(PAGE_SIZE)
    if not text.isdecimal() or int(text) == 0:
        raise CodeError(WRONG_PARAMETER)
    return min(int(text), PAGE_SIZE)


def _token(platform: Platform, request: Request) -> str | None:
    token = request.query.get("page_token")
    if token and platform.tokens_work_once:
        if token in platform.spent_tokens:
            raise CodeError(WRONG_TOKEN)
        platform.spent_tokens.add(token)
    return token


def _served(platform: Platform, request: Request, items: list[Item]) -> list[Item]:
    """Blocks with the ids of persons in the kind that was asked for."""
    kind = id_kind(platform, request, request.query.get("user_id_type", "open_id"))
    return items if kind == "open_id" else _with_ids(platform, items, kind)


def _with_ids(platform: Platform, value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return [_with_ids(platform, one, kind) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_ids(platform, part, kind) for key, part in value.items()}
    for key in ("user_id", "create_user_id"):
        user = platform.tenant.find_user(str(changed.get(key)))
        if user:
            changed[key] = user.id_of(kind)
    return changed
