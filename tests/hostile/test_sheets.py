"""A spreadsheet of absurd sizes, merges, types and answers costs bounded time and memory, and no cell that is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from larknb.errors import ApiError
from larknb.readers.layout import MOST_CELLS, MOST_MERGES, Layout
from larknb.readers.windows import Window
from larknb.results.sync import SyncReport
from larknb.sandbox import Fault, Sandbox
from larknb.tabular.typed import to_table
from tests.conftest import Clock, Lab, open_lab, sync
from tests.tabular.grids import record_of

TOKEN = "ShtBook0000000000000000001"
ROWS: list[list[Any]] = [["名称", "数量"], *([f"行 {n}", n] for n in range(1, 30))]


@pytest.fixture
def book(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """Two worksheets, cached once, and the first one edited since."""
    made = box.tenant.add_spreadsheet("台账", token=TOKEN)
    made.add_sheet("明细", ROWS, sheet_id="aaaaaa")
    made.add_sheet("说明", [["项", "值"], ["甲", "x"]], sheet_id="bbbbbb")
    lab = open_lab(tmp_path, box, clock, f"{box.url}/sheets/{TOKEN}", made)
    sync(lab).raise_for_failures()
    lab.later()
    made.sheet("明细").set(2, 2, 99)
    made.sheet("说明").set(2, 2, "y")
    lab.clock.advance(10)
    return lab


def layout_of(book: Lab, **changed: Any) -> dict[str, Any]:
    """The layout as the platform tells it, but for some members of the first worksheet; `...` takes one away."""
    sheets = [
        {"sheetId": sheet.sheet_id, "title": sheet.title, "index": n, "rowCount": 200, "columnCount": 20,
         "frozenRowCount": 0, "frozenColCount": 0} for n, sheet in enumerate(book.made.sheets)
    ]  # fmt: skip
    sheets[0] = {key: value for key, value in {**sheets[0], **changed}.items() if value is not ...}
    return {
        "properties": {"title": "台账", "revision": book.made.revision},
        "sheets": sheets,
        "spreadsheetToken": TOKEN,
    }


def serve(book: Lab, endpoint: str, data: Any, times: int | None = None) -> None:
    book.box.faults.add(Fault.reply(200, {"code": 0, "msg": "", "data": data}), endpoint=endpoint, times=times)


def actions(report: SyncReport) -> dict[str, str]:
    return {row.table: row.action for row in report}


# --- sizes ------------------------------------------------------------------------------------------------------------

NO_SIZE: list[Any] = [
    -1,
    -(10**12),
    "many",
    "",
    "-5",
    "1e3",
    "0x10",
    None,
    ...,
    True,
    1.5,
    -0.5,
    1e300,
    [],
    [200],
    {},
    {"rows": 200},
]
SOME_SIZE = [(0, 0), (1, 1), ("200", 200), (200.0, 200), (10**6, 10**6), (5_000_000, 1_000_000), (10**12, 1_000_000)]


@pytest.mark.parametrize("rows", NO_SIZE, ids=str)
@pytest.mark.parametrize("which", ["rowCount", "columnCount"])
def test_a_size_that_is_none_is_known_as_such(which: str, rows: Any) -> None:
    """No worksheet counts as empty because nobody said how large it is."""
    sheet = {"sheetId": "a", "rowCount": 200, "columnCount": 20, which: rows}
    found = Layout.of({"properties": {}, "sheets": [{key: value for key, value in sheet.items() if value is not ...}]})
    assert not found.sheets["a"].has_size or (which, rows) == ("rowCount", 1e300)
    assert found.sheets["a"].most_rows * found.sheets["a"].columns <= MOST_CELLS


@pytest.mark.parametrize(("rows", "looked_at"), SOME_SIZE, ids=str)
def test_of_a_size_that_is_one_so_many_rows_are_looked_at(rows: Any, looked_at: int) -> None:
    """Digits are a number, and no grid has more than 20 million cells."""
    found = Layout.of({"properties": {}, "sheets": [{"sheetId": "a", "rowCount": rows, "columnCount": 20}]}).sheets["a"]
    assert (found.has_size, found.most_rows) == (True, looked_at)


@pytest.mark.parametrize("columns", [13_001, 10**6, 10**12, 10**18])
def test_more_columns_than_a_worksheet_has_are_no_size(columns: int) -> None:
    """Nobody asks for them."""
    found = Layout.of({"properties": {}, "sheets": [{"sheetId": "a", "rowCount": 5, "columnCount": columns}]}).sheets[
        "a"
    ]
    assert not found.has_size


def failing(book: Lab) -> None:
    """Ask that the first worksheet fails alone and keeps its rows, while the other one is read."""
    report = sync(book)
    assert actions(report) == {"明细": "failed", "说明": "fetched"}
    assert "明细" in report[0].problem
    assert book.workspace.load("s1/明细")["数量"].iloc[0] == 1
    assert book.workspace.load("s1/说明")["值"].iloc[0] == "y"


def test_a_worksheet_without_a_size_fails_alone(book: Lab) -> None:
    """It is read again as soon as the platform tells its size, whatever the stamps say."""
    serve(book, "metainfo", layout_of(book, rowCount="many"))
    failing(book)
    book.box.faults.clear()
    sync(book.later()).raise_for_failures()
    assert book.workspace.load("s1/明细")["数量"].iloc[0] == 99


@pytest.mark.soak
@pytest.mark.parametrize("size", [{"rowCount": -1}, {"rowCount": None}, {"rowCount": ...}, {"rowCount": []},
                                  {"columnCount": -3}, {"columnCount": ...}, {"columnCount": 10**12},
                                  {"columnCount": "NaN"}, {"rowCount": {}, "columnCount": {}}], ids=str)  # fmt: skip
def test_every_worksheet_without_a_size_fails_alone(book: Lab, size: dict[str, Any]) -> None:
    """The same for each way in which a size can be missing."""
    serve(book, "metainfo", layout_of(book, **size))
    failing(book)


@pytest.mark.parametrize("rows", [10**6, 10**9, 10**12, 10**18, "999999999999"])
def test_a_grid_ends_at_the_proof_that_nothing_follows(book: Lab, rows: Any) -> None:
    """After a window without data all the rest is asked for in one: three requests, however large it is said to be."""
    serve(book, "metainfo", layout_of(book, rowCount=rows))
    sync(book).raise_for_failures()
    assert len(book.workspace.load("s1/明细")) == 29
    assert book.workspace.load("s1/明细")["数量"].iloc[0] == 99
    assert book.requests().count("values_batch") <= 6


def test_blank_windows_inside_are_no_end(book: Lab) -> None:
    """A row behind 9,000 blank ones is found, whether blank windows come as nulls or as nothing."""
    sheet = book.made.sheet("明细")
    sheet.set(9_500, 1, "末")
    book.box.padding = "trimmed"
    sync(book).raise_for_failures()
    assert book.workspace.load("s1/明细").index[-1] == 9_500


def test_a_rest_that_is_too_large_is_read_by_windows(book: Lab) -> None:
    """The question for all the rest costs one request where there is much of it."""
    sheet = book.made.sheet("明细")
    for row in range(6_001, 9_000):
        sheet.set(row, 1, f"很长的一行文字 {row}")
    book.box.padding, book.box.max_response_bytes = "trimmed", 100_000
    sync(book).raise_for_failures()
    assert len(book.workspace.load("s1/明细")) == 29 + 2_999


# --- a platform of our own --------------------------------------------------------------------------------------------


class Platform:
    """A platform with one worksheet, which makes its cells as they are asked for."""

    def __init__(self, rows: int, columns: int, *, blank: bool = False) -> None:
        self.rows, self.columns, self.blank, self.revision, self.asked = rows, columns, blank, 1, 0
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = parse_qs(url.query)
                data = platform.layout() if url.path.endswith("metainfo") else platform.values(query)
                body = orjson.dumps({"code": 0, "msg": "", "data": data})
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def layout(self) -> dict[str, Any]:
        sheet = {
            "sheetId": "large1",
            "title": "大",
            "rowCount": self.rows,
            "columnCount": self.columns,
            "frozenRowCount": 1,
        }
        return {"properties": {"revision": self.revision}, "sheets": [sheet]}

    def values(self, query: dict[str, list[str]]) -> dict[str, Any]:
        self.asked += 1
        answers = [self.window(place, "dateTimeRenderOption" in query) for place in query["ranges"][0].split(",")]
        return {"revision": self.revision, "valueRanges": answers}

    def window(self, place: str, dates: bool) -> dict[str, Any]:
        found = re.fullmatch(r"large1!([A-Z]+)(\d+):([A-Z]+)(\d+)", place)
        assert found is not None
        first, last = (sum((ord(c) - 64) * 26**n for n, c in enumerate(reversed(name))) for name in found.group(1, 3))
        rows = range(int(found[2]), int(found[4]) + 1)
        columns = range(first, last + 1)
        if self.blank:
            values: Any = [[None] * len(columns)] * len(rows)
        else:
            values = [[self.cell(row, column, dates) for column in columns] for row in rows]
        return {"range": place, "revision": self.revision, "values": values}

    def cell(self, row: int, column: int, dates: bool) -> Any:
        edits = self.revision if row % 100 == 7 else 0
        kinds = (
            f"第 {row} 行 {column}",
            row * column / 7,
            row + edits,
            "2026/01/01" if dates else 45_000 + row % 900,
            f"T{row % 1000}",
        )
        return f"列{column}" if row == 1 else kinds[column % 5]


@pytest.fixture
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    platform = Platform(*request.param[:2], blank=len(request.param) > 2)
    thread = threading.Thread(target=platform.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield platform
    platform.server.shutdown()
    thread.join()
    platform.server.server_close()


def in_a_child(platform: Platform, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.hostile.large_sheet", platform.url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.soak
@pytest.mark.parametrize("platform", [(20_000, 50)], indirect=True)
def test_a_large_worksheet_takes_bounded_memory(platform: Platform, tmp_path: Path) -> None:
    """A million cells in one piece took 180 MB, and 370 MB where they changed."""
    first = in_a_child(platform, tmp_path)
    assert (first["rows"], first["added"]) == (19_999, 19_999)
    platform.revision = 2
    second = in_a_child(platform, tmp_path)
    assert (second["added"], second["changed"], second["removed"]) == (0, 200, 0)
    assert max(first["bytes"], second["bytes"]) < 150_000_000


@pytest.mark.soak
@pytest.mark.parametrize("platform", [(10**12, 50, "blank")], indirect=True)
def test_blank_rows_without_end_end(platform: Platform, tmp_path: Path) -> None:
    """Rows of nulls prove nothing: after twenty million cells the worksheet fails."""
    command = [sys.executable, "-m", "tests.hostile.large_sheet", platform.url, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert "KeyError: 'large1'" in done.stderr, "nothing of it was taken"
    assert platform.asked <= 500


# --- merges -----------------------------------------------------------------------------------------------------------


def merge(row: Any, column: Any, rows: Any, columns: Any) -> dict[str, Any]:
    return {"startRowIndex": row, "startColumnIndex": column, "rowCount": rows, "columnCount": columns}


ODD_MERGES: dict[str, Any] = {
    "null": None, "text": "A1:B2", "an object": {"0": merge(1, 0, 2, 1)}, "nulls": [None] * 3, "numbers": [1, 2],
    "lists": [[1, 0, 2, 1]], "empty ones": [{}] * 3, "negative places": [merge(-5, -5, 9, 9)],
    "negative spans": [merge(1, 0, -2, -1)], "no spans": [merge(1, 0, 0, 0)], "texts": [merge("a", "b", "c", "d")],
    "floats": [merge(1.5, 0.5, 1.5, 1.5)], "nested": [merge([1], [0], [2], [1])],
    "beyond": [merge(10**12, 10**12, 5, 5)], "one cell": [merge(2, 1, 1, 1)],
}  # fmt: skip


@pytest.mark.parametrize("merges", ODD_MERGES.values(), ids=ODD_MERGES.keys())
def test_odd_merges_cost_no_cell(merges: Any) -> None:
    """What is no area is none; the table is what it is without."""
    sheet = Layout.of(
        {"properties": {}, "sheets": [{"sheetId": "a", "rowCount": 9, "columnCount": 9, "merges": merges}]}
    )
    record = record_of(ROWS) | {"merges": [*sheet.sheets["a"].merges]}
    for how in ("off", "down", "all"):
        assert to_table(record, {"fill_merged": how}).equals(to_table(record_of(ROWS)))


ABSURD: dict[str, list[dict[str, Any]]] = {
    "as large as can be": [merge(1, 0, 10**12, 10**12)],
    "all at one place": [merge(1, 0, 10**9, 10**9)] * 50_000,
    "one below the other": [merge(row, 0, 10**9, 10**9) for row in range(1, 50_000)],
    "one beside the other": [merge(1, column, 10**9, 10**9) for column in range(50_000)],
    "more than are kept": [merge(row, 0, 1, 10**6) for row in range(1, MOST_MERGES + 10)],
}


@pytest.mark.parametrize("merges", ABSURD.values(), ids=ABSURD.keys())
@pytest.mark.timeout(20)
def test_absurd_merges_cost_bounded_time(merges: list[dict[str, Any]]) -> None:
    """Areas never overlap: of two that do, the first counts, and none reaches out of the grid."""
    sheet = Layout.of(
        {"properties": {}, "sheets": [{"sheetId": "a", "rowCount": 9, "columnCount": 9, "merges": merges}]}
    )
    kept = sheet.sheets["a"].merges
    assert len(kept) <= MOST_MERGES
    rows = [["a", "b"], *([n, "x"] for n in range(500))]
    table = to_table(record_of(rows) | {"merges": [*kept], "frozen_row_count": 10**9}, {"fill_merged": "all"})
    assert table.num_rows == 500
    assert table.column_names == ["_row", "a", "b"]


# --- odd answers ------------------------------------------------------------------------------------------------------

ODD_LAYOUTS: dict[str, Any] = {
    "no sheets": {"properties": {"revision": 9}}, "sheets null": {"properties": {"revision": 9}, "sheets": None},
    "sheets an object": {"properties": {"revision": 9}, "sheets": {"0": {"sheetId": "aaaaaa"}}},
    "sheets of nulls": {"properties": {"revision": 9}, "sheets": [None]},
    "sheets of numbers": {"properties": {"revision": 9}, "sheets": [5]},
    "a sheet without an id": {"properties": {"revision": 9}, "sheets": [{"title": "明细"}]},
    "an id that is a number": {"properties": {"revision": 9}, "sheets": [{"sheetId": 5}]},
    "an id that is empty": {"properties": {"revision": 9}, "sheets": [{"sheetId": ""}]},
    "no properties": {"sheets": [{"sheetId": "aaaaaa", "rowCount": 9, "columnCount": 9}]},
    "properties a list": {"properties": [], "sheets": [{"sheetId": "aaaaaa"}]},
}  # fmt: skip


@pytest.mark.parametrize("data", ODD_LAYOUTS.values(), ids=ODD_LAYOUTS.keys())
def test_a_layout_that_is_none_is_told_as_such(data: Any) -> None:
    """It is the platform's answer that is odd, not a mistake of ours."""
    with pytest.raises(ApiError, match="documentation"):
        Layout.of(data)


