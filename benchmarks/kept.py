"""Caches as a sync would leave them, written without one: a million rows over HTTP take a quarter of an hour."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from common import APP, FIELDS, TABLE, row

from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.model import Batch, Guide, Learned, Policy, Source, TableInfo
from larknb.sandbox import Field
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import raw_schema

PAGE, COLUMNS_PAGE = 10_000, 500_000  # rows made at a time: one by one, and in whole columns
SECTIONS, PARAGRAPHS, LENGTH = 8, 3, 120  # of a guide; characters of a paragraph
WORDS = ["电机", "过热", "绝缘", "电池", "通信", "总线", "报文", "终端", "电阻", "测量", "检查", "更换", "温度",
         "传感器", "故障码", "高压", "线束", "接插件", "控制器", "制动", "断开", "，", "。", "的", "与", "CAN", "P0A1F",
         "℃", "100"]  # fmt: skip
HOST = "https://example.feishu.cn"


def keep_table(root: Path, rows: int) -> None:
    """Write the base of the benchmarks with so many rows into the cache below a folder."""
    fields = [_told(field) for field in FIELDS]
    table = TableInfo(TABLE, "t", 1, raw_schema(TABLE, "t", fields, time_zone="Asia/Shanghai"))
    cached = Cache(root).of(Source("bench", f"{HOST}/base/{APP}", "bitable", APP))
    with Snapshot(cached, time.time() - 60, policy=Policy()) as snapshot:
        for first in range(0, rows, PAGE):
            numbers = range(first, min(rows, first + PAGE))
            records = [{"record_id": f"rec{number:011d}", "fields": row(number)} for number in numbers]
            snapshot.add(Batch(table, to_arrow(table.schema, records), total=rows, fresh=not first))
        _commit(snapshot, TABLE)


def keep_plain_table(root: Path, rows: int) -> None:
    """Write a base of four columns into the cache, so many rows as no Bitable holds: whole columns at once."""
    options = [f"状态{number}" for number in range(20)]
    described = {"options": [{"id": f"opt{number}", "name": name} for number, name in enumerate(options)]}
    fields = [
        Field("编号", 2, field_id="fldI", is_primary=True), Field("金额", 2, field_id="fldN"),
        Field("状态", 3, field_id="fldS", property=described), Field("电话", 13, field_id="fldP"),
    ]  # fmt: skip
    table = TableInfo(TABLE, "t", 1, raw_schema(TABLE, "t", [_told(field) for field in fields], time_zone="UTC"))
    cached = Cache(root).of(Source("bench", f"{HOST}/base/{APP}", "bitable", APP))
    with Snapshot(cached, time.time() - 60, policy=Policy()) as snapshot:
        for first in range(0, rows, COLUMNS_PAGE):
            columns = _columns(np.arange(first, min(rows, first + COLUMNS_PAGE)), options)
            count = len(columns["fldI"])
            page = [columns.get(each.name, pa.nulls(count, each.type)) for each in table.schema]
            snapshot.add(Batch(table, pa.table(page, schema=table.schema), total=rows, fresh=not first))
        _commit(snapshot, TABLE)


def _columns(numbers: np.ndarray[Any, Any], options: list[str]) -> dict[str, pa.Array]:
    words = pc.cast(pa.array(numbers), pa.string())
    return {
        "_record_id": pc.binary_join_element_wise("rec", pc.utf8_lpad(words, 11, "0"), ""),
        "fldI": pa.array(numbers.astype("float64")), "fldN": pa.array((numbers % 1000) * 1.5),
        "fldS": pa.DictionaryArray.from_arrays(pa.array((numbers % len(options)).astype("int32")), options),
        "fldP": pc.binary_join_element_wise("138", pc.utf8_lpad(words, 8, "0"), ""),
        "_row_hash": pa.array(numbers), "_computed_hash": pa.array(numbers * 0),
    }  # fmt: skip


def _told(field: Field) -> dict[str, Any]:
    """Return a field as the platform lists it."""
    keys = "field_id", "type", "ui_type", "property", "is_primary", "description"
    return {"field_name": field.name, **{key: getattr(field, key) for key in keys}}


def keep_documents(root: Path, count: int) -> None:
    """Write so many guides into the cache below a folder."""
    cache, chance = Cache(root), random.Random(1)
    for number in range(count):
        token = f"DocBench{number:019d}"
        source = Source(f"指引 {number}", f"{HOST}/docx/{token}", "document", token)
        with Snapshot(cache.of(source), time.time() - 60, policy=Policy()) as snapshot:
            snapshot.add(Guide(_record(source, chance)))
            _commit(snapshot, token)


def _record(source: Source, chance: random.Random) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    for section in range(SECTIONS):
        blocks.append(_line(f"h{section}", 3, "heading1", f"{section} {chance.choice(WORDS)}{chance.choice(WORDS)}"))
        for paragraph in range(PARAGRAPHS):
            text = "".join(chance.choices(WORDS, k=LENGTH // 2))
            blocks.append(_line(f"p{section}-{paragraph}", 2, "text", text))
    children = [block["block_id"] for block in blocks]
    page = {"block_id": source.token, "block_type": 1, "page": {"elements": []}, "children": children}
    document = {"document_id": source.token, "revision_id": 1, "title": source.name}
    return {"document": document, "blocks": [page, *blocks], "url": source.url}


def _line(block_id: str, number: int, kind: str, text: str) -> dict[str, Any]:
    return {"block_id": block_id, "block_type": number, kind: {"elements": [{"text_run": {"content": text}}]}}


def _commit(snapshot: Snapshot, token: str) -> None:
    snapshot.commit(Learned(selected={token: ""}), options="{}", full_at=snapshot.at, stamp=None)
