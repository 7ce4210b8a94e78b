"""Lists: wiki spaces, the nodes of one level, folders, and the root."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Base, Folder, Sandbox, Shortcut, WikiSpace
from larknb.sandbox.blocks import text

from .conftest import NOON, Api, Clock, data_of, outcome

SPACES, FILES = "/wiki/v2/spaces", "/drive/v1/files"


@pytest.fixture
def space(box: Sandbox) -> WikiSpace:
    return box.tenant.add_wiki_space("指引库")


def nodes(api: Api, space: WikiSpace, **query: Any) -> list[dict[str, Any]]:
    """Return the nodes of one level, of all pages."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        more = {"page_token": page["page_token"]} if "page_token" in page else {}
        page = api.data(f"{SPACES}/{space.space_id}/nodes", **query, **more)
        items += page["items"]
    return items


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


def test_wiki_errors(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Unknown spaces and nodes, foreign tokens, spaces that are closed."""
    path = f"{SPACES}/{space.space_id}/nodes"
    assert outcome(api.get(f"{SPACES}/7999/nodes")) == (400, 131005)
    assert outcome(api.get(path, parent_node_token="NoSuch")) == (400, 131005)
    for query in ({"page_size": 51}, {"page_token": "x"}):
        assert outcome(api.get(path, **query)) == (400, 131002)
    space.readers = {"tenant"}
    assert outcome(api.get(path)) == (400, 131006)


def test_a_document_that_is_removed_leaves_the_wiki(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """What hung below it moves up."""
    guide, other = box.tenant.add_document("上"), box.tenant.add_document("下")
    space.add_node(other, parent=space.add_node(guide))
    box.tenant.remove(guide)
    assert [(item["title"], item["parent_node_token"]) for item in nodes(api, space)] == [("下", "")]


# Folders -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(box: Sandbox, base: Base, clock: Clock) -> Folder:
    """A document, a spreadsheet, a file, a folder and a shortcut, each edited later than the one before."""
    tenant = box.tenant
    items: list[Any] = [tenant.add_document("文"), tenant.add_spreadsheet("表"), tenant.add_file("图.pdf")]
    items.append(tenant.add_folder("子", []))
    for item in items[:3]:
        clock.now += 10
        item.touch()
    found = tenant.document(tenant.add_folder("资料", [*items, Shortcut(base, "捷径")]))
    assert isinstance(found, Folder)
    return found


def test_one_level_of_a_folder(recorded: Callable[[str], Any], api: Api, base: Base, folder: Folder) -> None:
    """Keys as documented, the latest edit first, shortcuts with what they lead to."""
    answer = api.data(FILES, folder_token=folder.token)
    expected = recorded("drive/files_list.json")["data"]["files"]
    assert (answer["has_more"], "next_page_token" in answer) == (False, False)
    found = {item["name"]: item for item in answer["files"]}
    assert [name for name in found if name in ("文", "表", "图.pdf")] == ["图.pdf", "表", "文"]
    assert {item["type"] for item in answer["files"]} == {"docx", "sheet", "file", "folder", "shortcut"}
    assert set(found["文"]) == set(expected[0])
    assert set(found["捷径"]) == set(expected[1])
    assert found["捷径"]["shortcut_info"] == {"target_token": base.token, "target_type": "bitable"}
    assert found["捷径"]["token"] != base.token
    assert found["表"]["modified_time"] == str(int(NOON) + 20)
    assert {item["parent_token"] for item in answer["files"]} == {folder.token}


def test_the_order_of_a_folder(api: Api, folder: Folder) -> None:
    """By either time, in either direction."""
    names = {
        (order, way): [
            item["name"]
            for item in api.data(FILES, folder_token=folder.token, order_by=order, direction=way)["files"]
            if item["type"] in ("docx", "sheet", "file")
        ]
        for order in ("EditedTime", "CreatedTime")
        for way in ("ASC", "DESC")
    }
    assert names["EditedTime", "ASC"] == names["EditedTime", "DESC"][::-1] == ["文", "表", "图.pdf"]
    assert set(names["CreatedTime", "ASC"]) == {"文", "表", "图.pdf"}


def test_pages_of_a_folder(api: Api, box: Sandbox) -> None:
    """The cursor is next_page_token, absent on the last page; more than 200 are refused."""
    token = box.tenant.add_folder("多", [box.tenant.add_document(f"{number}") for number in range(5)])
    names, query = [], {"folder_token": token, "page_size": "2"}
    for _ in range(3):
        answer = api.data(FILES, **query)
        names += [item["name"] for item in answer["files"]]
        query["page_token"] = answer.get("next_page_token", "")
    assert (sorted(names), answer["has_more"], query["page_token"]) == (list("01234"), False, "")
    assert outcome(api.get(FILES, folder_token=token, page_size=201)) == (400, 1064001)
    for wrong in ({"page_size": "x"}, {"page_token": "x"}, {"order_by": "Name"}, {"direction": "UP"}):
        assert outcome(api.get(FILES, folder_token=token, **wrong)) == (400, 1061002)


def test_the_root_comes_whole(api: Api, box: Sandbox, base: Base, folder: Folder) -> None:
    """What lies in no folder, without pages and without shortcuts."""
    answer = api.data(FILES, page_size=1)
    assert {item["name"] for item in answer["files"]} == {base.name, "资料"}
    root = api.data("/drive/explorer/v2/root_folder/meta")
    assert set(root) == {"token", "id", "user_id"}
    assert {item["parent_token"] for item in answer["files"]} == {root["token"]}


def test_folder_meta(recorded: Callable[[str], Any], api: Api, folder: Folder) -> None:
    """Keys as documented, and codes of an older time."""
    path = f"/drive/explorer/v2/folder/{folder.token}/meta"
    assert set(api.data(path)) == set(recorded("drive/folder_meta.json")["data"])
    assert (api.data(path)["name"], api.get(path).json()["msg"]) == ("资料", "Success")
    assert api.get("/drive/explorer/v2/folder/NoSuch/meta").json()["code"] == 91203
    folder.readers = set()
    assert api.get(path).json()["code"] == 91204


def test_folder_errors(api: Api, box: Sandbox, folder: Folder) -> None:
    """Unknown, forbidden, deleted; and a changed folder is seen at once."""
    guide = folder.items[0]
    folder.remove(guide)
    assert "文" not in [item["name"] for item in api.data(FILES, folder_token=folder.token)["files"]]
    folder.add(guide)
    assert "文" in [item["name"] for item in api.data(FILES, folder_token=folder.token)["files"]]
    assert outcome(api.get(FILES, folder_token="NoSuch")) == (404, 1061003)
    folder.readers = set()
    assert outcome(api.get(FILES, folder_token=folder.token)) == (403, 1061004)
    box.tenant.remove(folder)
    assert outcome(api.get(FILES, folder_token=folder.token)) == (404, 1061007)


def test_the_gate_knows_all_kinds(api: Api, box: Sandbox, folder: Folder) -> None:
    """Documents, spreadsheets, files and folders by their types; one that was removed is gone."""
    guide, sheet, file, inner = (item for item in folder.items if not isinstance(item, Shortcut))
    docs = [{"doc_token": one.token, "doc_type": one.kind} for one in (guide, sheet, file, inner, folder)]
    answer = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))
    assert {meta["doc_type"] for meta in answer["metas"]} == {"docx", "sheet", "file", "folder"}
    assert answer["failed_list"] == []
    box.tenant.remove(guide)
    answer = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))
    assert answer["failed_list"] == [{"token": guide.token, "code": 970005}]
