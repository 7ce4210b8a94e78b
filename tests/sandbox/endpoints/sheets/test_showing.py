"""The six ways to show a cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Cell, Formula, Sandbox, Spreadsheet

from ...conftest import Api
from ...reading import values

DAY, TIME, MOMENT = "yyyy/MM/dd", "HH:mm:ss", "yyyy/MM/dd HH:mm:ss"
PRICE, SHARE = "¥#,##0.00", "0.00%"


def moment(*parts: Any) -> dt.datetime:
    return dt.datetime(*parts)


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


def test_lengths_of_time_have_two_kinds_of_format(api: Api, book: Spreadsheet) -> None:
    """Hours in brackets go on beyond a day, others begin anew; both are days as a number."""
    row = [dt.timedelta(hours=36), Cell(1.5, "H:mm"), dt.timedelta(hours=-6), Cell(40.25, "[hh]:mm")]
    place = f"{book.add_sheet('时长', [row]).sheet_id}!A1:D1"
    assert values(api, place) == [[1.5, 1.5, -0.25, 40.25]]
    assert values(api, place, dateTimeRenderOption="FormattedString") == [["36:00:00", "12:00", "-6:00:00", "966:00"]]


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
