"""Syncs that die: a process that forks one for each line ``FOLDER NUMBER``, to be killed at that file operation.

Each fork begins with everything imported, so that hundreds of them take seconds. Run as a module; after each one it
prints the number of the signal that ended it, 0 if it came to its end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from larknb.workspace import Workspace
from tests.hostile.faults import broken

__all__ = ["Dying", "dying"]


class Dying:
    """The forking process, as the tests talk to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sync(self, root: Path, at: int, now: float) -> bool:
        """Let a sync die at a file operation; say whether it did, or came to its end before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{at} {now} {root}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer in ("0", "9"), f"the sync ended with {answer!r}"
        return answer == "9"


@contextmanager
def dying() -> Iterator[Dying]:
    """Start the forking process, and end it afterwards."""
    command = [sys.executable, "-m", "tests.hostile.dying"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Dying(process)
        finally:
            process.communicate(timeout=30)


def _main() -> None:
    import_module("larknb.syncing")  # all that a sync needs, once for all forks
    for line in sys.stdin:
        at, now, root = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if not child:
            _sync(Path(root), int(at), float(now))
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1, flush=True)


def _sync(root: Path, at: int, now: float) -> None:
    with broken(root, 0, at, kill=True):
        Workspace(root, clock=lambda: now, sleep=lambda _: None).sync(progress=False).raise_for_failures()


if __name__ == "__main__":
    _main()
