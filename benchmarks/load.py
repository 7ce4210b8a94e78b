"""Workspace.load against pandas.read_parquet of the same data written in one piece."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import pandas as pd
from common import serving, workspace

from larknb.workspace import Workspace

ROWS, TIMES = 100_000, 9


def main() -> None:
    with serving(ROWS) as facts, tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder), facts)
        home = Workspace(folder)
        home.sync(progress=False).raise_for_failures()
        target = Path(folder) / "one_piece.parquet"
        frame = home.load("bench")
        frame.attrs = {}
        frame.to_parquet(target)
        ours, theirs = [], []
        for _ in range(TIMES):
            began = time.perf_counter()
            home.load("bench")
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            pd.read_parquet(target)
            theirs.append(time.perf_counter() - began)
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{ROWS} rows: load {a * 1000:.0f} ms, read_parquet {b * 1000:.0f} ms, ratio {a / b:.2f}")


if __name__ == "__main__":
    main()
