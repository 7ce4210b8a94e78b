"""What blocks point to, and that they can point to nothing else."""

from __future__ import annotations

import pytest

from larknb.sandbox import blocks

from .desks import PageDesk


@pytest.fixture
def desk(page: PageDesk) -> PageDesk:
    return page


def test_a_file_in_a_line_of_text_is_downloaded(desk: PageDesk) -> None:
    """An attachment may stand inside a sentence; its name is in the block that it came from."""
    token = desk.box.tenant.add_media(b"x", "标定.xlsx", "application/vnd.ms-excel")
    desk.write(blocks.file(token, "标定.xlsx"))
    block = next(item for item in desk.docx.blocks if item["block_type"] == 23)
    desk.write(blocks.text("见 ", blocks.attached(token, block["block_id"]), "。"))
    desk.visit()
    assert desk.requests().count("media") == 1
    assert f"见 [附件：标定.xlsx](media/{token}.xlsx)。" in desk.shelf.guide["markdown"]


def test_a_block_cannot_lead_a_request_astray(desk: PageDesk) -> None:
    """Tokens in blocks are foreign text: what is no token never becomes part of an address."""
    evil = "../../../authen/v1/user_info?x="
    desk.write(
        blocks.image(evil),
        blocks.board(evil),
        blocks.reference(evil, evil),
        blocks.text(blocks.attached(evil, evil)),
        blocks.other(18, "bitable", {"token": evil}),
        blocks.other(30, "sheet", {"token": f"{evil}_{evil}"}),
    )
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
