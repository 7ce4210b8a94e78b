"""What the readers send, word by word, and how an error names the page of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.api.client import LarkClient
from larknb.errors import ApiError, LarkError
from larknb.model import Guide, Source, Stamp
from larknb.readers import bitable, chosen, document, gate, media, spreadsheet, windows
from larknb.readers.base import options_stamp, resolve
from larknb.readers.blocks import is_token, media_in
from larknb.readers.document import DocumentReader
from larknb.readers.layout import Layout, Sheet
from larknb.sandbox import Fault, Field, Sandbox, blocks
from larknb.sandbox.serving.journal import Call
from tests.conftest import text

from .desks import BASE, DOCUMENT, SPREADSHEET, BaseDesk, BookDesk, Desk, PageDesk, Shelf, picture


@pytest.fixture
def staff(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> BaseDesk:
    """A base with one table of three rows."""
    base = box.tenant.add_base("staff", app_token=BASE)
    fields = [Field("name", 1, field_id="fldName", is_primary=True), Field("age", 2, field_id="fldAge")]
    base.add_table("people", fields, table_id="tblPeople").add_many([{"name": text("a"), "age": 1}] * 3)
    return BaseDesk(box, client, waits, Shelf(tmp_path), base)


@pytest.fixture
def books(book: BookDesk) -> BookDesk:
    """Two worksheets: which of them is hidden must be asked."""
    book.book.add_sheet("又一", [["a"]], sheet_id="bbbbbb")
    return book


@pytest.fixture
def viewed(staff: BaseDesk) -> BaseDesk:
    """A base of which a view is read."""
    staff.options = {"view": staff.people.add_view("v")}
    return staff


def asked(desk: Desk, endpoint: str) -> Call:
    return next(call for call in desk.box.journal if call.endpoint == endpoint)


@pytest.mark.parametrize(
    ("number", "documented"),
    [
        (bitable.PAGE, 500),
        (bitable.LIST_PAGE, 100),
        (chosen.MOST_NAMES, 200),
        (document.PAGE, 500),
        (gate.PER_CALL, 200),
        (media.LARGEST, 20_000_000),
        (media.IN_VAIN, 2),
        (windows.MOST_CELLS, 40_000),
        (windows.MOST_ROWS, 2_000),
        (windows.MOST_RANGES, 50),
        (windows.LONGEST, 4_000),
        (bitable.READINGS, 3),
        (spreadsheet.READINGS, 3),
        (document.READINGS, 3),
        (document.MOST_REFERENCES, 100),
    ],
)
def test_the_numbers_are_those_that_are_documented(number: float, documented: float) -> None:
    """What the platform accepts at once, and how often or how much we ask."""
    assert number == documented


def test_a_base_is_asked_with_these_words(staff: BaseDesk) -> None:
    """Lists by the hundred, rows by five hundreds, with the columns that the platform keeps by itself."""
    staff.visit()
    tables, fields, search = (asked(staff, name) for name in ("tables", "fields", "search"))
    assert (tables.method, tables.path) == ("GET", f"/open-apis/bitable/v1/apps/{BASE}/tables")
    assert fields.path == f"/open-apis/bitable/v1/apps/{BASE}/tables/tblPeople/fields"
    assert tables.query == fields.query == {"page_size": "100"}
    assert search.path == f"/open-apis/bitable/v1/apps/{BASE}/tables/tblPeople/records/search"
    assert (search.method, search.query) == ("POST", {"page_size": "500", "user_id_type": "open_id"})
    assert search.body == {"automatic_fields": True}


def test_the_options_of_a_base_go_into_its_search(staff: BaseDesk) -> None:
    """Columns, filter and view, each under the platform's name; never a filter beside a view, which it would ignore."""
    condition = {"conjunction": "and", "conditions": [{"field_name": "name", "operator": "isNotEmpty", "value": []}]}
    view = staff.people.add_view("v")
    for option, word in ({"filter": condition}, "filter"), ({"view": view}, "view_id"):
        staff.options = {"fields": ["name"], **option}
        staff.box.journal.clear()
        staff.visit()
        expected = {"automatic_fields": True, "field_names": ["name"], word: next(iter(option.values()))}
        assert asked(staff, "search").body == expected


