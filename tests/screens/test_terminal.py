"""A login at a prompt, with a person made of a few lines."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from larknb import display
from larknb.auth.app import App
from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.auth.registration import Site
from larknb.auth.store import TokenStore
from larknb.errors import LoginRequired
from larknb.messages import speaking
from larknb.sandbox import Sandbox
from larknb.screens import qr
from larknb.screens.terminal import create_in_terminal, device_in_terminal, login_in_terminal, open_browser
from tests.auth.conftest import leaked
from tests.conftest import Clock


class Screen:
    """What was printed, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()

    def tell(self, text: str) -> None:
        with self._news:
            self.lines.append(text)
            self._news.notify_all()

    def wait_for(self, words: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: words in self.text, timeout=10), self.text

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def login(nobody: TokenStore, app: App, redirect_uri: str, clock: Clock) -> Iterator[Login]:
    with Login(app, nobody, [redirect_uri], ["bitable:app:readonly"], clock=clock) as login:
        yield login


@pytest.fixture
def remote(nobody: TokenStore, app: App, redirect_uri: str, clock: Clock) -> Iterator[Login]:
    """A login whose browser is on another machine."""
    with Login(app, nobody, [redirect_uri], ["bitable:app:readonly"], clock=clock, listen=False) as login:
        yield login


def ended_on(login: Login) -> str:
    return requests.get(login.url, timeout=5, allow_redirects=False).headers["Location"]


def typed(*answers: str | Callable[[], str]) -> Callable[[str], str]:
    """Type these lines, one at each question."""
    left = list(answers)

    def ask(_: str) -> str:
        answer = left.pop(0)
        return answer if isinstance(answer, str) else answer()

    return ask


def test_the_browser_comes_back(login: Login, screen: Screen, box: Sandbox) -> None:
    """The link is printed; when the browser has come back the screen says to press Enter, and Enter ends it."""

    def approve() -> str:
        assert login.url in screen.text
        requests.get(login.url, timeout=5)
        screen.wait_for(f"Signed in as {box.tenant.users[0].name}. Press Enter.")
        return ""

    user = login_in_terminal(login, ask=typed(approve), tell=screen.tell)
    assert user.name == box.tenant.users[0].name
    assert not leaked(screen.text, box)


def test_enter_too_early_asks_again(login: Login, screen: Screen) -> None:
    """Enter before the browser came back says so, and goes on."""

    def approve() -> str:
        requests.get(login.url, timeout=5)
        screen.wait_for("Press Enter")
        return ""

    assert login_in_terminal(login, ask=typed("", approve), tell=screen.tell)
    assert "Not signed in yet." in screen.text


def test_an_address_is_pasted(remote: Login, screen: Screen) -> None:
    """A wrong paste is explained and asked again; the right one signs in, without a word about Enter."""
    answers = typed("https://example.com", lambda: ended_on(remote))
    assert login_in_terminal(remote, ask=answers, tell=screen.tell)
    assert "copy the address from the address bar" in screen.text
    assert "does not contain a code" in screen.text
    assert "Press Enter" not in screen.text


def test_pasting_while_the_door_is_open(login: Login, screen: Screen) -> None:
    """Whoever pastes is not told to press Enter as well."""
    assert login_in_terminal(login, ask=typed(lambda: ended_on(login)), tell=screen.tell)
    assert "Press Enter" not in screen.text


def test_what_the_platform_says_is_told(remote: Login, screen: Screen, box: Sandbox) -> None:
    """Line by line, and what acts on a terminal is seen instead."""
    box.token_members = {"status_message": "base:app:read 待审批\noffline_access \x1b[2J禁止"}
    user = login_in_terminal(remote, ask=typed(lambda: ended_on(remote)), tell=screen.tell)
    assert "base:app:read 待审批\noffline_access \\x1b[2J禁止" in screen.text
    assert "待审批" in repr(user)


def test_a_refusal_ends_it(login: Login, screen: Screen, box: Sandbox) -> None:
    """A person who refused in the browser is told, and Enter ends the question with the error."""
    box.approve = "deny"

    def refuse() -> str:
        requests.get(login.url, timeout=5)
        screen.wait_for("Press Enter")
        return ""

    with pytest.raises(LoginRequired, match="refused"):
        login_in_terminal(login, ask=typed(refuse), tell=screen.tell)
    assert "was refused (access_denied)" in screen.text


def test_without_a_keyboard_the_browser_still_counts(login: Login, screen: Screen) -> None:
    """If nothing can be typed, the login waits for the browser."""

    def nothing() -> str:
        requests.get(login.url, timeout=5)
        raise EOFError

    assert login_in_terminal(login, ask=typed(nothing), tell=screen.tell)


def test_without_keyboard_and_browser_nobody_is_there(remote: Login, screen: Screen) -> None:
    """If nothing can be typed and no browser can come back, it ends at once."""

    def nothing() -> str:
        raise EOFError

    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        login_in_terminal(remote, ask=typed(nothing), tell=screen.tell)


