"""Nodes, spaces, and the nodes of one level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from larknb.sandbox import Base, Sandbox, WikiSpace
from larknb.sandbox.blocks import text

from ..conftest import Api, outcome
from ..reading import SPACES, nodes

NODE = "/wiki/v2/spaces/get_node"


def test_get_node(recorded: Callable[[str], Any], api: Api, base: Base, box: Sandbox) -> None:
    """A node has exactly the keys of the documented answer."""
    token = box.tenant.add_wiki_node(base, node_token="WkNodeOfTheTests00000000001")
    node = api.data(NODE, token=token)["node"]
    assert node["node_token"] == "WkNodeOfTheTests00000000001"
    assert (node["obj_token"], node["obj_type"], node["node_type"]) == (base.app_token, "bitable", "origin")
    assert (node["title"], node["has_child"], node["obj_edit_time"]) == ("缺陷管理", False, str(base.mtime))
    assert set(node) == set(recorded("bitable/wiki_get_node.bitable.json")["data"]["node"])


def test_a_shortcut_names_the_target_and_the_original_node(api: Api, base: Base, box: Sandbox) -> None:
    """obj_token and obj_type are those of the target."""
    origin = box.tenant.add_wiki_node(base)
    node = api.data(NODE, token=box.tenant.add_wiki_node(base, shortcut=True))["node"]
    assert (node["node_type"], node["origin_node_token"], node["obj_token"]) == ("shortcut", origin, base.app_token)


def test_which_node_holds_a_document(api: Api, base: Base, box: Sandbox) -> None:
    """With the token of a document and its type the node is found, unless the document is in no wiki."""
    answer = api.get(NODE, token=base.app_token, obj_type="bitable")
    assert outcome(answer) == (400, 131005)
    assert "not in wiki" in answer.json()["msg"]
    node = box.tenant.add_wiki_node(base)
    assert api.data(NODE, token=base.app_token, obj_type="bitable")["node"]["node_token"] == node


def test_nodes_that_are_not_there(api: Api, base: Base, box: Sandbox) -> None:
    """Missing parameter, unknown node and no permission come with HTTP 400."""
    node = box.tenant.add_wiki_node(base)
    assert outcome(api.get(NODE)) == (400, 131002)
    assert outcome(api.get(NODE, token=node, obj_type="poem")) == (400, 131002)
    assert outcome(api.get(NODE, token="NoSuch")) == (400, 131005)
    base.readers = {"ou_other"}
    assert outcome(api.get(NODE, token=node)) == (400, 131006)
    box.tenant.remove(base)
    assert outcome(api.get(NODE, token=node)) == (400, 131005)


def test_the_list_of_spaces(recorded: Callable[[str], Any], api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Keys as recorded, a token even on the last page, never a personal library or a space that is closed to one."""
    box.tenant.add_wiki_space("我的", kind="my_library")
    box.tenant.add_wiki_space("别人的").readers = set()
    box.tenant.add_wiki_space("第二个")
    expected = recorded("docx/recorded.wiki_spaces_list.json")["data"]
    answer = api.data(SPACES)
    assert [item["name"] for item in answer["items"]] == ["指引库", "第二个"]
    assert set(answer["items"][0]) == set(expected["items"][0])
    assert (set(answer), answer["has_more"]) == (set(expected), False)
    assert answer["page_token"]
    first = api.data(SPACES, page_size=1)
    assert first["has_more"]
    assert api.data(SPACES, page_size=1, page_token=first["page_token"])["items"][0]["name"] == "第二个"
    for query in ({"page_size": 51}, {"page_size": 0}, {"page_token": "x"}):
        assert outcome(api.get(SPACES, **query)) == (400, 131002)


