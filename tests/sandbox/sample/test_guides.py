"""The five sample guides."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.sandbox import Sandbox, Tenant, sample
from larknb.sandbox.world.docx import plain_text

from ..conftest import Api
from .seeing import grid


def blocks_of(served: tuple[Sandbox, Api], token: str) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = served[1].data(f"/docx/v1/documents/{token}/blocks")["items"]
    return blocks


@pytest.mark.parametrize("number", range(5))
def test_each_guide_is_a_real_one(number: int, served: tuple[Sandbox, Api]) -> None:
    """60 to 150 blocks: headings, steps, tables, code, callouts, nested lists, tasks, quotes, pictures, files."""
    token = sample.GUIDES[number]
    blocks = blocks_of(served, token)
    kinds = [block["block_type"] for block in blocks]
    assert 60 <= len(blocks) <= 150
    assert {1, 2, 3, 4, 12, 13, 14, 17, 19, 23, 27, 31, 32, 33} <= set(kinds)
    assert kinds.count(27) >= 2
    by_id = {block["block_id"]: block for block in blocks}
    assert len(by_id) == len(blocks)
    reached = [child for block in blocks for child in block.get("children", [])]
    assert sorted(reached) == sorted(set(by_id) - {token})
    spans = [span for block in blocks if "table" in block for span in block["table"]["property"]["merge_info"]]
    assert number == 2 or max(span["row_span"] for span in spans) > 1
    lists = [by_id[child] for block in blocks if block["block_type"] == 12 for child in block.get("children", [])]
    assert 12 in [block["block_type"] for block in lists]
    assert served[1].data(f"/docx/v1/documents/{token}")["document"]["title"] == f"故障定位指引文档{number + 1}"


def test_pictures_and_files_can_be_fetched(served: tuple[Sandbox, Api]) -> None:
    """Every token in a guide leads to bytes of its kind, and no two pictures are the same."""
    blocks = [block for token in sample.GUIDES for block in blocks_of(served, token)]
    pictures = {block["image"]["token"] for block in blocks if "image" in block}
    files = {block["file"]["token"] for block in blocks if "file" in block}
    answers = {token: served[1].get(f"/drive/v1/medias/{token}/download") for token in pictures | files}
    contents = [answers[token].content for token in pictures]
    assert all(content.startswith(b"\x89PNG\r\n") and len(content) > 300 for content in contents)
    assert len(set(contents)) == len(pictures) == 12
    assert len(files) == 5
    assert all(answers[token].status_code == 200 and answers[token].content for token in files)


@pytest.mark.parametrize(
    ("word", "numbers"), [("电机过热", {1, 4}), ("过温", {1, 4, 5}), ("P0A1F-00", {1}), ("绝缘", {1, 2, 5})]
)
def test_the_words_that_people_look_for(word: str, numbers: set[int], served: tuple[Sandbox, Api]) -> None:
    """Where the demo and its readers search, there is something to find."""
    found = {
        number
        for number, token in enumerate(sample.GUIDES, 1)
        if any(word in plain_text(block) for block in blocks_of(served, token))
    }
    assert found == numbers


def test_links_between_the_guides_lead_somewhere(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Mentioned documents exist, repeated blocks too, the sheet in a guide can be read, one guide is in the wiki."""
    blocks = [block for token in sample.GUIDES for block in blocks_of(served, token)]
    elements = [
        one for block in blocks for part in block.values() if isinstance(part, dict) for one in part.get("elements", [])
    ]
    mentioned = {one["mention_doc"]["token"] for one in elements if "mention_doc" in one}
    assert mentioned <= set(sample.GUIDES)
    assert len(mentioned) >= 4
    people = {one["mention_user"]["user_id"] for one in elements if "mention_user" in one}
    assert all(tenant.find_user(one) for one in people)
    for repeated in [block["reference_synced"] for block in blocks if "reference_synced" in block]:
        path = f"/docx/v1/documents/{repeated['source_document_id']}/blocks/{repeated['source_block_id']}/children"
        source = served[1].data(path, with_descendants="true")["items"]
        assert [block["block_type"] for block in source] == [49, 2, 2]
    (sheet,) = [block["sheet"]["token"] for block in blocks if "sheet" in block]
    assert sheet == f"{sample.GUIDE_BOOK}_{sample.GUIDE_SHEET}"
    assert grid(served, sample.GUIDE_SHEET, sample.GUIDE_BOOK)[0][0] == "日期"
    node = served[1].data("/wiki/v2/spaces/get_node", token=sample.GUIDE_NODE)["node"]
    assert (node["obj_token"], node["obj_type"]) == (sample.GUIDES[2], "docx")
