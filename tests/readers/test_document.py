"""What a visit to a document costs, what it proves, and what it does when things go wrong."""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from larknb.errors import AccessDenied, ApiError, LarkError, LoginRequired, NotFound
from larknb.sandbox import Fault, blocks
from tests.guides.test_guide import as_it_is_now

from .desks import DOCUMENT as TOKEN
from .desks import PNG, PageDesk, picture

OTHER = "DocOther000000000000000001"


@pytest.fixture
def desk(page: PageDesk) -> PageDesk:
    return page


# --- what a visit costs ---------------------------------------------------------------------------------------------


def test_a_first_visit_reads_everything_once(desk: PageDesk) -> None:
    """Info, blocks, info: nothing more for a document without pictures, and no waiting."""
    look = desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
    assert look.selected == {TOKEN: "电机过热"}
    assert desk.shelf.guide["markdown"] == "# 电机过热\n\n断开高压\n"
    assert not desk.waits


def test_a_touched_document_costs_one_request(desk: PageDesk) -> None:
    """The gate moved, the revision did not: the info tells so and nothing is read."""
    desk.visit()
    desk.docx.touch()
    look = desk.visit()
    assert desk.requests() == ["document"]
    assert (look.plan, look.selected) == ((), {TOKEN: "电机过热"})


def test_an_unmoved_document_costs_nothing(desk: PageDesk) -> None:
    """Where the gate says that nothing was edited, no request is made at all."""
    desk.visit()
    look = desk.visit(moved=False)
    assert desk.requests() == []
    assert look.selected == {TOKEN: "电机过热"}
    assert look.state == desk.shelf.state


def test_a_changed_document_is_read_page_by_page(desk: PageDesk) -> None:
    """1,201 blocks are three pages."""
    desk.write(*[f"第 {n} 步" for n in range(1199)])
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "blocks", "document"]
    assert desk.shelf.guide["block_count"] == 1201
    desk.write("第 1199 步")
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "blocks", "document"]
    assert "第 1199 步" in desk.shelf.guide["markdown"]


def test_force_and_full_read_whatever_the_stamps_say(desk: PageDesk) -> None:
    """Neither the gate nor the revision stops a forced or a daily read."""
    desk.visit()
    for asked in ({"force": True}, {"full": True}):
        desk.visit(moved=False, **asked)
        assert desk.requests() == ["document", "blocks", "document"]


# --- one revision ---------------------------------------------------------------------------------------------------


def test_an_edit_between_two_pages_starts_the_read_over(desk: PageDesk) -> None:
    """Blocks of two revisions are never mixed; the info after one reading is the one before the next."""
    desk.write(*[f"第 {n} 步" for n in range(600)])
    desk.meanwhile(lambda: desk.write("最后"), "blocks", after=1)
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "document", "blocks", "blocks", "document"]
    assert desk.shelf.guide["block_count"] == 603
    assert desk.shelf.record["moved"] is False


def test_a_document_that_never_stands_still_is_kept_and_read_again(desk: PageDesk) -> None:
    """After three readings the last one is kept, marked, and the next look reads again whatever the gate says."""
    desk.meanwhile(lambda: desk.write("又改"), "blocks", times=3)
    desk.visit()
    assert desk.requests() == ["document", *["blocks", "document"] * 3]
    assert desk.shelf.record["moved"] is True
    assert "changed while it was read" in desk.shelf.guide["warnings"][0]
    desk.visit(moved=False)
    assert desk.requests() == ["document", "blocks", "document"]
    assert desk.shelf.record["moved"] is False


def test_a_stale_page_token_restarts_the_list_once(desk: PageDesk) -> None:
    """The list of blocks begins again at its first page; a second time it is an error."""
    desk.write(*["步骤"] * 600)
    desk.reply(1770022, "blocks", after=1)
    desk.visit()
    assert desk.requests() == ["document", *["blocks"] * 4, "document"]
    desk.reply(1770022, "blocks", times=None)
    with pytest.raises(ApiError):
        desk.visit(force=True)


