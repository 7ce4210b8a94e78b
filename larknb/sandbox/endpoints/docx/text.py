"""The text of a whole document: plain, and as the platform's own Markdown."""

from __future__ import annotations

from larknb.sandbox.blocks import TEXT_KEYS
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.docx import Docx, plain_text

from .document import SHORTEST_ID, WRONG_PARAMETER, find_document
from .markdown import to_markdown

TOO_LONG = 1770033
CONTENT_FORBIDDEN, CONTENT_WRONG, CONTENT_DELETED, CONTENT_NOT_FOUND = 2889902, 2889904, 2889906, 2889914
CONTENT_TOO_LARGE = 2889925
MOST_CHARACTERS = 10_485_760


def get_raw_content(platform: Platform, request: Request) -> Response:
    """Plain text: a line for the title and for each block that holds text, empty ones too."""
    document, lang = find_document(platform, request), request.query.get("lang", "0")
    if lang not in ("0", "1", "2"):
        raise CodeError(WRONG_PARAMETER)

    def name_of(open_id: str) -> str:
        user = platform.tenant.find_user(open_id)
        return (user.en_name if lang == "1" else user.name) if user else open_id

    lines = [plain_text(item, name_of) for item in document.blocks if item.get("block_type") in TEXT_KEYS]
    content = "".join(f"{line}\n" for line in lines)
    if len(content) > (platform.max_response_bytes or MOST_CHARACTERS):
        raise CodeError(TOO_LONG)
    return success({"content": content})


def get_content(platform: Platform, request: Request) -> Response:
    """Document as the platform's own Markdown, which lacks pictures, embedded tables and repeated blocks."""
    query = request.query
    token, lang = query.get("doc_token", ""), query.get("lang", "zh")
    kinds = (query.get("doc_type"), query.get("content_type"))
    if kinds != ("docx", "markdown") or lang not in ("zh", "en", "ja") or not SHORTEST_ID <= len(token) <= 27:
        raise CodeError(CONTENT_WRONG)
    document = platform.tenant.document(token)
    if not isinstance(document, Docx):
        raise CodeError(CONTENT_DELETED if token in platform.tenant.deleted else CONTENT_NOT_FOUND)
    if not document.may_read(request.identity):
        raise CodeError(CONTENT_FORBIDDEN)

    def name_of(open_id: str) -> str:
        user = platform.tenant.find_user(open_id)
        return (user.name if lang == "zh" else user.en_name) if user else open_id

    content = to_markdown(document, name_of)
    if len(content.encode()) > (platform.max_response_bytes or MOST_CHARACTERS):
        raise CodeError(CONTENT_TOO_LARGE)
    return success({"content": content})
