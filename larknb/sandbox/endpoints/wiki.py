"""Wiki endpoints: which document a node holds, the spaces, one of them, and the nodes of one level."""

from __future__ import annotations

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.wire.paging import offset_of, token_of
from larknb.sandbox.world.wiki import LIBRARY, WikiNode, WikiSpace

OBJ_TYPES = frozenset({"doc", "docx", "sheet", "mindnote", "bitable", "file", "slides", "wiki"})
WRONG_PARAMETER, NOT_FOUND, NO_PERMISSION = 131002, 131005, 131006
PAGE_SIZE, MOST_ITEMS = 20, 50
SELDOM = ("node_type", "origin_node_token", "origin_space_id")  # members that rows have been seen without


def get_node(platform: Platform, request: Request) -> Response:
    """Node of a wiki token, or the node that holds the document of another kind's token."""
    token, kind = request.query.get("token"), request.query.get("obj_type", "wiki")
    if not token or kind not in OBJ_TYPES:
        raise CodeError(WRONG_PARAMETER)
    if kind == "wiki":
        node = platform.tenant.wiki_node(token)
    else:
        document = platform.tenant.document(token)
        node = platform.tenant.node_of(document) if document and document.kind == kind else None
    if node is None:
        raise CodeError(NOT_FOUND, "not found: document is not in wiki" if kind != "wiki" else "not found: node")
    if not _may_see(node, request):
        raise CodeError(NO_PERMISSION, "permission denied: node permission denied")
    return success({"node": {**_node_item(platform, node), "node_creator": node.owner.open_id}})


def list_spaces(platform: Platform, request: Request) -> Response:
    """Spaces that the caller may see, never a personal library."""
    size, start = _page_size(request), offset_of("spaces", request.query.get("page_token"), WRONG_PARAMETER)
    seen = [one for one in platform.tenant.spaces if one.kind != LIBRARY and one.may_read(request.identity)]
    items = [_space_item(one) for one in seen[start : start + size]]
    # Recordings carry a token even where there is no more.
    token = token_of("spaces", start + size)
    return success({"items": items, "has_more": start + size < len(seen), "page_token": token})


def get_space(platform: Platform, request: Request) -> Response:
    """One space; by its word the personal library of a person, which the app itself does not have."""
    assert request.caller is not None
    if request.params["space_id"] == LIBRARY and request.caller.user is None:
        raise CodeError(WRONG_PARAMETER, "param err: my_library needs a user access token")
    return success({"space": _space_item(_space(platform, request))})


def _space_item(space: WikiSpace) -> dict[str, str]:
    return {
        "name": space.name,
        "description": space.description,
        "space_id": space.space_id,
        "space_type": space.kind,
        "visibility": space.visibility,
        "open_sharing": "closed",
    }


def list_nodes(platform: Platform, request: Request) -> Response:
    """Nodes of one level, those alone that the caller may read: pages are cut first, so one may come empty."""
    space, parent = _space(platform, request), request.query.get("parent_node_token", "")
    if parent and space.node(parent) is None:
        raise CodeError(NOT_FOUND, "not found: node")
    scope = f"{space.space_id} {parent}"
    size, start = _page_size(request), _start(scope, request)
    hollow = platform.empty_pages * size  # so many places before the first node hold nothing
    level, end = space.below(parent), start + size
    part = level[max(0, start - hollow) : max(0, end - hollow)]
    shown = [node for node in part if platform.lists_closed or _may_see(node, request)]
    more = end < len(level) + hollow
    token = token_of(scope, end) if more or platform.token_on_last_page else ""
    items = [_node_item(platform, node) for node in shown]
    return success({"items": items, "has_more": more, "page_token": token})


def _start(scope: str, request: Request) -> int:
    try:
        return offset_of(scope, request.query.get("page_token"), WRONG_PARAMETER)
    except CodeError:
        raise CodeError(WRONG_PARAMETER, "param err: invalid page_token") from None


def _space(platform: Platform, request: Request) -> WikiSpace:
    space_id = request.params["space_id"]
    if space_id == LIBRARY:
        space = next((one for one in platform.tenant.spaces if one.kind == LIBRARY), None)
    else:
        space = next((one for one in platform.tenant.spaces if one.space_id == space_id), None)
    if space is None:
        raise CodeError(NOT_FOUND, "not found: space")
    if not space.may_read(request.identity):
        raise CodeError(NO_PERMISSION, "permission denied: wiki space permission denied")
    return space


def _may_see(node: WikiNode, request: Request) -> bool:
    return node.document.may_read(request.identity)


def _page_size(request: Request) -> int:
    text = request.query.get("page_size") or str(PAGE_SIZE)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ITEMS:
        raise CodeError(WRONG_PARAMETER)
    return int(text)


def _node_item(platform: Platform, node: WikiNode) -> dict[str, object]:
    document, edited = node.document, node.document.mtime_at(platform.clock() - platform.mtime_lag)
    origin = platform.tenant.wiki_node(node.origin) or node
    whole: dict[str, object] = {
        "space_id": node.space.space_id,
        "node_token": node.token,
        "obj_token": document.token,
        "obj_type": document.kind,
        "parent_node_token": node.parent,
        "node_type": "shortcut" if node.origin else "origin",
        "origin_node_token": origin.token,
        "origin_space_id": origin.space.space_id,
        "has_child": bool(node.space.below(node.token)),
        "title": node.title,
        "obj_create_time": str(document.created_at),
        "obj_edit_time": str(edited),
        "node_create_time": str(node.created_at),
        "creator": document.owner.open_id,
        "owner": document.owner.open_id,
    }
    if not platform.sparse_nodes:
        return whole
    left = {name: value for name, value in whole.items() if name not in SELDOM or node.origin}
    return left | {"url": f"{platform.url}/wiki/{node.token}"}


ANY_SCOPE = ("wiki:wiki:readonly", "wiki:wiki")
PATH, RATE = "/open-apis/wiki/v2/spaces", ((100, 60),)

ENDPOINTS = (
    Endpoint("get_node", "GET", f"{PATH}/get_node", get_node, ("wiki:node:read", *ANY_SCOPE), limits=RATE),
    Endpoint("nodes", "GET", f"{PATH}/{{space_id}}/nodes", list_nodes, ("wiki:node:retrieve", *ANY_SCOPE), limits=RATE),
    Endpoint("spaces", "GET", PATH, list_spaces, ("wiki:space:retrieve", *ANY_SCOPE), limits=RATE),
    Endpoint("space", "GET", f"{PATH}/{{space_id}}", get_space, ("wiki:space:read", *ANY_SCOPE), limits=RATE),
)
