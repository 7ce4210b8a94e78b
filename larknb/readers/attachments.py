"""The files in the cells of a base's tables: found in the rows that are read, and downloaded after them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from larknb.api.client import LarkClient
from larknb.model import Batch, Learned, Parcel
from larknb.readers.base import Known
from larknb.readers.blocks import is_token
from larknb.readers.media import Wanted, fetch_media
from larknb.tabular.raw import RECORD_ID, file_columns

__all__ = ["with_attachments"]

Cells = dict[str, tuple[str, str, Mapping[str, Any]]]  # by token: the field and the record of a file, and what it is


def with_attachments(
    client: LarkClient, known: Known, parcels: Iterable[Parcel], *, limit: int, anew: bool, name: str
) -> Iterator[Parcel]:
    """Yield what a read of a base yields, and before what was learned, the files that its rows hold and we lack.

    Parameters
    ----------
    limit : int
        Bytes of the largest file that is downloaded.
    anew : bool
        Prove what is there, and ask again for what was refused.
    name : str
        The source, for the log.
    """
    tables: dict[str, Cells] = {}
    for parcel in parcels:
        if isinstance(parcel, Batch) and not parcel.computed_only:
            cells = {} if parcel.fresh else tables.get(parcel.table.table_id, {})
            tables[parcel.table.table_id] = dict(_cells(parcel.rows)) | cells
        if not isinstance(parcel, Learned):
            yield parcel
            continue
        is_advanced = bool((parcel.state.get("app") or {}).get("is_advanced"))
        read = {table_id: cells for table_id, cells in tables.items() if table_id not in parcel.failed}
        wanted = {token: _wanted(table_id, token, *cell, is_advanced=is_advanced)
                  for table_id, cells in read.items() for token, cell in cells.items()}  # fmt: skip
        left = yield from fetch_media(client, known, wanted.values(), limit=limit, left=known.state.get("left", {}),
                                      anew=anew, name=name)  # fmt: skip
        yield replace(parcel, state={**parcel.state, "left": left})


def _cells(rows: pa.Table) -> Iterator[tuple[str, tuple[str, str, Mapping[str, Any]]]]:
    """Yield token, field, record and file of each attachment; foreign text that is no token leads nowhere."""
    for field_id in file_columns(rows.schema):
        some = rows.select([RECORD_ID, field_id]).filter(pc.is_valid(rows[field_id]))
        for record_id, files in zip(*(column.to_pylist() for column in some.columns), strict=True):
            for file in files:
                if file and is_token(str(file["file_token"] or "")):
                    yield file["file_token"], (field_id, record_id, file)


def _wanted(
    table_id: str, token: str, field_id: str, record_id: str, file: Mapping[str, Any], *, is_advanced: bool
) -> Wanted:
    place = {"tableId": table_id, "attachments": {field_id: {record_id: [token]}}}
    own = orjson.dumps({"bitablePerm": place}).decode()
    return Wanted(
        token, name=file["name"] or "", content_type=file["type"] or "", size=max(0, file["size"] or 0),
        # The base may have got advanced permissions since anybody asked.
        extras=(own, *_told(file["url"] or "")) if is_advanced else ("", own), table_id=table_id,
    )  # fmt: skip


def _told(url: str) -> list[str]:
    """Return the permission parameter that a cell's own address holds, decoded: it is encoded once when it is sent."""
    found = re.search(r"[?&]extra=([^&#]+)", url)
    value = unquote(found[1]) if found else ""
    value = value if value.startswith("{") else unquote(value)
    return [value] if value.startswith("{") else []
