"""What a visit to a document costs, what it proves, and what it does when things go wrong."""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest

from larknb.api import download as downloads
from larknb.api.client import LarkClient
from larknb.api.usage import Usage
from larknb.cache.guidefiles import has_media, keep_media
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.guides.guide import to_guide
from larknb.model import Batch, Grid, Guide, Learned, Media, Parcel, Source, Stamp
from larknb.readers import media
from larknb.readers.base import Look
from larknb.readers.document import DocumentReader
from larknb.sandbox import Docx, Fault, Field, Sandbox, blocks
from tests.conftest import text

TOKEN = "DocTest0000000000000000001"
OTHER = "DocOther000000000000000001"
APP = "AppTest0000000000000000001"
SHEETS = "ShtTest0000000000000000001"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass
class Shelf:
    """What is kept of a document between two visits, as the cache would."""

    folder: Path
    state: Mapping[str, Any] = field(default_factory=dict)
    again: Collection[str] = ()
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: dict[str, pa.Table] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, table_id: str) -> int | None:
        return self.tables[table_id]["rows"] if table_id in self.tables else None

    def schema(self, table_id: str) -> pa.Schema:
        return self.batches[table_id].schema

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        return self.batches[table_id].column("_record_id")

    def has_media(self, token: str) -> bool:
        return has_media(self.folder, self.media, token)

    def take(self, parcel: Parcel) -> None:
        if isinstance(parcel, Media):
            keep_media(self.folder, parcel, self.media)
        elif isinstance(parcel, Guide):
            self.record = parcel.record
        elif isinstance(parcel, Grid):
            self.tables[parcel.table.table_id] = {"name": parcel.table.name, "rows": 1}
        else:
            key = parcel.table.table_id
            self.batches[key] = pa.concat_tables([*([] if parcel.fresh else [self.batches[key]]), parcel.rows])
            self.tables[key] = {"name": parcel.table.name, "rows": self.batches[key].num_rows}

    @property
    def guide(self) -> dict[str, Any]:
        return to_guide(self.record, self.media, self.embedded)


@dataclass
class Desk:
    """A stand-in with one document, somebody who reads it, and what was read so far."""

    box: Sandbox
    docx: Docx
    client: LarkClient
    waits: list[float]
    shelf: Shelf
    options: dict[str, Any] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def reader(self) -> DocumentReader:
        source = Source("指引", self.box.url, "document", self.docx.document_id, options=self.options)
        return DocumentReader(source, settle=7.0, sleep=self.waits.append)

    def visit(self, **asked: Any) -> Look:
        """Look, read, and keep what came; forget earlier requests."""
        self.box.journal.clear()
        look = self.reader.look(self.client, self.shelf, **asked)
        *self.parcels, learned = [*self.reader.read(self.client, self.shelf, look)] or [look]
        look = replace(look, **vars(learned))
        for parcel in self.parcels:
            if not isinstance(parcel, (Batch, Grid)) or parcel.table.table_id not in look.failed:
                self.shelf.take(parcel)
        self.shelf.tables = {key: entry for key, entry in self.shelf.tables.items() if key in look.selected}
        self.shelf.state, self.shelf.again, self.shelf.embedded = look.state, look.again, look.embedded
        return look

    def write(self, *parts: blocks.Part) -> None:
        """Put blocks into the document, a revision each."""
        for part in parts:
            self.docx.append(part if isinstance(part, blocks.Block) else blocks.text(part))

    def requests(self) -> list[str]:
        return self.box.journal.endpoints()

    def meanwhile(self, run: Callable[[], object], endpoint: str, **kwargs: Any) -> None:
        """Do something just before a request is worked on."""
        self.box.faults.add(Fault.call(lambda _: run()), endpoint=endpoint, **kwargs)

    def reply(self, code: int, endpoint: str, **kwargs: Any) -> None:
        self.box.faults.add(Fault.reply(None, code), endpoint=endpoint, **kwargs)

    def kinds(self) -> list[str]:
        return [type(parcel).__name__ for parcel in self.parcels]

    def media(self) -> dict[str, Media]:
        return {parcel.token: parcel for parcel in self.parcels if isinstance(parcel, Media)}