VALUES: dict[str, Any] = {
    "rows that are text": {"range": "aaaaaa!A1:T200", "values": ["ab", "cd"]},
    "rows that are numbers": {"range": "aaaaaa!A1:T200", "values": [1, 2]},
    "rows that are objects": {"range": "aaaaaa!A1:T200", "values": [{"A": 1}]},
    "values that are text": {"range": "aaaaaa!A1:T200", "values": "abc"},
    "values that are an object": {"range": "aaaaaa!A1:T200", "values": {"0": ["a"]}},
    "more rows than asked": {"range": "aaaaaa!A1:T200", "values": [["a"]] * 201},
    "more columns than asked": {"range": "aaaaaa!A1:T200", "values": [["a"] * 21]},
    "another place": {"range": "aaaaaa!Z1:Z2", "values": [["a"]]},
    "another worksheet": {"range": "cccccc!A1:T200", "values": [["a"]]},
    "no place": {"range": None, "values": [["a"]]},
    "a place that is a list": {"range": ["aaaaaa!A1"], "values": [["a"]]},
    "a revision that is text": {"range": "aaaaaa!A1:T200", "values": [["a"]], "revision": "new"},
    "a revision that is a list": {"range": "aaaaaa!A1:T200", "values": [["a"]], "revision": []},
    "another revision": {"range": "aaaaaa!A1:T200", "values": [["a"]], "revision": 10**9},
}


