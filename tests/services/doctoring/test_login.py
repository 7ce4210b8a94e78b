"""The login: what is a fault of it, and what is none."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Lab
from tests.services.seeding import edit_login

DAY = 86400


def test_an_older_login_is_no_fault(synced: Lab) -> None:
    """A file with the four keys alone tells neither scopes nor dates; it works."""
    file = synced.workspace.settings.token_file
    known = json.loads(file.read_text(encoding="utf-8"))
    four = ("access_token", "expires_at", "refresh_token", "last_refresh")
    file.write_text(json.dumps({name: known[name] for name in four}), encoding="utf-8")
    assert synced.workspace.doctor().faults == ()


@pytest.mark.soak
@pytest.mark.parametrize(
    ("key", "days", "level"),
    [
        ("refresh_expires_at", 1, "note"),
        ("refresh_expires_at", 5, "ok"),
        ("refresh_expires_at", -1, "fault"),
        ("granted_at", -360, "note"),
        ("granted_at", -366, "fault"),
    ],
)
def test_an_end_is_told_before_it_comes(key: str, days: int, level: str, synced: Lab) -> None:
    """The login two days before, the consent two weeks before."""
    edit_login(synced, **{key: synced.clock.now + days * DAY})
    [told] = [each for each in synced.workspace.doctor() if each.check == "login"]
    assert told.level == level


def test_an_unknown_end_counts_as_renewable(synced: Lab) -> None:
    """An answer without a refresh life is no expired login."""
    edit_login(synced, refresh_expires_at=None)
    assert synced.workspace.doctor().ok


def test_an_access_token_that_ended_is_renewed_by_its_next_user(synced: Lab) -> None:
    """It is no fault as long as the refresh token lives."""
    synced.clock.advance(3 * 3600)
    assert synced.workspace.doctor().ok
