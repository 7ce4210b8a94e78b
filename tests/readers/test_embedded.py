"""Bases and spreadsheets inside others: what a visit to them costs, and that their troubles are theirs."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from larknb.api.usage import Usage
from larknb.errors import BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.model import Learned, Source, Stamp
from larknb.readers.embedded import Part, Within
from larknb.sandbox import Base, Field, blocks
from tests.conftest import text

from .desks import DOCUMENT, BookDesk, Cached, PageDesk, Shelf, detail

APP = "AppTest0000000000000000001"
SHEETS = "ShtTest0000000000000000001"


@pytest.fixture
def desk(book: BookDesk) -> BookDesk:
    return book


# --- bases in a spreadsheet -------------------------------------------------------------------------------------------


def add_base(desk: BookDesk, app_token: str = "AppEmbed000000000000000001", table_id: str = "tblEmbed1") -> Base:
    base = desk.box.tenant.add_base("库", app_token=app_token)
    table = base.add_table("缺陷", [Field("标题", 1, is_primary=True)], table_id=table_id)
    table.add_many([{"标题": text(f"缺陷 {n}")} for n in range(3)])
    return base


@pytest.fixture
def base(desk: BookDesk) -> Base:
    base = add_base(desk)
    desk.book.embed_base(base, base.tables[0], "缺陷清单", sheet_id="embed1")
    return base


def test_an_embedded_base_is_a_table(desk: BookDesk, base: Base) -> None:
    """Its rows come under the name of the worksheet, after a wait for the replicas; the grid waits for nobody."""
    look = desk.visit()
    assert look.selected == {"aaaaaa": "明细", "tblEmbed1": "缺陷清单"}
    assert desk.shelf.batches["tblEmbed1"].num_rows == 3
    assert desk.shelf.tables["tblEmbed1"].name == "缺陷清单"
    assert desk.requests() == [
        "metainfo", "sheets", "tables", "app", "values_batch", "values_batch", "fields", "search", "tables",
    ]  # fmt: skip
    assert desk.waits == [7.0]


@pytest.mark.parametrize("moved", [True, False])
def test_an_embedded_base_is_asked_at_every_look(desk: BookDesk, base: Base, moved: bool) -> None:
    """One table list, also when the gate says that the spreadsheet was not edited; only what moved is read."""
    desk.visit()
    desk.visit(moved=moved)
    assert desk.requests() == ["metainfo"] * moved + ["tables"]
    base.tables[0].add({"标题": text("新")})
    desk.visit(moved=moved)
    assert desk.requests() == ["metainfo"] * moved + ["tables", "fields", "search", "tables"]
    assert desk.shelf.batches["tblEmbed1"].num_rows == 4


def test_an_edited_sheet_leaves_its_base_alone(desk: BookDesk, base: Base) -> None:
    """The two have their own revisions."""
    desk.visit()
    detail(desk).set(2, 2, 8)
    desk.visit()
    assert desk.requests() == ["metainfo", "tables", "values_batch", "values_batch"]


def test_two_tables_of_one_base(desk: BookDesk, base: Base) -> None:
    """They share the table list."""
    second = base.add_table("第二", [Field("名", 1, is_primary=True)], table_id="tblEmbed2")
    desk.book.embed_base(base, second, "附表", sheet_id="embed2")
    desk.visit()
    desk.visit()
    assert desk.requests() == ["metainfo", "tables"]
    assert {key: entry.name for key, entry in desk.shelf.tables.items()} == {
        "aaaaaa": "明细", "tblEmbed1": "缺陷清单", "tblEmbed2": "附表",
    }  # fmt: skip


def test_a_copy_of_the_base(desk: BookDesk, base: Base) -> None:
    """A copied base keeps its table ids: the two tables are told apart."""
    copy = add_base(desk, app_token="AppEmbed000000000000000002")
    copy.tables[0].add({"标题": text("只在副本")})
    desk.book.embed_base(copy, copy.tables[0], "副本", sheet_id="embed2")
    desk.visit()
    rows = {entry.name: entry.rows for entry in desk.shelf.tables.values()}
    assert rows == {"明细": 3, "缺陷清单": 3, "副本": 4}
    desk.visit()
    assert desk.requests() == ["metainfo", "tables", "tables"]


def test_an_embedded_table_can_be_named(desk: BookDesk, base: Base) -> None:
    """By its worksheet, as any other; then the grids cost nothing."""
    desk.options = {"sheets": ["缺陷清单"]}
    assert desk.visit().selected == {"tblEmbed1": "缺陷清单"}
    assert "values_batch" not in desk.requests()
    desk.part, desk.options = "embed1", {}
    assert desk.visit().selected == {"tblEmbed1": "缺陷清单"}


@pytest.mark.parametrize(("endpoint", "code"), [("tables", 91403), ("fields", 1254302), ("search", 1254040)])
def test_a_base_that_fails_harms_nobody(desk: BookDesk, base: Base, endpoint: str, code: int) -> None:
    """Its table is reported as failed and read at the next visit; the worksheets are fine."""
    desk.reply(code, endpoint)
    look = desk.visit()
    assert {key: error.code for key, error in look.failed.items()} == {"tblEmbed1": code}
    assert desk.shelf.tables.keys() == {"aaaaaa"}
    look = desk.visit()
    assert look.failed == {}
    assert desk.shelf.batches["tblEmbed1"].num_rows == 3


def test_a_base_that_fails_after_an_edit(desk: BookDesk, base: Base) -> None:
    """The edit is not forgotten: the next visit reads it."""
    desk.visit()
    base.tables[0].add({"标题": text("新")})
    desk.reply(1254302, "search")
    assert desk.visit().failed.keys() == {"tblEmbed1"}
    desk.visit()
    assert desk.shelf.batches["tblEmbed1"].num_rows == 4


@pytest.mark.parametrize(("code", "error"), [(99991403, BudgetSpent), (99991669, LoginRequired)])
def test_what_stops_everything(desk: BookDesk, base: Base, code: int, error: type[LarkError]) -> None:
    """A spent quota or a dead login is no matter of one base."""
    desk.reply(code, "tables", times=None)
    with pytest.raises(error):
        desk.visit()


def test_a_base_without_permission_to_read_bases(desk: BookDesk, base: Base) -> None:
    """A login that lacks the scope for bases still reads the worksheets."""
    desk.reply(99991679, "tables", times=None)
    look = desk.visit()
    assert look.failed["tblEmbed1"].lacks_scope
    assert len(desk.shelf.frame("aaaaaa")) == 2


def test_an_embedded_table_that_is_gone(desk: BookDesk, base: Base) -> None:
    """Deleted in its base, or with its worksheet: either way it is gone, not failed."""
    desk.visit()
    kept = base.add_table("另一个", [Field("名", 1, is_primary=True)])
    base.remove_table(base.tables[0])
    assert base.tables == [kept]
    look = desk.visit()
    assert (look.gone, look.failed) == ({"tblEmbed1": "缺陷清单"}, {})
    assert look.selected == {"aaaaaa": "明细"}


def test_an_embedded_worksheet_that_is_gone(desk: BookDesk, base: Base) -> None:
    """The table was cached under its own id; it is missed all the same."""
    desk.visit()
    desk.book.remove_sheet(desk.book.sheet("缺陷清单"))
    look = desk.visit()
    assert (look.gone, look.selected) == ({"tblEmbed1": "缺陷清单"}, {"aaaaaa": "明细"})


def test_a_held_back_table_of_a_base(desk: BookDesk, base: Base) -> None:
    """It is read again through the base, although no revision moved."""
    desk.visit()
    desk.shelf.again = ["tblEmbed1"]
    desk.visit(moved=False)
    assert desk.requests() == ["tables", "fields", "search", "tables"]


def test_a_table_that_was_never_there_fails_alone(desk: BookDesk, base: Base) -> None:
    """Its worksheet shows a table that its base does not have: the other table of the base is read."""
    other = base.add_table("另一个", [Field("名", 1, is_primary=True)], table_id="tblEmbed2")
    desk.book.embed_base(base, other, "已删", sheet_id="embed2")
    base.remove_table(other)
    look = desk.visit()
    assert look.failed.keys() == {"tblEmbed2"}
    assert isinstance(look.failed["tblEmbed2"], NotFound)
    assert desk.shelf.batches["tblEmbed1"].num_rows == 3


def test_what_is_to_be_read_again_waits_for_its_base(desk: BookDesk, base: Base) -> None:
    """The base cannot be asked now: its held back table is read as soon as it can, though no revision moved."""
    desk.visit()
    desk.shelf.again = ["tblEmbed1"]
    desk.reply(91403, "tables")
    assert desk.visit(moved=False).again == ("tblEmbed1",)
    desk.visit(moved=False)
    assert desk.requests() == ["tables", "fields", "search", "tables"]


# --- bases and spreadsheets in a document -----------------------------------------------------------------------------


def shown_base(page: PageDesk, rows: int = 3) -> Any:
    found = page.box.tenant.add_base("故障库", app_token=APP)
    table = found.add_table("故障码", [Field("代码", 1, field_id="fldCode", is_primary=True)], table_id="tblCodes")
    table.add_many([{"代码": text(f"P{n:04d}")} for n in range(rows)])
    page.write(blocks.bitable(found, table))
    return found


KEY = f"{APP}_tblCodes"


def test_an_embedded_base_counts_as_a_base(page: PageDesk) -> None:
    """Its rows come under the name of its block; unchanged it costs one list of tables at each look."""
    found = shown_base(page)
    look = page.visit()
    assert page.requests() == ["document", "blocks", "document", "tables", "app", "fields", "search", "tables"]
    assert look.selected == {DOCUMENT: "电机过热", KEY: "故障码"}
    assert page.shelf.batches[KEY].num_rows == 3
    assert page.shelf.embedded == {KEY: {"status": "ok"}}
    assert page.waits == [7.0]
    page.visit(moved=False)
    assert page.requests() == ["tables"]
    found.table("故障码").add_many([{"代码": text("P9999")}])
    look = page.visit(moved=False)
    assert page.requests() == ["tables", "fields", "search", "tables"]
    assert page.kinds() == ["Batch"]
    assert look.selected == {DOCUMENT: "电机过热", KEY: "故障码"}
    assert page.shelf.batches[KEY].num_rows == 4


@pytest.mark.parametrize("number", [53, 82])
def test_a_base_that_is_referred_to_is_read_as_an_embedded_one(page: PageDesk, number: int) -> None:
    """The newer block of a base, under its number and under one that nobody knows."""
    shown_base(page)
    page.write(blocks.other(number, "reference_base", {"token": KEY, "view_id": "vewDemo"}))
    page.visit()
    assert page.requests() == ["document", "blocks", "document", "tables", "app", "fields", "search", "tables"]
    assert page.shelf.batches[KEY].num_rows == 3
    assert page.shelf.embedded == {KEY: {"status": "ok"}}


def test_a_changed_document_does_not_read_its_unchanged_base_again(page: PageDesk) -> None:
    """Its revisions are asked, as for any base."""
    shown_base(page)
    page.visit()
    page.write("又一步")
    page.visit()
    assert page.requests() == ["document", "blocks", "document", "tables"]
    assert KEY in page.shelf.tables


def test_two_tables_of_one_base_are_one_base(page: PageDesk) -> None:
    """One list of tables tells of both, however often they are shown."""
    found = shown_base(page)
    second = found.add_table("措施", [Field("名称", 1, field_id="fldName", is_primary=True)], table_id="tblDo")
    second.add_many([{"名称": text("更换")}])
    page.write(blocks.bitable(found, second), blocks.bitable(found, second))
    page.visit()
    assert page.requests().count("tables") == 2
    page.visit(moved=False)
    assert page.requests() == ["tables"]
    assert page.shelf.batches.keys() == {KEY, f"{APP}_tblDo"}


def test_a_base_that_one_may_not_read_costs_the_document_nothing(page: PageDesk) -> None:
    """The guide keeps the link and says why there are no rows; the sync has not failed."""
    shown_base(page)
    page.reply(91403, "tables", times=None)
    look = page.visit()
    assert not look.failed
    table = page.shelf.guide["tables"][0]
    assert (table["status"], table["rows"]) == ("forbidden", None)
    assert f"[嵌入多维表格](feishu-bitable:{APP}/tblCodes)" in page.shelf.guide["markdown"]
    page.box.faults.clear()
    page.visit(moved=False)
    assert page.shelf.embedded == {KEY: {"status": "ok"}}
    assert page.shelf.batches[KEY].num_rows == 3


def test_a_table_that_was_deleted_is_told(page: PageDesk) -> None:
    """Another table of the same base is read all the same."""
    found = shown_base(page)
    page.write(blocks.other(18, "bitable", {"token": f"{APP}_tblGone"}))
    look = page.visit()
    assert not look.failed
    assert [page.shelf.embedded[key]["status"] for key in (KEY, f"{APP}_tblGone")] == ["ok", "failed"]
    page.box.tenant.remove(found)
    look = page.visit(moved=False)
    assert (look.failed, page.shelf.embedded[KEY]["status"]) == ({}, "failed")
    assert KEY in page.shelf.tables


def test_a_base_that_breaks_off_is_told_and_read_again(page: PageDesk) -> None:
    """Rows that did not prove complete are dropped, the document is there, and the next look tries again."""
    shown_base(page, rows=700)
    page.reply(1254302, "search", after=1)
    look = page.visit()
    assert look.failed.keys() == {KEY}
    assert KEY not in page.shelf.tables
    assert page.kinds()[-1] == "Guide"
    page.visit(moved=False)
    assert page.shelf.batches[KEY].num_rows == 700


def test_a_general_problem_stops_at_an_embedded_base(page: PageDesk, tmp_path: Path) -> None:
    """A spent budget or a dead login ends every other call too: the source fails and its cache stays."""
    shown_base(page)
    page.client.usage = Usage(tmp_path / "usage.json", 4)
    with pytest.raises(BudgetSpent):
        page.visit()


def shown_sheet(page: PageDesk) -> Any:
    book = page.box.tenant.add_spreadsheet("阻值", token=SHEETS)
    rows: list[list[Any]] = [["部位", "阻值"], ["定子", 12.5]]
    worksheet = book.add_sheet("表1", rows, sheet_id="a1B2c3", row_count=20, column_count=5)
    page.write(blocks.sheet(worksheet))
    return book


def stamps(mtime: str, *, settled: bool = True) -> dict[str, Stamp]:
    return {SHEETS: Stamp(mtime, settled)}


def test_an_embedded_sheet_joins_the_gate(page: PageDesk) -> None:
    """Its token is asked along; while its stamp stands still it costs nothing more."""
    book = shown_sheet(page)
    page.docx.tenant.clock.advance(60)  # type: ignore[attr-defined]
    look = page.visit()
    assert page.requests() == ["document", "blocks", "document", "metas", "metainfo", "values_batch", "values_batch"]
    first = page.shelf.state["stamps"][SHEETS]
    page.visit(moved=False, stamps={SHEETS: Stamp(**first)})
    assert page.requests() == []
    look = page.visit(stamps=stamps("1"))
    assert look.selected == {DOCUMENT: "电机过热", f"{SHEETS}_a1B2c3": "表1"}
    assert [source.target for source in page.reader.asked_along(page.shelf.state)] == [SHEETS]
    page.visit(moved=False, stamps=stamps("1"))
    assert page.requests() == []
    assert page.shelf.embedded == {f"{SHEETS}_a1B2c3": {"status": "ok"}}
    page.visit(moved=False, stamps=stamps("2", settled=False))
    assert page.requests() == ["metainfo"]
    page.visit(moved=False, stamps=stamps("2"))
    assert page.requests() == ["metainfo"]  # an unsettled stamp proves nothing
    book.sheets[0].set(2, 2, 13.5)
    page.visit(moved=False, stamps=stamps("3"))
    assert {*page.kinds()} == {"Grid"}


def test_a_sheet_that_one_may_not_read_costs_the_document_nothing(page: PageDesk) -> None:
    """Its stamp is not kept, so that the next look asks again."""
    book = shown_sheet(page)
    book.readers = set()
    look = page.visit(stamps=stamps("1"))
    assert not look.failed
    assert page.shelf.guide["tables"][0]["status"] == "forbidden"
    book.readers = None
    page.visit(moved=False, stamps=stamps("1"))
    assert {*page.kinds()} == {"Grid"}


def test_a_part_that_left_the_document_is_forgotten(page: PageDesk) -> None:
    """Its table leaves the current state, and its stamp is no longer asked for."""
    shown_sheet(page)
    page.visit()
    block = next(item for item in page.docx.blocks if item["block_type"] == 30)
    page.docx.remove(block["block_id"])
    look = page.visit()
    assert look.selected == {DOCUMENT: "电机过热"}
    assert page.reader.asked_along(page.shelf.state) == []


def test_a_base_in_a_sheet_of_a_document(page: PageDesk) -> None:
    """Three deep: its rows are read, and the next look asks its revisions and nothing more."""
    book = page.box.tenant.add_spreadsheet("阻值", token=SHEETS)
    found = page.box.tenant.add_base("故障库", app_token=APP)
    table = found.add_table("故障码", [Field("代码", 1, is_primary=True)], table_id="tblCodes")
    table.add_many([{"代码": text("P0001")}])
    page.write(blocks.sheet(book.embed_base(found, table, "故障清单", sheet_id="embed1")))
    page.visit()
    assert page.shelf.batches[f"{SHEETS}_tblCodes"].num_rows == 1
    page.visit(moved=False)
    assert page.requests() == ["metainfo", "tables"]


def test_a_read_leaves_its_look_as_it_was(page: PageDesk) -> None:
    """What moves between look and read, and what the read learns, is in its last parcel and nowhere else."""
    found = shown_base(page)
    shown_sheet(page)
    page.visit()
    found.table("故障码").add_many([{"代码": text("P9999")}])
    look = page.reader.look(page.client, page.shelf, moved=False)
    before = deepcopy(vars(look.learned()))
    page.reply(1254302, "search")
    *_, learned = page.reader.read(page.client, page.shelf, look)
    assert isinstance(learned, Learned)
    assert learned.embedded[KEY]["status"] == "forbidden"
    assert vars(look.learned()) == before


# --- a part as a source -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "option"), [("bitable", "tables"), ("spreadsheet", "sheets")])
def test_of_a_part_only_what_is_shown_is_wanted(kind: Any, option: str) -> None:
    """It is read as its holder is, by the same person, and under the holder's name."""
    holder = Source("指引", "https://x.feishu.cn/docx/D", "document", "D", identity="tenant")
    found = Part(kind, "App", {"a": "App_a", "b": "b"}).source(holder, dates=False)
    assert (found.name, found.url, found.kind, found.token) == (holder.name, holder.url, kind, "App")
    assert (found.identity, found.options) == ("tenant", {option: ["a", "b"], "dates": False})


def test_a_part_is_whole_when_nothing_of_it_is_to_be_read(tmp_path: Path) -> None:
    """All tables are cached, none of them went, and none is to be read again."""
    part, whole = Part("spreadsheet", "Sht", {"a": "Sht_a"}), Cached("a", 1)
    assert Within(Shelf(tmp_path, tables={"Sht_a": whole}), part, {}).is_whole
    assert not Within(Shelf(tmp_path), part, {}).is_whole
    assert not Within(Shelf(tmp_path, tables={"Sht_a": replace(whole, gone=True)}), part, {}).is_whole
    assert not Within(Shelf(tmp_path, tables={"Sht_a": whole}, again=("Sht_a",)), part, {}).is_whole
    assert not Within(Shelf(tmp_path, tables={"Sht_a": whole}), part, {"again": ["a"]}).is_whole
