"""What blocks point to, and that they can point to nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.readers.blocks import media_in, parts_in
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


def shows(kind: str, token: str) -> dict[str, Any]:
    return {"block_type": 18 if kind == "bitable" else 30, kind: {"token": token}}


def test_tables_of_one_base_are_one_part() -> None:
    """However often they are shown; a spreadsheet of the same token is another part."""
    found = parts_in([shows("bitable", "App_tblA"), shows("sheet", "App_1a2B3c"), shows("bitable", "App_tblB"),
                      shows("bitable", "App_tblA")])  # fmt: skip
    assert [(part.kind, part.token, [*part.keys]) for part in found] == [
        ("bitable", "App", ["tblA", "tblB"]), ("spreadsheet", "App", ["1a2B3c"]),
    ]  # fmt: skip


def test_what_a_cache_calls_an_embedded_table() -> None:
    """The token of its block: a copied base has the table ids of the first."""
    (part,) = parts_in([shows("bitable", "App_tblA")])
    assert part.key("tblA") == "App_tblA"


@pytest.mark.parametrize("block", [{"block_type": 27}, {"block_type": 27, "image": "?"}, {"block_type": 18}, {}])
def test_blocks_that_hold_nothing_point_to_nothing(block: dict[str, Any]) -> None:
    """A block without its payload, or with another one than documented, is passed over."""
    assert (parts_in([block]), media_in([block])) == ([], {})


def test_a_picture_and_a_board_are_told_apart() -> None:
    """They come from different APIs; each token is there once, in the order of the text."""
    picture, board = {"block_type": 27, "image": {"token": "t1"}}, {"block_type": 43, "board": {"token": "t2"}}
    assert [*media_in([board, picture, board]).items()] == [("t2", "board"), ("t1", "file")]
