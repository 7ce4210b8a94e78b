"""Recorded documents, served word for word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Sandbox

from ..conftest import ID, Api
from ..reading import blocks_of

RECORDED = [
    ("docx/testdocx.1.json", 43),
    ("docx/testdocx.3.json", 33),
    ("docx/larkdocs2md.block-list.response.json", 88),
    ("docx/user-plugin.sample-1.blocks.json", 48),
    ("docx/blocks_list.doc.json", 5),
    ("docx/blocks_media.doc.json", 4),
    ("docx/blocks_sheet.doc.json", 2),
    ("docx/blocks_bitable.doc.json", 2),
]


@pytest.mark.parametrize(("name", "count"), RECORDED)
def test_recorded_documents_come_back_word_for_word(
    name: str, count: int, recorded: Callable[[str], Any], api: Api, box: Sandbox
) -> None:
    """All forms of dumps: with the document's info, bare lists, whole answers."""
    dump = recorded(name)
    loaded = box.tenant.load_document(dump)
    plain = dump if isinstance(dump, list) else dump.get("blocks") or dump["data"]["items"]
    served = blocks_of(api, loaded.document_id)
    assert served == plain
    assert len(served) == count
    facts = api.data(f"/docx/v1/documents/{loaded.document_id}")["document"]
    if isinstance(dump, dict) and "document" in dump:
        assert facts == dump["document"]
    assert facts["document_id"] == plain[0]["block_id"]


def test_a_document_recorded_in_pages(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """Info and pages together make one document; title, revision and pages of 25 are as they were."""
    info = recorded("docx/guide.documents_get.constructed.json")
    pages = [recorded(f"docx/guide.blocks.page{number}.constructed.json") for number in (1, 2, 3)]
    loaded = box.tenant.load_document([info, *pages])
    assert api.get(f"/docx/v1/documents/{loaded.document_id}").json() == info
    path = f"/docx/v1/documents/{loaded.document_id}/blocks"
    token: dict[str, str] = {}
    for recorded_page in pages:
        served = api.data(path, page_size=25, **token)
        assert served["items"] == recorded_page["data"]["items"]
        assert served["has_more"] == recorded_page["data"]["has_more"]
        token = {"page_token": served.get("page_token", "")}


def test_a_recorded_document_under_another_name_and_id(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """The page block keeps the id of the document, and its children keep their parent."""
    loaded = box.tenant.load_document(recorded("docx/testdocx.3.json"), "别名", ID)
    served = blocks_of(api)
    assert (loaded.title, served[0]["block_id"], served[1]["parent_id"]) == ("别名", ID, ID)