# --- faults at each request -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["document", "blocks"])
@pytest.mark.parametrize(
    "fault", [Fault.reply(None, 99991400), Fault.reply(None, 1771005), Fault.drop(), Fault.truncate(), Fault.html()]
)
def test_what_can_heal_is_tried_again(desk: PageDesk, endpoint: str, fault: Fault) -> None:
    """A rate limit (HTTP 400 here), maintenance or a broken connection costs one more request."""
    desk.box.faults.add(fault, endpoint=endpoint)
    desk.visit()
    assert len(desk.requests()) in (3, 4)  # one that was dropped before it was read is not in the journal
    assert desk.shelf.guide["markdown"].endswith("断开高压\n")


@pytest.mark.parametrize(
    ("code", "error"), [(1770032, AccessDenied), (1770002, NotFound), (1770003, NotFound), (99991679, LoginRequired)]
)
@pytest.mark.parametrize("endpoint", ["document", "blocks"])
def test_what_cannot_heal_fails_the_source(desk: PageDesk, endpoint: str, code: int, error: type[LarkError]) -> None:
    """No permission, gone, deleted, no scope: the error says which, and nothing is handed on."""
    desk.reply(code, endpoint, times=None)
    with pytest.raises(error) as raised:
        desk.visit()
    assert raised.value.code == code
    assert not desk.shelf.record


# --- synced blocks --------------------------------------------------------------------------------------------------


def test_a_synced_block_costs_one_request_and_is_shown_in_place(desk: PageDesk) -> None:
    """The source's children stand where the reference stands, with their pictures."""
    token = desk.box.tenant.add_media(PNG, "a.png", "image/png")
    original = blocks.synced("安全", blocks.text("先验电"), blocks.image(token))
    source = desk.box.tenant.add_document("条款", [original], OTHER)
    block_id = next(item["block_id"] for item in source.blocks if item["block_type"] == 49)
    desk.write(blocks.reference(OTHER, block_id), blocks.reference(OTHER, block_id), "完")
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document", "children", "media"]
    assert desk.shelf.guide["markdown"].count("先验电") == 2
    assert desk.shelf.guide["markdown"].count(f"media/{token}.png") == 2


def test_a_known_synced_block_is_asked_again_with_a_full_read(desk: PageDesk) -> None:
    """An edit of the document costs no more than for others; what changed in the source comes within a day."""
    source = desk.box.tenant.add_document("条款", [blocks.synced("安全", blocks.text("先验电"))], OTHER)
    block_id = next(item["block_id"] for item in source.blocks if item["block_type"] == 49)
    desk.write(blocks.reference(OTHER, block_id))
    desk.visit()
    source.append(blocks.text("再放电"), block_id)
    desk.visit(moved=False)
    desk.write("又一步")
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
    assert "先验电" in desk.shelf.guide["markdown"]
    desk.visit(full=True)
    assert desk.requests() == ["document", "blocks", "document", "children"]
    assert "再放电" in desk.shelf.guide["markdown"]


def test_a_synced_block_that_one_may_not_read_leaves_a_marker(desk: PageDesk) -> None:
    """The reference stays visible in the text and in the warnings."""
    source = desk.box.tenant.add_document("条款", [blocks.synced("安全", blocks.text("先验电"))], OTHER)
    source.readers = set()
    desk.write(blocks.reference(OTHER, "SomeBlock"))
    look = desk.visit()
    assert not look.failed
    assert "<!-- feishu:reference_synced" in desk.shelf.guide["markdown"]
    assert f"{OTHER}/SomeBlock" in desk.shelf.guide["warnings"][0]


def test_synced_blocks_that_hold_each_other_end(desk: PageDesk) -> None:
    """Two documents that repeat each other are each asked once."""
    source = desk.box.tenant.add_document("条款", [blocks.synced("安全", blocks.text("先验电"))], OTHER)
    theirs = next(item["block_id"] for item in source.blocks if item["block_type"] == 49)
    source.append(blocks.reference(OTHER, theirs), theirs)
    desk.write(blocks.reference(OTHER, theirs))
    desk.visit()
    assert desk.requests().count("children") == 1
    assert "先验电" in desk.shelf.guide["markdown"]


