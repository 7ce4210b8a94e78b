"""Codes and refresh tokens become tokens, against the stand-in platform."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.auth.app import App
from larknb.auth.authorize import authorize_url, new_verifier
from larknb.auth.grant import exchange_code, granted, refresh
from larknb.config.secrets import Secret
from larknb.errors import ApiError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, VERIFIER, fresh, leaked

OLD = Secret("eyJ.rt0")
PAIR = {"access_token": "eyJ.at", "expires_in": 7200, "refresh_token": "eyJ.rt", "refresh_token_expires_in": 604800}


def code_of(box: Sandbox, app: App, redirect_uri: str, verifier: Secret = VERIFIER) -> Secret:
    """Approve as a person would, and return the code."""
    scopes = ["offline_access", "bitable:app:readonly"]
    url = authorize_url(app, redirect_uri=redirect_uri, scopes=scopes, state="s1", verifier=verifier)
    location = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
    return Secret(parse_qs(urlsplit(location).query)["code"][0])


def test_a_code_becomes_a_pair_of_tokens(box: Sandbox, app: App, redirect_uri: str, clock: Clock) -> None:
    """The tokens come with the lifetimes of the answer and with the scopes that were really granted."""
    box.access_lifetime, box.refresh_lifetime = 5000, 90000
    code = code_of(box, app, redirect_uri)
    grant = exchange_code(app, code, redirect_uri=redirect_uri, verifier=VERIFIER, clock=clock)
    assert (grant.expires_at, grant.refresh_expires_at) == (NOON + 5000, NOON + 90000)
    assert set(grant.scope.split()) == {"bitable:app:readonly", "offline_access"}
    assert not leaked(repr(grant), box)


def test_credentials_travel_in_the_body_alone(box: Sandbox, app: App, redirect_uri: str) -> None:
    """The token endpoint sees neither a Basic header nor a query: adding either is refused or logged by others."""
    code = code_of(box, app, redirect_uri)
    exchange_code(app, code, redirect_uri=redirect_uri, verifier=VERIFIER)
    call = next(call for call in box.journal.calls if call.endpoint == "token")
    assert call.query == {}
    assert "authorization" not in {name.lower() for name in call.headers}
    assert set(call.body) == {"grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"}


def test_a_stolen_code_is_worth_nothing_without_the_verifier(box: Sandbox, app: App, redirect_uri: str) -> None:
    """Whoever has the code but not the verifier gets no tokens."""
    code = code_of(box, app, redirect_uri)
    with pytest.raises(LoginRequired) as caught:
        exchange_code(app, code, redirect_uri=redirect_uri, verifier=new_verifier())
    assert caught.value.code == 20049


@pytest.mark.parametrize(
    ("answer", "refresh_token"),
    [
        (PAIR, "eyJ.rt"),
        ({**PAIR, "code": "0"}, "eyJ.rt"),
        ({"code": 0, "data": PAIR}, "eyJ.rt"),
        ({"code": 0, "access_token": "eyJ.at", "expires_in": "7200"}, ""),
    ],
    ids=["no code", "code as a string", "nested in data", "no refresh token"],
)
def test_every_known_shape_of_success_is_understood(
    box: Sandbox, app: App, clock: Clock, answer: dict[str, Any], refresh_token: str
) -> None:
    """Tokens are found in each of the shapes that the platform is known to answer in."""
    box.faults.add(Fault.reply(200, answer), endpoint="token")
    grant = refresh(app, OLD, clock=clock)
    assert (grant.access_token, grant.refresh_token, grant.expires_at) == ("eyJ.at", refresh_token, NOON + 7200)
    assert grant.refresh_expires_at == (NOON + 604800 if refresh_token else None)


@pytest.mark.parametrize("answer", [{"code": 0}, {"code": 0, "access_token": ""}, {}, {"code": 0, "access_token": 7}])
def test_a_success_without_a_token_is_none(box: Sandbox, app: App, waits: list[float], answer: dict[str, Any]) -> None:
    """An answer that says success and brings no token is an error, not an empty login."""
    box.faults.add(Fault.reply(200, answer), endpoint="token", times=None)
    with pytest.raises(ApiError, match="not the API's JSON"):
        refresh(app, OLD, sleep=waits.append)


def test_refreshing_never_narrows_the_scopes(box: Sandbox, app: App) -> None:
    """A refresh sends no scope: it could only lose the refresh token."""
    refresh(app, fresh(box))
    assert set(box.journal.calls[-1].body) == {"grant_type", "client_id", "client_secret", "refresh_token"}


@pytest.mark.parametrize(("told", "days"), [(365 * 86400, 365), (366 * 86400, 366), (1e20, 366)])
def test_no_refresh_token_outlives_the_consent(app: App, told: float, days: int) -> None:
    """A year and a day, whatever an answer says."""
    answer = {"access_token": Secret("a"), "refresh_token": Secret("r"), "refresh_token_expires_in": told}
    assert granted(app, answer, NOON).refresh_expires_at == NOON + days * 86400
