"""Drive endpoints: the metadata of many documents at once, by which a client sees what was edited, and folders."""

from __future__ import annotations

from collections import Counter
from typing import Any

from larknb.sandbox.platform.endpoint import TIER_4, Endpoint
from larknb.sandbox.platform.guard import id_kind
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError, bad_parameter
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.wire.paging import offset_of, token_of
from larknb.sandbox.world.document import Document
from larknb.sandbox.world.drive import Folder, Shortcut
from larknb.sandbox.world.ids import derived_number

DOC_TYPES = frozenset(
    {"doc", "sheet", "bitable", "mindnote", "file", "wiki", "docx", "folder", "synced_block", "slides"}
)
MOST_DOCS = 200
WRONG_PARAMETER, NO_FOLDER, FORBIDDEN, DELETED, WRONG_SIZE = 1061002, 1061003, 1061004, 1061007, 1064001
EXPLORER_NOT_FOUND, EXPLORER_FORBIDDEN = 91203, 91204
PAGE_SIZE, MOST_FILES = 100, 200
WRONG_KIND, NO_PERMISSION, NOT_FOUND = 970002, 970003, 970005
NO_ECHO = {"doc_token": "", "doc_type": ""}  # the platform's echo is not valid when a token was asked for twice


def batch_query(platform: Platform, request: Request) -> Response:
    """Metadata of the documents asked for, in no promised order; what fails is listed apart, under code 0."""
    body = request.body if isinstance(request.body, dict) else {}
    docs = body.get("request_docs")
    if not isinstance(docs, list) or not 1 <= len(docs) <= MOST_DOCS:
        raise bad_parameter("request_docs", "", f"expected 1 to {MOST_DOCS} documents")
    if not all(isinstance(doc, dict) and isinstance(doc.get("doc_token"), str) for doc in docs):
        raise bad_parameter("request_docs", "", "expected doc_token and doc_type in each")
    kind = id_kind(platform, request, request.query.get("user_id_type", "open_id"))
    asked, metas, failed = Counter(doc["doc_token"] for doc in docs), [], []
    for doc in docs:
        echo = {"doc_token": doc["doc_token"], "doc_type": doc.get("doc_type")}
        try:
            meta = _meta(platform, request, echo, kind, with_url=body.get("with_url") is True)
        except CodeError as error:
            failed.append({"token": doc["doc_token"], "code": error.code})
        else:
            metas.append({**meta, "request_doc_info": echo if asked[doc["doc_token"]] == 1 else NO_ECHO})
    metas.sort(key=lambda meta: str(meta["doc_token"]))  # not the order of the request: nobody may rely on that
    return success({"metas": metas, "failed_list": failed})


def _meta(platform: Platform, request: Request, doc: dict[str, Any], kind: str, *, with_url: bool) -> dict[str, Any]:
    if doc["doc_type"] not in DOC_TYPES:
        raise CodeError(WRONG_KIND)
    document, path = _find(platform, doc["doc_token"], doc["doc_type"])
    if not document.may_read(request.identity):
        raise CodeError(NO_PERMISSION)
    changed = document.mtime_at(platform.clock() - platform.mtime_lag)
    meta = {
        "doc_token": document.token,
        "doc_type": document.kind,
        "title": document.name,
        "owner_id": document.owner.id_of(kind),
        "create_time": document.created_at if platform.int_times else str(document.created_at),
        "latest_modify_user": document.modifier.id_of(kind),
        "latest_modify_time": changed if platform.int_times else str(changed),
    }
    return meta | {"url": f"{platform.url}/{path}/{doc['doc_token']}"} if with_url else meta


def _find(platform: Platform, token: str, kind: str) -> tuple[Document, str]:
    """Document behind a token and the path of its URL; a wiki node stands for the document it holds."""
    if kind == "wiki":
        node = platform.tenant.wiki_node(token)
        if node is None:
            raise CodeError(NOT_FOUND)
        return node.document, "wiki"
    document = platform.tenant.document(token)
    if document is None or document.kind != kind:
        raise CodeError(NOT_FOUND)
    return document, document.path


# Folders -------------------------------------------------------------------------------------------------------------


