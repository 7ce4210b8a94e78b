"""The sample workspace: real-looking, complete, and the same every time."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from larknb.sandbox import Base, Sandbox, Spreadsheet, Tenant, sample, sample_workspace
from larknb.sandbox.world.bitable.cells import UI_TYPES
from larknb.sandbox.world.docx import plain_text

from .conftest import Api, data_of

EARLIEST, LATEST = 1_704_067_200_000, 1_798_761_600_000  # 2024-01-01 and 2027-01-01 UTC


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return sample_workspace(300)


@pytest.fixture(scope="module")
def served(tenant: Tenant) -> Iterator[tuple[Sandbox, Api]]:
    with Sandbox(tenant) as box:
        api = Api(box.url, box.sign_in()["access_token"])
        yield box, api
        api.session.close()


def everything(tenant: Tenant, api: Api) -> dict[str, Any]:
    """Read all that a client can see, page by page."""
    seen: dict[str, Any] = {}
    for guide in tenant.guides:
        seen[guide.token] = (
            api.data(f"/docx/v1/documents/{guide.token}"),
            api.data(f"/docx/v1/documents/{guide.token}/blocks")["items"],
        )
    for book in [one for one in tenant.documents if isinstance(one, Spreadsheet)]:
        seen[book.token] = api.data(f"/sheets/v2/spreadsheets/{book.token}/metainfo")
        for sheet in [one for one in book.sheets if not one.block]:
            path = f"/sheets/v2/spreadsheets/{book.token}/values/{sheet.sheet_id}"
            seen[sheet.sheet_id] = api.data(path, valueRenderOption="UnformattedValue", user_id_type="open_id")
    for base in tenant.bases:
        seen[base.name] = api.data(f"/bitable/v1/apps/{base.app_token}/tables", page_size=100)["items"]
        for table in base.tables:
            path = f"/bitable/v1/apps/{base.app_token}/tables/{table.table_id}/fields"
            rows = api.all_rows(table, {"automatic_fields": True}, page_size=500)
            seen[table.table_id] = (api.data(path, page_size=100)["items"], rows)
    return seen


def test_the_constants_name_what_is_there(tenant: Tenant) -> None:
    """Tokens are the documented ones, in the platform's shape, and the wiki node holds the second base."""
    staff, safety = tenant.base(sample.STAFF_BASE), tenant.base(sample.SAFETY_BASE)
    assert (staff.name, safety.name) == ("功能安全部人力盘点", "功能安全业务数据")
    tokens = (sample.STAFF_BASE, sample.SAFETY_BASE, sample.WIKI_NODE, sample.BOOK, sample.EMBEDDED_BASE)
    guides = (*sample.GUIDES, sample.GUIDE_NODE, sample.GUIDE_BOOK)
    assert {len(token) for token in (*tokens, *guides)} == {27}
    assert [document.token for document in tenant.documents] == [
        sample.STAFF_BASE,
        sample.SAFETY_BASE,
        sample.BOOK,
        *sample.GUIDES,
        sample.EMBEDDED_BASE,
        sample.GUIDE_BOOK,
    ]
    named = [sample.STAFF_PEOPLE, sample.STAFF_DEPARTMENTS, sample.STAFF_SKILLS]
    assert [table.table_id for table in staff.tables] == named
    assert [table.table_id for table in safety.tables] == [
        sample.SAFETY_DEFECTS,
        sample.SAFETY_GOALS,
        sample.SAFETY_TESTS,
    ]
    node = tenant.wiki_node(sample.WIKI_NODE)
    assert node is not None
    assert node.document is safety