@pytest.fixture
def desk(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> Desk:
    """A document with one paragraph."""
    docx = box.tenant.add_document("电机过热", [blocks.text("断开高压")], TOKEN)
    return Desk(box, docx, client, waits, Shelf(tmp_path))


# --- what a visit costs ---------------------------------------------------------------------------------------------


def test_a_first_visit_reads_everything_once(desk: Desk) -> None:
    """Info, blocks, info: nothing more for a document without pictures, and no waiting."""
    look = desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
    assert look.selected == {TOKEN: "电机过热"}
    assert desk.shelf.guide["markdown"] == "# 电机过热\n\n断开高压\n"
    assert not desk.waits


def test_a_touched_document_costs_one_request(desk: Desk) -> None:
    """The gate moved, the revision did not: the info tells so and nothing is read."""
    desk.visit()
    desk.docx.touch()
    look = desk.visit()
    assert desk.requests() == ["document"]
    assert (look.plan, look.selected) == ((), {TOKEN: "电机过热"})


def test_an_unmoved_document_costs_nothing(desk: Desk) -> None:
    """Where the gate says that nothing was edited, no request is made at all."""
    desk.visit()
    look = desk.visit(moved=False)
    assert desk.requests() == []
    assert look.selected == {TOKEN: "电机过热"}
    assert look.state == desk.shelf.state


def test_a_changed_document_is_read_page_by_page(desk: Desk) -> None:
    """1,201 blocks are three pages."""
    desk.write(*[f"第 {n} 步" for n in range(1199)])
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "blocks", "document"]
    assert desk.shelf.guide["block_count"] == 1201
    desk.write("第 1199 步")
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "blocks", "document"]
    assert "第 1199 步" in desk.shelf.guide["markdown"]


def test_force_and_full_read_whatever_the_stamps_say(desk: Desk) -> None:
    """Neither the gate nor the revision stops a forced or a daily read."""
    desk.visit()
    for asked in ({"force": True}, {"full": True}):
        desk.visit(moved=False, **asked)
        assert desk.requests() == ["document", "blocks", "document"]


def test_a_picture_is_downloaded_once(desk: Desk) -> None:
    """The token is the address of the content: later reads, and other places that show it, cost nothing."""
    token = desk.box.tenant.add_media(PNG, "接线 图.png", "image/png")
    desk.write(blocks.image(token, caption="接线图"), blocks.image(token), blocks.file(token, "接线 图.png"))
    desk.visit()
    assert desk.requests().count("media") == 1
    assert (desk.shelf.folder / "media" / f"{token}.png").read_bytes() == PNG
    assert f"![接线图](media/{token}.png)" in desk.shelf.guide["markdown"]
    assert {asset["name"] for asset in desk.shelf.guide["assets"]} == {"接线 图.png"}
    desk.write("又一步")
    desk.visit()
    assert "media" not in desk.requests()


def test_images_false_downloads_nothing(desk: Desk) -> None:
    """The option spares the quota; the guide still names what it left out."""
    token = desk.box.tenant.add_media(PNG, "a.png", "image/png")
    desk.write(blocks.image(token, caption="接线图"))
    desk.options["images"] = False
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document"]
    assert f"[图片：接线图](feishu-media:{token})" in desk.shelf.guide["markdown"]
    assert desk.shelf.guide["assets"][0]["status"] == "skipped"


# --- one revision ---------------------------------------------------------------------------------------------------


def test_an_edit_between_two_pages_starts_the_read_over(desk: Desk) -> None:
    """Blocks of two revisions are never mixed; the info after one reading is the one before the next."""
    desk.write(*[f"第 {n} 步" for n in range(600)])
    desk.meanwhile(lambda: desk.write("最后"), "blocks", after=1)
    desk.visit()
    assert desk.requests() == ["document", "blocks", "blocks", "document", "blocks", "blocks", "document"]
    assert desk.shelf.guide["block_count"] == 603
    assert desk.shelf.record["moved"] is False


