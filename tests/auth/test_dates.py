"""A login in its file at the edges: what a date may be, what a grant leaves of it, and what a request can carry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from larknb.auth.grant import Grant
from larknb.auth.token import Token
from larknb.config.secrets import Secret

from .conftest import NOON

DAY = 86400.0
TOKEN = Token(
    access_token=Secret("eyJ.a"),
    expires_at=NOON + 7200,
    refresh_token=Secret("eyJ.r"),
    last_refresh=datetime.fromtimestamp(NOON).isoformat(timespec="seconds"),
    refresh_expires_at=NOON + 6 * DAY,
)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1, 1.0),
        (0, 0.0),
        (-1, None),
        (99_999_999_999, 99_999_999_999.0),
        (100_000_000_000, 100_000_000.0),
        (1e14, None),
        (1e14 - 1000, 1e11 - 1),
        (" 2026-01-16T04:00:00+00:00 ", NOON),
        ("soon", None),
        (True, None),
        (None, None),
    ],
)
def test_a_date_of_the_file_is_understood(value: object, moment: float | None) -> None:
    """In seconds, in milliseconds where it is too large for seconds, or as a text of ISO; anything else is none."""
    token = Token.of(json.dumps({"access_token": "a", "granted_at": value, "expires_at": value}).encode())
    assert token is not None
    assert (token.granted_at, token.expires_at) == (moment, moment or 0.0)


@pytest.mark.parametrize(("left", "stale"), [(300.0, False), (299.9, True), (0.0, True), (-1.0, True)])
def test_a_token_is_stale_when_it_lives_less_than_is_wanted(left: float, stale: bool) -> None:
    """Exactly as long is enough."""
    assert TOKEN.is_stale(TOKEN.expires_at - left, 300.0) is stale


@pytest.mark.parametrize(
    ("brought", "scope", "renewal"),
    [
        ((Secret("r2"), NOON + DAY, "c"), "c", ("r2", NOON + DAY)),
        ((Secret("r2"), NOON + 0.9, ""), "a b", ("r2", NOON)),
        ((Secret("r2"), None, ""), "a b", ("r2", NOON + 6 * DAY)),
        ((Secret(""), None, ""), "a b", ("eyJ.r", NOON + 6 * DAY)),
    ],
    ids=["all", "no scope", "no end", "no refresh token"],
)
def test_what_a_grant_does_not_bring_stays(
    brought: tuple[Secret, float | None, str], scope: str, renewal: tuple[str, float]
) -> None:
    """The access token and its end are new, in whole seconds; the rest as far as it was told."""
    refresh_token, ends_at, told = brought
    held = replace(TOKEN, scope="a b", granted_at=NOON - DAY, name="x")
    token = held.with_grant(Grant(Secret("a2"), NOON + 9.9, refresh_token, ends_at, told), NOON + 2.5)
    assert (token.access_token, token.expires_at) == ("a2", NOON + 9)
    assert (token.scope, (token.refresh_token, token.refresh_expires_at)) == (scope, renewal)
    assert token.last_refresh == datetime.fromtimestamp(NOON + 2).isoformat()
    assert (token.granted_at, token.name) == (NOON - DAY, "x")


def test_a_file_reads_as_it_was_written() -> None:
    """Every key comes back, those of others as well, and texts can be read by a person."""
    token = replace(TOKEN, name="张三", scope="a", open_base="https://a", app_id="c", open_id="o", tenant_key="t",
                    granted_at=NOON, keychain="k", others={"note": "排班"})  # fmt: skip
    assert Token.of(token.to_bytes()) == token
    assert "排班" in token.to_bytes().decode()


@pytest.mark.parametrize(
    ("text", "sound"), [("eyJ-._~!", True), ("", True), ("a b", False), ("é", False), ("a\n", False)]
)
def test_what_a_request_can_carry(text: str, sound: bool) -> None:
    """Printable signs without a blank, in both tokens."""
    assert replace(TOKEN, access_token=Secret(text)).is_sound is sound
    assert replace(TOKEN, refresh_token=Secret(text)).is_sound is sound
