"""Commands in a real terminal: what moves, what stays, and what is never sent there."""

from __future__ import annotations

import sys

import pytest

from larknb.cli.live import watched
from larknb.display import width
from larknb.model import Progress
from larknb.sandbox import Fault
from larknb.screens.progress import reporter
from tests.conftest import Lab
from tests.terminal import larknb

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def test_a_sync_shows_what_it_waits_for(home: Lab) -> None:
    """The settling of the base and the next try count down; what is done stays, and the report is coloured."""
    home.box.faults.add(Fault.reply(400, 99991400, headers={"x-ogw-ratelimit-reset": "1"}), endpoint="search")
    terminal = larknb(home.workspace.root, "sync", columns=80, TERM="xterm-256color", LARKNB_SETTLE="1")
    assert terminal.end() == 0
    assert "waiting 1 s for the base to settle" in terminal.shown
    assert "retry 2 of 5 in 1 s" in terminal.shown
    assert "\x1b[32mfetched" in terminal.shown.rpartition("[1/1] s1")[2]


def test_no_colour(home: Lab) -> None:
    """With NO_COLOR nothing but text is sent, at most as wide as the terminal."""
    terminal = larknb(home.workspace.root, "status", columns=40, TERM="xterm-256color", NO_COLOR="1")
    assert terminal.end() == 0
    assert "\x1b[" not in terminal.shown
    assert max(map(width, terminal.shown.splitlines())) <= 40


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does a command whose answer a program reads."""
    with watched(quiet=True), reporter() as show:
        show(Progress("s", 1, 1, state="done"))
    assert capsys.readouterr().err == ""


def test_a_log_gets_a_line_for_each_source(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is no terminal."""
    with watched(quiet=False), reporter() as show:
        show(Progress("s", 1, 1, state="done"))
    assert capsys.readouterr().err == "[1/1] s\n"