def test_a_synced_block_of_the_document_itself_is_not_asked_for(desk: PageDesk) -> None:
    """Its blocks are there already."""
    desk.write(blocks.synced("安全", blocks.text("先验电")))
    block_id = next(item["block_id"] for item in desk.docx.blocks if item["block_type"] == 49)
    desk.write(blocks.reference(TOKEN, block_id))
    desk.visit()
    assert "children" not in desk.requests()
    assert desk.shelf.guide["markdown"].count("先验电") == 2


def test_warnings_go_to_the_log(desk: PageDesk, caplog: pytest.LogCaptureFixture) -> None:
    """A picture that failed and a revision that moved leave a line for whoever looks later."""
    token = picture(desk)
    del desk.box.tenant.media[token]
    desk.meanwhile(lambda: desk.write("又改"), "blocks")
    with caplog.at_level(logging.WARNING, "larknb"):
        desk.visit()
    assert "changed during reading 1 of 3" in caplog.text
    assert "drive-v1/media/download" in caplog.text


# --- recorded documents -----------------------------------------------------------------------------------------------


@pytest.fixture
def examples() -> Path:
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    return Path(folder) / "examples" / "docx"


def recorded(folder: Path, *names: str) -> Any:
    parts = [json.loads((folder / name).read_text(encoding="utf-8")) for name in names]
    return parts if len(parts) > 1 else parts[0]


def serve(desk: PageDesk, dump: Any) -> list[dict[str, Any]]:
    """Let the stand-in serve a recorded document with all its pictures and files, and return its blocks."""
    desk.made = desk.box.tenant.load_document(dump)
    tenant = desk.box.tenant
    for block in desk.docx.blocks:
        for name in ("image", "file"):
            if token := block.get(name, {}).get("token"):
                tenant.add_media(PNG, block[name].get("name", "image.png"), "image/png", token)
        if token := block.get("board", {}).get("token"):
            tenant.add_board(PNG, "image/png", token)
    return desk.docx.blocks


DUMPS = [
    ("testdocx.1.json",),
    ("testdocx.3.json",),
    ("larkdocs2md.block-list.response.json",),
    ("user-plugin.sample-1.blocks.json",),
    ("guide.documents_get.constructed.json", *(f"guide.blocks.page{n}.constructed.json" for n in (1, 2, 3))),
]
PEOPLE = {"ou_demo0001": "张三"}  # whom the constructed guide mentions
HEADINGS, SYNCED, CELL = range(3, 12), 49, 32
UNREADABLE = (20, 21, 28, 29, 999)


@dataclass
class Reading:
    """A recorded document, and what came of it over HTTP."""

    dump: list[dict[str, Any]]
    guide: Mapping[str, Any]
    folder: Path

    @property
    def texts(self) -> list[tuple[int, list[str]]]:
        """Type of each block, and its elements by the plainest reading; a synced block's name is no text."""
        blocks = [block for block in self.dump if block["block_type"] != SYNCED]
        return [(block["block_type"], [told(element) for element in elements(block)]) for block in blocks]


@pytest.fixture(params=DUMPS, ids=lambda names: names[0])
def reading(desk: PageDesk, examples: Path, request: pytest.FixtureRequest) -> Reading:
    dump = serve(desk, recorded(examples, *request.param))
    desk.visit()
    desk.shelf.record = {**desk.shelf.record, "people": PEOPLE}
    return Reading(dump, desk.shelf.guide, desk.shelf.folder)


