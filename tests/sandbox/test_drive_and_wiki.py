"""Metadata of many documents, and wiki nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Base, Sandbox

from .conftest import NOON, Api, Clock, data_of, outcome

METAS = "/drive/v1/metas/batch_query"
NODE = "/wiki/v2/spaces/get_node"


def doc(token: str, kind: str = "bitable") -> dict[str, str]:
    return {"doc_token": token, "doc_type": kind}


def metas(api: Api, *docs: dict[str, str], **more: Any) -> dict[str, Any]:
    return data_of(api.post(METAS, {"request_docs": list(docs)} | more))


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


def test_modify_times_may_lag(api: Api, base: Base, box: Sandbox, clock: Clock) -> None:
    """With a lag the gate shows the time of the edit before."""
    box.mtime_lag = 30
    clock.now += 100
    base.touch()
    assert metas(api, doc(base.app_token))["metas"][0]["latest_modify_time"] == str(int(NOON))
    clock.now += 30
    assert metas(api, doc(base.app_token))["metas"][0]["latest_modify_time"] == str(int(NOON) + 100)


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


def test_wiki_errors(api: Api, base: Base, box: Sandbox) -> None:
    """Missing parameter, unknown node and no permission come with HTTP 400."""
    node = box.tenant.add_wiki_node(base)
    assert outcome(api.get(NODE)) == (400, 131002)
    assert outcome(api.get(NODE, token=node, obj_type="poem")) == (400, 131002)
    assert outcome(api.get(NODE, token="NoSuch")) == (400, 131005)
    base.readers = {"ou_other"}
    assert outcome(api.get(NODE, token=node)) == (400, 131006)
    box.tenant.remove(base)
    assert outcome(api.get(NODE, token=node)) == (400, 131005)
