"""Many sources: a sync that finds nothing changed, the status, and one of them loaded."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from common import serving_many, workspace

from larknb.workspace import Workspace


def measured(act: Callable[[], object], times: int, *, pause: float = 0.0) -> str:
    """Return the median seconds and CPU seconds of several runs."""
    wall, cpu = [], []
    for _ in range(times):
        time.sleep(pause)
        began, cpu_began = time.perf_counter(), time.process_time()
        act()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began)
    return f"{statistics.median(wall):.2f} s ({statistics.median(cpu):.2f} s of CPU)"


def unchanged(place: Workspace) -> None:
    """Sync, and insist that nothing had changed."""
    assert {row.action for row in place.sync(progress=False).raise_for_failures()} == {"unchanged"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bases", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    for bases, documents in ((args.bases, 0), (0, args.documents)):
        if not bases + documents:
            continue
        with serving_many(bases, documents) as facts, tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            workspace(root, facts)
            Workspace(root).sync(progress=False).raise_for_failures()
            time.sleep(10)  # until the stamps have settled
            unchanged(Workspace(root))  # a stamp that was too fresh to be believed is asked once more
            load: Callable[[], object] = partial(Workspace(root).load, "source 7")
            if documents:
                load = partial(Workspace(root).document, "source 7")
            print(f"{bases} bases and {documents} documents:")
            sync = measured(partial(unchanged, Workspace(root)), args.times, pause=1.1)
            print(f"  unchanged sync {sync}", flush=True)
            print(f"  status {measured(Workspace(root).status, args.times)}")
            print(f"  load of one {measured(load, args.times)}", flush=True)


if __name__ == "__main__":
    main()
