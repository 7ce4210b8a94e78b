"""How far an execution is, what one cell may take, and what happens when it is ended at the wrong moment."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.headless.kernel import Execution
from larknb.headless.runner import run_notebook

posix = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


def book(*cells: str) -> Any:
    make: Any = nbformat.v4
    return make.new_notebook(cells=[make.new_code_cell(source) for source in cells])


def execution(folder: Path, *cells: str, **options: Any) -> Execution:
    given: dict[str, Any] = {
        "timeout": 60, "cwd": folder, "env": {**os.environ}, "save": lambda: None, "log_file": folder / "kernel.log",
        "clock": iter(range(1000)).__next__,
    }  # fmt: skip
    return Execution(book(*cells), **given | options)


# --- the last moment --------------------------------------------------------------------------------------------


@pytest.fixture
def handled() -> Iterator[None]:
    """A process that does not ignore SIGTERM, however the tests were started."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


@posix
@pytest.mark.usefixtures("handled")
def test_a_signal_after_the_last_cell_is_not_lost(tmp_path: Path) -> None:
    """The kernel is gone already and the log is being closed: whoever asked the run to stop is told that it did."""
    path, output = tmp_path / "night.ipynb", tmp_path / "runs" / "1.ipynb"
    make: Any = nbformat.v4
    says = book("import sys; sys.__stderr__.write('past ' 'the cells')")
    path.write_text(make.writes_json(says), encoding="utf-8")

    def redact(text: str) -> str:
        if "past the cells" in text:  # what is kept of the kernel's own words once it is gone
            os.kill(os.getpid(), signal.SIGTERM)
        return text

    result = run_notebook(path, output, redact=redact)
    assert (result.status, result.signal, result.exit_code) == ("stopped", signal.SIGTERM, 128 + signal.SIGTERM)


class LateEvent(threading.Event):
    """Says that nothing is done at a moment at which all is."""

    def is_set(self) -> bool:
        self.wait(60)
        return False


def test_an_end_that_comes_with_the_last_cell_harms_nothing(tmp_path: Path) -> None:
    """The loop was closed between the question and the cancelling: there is nothing left to cancel."""
    run = execution(tmp_path, "1 + 1")
    run.done = LateEvent()
    run.start()
    run.end()
    assert run.error is None
    assert [step.number for step in run.steps] == [1]
