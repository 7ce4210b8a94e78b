"""Runs with real kernels."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.errors import Busy, ConfigError, NotebookFailed, NotFound
from larknb.headless.leftovers import clean_up
from larknb.headless.runner import output_path, run_notebook
from larknb.results.runs import RunResult

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups are POSIX")

PID = "import os; print('pid', os.getpid(), flush=True)"
SENT = "import time; time.sleep(0.3)"  # what is flushed is sent a moment later, by another thread of the kernel
SO_FAR = f"print('so far', flush=True); {SENT}"
HANG = f"{SO_FAR}; open('hanging', 'w').close(); time.sleep(60)"


class Desk:
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
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def once(is_true: Callable[[], bool], act: Callable[[], object]) -> None:
    """Act from another thread as soon as something is true."""

    def wait() -> None:
        until = time.monotonic() + 30
        while not is_true() and time.monotonic() < until:
            time.sleep(0.05)  # another process makes it true
        act()

    threading.Thread(target=wait, daemon=True).start()


# --- a run that ends well ----------------------------------------------------------------------------------------


def test_a_run_leaves_the_executed_notebook_and_a_record(desk: Desk) -> None:
    """Outputs, what each cell took, the parameters, and no kernel; the notebook itself is untouched."""
    before = desk.write("a = 1", "print(a + 1)", PID, tags={1: ["parameters"]}).read_bytes()
    result = run_notebook(desk.path, desk.output, parameters={"a": 41})
    assert result.ok
    assert (result.status, result.exit_code, result.error) == ("ok", 0, None)
    assert desk.text(3) == "42\n"
    assert [run.cell for run in result] == [1, 2, 3, 4]
    assert list(result.to_frame().columns) == ["cell", "line", "seconds"]
    assert result.raise_for_failure() is result
    assert desk.record() == desk.executed()["metadata"]["larknb"] == result.to_dict()
    assert desk.path.read_bytes() == before
    nbformat.validate(desk.executed())
    assert desk.log() == ""
    assert {path.suffix for path in desk.output.parent.iterdir()} == {".ipynb", ".json"}
    desk.assert_nothing_runs()


@posix
def test_the_channels_belong_to_one_person(desk: Desk) -> None:
    """They are sockets in a folder of their owner, then gone: no port to race for, none for a stranger to read."""
    asks = "import json, os, stat; from ipykernel import get_connection_file as file"
    tells = "print(json.load(open(file()))['transport'], oct(os.stat(os.path.dirname(file())).st_mode & 0o777), file())"
    desk.run(asks, tells)
    transport, mode, place = desk.text(2).split()
    assert (transport, mode) == ("ipc", "0o700")
    assert not Path(place).parent.exists()


def test_the_kernel_knows_where_it_is(desk: Desk) -> None:
    """It is this interpreter, in the notebook's folder as in Jupyter, with our variables and the headless mark."""
    check = "import os, sys; print(sys.executable, os.getcwd(), os.environ['LARKNB_HOME'], sep='\\n')"
    asks = "from larknb.console import place; print(place())"
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert desk.run(check, asks, env={"LARKNB_HOME": "/某处", **path}).ok
    assert desk.text(1).splitlines() == [sys.executable, str(desk.root), "/某处"]
    assert desk.text(2) == "nobody\n"
    assert desk.run("import os; print(os.getcwd())", cwd=desk.root.parent).ok
    assert desk.text(1).strip() == str(desk.root.parent)


def test_tags_that_jupyter_knows(desk: Desk) -> None:
    """Cells can be skipped, and can be expected to fail."""
    tags = {1: ["skip-execution"], 2: ["raises-exception"]}
    assert desk.run("1/0", "1/0", "print('end')", tags=tags).ok
    assert desk.executed()["cells"][1]["outputs"] == []
    assert desk.text(3) == "end\n"


def test_an_older_notebook_runs(desk: Desk) -> None:
    """Without cell ids, without a kernelspec, with a byte order mark, for a kernel that is not here, run before."""
    desk.write("print('new')")
    old = json.loads(desk.path.read_text(encoding="utf-8"))
    old |= {"nbformat_minor": 2, "metadata": {"kernelspec": {"name": "conda-foo", "display_name": "foo"}}}
    for cell in old["cells"]:
        del cell["id"]
    old["cells"][1] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}], "execution_count": 9}
    desk.path.write_text(json.dumps(old), encoding="utf-8-sig")
    assert run_notebook(desk.path, desk.output).ok
    assert desk.text(1) == "new\n"


