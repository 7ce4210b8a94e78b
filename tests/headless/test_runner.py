"""Runs with real kernels."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import nbformat
import pytest

from larknb.errors import NotebookFailed
from larknb.headless.runner import output_path, run_notebook
from larknb.results.runs import RunResult
from tests.headless.conftest import HANG, PID, SO_FAR, STUBBORN, Bench, once, posix


def test_a_run_leaves_the_executed_notebook_and_a_record(bench: Bench) -> None:
    """Outputs, what each cell took, the parameters, and no kernel; the notebook itself is untouched."""
    before = bench.write("a = 1", "print(a + 1)", PID, tags={1: ["parameters"]}).read_bytes()
    result = run_notebook(bench.path, bench.output, parameters={"a": 41})
    assert result.ok
    assert (result.status, result.exit_code, result.error) == ("ok", 0, None)
    assert bench.text(3) == "42\n"
    assert [run.cell for run in result] == [1, 2, 3, 4]
    assert list(result.to_frame().columns) == ["cell", "line", "seconds"]
    assert result.raise_for_failure() is result
    assert bench.executed()["metadata"]["larknb"] == result.to_dict()
    assert bench.record() == {"format": 1, **result.to_dict()}
    assert bench.path.read_bytes() == before
    nbformat.validate(bench.executed())
    assert bench.log() == ""
    assert {path.suffix for path in bench.output.parent.iterdir()} == {".ipynb", ".json"}
    bench.assert_nothing_runs()


@posix
def test_the_channels_belong_to_one_person(bench: Bench) -> None:
    """They are sockets in a folder of their owner, then gone: no port to race for, none for a stranger to read."""
    asks = "import json, os, stat; from ipykernel import get_connection_file as file"
    tells = "print(json.load(open(file()))['transport'], oct(os.stat(os.path.dirname(file())).st_mode & 0o777), file())"
    bench.run(asks, tells)
    transport, mode, place = bench.text(2).split()
    assert (transport, mode) == ("ipc", "0o700")
    assert not Path(place).parent.exists()


def test_the_kernel_knows_where_it_is(bench: Bench) -> None:
    """It is this interpreter, in the notebook's folder as in Jupyter, with our variables and the headless mark."""
    check = "import os, sys; print(sys.executable, os.getcwd(), os.environ['LARKNB_HOME'], sep='\\n')"
    asks = "from larknb.console import place; print(place())"
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert bench.run(check, asks, env={"LARKNB_HOME": "/某处", **path}).ok
    assert bench.text(1).splitlines() == [sys.executable, str(bench.root), "/某处"]
    assert bench.text(2) == "nobody\n"
    assert bench.run("import os; print(os.getcwd())", cwd=bench.root.parent).ok
    assert bench.text(1).strip() == str(bench.root.parent)


def test_tags_that_jupyter_knows(bench: Bench) -> None:
    """Cells can be skipped, and can be expected to fail."""
    tags = {1: ["skip-execution"], 2: ["raises-exception"]}
    assert bench.run("1/0", "1/0", "print('end')", tags=tags).ok
    assert bench.executed()["cells"][1]["outputs"] == []
    assert bench.text(3) == "end\n"


def test_a_run_inside_a_running_loop(bench: Bench) -> None:
    """As in a notebook, where a loop runs already."""

    async def notebook() -> RunResult:
        return bench.run("await __import__('asyncio').sleep(0); print('in')")

    assert asyncio.run(notebook()).ok
    assert bench.text(1) == "in\n"


def test_a_failing_cell_ends_the_run(bench: Bench) -> None:
    """What ran before is kept, what comes after is not run, and the error names the cell."""
    result = bench.run("print('before')", "\n  # why\n1/0", "print('after')", PID)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert result.error is not None
    assert (result.error.cell, result.error.line, result.error.ename) == (2, "# why", "ZeroDivisionError")
    assert bench.text(1) == "before\n"
    assert "ZeroDivisionError" in bench.text(2)
    assert bench.executed()["cells"][3]["outputs"] == []
    with pytest.raises(NotebookFailed, match=r"cell \[2\].*division by zero.*Next: open .*1\.ipynb"):
        result.raise_for_failure()
    assert "failed after" in repr(result)
    assert "division by zero" in result._repr_html_()