def test_a_document_that_never_stands_still_is_kept_and_read_again(desk: Desk) -> None:
    """After three readings the last one is kept, marked, and the next look reads again whatever the gate says."""
    desk.meanwhile(lambda: desk.write("又改"), "blocks", times=3)
    desk.visit()
    assert desk.requests() == ["document", *["blocks", "document"] * 3]
    assert desk.shelf.record["moved"] is True
    assert "changed while it was read" in desk.shelf.guide["warnings"][0]
    desk.visit(moved=False)
    assert desk.requests() == ["document", "blocks", "document"]
    assert desk.shelf.record["moved"] is False


def test_a_stale_page_token_restarts_the_list_once(desk: Desk) -> None:
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
def test_what_can_heal_is_tried_again(desk: Desk, endpoint: str, fault: Fault) -> None:
    """A rate limit (HTTP 400 here), maintenance or a broken connection costs one more request."""
    desk.box.faults.add(fault, endpoint=endpoint)
    desk.visit()
    assert len(desk.requests()) in (3, 4)  # one that was dropped before it was read is not in the journal
    assert desk.shelf.guide["markdown"].endswith("断开高压\n")


@pytest.mark.parametrize(
    ("code", "error"), [(1770032, AccessDenied), (1770002, NotFound), (1770003, NotFound), (99991679, LoginRequired)]
)
@pytest.mark.parametrize("endpoint", ["document", "blocks"])
def test_what_cannot_heal_fails_the_source(desk: Desk, endpoint: str, code: int, error: type[LarkError]) -> None:
    """No permission, gone, deleted, no scope: the error says which, and nothing is handed on."""
    desk.reply(code, endpoint, times=None)
    with pytest.raises(error) as raised:
        desk.visit()
    assert raised.value.code == code
    assert not desk.shelf.record


# --- media ----------------------------------------------------------------------------------------------------------


def picture(desk: Desk, name: str = "a.png", kind: str = "image/png", data: bytes = PNG) -> str:
    token = desk.box.tenant.add_media(data, name, kind)
    desk.write(blocks.image(token))
    return token


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("gone", [False, True])
def test_a_picture_that_one_may_not_have_fails_alone(desk: Desk, *, gone: bool, empty: bool) -> None:
    """403 and 404, with a body or without, are told in the guide; the other pictures and the text are there."""
    bad, good = picture(desk), picture(desk, "b.png")
    desk.box.empty_file_errors = empty
    if gone:
        del desk.box.tenant.media[bad]
    else:
        desk.box.tenant.media[bad].readers = set()
    look = desk.visit()
    assert not look.failed
    statuses = {asset["token"]: asset["status"] for asset in desk.shelf.guide["assets"]}
    assert statuses == {bad: "failed", good: "downloaded"}
    assert f"(feishu-media:{bad})" in desk.shelf.guide["markdown"]
    assert any(bad in line for line in desk.shelf.guide["warnings"])


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.truncate(), Fault.html(), Fault.reply(None, 99991400)])
def test_a_broken_download_is_tried_again(desk: Desk, fault: Fault) -> None:
    """Half a picture is no picture."""
    token = picture(desk, data=PNG * 1000)
    desk.box.faults.add(fault, endpoint="media")
    desk.visit()
    assert desk.media()[token].data == PNG * 1000


def test_an_error_that_claims_success_is_no_picture(desk: Desk) -> None:
    """A failed download may come as JSON with status 200: it is an error, not the file's content."""
    token = picture(desk)
    desk.box.faults.add(Fault.reply(200, {"code": 1061004, "msg": "forbidden"}), endpoint="media")
    desk.visit()
    assert desk.media()[token].data is None


def test_a_json_attachment_is_a_file(desk: Desk) -> None:
    """What comes with a file name is the file, whatever its type."""
    token = picture(desk, "参数.json", "application/json", b'{"code": 1}')
    desk.visit()
    assert desk.media()[token].data == b'{"code": 1}'


