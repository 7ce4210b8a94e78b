"""What a run leaves running: found by a mark in its environment, and ended even if the runner itself was killed.

A process group is not enough: a child may have left it, and after SIGKILL nobody remembers its number, which another
program may have by then. Instead every process that a run started has the run's mark in its environment, on every
system. One that cleared its environment is found on Linux alone, by `larknb.headless.keeper`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from filelock import FileLock, Timeout

from larknb.env import RUN
from larknb.errors import Busy
from larknb.files import remove_torn, write_atomically
from larknb.headless import records
from larknb.headless.kernel_log import clean_log
from larknb.headless.ours import BESIDE, is_sign
from larknb.headless.redaction import Redact
from larknb.messages import say

__all__ = ["clean_up", "end_marked", "environment", "signed"]

log = logging.getLogger("larknb")

SIGN = ".running"  # beside a notebook while it runs, and locked: the system frees the lock of a runner that died
PASSES = 5  # over all processes: what one of them starts during a pass is found in the next


def environment(output: Path) -> dict[str, str]:
    """Return the variable that marks the processes of the run that writes ``output``."""
    return {RUN: f"{os.environ.get(RUN, '')} {_mark(output)}".strip()}


def _mark(output: Path) -> str:
    return hashlib.sha256(str(output.absolute()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def end_marked(output: Path) -> None:
    """Kill every process of a run that is still there, however it was started."""
    import psutil

    mark, own = _mark(output), os.getpid()
    for _ in range(PASSES):
        found = False
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):  # it ended, or it is somebody else's
                if mark in process.environ().get(RUN, "").split() and process.pid != own:
                    process.kill()
                    found = True
        if not found:
            return


@contextmanager
def signed(output: Path, redact: Redact = str) -> Iterator[None]:
    """Hold the sign of a run while inside; what a killed runner of the same notebook left is ended and redacted first.

    Raises
    ------
    Busy
        Another run writes the same notebook.
    """
    sign = output.with_suffix(SIGN)
    is_left = os.path.lexists(sign)
    lock = FileLock(sign, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy(say("run.twice.what", path=output), next=say("run.twice.next")) from error
    except OSError as error:  # a drive without locks, or one that cannot be written, which the run itself reports
        log.info("%s: %s", sign, error)
    try:
        if is_left:
            end_marked(output)
            clean_log(output.with_suffix(".log"), redact)
            for written in (output, *map(output.with_suffix, BESIDE)):
                remove_torn(written)
        yield
    finally:
        with suppress(OSError):
            lock.release()
        with suppress(OSError):
            sign.unlink(missing_ok=True)


def clean_up(runs: Path, redact: Redact = str) -> None:
    """End what killed runners left running below a folder, and let their records say ``killed``."""
    with suppress(OSError):
        for sign in [*runs.glob(f"*/*{SIGN}")]:
            output = sign.with_suffix(".ipynb")
            with suppress(Busy, OSError):  # Busy: its runner lives
                if is_sign(sign) and (output.exists() or output.with_suffix(".json").exists()):
                    with signed(output, redact):
                        _mark_killed(output)


def _mark_killed(output: Path) -> None:
    """Correct the record of a run and the notebook's metadata if they say that it still runs."""
    record = records.read(output)
    if record is None or record.status != "running":
        return
    killed = replace(record, status="killed", exit_code=1)
    records.write(output, killed)
    with suppress(ValueError, LookupError, TypeError, RecursionError):  # the notebook may be damaged
        notebook = json.loads(output.read_text(encoding="utf-8"))
        notebook["metadata"]["larknb"] = asdict(killed)
        write_atomically(output, (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))
