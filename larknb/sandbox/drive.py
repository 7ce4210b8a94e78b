"""Drive endpoints: the metadata of many documents at once, by which a client sees what was edited."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .accounts import TIER_4
from .guard import id_kind
from .objects import Document
from .wire import Answer, CodeError, Endpoint, Request, bad_parameter, success

if TYPE_CHECKING:
    from .box import Sandbox

KINDS = frozenset({"doc", "sheet", "bitable", "mindnote", "file", "wiki", "docx", "folder", "synced_block", "slides"})
MOST_DOCS = 200
WRONG_KIND, NO_PERMISSION, NOT_FOUND = 970002, 970003, 970005
NO_ECHO = {"doc_token": "", "doc_type": ""}  # the platform's echo is not valid when a token was asked for twice


def batch_query(box: Sandbox, request: Request) -> Answer:
    """Metadata of the documents asked for, in no promised order; what fails is listed apart, under code 0."""
    body = request.body if isinstance(request.body, dict) else {}
    docs = body.get("request_docs")
    if not isinstance(docs, list) or not 1 <= len(docs) <= MOST_DOCS:
        raise bad_parameter("request_docs", "", f"expected 1 to {MOST_DOCS} documents")
    if not all(isinstance(doc, dict) and isinstance(doc.get("doc_token"), str) for doc in docs):
        raise bad_parameter("request_docs", "", "expected doc_token and doc_type in each")
    kind = id_kind(box, request, request.query.get("user_id_type", "open_id"))
    asked, metas, failed = Counter(doc["doc_token"] for doc in docs), [], []
    for doc in docs:
        echo = {"doc_token": doc["doc_token"], "doc_type": doc.get("doc_type")}
        try:
            meta = _meta(box, request, echo, kind, with_url=body.get("with_url") is True)
        except CodeError as error:
            failed.append({"token": doc["doc_token"], "code": error.code})
        else:
            metas.append({**meta, "request_doc_info": echo if asked[doc["doc_token"]] == 1 else NO_ECHO})
    metas.sort(key=lambda meta: str(meta["doc_token"]))  # not the order of the request: nobody may rely on that
    return success({"metas": metas, "failed_list": failed})


def _meta(box: Sandbox, request: Request, doc: dict[str, Any], kind: str, *, with_url: bool) -> dict[str, Any]:
    if doc["doc_type"] not in KINDS:
        raise CodeError(WRONG_KIND)
    document, path = _find(box, doc["doc_token"], doc["doc_type"])
    assert request.caller is not None
    if not document.may_read(request.caller.identity):
        raise CodeError(NO_PERMISSION)
    changed = document.mtime_at(box.clock() - box.mtime_lag)
    meta = {
        "doc_token": document.token,
        "doc_type": document.kind,
        "title": document.name,
        "owner_id": document.owner.id_of(kind),
        "create_time": document.created_at if box.int_times else str(document.created_at),
        "latest_modify_user": document.modifier.id_of(kind),
        "latest_modify_time": changed if box.int_times else str(changed),
    }
    return meta | {"url": f"{box.url}/{path}/{doc['doc_token']}"} if with_url else meta


def _find(box: Sandbox, token: str, kind: str) -> tuple[Document, str]:
    """Document behind a token and the path of its URL; a wiki node stands for the document it holds."""
    if kind == "wiki":
        node = box.tenant.wiki_node(token)
        if node is None:
            raise CodeError(NOT_FOUND)
        return node.document, "wiki"
    document = box.tenant.document(token)
    if document is None or document.kind != kind:
        raise CodeError(NOT_FOUND)
    return document, document.path


ENDPOINTS = (
    Endpoint(
        "metas",
        "POST",
        "/open-apis/drive/v1/metas/batch_query",
        batch_query,
        ("drive:drive.metadata:readonly", "drive:drive"),
        limits=TIER_4,
    ),
)
