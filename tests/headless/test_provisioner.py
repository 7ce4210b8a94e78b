"""A kernel below a keeper, as a run has it."""

from __future__ import annotations

import sys

import pytest

from tests.headless.conftest import Bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")

HIDDEN = """
import subprocess
print("pid", subprocess.Popen(["/bin/sleep", "60"], env={}, start_new_session=True).pid, flush=True)
"""
DAEMON = """
import os
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(write, b"%d" % os.getpid())
        os.execve("/bin/sleep", ["sleep", "60"], {})
    os._exit(0)
print("pid", int(os.read(read, 20)), flush=True)
"""
SOAK = pytest.mark.soak


@pytest.mark.parametrize(
    ("last", "status"),
    [
        pytest.param("", "ok", id="well", marks=SOAK),
        pytest.param("1 / 0", "failed", id="with a cell that fails", marks=SOAK),
        pytest.param("import time; time.sleep(0.3); os.kill(os.getpid(), 9)", "dead", id="killed"),
        pytest.param("import time; time.sleep(60)", "timeout", id="in a cell that hangs", marks=SOAK),
        pytest.param("import ctypes; ctypes.PyDLL(None).sleep(60)", "timeout", id="deaf", marks=SOAK),
    ],
)
def test_what_hid_itself_ends_with_the_run(bench: Bench, last: str, status: str) -> None:
    """An empty environment, a session of its own, a parent that is gone: however the run ends, they end with it."""
    result = bench.run(HIDDEN, DAEMON, last, tags={3: ["timeout=1"]})
    assert result.status == status
    assert len(bench.pids()) == 2
    bench.assert_nothing_runs()
