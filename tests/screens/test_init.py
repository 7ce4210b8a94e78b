"""The set-up as a card: in a real kernel with a page in front of it, and question by question without one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import requests

from larknb.auth.creation import AppCreation
from larknb.auth.registration import Site
from larknb.config.settings import load_settings
from larknb.sandbox import Sandbox
from larknb.screens.init import InitWidget, Talk
from larknb.workspace import Workspace
from tests.conftest import Clock, find_port
from tests.frontend import FrontEnd, front_end

Browser = Callable[[str], requests.Response]
BASE = "AppStaff000000000000000001"


@pytest.fixture
def live() -> Iterator[Sandbox]:
    """A stand-in with the machine's clock and a base of one table: the kernel has it, too."""
    with Sandbox(redirect_uris=[f"http://127.0.0.1:{find_port()}/callback"]) as running:
        running.device_interval = running.registration_interval = 1
        running.tenant.add_base("人力盘点", app_token=BASE).add_table("人员", [])
        yield running


@pytest.fixture
def root(tmp_path: Path, live: Sandbox) -> Path:
    """A folder that knows its platform, and nothing else."""
    text = f'[app]\nopen_base = "{live.url}"\naccounts_base = "{live.url}"\n'
    (tmp_path / "larknb.toml").write_text(f"{text}redirect_uris = {json.dumps(live.redirect_uris)}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def kernel() -> Iterator[FrontEnd]:
    with front_end({"LARKNB_LANG": "en"}) as page:
        yield page


class Walk:
    """A person in front of the card of a folder."""

    def __init__(self, page: FrontEnd, root: Path) -> None:
        page.clear()
        self.page = page
        page.run(f"import larknb as lk; w = lk.Workspace({str(root)!r}).init()")

    def answer(self, question: str, value: str, label: str = "Continue") -> None:
        """Type an answer and hand it over, once the question is there."""
        self.page.wait_for(lambda: self._field(question) is not None)
        self.page.type(str(self._field(question)), value)
        self.page.click(label)

    def click(self, label: str) -> None:
        self.page.wait_for(lambda: self.page.shows(label)).click(label)

    def link(self, path: str) -> str:
        pattern = rf'href="(http://127\.0\.0\.1:\d+{path}[^"]*)"'
        self.page.wait_for(lambda: re.search(pattern, self.page.html()) is not None)
        found = re.search(pattern, self.page.html())
        assert found
        return unescape(found[1])

    def until(self, text: str) -> None:
        self.page.wait_for(lambda: text in self.page.text())

    def said(self) -> str:
        """All that the kernel ever sent to the page."""
        return json.dumps([message["content"] for message in self.page.messages], ensure_ascii=False, default=str)

    def _field(self, question: str) -> str | None:
        labels = [str(state.get("placeholder")) for state in self.page.widgets()]
        return next((label for label in labels if label.startswith(question)), None)


def test_by_hand_with_a_wrong_secret_and_a_secret_in_the_wrong_field(
    kernel: FrontEnd, root: Path, live: Sandbox, browser: Browser
) -> None:
    """The same questions as in a terminal; a wrong secret asks for the secret alone, and none is ever sent back."""
    walk = Walk(kernel, root)
    walk.click("Feishu")
    walk.answer("App ID (", live.app_secret)
    walk.until("That is not accepted here")
    walk.answer("App ID (", live.app_id)
    walk.answer("App Secret (", "wrong-secret-of-somebody")
    walk.answer("App Secret again", live.app_secret)
    walk.until("are right")
    walk.answer("Redirect URLs", "")
    walk.click("This folder only")
    walk.answer("Address of", f"{live.url}/base/{BASE}")
    walk.click("Sign in")
    browser(walk.link("/open-apis/authen/v1/authorize"))
    walk.until("Logged in as")
    kernel.wait_for(lambda: 'data-mood="good"' in kernel.html() and not kernel.widgets())
    assert [source.name for source in Workspace(root).sources()] == ["人力盘点"]
    typed = {*live.secrets(), "wrong-secret-of-somebody"}
    assert not [secret[:8] for secret in typed if secret in walk.said()]


def test_by_scan_alone(kernel: FrontEnd, root: Path, live: Sandbox, browser: Browser) -> None:
    """A button chooses it; QR code or link, then the device login; the secret of the new app is never sent."""
    walk = Walk(kernel, root)
    walk.click("Feishu")
    walk.click("Scan to create an app")
    walk.answer("Address of", f"{live.url}/base/{BASE}")
    page = walk.link("/page/launcher")
    assert "<svg" in kernel.html()
    browser(page)
    walk.click("This folder only")
    browser(walk.link("/oauth/v1/device/verify"))
    kernel.wait_for(lambda: 'data-mood="good"' in kernel.html() and not kernel.widgets())
    settings = load_settings(root)
    assert (settings.app_id, settings.app_secret, settings.login) == (live.app_id, live.app_secret, "device")
    assert [source.name for source in Workspace(root).sources()] == ["人力盘点"]
    assert not [secret[:8] for secret in live.secrets() if secret in walk.said()]


# --- without a kernel ------------------------------------------------------------------------------------------------


class Card:
    """A card without a page: what it shows, and its fields and buttons."""

    def __init__(self, work: Callable[[Talk], Any]) -> None:
        self.drawn: SimpleQueue[Sequence[Any]] = SimpleQueue()
        self.widget = InitWidget(work)
        self.widget.observe(lambda change: self.drawn.put(change["new"]), "children")
        self.widget.start()

    def rows(self) -> Sequence[Any]:
        """Return the fields and buttons of the next question."""
        while not (rows := self.drawn.get(timeout=10)):
            pass
        return rows


def test_what_was_typed_is_handed_over_and_gone() -> None:
    """A secret has dots, nothing stays in a field, and nothing is sent back to the page."""
    heard: list[str] = []
    card = Card(lambda talk: heard.extend([talk.ask("Name: ", ()), talk.ask_unseen("Secret: ")]))
    for kind, typed in (("Text", "me"), ("Password", "hush")):
        field, button = card.rows()
        assert field.trait_metadata("value", "echo_update") is False
        assert field.get_state()["_model_name"] == f"{kind}Model"
        field.value = typed
        button.click()
        assert field.value == ""
    assert card.widget.wait(10) == "done"
    assert heard == ["me", "hush"]


def test_choices_are_buttons() -> None:
    """Of several one is clicked; beside a single one an answer may be typed."""
    heard: list[str] = []
    card = Card(lambda talk: heard.extend([talk.ask("Which: ", ("feishu", "lark")), talk.ask("Id: ", ("scan",))]))
    feishu, lark = card.rows()
    assert (feishu.description, lark.description) == ("Feishu", "Lark")
    lark.click()
    field, _, scan = card.rows()
    assert field.value == ""
    scan.click()
    assert card.widget.wait(10) == "done"
    assert heard == ["lark", "scan"]


@pytest.mark.parametrize(
    ("error", "state"), [(KeyboardInterrupt(), "stopped"), (ZeroDivisionError("hunter2"), "failed")]
)
def test_ways_to_end(error: BaseException, state: str) -> None:
    """It says what it had said, or what went wrong, and leaves no widget; a strange error shows none of its words."""

    def work(talk: Talk) -> None:
        talk.tell("so far")
        raise error

    card = Card(work)
    assert card.widget.wait(10) == state
    assert card.widget.children == ()
    assert "hunter2" not in repr(card.widget)
    assert ("so far" in repr(card.widget)) == (state == "stopped")


def test_whoever_has_an_app_leaves_the_scan(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """The button ends the waiting, and the code is forgotten."""
    site = Site("feishu", box.url, box.url)
    file = tmp_path / "app_registration.json"
    creation = AppCreation(file, site, site, lambda *_: None, clock=clock, sleep=clock.sleep)
    made: list[object] = []
    card = Card(lambda talk: made.append(talk.scan(creation, "feishu")))
    card.rows()[0].click()
    assert card.widget.wait(10) == "done"
    assert (made, file.exists()) == ([None], False)


def test_what_it_says_is_escaped() -> None:
    """A name that looks like a tag is shown, not run; an address at the end of a line is a link."""

    def work(talk: Talk) -> None:
        talk.tell("<img src=x>\nsee: https://a.example/x")
        talk.ask("Go: ", ())

    card = Card(work)
    card.rows()
    html = card.widget.view.html
    assert "<img" not in html
    assert 'href="https://a.example/x"' in html
