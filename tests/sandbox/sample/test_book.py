"""The sample spreadsheet, with the traps that people set."""

from __future__ import annotations

import pytest

from larknb.sandbox import Sandbox, sample

from ..conftest import Api
from .seeing import grid


def test_worksheets_of_all_sorts(served: tuple[Sandbox, Api]) -> None:
    """One is hidden, one is a Bitable that can be read, one has a header of two rows with merges."""
    sheets = served[1].data(f"/sheets/v3/spreadsheets/{sample.BOOK}/sheets/query")["sheets"]
    found = {sheet["sheet_id"]: sheet for sheet in sheets}
    assert list(found) == [
        sample.BOOK_PARTS,
        sample.BOOK_MONTHS,
        sample.BOOK_PLAN,
        sample.BOOK_CODES,
        sample.BOOK_VALUES,
        sample.BOOK_HIDDEN,
        sample.BOOK_BASE,
    ]
    assert [sheet["title"] for sheet in sheets if sheet["hidden"]] == ["历史归档"]
    assert (found[sample.BOOK_BASE]["resource_type"], len(found[sample.BOOK_MONTHS]["merges"])) == ("bitable", 4)
    assert found[sample.BOOK_MONTHS]["grid_properties"]["frozen_row_count"] == 2
    tables = served[1].data(f"/bitable/v1/apps/{sample.EMBEDDED_BASE}/tables")["items"]
    assert [table["table_id"] for table in tables] == [sample.EMBEDDED_TABLE]
    layout = served[1].data(f"/sheets/v2/spreadsheets/{sample.BOOK}/metainfo")["sheets"][-1]
    assert layout["blockInfo"]["blockToken"] == f"{sample.EMBEDDED_BASE}_{sample.EMBEDDED_TABLE}"


def test_the_traps_of_the_worksheets(served: tuple[Sandbox, Api]) -> None:
    """Titles above headers, leading zeros, totals, errors, mixed columns, times, and numbers that no double holds."""
    parts = grid(served, sample.BOOK_PARTS)
    assert (parts[0][1:], parts[1][0], parts[2][0], parts[-1][0]) == ([None] * 8, "物料编码", "000127", "合计")
    assert parts[-1][5] == pytest.approx(sum(row[5] for row in parts[2:-1]))
    plan, text = grid(served, sample.BOOK_PLAN), grid(served, sample.BOOK_PLAN, dateTimeRenderOption="FormattedString")
    days, times, moments = ([row[column] for row in plan[1:]] for column in (3, 4, 5))
    assert all(isinstance(day, int) for day in days)
    assert all(0 <= time < 1 for time in times)
    assert {type(moment) for moment in moments} == {float, type(None)}
    assert [len(row[column]) for row, column in ((text[1], 3), (text[1], 4), (text[1], 5))] == [10, 5, 16]
    assert {type(row[8]) for row in plan[1:]} == {float, str, bool, int, type(None)}
    assert {"#VALUE!", "#DIV/0!"} < {cell for row in plan for cell in row if isinstance(cell, str)}
    assert 9007199254740993 in [row[3] for row in grid(served, sample.BOOK_VALUES)]
    months = grid(served, sample.BOOK_MONTHS)
    assert months[0][:3] == ["部门", "2025 年", None]


def test_rich_cells_of_all_sorts(served: tuple[Sandbox, Api]) -> None:
    """Styled text, mentions of people and documents, links, pictures and files that can be fetched, and choices."""
    cells = [cell for row in grid(served, sample.BOOK_CODES) for cell in row]
    parts = [part for cell in cells for part in (cell if isinstance(cell, list) else [cell]) if isinstance(part, dict)]
    assert {"text", "mention", "url", "embed-image", "attachment", "multipleValue"} == {part["type"] for part in parts}
    files = [part["fileToken"] for part in parts if "fileToken" in part]
    assert len(files) == 2
    for token in files:
        assert served[1].get(f"/drive/v1/medias/{token}/download").status_code == 200
