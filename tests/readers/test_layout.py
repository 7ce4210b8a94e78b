"""What a layout tells of worksheets, and what of it is remembered."""

from __future__ import annotations

from typing import Any

from larknb.readers.layout import Layout, Sheet, bases_in

BLOCK = {"blockType": "BITABLE_BLOCK", "blockToken": "App_tblA"}


def layout(*sheets: dict[str, Any]) -> Layout:
    return Layout.of({"properties": {"revision": 7}, "sheets": [*sheets]})


def test_merged_areas_count_from_one() -> None:
    """The platform counts from 0, and leaves out what is 0."""
    found = layout({"sheetId": "a", "merges": [{"startColumnIndex": 2, "rowCount": 1, "columnCount": 3}]})
    assert found.sheets["a"].merges == ({"row": 1, "column": 3, "rows": 1, "columns": 3},)


def test_what_is_remembered_says_what_is_there_without_sizes() -> None:
    """Ids, titles and blocks come back as they were; sizes must be asked for."""
    found = layout({"sheetId": "a", "title": "明细", "rowCount": 9}, {"sheetId": "b", "blockInfo": BLOCK})
    again = Layout.remembered({"revision": 7, "sheets": [sheet.memo for sheet in found.sheets.values()]})
    assert again == Layout(7, {"a": Sheet("a", "明细"), "b": Sheet("b", "", "BITABLE_BLOCK", "App_tblA")})
    assert Layout.remembered({}) is None


def test_a_block_without_a_type_is_no_grid() -> None:
    """What it is nobody knows; its cells cannot be read."""
    assert layout({"sheetId": "a", "blockInfo": {"blockToken": "x"}}).sheets["a"].block_type == "?"


def test_only_a_grid_needs_a_size() -> None:
    """A base has none, and a grid without one is no empty grid; what is odd about them is in tests/hostile."""
    found = layout(
        {"sheetId": "a"}, {"sheetId": "b", "blockInfo": BLOCK}, {"sheetId": "c", "rowCount": 0, "columnCount": 0}
    )
    assert {key: sheet.has_size for key, sheet in found.sheets.items()} == {"a": False, "b": True, "c": True}


def test_tables_that_share_an_id_go_by_their_block() -> None:
    """A copied base keeps the table ids of the first; a table that is alone keeps its own."""
    blocks = ("App_tblA", "Copy_tblA", "App_tblB")
    found = bases_in(Sheet(block, block, "BITABLE_BLOCK", block) for block in blocks)
    assert {part.token: part.keys for part in found} == {
        "App": {"tblA": "App_tblA", "tblB": "tblB"}, "Copy": {"tblA": "Copy_tblA"},
    }  # fmt: skip


def test_only_a_table_of_a_base_is_a_base_s_table() -> None:
    """Another kind of block has a token too, and a base may show no table."""
    assert bases_in([Sheet("a", "a", "CHART_BLOCK", "App_tblA"), Sheet("b", "b", "BITABLE_BLOCK", "App")]) == []