def test_nodes_level_by_level(recorded: Callable[[str], Any], api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Keys as recorded (no node_creator), children below their parent, an empty token on the last page."""
    guide = box.tenant.add_document("指引", [text("a")])
    base = box.tenant.add_base("数据")
    top = space.add_node(guide, "首页")
    below = space.add_node(base, parent=top)
    recorded_list = recorded("docx/recorded.wiki_nodes_list.json")["data"]
    answer = api.data(f"{SPACES}/{space.space_id}/nodes", page_size=50)
    assert (answer["has_more"], answer["page_token"]) == (False, "")
    (item,) = answer["items"]
    assert set(item) == set(recorded_list["items"][0])
    assert (item["node_token"], item["title"], item["obj_token"]) == (top, "首页", guide.token)
    assert (item["has_child"], item["parent_node_token"], item["obj_type"]) == (True, "", "docx")
    (child,) = nodes(api, space, parent_node_token=top)
    assert (child["node_token"], child["parent_node_token"], child["has_child"]) == (below, top, False)
    assert nodes(api, space, parent_node_token=below) == []
    assert api.data(f"{SPACES}/get_node", token=below)["node"]["parent_node_token"] == top


def test_shortcuts_name_the_node_and_the_space_of_the_original(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Wherever the shortcut hangs."""
    guide = box.tenant.add_document("指引")
    origin = space.add_node(guide)
    other = box.tenant.add_wiki_space("另一库")
    shortcut = other.add_node(guide, "快捷", shortcut=True)
    (item,) = nodes(api, other)
    assert (item["node_token"], item["node_type"], item["title"]) == (shortcut, "shortcut", "快捷")
    assert (item["origin_node_token"], item["origin_space_id"]) == (origin, space.space_id)
    assert (item["space_id"], item["obj_token"]) == (other.space_id, guide.token)


def test_pages_are_cut_before_the_permissions(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """A page may be empty although there is more."""
    for number in range(5):
        guide = box.tenant.add_document(f"{number}")
        guide.readers = None if number in (0, 4) else set()
        space.add_node(guide)
    pages = []
    token: dict[str, str] = {}
    for _ in range(3):
        page = api.data(f"{SPACES}/{space.space_id}/nodes", page_size=2, **token)
        pages.append(([item["title"] for item in page["items"]], page["has_more"]))
        token = {"page_token": page["page_token"]}
    assert pages == [(["0"], True), ([], True), (["4"], False)]


def test_empty_pages_and_stale_tokens_on_request(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """The switches: so many empty pages first, and a token on the last page."""
    for number in range(3):
        space.add_node(box.tenant.add_document(f"{number}"))
    box.empty_pages, box.token_on_last_page = 2, True
    path = f"{SPACES}/{space.space_id}/nodes"
    first = api.data(path, page_size=2)
    assert (first["items"], first["has_more"]) == ([], True)
    assert [item["title"] for item in nodes(api, space, page_size=2)] == ["0", "1", "2"]
    last = api.data(path, page_size=50, page_token=api.data(path, page_size=50)["page_token"])
    last = api.data(path, page_size=50, page_token=last["page_token"])
    assert (last["has_more"], len(last["items"]), bool(last["page_token"])) == (False, 3, True)


def test_the_personal_library_has_a_name_of_its_own(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """``my_library`` instead of a number."""
    assert outcome(api.get(f"{SPACES}/my_library/nodes")) == (400, 131005)
    box.tenant.add_wiki_space("我的", kind="my_library").add_node(box.tenant.add_document("私"))
    assert [item["title"] for item in api.data(f"{SPACES}/my_library/nodes")["items"]] == ["私"]


def test_lists_that_are_not_there(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Unknown spaces and nodes, foreign tokens, spaces that are closed."""
    path = f"{SPACES}/{space.space_id}/nodes"
    assert outcome(api.get(f"{SPACES}/7999/nodes")) == (400, 131005)
    assert outcome(api.get(path, parent_node_token="NoSuch")) == (400, 131005)
    for query in ({"page_size": 51}, {"page_token": "x"}):
        assert outcome(api.get(path, **query)) == (400, 131002)
    space.readers = {"tenant"}
    assert outcome(api.get(path)) == (400, 131006)


def test_one_space(recorded: Callable[[str], Any], api: Api, box: Sandbox, space: WikiSpace) -> None:
    """It has the members of the list; the personal library tells its number to a person, and not to the app."""
    box.tenant.add_wiki_space("我的文档库", kind="my_library")
    mine = api.data(f"{SPACES}/my_library")["space"]
    assert mine.keys() == recorded("docx/wiki_space_get.my_library.constructed.json")["data"]["space"].keys()
    assert (mine["name"], mine["space_type"], mine["space_id"].isdigit()) == ("我的文档库", "my_library", True)
    assert api.data(f"{SPACES}/{space.space_id}")["space"]["name"] == space.name
    assert outcome(api.get(f"{SPACES}/70000000000000000991")) == (400, 131005)


def test_a_stale_token_is_named(api: Api, space: WikiSpace) -> None:
    """131002 stands for any wrong parameter; the message tells which."""
    answer = api.get(f"{SPACES}/{space.space_id}/nodes", page_token="bogus")
    assert outcome(answer) == (400, 131002)
    assert "page_token" in answer.json()["msg"]


def test_rows_with_other_members(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """As has been seen: without node_type and what goes with it, and with an address."""
    token = space.add_node(box.tenant.add_document("一"))
    box.sparse_nodes = True
    (item,) = nodes(api, space)
    assert "node_type" not in item
    assert item["url"] == f"{box.url}/wiki/{token}"


def test_what_may_not_be_read_on_request(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Lists leave it out, unless they are told to show it."""
    guide = box.tenant.add_document("一")
    space.add_node(guide)
    guide.readers = {"ou_other"}
    assert nodes(api, space) == []
    box.lists_closed = True
    assert [item["title"] for item in nodes(api, space)] == ["一"]
