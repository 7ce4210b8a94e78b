"""What the card says, where it takes no kernel to see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.auth.app import App
from larknb.auth.creation import AppCreation
from larknb.auth.flow import Login
from larknb.auth.registration import Site
from larknb.auth.store import TokenStore
from larknb.config.addresses import BRANDS
from larknb.config.secrets import Secret
from larknb.sandbox import Sandbox
from larknb.screens import card
from tests.conftest import Clock


@pytest.mark.parametrize(("brand", "label"), [("feishu", "Authorize in Feishu"), ("lark", "Authorize in Lark")])
def test_the_button_names_the_platform(tmp_path: Path, brand: str, label: str) -> None:
    """People know theirs by one of two names."""
    app, uri = (
        App("cli_a", Secret("secret"), BRANDS[brand]["open_base"], BRANDS[brand]["accounts_base"]),
        "http://localhost:8765/callback",
    )
    with Login(app, TokenStore(tmp_path / "token.json", app), [uri], (), listen=False) as login:
        assert f"{label}: {BRANDS[brand]['accounts_base']}" in card.waiting(login).text


@pytest.fixture
def creation(tmp_path: Path, box: Sandbox, clock: Clock) -> AppCreation:
    site = Site("feishu", box.url, box.url)
    return AppCreation(tmp_path / "a.json", site, site, lambda *_: None, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize(
    ("brand", "label"), [("feishu", "Create the app in Feishu"), ("lark", "Create the app in Lark")]
)
def test_code_and_link_stand_side_by_side(creation: AppCreation, brand: str, label: str) -> None:
    """The QR code of the platform's own page, its link as a button, the other platform's below, and the code."""
    view = card.creating(creation, brand)
    assert view.html.index("<svg") < view.html.index(label)
    assert 'class="larknb-link" style' in view.html
    order = [creation.pages["lark"], creation.pages["feishu"]]
    first, second = order if brand == "lark" else order[::-1]
    assert view.text.index(first) < view.text.index(second)
    assert creation.offer.user_code in view.text
    assert str(creation.offer.device_code) not in view.html


def test_without_the_extra_the_link_does(creation: AppCreation, monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture, and nothing else is missing."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    view = card.creating(creation, "feishu")
    assert "<svg" not in view.html
    assert creation.pages["feishu"] in view.text


def test_what_a_set_up_says() -> None:
    """Line by line as it stands, its question last; names are escaped, an address at the end of a line is a link."""
    view = card.set_up(["<b>one</b>\n  see: https://a.example/x?y=1", "two"], question="Which: ")
    lines = view.text.split("\n")[1:]
    assert lines == ["<b>one</b>", "  see: https://a.example/x?y=1", "two", "Which:"]
    assert "<b>" not in view.html
    assert 'href="https://a.example/x?y=1"' in view.html
