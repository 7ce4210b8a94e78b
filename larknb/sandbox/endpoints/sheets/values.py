"""The values of ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.sheets.ranges import Area, area_of, cells_of
from larknb.sandbox.world.sheets.workbook import Sheet

from .layout import OLD, WRONG_PARAMETER, WRONG_SHEET, find_sheet, find_spreadsheet, person_kind, refusal
from .showing import Rendering, shown, with_ids

WRONG_RANGE, TOO_LARGE = 202, 221
MOST_BYTES = 10 * 1024 * 1024
RENDERS = ("", "UnformattedValue", "FormattedValue", "Formula", "ToString")
DATES = ("", "FormattedString")


def _rendering(platform: Platform, request: Request) -> Rendering:
    render, dates = request.query.get("valueRenderOption", ""), request.query.get("dateTimeRenderOption", "")
    if render not in RENDERS or dates not in DATES:
        raise refusal(platform, OLD, WRONG_PARAMETER)
    return Rendering(render, bool(dates))


class Reading:
    """One read of values: of which spreadsheet, and how its cells are to be shown."""

    def __init__(self, platform: Platform, request: Request) -> None:
        self._platform = platform
        self._spreadsheet = find_spreadsheet(platform, request, OLD)
        self._rendering = _rendering(platform, request)
        self._kind = person_kind(platform, request)

    def answer(self, asked: str, body: Callable[[], dict[str, Any]]) -> Response:
        """Answer with this body, made once for every way of asking."""
        platform, spreadsheet = self._platform, self._spreadsheet
        facts = {"revision": spreadsheet.revision, "spreadsheetToken": spreadsheet.token}
        key = (asked, self._rendering, self._kind, platform.padding, platform.reject_out_of_grid)
        content = spreadsheet.served.once(key, lambda: success(facts | body()).content)
        if len(content) > (platform.max_response_bytes or MOST_BYTES):
            raise refusal(platform, OLD, TOO_LARGE)
        return Response(200, content, code=0)

    def range(self, text: str) -> dict[str, Any]:
        """Values of one range."""
        sheet_id, mark, place = text.partition("!")
        sheet = find_sheet(self._platform, self._spreadsheet, sheet_id, OLD)
        if sheet.block:
            raise refusal(self._platform, OLD, WRONG_SHEET)
        area = self._area(sheet, place if mark else None)
        answer = {"majorDimension": "ROWS", "range": "", "revision": self._spreadsheet.revision, "values": None}
        if area:
            answer |= {"range": f"{sheet_id}!{area}", "values": [self._row(cells) for cells in sheet.rows_of(area)]}
        return answer

    def _area(self, sheet: Sheet, text: str | None) -> Area | None:
        """Part of the range that lies in the grid, ``None`` if there is nothing to show."""
        asked = area_of(text, sheet.row_count, sheet.column_count)
        if asked is None:
            raise refusal(self._platform, OLD, WRONG_RANGE)
        area = asked.within(sheet.row_count, sheet.column_count)
        if area != asked and self._platform.reject_out_of_grid:
            raise refusal(self._platform, OLD, WRONG_RANGE)
        return sheet.filled(area) if area and self._platform.padding == "trimmed" else area

    def _row(self, cells: list[Any]) -> list[Any]:
        row = [with_ids(shown(cell, self._rendering), self._id_of) for cell in cells]
        while self._platform.padding == "ragged" and row and row[-1] is None:
            row.pop()
        return row

    def _id_of(self, open_id: str) -> str:
        user = self._platform.tenant.find_user(open_id)
        return user.id_of(self._kind) if user else open_id


def read_range(platform: Platform, request: Request) -> Response:
    """Values of one range."""
    reading, text = Reading(platform, request), request.params["range"]
    return reading.answer(text, lambda: {"valueRange": reading.range(text)})


def read_ranges(platform: Platform, request: Request) -> Response:
    """Values of several ranges, of any worksheets, in no promised order."""
    reading, text = Reading(platform, request), request.query.get("ranges", "")

    def body() -> dict[str, Any]:
        answers = [reading.range(one) for one in text.split(",")]
        answers.sort(key=lambda answer: str(answer["range"]), reverse=True)  # nobody may join by position
        return {"totalCells": sum(cells_of(answer["range"]) for answer in answers), "valueRanges": answers}

    return reading.answer(f"batch {text}", body)
