"""Who is logged in. The login itself is told in tests/test_login.py, who reads what in tests/test_identities.py."""

from __future__ import annotations

import pytest

from larknb.errors import LoginRequired
from tests.conftest import Lab


def test_whoami_and_tokens(lab: Lab) -> None:
    """Who, which app, and when things end; the token's repr is masked."""
    user = lab.workspace.whoami()
    assert user.app_id == lab.box.app_id
    assert user.consent_ends_at == pytest.approx(lab.clock.now - 60 + 365 * 86400)
    token = lab.workspace.get_user_access_token()
    assert token and token.startswith("eyJ")
    assert token not in repr(token)
    lab.workspace.logout()
    assert lab.workspace.get_user_access_token(required=False) is None
    with pytest.raises(LoginRequired, match="larknb login"):
        lab.workspace.whoami()


def test_login_with_nobody_there(lab: Lab) -> None:
    """In a pipe or a scheduled run: an error at once, never a prompt."""
    lab.workspace.logout()
    with pytest.raises(LoginRequired, match="terminal"):
        lab.workspace.login()
