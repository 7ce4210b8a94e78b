"""Info, blocks in pages, old revisions, and documents that are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from larknb.sandbox import Docx, Fault, Sandbox
from larknb.sandbox.blocks import at, text

from ...conftest import ID, Api, Clock, outcome
from ...reading import PATH, blocks_of, inner


def test_children_with_descendants(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """The recorded answer: the block asked for comes first; without the flag its direct children alone."""
    answer = recorded("docx/block_children_with_descendants.constructed.json")
    root = {"block_id": ID, "block_type": 1, "parent_id": "", "children": ["SrcBlk000000000000000000001"]}
    box.tenant.load_document([root, *answer["data"]["items"]], document_id=ID)
    children = f"{PATH}/blocks/SrcBlk000000000000000000001/children"
    assert api.get(children, with_descendants="true").json() == answer
    assert api.data(children)["items"] == answer["data"]["items"][1:]
    assert outcome(api.get(f"{PATH}/blocks/NoSuchBlock/children")) == (404, 1770002)
    assert [item["block_id"] for item in api.data(f"{PATH}/blocks/{ID}/children", page_size=1)["items"]] == [
        "SrcBlk000000000000000000001"
    ]


def test_children_survive_a_broken_tree(api: Api, box: Sandbox) -> None:
    """Ids that are missing and cycles end the walk, not the server."""
    broken = [
        {"block_id": ID, "block_type": 1, "parent_id": "", "children": ["a", "gone"]},
        {"block_id": "a", "block_type": 2, "parent_id": ID, "children": [ID, "a"]},
    ]
    box.tenant.add_document("坏", broken, ID)
    served = api.data(f"{PATH}/blocks/{ID}/children", with_descendants="true")["items"]
    assert [item["block_id"] for item in served] == [ID, "a"]


def test_old_revisions_need_the_right_to_edit(
    api: Api, box: Sandbox, guide: Docx, connect: Callable[[str | None], Api]
) -> None:
    """The latest is open to readers; an older one to editors, and only a thousand back."""
    guide.edit(guide.blocks[1]["block_id"], "改")
    reader = connect(box.sign_in("ou_reader")["access_token"])
    assert outcome(reader.get(f"{PATH}/blocks", document_revision_id=1)) == (403, 1770032)
    assert len(blocks_of(reader, document_revision_id=2)) == len(blocks_of(reader, document_revision_id=-1)) == 5
    guide.editors.add("ou_reader")
    old = blocks_of(reader, document_revision_id=1)
    assert inner(old[1])["elements"][0]["text_run"]["content"] == "现象"
    guide.revision_id = 1500
    assert outcome(api.get(f"{PATH}/blocks", document_revision_id=499)) == (400, 1770021)
    assert inner(blocks_of(api, document_revision_id=500)[1])["elements"][0]["text_run"]["content"] == "改"
    for nonsense in ("1501", "0", "-2", "x"):
        assert outcome(api.get(f"{PATH}/blocks", document_revision_id=nonsense)) == (400, 1770001)


def test_a_change_between_two_pages_shows(api: Api, box: Sandbox, guide: Docx) -> None:
    """A page token pins nothing: the revision moves under the reader."""
    box.faults.add(Fault.call(lambda _: guide.edit(guide.blocks[4]["block_id"], "中途")), endpoint="blocks", after=1)
    served = blocks_of(api, page_size=3)
    assert inner(served[4])["elements"][0]["text_run"]["content"] == "中途"
    assert api.data(PATH)["document"]["revision_id"] == 2
    assert box.journal.endpoints() == ["blocks", "blocks", "document"]


def test_page_sizes(api: Api, box: Sandbox) -> None:
    """500 by default and at most; a larger size is cut, none and nonsense are refused."""
    box.tenant.add_document("长", [text(f"{number}") for number in range(600)], ID)
    assert len(api.data(f"{PATH}/blocks")["items"]) == 500
    assert len(api.data(f"{PATH}/blocks", page_size=501)["items"]) == 500
    assert len(api.data(f"{PATH}/blocks", page_size=7)["items"]) == 7
    assert len(blocks_of(api)) == 601
    for size in ("0", "-1", "x"):
        assert outcome(api.get(f"{PATH}/blocks", page_size=size)) == (400, 1770001)


def test_the_last_page_may_carry_a_token(api: Api, box: Sandbox, guide: Docx) -> None:
    """has_more alone tells the end."""
    assert "page_token" not in api.data(f"{PATH}/blocks")
    box.token_on_last_page = True
    last = api.data(f"{PATH}/blocks")
    assert (last["has_more"], bool(last["page_token"])) == (False, True)


def test_documents_that_are_not_there(api: Api, box: Sandbox, guide: Docx) -> None:
    """Too short an id, unknown, a wiki node, another kind, forbidden, deleted."""
    node, base = box.tenant.add_wiki_node(guide), box.tenant.add_base("基")
    short = "x" * 21
    assert outcome(api.get(f"/docx/v1/documents/{short}")) == (400, 1770001)
    for token in ("x" * 22, node, base.token):
        assert outcome(api.get(f"/docx/v1/documents/{token}/blocks")) == (404, 1770002)
    assert outcome(api.get(f"{PATH}/blocks/NoSuchBlock")) == (404, 1770002)
    guide.readers = {"tenant"}
    for path in ("", "/blocks", "/raw_content", f"/blocks/{ID}"):
        assert outcome(api.get(f"{PATH}{path}")) == (403, 1770032)
    guide.readers = None
    box.tenant.remove(guide)
    assert outcome(api.get(PATH)) == (400, 1770003)


def test_one_block(api: Api, guide: Docx) -> None:
    """A block by its id, under an empty msg."""
    block_id = guide.blocks[1]["block_id"]
    assert api.get(f"{PATH}/blocks/{block_id}").json() == {"code": 0, "msg": "", "data": {"block": guide.blocks[1]}}


def test_persons_by_the_kind_of_id_asked_for(api: Api, box: Sandbox, connect: Callable[[str | None], Api]) -> None:
    """Mentions follow user_id_type; user_id needs a scope of its own."""
    user = box.tenant.users[0]
    box.tenant.add_document("人", [text(at(user))], ID)
    for kind in ("union_id", "user_id"):
        mention = inner(blocks_of(api, user_id_type=kind)[1])["elements"][0]["mention_user"]
        assert mention["user_id"] == user.id_of(kind)
    other_user = box.tenant.add_user("无权")
    poor = connect(box.sign_in(other_user, ["docx:document:readonly"])["access_token"])
    assert poor.get(f"{PATH}/blocks", user_id_type="user_id").json()["code"] == 99991679


def test_rates_are_refused_with_400(api: Api, box: Sandbox, guide: Docx, clock: Clock) -> None:
    """Five a second for each endpoint, HTTP 400 and the seconds to wait; the Markdown says 429."""
    box.rate_limits_on()
    answers = [api.get(PATH) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    assert (answers[5].json()["code"], answers[5].headers["x-ogw-ratelimit-reset"]) == (99991400, "1")
    assert api.get(f"{PATH}/blocks").status_code == 200
    query = {"doc_token": ID, "doc_type": "docx", "content_type": "markdown"}
    assert [api.get("/docs/v1/content", **query).status_code for _ in range(6)][5] == 429
    clock.now += 1
    assert api.get(PATH).status_code == 200
    box.rate_limits_on(False)
    box.rate_limit("blocks", 1)
    assert [outcome(api.get(f"{PATH}/blocks")) for _ in range(2)] == [(200, 0), (400, 99991400)]


def test_scopes(box: Sandbox, guide: Docx, connect: Callable[[str | None], Api]) -> None:
    """The Markdown has a scope of its own, which the blocks do not take."""
    query = {"doc_token": ID, "doc_type": "docx", "content_type": "markdown"}
    reader = connect(box.sign_in(box.tenant.add_user("一"), ["docx:document:readonly"])["access_token"])
    exporter = connect(box.sign_in(box.tenant.add_user("二"), ["docs:document.content:read"])["access_token"])
    assert [api.get(f"{PATH}/blocks").json()["code"] for api in (reader, exporter)] == [0, 99991679]
    assert [api.get("/docs/v1/content", **query).json()["code"] for api in (reader, exporter)] == [99991679, 0]
