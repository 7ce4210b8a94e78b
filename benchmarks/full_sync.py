"""A full sync against a hand-tuned loop, and against the official SDK and dlt where they are installed.

The loop knows the schema beforehand, keeps one connection, asks for the next page before it parses the present one,
and writes one zstd Parquet file. larknb discovers the schema, proves completeness, and writes the loss-free file too.
All take turns, a round after the other, so that whatever else the machine does weighs on all of them.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import requests
from common import APP, FIELDS, TABLE, serving, workspace
from others import installed

from larknb.workspace import Workspace


def text(cell: Any) -> str | None:
    return "".join(segment["text"] for segment in cell) if cell else None


def names(cell: Any) -> str | None:
    return ", ".join(person["name"] for person in cell) if cell else None


class Cost(NamedTuple):
    """What one reading took."""

    seconds: float
    cpu: float


CONVERT = {1: (pa.string(), text), 11: (pa.string(), names), 20: (pa.float64(), lambda c: c["value"][0] if c else None)}
PLAIN = {
    2: pa.float64(),
    3: pa.string(),
    4: pa.list_(pa.string()),
    5: pa.timestamp("ms"),
    7: pa.bool_(),
    13: pa.string(),
}


def hand_tuned(facts: dict[str, Any], target: Path) -> int:
    """Read the table as fast as a careful person would write it for this one schema."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {facts['login']['access_token']}"
    url = f"{facts['url']}/open-apis/bitable/v1/apps/{APP}/tables/{TABLE}/records/search"

    def ask(token: str | None) -> bytes:
        params = {"page_size": "500"} | ({"page_token": token} if token else {})
        return session.post(url, params=params, json={"automatic_fields": True}, timeout=60).content

    columns: list[tuple[str, pa.DataType, Any]] = []
    for field in FIELDS:
        arrow, convert = CONVERT.get(field.type, (PLAIN.get(field.type), None))
        columns.append((field.name, arrow, convert))
    schema = pa.schema([("record_id", pa.string()), *((name, arrow) for name, arrow, _ in columns)])
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer, ThreadPoolExecutor(1) as ahead:
        waiting: list[pa.Table] = []
        body = ask(None)
        while body:
            data = orjson.loads(body)["data"]
            coming = ahead.submit(ask, data["page_token"]) if data["has_more"] else None
            items = data["items"]
            cells = [item["fields"] for item in items]
            arrays = [pa.array([item["record_id"] for item in items])]
            for name, arrow, convert in columns:
                column = [cell.get(name) for cell in cells]
                arrays.append(pa.array([convert(value) for value in column] if convert else column, arrow))
            waiting.append(pa.Table.from_arrays(arrays, schema=schema))
            rows += len(items)
            if len(waiting) == 100:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
            body = coming.result() if coming else b""
        if waiting:
            writer.write_table(pa.concat_tables(waiting))
    return rows


def sync(facts: dict[str, Any], root: Path) -> int:
    """Read the table into a new workspace."""
    workspace(root, facts)
    return sum(row.rows or 0 for row in Workspace(root).sync(progress=False).raise_for_failures())


def measured(read: Callable[[dict[str, Any], Path], int], facts: dict[str, Any], place: Path, rows: int) -> Cost:
    """Return the seconds, and the seconds of CPU in this process, of one reading into an empty place."""
    began, cpu_began = time.perf_counter(), time.process_time()
    assert read(facts, place) == rows
    return Cost(time.perf_counter() - began, time.process_time() - cpu_began)


def told(name: str, costs: Sequence[Cost], loop: Sequence[Cost], pages: float) -> str:
    """Return a line of the table: medians, and the median of the ratios to the loop of the same round."""
    seconds, cpu = (statistics.median(each[part] for each in costs) for part in (0, 1))
    times, cpu_times = (
        statistics.median(a[part] / b[part] for a, b in zip(costs, loop, strict=True)) for part in (0, 1)
    )
    return (f"  {name:7} {seconds:7.2f} s, {times:5.2f} times the loop; {cpu / pages * 1000:5.1f} ms of CPU a page, "
            f"{cpu_times:5.2f} times the loop's")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 80], help="milliseconds a round trip")
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    ways = {"loop": hand_tuned, "larknb": sync, **installed()}
    for latency in args.latency:
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        with serving(args.rows, latency / 1000) as facts, tempfile.TemporaryDirectory() as folder:
            for n in range(args.times):
                for name, read in ways.items():
                    costs[name].append(measured(read, facts, Path(folder) / f"{name}{n}", args.rows))
        print(f"{args.rows} rows, {latency:g} ms a round trip, {args.times} rounds:")
        for name, each in costs.items():
            print(told(name, each, costs["loop"], args.rows / 500), flush=True)


if __name__ == "__main__":
    main()