@pytest.mark.soak
@pytest.mark.parametrize("answer", VALUES.values(), ids=VALUES.keys())
def test_cells_that_are_none_are_not_taken(book: Lab, answer: dict[str, Any]) -> None:
    """The source fails after three readings at most and keeps its rows."""
    revision = book.made.revision
    other = {"range": "bbbbbb!A1:T200", "revision": revision, "values": [["项"]]}
    serve(book, "values_batch", {"revision": revision, "valueRanges": [{"revision": revision, **answer}, other]})
    report = sync(book)
    assert {row.action for row in report} == {"failed"}
    assert "unexpected" not in report[0].problem
    assert len(book.workspace.load("s1/明细")) == 29


@pytest.mark.parametrize("surplus", [[[None]] * 50, [None] * 50, [[None] * 900]], ids=["rows", "nulls", "columns"])
def test_blanks_beyond_what_was_asked_are_padding(book: Lab, surplus: list[Any]) -> None:
    """They cost nothing."""
    revision = book.made.revision
    answers = [{"range": f"{key}!A1:T200", "revision": revision, "values": [["名称"], ["甲"], *[None] * 198, *surplus]}
               for key in ("aaaaaa", "bbbbbb")]  # fmt: skip
    serve(book, "values_batch", {"revision": revision, "valueRanges": answers})
    sync(book, accept_shrink=True).raise_for_failures()
    assert [*book.workspace.load("s1/明细")["名称"]] == ["甲"]


