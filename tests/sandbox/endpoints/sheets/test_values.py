"""The values of ranges."""

from __future__ import annotations

import pytest

from larknb.sandbox import Fault, Sandbox, Sheet, Spreadsheet

from ...conftest import TOKEN, Api, outcome
from ...reading import OLD, value_range, values


def test_a_range_outside_the_grid_has_nothing(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Documented: an empty range string; with the switch such ranges are refused."""
    answer = value_range(api, "a1B2c3!E1:F2")
    assert (answer["range"], answer["values"]) == ("", None)
    assert value_range(api, "a1B2c3!A9:B")["range"] == ""
    box.reject_out_of_grid = True
    assert outcome(api.get(f"{OLD}/values/a1B2c3!A1:E5")) == (200, 90202)
    assert value_range(api, "a1B2c3!A1:D5")["range"] == "a1B2c3!A1:D5"


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


def test_things_happen_between_layout_and_values(api: Api, sheet: Sheet, box: Sandbox, book: Spreadsheet) -> None:
    """A revision between two windows, and a sheet that is deleted after its layout was told."""
    box.faults.add(Fault.call(lambda _: sheet.set(1, 1, "改")), endpoint="values", after=1)
    revisions = [value_range(api, f"a1B2c3!A{row}:B{row}")["revision"] for row in (1, 2)]
    assert revisions[1] == revisions[0] + 1
    box.faults.add(Fault.call(lambda _: book.remove_sheet(sheet)), endpoint="values_batch")
    assert api.data(f"{OLD}/metainfo")["properties"]["sheetCount"] == 1
    assert outcome(api.get(f"{OLD}/values_batch_get", ranges="a1B2c3!A1:B2")) == (200, 90215)
    assert box.journal.endpoints() == ["values", "values", "metainfo", "values_batch"]
