"""The login as a person meets it: at a terminal, in a browser, and where nobody is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import write_settings


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A stand-in with the machine's clock, since the command runs in a process of its own."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(redirect_uris=(f"http://127.0.0.1:{port}/callback",)) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox) -> Workspace:
    return write_settings(tmp_path / "my work", box, f"{box.url}/base/AppStaff000000000000000001")


class Terminal:
    """`larknb login` on a pseudo terminal."""

    def __init__(self, workspace: Workspace, *options: str) -> None:
        import pty

        self.master, slave = pty.openpty()
        env = {**os.environ, "LARKNB_LANG": "en", "BROWSER": "", "DISPLAY": ""}
        command = [sys.executable, "-m", "larknb", "--home", str(workspace.root), "login", *options]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True)
        os.close(slave)
        self.shown = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.master, 4096)
            except OSError:
                return
            self.shown += chunk.decode("utf-8", "replace")

    def wait_for(self, pattern: str) -> str:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if found := re.search(pattern, self.shown):
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was not shown:\n{self.shown}")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode() + b"\n")

    def end(self) -> int:
        code = self.process.wait(20)
        self.reader.join(1)
        os.close(self.master)
        return code


pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are POSIX")
URL = r"http://127\.0\.0\.1:\d+/open-apis/authen/v1/authorize\S+"


def test_the_browser_door(workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]) -> None:
    """The link is shown; once approved in the browser, Enter ends the command and somebody is logged in."""
    terminal = Terminal(workspace)
    page = browser(terminal.wait_for(URL))
    assert page.status_code == 200
    terminal.wait_for("(?i)signed in as")
    terminal.type("")
    assert terminal.end() == 0, terminal.shown
    assert workspace.whoami().name in terminal.shown
    assert not [secret for secret in box.secrets() if secret in terminal.shown and secret not in terminal.wait_for(URL)]


def test_the_paste_door(workspace: Workspace, box: Sandbox) -> None:
    """Where the browser cannot reach us, the address it ended on is pasted; a wrong one may be corrected."""
    terminal = Terminal(workspace, "--method", "paste")
    url = terminal.wait_for(URL)
    with requests.Session() as elsewhere:
        elsewhere.trust_env = False
        answer = elsewhere.get(url, allow_redirects=False, timeout=10)
    terminal.type("http://127.0.0.1:1/callback?code=wrong&state=wrong")
    terminal.wait_for("(?i)state|another")
    terminal.type(answer.headers["Location"])
    assert terminal.end() == 0, terminal.shown
    assert workspace.whoami().open_id


def test_denial(workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]) -> None:
    """Refused in the browser: exit code 3 and no login."""
    box.approve = "deny"
    terminal = Terminal(workspace)
    browser(terminal.wait_for(URL))
    terminal.wait_for("(?i)refused|denied")
    terminal.type("")
    assert terminal.end() == 3, terminal.shown
    with pytest.raises(LoginRequired):
        workspace.whoami()


def test_a_second_login_is_not_needed(workspace: Workspace, box: Sandbox) -> None:
    """Whoever is logged in is told so at once, on a pipe too; --force begins anew."""
    workspace._sign_in(lambda url: requests.get(url, timeout=10), wait=10)
    box.journal.clear()
    assert workspace.login().name == workspace.whoami().name
    assert len(box.journal) == 0
    with pytest.raises(LoginRequired, match="terminal"):
        workspace.login(force=True)


def test_a_wrong_secret_is_said_before_the_browser_opens(workspace: Workspace, box: Sandbox) -> None:
    """The app's own scopes are asked first, and with a wrong secret that fails with what to fix."""
    workspace._save_secret("not the secret")
    opened: list[str] = []
    with pytest.raises(ConfigError, match="App Secret"):
        workspace._sign_in(opened.append, wait=1)
    assert not opened


def test_only_enabled_scopes_are_asked(workspace: Workspace, box: Sandbox) -> None:
    """An app with the one wide scope is asked for that one: a scope it lacks would block the login."""
    box.scopes = {"offline_access", "bitable:app:readonly", "drive:drive.metadata:readonly"}
    user = workspace._sign_in(lambda url: requests.get(url, timeout=10), wait=10)
    assert set(user.scopes) == box.scopes
