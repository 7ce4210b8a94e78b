"""Codes and refresh tokens become tokens, against the stand-in platform."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.auth.app import App
from larknb.auth.authorize import authorize_url, new_verifier
from larknb.auth.grant import exchange_code, granted, refresh
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
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


# --- token endpoint v3 ------------------------------------------------------------------------------------------------


@pytest.fixture
def newer(app: App) -> App:
    """The app at token endpoint v3, where only the accounts host answers."""
    return replace(app, token_endpoint="v3", open_base="http://127.0.0.1:9")


def test_the_newer_endpoint_gives_and_renews(
    box: Sandbox, app: App, newer: App, redirect_uri: str, clock: Clock
) -> None:
    """Both endpoints have one store: what the older one gave, the newer one renews."""
    code = code_of(box, app, redirect_uri)
    grant = exchange_code(newer, code, redirect_uri=redirect_uri, verifier=VERIFIER, clock=clock)
    older = Secret(box.sign_in()["refresh_token"])
    for token in (grant.refresh_token, older):
        assert refresh(newer, token, clock=clock).refresh_token not in ("", token)
    assert {call.path for call in box.journal.calls if call.endpoint == "token"} == {"/oauth/v3/token"}


WORDS: list[tuple[str, int, type[LarkError], int]] = [
    ("invalid_grant", 400, LoginRequired, 20026),
    ("invalid_client", 400, ConfigError, 20002),
    ("invalid_scope", 400, ApiError, 20068),
    ("unsupported_grant_type", 400, ApiError, 20036),
    ("invalid_request", 400, ApiError, 20001),
    ("server_error", 500, ApiError, 20050),
    ("temporarily_unavailable", 503, ApiError, 20072),
]


@pytest.mark.parametrize("code", [{}, {"code": 0}, {"code": None}], ids=str)
@pytest.mark.parametrize(("word", "status", "error", "number"), WORDS)
def test_a_word_is_enough(
    box: Sandbox, newer: App, word: str, status: int, error: type[LarkError], number: int, code: dict[str, Any]
) -> None:
    """A refusal of the newer endpoint may have no code, or 0: its word says what heals it."""
    body = {"error": word, "error_description": "x", **code}
    box.faults.add(Fault.reply(status, body), endpoint="token", times=None)
    with pytest.raises(error) as caught:
        refresh(newer, OLD, sleep=lambda _: None)
    assert caught.value.code == number


def test_the_word_about_a_code_is_no_word_about_a_login(box: Sandbox, newer: App) -> None:
    """Of a code it says that the login must begin again."""
    box.v3_words = True
    with pytest.raises(LoginRequired) as caught:
        exchange_code(newer, Secret("gone"), redirect_uri="http://127.0.0.1/c", verifier=VERIFIER)
    assert caught.value.code == 20003


def test_an_endpoint_that_is_not_there_spends_nothing(box: Sandbox, newer: App, app: App) -> None:
    """There is no silent switch to the other one: the refresh token is as good as before."""
    box.v3_absent = True
    token = Secret(box.sign_in()["refresh_token"])
    with pytest.raises(LarkError):
        refresh(newer, token)
    assert refresh(app, token).refresh_token


# --- what stands beside the tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["DPoP", "mac", "N_A"])
def test_a_code_that_buys_no_bearer_token_is_an_error(
    box: Sandbox, app: App, redirect_uri: str, clock: Clock, kind: str
) -> None:
    """The error names the type and the setting."""
    box.token_members = {"token_type": kind}
    code = code_of(box, app, redirect_uri)
    with pytest.raises(ConfigError, match=f"{kind}.*token_endpoint"):
        exchange_code(app, code, redirect_uri=redirect_uri, verifier=VERIFIER, clock=clock)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER ", "", None, 5])
def test_a_bearer_token_is_one_however_it_is_written(box: Sandbox, app: App, kind: object) -> None:
    """A missing or odd type is no reason to refuse a token."""
    box.token_members = {"token_type": kind}
    assert refresh(app, Secret(box.sign_in()["refresh_token"])).access_token


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("base:app:read 待审批", "base:app:read 待审批"),
        ("a\nb ", "a\nb"),
        (None, ""),
        ([1], ""),
        ("x" * 5000, "x" * 2000),
    ],
)
def test_what_the_platform_says_is_kept_as_it_is(box: Sandbox, app: App, sent: object, kept: str) -> None:
    """Of a text of any length and of several lines; nothing where it is none."""
    box.token_members = {"status_message": sent}
    assert refresh(app, Secret(box.sign_in()["refresh_token"])).status_message == kept
