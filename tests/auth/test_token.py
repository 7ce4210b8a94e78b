"""The dates of a login: what is due now, and what was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

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
