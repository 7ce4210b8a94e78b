"""Spreadsheet endpoints: what it is, which worksheets it has, and the values of ranges.

The old (v2) paths answer with codes 902xx, the new (v3) ones with 13102xx; the last three digits mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .gridcells import Mode, people_in, shown
from .guard import id_kind
from .ranges import Area, area_of, cells_of
from .wire import Answer, CodeError, Endpoint, Request, success
from .workbook import BITABLE_BLOCK, Sheet, Spreadsheet

if TYPE_CHECKING:
    from .box import Sandbox

WRONG_RANGE, NO_SHEET_NAMED, WRONG_SHEET, FORBIDDEN = 202, 206, 211, 213
NO_SPREADSHEET, NO_SHEET, TOO_LARGE, WRONG_PARAMETER = 214, 215, 221, 229
DELETED = 1310249  # documented for v3 alone
NOT_EXIST = 91402  # what a wiki node's token leads to
OLD, NEW = 90000, 1310000

MOST_BYTES = 10 * 1024 * 1024
RENDERS = ("", "UnformattedValue", "FormattedValue", "Formula", "ToString")
DATES = ("", "FormattedString")
SHEET_ID = 10  # characters at most; what is longer, or not ASCII, is a title


def _refusal(box: Sandbox, family: int, number: int) -> CodeError:
    return CodeError((NEW if box.new_sheet_codes else family) + number)


def find_spreadsheet(box: Sandbox, request: Request, family: int) -> Spreadsheet:
    """Spreadsheet of the path, if the caller may read it."""
    token = request.params["token"]
    document = box.tenant.document(token)
    if isinstance(document, Spreadsheet):
        assert request.caller is not None
        if not document.may_read(request.caller.identity):
            raise _refusal(box, family, FORBIDDEN)
        return document
    if box.tenant.wiki_node(token):
        raise CodeError(NOT_EXIST)
    raise CodeError(DELETED) if token in box.tenant.deleted else _refusal(box, family, NO_SPREADSHEET)


def find_sheet(box: Sandbox, spreadsheet: Spreadsheet, sheet_id: str, family: int) -> Sheet:
    """Worksheet of this id; its title will not do."""
    if not sheet_id:
        raise _refusal(box, family, NO_SHEET_NAMED)
    sheet = next((one for one in spreadsheet.sheets if one.sheet_id == sheet_id), None)
    if sheet is None:
        looks_like_one = sheet_id.isascii() and sheet_id.isalnum() and len(sheet_id) <= SHEET_ID
        raise _refusal(box, family, NO_SHEET if looks_like_one else WRONG_SHEET)
    return sheet


# Layout --------------------------------------------------------------------------------------------------------------


def get_spreadsheet(box: Sandbox, request: Request) -> Answer:
    """Title and owner; neither times nor a revision."""
    one = find_spreadsheet(box, request, NEW)
    owner = one.owner.id_of(id_kind(box, request, request.query.get("user_id_type", "open_id")))
    facts = {"title": one.name, "owner_id": owner, "token": one.token, "url": f"{box.url}/{one.path}/{one.token}"}
    return success({"spreadsheet": facts})


def query_sheets(box: Sandbox, request: Request) -> Answer:
    """All worksheets, hidden ones too."""
    return success({"sheets": [_new_item(sheet) for sheet in find_spreadsheet(box, request, NEW).sheets]})


def get_sheet(box: Sandbox, request: Request) -> Answer:
    """One worksheet."""
    spreadsheet = find_spreadsheet(box, request, NEW)
    return success({"sheet": _new_item(find_sheet(box, spreadsheet, request.params["sheet_id"], NEW))}, msg="")


def _new_item(sheet: Sheet) -> dict[str, Any]:
    item: dict[str, Any] = {
        "sheet_id": sheet.sheet_id,
        "title": sheet.title,
        "index": sheet.index,
        "hidden": sheet.hidden,
    }
    if sheet.block:
        return item | {"resource_type": "bitable" if sheet.block[0] == BITABLE_BLOCK else "#UNSUPPORTED_TYPE"}
    item["grid_properties"] = {
        "frozen_row_count": sheet.frozen_rows,
        "frozen_column_count": sheet.frozen_columns,
        "row_count": sheet.row_count,
        "column_count": sheet.column_count,
    }
    item["resource_type"] = "sheet"
    if sheet.merges:
        item["merges"] = [
            {
                "start_row_index": row - 1,
                "end_row_index": row + rows - 2,  # the last row and column belong to the merge
                "start_column_index": column - 1,
                "end_column_index": column + columns - 2,
            }
            for row, column, rows, columns in sheet.merges
        ]
    return item


def metainfo(box: Sandbox, request: Request) -> Answer:
    """Layout and revision in one answer; does not tell which worksheets are hidden."""
    one, kind = find_spreadsheet(box, request, OLD), _person_kind(box, request)
    owner: dict[str, Any] = {"ownerUser": int(one.owner.lark_id)}
    if kind != "lark_id":
        owner = {"ownerUserID": one.owner.id_of(kind)}
    facts = {"title": one.name, **owner, "sheetCount": len(one.sheets), "revision": one.revision}
    sheets = [_old_item(sheet) for sheet in one.sheets]
    if request.query.get("extFields") == "protectedRange":
        sheets = [sheet if "blockInfo" in sheet else {**sheet, "protectedRange": []} for sheet in sheets]
    return success({"properties": facts, "sheets": sheets, "spreadsheetToken": one.token}, msg="Success")


def _old_item(sheet: Sheet) -> dict[str, Any]:
    item: dict[str, Any] = {
        "sheetId": sheet.sheet_id,
        "title": sheet.title,
        "index": sheet.index,
        "rowCount": sheet.row_count,
        "columnCount": sheet.column_count,
        "frozenRowCount": sheet.frozen_rows,
        "frozenColCount": sheet.frozen_columns,
    }
    if sheet.merges:
        names = ("startRowIndex", "startColumnIndex", "rowCount", "columnCount")
        merges = [(row - 1, column - 1, rows, columns) for row, column, rows, columns in sheet.merges]
        item["merges"] = [dict(zip(names, merge, strict=True)) for merge in merges]
    if sheet.block:
        item["blockInfo"] = {"blockToken": sheet.block[1], "blockType": sheet.block[0]}
    return item


# Values --------------------------------------------------------------------------------------------------------------


def _person_kind(box: Sandbox, request: Request) -> str:
    """Kind of the ids of persons; the default is one that nothing else knows any more."""
    kind = request.query.get("user_id_type", "lark_id")
    if kind not in ("lark_id", "open_id", "union_id"):
        raise _refusal(box, OLD, WRONG_PARAMETER)
    return kind


def _mode(box: Sandbox, request: Request) -> Mode:
    render, dates = request.query.get("valueRenderOption", ""), request.query.get("dateTimeRenderOption", "")
    if render not in RENDERS or dates not in DATES:
        raise _refusal(box, OLD, WRONG_PARAMETER)
    return Mode(render, bool(dates))


class Reading:
    """One read of values: of which spreadsheet, and how its cells are to be shown."""

    def __init__(self, box: Sandbox, request: Request) -> None:
        self._box = box
        self._spreadsheet = find_spreadsheet(box, request, OLD)
        self._mode = _mode(box, request)
        self._kind = _person_kind(box, request)

    def answer(self, asked: str, body: Callable[[], dict[str, Any]]) -> Answer:
        """Answer with this body, made once for every way of asking."""
        box, facts = self._box, {"revision": self._spreadsheet.revision, "spreadsheetToken": self._spreadsheet.token}
        key = (asked, self._mode, self._kind, box.padding, box.reject_out_of_grid)
        content = self._spreadsheet.answers.once(key, lambda: success(facts | body()).content)
        if len(content) > (box.max_response_bytes or MOST_BYTES):
            raise _refusal(box, OLD, TOO_LARGE)
        return Answer(200, content, code=0)

    def range(self, text: str) -> dict[str, Any]:
        """Values of one range."""
        sheet_id, mark, place = text.partition("!")
        sheet = find_sheet(self._box, self._spreadsheet, sheet_id, OLD)
        if sheet.block:
            raise _refusal(self._box, OLD, WRONG_SHEET)
        area = self._area(sheet, place if mark else None)
        answer = {"majorDimension": "ROWS", "range": "", "revision": self._spreadsheet.revision, "values": None}
        if area:
            answer |= {"range": f"{sheet_id}!{area}", "values": [self._row(cells) for cells in sheet.rows_of(area)]}
        return answer

    def _area(self, sheet: Sheet, text: str | None) -> Area | None:
        """Part of the range that lies in the grid, ``None`` if there is nothing to show."""
        asked = area_of(text, sheet.row_count, sheet.column_count)
        if asked is None:
            raise _refusal(self._box, OLD, WRONG_RANGE)
        area = asked.within(sheet.row_count, sheet.column_count)
        if area != asked and self._box.reject_out_of_grid:
            raise _refusal(self._box, OLD, WRONG_RANGE)
        return sheet.filled(area) if area and self._box.padding == "trimmed" else area

    def _row(self, cells: list[Any]) -> list[Any]:
        row = [people_in(shown(cell, self._mode), self._id_of) for cell in cells]
        while self._box.padding == "ragged" and row and row[-1] is None:
            row.pop()
        return row

    def _id_of(self, open_id: str) -> str:
        user = self._box.tenant.find_user(open_id)
        return user.id_of(self._kind) if user else open_id


def read_range(box: Sandbox, request: Request) -> Answer:
    """Values of one range."""
    reading, text = Reading(box, request), request.params["range"]
    return reading.answer(text, lambda: {"valueRange": reading.range(text)})


def read_ranges(box: Sandbox, request: Request) -> Answer:
    """Values of several ranges, of any worksheets, in no promised order."""
    reading, text = Reading(box, request), request.query.get("ranges", "")

    def body() -> dict[str, Any]:
        answers = [reading.range(one) for one in text.split(",")]
        answers.sort(key=lambda answer: str(answer["range"]), reverse=True)  # nobody may join by position
        return {"totalCells": sum(cells_of(answer["range"]) for answer in answers), "valueRanges": answers}

    return reading.answer(f"batch {text}", body)


SCOPES = ("sheets:spreadsheet:readonly", "sheets:spreadsheet", "drive:drive:readonly", "drive:drive")
PER_MINUTE, PER_SECOND = ((100, 60),), ((100, 1),)
V2, V3 = "/open-apis/sheets/v2/spreadsheets/{token}", "/open-apis/sheets/v3/spreadsheets/{token}"

ENDPOINTS = (
    Endpoint("spreadsheet", "GET", V3, get_spreadsheet, SCOPES, limits=PER_MINUTE),
    Endpoint("sheets", "GET", f"{V3}/sheets/query", query_sheets, SCOPES, limits=PER_MINUTE),
    Endpoint("sheet", "GET", f"{V3}/sheets/{{sheet_id}}", get_sheet, SCOPES, limits=PER_MINUTE),
    Endpoint("metainfo", "GET", f"{V2}/metainfo", metainfo, SCOPES, limits=PER_SECOND),
    Endpoint("values", "GET", f"{V2}/values/{{range}}", read_range, SCOPES, limits=PER_SECOND),
    Endpoint("values_batch", "GET", f"{V2}/values_batch_get", read_ranges, SCOPES, limits=PER_SECOND),
)
