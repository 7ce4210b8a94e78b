"""A logout at the platform, against the stand-in and against one that never answers."""

from __future__ import annotations

import logging
import socket
import time
from dataclasses import replace

import pytest

from larknb.auth.app import App
from larknb.auth.revoke import revoke
from larknb.auth.token import Token
from larknb.config.secrets import Secret
from larknb.sandbox import Fault, Sandbox

from .conftest import leaked


@pytest.fixture
def login(box: Sandbox) -> Token:
    """Somebody who is signed in."""
    answer = box.sign_in()
    return Token(access_token=Secret(answer["access_token"]), refresh_token=Secret(answer["refresh_token"]))


def test_both_tokens_end_the_refresh_token_first(box: Sandbox, app: App, login: Token) -> None:
    """Each is sent once; afterwards the one renews nothing and the other opens nothing."""
    assert revoke(app, [login])
    calls = [call for call in box.journal.calls if call.endpoint == "revoke"]
    assert [call.status for call in calls] == [200, 200]
    assert box.accounts.refresh[str(login.refresh_token)].revoked
    assert login.access_token not in box.accounts.access


def test_a_token_is_sent_once_however_often_it_was_kept(box: Sandbox, app: App, login: Token) -> None:
    """A successor that a killed process left may hold the same pair, and an old file may lack one of them."""
    alone = replace(login, access_token=Secret(""))
    assert revoke(app, [alone, login, alone])
    assert len(box.journal.calls) == 2


@pytest.mark.parametrize(
    ("fault", "confirmed"),
    [
        (Fault.reply(200, {"code": 0}), True),
        (Fault.reply(200, {}), True),
        (Fault.reply(400, {"code": 20064, "error": "invalid_grant"}), True),
        (Fault.reply(400, {"code": 20026, "error": "invalid_grant"}), True),
        (Fault.reply(400, 20002), False),
        (Fault.reply(200, {"code": 20001, "error": "invalid_request"}), False),
        (Fault.reply(200, {"error": "server_error"}), False),
        (Fault.reply(503, 20072), False),
        (Fault.reply(404, {"code": 99991201, "msg": "no such path"}), False),
        (Fault.html(200), False),
        (Fault.html(502), False),
        (Fault.drop(), False),
        (Fault.drop_after(), False),
    ],
    ids=lambda value: f"{value.kind} {value.status} {value.body}"[:40] if isinstance(value, Fault) else str(value),
)
def test_what_confirms_and_what_does_not(
    box: Sandbox, app: App, login: Token, fault: Fault, confirmed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever comes back, each of the two had its one try, and no log shows a token."""
    caplog.set_level(logging.DEBUG)
    box.faults.add(fault, endpoint="revoke", times=None)
    assert revoke(app, [login]) is confirmed
    assert sum(call.endpoint == "revoke" for call in box.journal.calls) == 2
    assert not leaked(caplog.text, box)


def test_a_platform_that_hangs_is_not_waited_for(login: Token) -> None:
    """Whoever logs out goes on; that nothing was confirmed is what they are told."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        assert not revoke(App("cli_a", Secret("sec_example"), url, url), [login], patience=0.1)
        assert time.monotonic() - began < 10


def test_it_goes_to_the_accounts_host_as_a_form(box: Sandbox, app: App, login: Token) -> None:
    """The app proves itself in the body, without a bearer, and the host is the one of the accounts."""
    assert revoke(replace(app, open_base="http://127.0.0.1:9"), [replace(login, access_token=Secret(""))])
    form = {"token": str(login.refresh_token), "token_type_hint": "refresh_token"}
    [call] = box.journal.calls
    assert call.body == {**form, "client_id": box.app_id, "client_secret": box.app_secret}
    assert "Authorization" not in call.headers
