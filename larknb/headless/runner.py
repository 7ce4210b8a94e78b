"""One headless run of a notebook, and what it leaves behind.

nbclient works in a worker thread, while the main thread owns the signals and the deadline: on the main thread nbclient
would install handlers that race with its own clean-up, and a Ctrl-C would come out as a defect of ours. Whatever
happens, the notebook is on disk with what was done, and no kernel is left.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from larknb.env import HEADLESS
from larknb.files import file_name
from larknb.headless import leftovers
from larknb.headless import notebook as paper
from larknb.headless.kernel import Execution
from larknb.headless.notebook import Draft, Redact, first_line
from larknb.headless.parameters import inject
from larknb.messages import say
from larknb.results.runs import CellError, CellRun, RunResult, RunStatus

__all__ = [
    "output_path",
    "owned_signals",
    "run_notebook",
]

WORDS = 2000  # characters of an exception that a record keeps; the notebook has more
POLL = 0.2  # seconds between two looks at signals and deadline

Stop = int | Literal["deadline"] | None  # why a run is ended from outside: the number of a signal, or the deadline


def run_notebook(
    path: Path,
    output: Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    timeout: float | None = 600,
    deadline: float | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    redact: Redact = str,
    clock: Callable[[], float] = time.monotonic,
) -> RunResult:
    """Run a notebook to whatever end it has: when this returns, what was done is on disk and no kernel is left.

    Parameters
    ----------
    output : path
        Where the executed notebook goes. Beside it lie a record of the run (``.json``) and what the kernel's process
        wrote past the cells, if anything (``.log``).
    parameters : mapping, optional
        Values for the cell tagged ``parameters``.
    timeout : float, optional
        Seconds that one cell may take; a tag ``timeout=60`` on a cell overrides it.
    deadline : float, optional
        Seconds that the whole run may take.
    env : mapping, optional
        Variables for the kernel beside those of this process.
    cwd : path, optional
        Where the kernel runs; by default, as in Jupyter, in the notebook's folder.
    redact : callable
        Takes the secrets out of a text; every output goes through it before it is saved.

    Raises
    ------
    NotFound, ConfigError, Busy
        There is no such notebook, it cannot take the parameters, ``output`` cannot be written, or another run writes
        it at this moment. What happens in the run itself the result tells.
    """
    notebook = paper.read(path)
    inject(notebook, parameters or {})
    draft = Draft(notebook, output, redact)
    execution = Execution(
        notebook, timeout=timeout, cwd=cwd or path.absolute().parent, save=draft.save_partly, log_file=draft.log_file,
        env={**os.environ, HEADLESS: "1", **leftovers.environment(output), **(env or {})}, clock=clock,
    )  # fmt: skip
    started_at, began = time.time(), clock()
    stop: Stop = None
    with leftovers.signed(output), owned_signals() as arrived:
        draft.save(RunResult(str(path), str(output), "running", started_at=started_at))
        try:
            execution.start()
            while stop is None and not execution.done.wait(POLL):
                stop = arrived.signal
                if stop is None and deadline is not None and clock() - began >= deadline:
                    stop = "deadline"
        finally:
            execution.end()
            leftovers.end_marked(output)
            draft.close_log()
            stop = stop or arrived.signal  # one that came in the very last moment must not be lost
            status, error = _verdict(execution, stop, deadline, redact)
            ended = clock()
            cells = [
                CellRun(step.number, redact(first_line(step.cell)), round((step.ended or ended) - step.began, 3))
                for step in execution.steps
            ]
            result = RunResult(
                str(path), str(draft.output), status, started_at=started_at, seconds=round(ended - began, 3),
                cells=cells, error=error, signal=stop if isinstance(stop, int) else 0, summary=draft.summary(),
            )  # fmt: skip
            draft.finish(result)
    return result


def output_path(runs: Path, notebook: Path, at: float) -> Path:
    """Return a free place for the run of a notebook that begins ``at``: ``<runs>/<notebook>/<UTC time>.ipynb``."""
    folder = runs / file_name(notebook.stem)
    while (path := folder / time.strftime("%Y%m%dT%H%M%SZ.ipynb", time.gmtime(at))).exists():
        at += 1
    return path


# --- how it ended -----------------------------------------------------------------------------------------------


def _verdict(
    execution: Execution, stop: Stop, deadline: float | None, redact: Redact
) -> tuple[RunStatus, CellError | None]:
    """Return how a run ended and what ended it; a cell that was cut off is marked in the notebook."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    error, step = execution.error, execution.current
    # The reason of ours first: nbclient tells of a cancelled run as of a dead kernel.
    if stop == "deadline":
        return "deadline", _cut_off(execution, "TimeoutError", say("run.why.deadline", seconds=deadline))
    if stop is not None:
        return "stopped", _cut_off(execution, "KeyboardInterrupt", say("run.why.stopped", signal=stop))
    if error is None:
        return "ok", None
    if isinstance(error, CellExecutionError):
        step = execution.steps[-1]
        reason = CellError(step.number, redact(first_line(step.cell)), error.ename, _plain(error.evalue, redact))
        named: dict[str, RunStatus] = {"LoginRequired": "login", "Busy": "busy"}
        return named.get(error.ename, "failed"), reason
    if isinstance(error, CellTimeoutError) and step is not None:
        seconds = execution.timeout_of(step.cell)
        return "timeout", _cut_off(execution, "TimeoutError", say("run.why.timeout", seconds=seconds))
    if isinstance(error, DeadKernelError):
        return "dead", _cut_off(execution, "DeadKernelError", say("run.why.dead"))
    return "dead", _cut_off(execution, type(error).__name__, _plain(str(error), redact))


def _cut_off(execution: Execution, ename: str, evalue: str) -> CellError:
    """Return the error that ended a run from outside, and mark the cell that it hit."""
    step = execution.current
    if step is None:
        return CellError(None, "", ename, evalue)
    mark = paper.nbformat().v4.new_output("error", ename=ename, evalue=evalue, traceback=[f"{ename}: {evalue}"])
    step.cell.outputs.append(mark)
    return CellError(step.number, first_line(step.cell), ename, evalue)


def _plain(text: str, redact: Redact) -> str:
    """Return the words of an exception without colours and secrets."""
    return redact(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text))[:WORDS]


# --- signals ----------------------------------------------------------------------------------------------------


class _Arrived:
    """The first signal that arrived."""

    signal: int | None = None

    def note(self, number: int, _: FrameType | None) -> None:
        self.signal = self.signal or number


@contextmanager
def owned_signals() -> Iterator[_Arrived]:
    """Note the signals that ask this process to end instead of ending it; what is ignored stays ignored (nohup).

    Outside the main thread, where Python takes no handlers, nothing is ever noted.
    """
    arrived = _Arrived()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"))
        for number in filter(None, numbers):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, arrived.note)
    try:
        yield arrived
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
