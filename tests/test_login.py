"""The login as a person meets it: at a terminal, in a browser, and where nobody is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import write_settings
from tests.terminal import larknb


@pytest.fixture
def box(live_box: Sandbox) -> Sandbox:
    return live_box


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox) -> Workspace:
    return write_settings(tmp_path / "my work", box, f"{box.url}/base/AppStaff000000000000000001")


pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are POSIX")


URL = r"http://127\.0\.0\.1:\d+/open-apis/authen/v1/authorize\S+"


def test_the_browser_door(workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]) -> None:
    """The link is shown; once approved in the browser, Enter ends the command and somebody is logged in."""
    terminal = larknb(workspace.root, "login")
    page = browser(terminal.wait_for(URL))
    assert page.status_code == 200
    terminal.wait_for("(?i)signed in as")
    terminal.type("")
    assert terminal.end() == 0, terminal.shown
    assert workspace.whoami().name in terminal.shown
    assert not [secret for secret in box.secrets() if secret in terminal.shown and secret not in terminal.wait_for(URL)]


def test_the_paste_door(workspace: Workspace, box: Sandbox) -> None:
    """Where the browser cannot reach us, the address it ended on is pasted; a wrong one may be corrected."""
    terminal = larknb(workspace.root, "login", "--method", "paste")
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
    terminal = larknb(workspace.root, "login")
    browser(terminal.wait_for(URL))
    terminal.wait_for("(?i)refused|denied")
    terminal.type("")
    assert terminal.end() == 3, terminal.shown
    with pytest.raises(LoginRequired):
        workspace.whoami()


def test_a_second_login_is_not_needed(workspace: Workspace, box: Sandbox) -> None:
    """Whoever is logged in is told so at once, on a pipe too; --force begins anew."""
    workspace.sign_in(lambda url: requests.get(url, timeout=10), wait=10)
    box.journal.clear()
    assert workspace.login().name == workspace.whoami().name
    assert len(box.journal) == 0
    with pytest.raises(LoginRequired, match="terminal"):
        workspace.login(force=True)


def add_a_spreadsheet(workspace: Workspace, box: Sandbox) -> None:
    with (workspace.root / "larknb.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[sources]]\nname = "book"\nurl = "{box.url}/sheets/ShtBook0000000000000000001"\n')


def test_a_login_with_gaps_asks_for_just_these(
    workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]
) -> None:
    """A new source needs one scope more: the next login asks for that one, and the new token has the old ones, too."""
    before = {*workspace.sign_in(lambda url: requests.get(url, timeout=10), wait=10).scopes}
    add_a_spreadsheet(workspace, box)
    assert "sheets:spreadsheet:readonly" in workspace.status().login
    terminal = larknb(workspace.root, "login")
    url = terminal.wait_for(URL)
    assert parse_qs(urlsplit(url).query)["scope"] == ["offline_access sheets:spreadsheet:readonly"]
    browser(url)
    terminal.wait_for("(?i)signed in as")
    terminal.type("")
    assert terminal.end() == 0, terminal.shown
    assert {*workspace.whoami().scopes} == before | {"sheets:spreadsheet:readonly"}
    assert workspace.login() == workspace.whoami()  # nothing is lacking now: nobody is asked


def test_what_the_app_lacks_is_told_instead_of_a_page(workspace: Workspace, box: Sandbox) -> None:
    """Nothing that is missing can be granted: the source, its scope and the console are named, and that is all."""
    workspace.sign_in(lambda url: requests.get(url, timeout=10), wait=10)
    add_a_spreadsheet(workspace, box)
    box.scopes -= {"sheets:spreadsheet:readonly", "sheets:spreadsheet", "drive:drive:readonly", "drive:drive"}
    terminal = larknb(workspace.root, "login")
    assert terminal.end() == 0, terminal.shown
    assert "book: sheets:spreadsheet:readonly" in terminal.shown
    assert f"{box.url}/app/{box.app_id}/auth?q=sheets:spreadsheet:readonly" in terminal.shown
    assert "authorize" not in terminal.shown


def test_a_wrong_secret_is_said_before_the_browser_opens(workspace: Workspace, box: Sandbox) -> None:
    """The app's own scopes are asked first, and with a wrong secret that fails with what to fix."""
    workspace.save_secret("not the secret")
    opened: list[str] = []
    with pytest.raises(ConfigError, match="App Secret"):
        workspace.sign_in(opened.append, wait=1)
    assert not opened


def test_only_enabled_scopes_are_asked(workspace: Workspace, box: Sandbox) -> None:
    """An app with the one wide scope is asked for that one: a scope it lacks would block the login."""
    box.scopes = {"offline_access", "bitable:app:readonly", "drive:drive.metadata:readonly"}
    user = workspace.sign_in(lambda url: requests.get(url, timeout=10), wait=10)
    assert set(user.scopes) == box.scopes


def test_a_device_code_through_a_pipe(
    workspace: Workspace, box: Sandbox, browser: Callable[[str], requests.Response]
) -> None:
    """With --wait somebody follows the printed link, whichever door it leads through; the paste door needs a prompt."""
    box.device_interval = 1
    command = [sys.executable, "-m", "larknb", "--home", str(workspace.root), "login", "--wait", "30", "--method"]
    with subprocess.Popen([*command, "device"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        browser(process.stderr.readline().strip())
        assert process.wait(30) == 0
    assert workspace.whoami().open_id
    done = subprocess.run([*command, "paste", "--force"], capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == 3