def test_a_document_is_asked_with_these_words(page: PageDesk) -> None:
    """The latest revision, five hundred blocks a page."""
    page.visit()
    assert asked(page, "document").path == f"/open-apis/docx/v1/documents/{DOCUMENT}"
    call = asked(page, "blocks")
    assert (call.method, call.path) == ("GET", f"/open-apis/docx/v1/documents/{DOCUMENT}/blocks")
    assert call.query == {"page_size": "500", "document_revision_id": "-1", "user_id_type": "open_id"}


def test_a_spreadsheet_is_asked_with_these_words(book: BookDesk) -> None:
    """Plain values first, then the numbers once more as texts, which tells the dates."""
    book.visit()
    layout = book.box.journal[0]
    assert layout.path == f"/open-apis/sheets/v2/spreadsheets/{SPREADSHEET}/metainfo"
    assert layout.query == {"user_id_type": "open_id"}
    values, *dates = [call for call in book.box.journal if call.endpoint == "values_batch"]
    assert values.path == f"/open-apis/sheets/v2/spreadsheets/{SPREADSHEET}/values_batch_get"
    plain = {"valueRenderOption": "UnformattedValue", "user_id_type": "open_id"}
    assert {key: value for key, value in values.query.items() if key != "ranges"} == plain
    for call in dates:
        assert call.query["dateTimeRenderOption"] == "FormattedString"


def test_the_gate_is_asked_with_these_words(box: Sandbox, client: LarkClient) -> None:
    """Each document once, under the name that the platform has for its kind, and no addresses."""
    kinds = {"bitable": "A", "spreadsheet": "B", "document": "C"}
    sources = [Source("", "", kind, token) for kind, token in kinds.items()]  # type: ignore[arg-type]
    gate.ask(client, [*sources, sources[0]])
    (call,) = box.journal
    assert (call.method, call.path) == ("POST", "/open-apis/drive/v1/metas/batch_query")
    assert call.body == {
        "request_docs": [
            {"doc_token": "A", "doc_type": "bitable"},
            {"doc_token": "B", "doc_type": "sheet"},
            {"doc_token": "C", "doc_type": "docx"},
        ],
        "with_url": False,
    }


def test_the_media_of_a_document_are_asked_for_at_these_addresses(page: PageDesk) -> None:
    """Pictures and boards come from different places."""
    board, image = page.box.tenant.add_board(b"<svg/>", "image/svg+xml"), picture(page)
    page.write(blocks.board(board))
    page.visit()
    assert asked(page, "media").path == f"/open-apis/drive/v1/medias/{image}/download"
    assert asked(page, "board").path == f"/open-apis/board/v1/whiteboards/{board}/download_as_image"


@pytest.mark.parametrize(
    ("kind", "endpoint", "name"),
    [
        ("staff", "tables", "bitable-v1/app-table/list"),
        ("staff", "app", "bitable-v1/app/get"),
        ("staff", "fields", "bitable-v1/app-table-field/list"),
        ("staff", "search", "bitable-v1/app-table-record/search"),
        ("viewed", "view", "bitable-v1/app-table-view/get"),
        ("page", "document", "document-docx/docx-v1/document/get"),
        ("page", "blocks", "document-docx/docx-v1/document-block/list"),
        ("book", "metainfo", "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN"),
        ("books", "sheets", "sheets-v3/spreadsheet-sheet/query"),
        ("book", "values_batch", "sheets-v3/data/ukTMzUjL5EzM14SOxMTN"),
    ],
)
def test_an_error_names_the_page_of_the_documentation(
    request: pytest.FixtureRequest, kind: str, endpoint: str, name: str
) -> None:
    """Whoever wonders what the platform's code means finds it there."""
    desk: Desk = request.getfixturevalue(kind)
    desk.box.faults.add(Fault.reply(400, {"code": 4242, "msg": "strange"}), endpoint=endpoint, times=None)
    with pytest.raises(LarkError) as caught:
        desk.visit()
    assert (caught.value.code, caught.value.source.rpartition(", ")[2]) == (4242, name)


def test_a_wiki_link_names_its_page_too(box: Sandbox, client: LarkClient) -> None:
    """It is asked for by its token alone."""
    box.faults.add(Fault.reply(400, {"code": 4242, "msg": "strange"}), endpoint="get_node", times=None)
    with pytest.raises(ApiError) as caught:
        resolve(client, Source("s", "", None, "Wik", wiki=True))
    (call,) = box.journal
    assert (call.path, call.query) == ("/open-apis/wiki/v2/spaces/get_node", {"token": "Wik"})
    assert caught.value.source == "wiki-v2/space-node/get_node"


