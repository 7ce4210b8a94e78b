"""Which contents are a login of ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from larknb.auth.ours import FOUR_KEYS, LIMIT, Kind, content_of, kind_of
from larknb.auth.token import Token
from larknb.config.secrets import Secret
from larknb.errors import ConfigError

LOGIN = Token(access_token=Secret("eyJ.at"), refresh_token=Secret("eyJ.rt"))
OLD = dict.fromkeys(FOUR_KEYS, "x")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (LOGIN.to_bytes(), "ours"),
        (b"\xef\xbb\xbf" + LOGIN.to_bytes(), "ours"),
        (json.dumps(OLD).encode(), "ours"),
        (json.dumps({**OLD, "client_id": "x"}).encode(), "foreign"),
        (json.dumps({**OLD, "client_id": "x", "open_base": "https://a", "app_id": "cli"}).encode(), "ours"),
        (json.dumps({**OLD, "access_token": 1, "open_base": "https://a", "app_id": "cli"}).encode(), "damaged"),
        (LOGIN.to_bytes()[:30], "damaged"),
        (b"", "damaged"),
        (b"-----BEGIN", "foreign"),
    ],
)
def test_what_is_ours(content: bytes, kind: Kind) -> None:
    """The four keys say it, unless a key of another tool is among them and nothing binds the login."""
    assert kind_of(content) == kind


def test_a_content_shows_nothing(tmp_path: Path) -> None:
    """It is read whole, up to a limit, and a traceback that shows it shows no token."""
    (tmp_path / "token.json").write_bytes(LOGIN.to_bytes().ljust(LIMIT))
    content = content_of(tmp_path / "token.json")
    assert content is not None
    assert (len(content), "eyJ" in repr(content)) == (LIMIT, False)
    (tmp_path / "token.json").write_bytes(bytes(LIMIT + 1))
    with pytest.raises(ConfigError):
        content_of(tmp_path / "token.json")
    assert content_of(tmp_path / "none") is None