def test_a_download_renews_a_login_that_has_just_ended(desk: Desk) -> None:
    """The token is renewed once, as for any other call."""
    token = picture(desk)
    fresh = desk.box.sign_in()["access_token"]
    person = desk.client.identity
    desk.meanwhile(lambda: desk.box.expire(person.bearer()), "media")
    person.renew = lambda rejected: fresh  # type: ignore[method-assign]
    desk.visit()
    assert desk.media()[token].data == PNG


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_left_out(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, chunked: bool) -> None:
    """The limit holds whether or not the answer tells its length, and the guide says that the file was skipped."""
    monkeypatch.setattr(media, "LARGEST", 1000)
    desk.box.chunked_media = chunked
    token = picture(desk, "录像.mp4", "video/mp4", bytes(5000))
    desk.visit()
    assert desk.media()[token].data is None
    asset = desk.shelf.guide["assets"][0]
    assert (asset["status"], asset["name"], asset["file"]) == ("skipped", "录像.mp4", None)


def test_a_missing_scope_is_asked_for_once(desk: Desk) -> None:
    """Where the scope for media is missing, one refusal stands for all pictures of the document."""
    tokens = [picture(desk, f"{n}.png") for n in range(5)]
    desk.reply(99991679, "media", times=None)
    desk.visit()
    assert desk.requests().count("media") == 1
    assert all("scope" in desk.media()[token].problem for token in tokens)


def test_a_service_that_is_down_is_not_asked_for_every_picture(desk: Desk) -> None:
    """Two pictures in a row that failed after all tries: the others wait for the next read, the document is kept."""
    tokens = [picture(desk, f"{n}.png") for n in range(6)]
    desk.reply(99991400, "media", times=None)
    desk.visit()
    assert desk.requests().count("media") == 10
    assert desk.media().keys() == {*tokens}
    desk.box.faults.clear()
    desk.visit(full=True)
    assert {asset["status"] for asset in desk.shelf.guide["assets"]} == {"downloaded"}


def test_a_spent_budget_keeps_the_document(desk: Desk, tmp_path: Path) -> None:
    """The text has been read: what the budget no longer allows are the pictures."""
    for n in range(3):
        picture(desk, f"{n}.png")
    desk.client.usage = Usage(tmp_path / "usage.json", 4)
    desk.visit()
    assert desk.requests().count("media") == 1
    assert [asset["status"] for asset in desk.shelf.guide["assets"]] == ["downloaded", "failed", "failed"]


