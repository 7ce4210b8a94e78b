"""What 50 snapshots of a table take on the disk, against one; and how long an old state takes to load."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from larknb.cache import history, loading
from larknb.cache.cached import SourceCache
from larknb.cache.manifest import Manifest
from larknb.cache.snapshot import Snapshot
from larknb.model import Batch, Grid, Learned, Policy, Source, TableInfo
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import raw_schema

SOURCE = Source("功能安全业务数据", "https://example.feishu.cn/base/App", "bitable", "App")
FIELDS: list[dict[str, Any]] = [
    {"field_id": "fldTitle", "field_name": "标题", "type": 1, "ui_type": "Text", "is_primary": True},
    {"field_id": "fldNote", "field_name": "备注", "type": 1, "ui_type": "Text"},
    {"field_id": "fldCode", "field_name": "编号", "type": 1, "ui_type": "Text"},
    {"field_id": "fldCost", "field_name": "成本", "type": 2, "ui_type": "Number"},
    {"field_id": "fldHours", "field_name": "工时", "type": 2, "ui_type": "Number"},
    {"field_id": "fldState", "field_name": "状态", "type": 3, "ui_type": "SingleSelect",
     "property": {"options": [{"id": f"opt{n}", "name": f"状态{n}"} for n in range(5)]}},
    {"field_id": "fldTags", "field_name": "标签", "type": 4, "ui_type": "MultiSelect",
     "property": {"options": [{"id": f"opm{n}", "name": f"标签{n}"} for n in range(5)]}},
    {"field_id": "fldDay", "field_name": "日期", "type": 5, "ui_type": "DateTime",
     "property": {"date_formatter": "yyyy/MM/dd"}},
    {"field_id": "fldOwner", "field_name": "负责人", "type": 11, "ui_type": "User"},
    {"field_id": "fldDone", "field_name": "完成", "type": 7, "ui_type": "Checkbox"},
]  # fmt: skip
BEGAN, HOUR = 1_768_000_000.0, 3600.0
TABLE = TableInfo("tblBench", "台账", 1, raw_schema("tblBench", "台账", FIELDS, time_zone="Asia/Shanghai"))


def record(n: int, dice: random.Random) -> dict[str, Any]:
    """Return one record as the platform gives it."""
    fields = {
        "标题": [{"type": "text", "text": f"第 {n} 项：{dice.randrange(10**6)}"}],
        "备注": [{"type": "text", "text": f"更新 {dice.getrandbits(48):x}"}],
        "编号": [{"type": "text", "text": f"HC-{n:06d}"}],
        "成本": round(dice.random() * 1000, 2),
        "工时": dice.randrange(400),
        "状态": f"状态{dice.randrange(5)}",
        "标签": [f"标签{dice.randrange(5)}"],
        "日期": 1_690_992_000_000 + dice.randrange(900) * 86_400_000,
        "负责人": [
            {"id": f"ou_{dice.randrange(50):032x}", "name": f"用户{dice.randrange(50)}", "en_name": "", "email": ""}
        ],
        "完成": dice.random() < 0.5,
    }
    return {"record_id": f"rec{n:09d}", "fields": fields, "last_modified_time": dice.randrange(2**40)}


def states(rows: int, count: int, churn: float) -> Iterator[list[dict[str, Any]]]:
    """Yield a table again and again, each time with some of its rows edited, deleted or added."""
    dice, first = random.Random(1), rows
    table = {n: record(n, dice) for n in range(rows)}
    for _ in range(count):
        yield [*table.values()]
        some = dice.sample([*table], round(rows * churn))
        for n in some[len(some) // 10 :]:
            table[n] = record(n, dice)
        for n in some[: len(some) // 10]:
            del table[n]
            table[first] = record(first, dice)
            first += 1


def grid_of(records: list[dict[str, Any]]) -> Grid:
    """Return the records as a worksheet has them."""
    names = [field["field_name"] for field in FIELDS]
    cells = [[plain(each["fields"].get(name)) for name in names] for each in records]
    record = {"sheet_id": TABLE.table_id, "title": "台账", "revision": 1, "row_count": len(cells) + 1,
              "column_count": len(names), "frozen_row_count": 1, "merges": [], "dates": [],
              "values": [{"row": 1 + at, "column": 1, "values": [names, *cells][at : at + 5000]}
                         for at in range(0, len(cells) + 1, 5000)]}  # fmt: skip
    return Grid(replace(TABLE, schema=None), record)


def plain(cell: Any) -> Any:
    return str(cell) if isinstance(cell, list) else cell


def take(cached: SourceCache, records: list[dict[str, Any]], at: float, *, is_sheet: bool) -> float:
    """Take a snapshot and return how long that took."""
    parts = [to_arrow(TABLE.schema, records[begin : begin + 500]) for begin in range(0, len(records), 500)]
    batches = [Batch(TABLE, part, fresh=not number) for number, part in enumerate(parts)]
    parcels = [grid_of(records)] if is_sheet else batches
    began = time.perf_counter()
    with Snapshot(cached, at, policy=Policy()) as snapshot:
        for parcel in parcels:
            snapshot.add(parcel)
        snapshot.commit(Learned({}, selected=(TABLE.table_id,)), options="", full_at=at, stamp=None, calls=1)
    return time.perf_counter() - began


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--snapshots", type=int, default=50)
    options.add_argument("--churn", type=float, default=0.01)
    options.add_argument("--sheet", action="store_true", help="a worksheet instead of a table of a base")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cached = SourceCache(Path(folder), Manifest.of(SOURCE))
        sizes, kept, seconds, frame = [], [], [], pd.DataFrame()
        for number, records in enumerate(states(asked.rows, asked.snapshots, asked.churn)):
            seconds.append(take(cached, records, BEGAN + number * 0.9 * HOUR, is_sheet=asked.sheet))
            sizes.append(size(Path(folder)))
            kept.append(size(Path(folder) / "snapshots"))
            if number == asked.snapshots // 2:
                frame, middle = loading.frame(cached, TABLE.table_id), cached.manifest.snapshot
        began = time.perf_counter()
        then = loading.frame(history.at(cached, middle, BEGAN), TABLE.table_id)
        loaded = time.perf_counter() - began
        pd.testing.assert_frame_equal(then, frame)
        print(f"{asked.snapshots} snapshots of {asked.rows} rows, {asked.churn:.0%} churn")
        print(f"on the disk: {sizes[0]:,} B -> {sizes[-1]:,} B, ratio {sizes[-1] / sizes[0]:.2f}")
        print(f"snapshots alone: {kept[0]:,} B -> {kept[-1]:,} B, ratio {kept[-1] / kept[0]:.2f}")
        print(f"a snapshot takes {statistics.median(seconds) * 1000:.0f} ms, the first {seconds[0] * 1000:.0f} ms")
        print(f"the state of the middle loads in {loaded * 1000:.0f} ms")


if __name__ == "__main__":
    main()
