"""Where we run, asked from plain processes and from a real kernel."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from larknb import console
from larknb.env import HEADLESS
from tests.frontend import FrontEnd


def shell(kernel: Any) -> Any:
    return SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel))


def an_ipykernel(allow_stdin: bool) -> Any:
    return SimpleNamespace(get_parent=lambda _: {"content": {"allow_stdin": allow_stdin}}, _allow_stdin=allow_stdin)


@pytest.mark.parametrize(("allow_stdin", "expected"), [(True, "notebook"), (False, "nobody")])
def test_a_kernel_without_stdin_is_nobody(allow_stdin: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab answers input(), nbclient and its kin do not."""
    monkeypatch.setitem(sys.modules, "IPython", shell(an_ipykernel(allow_stdin)))
    monkeypatch.delenv(HEADLESS, raising=False)
    assert console.place() == expected


def test_voila_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Voila forbids stdin although a person sits there."""
    monkeypatch.setitem(sys.modules, "IPython", shell(an_ipykernel(False)))
    monkeypatch.setenv("VOILA_KERNEL_ID", "k")
    assert console.place() == "notebook"


def test_our_own_runner_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's mark goes before everything else."""
    monkeypatch.setitem(sys.modules, "IPython", shell(an_ipykernel(True)))
    monkeypatch.setenv(HEADLESS, "1")
    assert console.place() == "nobody"


def test_no_terminal_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, cron, or pythonw without streams."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stdin", None)
    assert console.place() == "nobody"


def test_only_a_notebook_is_driven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel and a headless run are; a command in a pipe, or IPython at a terminal, is not."""
    monkeypatch.setitem(sys.modules, "IPython", shell(None))
    assert not console.is_driven()
    monkeypatch.setenv(HEADLESS, "1")
    assert console.is_driven()
    monkeypatch.delenv(HEADLESS)
    monkeypatch.setitem(sys.modules, "IPython", shell(an_ipykernel(False)))
    assert console.is_driven()


def test_a_machine_behind_ssh_is_remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page on this machine's loopback would not load in the browser of whoever came over SSH."""
    monkeypatch.setattr(console, "CONTAINER", ())  # the tests may run in one
    for name in console.REMOTE:
        monkeypatch.delenv(name, raising=False)
    assert not console.is_remote()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")
    assert console.is_remote()


def test_a_note_survives_a_narrow_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal cannot write becomes a question mark, and control characters are not obeyed."""
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", screen)
    console.note("表 ok\x1b[2J\nnext")
    screen.seek(0)
    assert screen.read() == "? ok\\x1b[2J\\nnext\n"


def test_a_note_without_a_screen_is_lost_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pythonw there is no stderr."""
    monkeypatch.setattr(sys, "stderr", None)
    console.note("hello")


def test_a_note_in_a_notebook_is_escaped(kernel: FrontEnd) -> None:
    """It stands below the cell as text, whatever markup a name holds."""
    kernel.run("from larknb.console import note; note('<img src=x>')")
    assert "&lt;img src=x&gt;" in kernel.html()


def test_a_headless_login_fails_at_once(home: Path, kernel: FrontEnd) -> None:
    """LoginRequired with what to do, no prompt, no hang."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).login(force=True)", somebody=False)
    error = next(output for output in outputs if output["type"] == "error")
    assert error["ename"] == "LoginRequired"
    assert "terminal" in error["evalue"]


def test_a_token_is_masked_in_a_cell(home: Path, kernel: FrontEnd) -> None:
    """A cell that ends with the token saves a mask."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).get_user_access_token()", somebody=True)
    result = next(output for output in outputs if output["type"] == "execute_result")
    assert "eyJ" not in str(result)
