"""What happens at a card, without a kernel: what a page would show, and the clicks of a person."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import pytest
import requests

from larknb.auth.flow import Login
from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.screens.card import View
from larknb.screens.conversation import Conversation
from larknb.screens.sign_ins import shared_sign_in
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in
from tests.screens.conftest import login_of


class Page:
    """What a person sees of a card, state by state."""

    def __init__(self, workspace: Workspace, method: str = "paste", *, patience: float = 999, **options: Any) -> None:
        self.login = login_of(workspace, method, **options)
        self._drawn: SimpleQueue[tuple[View, Sequence[Any]]] = SimpleQueue()
        self.talk = Conversation(self.login, lambda *drawn: self._drawn.put(drawn), patience=patience)
        self.talk.begin()

    def next(self) -> str:
        """Return the text of the next state, once it is shown."""
        view, self.rows = self._drawn.get(timeout=30)
        return view.text

    def link(self) -> Login:
        """Begin, and return the sign-in whose link is shown."""
        self.talk.start()
        return self.shown_link()

    def shown_link(self) -> Login:
        assert "One moment" in self.next()
        assert "Authorize in Feishu" in self.next()
        sign_in = shared_sign_in(self.login, None)
        assert isinstance(sign_in, Login)
        return sign_in

    def paste(self, address: str) -> None:
        field, finish = self.rows[0].children[0].children
        field.value = address
        finish.click()


def address_of(sign_in: Login) -> str:
    """Return the address on which the browser ends."""
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.get(sign_in.url, allow_redirects=False, timeout=10).headers["Location"]


def test_somebody_who_is_in_is_welcome(workspace: Workspace, box: Sandbox) -> None:
    """At once, and nothing can be clicked."""
    sign_in(workspace, box)
    page = Page(workspace)
    assert "Signed in as" in page.next()
    assert (page.talk.state, page.talk.user, page.rows) == ("signed in", workspace.whoami(), ())
    assert page.talk.wait(10) == workspace.whoami()


def test_without_an_app_there_is_something_to_set_up(workspace: Workspace) -> None:
    """Who waits is told so at once."""
    (workspace.settings.work / "app_secret.json").unlink()
    page = Page(workspace)
    assert "Connect larknb" in page.next()
    assert (page.talk.state, len(page.rows)) == ("setup", 4)
    with pytest.raises(ConfigError, match="App ID"):
        page.talk.wait(0)


def test_a_wrong_address_may_be_corrected(workspace: Workspace) -> None:
    """It is told in the card; the right one signs in."""
    page = Page(workspace)
    login = page.link()
    page.paste("http://127.0.0.1:1/callback?code=wrong&state=wrong")
    assert "another login" in page.next()
    page.paste(address_of(login))
    assert "Signed in as" in page.next()
    assert page.talk.wait(10) == workspace.whoami()


def test_somebody_who_is_in_may_sign_out(workspace: Workspace, box: Sandbox) -> None:
    """With ``force`` the card offers it; whoever signs in elsewhere afterwards is noticed."""
    sign_in(workspace, box)
    page = Page(workspace, force=True)
    page.link()
    page.rows[-1].click()
    assert "Signed out" in page.next()
    assert not workspace.settings.token_file.exists()
    sign_in(workspace, box)
    assert "Signed in as" in page.next()


def test_what_the_platform_says_is_on_the_card(workspace: Workspace, box: Sandbox) -> None:
    """Once, also where no refresh token came; and again when somebody looks later."""
    box.token_members = {"status_message": "offline_access 待管理员审批", "refresh_token": None}
    page = Page(workspace)
    page.paste(address_of(page.link()))
    assert page.next().count("offline_access 待管理员审批") == 1
    assert "待管理员审批" in Page(workspace).next()


def test_a_sign_out_that_the_platform_did_not_confirm(workspace: Workspace, box: Sandbox) -> None:
    """The card says so; the login is gone here."""
    box.faults.add(Fault.drop(), endpoint="revoke", times=None)
    sign_in(workspace, box)
    page = Page(workspace, force=True)
    page.link()
    page.rows[-1].click()
    assert "did not confirm" in page.next()
    assert not workspace.settings.token_file.exists()


def test_an_answer_that_does_not_come(workspace: Workspace, clock: Clock) -> None:
    """The card says what the platform's page may show; in the end, that nobody answered in time."""
    page = Page(workspace, patience=0)
    login = page.link()
    assert "20029" in page.next()
    clock.now = login.ends_at
    assert "Not signed in" in page.next()
    assert page.talk.state == "failed"
    with pytest.raises(LoginRequired):
        page.talk.wait(0)


def test_after_a_failure_a_click_begins_again(workspace: Workspace, clock: Clock) -> None:
    """With a new link, and whoever signs in by that is welcome."""
    page = Page(workspace)
    first = page.link()
    clock.now = first.ends_at
    assert "Not signed in" in page.next()
    page.rows[-1].click()
    second = page.shown_link()
    assert second.url != first.url
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(page.talk.wait, 30)  # for the new answer: the old failure is over
        page.paste(address_of(second))
        assert waiting.result(30) == workspace.whoami()
