"""larknb load --csv: seconds, and memory above the bare import, against read_parquet and to_csv of the same file."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from kept import keep_table

CHILD = """
import json, sys, time
sys.path[:0] = json.loads(sys.argv[1])
import pandas, pyarrow.parquet, larknb.services.reading
from larknb.cli import main
from peak import peak
bare = peak()
began = time.perf_counter()
{work}
seconds = time.perf_counter() - began
print(json.dumps([seconds, peak() - bare]), file=sys.stderr)
"""
OURS = CHILD.format(work='main(["--home", sys.argv[2], "load", "bench", "--csv", sys.argv[3]])')
PANDAS = CHILD.format(work="pandas.read_parquet(sys.argv[2]).to_csv(sys.argv[3])")


def run(code: str, *args: str) -> list[float]:
    command = [sys.executable, "-c", code, json.dumps(sys.path), *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stderr.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "larknb.toml").write_text("[app]\n", encoding="utf-8")
        keep_table(root / "work", rows)
        file = next(path for path in root.rglob("snapshots/*/*.parquet") if not path.name.endswith(".raw.parquet"))
        ours = run(OURS, str(root), str(root / "ours.csv"))
        theirs = run(PANDAS, str(file), str(root / "theirs.csv"))
    print(f"{rows} rows: {ours[0]:.1f} s with {ours[1]:.0f} MB above the import; "
          f"pandas {theirs[0]:.1f} s with {theirs[1]:.0f} MB, ratio {ours[0] / theirs[0]:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
