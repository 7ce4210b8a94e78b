"""Spreadsheets: layout, the grammar of ranges, the six ways to show a cell, and what goes wrong."""

from __future__ import annotations

import datetime as dt
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Cell, Fault, Formula, Sandbox, Sheet, Spreadsheet

from .conftest import NOON, Api, Clock, data_of, outcome

TOKEN = "SheetOfTheTests000000000001"
OLD, NEW = f"/sheets/v2/spreadsheets/{TOKEN}", f"/sheets/v3/spreadsheets/{TOKEN}"
DAY, TIME, MOMENT = "yyyy/MM/dd", "HH:mm:ss", "yyyy/MM/dd HH:mm:ss"
PRICE, SHARE = "¥#,##0.00", "0.00%"


@pytest.fixture
def book(box: Sandbox) -> Spreadsheet:
    return box.tenant.add_spreadsheet("台账", TOKEN)


@pytest.fixture
def sheet(book: Spreadsheet) -> Sheet:
    """Three rows of two columns, in a grid of five by four."""
    rows: list[list[Any]] = [["名称", "数量"], ["甲", 1], ["乙", None]]
    return book.add_sheet("明细", rows, sheet_id="a1B2c3", row_count=5, column_count=4)


def value_range(api: Api, text: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.data(f"{OLD}/values/{urllib.parse.quote(text, safe='')}", **query)["valueRange"]
    return answer


def values(api: Api, text: str, **query: str) -> Any:
    return value_range(api, text, **query)["values"]


# Layout --------------------------------------------------------------------------------------------------------------


def test_the_layout_in_its_old_and_its_new_form(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """A recorded workbook comes back equal from metainfo, from the list of sheets and sheet by sheet."""
    old, new = recorded("sheets/metainfo_workbook.json"), recorded("sheets/sheets_query_workbook.json")
    owner = box.tenant.add_user("陈", old["data"]["properties"]["ownerUserID"])
    book = box.tenant.add_spreadsheet("示例工作簿", old["data"]["spreadsheetToken"], owner=owner)
    book.load(old, new)
    path = f"/sheets/v3/spreadsheets/{book.token}"
    answer = api.get(f"/sheets/v2/spreadsheets/{book.token}/metainfo", user_id_type="open_id")
    assert answer.json() == old
    assert api.get(f"{path}/sheets/query").json() == new
    for item in new["data"]["sheets"]:
        assert api.get(f"{path}/sheets/{item['sheet_id']}").json() == {"code": 0, "msg": "", "data": {"sheet": item}}


def test_info_has_title_and_owner_and_no_times(recorded: Callable[[str], Any], api: Api, book: Spreadsheet) -> None:
    """The v3 info has exactly the documented keys."""
    facts = api.data(NEW)["spreadsheet"]
    assert set(facts) == set(recorded("sheets/spreadsheet_get.json")["data"]["spreadsheet"])
    assert (facts["title"], facts["token"], facts["owner_id"]) == ("台账", TOKEN, book.owner.open_id)


def test_metainfo_names_the_owner_by_the_kind_of_id_asked_for(api: Api, sheet: Sheet, book: Spreadsheet) -> None:
    """Without a kind it is a number that is nobody's open id."""
    assert api.data(f"{OLD}/metainfo")["properties"]["ownerUser"] == int(book.owner.lark_id)
    facts = api.data(f"{OLD}/metainfo", user_id_type="union_id", extFields="protectedRange")
    assert facts["properties"]["ownerUserID"] == book.owner.union_id
    assert facts["sheets"][0]["protectedRange"] == []
    assert outcome(api.get(f"{OLD}/metainfo", user_id_type="user_id")) == (200, 90229)


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


# Ranges --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("A1:B2", "A1:B2"),
        ("B2:B2", "B2:B2"),
        ("A:B", "A1:B5"),
        ("A1:B", "A1:B5"),
        ("A2:B", "A2:B5"),
        (None, "A1:D5"),
        ("A1:ZZ999", "A1:D5"),
        ("C4:Z5", "C4:D5"),
    ],
)
def test_ranges_that_are_read(asked: str | None, echoed: str, api: Api, sheet: Sheet) -> None:
    """All documented forms; what leaves the grid is cut, and the echo says to what."""
    answer = value_range(api, "a1B2c3" if asked is None else f"a1B2c3!{asked}")
    assert answer["range"] == f"a1B2c3!{echoed}"
    (first, last), rows = echoed.split(":"), answer["values"]
    assert (len(rows), len(rows[0])) == (int(last[1]) - int(first[1]) + 1, ord(last[0]) - ord(first[0]) + 1)


