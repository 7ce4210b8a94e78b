"""Peak memory of a full sync above the bare import, for two sizes of table."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from common import serving, workspace

CHILD = """
import sys, json
sys.path[:0] = json.loads(sys.argv[1])
import pandas, pyarrow.parquet, requests, larknb.syncing, larknb.readers.bitable, larknb.cache.snapshot
from larknb.workspace import Workspace
from peak import peak
bare = peak()
Workspace(sys.argv[2]).sync(progress=False).raise_for_failures()
print(json.dumps([bare, peak()]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 500_000])
    args = parser.parse_args()
    above = []
    for rows in args.rows:
        with serving(rows) as facts, tempfile.TemporaryDirectory() as folder:
            workspace(Path(folder), facts)
            command = [sys.executable, "-c", CHILD, json.dumps(sys.path), folder]
            bare, peak = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            above.append(peak - bare)
            print(f"{rows} rows: {peak - bare:.0f} MB above the bare import's {bare:.0f} MB")
    if len(above) == 2:
        print(f"ratio {above[1] / above[0]:.2f}")


if __name__ == "__main__":
    main()
