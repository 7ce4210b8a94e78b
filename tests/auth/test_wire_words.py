"""What a login sends, word by word: the names and values that the platform's pages ask for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.devicegrant import poll_device, start_device
from larknb.auth.endpoint import is_success
from larknb.auth.grant import exchange_code, refresh
from larknb.auth.masking import parse
from larknb.auth.profile import user_info
from larknb.auth.tenant import enabled_scopes, tenant_token
from larknb.config.secrets import Secret
from larknb.errors import ApiError, LarkError
from larknb.sandbox import Fault, Sandbox
from larknb.sandbox.serving.journal import Call
from larknb.wire.reply import Reply

from .conftest import VERIFIER, fresh

JSON = "application/json; charset=utf-8"


def sent(box: Sandbox, ask: Callable[[], object]) -> Call:
    """Return the last request of something that may fail."""
    box.journal.clear()
    with suppress(LarkError):
        ask()
    return box.journal[-1]


def test_a_code_is_traded_with_these_words(box: Sandbox, app: App, waits: list[float]) -> None:
    """The code goes with its redirect address and verifier, as JSON, to the second version of the endpoint."""
    call = sent(box, lambda: exchange_code(app, Secret("c-1"), redirect_uri="http://localhost:1/x", verifier=VERIFIER))
    assert (call.method, call.path) == ("POST", "/open-apis/authen/v2/oauth/token")
    assert call.headers["Content-Type"] == JSON
    assert call.body == {
        "grant_type": "authorization_code",
        "client_id": box.app_id,
        "client_secret": box.app_secret,
        "code": "c-1",
        "redirect_uri": "http://localhost:1/x",
        "code_verifier": str(VERIFIER),
    }


def test_a_renewal_sends_these_words_and_no_scope(box: Sandbox, app: App) -> None:
    """A scope could only narrow what was granted."""
    token = fresh(box)
    call = sent(box, lambda: refresh(app, token))
    assert (call.method, call.path) == ("POST", "/open-apis/authen/v2/oauth/token")
    assert call.body == {
        "grant_type": "refresh_token",
        "client_id": box.app_id,
        "client_secret": box.app_secret,
        "refresh_token": str(token),
    }


def test_a_device_login_starts_with_these_words(box: Sandbox, app: App) -> None:
    """App id and scopes in a form, and the app proves itself by HTTP Basic: the stand-in checks the pair."""
    call = sent(box, lambda: start_device(app, ["offline_access", "wiki:node:read"]))
    assert (call.method, call.path) == ("POST", "/oauth/v1/device_authorization")
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert call.body == {"client_id": box.app_id, "scope": "offline_access wiki:node:read"}
    assert (call.headers["Authorization"], call.status) == ("Basic ***", 200)


def test_a_device_login_is_asked_for_with_these_words(box: Sandbox, app: App) -> None:
    """The grant type is the one of RFC 8628, and two ways to prove the app would be refused."""
    call = sent(box, lambda: poll_device(app, Secret("dc-1")))
    assert (call.method, call.path) == ("POST", "/open-apis/authen/v2/oauth/token")
    assert "Authorization" not in call.headers
    assert call.body == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "dc-1",
        "client_id": box.app_id,
        "client_secret": box.app_secret,
    }


def test_the_app_asks_for_its_token_with_these_words(box: Sandbox, app: App) -> None:
    """App id and secret, as JSON and nothing else."""
    call = sent(box, lambda: tenant_token(app))
    assert (call.method, call.path) == ("POST", "/open-apis/auth/v3/tenant_access_token/internal")
    assert call.body == {"app_id": box.app_id, "app_secret": box.app_secret}


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda app, box: user_info(app, Secret(box.sign_in()["access_token"])), "/open-apis/authen/v1/user_info"),
        (lambda app, box: enabled_scopes(app), "/open-apis/application/v6/scopes"),
    ],
    ids=["user_info", "scopes"],
)
def test_what_is_read_is_asked_for_with_a_token(
    box: Sandbox, app: App, ask: Callable[[App, Sandbox], object], path: str
) -> None:
    """Each is a GET without a body, and says whose it is."""
    call = sent(box, lambda: ask(app, box))
    assert (call.method, call.path, call.body) == ("GET", path, None)
    assert call.headers["Authorization"].startswith("Bearer ")
    assert call.status == 200


@pytest.mark.parametrize(
    ("status", "answer", "success"),
    [
        (200, {"code": 0, "access_token": "a"}, True),
        (200, {"code": 0, "data": {"access_token": "a"}}, True),
        (200, {"code": 0}, True),
        (200, {"access_token": "a"}, True),
        (200, {"data": {"access_token": "a"}}, True),
        (399, {"code": 0}, True),
        (400, {"code": 0}, False),
        (200, {"access_token": "a", "error": "server_error"}, False),
        (200, {"refresh_token": "r"}, False),
        (200, {"error": "server_error"}, False),
        (200, {"code": 20003}, False),
        (200, None, False),
    ],
)
def test_what_counts_as_success(status: int, answer: dict[str, Any] | None, success: bool) -> None:
    """The code decides; without one a token and no error word."""
    assert is_success(Reply(status, answer)) is success


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("access_denied", r"refused \(access_denied\).*Next: start the login again and approve"),
        ("expired_token", r"not approved in time, or was used already.*Next: start the login again and approve"),
        ("invalid_grant", r"not approved in time, or was used already.*Next: start the login again and approve"),
    ],
)
def test_each_refusal_of_a_device_is_told(box: Sandbox, app: App, word: str, says: str) -> None:
    """A person reads what happened, and what to do."""
    box.faults.add(Fault.reply(400, {"error": word}), endpoint="token")
    with pytest.raises(LarkError, match=says):
        poll_device(app, Secret("dc-1"))


@pytest.mark.parametrize("word", ["authorization_pending", "slow_down"])
def test_a_device_that_waits_is_no_refusal(box: Sandbox, app: App, word: str) -> None:
    """Two words ask for patience."""
    box.faults.add(Fault.reply(400, {"error": word}), endpoint="token")
    assert poll_device(app, Secret("dc-1")) == word


@pytest.mark.parametrize(
    "answer",
    [
        {"user_code": "A", "verification_uri": "https://accounts.example/device"},
        {"device_code": "dc", "user_code": "A"},
        {"device_code": "dc", "verification_uri": "javascript:alert(1)"},
        {"device_code": "dc", "verification_uri": "https://accounts.example/device", "error": "server_error"},
    ],
    ids=["no code", "no page", "a script", "an error"],
)
def test_a_start_without_code_or_page_is_none(box: Sandbox, app: App, waits: list[float], answer: Any) -> None:
    """Nothing that no browser can approve is shown, and no script as a link."""
    box.faults.add(Fault.reply(200, answer), endpoint="device", times=None)
    with pytest.raises(ApiError):
        start_device(app, ["offline_access"], sleep=waits.append)


def test_the_page_that_has_the_code_filled_in_comes_first(box: Sandbox, app: App) -> None:
    """Of the two pages that a start may name; a pause of less than a second is none."""
    pages = {"verification_uri": "http://a.example/d", "verification_uri_complete": "http://a.example/d?code=A"}
    box.faults.add(Fault.reply(200, {"device_code": "dc", **pages, "interval": 0.2}), endpoint="device")
    device = start_device(app, ["offline_access"])
    assert (device.url, device.user_code, device.interval) == ("http://a.example/d?code=A", "", 1.0)


def test_only_what_the_app_was_granted_is_enabled(box: Sandbox, app: App) -> None:
    """A scope that waits for the admin counts as lacking; where none is granted nothing is known."""
    rows = [{"scope_name": "a:b", "grant_status": 1}, {"scope_name": "c:d", "grant_status": 2}]
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"scopes": rows}}), endpoint="scopes")
    assert enabled_scopes(app) == frozenset({"a:b"})
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"scopes": rows[1:]}}), endpoint="scopes")
    assert enabled_scopes(app) is None


def test_what_is_secret_is_masked_by_its_name() -> None:
    """Tokens and device codes, at any depth; the rest stays readable."""
    found = parse(b'{"x_token": "t", "device_code": "d", "data": {"access_token": "a"}, "scope": "s", "n_token": 1}')
    assert found is not None
    kinds = (type(found["x_token"]), type(found["device_code"]), type(found["data"]["access_token"]))
    assert kinds == (Secret, Secret, Secret)
    assert (type(found["scope"]), found["n_token"]) == (str, 1)