def test_a_sloppy_notebook_runs(desk: Desk) -> None:
    """What Jupyter opens all the same: tags that are no list, a cell without a source."""
    path = desk.write("x = 1", "print(x)", "")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][1]["metadata"]["tags"] = None
    content["cells"][2]["metadata"]["tags"] = "parameters"
    content["cells"][3]["source"] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run_notebook(path, desk.output, parameters={"y": 2}).ok
    assert desk.text(3) == "1\n"


def test_a_run_inside_a_running_loop(desk: Desk) -> None:
    """As in a notebook, where a loop runs already."""

    async def notebook() -> RunResult:
        return desk.run("await __import__('asyncio').sleep(0); print('in')")

    assert asyncio.run(notebook()).ok
    assert desk.text(1) == "in\n"


# --- runs that fail ----------------------------------------------------------------------------------------------


def test_a_failing_cell_ends_the_run(desk: Desk) -> None:
    """What ran before is kept, what comes after is not run, and the error names the cell."""
    result = desk.run("print('before')", "\n  # why\n1/0", "print('after')", PID)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert result.error is not None
    assert (result.error.cell, result.error.line, result.error.ename) == (2, "# why", "ZeroDivisionError")
    assert desk.text(1) == "before\n"
    assert "ZeroDivisionError" in desk.text(2)
    assert desk.executed()["cells"][3]["outputs"] == []
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
def test_ends_that_have_a_name(desk: Desk, source: str, status: str, code: int, ename: str) -> None:
    """The exit code tells what somebody can do about it; nobody is ever asked."""
    result = desk.run(PID, source)
    assert (result.status, result.exit_code) == (status, code)
    assert result.error is not None
    assert (result.error.cell, result.error.ename) == (2, ename)
    if status == "dead":
        assert desk.text(2).startswith("so far\n")
        assert "DeadKernelError" in desk.text(2)
    desk.assert_nothing_runs()


def test_a_cell_that_takes_too_long(desk: Desk) -> None:
    """The tag of a cell overrides the limit; what it printed is kept and the cell is marked."""
    result = desk.run(PID, HANG, tags={2: ["timeout=1"]})
    assert (result.status, result.exit_code) == ("timeout", 124)
    assert desk.text(2).startswith("so far\n")
    assert "no end within 1 s" in desk.text(2)
    assert result[-1].seconds >= 1
    desk.assert_nothing_runs()


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


@posix
def test_a_deadline_ends_what_cannot_be_interrupted(desk: Desk) -> None:
    """A cell that holds the interpreter's lock, and a child that ignores Ctrl-C: both are gone."""
    result = desk.run(PID, STUBBORN, deadline=900, clock=lambda: time.monotonic() + (1000 if desk.is_hanging() else 0))
    assert (result.status, result.exit_code) == ("deadline", 124)
    assert "900 s" in desk.text(2)
    assert len(desk.pids()) == 2
    desk.assert_nothing_runs()


def test_a_cell_that_swallows_interrupts(desk: Desk) -> None:
    """It is not asked twice: the kernel goes, and what was printed until then stays."""
    stubborn = f"{SO_FAR}\nwhile True:\n    try: time.sleep(60)\n    except BaseException: print('no', flush=True)"
    result = desk.run(PID, stubborn, tags={2: ["timeout=1"]})
    assert (result.status, result.exit_code) == ("timeout", 124)
    assert desk.text(2).startswith("so far\n")
    assert result.seconds < 15
    desk.assert_nothing_runs()


RUNAWAY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print("pid", child.pid, flush=True)
"""


@posix
def test_a_child_in_a_session_of_its_own_goes_too(desk: Desk) -> None:
    """It has left the kernel's process group; a program that was there before the run is none of its business."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        assert desk.run(PID, RUNAWAY).ok
        assert len(desk.pids()) == 2
        desk.assert_nothing_runs()
        assert other.poll() is None
        other.kill()


def test_a_deadline_while_the_kernel_starts(desk: Desk) -> None:
    """No cell was begun: the result says so, and the notebook is there."""
    result = desk.run("print(1)", deadline=0.01)
    assert result.status == "deadline"
    assert result.error is not None
    assert result.error.cell is None
    assert desk.executed()["cells"][1]["outputs"] == []