@pytest.mark.parametrize("place", ["C2", "1:2", "A:B5", "B1:A1", "A2:A1", "A0:B1", "a1:b1", "", "A1:B2:C3", "A1-B2"])
def test_ranges_that_are_not(place: str, api: Api, sheet: Sheet) -> None:
    """A single cell needs both ends, rows alone will not do, and ends must be in order."""
    assert outcome(api.get(f"{OLD}/values/a1B2c3!{place}")) == (200, 90202)


def test_a_range_outside_the_grid_has_nothing(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Documented: an empty range string; with the switch such ranges are refused."""
    answer = value_range(api, "a1B2c3!E1:F2")
    assert (answer["range"], answer["values"]) == ("", None)
    assert value_range(api, "a1B2c3!A9:B")["range"] == ""
    box.reject_out_of_grid = True
    assert outcome(api.get(f"{OLD}/values/a1B2c3!A1:E5")) == (200, 90202)
    assert value_range(api, "a1B2c3!A1:D5")["range"] == "a1B2c3!A1:D5"


def test_open_ranges_stop_at_a_hundred_columns(api: Api, book: Spreadsheet) -> None:
    """A:C forms cut silently, a rectangle and the bare id do not."""
    sheet = book.add_sheet("宽", [list(range(120))], row_count=1)
    widths = [len(values(api, f"{sheet.sheet_id}{place}")[0]) for place in ("!A:DZ", "!A1:DZ", "!B1:DZ1", "")]
    assert widths == [100, 100, 119, 120]


def test_ids_and_titles(api: Api, sheet: Sheet, book: Spreadsheet) -> None:
    """A missing id, an unknown one and a title have their own codes."""
    assert outcome(api.get(f"{OLD}/values/!A1:B2")) == (200, 90206)
    assert outcome(api.get(f"{OLD}/values/zzzzzz!A1:B2")) == (200, 90215)
    assert outcome(api.get(f"{OLD}/values/明细!A1:B2")) == (200, 90211)
    assert outcome(api.get(f"{NEW}/sheets/zzzzzz")) == (400, 1310215)
    assert outcome(api.get(f"{OLD}/values_batch_get")) == (200, 90206)


def test_a_batch_reads_several_sheets_in_no_promised_order(api: Api, sheet: Sheet, book: Spreadsheet) -> None:
    """One revision, the cells counted, and answers that must be told by their range."""
    other = book.add_sheet("另", [["x"]], sheet_id="zZ9999")
    asked = "a1B2c3!A1:B2,zZ9999!A1:A1,a1B2c3!A3:B3"
    data = api.data(f"{OLD}/values_batch_get", ranges=asked)
    found = {answer["range"]: answer["values"] for answer in data["valueRanges"]}
    assert found == {
        "a1B2c3!A1:B2": [["名称", "数量"], ["甲", 1]],
        "zZ9999!A1:A1": [["x"]],
        "a1B2c3!A3:B3": [["乙", None]],
    }
    assert list(found) != asked.split(",")
    assert (data["totalCells"], data["revision"], data["spreadsheetToken"]) == (7, book.revision, TOKEN)
    assert {answer["revision"] for answer in data["valueRanges"]} == {other.spreadsheet.revision}


def test_padding(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Full rectangles by default; trimmed ones echo what they hold; ragged rows end with their last value."""
    assert values(api, "a1B2c3!A1:D4")[2:] == [["乙", None, None, None], [None, None, None, None]]
    box.padding = "trimmed"
    answer = value_range(api, "a1B2c3!A1:D4")
    assert (answer["range"], answer["values"]) == ("a1B2c3!A1:B3", [["名称", "数量"], ["甲", 1], ["乙", None]])
    assert value_range(api, "a1B2c3!C1:D4")["range"] == ""
    box.padding = "ragged"
    assert values(api, "a1B2c3!A1:D4") == [["名称", "数量"], ["甲", 1], ["乙"], []]


# Cells ---------------------------------------------------------------------------------------------------------------


def moment(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # type: ignore[arg-type]


TYPED: list[list[Any]] = [
    ["编号", "数量", "单价", "折扣", "日期", "时刻", "日期时间", "启用", "金额", "备注"],
    [
        "001",
        3,
        Cell(1024.56, PRICE),
        Cell(0.1024, SHARE),
        dt.date(2017, 8, 10),
        dt.time(23, 24, 25),
        moment(2017, 8, 10, 23, 24, 25),
        True,
        Formula("=B2*C2", 3073.68, PRICE),
        "首单",
    ],
    [
        "002",
        5,
        Cell(20, PRICE),
        Cell(0, SHARE),
        dt.date(2015, 4, 7),
        dt.time(12),
        moment(2015, 4, 7, 12),
        False,
        Formula("=B3*C3", 100, PRICE),
        None,
    ],
    [
        "003",
        None,
        Cell(0.1, PRICE),
        Cell(1, SHARE),
        Cell(moment(1900, 1, 1, 12), DAY),
        dt.time(0),
        moment(1900, 1, 1, 12),
        True,
        Formula("=B4*C4", 0, PRICE),
        "=不是公式",
    ],
    [
        "004",
        -7,
        Cell(1e-07, PRICE),
        Cell(0.005, SHARE),
        dt.date(2023, 3, 15),
        Cell(0.25, TIME),
        Cell(45000.25, MOMENT),
        False,
        Formula("=B5*C5", -7e-07, PRICE),
        "多行\n文本",
    ],
]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("default", {}),
        ("formula", {"valueRenderOption": "Formula"}),
        ("unformatted", {"valueRenderOption": "UnformattedValue"}),
        (
            "unformatted_dtstring",
            {"valueRenderOption": "UnformattedValue", "dateTimeRenderOption": "FormattedString"},
        ),
        ("formatted", {"valueRenderOption": "FormattedValue", "dateTimeRenderOption": "FormattedString"}),
        ("tostring", {"valueRenderOption": "ToString", "dateTimeRenderOption": "FormattedString"}),
    ],
)
def test_six_ways_to_show_one_typed_grid(
    name: str, query: dict[str, str], recorded: Callable[[str], Any], api: Api, box: Sandbox
) -> None:
    """The body of each mode comes back equal, down to the number of cells."""
    expected = recorded(f"sheets/values_types_{name}.json")
    book = box.tenant.add_spreadsheet("示例工作簿", expected["data"]["spreadsheetToken"])
    book.add_sheet("销售明细", TYPED, sheet_id="a1B2c3")
    book.revision = 112
    path = f"/sheets/v2/spreadsheets/{book.token}/values_batch_get"
    answer = api.get(path, ranges="a1B2c3!A1:J5", user_id_type="open_id", **query)
    assert answer.json() == expected
    assert [[type(cell) for cell in row] for row in answer.json()["data"]["valueRanges"][0]["values"]] == [
        [type(cell) for cell in row] for row in expected["data"]["valueRanges"][0]["values"]
    ]


