"""The blocks of a document and its revisions."""

from __future__ import annotations

from larknb.sandbox import Docx, Sandbox
from larknb.sandbox.blocks import ordered, text

from ..conftest import ID, NOON, Api, Clock, data_of
from ..reading import PATH, blocks_of, inner


def test_a_tree_is_served_each_block_before_its_children(api: Api, guide: Docx) -> None:
    """Page first, under the document's id; the keys and empty fields of live data."""
    served = blocks_of(api)
    assert [item["block_type"] for item in served] == [1, 3, 12, 12, 2]
    assert served[0]["block_id"] == ID
    assert served[0]["children"] == [served[1]["block_id"], served[2]["block_id"], served[4]["block_id"]]
    assert served[2]["children"] == [served[3]["block_id"]]
    assert served[3]["parent_id"] == served[2]["block_id"]
    assert len({item["block_id"] for item in served}) == 5
    assert {len(item["block_id"]) for item in served} == {27}
    plain = {"bold": False, "inline_code": False, "italic": False, "strikethrough": False, "underline": False}
    assert served[1]["heading1"] == {
        "elements": [{"text_run": {"content": "现象", "text_element_style": plain}}],
        "style": {"align": 1, "folded": False},
    }
    assert "children" not in served[4]


def test_every_change_moves_one_revision_and_the_time(api: Api, clock: Clock, box: Sandbox, guide: Docx) -> None:
    """Edit, append, remove and rename move both; a comment the revision alone; a touch the time alone."""
    item, below = guide.blocks[2]["block_id"], guide.blocks[3]["block_id"]
    clock.now += 60
    guide.edit(item, "掉电")
    added = guide.append(ordered("新", text("下")), parent_id=item)
    guide.remove(below)
    guide.rename("新题")
    assert (guide.revision_id, guide.mtime) == (5, int(NOON) + 60)
    served = blocks_of(api)
    assert [item["block_type"] for item in served] == [1, 3, 12, 13, 2, 2]
    assert served[2]["children"] == [added]
    assert inner(served[0])["elements"][0]["text_run"]["content"] == "新题"
    assert inner(served[2])["elements"][0]["text_run"]["content"] == "掉电"
    clock.now += 60
    guide.comment()
    assert (guide.revision_id, guide.mtime) == (6, int(NOON) + 60)
    guide.touch()
    assert (guide.revision_id, guide.mtime) == (6, int(NOON) + 120)
    facts = api.data(PATH)["document"]
    assert (facts["title"], facts["revision_id"]) == ("新题", 6)
    docs = [{"doc_token": ID, "doc_type": "docx"}]
    meta = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))["metas"][0]
    assert (meta["title"], meta["latest_modify_time"]) == ("新题", str(int(NOON) + 120))
