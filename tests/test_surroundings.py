"""Where we run, asked in each place: a login waits for a person only where there is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import write_settings
from tests.others import python_with
from tests.terminal import Terminal

SECONDS = 60  # a kernel starts in one on an idle machine; a login that waits takes minutes
ASKS = "from larknb.console import place; open('place.txt', 'w').write(place()); import larknb; larknb.login()"
URL = r"http://127\.0\.0\.1:\d+/open-apis/authen/v1/authorize\S+"

posix = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals, cron and closed files are POSIX")


@pytest.fixture
def box(live_box: Sandbox) -> Sandbox:
    return live_box


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox) -> Workspace:
    return write_settings(tmp_path / "my work", box)


@pytest.fixture
def notebook(workspace: Workspace) -> Path:
    """A notebook in the workspace that says where it runs and logs in."""
    path = workspace.root / "asks.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": ASKS,
    }
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def front_ends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with other people's front ends in a venv of its own, that borrows the rest from this one."""
    return python_with(tmp_path_factory.mktemp("front ends") / "venv", "papermill", "jupyter-console", borrow=True)


def said(workspace: Workspace) -> str:
    return (workspace.root / "place.txt").read_text()


def run(
    workspace: Workspace, *command: str | Path, typed: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in the workspace's folder, with a pipe for its input, and return how it ended."""
    return subprocess.run(
        command, input=typed, cwd=workspace.root, env=env, capture_output=True, encoding="utf-8", timeout=SECONDS
    )


def ends_at_the_login(workspace: Workspace, *command: str | Path) -> None:
    done = run(workspace, *command)
    assert done.returncode != 0
    assert "LoginRequired" in done.stderr
    assert said(workspace) == "nobody"


NBCLIENT = "import nbclient, nbformat; nbclient.execute(nbformat.read('asks.ipynb', 4))"


NBCONVERT = ["-m", "nbconvert", "--execute", "--to", "html", "asks.ipynb"]


@pytest.mark.parametrize("tool", [["-m", "jupyter", "execute", "asks.ipynb"], ["-c", NBCLIENT], NBCONVERT])
def test_nobody_is_in_a_headless_kernel(tool: list[str], workspace: Workspace, notebook: Path) -> None:
    """The run ends at the cell that logs in, with LoginRequired."""
    ends_at_the_login(workspace, sys.executable, *tool)


@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_nobody_is_in_papermills_runs(workspace: Workspace, notebook: Path, front_ends: Path) -> None:
    """The same under papermill."""
    ends_at_the_login(workspace, front_ends, "-m", "papermill", "asks.ipynb", "out.ipynb")


def test_our_own_run_ends_with_3(workspace: Workspace, notebook: Path) -> None:
    """The exit code and the record say that somebody has to log in."""
    done = run(workspace, sys.executable, "-m", "larknb", "run", notebook)
    assert done.returncode == 3, done.stderr
    assert said(workspace) == "nobody"
    [record] = (workspace.root / "work" / "runs").rglob("*.json")
    assert json.loads(record.read_text("utf-8"))["error"]["ename"] == "LoginRequired"


def test_nobody_is_at_a_pipe(workspace: Workspace) -> None:
    """A script that reads a pipe is asked nothing, even where there would be an answer to read."""
    done = run(workspace, sys.executable, "-c", ASKS, typed="y\n")
    assert (done.returncode, said(workspace)) == (1, "nobody")
    assert "LoginRequired" in done.stderr
    assert run(workspace, sys.executable, "-m", "larknb", "login", typed="y\n").returncode == 3


@posix
@pytest.mark.parametrize(
    "how", [["setsid"], ["sh", "-c", 'exec "$@" <&-', "sh"], ["sh", "-c", 'exec "$@" </dev/null', "sh"]]
)
def test_nobody_is_where_cron_is(how: list[str], workspace: Workspace) -> None:
    """Without environment, terminal or input the command ends with 3, and says on stderr what to do."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = run(workspace, *how, sys.executable, "-m", "larknb", "login", env=env)
    assert (done.returncode, done.stdout) == (3, "")
    assert "larknb login" in done.stderr


def signs_in(terminal: Terminal, ready: str, box: Sandbox, browser: Callable[[str], requests.Response]) -> None:
    """Walk through the browser door in an interpreter, once it is ready for a line."""
    terminal.wait_for(ready)
    terminal.type(ASKS)
    assert browser(terminal.wait_for(URL)).status_code == 200
    while box.tenant.tenant_key not in terminal.shown:
        terminal.type("")  # too early is no harm: the page is shown a moment before the code is traded
        time.sleep(0.1)
    terminal.type("exit()")
    terminal.end()


@posix
@pytest.mark.parametrize(
    ("module", "ready"), [(["-i", "-q"], ">>> "), (["-m", "IPython", "--simple-prompt"], r"In \[1\]")]
)
def test_an_interpreter_on_a_terminal(
    module: list[str], ready: str, workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]
) -> None:
    """Python and IPython show the text doors."""
    signs_in(Terminal(sys.executable, *module, cwd=workspace.root), ready, box, browser)
    assert said(workspace) == "terminal"


@posix
@pytest.mark.sdk
@pytest.mark.timeout(900)
def test_jupyter_console(
    front_ends: Path, workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]
) -> None:
    """A kernel whose front end shows text alone gets the text doors."""
    console = Terminal(str(front_ends), "-m", "jupyter", "console", "--simple-prompt", cwd=workspace.root)
    signs_in(console, r"In \[1\]", box, browser)
    assert said(workspace) == "console"
