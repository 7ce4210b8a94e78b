"""Tables as a reader yields them, and snapshots that are taken of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from larknb.cache import records
from larknb.cache.cached import SourceCache
from larknb.cache.snapshot import Snapshot
from larknb.cache.tablefiles import Change
from larknb.model import Batch, Grid, Guide, Learned, Media, Policy, Source, TableInfo
from larknb.tabular import cells
from larknb.tabular.raw import computed_schema, raw_schema
from tests.received import media

NOW = 1_768_000_000.0
SOURCE = Source("功能安全", "https://x.feishu.cn/base/AppA", "bitable", "AppA")
FIELDS = [
    {"field_id": "fldN", "field_name": "name", "type": 1, "ui_type": "Text", "is_primary": True},
    {
        "field_id": "fldD",
        "field_name": "day",
        "type": 5,
        "ui_type": "DateTime",
        "property": {"date_formatter": "yyyy/MM/dd"},
    },
    {"field_id": "fldF", "field_name": "sum", "type": 20, "ui_type": "Formula"},
]
DAY = 1_690_992_000_000  # 2023-08-03 00:00 +08:00


def info(name: str = "t", table_id: str = "tblA", revision: int = 1) -> TableInfo:
    return TableInfo(table_id, name, revision, raw_schema(table_id, name, FIELDS, time_zone="Asia/Shanghai"))


def rows(table: TableInfo, count: int, day: int = DAY, first: int = 0, results: int = 1) -> pa.Table:
    found = [
        {
            "record_id": f"rec{n}",
            "fields": {
                "name": [{"type": "text", "text": f"n{n}"}],
                "day": day,
                "sum": {"type": 2, "value": [n] * results},
            },
        }
        for n in range(first, first + count)
    ]
    return cells.to_arrow(table.schema, found)


def batch(table: TableInfo, count: int) -> Batch:
    """Return a table of so many rows, read whole."""
    return Batch(table, rows(table, count), fresh=True)


def holding(table: TableInfo, *records: dict[str, Any]) -> Batch:
    """Return a table of these records, read whole."""
    return Batch(table, cells.to_arrow(table.schema, list(records)), fresh=True)


def computed(values: list[int]) -> Batch:
    """Return the computed column of a table alone, as read anew."""
    table = info()
    schema = computed_schema(table.schema)
    records = [{"record_id": f"rec{n}", "fields": {"sum": {"type": 2, "value": [value]}}}
               for n, value in enumerate(values)]  # fmt: skip
    return Batch(replace(table, schema=schema), cells.to_arrow(schema, records), fresh=True, computed_only=True)


def linked(table_id: str) -> TableInfo:
    """Return a table whose one column links to another table."""
    fields = [{"field_id": "fldT", "field_name": "team", "type": 18, "ui_type": "SingleLink", "is_primary": True,
               "property": {"table_id": table_id, "multiple": True}}]  # fmt: skip
    return TableInfo("tblPeople", "people", 1, raw_schema("tblPeople", "people", fields, time_zone="UTC"))


def grid(name: str = "s", table_id: str = "sheet1", *values: list[Any]) -> Grid:
    """Return a worksheet."""
    listed = list(values) or [["名称", "数量"], ["甲", 1], ["乙", 2]]
    record = {"sheet_id": table_id, "title": name, "revision": 1, "row_count": len(listed),
              "column_count": len(listed[0]), "frozen_row_count": 0, "merges": [],
              "values": [{"row": 1, "column": 1, "values": listed}], "dates": []}  # fmt: skip
    return Grid(TableInfo(table_id, name, 1, None), record)


def take(
    cached: SourceCache, at: float, *parcels: Batch | Grid, formats: Iterable[str] = ("parquet",),
    options: dict[str, Any] | None = None, selected: Iterable[str] | None = None, accept_shrink: bool = False,
    **known: Any,
) -> dict[str, Change]:  # fmt: skip
    """Take a snapshot; without ``selected`` no table leaves the source. The rest is what the reader learned."""
    with Snapshot(cached, at, options, policy=Policy(), formats=[*formats]) as snapshot:
        for parcel in parcels:
            snapshot.add(parcel)
        every = [*cached.tables, *(parcel.table.table_id for parcel in parcels)] if selected is None else selected
        learned = Learned(selected=dict.fromkeys(every, ""), **known)
        return snapshot.commit(learned, options="{}", full_at=at, stamp=None, accept_shrink=accept_shrink)


def guide(cached: SourceCache, content: str, *tokens: str) -> list[Guide | Media]:
    """Return a document of one line and some pictures, as it was read for a source."""
    page = {"block_id": "doc", "block_type": 1, "page": {"elements": []}, "children": ["blk", *tokens]}
    line = {"block_id": "blk", "block_type": 2, "text": {"elements": [{"text_run": {"content": content}}]}}
    pictures = [{"block_id": token, "block_type": 27, "image": {"token": token}} for token in tokens]
    record = {"document": {"document_id": "doc", "revision_id": 1, "title": "t"}, "blocks": [page, line, *pictures]}
    return [*(media(cached.folder, token, "a.png", data=token.encode()) for token in tokens), Guide(record)]


def take_guide(cached: SourceCache, at: float, *parcels: Guide | Media) -> dict[str, Change]:
    """Take a snapshot of a document."""
    with Snapshot(cached, at, policy=Policy()) as snapshot:
        for parcel in parcels:
            snapshot.add(parcel)
        return snapshot.commit(Learned(selected={"AppA": "t"}), options="{}", full_at=at, stamp=None)


def files(cached: SourceCache) -> set[str]:
    return {str(path.relative_to(cached.folder)) for path in cached.folder.rglob("*") if path.is_file()}


def opened(cached: SourceCache) -> SourceCache:
    """Open a source as another process does."""
    found = SourceCache.open(cached.folder)
    assert found is not None
    return found


def unpacked(folder: Path) -> Path:
    """Make the record of a snapshot the plain file that it was before."""
    packed, path = folder / records.FILE, folder / records.PLAIN
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    return path
