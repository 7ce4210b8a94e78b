"""Worksheets, their grids, and the revision of them all."""

from __future__ import annotations

from larknb.sandbox import Sandbox, Spreadsheet

from ...conftest import NOON, Api, Clock, outcome
from ...reading import NEW, OLD, values


def test_a_new_grid_is_mostly_blank(api: Api, book: Spreadsheet) -> None:
    """200 x 20 unless the rows need more, with merges in counts (v2) and with inclusive ends (v3)."""
    book.add_sheet("小", [["a"]], frozen_rows=1, merges=[(2, 3, 4, 5)])
    book.add_sheet("大", [[0] * 21] * 201)
    small, large = api.data(f"{OLD}/metainfo")["sheets"]
    assert (small["rowCount"], small["columnCount"], small["frozenRowCount"]) == (200, 20, 1)
    assert small["merges"] == [{"startRowIndex": 1, "startColumnIndex": 2, "rowCount": 4, "columnCount": 5}]
    assert (large["rowCount"], large["columnCount"], "merges" in large) == (201, 21, False)
    merge = api.data(f"{NEW}/sheets/query")["sheets"][0]["merges"][0]
    assert list(merge.values()) == [1, 4, 2, 6]


def test_every_write_moves_one_revision_and_the_time(api: Api, box: Sandbox, clock: Clock, book: Spreadsheet) -> None:
    """A sheet, a cell, many rows, a title: one each; a touch moves the time alone, a bump the revision alone."""
    clock.now += 100
    sheet = book.add_sheet("明细", [["a"]])
    assert (book.revision, book.mtime) == (1, int(NOON) + 100)
    sheet.set(1, 2, "b")
    sheet.append(["c"], ["d"])
    sheet.delete_rows(1)
    sheet.replace([["e"], ["f"]])
    sheet.rename("别名")
    book.remove_sheet(book.add_sheet("另一页"))
    assert book.revision == 8
    before = book.revision
    sheet.set_quietly(1, 1, "NOW")
    assert (book.revision, values(api, f"{sheet.sheet_id}!A1:A1")) == (before, [["NOW"]])
    clock.now += 50
    book.touch()
    assert (book.revision, book.mtime) == (before, int(NOON) + 150)
    clock.now += 50
    book.bump()
    assert (book.revision, book.mtime) == (before + 1, int(NOON) + 150)
    assert api.data(f"{OLD}/metainfo")["properties"]["revision"] == before + 1


def test_an_embedded_base_names_its_table(api: Api, box: Sandbox, book: Spreadsheet) -> None:
    """blockInfo in v2, resource_type in v3, and no values."""
    base = box.tenant.add_base("人员")
    table = base.add_table("名单", [])
    sheet = book.embed_base(base, table, "嵌入")
    block = api.data(f"{OLD}/metainfo")["sheets"][0]["blockInfo"]
    assert block == {"blockToken": f"{base.app_token}_{table.table_id}", "blockType": "BITABLE_BLOCK"}
    item = api.data(f"{NEW}/sheets/query")["sheets"][0]
    assert (item["resource_type"], "grid_properties" in item) == ("bitable", False)
    assert outcome(api.get(f"{OLD}/values/{sheet.sheet_id}!A1:A1")) == (200, 90211)