@pytest.mark.parametrize(
    ("options", "stamp"),
    [
        ({}, "{}"),
        ({"view": "v", "tables": ["a"]}, '{"tables":["a"],"view":"v"}'),
        ({"fields": [], "filter": {}, "sheets": [], "dates": False, "images": False, "attachments": True, "header": 1},
         '{"attachments":true,"dates":false,"fields":[],"filter":{},"images":false,"sheets":[]}'),
    ],
)  # fmt: skip
def test_these_options_mean_another_read(options: dict[str, Any], stamp: str) -> None:
    """Others, such as the header row, are for what becomes of it."""
    assert options_stamp(Source("s", "", "bitable", "A", options=options)) == stamp


def test_a_file_inside_of_a_sentence_is_found() -> None:
    """It has no block of its own; what was a board before stays one."""
    line = {"block_type": 2, "text": {"elements": [{"text_run": {}}, {"file": {"file_token": "t1"}}, "?"]}}
    assert media_in([line]) == {"t1": "file"}
    assert media_in([{"block_type": 43, "board": {"token": "t1"}}, line]) == {"t1": "board"}
    assert media_in([{"block_type": 23, "file": {"token": "t2"}}]) == {"t2": "file"}


@pytest.mark.parametrize(
    ("token", "fits"),
    [("a", True), ("aB9_-", True), ("a" * 100, True), ("a" * 101, False), ("", False), ("a/b", False)],
)
def test_what_may_stand_in_an_address(token: str, fits: bool) -> None:
    """Letters, digits, two signs, and not without end."""
    assert is_token(token) is fits


def test_a_document_is_handed_on_with_these_words(page: PageDesk) -> None:
    """What the platform told, as it came, with the place in the wiki and the gate's time beside it."""
    page.visit()
    assert [*page.shelf.record] == [
        "document", "url", "wiki", "latest_modify_time", "owner", "moved", "blocks", "references",
    ]  # fmt: skip
    told = {key: page.shelf.record[key] for key in ("url", "wiki", "latest_modify_time", "moved", "references")}
    assert told == {"url": page.box.url, "wiki": None, "latest_modify_time": None, "moved": False, "references": {}}


def test_a_document_of_a_wiki_tells_its_place(page: PageDesk) -> None:
    """The node, the space that it lies in, and when the page was edited."""
    about = {"space_id": "7", "obj_edit_time": "9", "other": 1}
    source = Source("指引", "", "document", "Wik", wiki=True, obj_token=DOCUMENT, about=about)
    reader = DocumentReader(source, settle=0.0, sleep=page.waits.append)
    look = reader.look(page.client, page.shelf, stamps={DOCUMENT: Stamp("11", settled=True)})
    (found,) = [parcel for parcel in reader.read(page.client, page.shelf, look) if isinstance(parcel, Guide)]
    assert found.record["wiki"] == {"node_token": "Wik", "space_id": "7", "obj_edit_time": "9"}
    assert found.record["latest_modify_time"] == "11"


def test_a_picture_that_came_has_no_problem(page: PageDesk) -> None:
    """One that is too large tells the limit."""
    token = picture(page, data=b"x" * 100)
    page.visit()
    assert page.media()[token].problem == ""
    large = picture(page, "b.mp4", "video/mp4", b"x" * 20_000_001)
    page.visit()
    assert "20 MB" in page.media()[large].problem


def test_a_merged_area_that_tells_nothing_is_one_cell() -> None:
    """The first one, counted from 1."""
    found = Layout.of({"properties": {"revision": 1}, "sheets": [{"sheetId": "a", "merges": [{}]}]}).sheets["a"]
    assert found.merges == ({"row": 1, "column": 1, "rows": 1, "columns": 1},)
    assert (found.title, found.rows, found.columns, found.frozen_rows, found.block_type) == ("", 0, 0, 0, "")
    unknown = Sheet("a", "a")
    assert (unknown.rows, unknown.columns, unknown.frozen_rows, unknown.merges, unknown.block) == (0, 0, 0, (), "")


def test_an_answer_that_tells_no_total_proves_nothing(staff: BaseDesk) -> None:
    """The rows that came, and a dash for what the server did not say."""
    staff.answer({"items": [], "has_more": False}, times=None)
    with pytest.raises(ApiError, match="0 rows, 0 different, total -"):
        staff.visit()
