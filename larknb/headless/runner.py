"""One headless run of a notebook, and what it leaves behind.

nbclient works in a worker thread, while the main thread owns the signals and the deadline: on the main thread nbclient
would install handlers that race with its own clean-up, and a Ctrl-C would look like a defect of ours. Whatever
happens, the notebook is on disk with what was done, and no kernel is left.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from larknb.env import HEADLESS
from larknb.files import file_name, is_there
from larknb.headless import leftovers, records, shadows
from larknb.headless import notebook as paper
from larknb.headless.draft import Draft
from larknb.headless.kernel import Execution
from larknb.headless.kernel_log import keep_log, open_sink
from larknb.headless.notebook import first_line
from larknb.headless.ours import own_output
from larknb.headless.parameters import inject
from larknb.headless.redaction import Redact, Redactor
from larknb.headless.signals import FirstSignal, owned_signals
from larknb.messages import say
from larknb.model import Running
from larknb.results.runs import CellError, CellRun, RunResult, RunStatus

__all__ = ["output_path", "run_notebook"]

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
    show: Callable[[Running], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> RunResult:
    """Run a notebook to whatever end it has: when this returns, what was done is on disk and no kernel is left.

    Parameters
    ----------
    output : path
        Where the executed notebook goes. Beside it lie a record of the run (``.json``) and what the kernel's process
        itself wrote, if anything (``.log``).
    parameters : mapping, optional
        Values for the cell tagged ``parameters``.
    timeout : float, optional
        Seconds that one cell may take; a tag ``timeout=60`` on a cell overrides it.
    deadline : float, optional
        Seconds that the whole run may take.
    env : mapping, optional
        Variables for the kernel beside those of this process.
    cwd : path, optional
        Where the kernel runs; by default in the notebook's folder, as in Jupyter.
    redact : callable
        Takes the secrets out of a text; every output goes through it before it is saved.
    show : callable
        Gets the cell that runs, again and again.

    Raises
    ------
    NotFound, ConfigError, Busy, LarkError
        There is no such notebook, it cannot take the parameters, ``output`` or what belongs beside it is not ours or
        cannot be written, or another run writes it at this moment. How the run itself ends is in the result.
    """
    output = own_output(output)
    notebook = paper.read(path)
    inject(notebook, parameters or {})
    place = cwd or path.absolute().parent
    kernel_env = {**os.environ, HEADLESS: "1", **leftovers.environment(output), **(env or {})}
    run = _Run(path, output, notebook, place, kernel_env, timeout, deadline, Redactor(redact), show, clock)
    return run.to_its_end()


def output_path(runs: Path, notebook: Path, at: float) -> Path:
    """Return a free place for the run of a notebook that begins ``at``: ``<runs>/<notebook>/<UTC time>.ipynb``."""
    folder = runs / file_name(notebook.stem)
    while _is_taken(path := folder / time.strftime("%Y%m%dT%H%M%SZ.ipynb", time.gmtime(at))):
        at += 1
    return path


def _is_taken(output: Path) -> bool:
    """Say whether anything of this name lies there, whatever wrote it."""
    return any(is_there(output.with_suffix(suffix)) for suffix in records.SUFFIXES)


@dataclass(frozen=True)
class _Run:
    """What a run works with."""

    path: Path
    output: Path
    notebook: Any
    cwd: Path
    env: dict[str, str]
    timeout: float | None
    deadline: float | None
    redact: Redactor
    show: Callable[[Running], None]
    clock: Callable[[], float]

    def to_its_end(self) -> RunResult:
        """Run, and return how it ended; afterwards nothing of it is left but the files."""
        started_at, began = time.time(), self.clock()
        draft = Draft(self.notebook, self.output, self.redact)
        stop: Stop = None
        with leftovers.signed(self.output, self.redact), owned_signals() as arrived:
            draft.save(RunResult(str(self.path), str(self.output), "running", started_at=started_at))
            sink = open_sink(self.output.parent)
            execution = Execution(
                self.notebook, timeout=self.timeout, cwd=self.cwd, save=draft.save_partly, sink=sink, env=self.env,
                clock=self.clock,
            )  # fmt: skip
            try:
                execution.start()
                stop = self._watch(execution, arrived, began)
            finally:
                execution.end()
                leftovers.end_marked(self.output)
                keep_log(sink, self.output.with_suffix(".log"), self.redact)
                stop = stop or arrived.number  # a signal that came in the very last moment counts
                result = self._result(execution, stop, started_at, began)
                result = draft.finish(replace(result, output=str(draft.output)))
        if stop is None and arrived.number is not None:  # it came while the result was saved: the caller's to act on
            signal.raise_signal(arrived.number)
        return result

    def _watch(self, execution: Execution, arrived: FirstSignal, began: float) -> Stop:
        """Wait for the end, and return why it must be brought about from outside, if it must."""
        while not execution.done.wait(POLL):
            if (cell := execution.current) is not None:
                line, seconds = self.redact(first_line(cell.cell)), self.clock() - cell.began
                self.show(Running(self.path.stem, cell.number, execution.total, line, seconds))
            if arrived.number is not None:
                return arrived.number
            if self.deadline is not None and self.clock() - began >= self.deadline:
                return "deadline"
        return None

    def _result(self, execution: Execution, stop: Stop, started_at: float, began: float) -> RunResult:
        status, error = _verdict(execution, stop, self.deadline, self.redact)
        ended = self.clock()
        cells = tuple(
            CellRun(cell.number, self.redact(first_line(cell.cell)), round((cell.ended or ended) - cell.began, 3))
            for cell in execution.cells
        )
        return RunResult(
            str(self.path), str(self.output), status, started_at=started_at, seconds=round(ended - began, 3),
            items=cells, error=error, signal=stop if isinstance(stop, int) else 0, summary=paper.summary(self.notebook),
        )  # fmt: skip


# --- how it ended -----------------------------------------------------------------------------------------------


def _verdict(
    execution: Execution, stop: Stop, deadline: float | None, redact: Redact
) -> tuple[RunStatus, CellError | None]:
    """Return how a run ended and what ended it; a cell that was cut off is marked in the notebook."""
    # Our own reason goes first: nbclient reports a cancelled run as a dead kernel.
    if stop == "deadline":
        return "deadline", _cut_off(execution, "TimeoutError", say("run.why.deadline", seconds=deadline), redact)
    if stop is not None:
        return "stopped", _cut_off(execution, "KeyboardInterrupt", say("run.why.stopped", signal=stop), redact)
    if execution.error is None:
        return "ok", None
    return _failure(execution, execution.error, redact)


def _failure(execution: Execution, error: BaseException, redact: Redact) -> tuple[RunStatus, CellError]:
    """Return how a run ended that nbclient ended with an error."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    if isinstance(error, CellExecutionError):
        cell = execution.cells[-1]
        evalue = _plain(error.evalue, redact)
        if error.ename in ("AttributeError", "ImportError", "ModuleNotFoundError"):
            evalue += shadows.hint(execution.cwd, execution.env, evalue)
        reason = CellError(cell.number, redact(first_line(cell.cell)), error.ename, evalue)
        named: dict[str, RunStatus] = {"LoginRequired": "login", "Busy": "busy"}
        return named.get(error.ename, "failed"), reason
    if isinstance(error, CellTimeoutError) and (current := execution.current) is not None:
        seconds = execution.timeout_of(current.cell)
        return "timeout", _cut_off(execution, "TimeoutError", say("run.why.timeout", seconds=seconds), redact)
    words = say("run.why.dead") if isinstance(error, DeadKernelError) else _plain(str(error), redact)
    hint = shadows.hint(execution.cwd, execution.env)
    return "dead", _cut_off(execution, type(error).__name__, words + hint, redact)


def _cut_off(execution: Execution, ename: str, evalue: str, redact: Redact) -> CellError:
    """Return the error that ended a run from outside, and add it to the outputs of the cell that ran."""
    current = execution.current
    if current is None:
        return CellError(None, "", ename, evalue)
    output = paper.nbformat().v4.new_output("error", ename=ename, evalue=evalue, traceback=[f"{ename}: {evalue}"])
    current.cell.outputs.append(output)
    return CellError(current.number, redact(first_line(current.cell)), ename, evalue)


def _plain(text: str, redact: Redact) -> str:
    """Return the words of an exception without colours and secrets."""
    return redact(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text))[:WORDS]