CELLS: list[Any] = [None, True, 0, -1, 1.5, 2**63, 10**30, 1e308, "", "a", "\ud83d", "\x1b[31m", [], [None], [[]], {},
                    {"type": []},
                    {"type": "url", "text": [], "link": {}}, {"type": "mention", "text": None, "token": 5},
                    {"type": "multipleValue", "values": {"a": 1}}, {"type": "embed-image", "fileToken": [1]},
                    [{"type": "text", "text": {"a": 1}}, 5, None], {"a": {"b": {"c": [1, {"d": None}]}}}]  # fmt: skip


@pytest.mark.parametrize("odd", CELLS, ids=lambda odd: ascii(odd)[:30])
def test_an_odd_cell_costs_no_other(odd: Any) -> None:
    """Alone in a column of numbers, and beside all others: every other cell is what it was."""
    rows = [["名称", "数量"], ["甲", 1], ["乙", odd], ["丙", 3]]
    table = to_table(record_of(rows))
    assert table.column("名称").to_pylist() == ["甲", "乙", "丙"]
    assert [str(value) for value in table.column("数量").to_pylist()[::2]] in (["1", "3"], ["1.0", "3.0"])


def test_a_window_is_asked_for_from_the_top_down() -> None:
    """Rows that are too wide for a window come in pieces, each row whole before the next."""
    left, places = [Window("a", 1, 1, 3, 5)], []
    while left:
        piece, below = left.pop(0).split(2)
        places.append((piece.row, piece.column, piece.rows * piece.columns))
        left = [*below, *left]
    assert places == sorted(places)
    assert sum(cells for *_, cells in places) == 15
