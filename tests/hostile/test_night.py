"""A run and its schedule on a disk that fails, with notebooks that are none, and beside files that shadow Python's."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.cli import main
from larknb.errors import LarkError
from larknb.headless.leftovers import clean_up
from larknb.headless.notices import NoticeMemory, read_memory
from larknb.headless.notify import notify
from larknb.headless.records import read
from larknb.headless.runner import run_notebook
from larknb.headless.schedule import schedule
from larknb.results.runs import RunResult
from tests.headless.conftest import Bench, is_alive, posix
from tests.hostile.faults import broken

NAMES = {errno.errorcode[error]: error for error in (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)}
LASTS = pytest.mark.parametrize("lasts", [False, True], ids=["once", "from then on"])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose kernel does not start: quick, and with the same files."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")


# --- a disk that fails ------------------------------------------------------------------------------------------------


def run(bench: Bench) -> RunResult | LarkError:
    try:
        return run_notebook(bench.path, bench.output)
    except LarkError as error:
        return error


def night(bench: Bench) -> int | LarkError:
    """Run a notebook as a schedule does once, with its lock, its record and its notices."""
    folder = bench.output.parent

    def after(result: RunResult) -> None:
        notify(result, None, root=bench.root, file=folder / "notices.json", deliver=lambda _: None, now=0.0)

    try:
        return schedule(
            lambda _: run_notebook(bench.path, bench.output), folder, interval=None, once=True, after=after, keep=1,
            tell=lambda _: None,
        )  # fmt: skip
    except LarkError as error:
        return error


def left(bench: Bench) -> list[str]:
    """Return what should not lie there after a run."""
    names = [path.name for path in bench.output.parent.iterdir()] if bench.output.parent.exists() else []
    return [name for name in names if name.endswith((".tmp", ".owner"))]


def wrong_after(bench: Bench, error: int, at: int, *, lasts: bool) -> list[str]:
    """Let one operation fail, and return what is not as it should be after it and after the next time."""
    wrong = []
    other = bench.output.with_name("20260101T000000Z.ipynb")
    with broken(bench.root, error, at, lasts=lasts) as disk:
        try:
            ended = night(bench)
        except Exception as unexpected:  # noqa: BLE001  that is the one thing to be found
            wrong.append(repr(unexpected))
        else:
            if isinstance(ended, LarkError) and not (ended.next and str(bench.root) in str(ended)):
                wrong.append(str(ended))
    if other.read_bytes() != b"{}":
        wrong.append("another run is lost")
    night(bench)
    kept = read(bench.output)
    if (
        kept is None
        or kept.status != "dead"
        or json.loads(bench.output.read_bytes())["metadata"]["larknb"]["status"] != "dead"
    ):
        wrong.append("the next run does not heal it")
    wrong += left(bench)
    return [f"{disk.done[at - 1 :][:1]}: {each}" for each in wrong]


@posix
@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("no_kernel")
@LASTS
@pytest.mark.parametrize("error", NAMES.values(), ids=NAMES)
def test_no_file_operation_may_fail_badly(bench: Bench, error: int, lasts: bool) -> None:
    """Of a run and its schedule: a result or an error that names the file, nothing else lost, the next run is fine."""
    bench.write("print(1)")
    bench.output.parent.mkdir(parents=True)
    bench.output.with_name("20260101T000000Z.ipynb").write_bytes(b"{}")
    with broken(bench.root, error) as disk:
        night(bench)
    found: list[str] = []
    for at in range(1, len(disk.done) + 1):
        found += wrong_after(bench, error, at, lasts=lasts)
    assert len(disk.done) >= 5
    assert found == []


@posix
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
@pytest.mark.parametrize("act", [run, night])
@pytest.mark.usefixtures("no_kernel")
def test_a_disk_that_takes_nothing(bench: Bench, act: Callable[[Bench], Any], error: int) -> None:
    """From the very first operation: an error that says so, not one of a setting, and nothing is begun."""
    bench.write("print(1)")
    with broken(bench.root, error, 1, lasts=True):
        ended = act(bench)
    assert type(ended) is LarkError
    assert os.strerror(error) in str(ended)


@posix
@pytest.mark.soak
def test_a_disk_that_is_full_during_the_run(bench: Bench) -> None:
    """With a kernel at work: it is ended, the result says what was not saved, and no process is left."""
    bench.write("import os; open('pid', 'w').write(str(os.getpid()))")
    with broken(bench.root, errno.ENOSPC) as disk:
        run_notebook(bench.path, bench.output)
    last_save = max(at for at, done in enumerate(disk.done, 1) if done.startswith("create") and ".1.ipynb." in done)
    with broken(bench.root, errno.ENOSPC, last_save, lasts=True):
        result = run_notebook(bench.path, bench.output)
    assert (result.status, result.exit_code) == ("unsaved", 1)
    assert not is_alive(int((bench.root / "pid").read_text(encoding="utf-8")))


@posix
def test_the_command_line_on_a_full_disk(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run and schedule: exit code 1 and one sentence."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    path = bench.write("print(1)")
    assert main(["--home", str(bench.root), "runs"]) == 0
    (bench.root / "work").mkdir(exist_ok=True)
    for argv in (["run", str(path)], ["schedule", "--once", "--notebook", str(path)]):
        main(["--home", str(bench.root), *argv])
        capsys.readouterr()
        with broken(bench.root / "work" / "runs", errno.ENOSPC, 1, lasts=True):
            code = main(["--home", str(bench.root), *argv])
        err = capsys.readouterr().err
        assert code == 1
        assert "No space left on device" in err
        assert "Traceback" not in err


@posix
@pytest.mark.parametrize("name", ["notices.json", "notices.lock"])
def test_notices_whose_memory_is_no_file(tmp_path: Path, name: str) -> None:
    """A folder in its place: the notice is sent all the same."""
    (tmp_path / name).mkdir()
    sent: list[object] = []
    result = RunResult("n.ipynb", "1.ipynb", "failed", started_at=1.0)
    notify(result, None, root=tmp_path, file=tmp_path / "notices.json", deliver=sent.append, now=2.0)
    assert len(sent) == 1
    assert (read_memory(tmp_path / "notices.json") == NoticeMemory()) is (name == "notices.json")


# --- killed at each file operation ------------------------------------------------------------------------------------

KILLED = """
import sys
from pathlib import Path
from larknb.headless.runner import run_notebook
from tests.hostile.faults import broken
sys.executable = "/no/such/python"
root, path, output, at = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
with broken(root, at=at, kill=True) as disk:
    run_notebook(path, output)