def test_a_run_stops_short_of_the_daily_downloads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform gives an app 10,000 a day: a run leaves some for others and says why."""
    monkeypatch.setattr(downloads, "MOST", 2)
    for n in range(4):
        picture(desk, f"{n}.png")
    desk.visit()
    assert desk.requests().count("media") == 2
    assert "tomorrow" in desk.shelf.guide["assets"][3]["error"]


def test_a_board_is_a_picture_of_its_own_kind(desk: Desk) -> None:
    """The content type alone tells what it is; without the scope the document is read all the same."""
    token = desk.box.tenant.add_board(b"<svg/>", "image/svg+xml")
    desk.write(blocks.board(token))
    desk.visit()
    assert f"![画板](media/{token}.svg)" in desk.shelf.guide["markdown"]
    desk.box.tenant.boards[token].data = b"<svg>2</svg>"
    desk.visit(full=True)
    assert (desk.shelf.folder / "media" / f"{token}.svg").read_bytes() == b"<svg>2</svg>"  # redrawn, the token stays
    desk.shelf.media.clear()
    desk.reply(2890005, "board")
    desk.visit(force=True)
    assert f"[画板](feishu-board:{token})" in desk.shelf.guide["markdown"]


def test_a_file_in_a_line_of_text_is_downloaded(desk: Desk) -> None:
    """An attachment may stand inside a sentence; its name is in the block that it came from."""
    token = desk.box.tenant.add_media(b"x", "标定.xlsx", "application/vnd.ms-excel")
    desk.write(blocks.file(token, "标定.xlsx"))
    block = next(item for item in desk.docx.blocks if item["block_type"] == 23)
    desk.write(blocks.text("见 ", blocks.attached(token, block["block_id"]), "。"))
    desk.visit()
    assert desk.requests().count("media") == 1
    assert f"见 [附件：标定.xlsx](media/{token}.xlsx)。" in desk.shelf.guide["markdown"]


# --- synced blocks --------------------------------------------------------------------------------------------------


def test_a_synced_block_costs_one_request_and_is_shown_in_place(desk: Desk) -> None:
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


def test_a_known_synced_block_is_asked_again_with_a_full_read(desk: Desk) -> None:
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


def test_a_synced_block_that_one_may_not_read_leaves_a_marker(desk: Desk) -> None:
    """The reference stays visible in the text and in the warnings."""
    source = desk.box.tenant.add_document("条款", [blocks.synced("安全", blocks.text("先验电"))], OTHER)
    source.readers = set()
    desk.write(blocks.reference(OTHER, "SomeBlock"))
    look = desk.visit()
    assert not look.failed
    assert "<!-- feishu:reference_synced" in desk.shelf.guide["markdown"]
    assert f"{OTHER}/SomeBlock" in desk.shelf.guide["warnings"][0]


def test_synced_blocks_that_hold_each_other_end(desk: Desk) -> None:
    """Two documents that repeat each other are each asked once."""
    source = desk.box.tenant.add_document("条款", [blocks.synced("安全", blocks.text("先验电"))], OTHER)
    theirs = next(item["block_id"] for item in source.blocks if item["block_type"] == 49)
    source.append(blocks.reference(OTHER, theirs), theirs)
    desk.write(blocks.reference(OTHER, theirs))
    desk.visit()
    assert desk.requests().count("children") == 1
    assert "先验电" in desk.shelf.guide["markdown"]


def test_a_synced_block_of_the_document_itself_is_not_asked_for(desk: Desk) -> None:
    """Its blocks are there already."""
    desk.write(blocks.synced("安全", blocks.text("先验电")))
    block_id = next(item["block_id"] for item in desk.docx.blocks if item["block_type"] == 49)
    desk.write(blocks.reference(TOKEN, block_id))
    desk.visit()
    assert "children" not in desk.requests()
    assert desk.shelf.guide["markdown"].count("先验电") == 2


def test_a_block_cannot_lead_a_request_astray(desk: Desk) -> None:
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


# --- embedded tables ------------------------------------------------------------------------------------------------


def base(desk: Desk, rows: int = 3) -> Any:
    found = desk.box.tenant.add_base("故障库", app_token=APP)
    table = found.add_table("故障码", [Field("代码", 1, field_id="fldCode", is_primary=True)], table_id="tblCodes")
    table.add_many([{"代码": text(f"P{n:04d}")} for n in range(rows)])
    desk.write(blocks.bitable(found, table))
    return found


KEY = f"{APP}_tblCodes"


def test_an_embedded_base_counts_as_a_base(desk: Desk) -> None:
    """Its rows come under the name of its block; unchanged it costs one list of tables at each look."""
    found = base(desk)
    look = desk.visit()
    assert desk.requests() == ["document", "blocks", "document", "tables", "app", "fields", "search", "tables"]
    assert look.selected == {TOKEN: "电机过热", KEY: "故障码"}
    assert desk.shelf.batches[KEY].num_rows == 3
    assert desk.shelf.embedded == {KEY: {"status": "ok"}}
    assert desk.waits == [7.0]
    desk.visit(moved=False)
    assert desk.requests() == ["tables"]
    found.table("故障码").add_many([{"代码": text("P9999")}])
    look = desk.visit(moved=False)
    assert desk.requests() == ["tables", "fields", "search", "tables"]
    assert desk.kinds() == ["Batch"]
    assert look.selected == {TOKEN: "电机过热", KEY: "故障码"}
    assert desk.shelf.batches[KEY].num_rows == 4


def test_a_changed_document_does_not_read_its_unchanged_base_again(desk: Desk) -> None:
    """Its revisions are asked, as for any base."""
    base(desk)
    desk.visit()
    desk.write("又一步")
    desk.visit()
    assert desk.requests() == ["document", "blocks", "document", "tables"]
    assert KEY in desk.shelf.tables


def test_two_tables_of_one_base_are_one_base(desk: Desk) -> None:
    """One list of tables tells of both, however often they are shown."""
    found = base(desk)
    second = found.add_table("措施", [Field("名称", 1, field_id="fldName", is_primary=True)], table_id="tblDo")
    second.add_many([{"名称": text("更换")}])
    desk.write(blocks.bitable(found, second), blocks.bitable(found, second))
    desk.visit()
    assert desk.requests().count("tables") == 2
    desk.visit(moved=False)
    assert desk.requests() == ["tables"]
    assert desk.shelf.batches.keys() == {KEY, f"{APP}_tblDo"}


def test_a_base_that_one_may_not_read_costs_the_document_nothing(desk: Desk) -> None:
    """The guide keeps the link and says why there are no rows; the sync has not failed."""
    base(desk)
    desk.reply(91403, "tables", times=None)
    look = desk.visit()
    assert not look.failed
    table = desk.shelf.guide["tables"][0]
    assert (table["status"], table["rows"]) == ("forbidden", None)
    assert f"[嵌入多维表格](feishu-bitable:{APP}/tblCodes)" in desk.shelf.guide["markdown"]
    desk.box.faults.clear()
    desk.visit(moved=False)
    assert desk.shelf.embedded == {KEY: {"status": "ok"}}
    assert desk.shelf.batches[KEY].num_rows == 3


def test_a_table_that_was_deleted_is_told(desk: Desk) -> None:
    """Another table of the same base is read all the same."""
    found = base(desk)
    desk.write(blocks.other(18, "bitable", {"token": f"{APP}_tblGone"}))
    look = desk.visit()
    assert not look.failed
    assert [desk.shelf.embedded[key]["status"] for key in (KEY, f"{APP}_tblGone")] == ["ok", "failed"]
    desk.box.tenant.remove(found)
    look = desk.visit(moved=False)
    assert (look.failed, desk.shelf.embedded[KEY]["status"]) == ({}, "failed")
    assert KEY in desk.shelf.tables


def test_a_base_that_breaks_off_is_told_and_read_again(desk: Desk) -> None:
    """Rows that did not prove complete are dropped, the document is there, and the next look tries again."""
    base(desk, rows=700)
    desk.reply(1254302, "search", after=1)
    look = desk.visit()
    assert look.failed.keys() == {KEY}
    assert KEY not in desk.shelf.tables
    assert desk.kinds()[-1] == "Guide"
    desk.visit(moved=False)
    assert desk.shelf.batches[KEY].num_rows == 700


def test_a_general_problem_stops_at_an_embedded_base(desk: Desk, tmp_path: Path) -> None:
    """A spent budget or a dead login ends every other call too: the source fails and its cache stays."""
    base(desk)
    desk.client.usage = Usage(tmp_path / "usage.json", 4)
    with pytest.raises(BudgetSpent):
        desk.visit()


def sheet(desk: Desk) -> Any:
    book = desk.box.tenant.add_spreadsheet("阻值", token=SHEETS)
    rows: list[list[Any]] = [["部位", "阻值"], ["定子", 12.5]]
    worksheet = book.add_sheet("表1", rows, sheet_id="a1B2c3", row_count=20, column_count=5)
    desk.write(blocks.sheet(worksheet))
    return book


def stamps(mtime: str, *, settled: bool = True) -> dict[str, Stamp]:
    return {SHEETS: Stamp(mtime, settled)}


def test_an_embedded_sheet_joins_the_gate(desk: Desk) -> None:
    """Its token is asked along; while its stamp stands still it costs nothing more."""
    book = sheet(desk)
    desk.docx.tenant.clock.advance(60)  # type: ignore[attr-defined]
    look = desk.visit()
    assert desk.requests() == ["document", "blocks", "document", "metas", "metainfo", "values_batch", "values_batch"]
    first = desk.shelf.state["stamps"][SHEETS]
    desk.visit(moved=False, stamps={SHEETS: Stamp(**first)})
    assert desk.requests() == []
    look = desk.visit(stamps=stamps("1"))
    assert look.selected == {TOKEN: "电机过热", f"{SHEETS}_a1B2c3": "表1"}
    assert [source.target for source in desk.reader.asked_along(desk.shelf.state)] == [SHEETS]
    desk.visit(moved=False, stamps=stamps("1"))
    assert desk.requests() == []
    assert desk.shelf.embedded == {f"{SHEETS}_a1B2c3": {"status": "ok"}}
    desk.visit(moved=False, stamps=stamps("2", settled=False))
    assert desk.requests() == ["metainfo"]
    desk.visit(moved=False, stamps=stamps("2"))
    assert desk.requests() == ["metainfo"]  # an unsettled stamp proves nothing
    book.sheets[0].set(2, 2, 13.5)
    desk.visit(moved=False, stamps=stamps("3"))
    assert desk.kinds() == ["Grid"]


def test_a_sheet_that_one_may_not_read_costs_the_document_nothing(desk: Desk) -> None:
    """Its stamp is not kept, so that the next look asks again."""
    book = sheet(desk)
    book.readers = set()
    look = desk.visit(stamps=stamps("1"))
    assert not look.failed
    assert desk.shelf.guide["tables"][0]["status"] == "forbidden"
    book.readers = None
    desk.visit(moved=False, stamps=stamps("1"))
    assert desk.kinds() == ["Grid"]


def test_a_part_that_left_the_document_is_forgotten(desk: Desk) -> None:
    """Its table leaves the current state, and its stamp is no longer asked for."""
    sheet(desk)
    desk.visit()
    block = next(item for item in desk.docx.blocks if item["block_type"] == 30)
    desk.docx.remove(block["block_id"])
    look = desk.visit()
    assert look.selected == {TOKEN: "电机过热"}
    assert desk.reader.asked_along(desk.shelf.state) == []


def test_warnings_go_to_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
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


def serve(desk: Desk, dump: Any) -> list[dict[str, Any]]:
    """Let the stand-in serve a recorded document with all its pictures and files, and return its blocks."""
    desk.docx = desk.box.tenant.load_document(dump)
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
HEADINGS, SYNCED, CELL = range(3, 12), 49, 32
UNREADABLE = (20, 21, 28, 29, 53, 999)


@dataclass
class Reading:
    """A recorded document, and what came of it over HTTP."""

    dump: list[dict[str, Any]]
    guide: dict[str, Any]
    folder: Path

    @property
    def texts(self) -> list[tuple[int, list[str]]]:
        """Type of each block, and its elements by the plainest reading; a synced block's name is no text."""
        blocks = [block for block in self.dump if block["block_type"] != SYNCED]
        return [(block["block_type"], [told(element) for element in elements(block)]) for block in blocks]