@pytest.mark.parametrize(
    ("name", "padding"),
    [
        ("single", "full"),
        ("batch_get", "full"),
        ("all_null", "full"),
        ("no_data", "trimmed"),
        ("trimmed_range", "trimmed"),
        ("ragged", "ragged"),
        ("blank_rows", "full"),
        ("merged", "full"),
        ("mixed_column", "full"),
        ("big_numbers", "full"),
        ("unicode", "full"),
        ("rich_cells", "full"),
        ("embed_image", "full"),
        ("chunk_1", "full"),
        ("chunk_2", "full"),
        ("chunk_2_torn", "full"),
        ("dates_serial", "full"),
    ],
)
def test_recorded_values_come_back_equal(
    name: str, padding: Any, recorded: Callable[[str], Any], api: Api, box: Sandbox
) -> None:
    """Every recorded read can be loaded and is served word for word, integers beyond double precision too."""
    body = recorded(f"sheets/values_{name}.json")
    data = body["data"]
    parts = data.get("valueRanges") or [data["valueRange"]]
    book = box.tenant.add_spreadsheet("夹具", data["spreadsheetToken"])
    for sheet_id in [part["range"].partition("!")[0] or "c3D4e5" for part in parts]:
        book.add_sheet(sheet_id, sheet_id=sheet_id)
    book.load_values(body)
    book.revision, box.padding = data["revision"], padding
    path = f"/sheets/v2/spreadsheets/{book.token}"
    if "valueRange" in data:
        answer = api.get(f"{path}/values/{parts[0]['range'] or 'c3D4e5!A1:C9'}")
    else:
        wide = "a1B2c3!A1:J200" if name == "trimmed_range" else ",".join(part["range"] for part in parts)
        answer = api.get(f"{path}/values_batch_get", ranges=wide)
    assert answer.json() == body