print(len(disk.done))
"""


@posix
@pytest.mark.crash
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("no_kernel")
def test_killed_at_each_file_operation(bench: Bench) -> None:
    """Notebook and record are whole or not there; cleaning up and the next run make it good."""
    bench.write("print(1)")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    at = 0
    while at < 100:
        at += 1
        argv = [PYTHON, "-c", KILLED, str(bench.root), str(bench.path), str(bench.output), str(at)]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        for path in bench.output.parent.glob("1.*"):
            assert path.suffix == ".running" or json.loads(path.read_bytes())
        clean_up(bench.root)
        kept = read(bench.output)
        assert kept is None or kept.status != "running" or done.returncode == 0
        assert run_notebook(bench.path, bench.output).status == "dead"
        assert {path.suffix for path in bench.output.parent.glob("1.*")} == {".ipynb", ".json"}
        if done.returncode == 0:
            break
    assert 5 < at < 100


PYTHON = sys.executable

# --- what is no notebook ----------------------------------------------------------------------------------------------

WHOLE: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
CODE: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "source": "print(1)", "outputs": [],
                        "execution_count": None}  # fmt: skip


def book(*cells: Any, **more: Any) -> bytes:
    return json.dumps({**WHOLE, "cells": list(cells), **more}).encode()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


BROKEN = {
    "empty": b"",
    "blanks": b" \n\n",
    "zeros": bytes(1000),
    "a zero in it": book(CODE)[:60] + b"\0" + book(CODE)[60:],
    "cut": book(CODE)[:-20],
    "no json": b"print('hello')\n",
    "a page": b"<!DOCTYPE html><title>Log in</title>",
    "latin-1": '{"cells": ["für"]}'.encode("latin-1"),
    "utf-16": book(CODE).decode().encode("utf-16"),
    "a number": b"42",
    "a text": b'"notebook"',
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep metadata": book(CODE, metadata={"a": nested(500)}),
    "rather deep metadata": book(CODE, metadata={"a": nested(150)}),
    "a deep cell": book({**CODE, "metadata": {"a": nested(500)}}),
    "100 MB": b" " * 100_000_000,
    "100 MB of cells": b'{"cells": ["' + b"x" * 100_000_000 + b'"], "nbformat": 4}',
    "no cells": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode(),
    "cells null": book(cells=None),
    "cells a text": book(cells="print(1)"),
    "cells an object": book(cells={"a": CODE}),
    "cells numbers": book(1, 2),
    "cells null each": book(None),
    "cells lists": book([]),
    "an empty cell": book({}),
    "a cell without a type": book({"source": "1"}),
    "a source of numbers": book({**CODE, "source": [1, 2]}),
    "a source that is an object": book({**CODE, "source": {"a": 1}}),
    "a source that is a number": book({**CODE, "source": 5}),
    "metadata a list": book(CODE, metadata=[]),
    "metadata of a cell a text": book({**CODE, "metadata": "x"}),
    "metadata of a cell a list": book({**CODE, "metadata": [1]}),
    "nbformat 5": book(CODE, nbformat=5),
    "nbformat 99": book(CODE, nbformat=99),
    "nbformat 0": book(CODE, nbformat=0),
    "nbformat negative": book(CODE, nbformat=-4),
    "nbformat a text": book(CODE, nbformat="4"),
    "nbformat null": book(CODE, nbformat=None),
    "nbformat infinite": book(CODE, nbformat=float("inf")),
    "nbformat_minor a text": book(CODE, nbformat_minor="x"),
}
FINE = {
    "a byte order mark": b"\xef\xbb\xbf" + book(CODE),
    "nbformat 3": json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [
        {"cells": [{"cell_type": "code", "input": "print(1)", "language": "python", "outputs": []}]}]}).encode(),
    "a newer minor": book(CODE, nbformat_minor=99),
    "no cell ids": book({name: value for name, value in CODE.items() if name != "id"}, nbformat_minor=4),
    "equal cell ids": book(CODE, CODE),
    "tags of all kinds": book({**CODE, "metadata": {"tags": [1, None, "timeout=50", {}]}}),
    "tags a text": book({**CODE, "metadata": {"tags": "parameters"}}),
    "old outputs": book({**CODE, "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}]}),
    "half a character": book({**CODE, "source": "print(1) # \ud83d"}),
    "a foreign kernel": book(CODE, metadata={"kernelspec": {"name": "conda-foo", "display_name": "x"}}),
    "no code": book({"cell_type": "markdown", "id": "b", "metadata": {}, "source": "# x"}),
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_notebook(bench: Bench, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    """A sentence that names it, exit code 2, and nothing is run or written."""
    bench.root.mkdir(parents=True)
    bench.path.write_bytes(content)
    started = time.monotonic()
    code = main(["--home", str(bench.root), "run", str(bench.path), "--output", str(bench.output)])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert str(bench.path) in err
    assert "Traceback" not in err
    assert time.monotonic() - started < 10
    assert not bench.output.exists()


@posix
@pytest.mark.parametrize(
    "kind", ["a folder", "a pipe", "a device", "a link to nothing", "a link to itself", "a name too long"]
)
@pytest.mark.parametrize("command", [["run"], ["schedule", "--once", "--notebook"]])
def test_what_is_no_file(bench: Bench, capsys: pytest.CaptureFixture[str], kind: str, command: list[str]) -> None:
    """At once, for a pipe without a writer would wait for ever."""
    bench.root.mkdir(parents=True)
    path = bench.path if kind != "a name too long" else bench.root / ("n" * 300 + ".ipynb")
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind != "a name too long":
        path.symlink_to({"a device": "/dev/zero", "a link to nothing": "nothing", "a link to itself": path.name}[kind])
    code = main(["--home", str(bench.root), *command, str(path)])
    assert code in (1, 2)
    assert str(path) in capsys.readouterr().err


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("content", FINE.values(), ids=FINE.keys())
def test_what_is_a_notebook_all_the_same(bench: Bench, content: bytes) -> None:
    """It comes as far as the kernel, and is saved."""
    bench.root.mkdir(parents=True)
    bench.path.write_bytes(content)
    assert run_notebook(bench.path, bench.output).status == "dead"
    assert bench.executed()["metadata"]["larknb"]["status"] == "dead"


# --- files that shadow Python's own modules ---------------------------------------------------------------------------


def test_no_file_beside_the_notebook_breaks_the_kernel(bench: Bench) -> None:
    """Every module of Python has a file of its name there; a helper of the notebook is found all the same."""
    bench.write()
    for name in sys.stdlib_module_names:
        (bench.root / f"{name}.py").write_text("raise RuntimeError('this is not the module')", encoding="utf-8")
    (bench.root / "helper_of_mine.py").write_text("found = 5", encoding="utf-8")
    assert bench.run("import random, helper_of_mine; print(helper_of_mine.found)").ok
    assert bench.text(1) == "5\n"


@pytest.mark.parametrize(
    ("name", "content", "env"),
    [
        ("types.py", "x = 1", {"PYTHONPATH": "."}),
        pytest.param("random.py", "x = 1", {"PYTHONPATH": os.pathsep}, marks=pytest.mark.soak),
        pytest.param("socket.py", "x = 1", {"PYTHONPATH": "."}, marks=pytest.mark.soak),
        pytest.param("logging.py", "raise SystemExit", {"PYTHONPATH": "."}, marks=pytest.mark.soak),
        pytest.param("json.py", "import time; x = 1", {"PYTHONPATH": "."}, marks=pytest.mark.soak),
        pytest.param("queue.py", "", {"PYTHONPATH": "."}, marks=pytest.mark.soak),
    ],
)
def test_a_file_that_breaks_the_kernel_is_named(bench: Bench, name: str, content: str, env: dict[str, str]) -> None:
    """Through the search path it comes first: the result says which file, and what to do."""
    bench.write()
    (bench.root / name).write_text(content, encoding="utf-8")
    result = bench.run("print(1)", env=env)
    assert (result.status, result.exit_code) == ("dead", 1)
    assert str(bench.root / name) in str(result.error)
    assert "rename it" in str(result.error)


@pytest.mark.soak
def test_a_file_that_breaks_a_cell_is_named(bench: Bench) -> None:
    """A helper with the name of what is installed: the cell's own error says so."""
    bench.write()
    (bench.root / "pandas.py").write_text("x = 1", encoding="utf-8")
    result = bench.run("import pandas; pandas.DataFrame()")
    assert result.status == "failed"
    assert str(bench.root / "pandas.py") in str(result.error)
