"""What is asked of a cache: where, as_of, diff, join and SQL, each against loading the table with pandas alone."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from common import FIELDS, row

from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.model import Batch, Learned, Policy, Source, TableInfo
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import raw_schema
from larknb.workspace import Workspace

APP, URL, NOW = "AppAsk0000000000000000001", "https://example.feishu.cn/base/AppAsk0000000000000000001", time.time()
PAGE, TIMES = 5_000, 3


def batches(rows: int, edited: int) -> Iterator[Batch]:
    """Yield a table page by page; every hundredth row is an ``edited`` one."""
    fields = [vars(field) | {"field_name": field.name} for field in FIELDS]
    schema = raw_schema("tblAsk", "t", fields, time_zone="Asia/Shanghai")
    table = TableInfo("tblAsk", "t", edited, schema)
    for start in range(0, rows, PAGE):
        records = [{"record_id": f"rec{n:08}", "fields": row(n + edited if n % 100 == 0 else n)}
                   for n in range(start, min(start + PAGE, rows))]  # fmt: skip
        yield Batch(table, to_arrow(schema, records), fresh=start == 0)


def keep(folder: Path, rows: int, states: int) -> Workspace:
    """Make a workspace whose cache has a table in so many states."""
    (folder / "larknb.toml").write_text(f'[app]\napp_id = "cli_a"\n[[sources]]\nname = "s"\nurl = "{URL}"\n', "utf-8")
    cached = Cache(folder / "work").of(Source("s", URL, "bitable", APP))
    for state in range(states):
        at = NOW - 3600 * (states - state)
        with Snapshot(cached, at, policy=Policy()) as snapshot:
            for batch in batches(rows, state):
                snapshot.add(batch)
            snapshot.commit(Learned(selected=("tblAsk",)), options="", full_at=at, stamp=None)
    return Workspace(folder)


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of a few calls."""
    found = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def measure(home: Workspace, rows: int, states: int) -> None:
    """Print seconds, and the ratio to `pandas.read_parquet` of the same table."""
    plain = timed(lambda: pd.read_parquet(home.paths("s")["t"]))
    asked: dict[str, Callable[[], object]] = {
        "load": lambda: home.load("s"),
        "load(where)": lambda: home.load("s", where={"状态": "状态1"}),
        "sql(group by)": lambda: home.sql("SELECT 状态, count(*), sum(数字1) FROM t GROUP BY 1"),
        "sql(like)": lambda: home.sql("SELECT * FROM t WHERE 文本2 LIKE '%777%'"),
    }
    if states > 1:
        asked |= {"load(as_of)": lambda: home.load("s", as_of=-2), "diff": lambda: home.diff("s/t", since=-2)}
    print(f"{rows} rows of {len(FIELDS)} columns; read_parquet {plain:.2f} s")
    for name, work in asked.items():
        seconds = timed(work)
        print(f"  {name:14} {seconds:6.2f} s  {seconds / plain:5.2f} x read_parquet")


def main() -> None:
    """Measure tables of several sizes; the great ones have one state alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    for rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory() as folder:
            states = 2 if rows <= 100_000 else 1
            measure(keep(Path(folder), rows, states), rows, states)


if __name__ == "__main__":
    main()
