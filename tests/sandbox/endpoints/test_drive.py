"""Metadata of many documents at once, and folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Base, Folder, Sandbox, Shortcut, Spreadsheet

from ..conftest import NOON, TOKEN, Api, Clock, data_of, outcome
from ..reading import METAS, doc, metas

FILES = "/drive/v1/files"


def test_metas_tell_times_as_strings_of_seconds(api: Api, base: Base, clock: Clock, box: Sandbox) -> None:
    """One meta with every documented key; the url only if asked."""
    owner = box.tenant.users[0].open_id
    clock.now += 90.5
    base.touch()
    answer = metas(api, doc(base.app_token))
    assert answer == {
        "metas": [
            {
                "doc_token": base.app_token,
                "doc_type": "bitable",
                "title": "缺陷管理",
                "owner_id": owner,
                "create_time": str(int(NOON)),
                "latest_modify_user": owner,
                "latest_modify_time": str(int(NOON) + 90),
                "request_doc_info": doc(base.app_token),
            }
        ],
        "failed_list": [],
    }
    assert metas(api, doc(base.app_token), with_url=True)["metas"][0]["url"] == f"{box.url}/base/{base.app_token}"
    box.int_times = True
    assert metas(api, doc(base.app_token))["metas"][0]["latest_modify_time"] == int(NOON) + 90


def test_what_fails_is_listed_under_code_0(api: Api, base: Base, box: Sandbox) -> None:
    """Wrong type, no permission, and unknown or mismatched tokens each have their code in failed_list."""
    secret = box.tenant.add_base("机密")
    secret.readers = set()
    answer = metas(
        api,
        doc(base.app_token, "sheet"),
        doc("NoSuch"),
        doc("Odd", "poem"),
        doc(secret.app_token),
        doc("NoNode", "wiki"),
    )
    failed = {one["token"]: one["code"] for one in answer["failed_list"]}
    assert answer["metas"] == []
    expected = {base.app_token: 970005, "NoSuch": 970005, "Odd": 970002, secret.app_token: 970003, "NoNode": 970005}
    assert failed == expected


def test_a_wiki_node_is_answered_with_the_document_it_holds(api: Api, base: Base, box: Sandbox) -> None:
    """doc_token and doc_type are the real object's, request_doc_info is what was asked."""
    node = box.tenant.add_wiki_node(base, "知识库里的表格")
    meta = metas(api, doc(node, "wiki"), with_url=True)["metas"][0]
    assert (meta["doc_token"], meta["doc_type"]) == (base.app_token, "bitable")
    assert meta["request_doc_info"] == doc(node, "wiki")
    assert meta["url"] == f"{box.url}/wiki/{node}"


def test_answers_do_not_keep_the_order_and_echoes_of_doubles_are_void(api: Api, box: Sandbox) -> None:
    """Nobody may join by position, nor by the echo of a token that was asked for twice."""
    tokens = ["TokenB", "TokenA", "TokenC"]
    for token in tokens:
        box.tenant.add_base(token, token)
    answer = metas(api, *map(doc, tokens), doc("TokenC"))
    assert [meta["doc_token"] for meta in answer["metas"]] == ["TokenA", "TokenB", "TokenC", "TokenC"]
    assert [meta["request_doc_info"]["doc_token"] for meta in answer["metas"]] == ["TokenA", "TokenB", "", ""]


@pytest.mark.parametrize(
    "body", [{}, {"request_docs": []}, {"request_docs": [doc("x")] * 201}, {"request_docs": ["x"]}]
)
def test_one_to_two_hundred_documents(body: dict[str, Any], api: Api) -> None:
    """None, too many and malformed ones are refused."""
    assert outcome(api.post(METAS, body)) == (400, 99992402)


def test_two_hundred_documents_are_not_too_many(api: Api) -> None:
    """The limit itself passes."""
    assert len(metas(api, *[doc(f"T{number}") for number in range(200)])["failed_list"]) == 200


def test_the_gate_knows_spreadsheets(api: Api, box: Sandbox, book: Spreadsheet, clock: Clock) -> None:
    """Metadata by the type ``sheet``, and the wiki node of one."""
    clock.now += 10
    book.touch()
    docs = [{"doc_token": TOKEN, "doc_type": "sheet"}]
    meta = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))["metas"][0]
    assert (meta["title"], meta["latest_modify_time"]) == ("台账", str(int(NOON) + 10))
    node = box.tenant.add_wiki_node(book)
    assert api.data("/wiki/v2/spaces/get_node", token=node)["node"]["obj_type"] == "sheet"


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


def test_a_folder_shows_what_the_caller_may_read(api: Api, box: Sandbox) -> None:
    """Old documents and mind notes are entries as others are; what is closed is left out, unless lists show it."""
    old, closed = box.tenant.add_other("doc", "旧"), box.tenant.add_document("密")
    closed.readers = {"ou_other"}
    token = box.tenant.add_folder("夹", [old, closed])
    files = api.data("/drive/v1/files", folder_token=token)["files"]
    assert [(file["name"], file["type"], file["url"]) for file in files] == [
        ("旧", "doc", f"{box.url}/docs/{old.token}")
    ]
    box.lists_closed = True
    assert len(api.data("/drive/v1/files", folder_token=token)["files"]) == 2
