"""The browser's part of a login."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from larknb.auth.app import App
from larknb.auth.authorize import authorize_url, challenge, new_verifier
from larknb.config.secrets import Secret

from .conftest import VERIFIER


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """The S256 challenge agrees with the test vector of RFC 7636."""
    assert challenge(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_are_long_and_never_the_same() -> None:
    """A verifier has 43 to 128 of the allowed characters, and each login has its own."""
    first, second = new_verifier(), new_verifier()
    assert first != second
    assert len(first) == 86  # 64 random bytes
    assert set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def test_the_authorize_page_gets_all_it_needs() -> None:
    """The link asks for a code, with state and an S256 challenge; the verifier itself stays at home."""
    app = App("cli_1", Secret("hush"), "https://open.feishu.cn", "https://accounts.feishu.cn")
    redirect_uri = "http://localhost:8765/callback"
    url = authorize_url(app, redirect_uri=redirect_uri, scopes=["a:b", "c"], state="s1", verifier=VERIFIER)
    assert url.startswith("https://accounts.feishu.cn/open-apis/authen/v1/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["cli_1"],
        "response_type": ["code"],
        "redirect_uri": [redirect_uri],
        "scope": ["a:b c"],
        "state": ["s1"],
        "code_challenge": [challenge(VERIFIER)],
        "code_challenge_method": ["S256"],
    }
    assert "+" not in url