@pytest.mark.parametrize(
    ("source", "status", "code", "ename"),
    [
        ("class LoginRequired(Exception): pass\nraise LoginRequired('sign in')", "login", 3, "LoginRequired"),
        ("class Busy(Exception): pass\nraise Busy('wait')", "busy", 4, "Busy"),
        ("import sys; sys.exit(4)", "failed", 1, "SystemExit"),
        (f"{SO_FAR}; import os; os._exit(0)", "dead", 1, "DeadKernelError"),
        ("input('who? ')", "failed", 1, "StdinNotImplementedError"),
    ],
)
def test_ends_that_have_a_name(bench: Bench, source: str, status: str, code: int, ename: str) -> None:
    """The exit code tells what somebody can do about it; nobody is ever asked."""
    result = bench.run(PID, source)
    assert (result.status, result.exit_code) == (status, code)
    assert result.error is not None
    assert (result.error.cell, result.error.ename) == (2, ename)
    if status == "dead":
        assert bench.text(2).startswith("so far\n")
        assert "DeadKernelError" in bench.text(2)
    bench.assert_nothing_runs()


def test_a_cell_that_takes_too_long(bench: Bench) -> None:
    """The tag of a cell overrides the limit; what it printed is kept and the cell is marked."""
    result = bench.run(PID, HANG, tags={2: ["timeout=1"]})
    assert (result.status, result.exit_code) == ("timeout", 124)
    assert bench.text(2).startswith("so far\n")
    assert "not finished within 1 s" in bench.text(2)
    assert result[-1].seconds >= 1
    bench.assert_nothing_runs()


@posix
def test_a_deadline_ends_what_cannot_be_interrupted(bench: Bench) -> None:
    """A cell that holds the interpreter's lock, and a child that ignores Ctrl-C: both are gone."""
    result = bench.run(
        PID, STUBBORN, deadline=900, clock=lambda: time.monotonic() + (1000 if bench.is_hanging() else 0)
    )
    assert (result.status, result.exit_code) == ("deadline", 124)
    assert "900 s" in bench.text(2)
    assert len(bench.pids()) == 2
    bench.assert_nothing_runs()


def test_a_cell_that_swallows_interrupts(bench: Bench) -> None:
    """It is not asked twice: the kernel goes, and what was printed until then stays."""
    stubborn = f"{SO_FAR}\nwhile True:\n    try: time.sleep(60)\n    except BaseException: print('no', flush=True)"
    result = bench.run(PID, stubborn, tags={2: ["timeout=1"]})
    assert (result.status, result.exit_code) == ("timeout", 124)
    assert bench.text(2).startswith("so far\n")
    assert result.seconds < 15
    bench.assert_nothing_runs()


def test_a_deadline_while_the_kernel_starts(bench: Bench) -> None:
    """No cell was begun: the result says so, and the notebook is there."""
    result = bench.run("print(1)", deadline=0.01)
    assert result.status == "deadline"
    assert result.error is not None
    assert result.error.cell is None
    assert bench.executed()["cells"][1]["outputs"] == []


def test_a_kernel_that_does_not_start(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter cannot be started: that is a result, too."""
    monkeypatch.setattr(sys, "executable", str(bench.root / "missing"))
    result = bench.run("print(1)")
    assert (result.status, result.exit_code) == ("dead", 1)
    assert result.error is not None
    assert "missing" in result.error.evalue


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_in_order(bench: Bench, number: signal.Signals) -> None:
    """What was done is saved, the kernel is gone, the exit code tells the signal, and the old handler is back."""
    outer = signal.signal(number, own := lambda *_: None)  # under nohup it would be ignored, and stay so
    try:
        once(bench.is_hanging, lambda: os.kill(os.getpid(), number))
        result = bench.run(PID, HANG)
        assert signal.getsignal(number) is own
    finally:
        signal.signal(number, outer)
    assert (result.status, result.signal, result.exit_code) == ("stopped", number, 128 + number)
    assert bench.text(2).startswith("so far\n")
    assert bench.record()["status"] == "stopped"
    bench.assert_nothing_runs()


@posix
def test_an_ignored_signal_stays_ignored(bench: Bench) -> None:
    """``nohup`` means that the run goes on when the terminal goes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        once(bench.is_hanging, lambda: os.kill(os.getpid(), signal.SIGHUP))
        assert bench.run(HANG.replace("60", "0.5")).ok
    finally:
        signal.signal(signal.SIGHUP, before)


def test_every_run_has_its_own_place(tmp_path: Path) -> None:
    """Named after its UTC time; a second one in the same second comes after it."""
    first = output_path(tmp_path, Path("x/夜班 *.ipynb"), 1768559400)
    assert (first.parent.parent, first.name) == (tmp_path, "20260116T103000Z.ipynb")
    assert "*" not in first.parent.name
    first.parent.mkdir()
    first.touch()
    assert output_path(tmp_path, Path("夜班 *.ipynb"), 1768559400).name == "20260116T103001Z.ipynb"
