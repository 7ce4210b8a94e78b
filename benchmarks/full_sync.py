"""A full sync against a hand-tuned loop.

The loop knows the schema beforehand, keeps one connection, asks for the next page before it parses the present one,
and writes one zstd Parquet file. larknb discovers the schema, proves completeness, and writes the loss-free file too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import requests
from common import APP, FIELDS, TABLE, serving, workspace

from larknb.workspace import Workspace


def text(cell: Any) -> str | None:
    return "".join(segment["text"] for segment in cell) if cell else None


def names(cell: Any) -> str | None:
    return ", ".join(person["name"] for person in cell) if cell else None


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 80], help="milliseconds a round trip")
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    for latency in args.latency:
        ours, loop, cpu = [], [], []
        with serving(args.rows, latency / 1000) as facts, tempfile.TemporaryDirectory() as folder:
            for n in range(args.times):
                began = time.perf_counter()
                assert hand_tuned(facts, Path(folder) / "loop.parquet") == args.rows
                loop.append(time.perf_counter() - began)
                root = Path(folder) / str(n)
                workspace(root, facts)
                began, cpu_began = time.perf_counter(), time.process_time()
                report = Workspace(root).sync(progress=False).raise_for_failures()
                ours.append(time.perf_counter() - began)
                cpu.append(time.process_time() - cpu_began)
                assert report[0].rows == args.rows
        a, b = statistics.median(ours), statistics.median(loop)
        print(f"{args.rows} rows, {latency:g} ms: larknb {a:.2f} s, loop {b:.2f} s, ratio {a / b:.2f}, "
              f"CPU per page {statistics.median(cpu) / (args.rows / 500) * 1000:.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
