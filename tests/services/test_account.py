"""Who is logged in. The login itself is told in tests/test_login.py, who reads what in tests/test_identities.py."""

from __future__ import annotations

import json

import pytest

from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Fault
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


def revoked(lab: Lab) -> list[str]:
    return [call.endpoint for call in lab.box.journal.calls if call.endpoint == "revoke"]


def test_a_logout_ends_the_login_at_the_platform(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy of the file that somebody made is worth nothing any more, and there is nothing to tell."""
    copy = json.loads(lab.workspace.settings.token_file.read_text(encoding="utf-8"))
    lab.workspace.logout()
    assert not lab.workspace.settings.token_file.exists()
    assert lab.box.accounts.refresh[copy["refresh_token"]].revoked
    assert copy["access_token"] not in lab.box.accounts.access
    assert capsys.readouterr().err == ""


def test_a_local_logout_asks_nobody(lab: Lab) -> None:
    """The tokens are gone here, and alive at the platform."""
    lab.workspace.logout(local=True)
    assert not lab.workspace.settings.token_file.exists()
    assert revoked(lab) == []
    assert not any(token.revoked for token in lab.box.accounts.refresh.values())


@pytest.mark.parametrize(
    "fault", [Fault.drop(), Fault.reply(400, 20002), Fault.html(502)], ids=lambda fault: fault.kind
)
def test_a_logout_that_is_not_confirmed_is_told(lab: Lab, capsys: pytest.CaptureFixture[str], fault: Fault) -> None:
    """The file is deleted all the same, with one try for each token."""
    lab.box.faults.add(fault, endpoint="revoke", times=None)
    lab.workspace.logout()
    assert not lab.workspace.settings.token_file.exists()
    assert len(revoked(lab)) == 2
    assert "did not confirm" in capsys.readouterr().err


def test_a_logout_where_nobody_is_logged_in_asks_nobody(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to end, and nothing to tell."""
    lab.workspace.logout(local=True)
    lab.workspace.logout()
    assert revoked(lab) == []
    assert capsys.readouterr().err == ""


def test_what_the_platform_says_stays_until_the_next_renewal(lab: Lab) -> None:
    """whoami repeats it, and a renewal that says nothing ends it."""
    says = "docs:document.media:download 待管理员审批"
    lab.box.token_members = {"status_message": says}
    for message in (says, ""):
        lab.clock.advance(7200)
        lab.workspace.get_user_access_token()
        user = lab.workspace.whoami()
        assert (user.status_message, says in repr(user)) == (message, bool(message))
        lab.box.token_members = {}


def test_a_renewal_that_brings_no_bearer_token_loses_no_login(lab: Lab) -> None:
    """The error says so, and the pair that came is kept: the one before it is spent."""
    lab.clock.advance(7200)
    lab.box.token_members = {"token_type": "DPoP"}
    with pytest.raises(ConfigError, match="DPoP"):
        lab.workspace.get_user_access_token()
    lab.box.token_members = {}
    lab.clock.advance(7200)
    assert lab.workspace.get_user_access_token()


def test_the_token_endpoint_is_a_setting(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable goes before the file; renewals go to the endpoint that it names."""
    monkeypatch.setenv("LARKNB_TOKEN_ENDPOINT", "v3")
    lab.clock.advance(7200)
    lab.workspace.get_user_access_token()
    assert [call.path for call in lab.box.journal.calls if call.endpoint == "token"] == ["/oauth/v3/token"]