def test_a_kernel_that_does_not_start(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter cannot be started: that is a result, too."""
    monkeypatch.setattr(sys, "executable", str(desk.root / "missing"))
    result = desk.run("print(1)")
    assert (result.status, result.exit_code) == ("dead", 1)
    assert result.error is not None
    assert "missing" in result.error.evalue


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_in_order(desk: Desk, number: signal.Signals) -> None:
    """What was done is saved, the kernel is gone, the exit code tells the signal, and the old handler is back."""
    outer = signal.signal(number, own := lambda *_: None)  # under nohup it would be ignored, and stay so
    try:
        once(desk.is_hanging, lambda: os.kill(os.getpid(), number))
        result = desk.run(PID, HANG)
        assert signal.getsignal(number) is own
    finally:
        signal.signal(number, outer)
    assert (result.status, result.signal, result.exit_code) == ("stopped", number, 128 + number)
    assert desk.text(2).startswith("so far\n")
    assert desk.record()["status"] == "stopped"
    desk.assert_nothing_runs()


@posix
def test_an_ignored_signal_stays_ignored(desk: Desk) -> None:
    """``nohup`` means that the run goes on when the terminal goes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        once(desk.is_hanging, lambda: os.kill(os.getpid(), signal.SIGHUP))
        assert desk.run(HANG.replace("60", "0.5")).ok
    finally:
        signal.signal(signal.SIGHUP, before)


RUNNER = (
    "import sys; from pathlib import Path; from larknb.headless import kernel; kernel.SAVE_EVERY = 0.2\n"
    "from larknb.headless.runner import run_notebook; run_notebook(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def kill_the_runner(desk: Desk, *cells: str, pids: int) -> None:
    """Run a notebook in another process, and kill that as soon as the file tells of so many processes."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", RUNNER, str(desk.write(*cells)), str(desk.output)], env=env)
    until = time.monotonic() + 30
    while not (desk.output.exists() and len(desk.pids()) == pids and desk.is_hanging()):
        assert time.monotonic() < until
        time.sleep(0.05)  # another process writes it
    process.kill()
    process.wait(10)


@posix
@pytest.mark.crash
def test_a_killed_runner_leaves_what_was_done(desk: Desk) -> None:
    """SIGKILL gives no chance to do anything: the notebook and a record that says ``running`` are there."""
    kill_the_runner(desk, "print('done', flush=True)", PID, HANG, pids=1)
    assert desk.text(1) == "done\n"
    nbformat.validate(desk.executed())
    assert desk.record()["status"] == "running"
    desk.assert_nothing_runs()  # the kernel watches its parent


@posix
@pytest.mark.crash
def test_what_a_killed_runner_left_running_is_ended(desk: Desk) -> None:
    """A kernel that holds the interpreter's lock sees no parent go, and children never do: the next run ends them."""
    kill_the_runner(desk, PID, RUNAWAY, STUBBORN, pids=3)
    assert any(map(is_alive, desk.pids()))
    clean_up(desk.root)
    desk.assert_nothing_runs()
    assert desk.record()["status"] == desk.executed()["metadata"]["larknb"]["status"] == "killed"
    assert {path.suffix for path in desk.output.parent.iterdir()} == {".ipynb", ".json", ".log"}


def test_the_run_of_a_living_runner_is_left_alone(desk: Desk) -> None:
    """Neither is it cleaned up, nor can another one write the same notebook."""
    tried: list[str] = []

    def interfere() -> None:
        clean_up(desk.root)
        try:
            run_notebook(desk.path, desk.output)
        except Busy as error:
            tried.append(str(error))
        (desk.root / "go").touch()

    once(desk.is_hanging, interfere)
    wait = "import os, time\nopen('hanging', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.05)"
    assert desk.run(wait).ok
    assert ["Another run writes" in text for text in tried] == [True]
    assert desk.record()["status"] == "ok"


# --- floods ------------------------------------------------------------------------------------------------------


def test_a_flood_of_prints_is_cut(desk: Desk) -> None:
    """Of 20 MB the beginning and the end stay, and a line between says how much is missing."""
    prints = "for n in range(400_000): print(f'{n:06} ' + 'x' * 43)"
    result = desk.run(f"{prints}\nimport sys; print('late', file=sys.stderr)")
    assert result.ok
    text = desk.text(1)
    assert text.startswith("000000 x")
    assert "399999 x" in text
    assert "\nlate\n" in text
    assert re.search(r"\n… \d\d\.\d MB left out here …\n", text)
    assert desk.output.stat().st_size < 1_200_000
    nbformat.validate(desk.executed())


def test_what_is_flushed_letter_by_letter_stays_whole(desk: Desk) -> None:
    """Below the bound nothing is lost, and streams stay apart."""
    desk.run("import sys\nfor n in range(300):\n    print(n % 10, end='', flush=True)\n    sys.stderr.write('.')")
    assert {o["name"]: "".join(o["text"]) for o in desk.executed()["cells"][1]["outputs"]} == {
        "stdout": "0123456789" * 30,
        "stderr": "." * 300,
    }


def test_a_progress_bar_leaves_its_last_state(desk: Desk) -> None:
    """As a terminal shows it; and a line of 2 MB does not hold the run up."""
    bar = "for n in range(300): print(f'\\r{n}', end='', flush=True)\nprint()"
    result = desk.run(f"{bar}", "print('x' * 2_000_000)", "print('end')")
    assert desk.text(1) == "299\n"
    assert result.seconds < 10
    assert "x\n… 1.1 MB left out here …\n" in desk.text(2)
    assert desk.text(3) == "end\n"


def test_a_flood_of_displays_is_cut(desk: Desk) -> None:
    """What fits stays, one mark tells of the rest; a later update cannot bring the flood in, nor can an error."""
    result = desk.run(
        "handle = display('first', display_id=True)\n"
        "for n in range(30): display({'text/html': 'y' * 300_000}, raw=True)",
        "handle.update('z' * 6_000_000)",
        "raise ValueError('e' * 3_000_000)",
    )
    outputs = desk.executed()["cells"][1]["outputs"]
    assert len(outputs) == 1 + 16 + 1
    assert "left out" in "".join(outputs[0]["data"]["text/plain"])
    assert "left out" in "".join(outputs[-1]["data"]["text/plain"])
    assert result.status == "failed"
    assert desk.output.stat().st_size < 5_200_000
    assert desk.output.with_suffix(".json").stat().st_size < 10_000


def test_what_a_cell_clears_does_not_count(desk: Desk) -> None:
    """A cell that shows its progress by clearing prints as much as it likes."""
    loop = "for n in range(50): clear_output(wait=True); print(n, 'x' * 100_000)"
    assert desk.run(f"from IPython.display import clear_output\n{loop}").ok
    assert desk.text(1) == f"49 {'x' * 100_000}\n"


def test_a_flood_past_the_cells_is_cut(desk: Desk) -> None:
    """The log keeps its beginning and its end."""
    flood = "import sys\nfor n in range(30_000): sys.__stderr__.write(f'{n:06} ' + 'x' * 100 + '\\n')"
    assert desk.run(flood).ok
    assert desk.log().startswith("000000 x")
    assert desk.log().rstrip("x\n").endswith("029999 ")
    assert "2.2 MB left out" in desk.log()
    assert len(desk.log()) < 1_001_000


@posix
def test_a_full_disk_at_the_end(desk: Desk) -> None:
    """The notebook that was saved last is there and valid, the record tells, and no process is left."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))  # the system refuses to write more into one file
    try:
        result = desk.run(PID, "print('x' * 700_000)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (result.status, result.exit_code) == ("unsaved", 1)
    assert result.error is not None
    assert "Cannot write" in str(result.error)
    assert desk.record()["status"] == "unsaved"
    nbformat.validate(desk.executed())
    assert {path.suffix for path in desk.output.parent.iterdir()} == {".ipynb", ".json"}


# --- secrets -----------------------------------------------------------------------------------------------------

LEAKY = """
import sys
from IPython.display import HTML, JSON, display
print("tok" "en-1234"); print("token", end="-", flush=True); print("1234", file=sys.stdout)
handle = display(HTML("nothing yet"), display_id=True)
display(JSON({"deep": ["token-1234"]}))
display({"image/png": "token-1234"}, raw=True)
"""


def test_no_secret_is_saved(desk: Desk) -> None:
    """Streams, displays, later updates, errors and the record go through ``redact``; pictures are no text."""
    result = desk.run(
        LEAKY, "handle.update(HTML('token-1234'))", "raise ValueError('\\x1b[31mtoken-1234\\x1b[0m')",
        redact=lambda text: text.replace("token-1234", "****"),
    )  # fmt: skip
    saved = desk.output.read_text(encoding="utf-8")
    data = [output["data"] for output in desk.executed()["cells"][1]["outputs"] if "data" in output]
    assert saved.count("token-1234") == 5  # four literals in the sources, which are their author's, and the picture
    assert {"image/png": "token-1234"} in data
    assert result.error is not None
    assert result.error.evalue == "****"
    assert "token-1234" not in desk.output.with_suffix(".json").read_text(encoding="utf-8")


def test_no_secret_is_saved_where_few_would_look(desk: Desk) -> None:
    """A key of a JSON output, its metadata, a parameter: the cells see the value, the file does not."""
    result = desk.run(
        "from IPython.display import display",
        "display({'application/json': {p: [{p: p}]}}, raw=True, metadata={p: 1}); assert p[-1] == '4'",
        parameters={"p": "token-1234"},
        redact=lambda text: text.replace("token-1234", "****"),
    )
    assert result.ok
    assert "token-1234" not in desk.output.read_text(encoding="utf-8")
    assert desk.executed()["cells"][3]["outputs"][0]["data"] == {"application/json": {"****": [{"****": "****"}]}}


def test_what_the_process_writes_is_kept_apart(desk: Desk) -> None:
    """What comes past the cells, here the kernel's own log, is in a file beside the notebook, redacted."""
    noise = "from traitlets.config import Application; Application.instance().log.error('token-1234 went wrong')"
    assert desk.run(noise, redact=lambda text: text.replace("token-1234", "****")).ok
    assert "**** went wrong" in desk.output.with_suffix(".log").read_text(encoding="utf-8")
    assert desk.text(1) == ""


# --- what cannot be run ------------------------------------------------------------------------------------------


def test_a_notebook_without_metadata(desk: Desk) -> None:
    """Cursor and VS Code may save one: it runs in this interpreter."""
    path = desk.write("print('in')")
    content = json.loads(path.read_text(encoding="utf-8")) | {"metadata": {}}
    for cell in content["cells"]:
        cell["metadata"] = {}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run_notebook(path, desk.output).ok
    assert desk.text(1) == "in\n"
    nbformat.validate(desk.executed())


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4}', '{"nbformat": 99, "cells": []}', "# a"])
def test_what_is_no_notebook(desk: Desk, content: str) -> None:
    """It is said so, and nothing is written."""
    desk.write()
    desk.path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="not a notebook"):
        run_notebook(desk.path, desk.output)
    assert not desk.output.exists()