def test_dates_are_linear_from_the_last_day_but_one_of_1899(
    recorded: Callable[[str], Any], api: Api, book: Spreadsheet
) -> None:
    """Also before 1900-03-01, where spreadsheets of another make are a day off."""
    days = [dt.date(1899, 12, 30) + dt.timedelta(days=days) for days in (0, 1, 2, 2, 60, 61, 42101, -1)]
    cells: list[Any] = [*days]
    cells[3] = Cell(moment(1900, 1, 1, 12), DAY)
    sheet = book.add_sheet("日期", [[cell] for cell in cells])
    place = f"{sheet.sheet_id}!A1:A8"
    serial, text = recorded("sheets/values_dates_serial.json"), recorded("sheets/values_dates_string.json")
    assert values(api, place) == serial["data"]["valueRange"]["values"]
    assert values(api, place, dateTimeRenderOption="FormattedString") == text["data"]["valueRange"]["values"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (42, "42"),
        (3.0, "3"),
        (3.14, "3.14"),
        (104_000_000_000_000, "1.04E+14"),
        (99_999_999_999_999, "99999999999999"),
        (Cell(-1234.5, "#,##0.0"), "-1,234.5"),
        (Cell(-0.001, PRICE), "¥0.00"),
        (Cell(0.5, "0%"), "50%"),
        (Cell(1024.56, "0.00E+00"), "1.02E+03"),
        (Cell(12, "0.0 kg"), "12.0 kg"),
        (Cell(0.25, "0.00 mm"), "0.25 mm"),
        (Cell(7, "@"), "7"),
        (Cell("文本", "@"), "文本"),
        (Cell(True, "@"), "TRUE"),
        (Formula("=1/0", "#DIV/0!"), "#DIV/0!"),
        (dt.time(6, 5, 4), 0.25351851851851853),
        (Cell(moment(2024, 1, 2, 3, 4, 5), "yyyy-M-d H:mm"), 45293.12783564815),
    ],
)
def test_formats(cell: Any, text: Any, api: Api, book: Spreadsheet) -> None:
    """FormattedValue shows what people see; dates stay numbers unless the other option is set too."""
    sheet = book.add_sheet("格式", [[cell]])
    assert values(api, f"{sheet.sheet_id}!A1:A1", valueRenderOption="FormattedValue") == [[text]]


