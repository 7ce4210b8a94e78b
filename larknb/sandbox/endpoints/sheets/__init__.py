"""Spreadsheet endpoints: what it is, which worksheets it has, and the values of ranges."""

from larknb.sandbox.platform.endpoint import Endpoint

from .layout import get_sheet, get_spreadsheet, metainfo, query_sheets
from .values import read_range, read_ranges

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
