"""The files in attachment cells."""

from __future__ import annotations

from typing import Any

from larknb.sandbox.world.bitable.base import Base
from larknb.sandbox.world.bitable.cells import ATTACHMENT
from larknb.sandbox.world.ids import derived_id
from larknb.sandbox.world.tenant import Tenant

PDF = (  # one blank page
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 297]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def file_object(name: str, kind: str) -> dict[str, Any]:
    """File object as it stands in a cell."""
    return {"file_token": derived_id("", 27, "file", name), "name": name, "type": kind, "size": len(_content(name))}


def _content(name: str) -> bytes:
    """Bytes of a file: a page, a line of text, or nothing, as happens with pictures whose upload broke off."""
    if name.endswith(".pdf"):
        return PDF
    return b"" if name.endswith(".png") else f"{name}\n".encode()


def keep_files(tenant: Tenant, base: Base) -> None:
    """Let the files that lie in cells be downloaded."""
    for table in base.tables:
        columns = [column.field_id for column in table.fields if column.type == ATTACHMENT]
        for row in table.rows.values():
            for file in [file for column in columns for file in row.cells.get(column) or []]:
                tenant.add_media(_content(file["name"]), file["name"], file["type"], file["file_token"], base=base)
