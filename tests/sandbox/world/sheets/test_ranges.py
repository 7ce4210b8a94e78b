"""The grammar of ranges."""

from __future__ import annotations

import pytest

from larknb.sandbox import Sheet, Spreadsheet

from ...conftest import Api, outcome
from ...reading import OLD, value_range, values


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


def test_open_ranges_stop_at_a_hundred_columns(api: Api, book: Spreadsheet) -> None:
    """A:C forms cut silently, a rectangle and the bare id do not."""
    sheet = book.add_sheet("宽", [list(range(120))], row_count=1)
    widths = [len(values(api, f"{sheet.sheet_id}{place}")[0]) for place in ("!A:DZ", "!A1:DZ", "!B1:DZ1", "")]
    assert widths == [100, 100, 119, 120]