def elements(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for payload in block.values():
        if isinstance(payload, dict):
            yield from payload.get("elements") or []


def told(element: Mapping[str, Any]) -> str:
    payload: dict[str, Any] = next(iter(element.values()), {})
    return str(payload.get("content") or payload.get("title") or PEOPLE.get(payload.get("user_id", ""), ""))


def bare(text: str) -> str:
    """Letters and digits alone: what is left of a text however it is marked, linked and escaped."""
    text = re.sub(r"\]\([^)]*\)|(?<!\\)</?(?:u|br|table|t[rhd])\b[^>]*>", "", text)
    return re.sub(r"[\W_]+", "", unescape(text))


def test_the_markdown_holds_every_text_of_a_dump(reading: Reading) -> None:
    """Headings, paragraphs, items, cells, quotes and code are all there, in their order."""
    markdown, at, found = bare(reading.guide["markdown"]), 0, 0
    for _, texts in reading.texts:
        if wanted := bare("".join(texts)):
            at = markdown.index(wanted, at) + len(wanted)
            found += 1
    assert found >= 10


def test_the_json_holds_every_text_of_a_dump(reading: Reading) -> None:
    """The headings are the outline, in their words; all other text is that of the sections."""
    spoken = bare("".join(section["text"] for section in reading.guide["sections"]))
    assert all(bare(text) in spoken for kind, texts in reading.texts[1:] if kind not in HEADINGS for text in texts)
    headings = ["".join(texts) for kind, texts in reading.texts if kind in HEADINGS]
    assert [entry["text"] for entry in reading.guide["outline"]] == headings


def test_every_link_of_a_dump_is_there(reading: Reading) -> None:
    """Links and mentions keep their address, decoded where it was encoded."""
    urls = [payload.get("url") or (payload.get("text_element_style") or {}).get("link", {}).get("url")
            for block in reading.dump for element in elements(block) for payload in element.values()]  # fmt: skip
    addresses = {unquote(url) if "%3A%2F%2F" in url else url for url in urls if url}
    assert {link["url"] for link in reading.guide["links"]} == addresses
    assert all(f"]({address})" in reading.guide["markdown"] for address in addresses)


def test_every_picture_and_file_of_a_dump_is_there(reading: Reading) -> None:
    """Each was downloaded, and the text shows it in the form of its kind."""
    shown = [block[name]["token"] for block in reading.dump for name in ("image", "file", "board") if name in block]
    assert [asset["token"] for asset in reading.guide["assets"]] == shown
    for asset in reading.guide["assets"]:
        assert (reading.folder / asset["file"]).read_bytes() == PNG
        assert f"({asset['file']})" in reading.guide["markdown"]


def test_every_cell_of_a_dump_is_there_and_what_cannot_be_read_is_counted(reading: Reading) -> None:
    """Tables are rectangular; blocks without a readable form leave their marker and their number."""
    rows = [row for table in reading.guide["tables"] if table["source"] == "table" for row in table["rows"]]
    assert sum(map(len, rows)) == sum(block["block_type"] == CELL for block in reading.dump)
    unread = Counter(block["block_type"] for block in reading.dump if block["block_type"] in UNREADABLE)
    assert reading.guide["unsupported"] == {str(kind): count for kind, count in sorted(unread.items())}
    assert all(f"block_type={kind} " in reading.guide["markdown"] for kind in unread)


def test_the_constructed_guide_reads_as_the_contract_says(desk: PageDesk, examples: Path) -> None:
    """Served in pages and read over HTTP, with its pictures, it is the expected Markdown, character by character."""
    serve(desk, recorded(examples, *DUMPS[-1]))
    desk.visit()
    expected = (examples / "guide.expected.md").read_text(encoding="utf-8")
    assert desk.shelf.guide["markdown"] == as_it_is_now(expected).replace("@张三", "@unnamed")


def test_the_constructed_reference_is_expanded(desk: PageDesk, examples: Path) -> None:
    """With the source's document there as well, its text stands in the place of the reference."""
    children = recorded(examples, "block_children_with_descendants.constructed.json")["data"]["items"]
    desk.box.tenant.add_document("来源", children, "RefDoc000000000000000000001")
    serve(desk, recorded(examples, *DUMPS[-1]))
    desk.visit()
    assert desk.shelf.guide["markdown"].count("仅限受训人员操作。") == 2
    assert "reference_synced" not in desk.shelf.guide["markdown"]
