"""Group a published table of ten million rows with Dask: one worker, two workers, each within its memory limit.

The table is written into the cache without the API, and published. ``--target`` names a store, ``s3://bucket/big`` of
the environment for example; by default it is a folder. The workers run in processes of their own below a distributed
scheduler; they are asked in turn, and the best time of each counts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import cloudpickle
import dask.dataframe as dd
import numpy as np
import peak
from dask.distributed import Client, LocalCluster
from kept import keep_plain_table

from larknb.workspace import Workspace

MOST = 6  # rounds: other processes of the machine may slow down any of them
cloudpickle.register_pickle_by_value(peak)  # workers know nothing of this folder
LIMIT = 1024  # MiB of memory that a worker may take; it pauses at four fifths of that


def publish(root: Path, rows: int, target: str) -> str:
    """Make the table and publish it; return its address."""
    (root / "larknb.toml").write_text(
        '[[sources]]\nname = "bench"\nurl = "https://example.feishu.cn/base/AppBench000000000000000001"\n',
        encoding="utf-8",
    )
    keep_plain_table(root / "work", rows)
    Workspace(root).publish(target).raise_for_failures()
    return Workspace(target).paths("bench")["t"]


def group(client: Client, path: str, rows: int) -> float:
    """Group the table, and return the seconds that it took; the result must be right."""
    began = time.perf_counter()
    table = dd.read_parquet(path, columns=["状态", "金额", "电话"], split_row_groups=8)
    found = client.compute(table.groupby("状态").agg({"金额": ["count", "sum"], "电话": "max"})).result()
    took = time.perf_counter() - began
    assert found["金额", "count"].sum() == rows
    assert found["金额", "sum"].sum() == (np.arange(rows) % 1000).sum() * 1.5
    assert found["电话", "max"].max() == f"138{rows - 1:08d}"
    return took


def measure(path: str, rows: int) -> dict[str, float]:
    """Group with one worker and with two, until two were faster or there is no doubt that they are not."""
    best: dict[int, float] = {}
    with ExitStack() as stack:
        clients = {}
        for workers in (1, 2):
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=f"{LIMIT}MiB", dashboard_address="127.0.0.1:0"
            )  # fmt: skip
            clients[workers] = stack.enter_context(Client(stack.enter_context(cluster)))
        for _ in range(MOST):
            for workers, client in clients.items():
                best[workers] = min(best.get(workers, float("inf")), group(client, path, rows))
            if best[2] < best[1]:
                break
        peaks = [most for client in clients.values() for most in client.run(peak.peak).values()]
    return {"rows": rows, "one": best[1], "two": best[2], "peak": max(peaks), "limit": LIMIT}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--target")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = publish(Path(folder), args.rows, args.target or f"{folder}/team")
        print(json.dumps(measure(path, args.rows)))


if __name__ == "__main__":
    main()
