"""A folder to run notebooks in, and cells that do not end by themselves."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.headless.runner import run_notebook
from larknb.results.runs import RunResult

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups are POSIX")
PID = "import os; print('pid', os.getpid(), flush=True)"
SENT = "import time; time.sleep(0.3)"  # what is flushed is sent a moment later, by another thread of the kernel
SO_FAR = f"print('so far', flush=True); {SENT}"
HANG = f"{SO_FAR}; open('hanging', 'w').close(); time.sleep(60)"
STUBBORN = f"""
import ctypes, subprocess, sys
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('pid', flush=True); time.sleep(60)"],
    stdout=subprocess.PIPE)
child.stdout.readline()
print("pid", child.pid, flush=True)
{SENT}
open("hanging", "w").close()
ctypes.PyDLL(None).sleep(60)
"""
RUNAWAY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print("pid", child.pid, flush=True)
"""


class Bench:
    """A folder to run notebooks in, with a blank and Chinese in its name."""

    def __init__(self, root: Path) -> None:
        self.root = root / "共享 盘"
        self.path, self.output = self.root / "夜班.ipynb", self.root / "runs" / "1.ipynb"

    def write(self, *cells: str, tags: dict[int, list[str]] | None = None) -> Path:
        make: Any = nbformat.v4
        made = [make.new_markdown_cell("# 标题")]
        made += [
            make.new_code_cell(source, metadata={"tags": (tags or {}).get(n, [])}) for n, source in enumerate(cells, 1)
        ]
        self.root.mkdir(parents=True, exist_ok=True)
        self.path.write_text(make.writes_json(make.new_notebook(cells=made)), encoding="utf-8")
        return self.path

    def run(self, *cells: str, tags: dict[int, list[str]] | None = None, **options: Any) -> RunResult:
        return run_notebook(self.write(*cells, tags=tags), self.output, **options)

    def executed(self) -> Any:
        return json.loads(self.output.read_text(encoding="utf-8"))

    def record(self) -> Any:
        return json.loads(self.output.with_suffix(".json").read_text(encoding="utf-8"))

    def text(self, cell: int) -> str:
        """What one code cell printed or raised."""
        parts = []
        for output in self.executed()["cells"][cell]["outputs"]:
            parts += output.get("text", []) + output.get("traceback", [])
            parts += output.get("data", {}).get("text/plain", [])
        return "".join(parts)

    def log(self) -> str:
        """What the kernel's process wrote past the cells."""
        path = self.output.with_suffix(".log")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def pids(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"pid (\d+)", self.output.read_text(encoding="utf-8"))]

    def is_hanging(self) -> bool:
        """Whether the cell has reached the point from which it would not return."""
        return (self.root / "hanging").exists()

    def assert_nothing_runs(self) -> None:
        pids = self.pids()
        assert pids, "the test printed no pid"
        until = time.monotonic() + 5
        while any(map(is_alive, pids)):
            assert time.monotonic() < until, "a process was left"
            time.sleep(0.02)  # the system reaps it


def is_alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text() if os.name != "nt" else False
    except FileNotFoundError:
        return False


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def once(is_true: Callable[[], bool], act: Callable[[], object]) -> None:
    """Act from another thread as soon as something is true."""

    def wait() -> None:
        until = time.monotonic() + 30
        while not is_true() and time.monotonic() < until:
            time.sleep(0.05)  # another process makes it true
        act()

    threading.Thread(target=wait, daemon=True).start()
