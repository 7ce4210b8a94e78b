"""How long ``import larknb`` and ``larknb --help`` take, above an empty interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

TIMES = 15


def seconds(*arguments: str) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def main() -> None:
    empty = seconds("-c", "pass")
    print(f"import larknb: {(seconds('-c', 'import larknb') - empty) * 1000:.0f} ms")
    print(
        f"larknb --help: {seconds('-m', 'larknb', '--help') * 1000:.0f} ms, of which {empty * 1000:.0f} ms are Python"
    )


if __name__ == "__main__":
    main()
