"""The dates of a login: what is due now, and what was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from larknb.auth.endpoint import LONGEST_TOKEN
from larknb.auth.grant import Grant
from larknb.auth.token import IDLE_MARGIN, Token
from larknb.config.secrets import Secret

from .conftest import NOON

HOUR, DAY = 3600.0, 86400.0
TOKEN = Token(
    access_token=Secret("eyJ.a"),
    expires_at=NOON + 2 * HOUR,
    refresh_token=Secret("eyJ.r"),
    last_refresh=datetime.fromtimestamp(NOON).isoformat(timespec="seconds"),
    refresh_expires_at=NOON + 6 * DAY,
)
LASTING = replace(TOKEN, expires_at=NOON + 30 * DAY)


@pytest.mark.parametrize(
    ("token", "seconds", "is_due"),
    [
        (TOKEN, 0.0, False),
        (TOKEN, 2 * HOUR - IDLE_MARGIN, False),
        (TOKEN, 2 * HOUR - IDLE_MARGIN + 1, True),
        (TOKEN, 9 * DAY, True),
        (LASTING, 2 * DAY - 1, False),
        (LASTING, 2 * DAY, True),
        (replace(LASTING, refresh_expires_at=None), 9 * DAY, False),
        (replace(LASTING, last_refresh="yesterday"), 9 * DAY, False),
        (replace(LASTING, refresh_expires_at=NOON), 9 * DAY, False),
    ],
)
def test_what_runs_long_renews_early(token: Token, seconds: float, is_due: bool) -> None:
    """It is due half an hour before its end, or when a third of the refresh token's life has passed since the last."""
    assert token.is_due(NOON + seconds) is is_due


@pytest.mark.parametrize(
    ("token", "is_sound"),
    [
        (TOKEN, True),
        (replace(TOKEN, refresh_token=Secret("")), True),
        (replace(TOKEN, access_token=Secret("!" * LONGEST_TOKEN)), True),
        (replace(TOKEN, access_token=Secret("!" * (LONGEST_TOKEN + 1))), False),
        (replace(TOKEN, refresh_token=Secret(" ")), False),
        (replace(TOKEN, refresh_token=Secret("eyJ.r\n")), False),
        (replace(TOKEN, access_token=Secret("eyJ.\u00ad")), False),
    ],
)
def test_what_no_header_takes_is_not_sound(token: Token, is_sound: bool) -> None:
    """Printable ASCII of some length, and nothing else."""
    assert token.is_sound is is_sound


def test_an_access_token_that_is_not_there_is_stale() -> None:
    """A file whose access token was lost is renewed, whatever it says of the end."""
    assert replace(LASTING, access_token=Secret("")).is_stale(NOON, 0.0)


@pytest.mark.parametrize("now", [-1e18, 1e12, 1e300])
def test_a_time_that_no_calendar_has_is_left_out(now: float) -> None:
    """The clock of the machine may be out of all bounds; the pair that came counts more."""
    grant = Grant(Secret("eyJ.b"), now + HOUR, Secret("eyJ.s"), None, "")
    assert (TOKEN.with_grant(grant, now).last_refresh, TOKEN.with_grant(grant, now).refresh_token) == ("", "eyJ.s")


@pytest.mark.parametrize("name", ["name", "scope", "open_id", "tenant_key", "app_id"])
def test_half_a_character_in_the_file_can_be_shown(name: str) -> None:
    """A text that no terminal can print would end every call that names whose login it is."""
    token = Token.of(b'{"access_token": "a", "%s": "x\\ud800"}' % name.encode())
    assert token is not None
    assert getattr(token, name) == "x?"
