"""The sample workspace read as a client reads it."""

from __future__ import annotations

from typing import Any

from larknb.sandbox import Sandbox, Spreadsheet, Tenant, sample

from ..conftest import Api


def everything(tenant: Tenant, api: Api) -> dict[str, Any]:
    """Read all that a client can see, page by page."""
    seen: dict[str, Any] = {}
    for guide in tenant.guides:
        seen[guide.token] = (
            api.data(f"/docx/v1/documents/{guide.token}"),
            api.data(f"/docx/v1/documents/{guide.token}/blocks")["items"],
        )
    for book in [one for one in tenant.documents if isinstance(one, Spreadsheet)]:
        seen[book.token] = api.data(f"/sheets/v2/spreadsheets/{book.token}/metainfo")
        for sheet in [one for one in book.sheets if not one.block]:
            path = f"/sheets/v2/spreadsheets/{book.token}/values/{sheet.sheet_id}"
            seen[sheet.sheet_id] = api.data(path, valueRenderOption="UnformattedValue", user_id_type="open_id")
    for base in tenant.bases:
        seen[base.name] = api.data(f"/bitable/v1/apps/{base.app_token}/tables", page_size=100)["items"]
        for table in base.tables:
            path = f"/bitable/v1/apps/{base.app_token}/tables/{table.table_id}/fields"
            rows = api.all_rows(table, {"automatic_fields": True}, page_size=500)
            seen[table.table_id] = (api.data(path, page_size=100)["items"], rows)
    return seen


def grid(served: tuple[Sandbox, Api], sheet_id: str, book: str = sample.BOOK, **query: str) -> list[list[Any]]:
    """Return what is filled in a worksheet."""
    options = {"valueRenderOption": "UnformattedValue", "user_id_type": "open_id"} | query
    path = f"/sheets/v2/spreadsheets/{book}/values/{sheet_id}"
    rows: list[list[Any]] = served[1].data(path, **options)["valueRange"]["values"]
    filled = [row for row in rows if any(cell is not None for cell in row)]
    width = max(column for row in filled for column, cell in enumerate(row, 1) if cell is not None)
    return [row[:width] for row in filled]
