"""The parent of a kernel on Linux: whatever the kernel's cells start, and however, it ends with the kernel.

A process may clear its environment and begin a session of its own; then neither the mark of its run nor its process
group tells whose it is. Its start does: on Linux a process whose parent ended becomes a child of the nearest
"subreaper" above it. This program is that one, so that nothing of a run is ever anybody else's child. It runs as a
script by itself, without larknb, and ends

- when the kernel ends, or on SIGTERM: first everything below it is killed;
- when whoever started it dies, even by SIGKILL: the system then sends it SIGTERM.

Other systems have no such thing. There a run's processes are found by the mark in their environment alone, see
`larknb.headless.leftovers`. On no system is a process found that a service started on the kernel's behalf (systemd-run,
at, docker), for that is the service's own child.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

__all__ = ["command", "main"]

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # of linux/prctl.h
PATIENCE = 10.0  # seconds for killed processes to go; one of another person may not be killed at all
PAUSE = 0.01  # seconds between two looks at them


def command(kernel: Sequence[str]) -> list[str]:
    """Return the command that starts a kernel below a keeper, where this system can have one."""
    if sys.platform != "linux":
        return list(kernel)
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *kernel]  # no file of the notebook's folder counts


def main(starter: int, kernel: Sequence[str]) -> NoReturn:
    """Run a kernel for a process, kill what it leaves, and end with its exit code."""
    with suppress(ImportError, OSError, AttributeError):  # without ctypes only the kernel's own children are found
        import ctypes

        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)  # it is meant for the kernel, in whose group this process is
    status = 1
    try:
        try:
            signal.signal(signal.SIGTERM, _stop)
            if os.getppid() == starter:
                status = _run(kernel)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except _Stopped:
        status = 128 + signal.SIGTERM
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201  into the log of the run
    _kill_all()
    sys.exit(status)


class _Stopped(BaseException):
    """Whoever started this process asks for the end, or is gone."""


def _stop(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once
    raise _Stopped


def _run(kernel: Sequence[str]) -> int:
    """Start a kernel, wait for its end, and return its exit code; orphans that end meanwhile are buried."""
    environment = {**os.environ, "JPY_PARENT_PID": str(os.getpid())}  # the kernel looks whether its parent is there
    process = subprocess.Popen(kernel, env=environment)  # noqa: S603  the command of jupyter_client
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == process.pid:
            process.returncode = code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _kill_all() -> None:
    """Kill the children of this process until there are none: those of a killed one become its own."""
    if sys.platform != "linux":
        return
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for child in _children():
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(PAUSE)


def _children() -> list[int]:
    """Return the direct children of this process."""
    own, found = os.getpid(), []
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208  this small program needs no pathlib
        with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
            if int(file.read().rpartition(b")")[2].split()[1]) == own:
                found.append(int(name))
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