def test_an_interrupt_shuts_the_door(login: Login, screen: Screen, redirect_uri: str) -> None:
    """Ctrl-C ends the login and frees its address."""

    def interrupt() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        login_in_terminal(login, ask=typed(interrupt), tell=screen.tell)
    with pytest.raises(requests.ConnectionError):
        requests.get(redirect_uri, timeout=5)


def test_the_browser_is_opened_when_allowed(login: Login, screen: Screen) -> None:
    """With a browser at hand the page opens by itself, and the person only approves."""

    def browse(url: str) -> None:
        requests.get(url, timeout=5)

    def enter() -> str:
        screen.wait_for("Press Enter")
        return ""

    assert login_in_terminal(login, ask=typed(enter), tell=screen.tell, browse=browse)


def test_no_browser_is_opened_that_cannot_come_back(remote: Login, screen: Screen) -> None:
    """On a machine without the person's browser none is opened."""
    opened: list[str] = []
    login_in_terminal(remote, ask=typed(lambda: ended_on(remote)), tell=screen.tell, browse=opened.append)
    assert opened == []


def test_what_was_not_granted_is_told(remote: Login, screen: Screen, box: Sandbox) -> None:
    """A trimmed scope is named at the end."""
    box.withheld = {"bitable:app:readonly"}
    login_in_terminal(remote, ask=typed(lambda: ended_on(remote)), tell=screen.tell)
    assert "Not granted: bitable:app:readonly." in screen.text


def test_what_the_app_lacks_is_told_before_the_link(
    nobody: TokenStore, app: App, redirect_uri: str, clock: Clock, screen: Screen
) -> None:
    """Which source cannot be read whatever is granted, and where the admin enables its scope."""
    short = {"book": ("sheets:spreadsheet:readonly",)}
    with Login(app, nobody, [redirect_uri], [], not_enabled=short, clock=clock, listen=False) as login:
        login_in_terminal(login, ask=typed(lambda: ended_on(login)), tell=screen.tell)
    told = screen.lines[0]
    assert "book: sheets:spreadsheet:readonly" in told
    assert told.endswith(f"{app.page}/auth?q=sheets:spreadsheet:readonly&op_from=openapi&token_type=user")
    assert login.url in screen.lines[1]


def test_a_device_code_asks_nothing(nobody: TokenStore, app: App, clock: Clock, screen: Screen, box: Sandbox) -> None:
    """Link, code, until when, and a picture of the link; then it waits, and says what was left out."""
    box.withheld = {"wiki:node:read"}
    begun = threading.Event()

    def approved(seconds: float) -> bool:
        begun.wait(10)
        clock.now += seconds + 0.001
        requests.get(ours.url, timeout=5)
        return False

    ours = DeviceLogin(app, nobody, ["wiki:node:read"], clock=clock, pause=approved)
    begun.set()
    user = device_in_terminal(ours, tell=screen.tell)
    assert user.name == box.tenant.users[0].name
    assert ours.url in screen.lines[0]
    assert ours.device.user_code in screen.lines[0]
    assert display.clock_time(ours.ends_at) in screen.lines[0]
    assert screen.lines[1] == qr.text(ours.url)
    assert "wiki:node:read" in screen.lines[2]


def test_it_speaks_chinese(remote: Login, screen: Screen) -> None:
    """The conversation is in the language that was asked for."""
    with speaking("zh"):
        login_in_terminal(remote, ask=typed(lambda: ended_on(remote)), tell=screen.tell)
    assert "请在浏览器中打开此页并同意授权" in screen.text


def test_a_text_browser_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that would take the terminal over is left alone, and one that is missing is no error."""
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("lynx"))
    assert open_browser("http://localhost") is False

    def none() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    assert open_browser("http://localhost") is False


@pytest.mark.parametrize(("brand", "first"), [("feishu", "/page/launcher"), ("lark", "/page/cli")])
@pytest.mark.parametrize(("lang", "says"), [("en", "show it to nobody else"), ("zh", "请勿给他人看到")])
def test_an_app_is_made_at_a_terminal(
    screen: Screen, box: Sandbox, tmp_path: Path, clock: Clock, brand: str, first: str, lang: str, says: str
) -> None:
    """QR code, both links with that of the brand first, the code; then it waits, and no secret is shown."""
    site = Site("feishu", box.url, box.url)
    creation = AppCreation(tmp_path / "a.json", site, site, lambda *_: None, clock=clock, sleep=clock.sleep)
    requests.get(creation.pages["feishu"], timeout=5)
    with speaking(lang):
        made = create_in_terminal(creation, brand, tell=screen.tell)
    assert made.app.app_id == box.app_id
    pages = [word for word in screen.text.split() if word.startswith(f"{box.url}/page/")]
    assert [first in page for page in pages] == [True, False]
    assert says in screen.text
    assert creation.offer.user_code in screen.text
    assert "█" in screen.text or "▄" in screen.text
    assert not leaked(screen.text, box)
