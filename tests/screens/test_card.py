"""What the card says, where it takes no kernel to see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.auth.app import App
from larknb.auth.flow import Login
from larknb.auth.store import TokenStore
from larknb.config.addresses import BRANDS
from larknb.config.secrets import Secret
from larknb.screens import card


@pytest.mark.parametrize(("brand", "label"), [("feishu", "Authorize in Feishu"), ("lark", "Authorize in Lark")])
def test_the_button_names_the_platform(tmp_path: Path, brand: str, label: str) -> None:
    """People know theirs by one of two names."""
    app, uri = (
        App("cli_a", Secret("secret"), BRANDS[brand]["open_base"], BRANDS[brand]["accounts_base"]),
        "http://localhost:8765/callback",
    )
    with Login(app, TokenStore(tmp_path / "token.json", app), [uri], (), listen=False) as login:
        assert f"{label}: {BRANDS[brand]['accounts_base']}" in card.waiting(login).text