@pytest.fixture(params=DUMPS, ids=lambda names: names[0])
def reading(desk: Desk, examples: Path, request: pytest.FixtureRequest) -> Reading:
    dump = serve(desk, recorded(examples, *request.param))
    desk.visit()
    return Reading(dump, desk.shelf.guide, desk.shelf.folder)


def elements(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for payload in block.values():
        if isinstance(payload, dict):
            yield from payload.get("elements") or []


def told(element: Mapping[str, Any]) -> str:
    payload: dict[str, Any] = next(iter(element.values()), {})
    return str(payload.get("content") or payload.get("title") or payload.get("user_id") or "")


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


def test_the_constructed_guide_reads_as_the_contract_says(desk: Desk, examples: Path) -> None:
    """Served in pages and read over HTTP, with its pictures, it is the expected Markdown to the byte."""
    serve(desk, recorded(examples, *DUMPS[-1]))
    desk.visit()
    assert desk.shelf.guide["markdown"].encode() == (examples / "guide.expected.md").read_bytes()


def test_the_constructed_reference_is_expanded(desk: Desk, examples: Path) -> None:
    """With the source's document there as well, its text stands in the place of the reference."""
    children = recorded(examples, "block_children_with_descendants.constructed.json")["data"]["items"]
    desk.box.tenant.add_document("来源", children, "RefDoc000000000000000000001")
    serve(desk, recorded(examples, *DUMPS[-1]))
    desk.visit()
    assert desk.shelf.guide["markdown"].count("仅限受训人员操作。") == 2
    assert "reference_synced" not in desk.shelf.guide["markdown"]