def test_no_notebook(desk: Desk) -> None:
    """A wrong path is named."""
    with pytest.raises(NotFound, match="夜班"):
        run_notebook(desk.path, desk.output)


def test_an_output_that_cannot_be_written(desk: Desk) -> None:
    """Nothing is run before that is known."""
    desk.write("open('trace', 'w')")
    (desk.root / "runs").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(ConfigError, match="Cannot write"):
        run_notebook(desk.path, desk.output)
    assert not (desk.root / "trace").exists()


def test_an_output_that_is_open_elsewhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a program may hold it: the run is kept under another name, and the result tells which."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == desk.output and desk.output.exists():
            raise PermissionError(13, "in use", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    result = desk.run("print('kept')")
    assert result.ok
    assert re.fullmatch(r"1-\d{8}T\d{6}Z\.ipynb", Path(result.output).name)
    assert "kept" in Path(result.output).read_text(encoding="utf-8")


# --- the folder of the runs --------------------------------------------------------------------------------------


def test_every_run_has_its_own_place(tmp_path: Path) -> None:
    """Named after its UTC time; a second one in the same second comes after it."""
    first = output_path(tmp_path, Path("x/夜班 *.ipynb"), 1768559400)
    assert (first.parent.parent, first.name) == (tmp_path, "20260116T103000Z.ipynb")
    assert "*" not in first.parent.name
    first.parent.mkdir()
    first.touch()
    assert output_path(tmp_path, Path("夜班 *.ipynb"), 1768559400).name == "20260116T103001Z.ipynb"