def test_dates_in_a_format_of_their_own(api: Api, book: Spreadsheet) -> None:
    """The string is the cell's own format, and may drop the time of day."""
    sheet = book.add_sheet(
        "格式", [[Cell(moment(2024, 1, 2, 3, 4, 5), "yyyy-M-d H:mm"), Cell(45000.75, "yyyy年M月d日")]]
    )
    found = values(api, f"{sheet.sheet_id}!A1:B1", dateTimeRenderOption="FormattedString")
    assert found == [["2024-1-2 3:04", "2023年3月15日"]]


def test_what_comes_from_other_spreadsheets_is_not_available(api: Api, book: Spreadsheet) -> None:
    """Results of IMPORTRANGE and array formulas are missing, their formulas are there."""
    sheet = book.add_sheet("引用", [[Formula('=IMPORTRANGE("x","A1")', 5), Formula("=ArrayFormula(A1:A3*2)", 6)]])
    place = f"{sheet.sheet_id}!A1:B1"
    assert values(api, place, valueRenderOption="UnformattedValue") == [[None, None]]
    assert values(api, place)[0][0].startswith("=IMPORTRANGE")


def test_text_like_modes_drop_the_token_of_pictures(api: Api, book: Spreadsheet) -> None:
    """UnformattedValue keeps it, and so does a read without options."""
    image = {"type": "embed-image", "fileToken": "img", "link": "https://example.com", "text": "", "width": 1}
    sheet = book.add_sheet("图", [[image, [image, {"type": "text", "text": "图注"}]]])
    place = f"{sheet.sheet_id}!A1:B1"
    for render in ("FormattedValue", "ToString"):
        assert "fileToken" not in str(values(api, place, valueRenderOption=render))
    assert values(api, place, valueRenderOption="UnformattedValue")[0][0] == image
    assert str(values(api, place)).count("fileToken") == 2


def test_mentions_bear_an_obsolete_id_unless_told_otherwise(api: Api, box: Sandbox, book: Spreadsheet) -> None:
    """The default kind of id is lark_id."""
    user = box.tenant.users[0]
    mention = {"type": "mention", "text": f"@{user.name}", "textType": "openId", "userID": user.open_id}
    sheet = book.add_sheet("人", [[[mention]]])
    place = f"{sheet.sheet_id}!A1:A1"
    ids = [values(api, place, **query)[0][0][0]["userID"] for query in ({}, {"user_id_type": "open_id"})]
    assert ids == [user.lark_id, user.open_id]
    assert ids[0] != ids[1]


# What goes wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", [{"valueRenderOption": "Formated"}, {"dateTimeRenderOption": "String"}, {"user_id_type": "user_id"}]
)
def test_unknown_options(query: dict[str, str], api: Api, sheet: Sheet) -> None:
    """A misspelt option is refused, not ignored."""
    assert outcome(api.get(f"{OLD}/values/a1B2c3!A1:B2", **query)) == (200, 90229)


