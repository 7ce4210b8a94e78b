"""Search in 1,000 documents and 100,000 rows, and in a million rows: the first one ever, a fresh process, a warm one.

The index that is kept is told beside the files of the table; the reference is a plain scan for the same bytes in
memory, measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kept import keep_documents, keep_table

QUERIES = ["电机过热", "第 99999 行", "行", "标签 999", "电机过惹"]
CHILD = """
import json, statistics, sys, time
sys.path[:0] = json.loads(sys.argv[1])
began = time.perf_counter()
from larknb.workspace import Workspace
from peak import peak
workspace = Workspace(sys.argv[2])
workspace.search(sys.argv[3])
first = time.perf_counter() - began
memory = peak()
warm = []
for _ in range(7):
    began, cpu = time.perf_counter(), time.process_time()
    hits = workspace.search(sys.argv[3])
    warm.append((time.perf_counter() - began, time.process_time() - cpu))
warm = [statistics.median(each) for each in zip(*warm)]
print(json.dumps([first, memory, *warm, hits.found, list(hits.near)]))
"""


def search(root: Path, query: str) -> list[float]:
    command = [sys.executable, "-c", CHILD, json.dumps(sys.path), str(root), query]
    found: list[float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern))


def measure(root: Path, rows: int, documents: int) -> None:
    (root / "larknb.toml").write_text("[app]\n", encoding="utf-8")
    keep_table(root / "work", rows)
    keep_documents(root / "work", documents)
    made, peak, *_ = search(root, QUERIES[0])
    index, raw = size(root, "*.index"), size(root, "*.raw.parquet") + size(root, "raw.json.gz")
    print(f"{documents} documents, {rows} rows: index made in {made:.2f} s with {peak:.0f} MB; "
          f"{index / 1e6:.1f} MB, {index / raw:.2f} of the raw files")  # fmt: skip
    for query in QUERIES:
        first, peak, warm, cpu, found, near = search(root, query)
        print(f"  {query}: {found} hits {near or ''}, fresh process {first:.2f} s with {peak:.0f} MB, "
              f"warm {warm * 1000:.0f} ms (CPU {cpu * 1000:.0f} ms)")  # fmt: skip


def reference() -> float:
    """Return the seconds that a scan of 100 MB in memory takes here and now."""
    data = "第 12345 行的文本".encode() * 4_350_000
    began = time.perf_counter()
    assert "电机过热".encode() not in data
    return (time.perf_counter() - began) / len(data) * 1e8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    args = parser.parse_args()
    for rows in args.rows:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), rows, 1000 if rows <= 100_000 else 0)
        print(f"  a plain scan of 100 MB in memory: {reference() * 1000:.0f} ms")


if __name__ == "__main__":
    main()
