"""Documents, spreadsheets, metadata and wikis read by hand, as the tests of several rooms need it."""

from __future__ import annotations

import urllib.parse
from typing import Any

from larknb.sandbox import WikiSpace

from .conftest import ID, TOKEN, Api, data_of

PATH = f"/docx/v1/documents/{ID}"
METAS, SPACES = "/drive/v1/metas/batch_query", "/wiki/v2/spaces"
OLD, NEW = f"/sheets/v2/spreadsheets/{TOKEN}", f"/sheets/v3/spreadsheets/{TOKEN}"


def blocks_of(api: Api, document_id: str = ID, **query: Any) -> list[dict[str, Any]]:
    """Return the blocks of all pages."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        more = {"page_token": page["page_token"]} if "page_token" in page else {}
        page = api.data(f"/docx/v1/documents/{document_id}/blocks", **query, **more)
        items += page["items"]
    return items


def inner(block: dict[str, Any]) -> Any:
    """Return the payload of a block, whatever its key."""
    (key,) = set(block) - {"block_id", "block_type", "parent_id", "children"}
    return block[key]


def value_range(api: Api, text: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.data(f"{OLD}/values/{urllib.parse.quote(text, safe='')}", **query)["valueRange"]
    return answer


def values(api: Api, text: str, **query: str) -> Any:
    return value_range(api, text, **query)["values"]


def doc(token: str, kind: str = "bitable") -> dict[str, str]:
    return {"doc_token": token, "doc_type": kind}


def metas(api: Api, *docs: dict[str, str], **more: Any) -> dict[str, Any]:
    return data_of(api.post(METAS, {"request_docs": list(docs)} | more))


def nodes(api: Api, space: WikiSpace, **query: Any) -> list[dict[str, Any]]:
    """Return the nodes of one level, of all pages."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        more = {"page_token": page["page_token"]} if "page_token" in page else {}
        page = api.data(f"{SPACES}/{space.space_id}/nodes", **query, **more)
        items += page["items"]
    return items