def test_it_is_the_same_every_time(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Two builds serve the same words, down to the last id and stamp."""
    again = sample_workspace(300)
    first = json.dumps(everything(tenant, served[1]))
    with Sandbox(again) as box:
        api = Api(box.url, box.sign_in()["access_token"])
        second = json.dumps(everything(again, api))
        api.session.close()
        second = second.replace(box.url, served[0].url)
    assert first == second


def test_every_field_type_occurs_with_values(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """All types and faces of the contract, each filled somewhere and, where it can be, empty somewhere."""
    filled: set[tuple[int, str]] = set()
    seen = everything(tenant, served[1])
    for fields, rows in [seen[table.table_id] for base in tenant.bases for table in base.tables]:
        for field in fields:
            if any(field["field_name"] in row["fields"] for row in rows):
                filled.add((field["type"], field["ui_type"]))
    faces = {"Barcode", "Email", "Currency", "Progress", "Rating", "Number"}
    assert {kind for kind, _ in filled} == set(UI_TYPES) - {3001}
    assert faces <= {face for _, face in filled}
    assert any(field["type"] == 3001 for field in seen[sample.SAFETY_DEFECTS][0])


def test_the_edges_are_there(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Mentions, several persons, dates before 1970, deleted options, names with commas, nearly empty rows."""
    seen = everything(tenant, served[1])
    people = {row["record_id"]: row["fields"] for row in seen[sample.STAFF_PEOPLE][1]}
    defects = [row["fields"] for row in seen[sample.SAFETY_DEFECTS][1]]
    options = tenant.base(sample.SAFETY_BASE).table("缺陷").field("状态").property
    assert options is not None
    assert {cells.get("状态") for cells in defects} - {option["name"] for option in options["options"]} == {
        "挂起",
        None,
    }
    kinds = {segment["type"] for cells in defects for segment in cells.get("现象描述", [])}
    assert kinds == {"text", "mention", "url"}
    assert any(len(cells.get("处理人", [])) > 1 for cells in defects)
    assert min(cells.get("入职日期", 0) for cells in people.values()) < 0
    assert any("," in person["name"] for cells in people.values() for person in cells.get("账号", []))
    assert any("," in tag for cells in defects for tag in cells.get("标签", []))
    assert min(len(cells) for cells in defects) <= 7
    assert {cells.get("可复现") for cells in defects} == {True, False, None}


def links(base: Base, table: str, name: str) -> set[tuple[str, str]]:
    found = base.table(table)
    return {
        (record_id, linked)
        for record_id in found.rows
        for linked in found.read(record_id).get(name, {}).get("link_record_ids", [])
    }


@pytest.mark.parametrize(
    ("token", "forth", "back"),
    [
        (sample.STAFF_BASE, ("人员", "部门"), ("部门", "成员")),
        (sample.STAFF_BASE, ("人员", "技能"), ("技能", "掌握者")),
        (sample.SAFETY_BASE, ("缺陷", "安全目标"), ("安全目标", "相关缺陷")),
    ],
)
def test_two_way_links_agree(token: str, forth: tuple[str, str], back: tuple[str, str], tenant: Tenant) -> None:
    """Both sides of a link hold the same pairs, and each field names the other."""
    base = tenant.base(token)
    assert links(base, *forth) == {(one, other) for other, one in links(base, *back)}
    here, there = base.table(forth[0]).field(forth[1]), base.table(back[0]).field(back[1])
    for mine, other, table in ((here, there, back[0]), (there, here, forth[0])):
        assert mine.property is not None
        assert mine.property["back_field_id"] == other.field_id
        assert mine.property["table_id"] == base.table(table).table_id


def test_times_lie_in_the_years_of_the_story(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Rows were made in their order, edited after they were made, and nothing is later than its base."""
    for base in tenant.bases:
        assert EARLIEST <= base.created_at * 1000 < base.mtime * 1000 < LATEST
        for table in base.tables:
            rows = list(table.rows.values())
            assert all(EARLIEST < row.created_time <= row.modified_time <= base.mtime * 1000 for row in rows)
            assert max(row.modified_time for row in rows) > min(row.created_time for row in rows)
    made = [row.created_time for row in tenant.base(sample.STAFF_BASE).table("人员").rows.values()]
    assert all(earlier <= later for earlier, later in itertools.pairwise(made))


def test_the_views_select(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """The two filtered views show some rows, and not all."""
    for table, name in ((tenant.bases[0].tables[0], "经理"), (tenant.bases[1].tables[0], "未关闭")):
        view = next(view_id for view_id, view in table.views.items() if view.name == name)
        total = data_of(served[1].search(table, {"view_id": view}))["total"]
        assert 0 < total < len(table.rows)


@pytest.mark.parametrize("rows", [0, 1, 2400])
def test_any_number_of_rows(rows: int) -> None:
    """The largest table has as many rows as asked for."""
    assert len(sample_workspace(rows).base(sample.SAFETY_BASE).table("缺陷").rows) == rows


# The spreadsheet -----------------------------------------------------------------------------------------------------


def grid(served: tuple[Sandbox, Api], sheet_id: str, book: str = sample.BOOK, **query: str) -> list[list[Any]]:
    """Return what is filled in a worksheet."""
    options = {"valueRenderOption": "UnformattedValue", "user_id_type": "open_id"} | query
    path = f"/sheets/v2/spreadsheets/{book}/values/{sheet_id}"
    rows: list[list[Any]] = served[1].data(path, **options)["valueRange"]["values"]
    filled = [row for row in rows if any(cell is not None for cell in row)]
    width = max(column for row in filled for column, cell in enumerate(row, 1) if cell is not None)
    return [row[:width] for row in filled]


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


# The guides ----------------------------------------------------------------------------------------------------------


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


def test_attachments_of_the_bases_can_be_fetched(served: tuple[Sandbox, Api]) -> None:
    """The tokens in attachment cells lead to as many bytes as the cells say."""
    rows = served[1].all_rows(served[0].tenant.base(sample.SAFETY_BASE).table("测试记录"), page_size=500)
    files = [file for row in rows for file in row["fields"].get("报告", [])]
    for file in files[:4]:
        answer = served[1].get(f"/drive/v1/medias/{file['file_token']}/download")
        assert (answer.status_code, len(answer.content)) == (200, file["size"])
    assert any(file["size"] == 0 for file in files)