def test_too_large_answers(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Over 10 MB, or what the sandbox is told, is 90221; a smaller window passes."""
    sheet.append(*[["长" * 50_000] for _ in range(80)])
    assert outcome(api.get(f"{OLD}/values/a1B2c3!A1:B83")) == (200, 90221)
    assert len(values(api, "a1B2c3!A1:B40")) == 40
    box.max_response_bytes = 1000
    assert outcome(api.get(f"{OLD}/values_batch_get", ranges="a1B2c3!A1:B4,a1B2c3!A5:B5")) == (200, 90221)
    assert len(values(api, "a1B2c3!A1:B3")) == 3


def test_documents_that_are_not_there(api: Api, sheet: Sheet, box: Sandbox, book: Spreadsheet) -> None:
    """Unknown, of another kind, a wiki node, forbidden, deleted: each has its code, old and new."""
    node, base = box.tenant.add_wiki_node(book), box.tenant.add_base("多维表格")
    paths = ["/sheets/v2/spreadsheets/{}/metainfo", "/sheets/v3/spreadsheets/{}"]

    def told(token: str) -> list[tuple[int, int]]:
        return [outcome(api.get(path.format(token))) for path in paths]

    assert told("NoSuchSheet") == told(base.token) == [(200, 90214), (400, 1310214)]
    assert told(node) == [(404, 91402)] * 2
    book.readers = set()
    assert told(TOKEN) == [(200, 90213), (400, 1310213)]
    book.readers = None
    box.tenant.remove(book)
    assert told(TOKEN) == [(400, 1310249)] * 2


def test_old_paths_may_answer_with_new_codes(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Only the last three digits can be relied on."""
    box.new_sheet_codes = True
    assert outcome(api.get(f"{OLD}/values/zzzzzz!A1:B2")) == (400, 1310215)
    assert outcome(api.get("/sheets/v2/spreadsheets/NoSuchSheet/metainfo")) == (400, 1310214)


def test_things_happen_between_layout_and_values(api: Api, sheet: Sheet, box: Sandbox, book: Spreadsheet) -> None:
    """A revision between two windows, and a sheet that is deleted after its layout was told."""
    box.faults.add(Fault.call(lambda _: sheet.set(1, 1, "改")), endpoint="values", after=1)
    revisions = [value_range(api, f"a1B2c3!A{row}:B{row}")["revision"] for row in (1, 2)]
    assert revisions[1] == revisions[0] + 1
    box.faults.add(Fault.call(lambda _: book.remove_sheet(sheet)), endpoint="values_batch")
    assert api.data(f"{OLD}/metainfo")["properties"]["sheetCount"] == 1
    assert outcome(api.get(f"{OLD}/values_batch_get", ranges="a1B2c3!A1:B2")) == (200, 90215)
    assert box.journal.endpoints() == ["values", "values", "metainfo", "values_batch"]


def test_busy_documents(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """90235 some times, then the answer."""
    box.faults.add(Fault.reply(None, 90235), endpoint="metainfo", times=2)
    assert [api.get(f"{OLD}/metainfo").json()["code"] for _ in range(3)] == [90235, 90235, 0]


def test_scopes(box: Sandbox, sheet: Sheet, connect: Callable[[str | None], Api]) -> None:
    """Any of the four suffices, a Bitable's does not."""
    for scope, code in (("sheets:spreadsheet:readonly", 0), ("drive:drive:readonly", 0), ("bitable:app", 99991679)):
        user = box.tenant.add_user(scope)
        api = connect(box.sign_in(user, [scope])["access_token"])
        assert {api.get(path).json()["code"] for path in (f"{OLD}/metainfo", NEW, f"{OLD}/values/a1B2c3")} == {code}


def test_documented_rates(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """The layout in v3 may be asked for a hundred times a minute, in v2 a hundred times a second."""
    box.rate_limits_on()
    codes = [api.get(NEW).status_code for _ in range(101)]
    assert codes == [200] * 100 + [429]
    assert [api.get(f"{OLD}/metainfo").status_code for _ in range(101)] == [200] * 100 + [429]


def test_the_gate_knows_spreadsheets(api: Api, box: Sandbox, book: Spreadsheet, clock: Clock) -> None:
    """Metadata by the type ``sheet``, and the wiki node of one."""
    clock.now += 10
    book.touch()
    docs = [{"doc_token": TOKEN, "doc_type": "sheet"}]
    meta = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))["metas"][0]
    assert (meta["title"], meta["latest_modify_time"]) == ("台账", str(int(NOON) + 10))
    node = box.tenant.add_wiki_node(book)
    assert api.data("/wiki/v2/spaces/get_node", token=node)["node"]["obj_type"] == "sheet"
