"""Document endpoints: info, blocks in pages, single blocks, children, and the text."""

from larknb.sandbox.platform.endpoint import Endpoint

from .document import get_block, get_document, list_blocks, list_children
from .text import get_content, get_raw_content

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