def list_files(platform: Platform, request: Request) -> Response:
    """What lies in a folder, one level of it; the root comes whole and without shortcuts."""
    query, token = request.query, request.query.get("folder_token", "")
    kind = id_kind(platform, request, query.get("user_id_type", "open_id"))
    order, direction = query.get("order_by", "EditedTime"), query.get("direction", "DESC")
    size = query.get("page_size") or str(PAGE_SIZE)
    if order not in ("EditedTime", "CreatedTime") or direction not in ("ASC", "DESC") or not size.isdecimal():
        raise CodeError(WRONG_PARAMETER)
    if not 1 <= int(size) <= MOST_FILES:
        raise CodeError(WRONG_SIZE)
    if token:
        parent, entries = token, list(_folder(platform, request, token).items)
    else:
        parent, entries = platform.tenant.root_token, [*platform.tenant.unfiled]
    times = "created_time" if order == "CreatedTime" else "modified_time"
    seen = [entry for entry in entries if platform.lists_closed or _document_of(entry).may_read(request.identity)]
    items = [_file_item(platform, entry, parent, kind) for entry in seen]
    items.sort(key=lambda item: int(item[times]), reverse=direction == "DESC")
    if not token:
        return success({"files": items, "has_more": False})
    start = offset_of(token, query.get("page_token"), WRONG_PARAMETER)
    more = start + int(size) < len(items)
    data = {"files": items[start : start + int(size)], "has_more": more}
    return success(data | ({"next_page_token": token_of(token, start + int(size))} if more else {}))


def _folder(platform: Platform, request: Request, token: str) -> Folder:
    folder = platform.tenant.document(token)
    if not isinstance(folder, Folder):
        raise CodeError(DELETED if token in platform.tenant.deleted else NO_FOLDER)
    if not folder.may_read(request.identity):
        raise CodeError(FORBIDDEN)
    return folder


def _document_of(entry: Document | Shortcut) -> Document:
    return entry.target if isinstance(entry, Shortcut) else entry


def _file_item(platform: Platform, entry: Document | Shortcut, parent: str, kind: str) -> dict[str, Any]:
    document = _document_of(entry)
    item: dict[str, Any] = {
        "token": entry.token,
        "name": entry.name or document.name,
        "type": document.kind,
        "parent_token": parent,
        "url": f"{platform.url}/{document.path}/{document.token}",
        "created_time": str(document.created_at),
        "modified_time": str(document.mtime_at(platform.clock() - platform.mtime_lag)),
        "owner_id": document.owner.id_of(kind),
    }
    if isinstance(entry, Shortcut):
        item["type"] = "shortcut"
        item["shortcut_info"] = {"target_token": document.token, "target_type": document.kind}
    return item


def folder_meta(platform: Platform, request: Request) -> Response:
    """Facts about one folder, in the words of an older time."""
    token = request.params["folder_token"]
    folder = platform.tenant.document(token)
    if not isinstance(folder, Folder):
        raise CodeError(EXPLORER_NOT_FOUND)
    if not folder.may_read(request.identity):
        raise CodeError(EXPLORER_FORBIDDEN)
    owner = folder.owner.lark_id
    people = {"createUid": owner, "editUid": folder.modifier.lark_id, "ownUid": owner}
    facts = {"id": derived_number(19, token), "name": folder.name, "token": token, "parentId": "0"}
    return success(facts | people, msg="Success")


def root_meta(platform: Platform, request: Request) -> Response:
    """Root folder of the caller."""
    assert request.caller is not None
    user, token = request.caller.user or platform.tenant.users[0], platform.tenant.root_token
    return success({"token": token, "id": derived_number(19, token), "user_id": user.lark_id}, msg="Success")


LISTS = ("space:document:retrieve", "drive:drive:readonly", "drive:drive")
EXPLORER = "/open-apis/drive/explorer/v2"

ENDPOINTS = (
    Endpoint(
        "metas",
        "POST",
        "/open-apis/drive/v1/metas/batch_query",
        batch_query,
        ("drive:drive.metadata:readonly", "drive:drive"),
        limits=TIER_4,
    ),
    Endpoint("files", "GET", "/open-apis/drive/v1/files", list_files, LISTS, limits=((20, 1),)),
    Endpoint("folder_meta", "GET", f"{EXPLORER}/folder/{{folder_token}}/meta", folder_meta, LISTS),
    Endpoint("folder_meta", "GET", f"{EXPLORER}/root_folder/meta", root_meta, LISTS),
)
