"""Which contents are a login of ours."""

from __future__ import annotations

import json
import os
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
        (b"XX", "foreign"),
        (json.dumps({**OLD, "client_id": "x", "open_base": "https://a", "app_id": ""}).encode(), "foreign"),
        (json.dumps({**OLD, "client_id": "x", "open_base": 5, "app_id": "cli"}).encode(), "foreign"),
        (json.dumps({**OLD, "access_token": None, "refresh_token": None, "keychain": "k"}).encode(), "ours"),
        (json.dumps({**OLD, "access_token": "", "refresh_token": None}).encode(), "damaged"),
        (json.dumps({**OLD, "access_token": None}).encode(), "ours"),
        (json.dumps({**OLD, "refresh_token": ""}).encode(), "ours"),
        (b"\xef\xbb\xbf\0{\r\n", "damaged"),
    ],
)
def test_what_is_ours(content: bytes, kind: Kind) -> None:
    """The four keys say it, unless a key of another tool is among them and nothing binds the login."""
    assert kind_of(content) == kind


def test_a_content_shows_nothing(tmp_path: Path) -> None:
    """It is read whole, up to a million bytes, and a traceback that shows it shows no token."""
    assert LIMIT == 1_000_000
    (tmp_path / "token.json").write_bytes(LOGIN.to_bytes().ljust(LIMIT))
    content = content_of(tmp_path / "token.json")
    assert content is not None
    assert (len(content), "eyJ" in repr(content)) == (LIMIT, False)
    (tmp_path / "token.json").write_bytes(bytes(LIMIT + 1))
    with pytest.raises(ConfigError):
        content_of(tmp_path / "token.json")
    assert content_of(tmp_path / "none") is None


@pytest.mark.parametrize(
    "trace",
    ["token", "secret", "password", "key", "client", "account", "issuer", "uri", "url", "endpoint", "domain", "host",
     "email", "audience", "provider", "auth", "credential", "session", "profile", "region"],
)  # fmt: skip
def test_what_the_keys_of_other_tools_are_called(trace: str) -> None:
    """One such key beside the four, in any case of letters, and an unbound file is somebody else's."""
    assert kind_of(json.dumps({**OLD, f"my_{trace}s": "x"}).encode()) == "foreign"
    assert kind_of(json.dumps({**OLD, trace.upper(): None}).encode()) == "foreign"


@pytest.mark.parametrize("key", ["token_type", "refresh_token_expires_in", "refresh_expires_in", "tenant_key", "note"])
def test_what_an_old_script_may_have_copied_is_ours(key: str) -> None:
    """The platform's own answer has such keys."""
    assert kind_of(json.dumps({**OLD, key: "x"}).encode()) == "ours"


posix = pytest.mark.skipif(os.name == "nt", reason="there are no such files")


@posix
def test_no_link_is_followed(tmp_path: Path) -> None:
    """Whoever put it there would choose what is read."""
    (tmp_path / "theirs").write_bytes(LOGIN.to_bytes())
    (tmp_path / "token.json").symlink_to("theirs")
    with pytest.raises((OSError, ConfigError)):
        content_of(tmp_path / "token.json")


@posix
def test_a_pipe_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device may act on that, and whoever writes to a pipe would be let go."""
    opened: list[object] = []
    os.mkfifo(tmp_path / "token.json")
    monkeypatch.setattr(os, "open", lambda path, *_: opened.append(path))
    with pytest.raises(ConfigError, match=r"token\.json"):
        content_of(tmp_path / "token.json")
    assert opened == []


@posix
@pytest.mark.timeout(10)
def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exchanged between the look and the read, it is still no login."""
    (tmp_path / "file").write_bytes(b"")
    looked = (tmp_path / "file").lstat()
    os.mkfifo(tmp_path / "token.json")
    monkeypatch.setattr(Path, "lstat", lambda _: looked)
    with pytest.raises(ConfigError, match=r"token\.json"):
        content_of(tmp_path / "token.json")
