"""Wiki endpoints: which document a node holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tenant import SPACE_ID, WikiNode
from .wire import Answer, CodeError, Endpoint, Request, success

if TYPE_CHECKING:
    from .box import Sandbox

KINDS = frozenset({"doc", "docx", "sheet", "mindnote", "bitable", "file", "slides", "wiki"})
WRONG_PARAMETER, NOT_FOUND, NO_PERMISSION = 131002, 131005, 131006


def get_node(box: Sandbox, request: Request) -> Answer:
    """Node of a wiki token, or the node that holds the document of another kind's token."""
    token, kind = request.query.get("token"), request.query.get("obj_type", "wiki")
    if not token or kind not in KINDS:
        raise CodeError(WRONG_PARAMETER)
    if kind == "wiki":
        node = box.tenant.wiki_node(token)
    else:
        document = box.tenant.document(token)
        node = box.tenant.node_of(document) if document and document.kind == kind else None
    if node is None:
        raise CodeError(NOT_FOUND, "not found: document is not in wiki" if kind != "wiki" else "not found: node")
    assert request.caller is not None
    if not node.document.may_read(request.caller.identity):
        raise CodeError(NO_PERMISSION)
    return success({"node": _node_item(box, node)})


def _node_item(box: Sandbox, node: WikiNode) -> dict[str, object]:
    document, edited = node.document, node.document.mtime_at(box.clock() - box.mtime_lag)
    return {
        "space_id": SPACE_ID,
        "node_token": node.token,
        "obj_token": document.token,
        "obj_type": document.kind,
        "parent_node_token": "",
        "node_type": "shortcut" if node.origin else "origin",
        "origin_node_token": node.origin.token if node.origin else node.token,
        "origin_space_id": SPACE_ID,
        "has_child": False,
        "title": node.title,
        "obj_create_time": str(document.created_at),
        "obj_edit_time": str(edited),
        "node_create_time": str(node.created_at),
        "creator": document.owner.open_id,
        "owner": document.owner.open_id,
        "node_creator": node.owner.open_id,
    }


ENDPOINTS = (
    Endpoint(
        "get_node",
        "GET",
        "/open-apis/wiki/v2/spaces/get_node",
        get_node,
        ("wiki:node:read", "wiki:wiki:readonly", "wiki:wiki"),
        limits=((100, 60),),
    ),
)
