"""Which spreadsheet is meant, what it is, and which worksheets it has.

The old (v2) paths answer with codes 902xx, the new (v3) ones with 13102xx; the last three digits mean the same.
"""

from __future__ import annotations

from typing import Any

from larknb.sandbox.platform.guard import id_kind
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.sheets.workbook import BITABLE_BLOCK, Sheet, Spreadsheet

NO_SHEET_NAMED, WRONG_SHEET, FORBIDDEN, NO_SPREADSHEET, NO_SHEET, WRONG_PARAMETER = 206, 211, 213, 214, 215, 229
DELETED = 1310249  # documented for v3 alone
NOT_EXIST = 91402  # what a wiki node's token leads to
OLD, NEW = 90000, 1310000
SHEET_ID = 10  # characters at most; what is longer, or not ASCII, is a title


def refusal(platform: Platform, family: int, number: int) -> CodeError:
    """Failure under the number that old and new paths share."""
    return CodeError((NEW if platform.new_sheet_codes else family) + number)


def find_spreadsheet(platform: Platform, request: Request, family: int) -> Spreadsheet:
    """Spreadsheet of the path, if the caller may read it."""
    token = request.params["token"]
    document = platform.tenant.document(token)
    if isinstance(document, Spreadsheet):
        if not document.may_read(request.identity):
            raise refusal(platform, family, FORBIDDEN)
        return document
    if platform.tenant.wiki_node(token):
        raise CodeError(NOT_EXIST)
    raise CodeError(DELETED) if token in platform.tenant.deleted else refusal(platform, family, NO_SPREADSHEET)


def find_sheet(platform: Platform, spreadsheet: Spreadsheet, sheet_id: str, family: int) -> Sheet:
    """Worksheet of this id; its title will not do."""
    if not sheet_id:
        raise refusal(platform, family, NO_SHEET_NAMED)
    sheet = next((one for one in spreadsheet.sheets if one.sheet_id == sheet_id), None)
    if sheet is None:
        looks_like_one = sheet_id.isascii() and sheet_id.isalnum() and len(sheet_id) <= SHEET_ID
        raise refusal(platform, family, NO_SHEET if looks_like_one else WRONG_SHEET)
    return sheet


def person_kind(platform: Platform, request: Request) -> str:
    """Kind of the ids of persons; the default is one that nothing else knows any more."""
    kind = request.query.get("user_id_type", "lark_id")
    if kind not in ("lark_id", "open_id", "union_id"):
        raise refusal(platform, OLD, WRONG_PARAMETER)
    return kind


# Layout --------------------------------------------------------------------------------------------------------------


def get_spreadsheet(platform: Platform, request: Request) -> Response:
    """Title and owner; neither times nor a revision."""
    one = find_spreadsheet(platform, request, NEW)
    owner = one.owner.id_of(id_kind(platform, request, request.query.get("user_id_type", "open_id")))
    facts = {"title": one.name, "owner_id": owner, "token": one.token, "url": f"{platform.url}/{one.path}/{one.token}"}
    return success({"spreadsheet": facts})


def query_sheets(platform: Platform, request: Request) -> Response:
    """All worksheets, hidden ones too."""
    return success({"sheets": [_new_item(sheet) for sheet in find_spreadsheet(platform, request, NEW).sheets]})


def get_sheet(platform: Platform, request: Request) -> Response:
    """One worksheet."""
    spreadsheet = find_spreadsheet(platform, request, NEW)
    return success({"sheet": _new_item(find_sheet(platform, spreadsheet, request.params["sheet_id"], NEW))}, msg="")


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


def metainfo(platform: Platform, request: Request) -> Response:
    """Layout and revision in one answer; does not tell which worksheets are hidden."""
    one, kind = find_spreadsheet(platform, request, OLD), person_kind(platform, request)
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
