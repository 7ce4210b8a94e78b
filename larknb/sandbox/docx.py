"""Document endpoints: info, blocks in pages, single blocks, children, and the plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .blocks import TEXT_KEYS
from .documents import OLDEST, Docx, Item, plain_text
from .export import to_markdown
from .guard import id_kind
from .paging import offset_of, token_of
from .wire import Answer, CodeError, Endpoint, Request, success

if TYPE_CHECKING:
    from .box import Sandbox

WRONG_PARAMETER, NOT_FOUND, DELETED, TOO_OLD, WRONG_TOKEN = 1770001, 1770002, 1770003, 1770021, 1770022
FORBIDDEN, TOO_LONG = 1770032, 1770033
CONTENT_FORBIDDEN, CONTENT_WRONG, CONTENT_DELETED, CONTENT_NOT_FOUND = 2889902, 2889904, 2889906, 2889914
CONTENT_TOO_LARGE = 2889925

PAGE = 500  # blocks of a page, by default and at most
SHORTEST_ID = 22
MOST_CHARACTERS = 10_485_760


def find_document(box: Sandbox, request: Request) -> Docx:
    """Document of the path, if the caller may read it. A wiki node's token is the id of no document."""
    document_id = request.params["document_id"]
    if len(document_id) < SHORTEST_ID:
        raise CodeError(WRONG_PARAMETER)
    document = box.tenant.document(document_id)
    if not isinstance(document, Docx):
        raise CodeError(DELETED if document_id in box.tenant.deleted else NOT_FOUND)
    if not document.may_read(_identity(request)):
        raise CodeError(FORBIDDEN)
    return document


def _identity(request: Request) -> str:
    assert request.caller is not None
    return request.caller.identity


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
    if not document.may_edit(_identity(request)):
        raise CodeError(FORBIDDEN)
    if asked < latest - OLDEST:
        raise CodeError(TOO_OLD)
    return asked


def get_document(box: Sandbox, request: Request) -> Answer:
    """Title, latest revision and how the document is displayed."""
    document = find_document(box, request)
    facts = {"document_id": document.document_id, "revision_id": document.revision_id, "title": document.title}
    return success({"document": document.facts | facts})


def list_blocks(box: Sandbox, request: Request) -> Answer:
    """One page of all blocks, each before its children."""
    document = find_document(box, request)
    items = document.version(_revision(request, document))
    return _page(box, request, items, document.document_id)


def get_block(box: Sandbox, request: Request) -> Answer:
    """One block."""
    document = find_document(box, request)
    item = _block(request, document)
    return success({"block": _served(box, request, [item])[0]}, msg="")


def list_children(box: Sandbox, request: Request) -> Answer:
    """One page of a block's children, or of itself and all below it."""
    document = find_document(box, request)
    item, deep = _block(request, document), request.flag("with_descendants")
    if deep:
        items = document.descendants(item["block_id"])
    else:
        items = [child for one in item.get("children") or [] if (child := document.block(one))]
    return _page(box, request, items, f"{document.document_id} {item['block_id']} {deep}")


def _block(request: Request, document: Docx) -> Item:
    item = document.block(request.params["block_id"])
    if item is None:
        raise CodeError(NOT_FOUND)
    return item


def _page(box: Sandbox, request: Request, items: list[Item], scope: str) -> Answer:
    size, start = _page_size(request), offset_of(scope, _token(box, request), WRONG_TOKEN)
    data: dict[str, Any] = {"has_more": start + size < len(items)}
    if data["has_more"] or box.token_on_last_page:
        data["page_token"] = token_of(scope, start + size)
    return success({**data, "items": _served(box, request, items[start : start + size])})


def _page_size(request: Request) -> int:
    text = request.query.get("page_size") or str(PAGE)
    if not text.isdecimal() or int(text) == 0:
        raise CodeError(WRONG_PARAMETER)
    return min(int(text), PAGE)


def _token(box: Sandbox, request: Request) -> str | None:
    token = request.query.get("page_token")
    if token and box.tokens_work_once:
        if token in box.spent_tokens:
            raise CodeError(WRONG_TOKEN)
        box.spent_tokens.add(token)
    return token


def _served(box: Sandbox, request: Request, items: list[Item]) -> list[Item]:
    """Blocks with the ids of persons in the kind that was asked for."""
    kind = id_kind(box, request, request.query.get("user_id_type", "open_id"))
    return items if kind == "open_id" else _with_ids(box, items, kind)


def _with_ids(box: Sandbox, value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return [_with_ids(box, one, kind) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_ids(box, part, kind) for key, part in value.items()}
    for key in ("user_id", "create_user_id"):
        user = box.tenant.find_user(str(changed.get(key)))
        if user:
            changed[key] = user.id_of(kind)
    return changed


# Text ----------------------------------------------------------------------------------------------------------------


def get_raw_content(box: Sandbox, request: Request) -> Answer:
    """Plain text: a line for the title and for each block that holds text, empty ones too."""
    document, lang = find_document(box, request), request.query.get("lang", "0")
    if lang not in ("0", "1", "2"):
        raise CodeError(WRONG_PARAMETER)

    def name_of(open_id: str) -> str:
        user = box.tenant.find_user(open_id)
        return (user.en_name if lang == "1" else user.name) if user else open_id

    lines = [plain_text(item, name_of) for item in document.blocks if item.get("block_type") in TEXT_KEYS]
    content = "".join(f"{line}\n" for line in lines)
    if len(content) > (box.max_response_bytes or MOST_CHARACTERS):
        raise CodeError(TOO_LONG)
    return success({"content": content})


def get_content(box: Sandbox, request: Request) -> Answer:
    """Document as the platform's own Markdown, which lacks pictures, embedded tables and repeated blocks."""
    query = request.query
    token, lang = query.get("doc_token", ""), query.get("lang", "zh")
    kinds = (query.get("doc_type"), query.get("content_type"))
    if kinds != ("docx", "markdown") or lang not in ("zh", "en", "ja") or not SHORTEST_ID <= len(token) <= 27:
        raise CodeError(CONTENT_WRONG)
    document = box.tenant.document(token)
    if not isinstance(document, Docx):
        raise CodeError(CONTENT_DELETED if token in box.tenant.deleted else CONTENT_NOT_FOUND)
    if not document.may_read(_identity(request)):
        raise CodeError(CONTENT_FORBIDDEN)

    def name_of(open_id: str) -> str:
        user = box.tenant.find_user(open_id)
        return (user.name if lang == "zh" else user.en_name) if user else open_id

    content = to_markdown(document, name_of)
    if len(content.encode()) > (box.max_response_bytes or MOST_CHARACTERS):
        raise CodeError(CONTENT_TOO_LARGE)
    return success({"content": content})


SCOPES = ("docx:document:readonly", "docx:document")
PATH, RATE = "/open-apis/docx/v1/documents/{document_id}", ((5, 1),)
BLOCK = f"{PATH}/blocks/{{block_id}}"

ENDPOINTS = (
    Endpoint("document", "GET", PATH, get_document, SCOPES, limits=RATE),
    Endpoint("blocks", "GET", f"{PATH}/blocks", list_blocks, SCOPES, limits=RATE),
    Endpoint("block", "GET", BLOCK, get_block, SCOPES, limits=RATE),
    Endpoint("children", "GET", f"{BLOCK}/children", list_children, SCOPES, limits=RATE),
    Endpoint("raw_content", "GET", f"{PATH}/raw_content", get_raw_content, SCOPES, limits=RATE),
    Endpoint("content", "GET", "/open-apis/docs/v1/content", get_content, ("docs:document.content:read",), limits=RATE),
)
