"""How far an execution is, what one cell may take, and what happens when it is ended at the wrong moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.headless import kernel
from larknb.headless.kernel import LONGEST_SOCKET, Execution
from larknb.headless.runner import run_notebook

make: Any = nbformat.v4
posix = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


def book(*cells: str) -> Any:
    return make.new_notebook(cells=[make.new_code_cell(source) for source in cells])


def execution(folder: Path, *cells: str, **options: Any) -> Execution:
    given: dict[str, Any] = {
        "timeout": 60, "cwd": folder, "env": {**os.environ}, "save": lambda: None,
        "sink": subprocess.DEVNULL, "clock": iter(range(1000)).__next__,
    }  # fmt: skip
    return Execution(book(*cells), **given | options)


def run_to_its_end(run: Execution) -> None:
    run.start()
    assert run.done.wait(60)
    run.end()


def printed(run: Execution) -> list[str]:
    """Return what each cell that was begun printed."""
    return ["".join(output.get("text", "") for output in cell.cell.outputs) for cell in run.cells]


# --- what a cell may take -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "tags", "seconds"),
    [
        (None, [], None),
        (600, [], 600),
        (59.6, [], 60),
        (0.2, [], 1),
        (600, ["timeout=5"], 5),
        (None, ["parameters", "timeout=7"], 7),
        (600, ["timeout=3", "timeout=9"], 3),
        (600, ["timeout=soon", "timeout=5s", "my timeout=5", "timeout"], 600),
    ],
)
def test_how_long_a_cell_may_take(tmp_path: Path, timeout: float | None, tags: list[str], seconds: int | None) -> None:
    """Whole seconds, for nbclient knows no others; the first tag of the cell goes before the general limit."""
    run = execution(tmp_path, "1", timeout=timeout)
    assert run.timeout_of(make.new_code_cell(metadata={"tags": tags})) == seconds


def test_a_cell_past_its_limit_is_the_present_one(tmp_path: Path) -> None:
    """It was begun and did not end; what it printed until then is there."""
    run = execution(tmp_path, "print('first')", "import time; print('so far', flush=True); time.sleep(60)", timeout=1)
    run_to_its_end(run)
    assert type(run.error).__name__ == "CellTimeoutError"
    assert run.current is run.cells[1]
    assert printed(run) == ["first\n", "so far\n"]


# --- how far it is --------------------------------------------------------------------------------------------------


def test_each_cell_is_timed(tmp_path: Path) -> None:
    """Numbered as in the notebook, with the clock's time at both ends; an empty cell is not run at all."""
    run = execution(tmp_path, "1", "", "2")
    assert (run.cells, run.current) == ([], None)
    run_to_its_end(run)
    assert [(cell.number, cell.began, cell.ended) for cell in run.cells] == [(1, 0, 1), (2, 2, 3)]
    assert (run.error, run.current) == (None, None)


def test_a_cell_that_raises_is_the_last(tmp_path: Path) -> None:
    """What comes after it is not run, and the error is there for whoever tells it."""
    run = execution(tmp_path, "1/0", "print('never')")
    run_to_its_end(run)
    assert "ZeroDivisionError" in str(run.error)
    assert [cell.number for cell in run.cells] == [1]


def test_what_was_done_is_saved_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that takes hours is saved while it runs: this one waits for it."""
    monkeypatch.setattr(kernel, "SAVE_EVERY", 0.05)
    seen: list[str] = []
    waits = "import os, time; print('so far', flush=True)\nwhile not os.path.exists('saved'): time.sleep(0.01)"

    def save() -> None:
        seen.extend(printed(run))
        if seen and seen[-1]:
            (tmp_path / "saved").touch()

    run = execution(tmp_path, waits, save=save)
    run_to_its_end(run)
    assert run.error is None
    assert seen[-1] == "so far\n"


# --- the manager ----------------------------------------------------------------------------------------------------


@posix
def test_a_folder_too_long_for_sockets_has_ports_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system takes only short names of sockets; the channels' folder is gone afterwards all the same."""
    folder = tmp_path / ("x" * LONGEST_SOCKET)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    run = execution(
        tmp_path, "from ipykernel.connect import get_connection_info as get; print(get(unpack=True)['transport'])"
    )
    run_to_its_end(run)
    assert (printed(run), [*folder.iterdir()]) == (["tcp\n"], [])


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
    says = book("import sys; sys.__stderr__.write('past ' 'the cells')")
    path.write_text(make.writes_json(says), encoding="utf-8")

    def redact(text: str) -> str:
        if "past the cells" in text:  # what is kept of the kernel's own words once it is gone
            os.kill(os.getpid(), signal.SIGTERM)
        return text

    result = run_notebook(path, output, redact=redact)
    assert (result.status, result.signal, result.exit_code) == ("stopped", signal.SIGTERM, 128 + signal.SIGTERM)


@posix
def test_a_signal_while_the_result_is_saved_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is over, and its result stands: the signal goes on to whoever started it, such as a schedule."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    path, output, heard = tmp_path / "night.ipynb", tmp_path / "runs" / "1.ipynb", list[int]()
    path.write_text(make.writes_json(book("1")), encoding="utf-8")
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))

    def redact(text: str) -> str:
        if text == "dead" and not heard:  # how it ended, on its way to the disk
            os.kill(os.getpid(), signal.SIGTERM)
        return text

    try:
        assert run_notebook(path, output, redact=redact).status == "dead"
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


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
    assert [cell.number for cell in run.cells] == [1]
