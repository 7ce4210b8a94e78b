"""Sign-in: page, codes, PKCE, rotation, device flow, tenant token, user_info."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from larknb.sandbox import Sandbox

from ..conftest import REDIRECT, Api, Clock, data_of, outcome
from ..signing_in import (
    CHALLENGE,
    SCOPES,
    VERIFIER,
    ask_tenant,
    ask_token,
    back,
    code_of,
    open_page,
    poll,
    refresh,
    start_device,
    trade,
)


def test_a_login_from_page_to_pair(box: Sandbox) -> None:
    """The page redirects with code and state; the code buys a flat answer with both tokens."""
    returned = back(open_page(box))
    assert returned["state"] == "s1"
    assert re.fullmatch(r"[A-Za-z0-9_-]{64,}", returned["code"])
    answer = trade(box, returned["code"], redirect_uri=REDIRECT).json()
    assert answer["code"] == 0
    assert "data" not in answer
    assert (answer["expires_in"], answer["refresh_token_expires_in"]) == (7200, 604800)
    assert answer["token_type"] == "Bearer"
    assert set(answer["scope"].split()) == set(SCOPES.split())
    assert answer["access_token"].startswith("eyJ")
    assert 1000 <= len(answer["access_token"]) <= 2048


def test_a_refusal_comes_back_as_access_denied(box: Sandbox) -> None:
    """Denial redirects with ``error=access_denied`` and the state, and without a code."""
    box.approve = "deny"
    assert back(open_page(box)) == {"error": "access_denied", "state": "s1"}


def test_without_state_none_comes_back(box: Sandbox) -> None:
    """Nothing is invented where no state was sent."""
    query = {"client_id": box.app_id, "redirect_uri": REDIRECT}
    url = f"{box.url}/open-apis/authen/v1/authorize"
    assert set(back(requests.get(url, params=query, allow_redirects=False, timeout=10))) == {"code"}


def test_the_query_goes_before_a_fragment(box: Sandbox) -> None:
    """The code stands before a ``#`` of the redirect address; query and fragment do not count for registration."""
    location = open_page(box, redirect_uri=f"{REDIRECT}?a=1#top").headers["Location"]
    assert location.startswith(f"{REDIRECT}?a=1&code=")
    assert location.endswith("#top")


@pytest.mark.parametrize(("decision", "key"), [("approve", "code"), ("refuse", "error")])
def test_the_page_with_buttons_leads_to_the_same_redirect(decision: str, key: str, box: Sandbox) -> None:
    """In page mode a person presses one of two buttons, once."""
    box.approve = "page"
    shown = open_page(box)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "bitable:app:readonly" in shown.text
    pressed = press(box, shown, decision)
    assert back(pressed)["state"] == "s1"
    assert key in back(pressed)
    assert press(box, shown, decision).status_code == 400
    assert box.journal.endpoints() == ["authorize", "approve", "approve"]


def press(box: Sandbox, shown: requests.Response, decision: str) -> requests.Response:
    number = re.findall(r'name="request" value="([^"]+)"', shown.text)[0]
    action = re.findall(r'action="([^"]+)"', shown.text)[0]
    form = {"request": number, "decision": decision}
    return requests.post(box.url + action, data=form, allow_redirects=False, timeout=10)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"scope": "offline_access not:enabled"}, "20027"),
        ({"scope": "Offline_Access"}, "20027"),
        ({"redirect_uri": "http://127.0.0.1:8765/callback"}, "20029"),
        ({"redirect_uri": "http://localhost:8765/callback/"}, "20029"),
        ({"client_id": "cli_other"}, "20048"),
        ({"scope": " ".join(["offline_access"] * 51)}, "20001"),
        ({"code_challenge_method": "S512"}, "20001"),
        ({"response_type": "token"}, "20001"),
    ],
)
def test_what_is_wrong_is_shown_and_never_redirected(query: dict[str, str], code: str, box: Sandbox) -> None:
    """A bad request ends on a page that shows the code."""
    answer = open_page(box, **query)
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    assert code in answer.text


def test_a_hostile_scope_is_not_markup(box: Sandbox) -> None:
    """What comes from the address is escaped on the page."""
    assert "<script>" not in open_page(box, scope="<script>").text


def test_a_code_works_once_and_for_five_minutes(box: Sandbox, clock: Clock) -> None:
    """A used code is 20065, an old one 20004, an unknown one 20003."""
    code, late = code_of(box), code_of(box)
    assert trade(box, code).json()["code"] == 0
    assert outcome(trade(box, code)) == (400, 20065)
    clock.now += 300
    assert outcome(trade(box, late)) == (400, 20004)
    assert outcome(trade(box, "nonsense")) == (400, 20003)


def test_failures_of_the_token_endpoint_are_flat(box: Sandbox) -> None:
    """A failure has code, error and error_description, and neither msg nor data."""
    body = trade(box, "nonsense").json()
    assert set(body) == {"code", "error", "error_description"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_secret": "wrong"}, 20002),
        ({"client_id": "cli_other"}, 20048),
        ({"client_id": ""}, 20001),
        ({"grant_type": "password"}, 20036),
        ({"redirect_uri": "http://localhost:8766/callback"}, 20071),
        ({"scope": "offline_access offline_access"}, 20067),
        ({"scope": "wiki:wiki"}, 20068),
        ({"auth": ("cli", "secret")}, 20070),
    ],
)
def test_bad_trades(change: dict[str, Any], code: int, box: Sandbox) -> None:
    """Each mistake has its code, and the code of the login can still be used."""
    login = code_of(box)
    assert outcome(ask_token(box, **({"grant_type": "authorization_code", "code": login} | change))) == (400, code)
    assert trade(box, login).json()["code"] == 0


@pytest.mark.parametrize(
    ("asked", "verifier", "code"),
    [
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, VERIFIER, 0),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, VERIFIER[::-1], 20049),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, None, 20049),
        ({"code_challenge": CHALLENGE}, VERIFIER, 20049),  # without a method it is plain
        ({"code_challenge": VERIFIER}, VERIFIER, 0),
        ({"code_challenge": "short"}, "short", 20049),
        ({}, None, 0),
    ],
)
def test_pkce(asked: dict[str, str], verifier: str | None, code: int, box: Sandbox) -> None:
    """S256 and plain are checked; plain is the default; a verifier has 43 to 128 characters."""
    proof = {"code_verifier": verifier} if verifier else {}
    assert trade(box, code_of(box, **asked), **proof).json()["code"] == code


def test_refreshing_rotates_and_the_old_token_dies_at_once(box: Sandbox, connect: Callable[..., Api]) -> None:
    """A refresh token works once; its successor works, and so does the old access token."""
    first = trade(box, code_of(box)).json()
    second = refresh(box, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert outcome(refresh(box, first["refresh_token"])) == (400, 20073)
    assert connect(first["access_token"]).get("/authen/v1/user_info").json()["code"] == 0
    assert refresh(box, second["refresh_token"]).json()["code"] == 0


def test_refresh_tokens_that_are_dead(box: Sandbox, clock: Clock) -> None:
    """Revoked is 20064, expired 20037, unknown 20026, without the console's switch 20074."""
    revoked, old = box.sign_in()["refresh_token"], box.sign_in("ou_other")["refresh_token"]
    box.revoke_refresh(box.tenant.users[0])
    assert outcome(refresh(box, revoked)) == (400, 20064)
    assert outcome(refresh(box, "eyJ.unknown")) == (400, 20026)
    box.refresh_enabled = False
    assert outcome(refresh(box, old)) == (400, 20074)
    box.refresh_enabled = True
    clock.now += 604800
    assert outcome(refresh(box, old)) == (400, 20037)


def test_consent_ends_after_a_year_whatever_was_refreshed(box: Sandbox, clock: Clock) -> None:
    """365 days after the approval the newest refresh token is 20037."""
    token = box.sign_in()["refresh_token"]
    for _ in range(60):
        clock.now += 6 * 86400
        token = refresh(box, token).json()["refresh_token"]
    clock.now += 5 * 86400
    assert outcome(refresh(box, token)) == (400, 20037)


def test_another_app_or_brand_is_told_apart(box: Sandbox) -> None:
    """A token of another app is 20024; an app of the other brand does not exist here."""
    pair, code = box.sign_in(), code_of(box)
    box.app_id = "cli_second"
    assert outcome(refresh(box, pair["refresh_token"])) == (400, 20024)
    assert outcome(trade(box, code)) == (400, 20024)
    box.wrong_brand = True
    assert outcome(refresh(box, pair["refresh_token"])) == (400, 20048)
    assert "20048" in open_page(box).text


def test_a_device_login(box: Sandbox, clock: Clock) -> None:
    """Pending until somebody approved on the page, then a pair, and never again."""
    started = start_device(box).json()
    assert (started["expires_in"], started["interval"]) == (600, 5)
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", started["user_code"])
    clock.now += 5
    waiting = poll(box, started["device_code"])
    assert (waiting.status_code, waiting.json()["error"]) == (400, "authorization_pending")
    assert requests.get(started["verification_uri_complete"], timeout=10).status_code == 200
    clock.now += 5
    pair = poll(box, started["device_code"]).json()
    assert pair["access_token"].startswith("eyJ")
    assert "refresh_token" in pair
    clock.now += 5
    assert poll(box, started["device_code"]).json()["error"] == "invalid_grant"


def test_polling_too_early_slows_down(box: Sandbox, clock: Clock) -> None:
    """A second poll before the interval is slow_down and makes the interval longer; the first may come at once."""
    device_code = start_device(box).json()["device_code"]
    assert poll(box, device_code).json()["error"] == "authorization_pending"
    assert poll(box, device_code).json()["error"] == "slow_down"
    clock.now += 5
    assert poll(box, device_code).json()["error"] == "slow_down"
    clock.now += 15
    assert poll(box, device_code).json()["error"] == "authorization_pending"


def test_device_logins_that_end_badly(box: Sandbox, clock: Clock) -> None:
    """Refused is access_denied, late is expired_token, unknown is invalid_grant."""
    box.approve = "page"
    refused, late = start_device(box).json(), start_device(box).json()
    shown = requests.get(refused["verification_uri_complete"], timeout=10)
    assert press(box, shown, "refuse").status_code == 200
    clock.now += 5
    assert poll(box, refused["device_code"]).json()["error"] == "access_denied"
    clock.now += 600
    assert poll(box, late["device_code"]).json()["error"] == "expired_token"
    assert poll(box, "nonsense").json()["error"] == "invalid_grant"


def test_a_device_flow_needs_the_secret_and_known_scopes(box: Sandbox) -> None:
    """Wrong credentials are invalid_client, unknown scopes invalid_scope; the secret may stand in the body."""
    url = f"{box.url}/oauth/v1/device_authorization"
    wrong = requests.post(url, data={"client_id": box.app_id}, auth=(box.app_id, "wrong"), timeout=10)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert start_device(box, scope="no:such").json()["error"] == "invalid_scope"
    form = {"client_id": box.app_id, "client_secret": box.app_secret, "scope": SCOPES}
    assert "device_code" in requests.post(url, data=form, timeout=10).json()


def test_basic_credentials_that_cannot_be_read(box: Sandbox) -> None:
    """Broken Basic credentials are no login."""
    header = {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}
    url = f"{box.url}/oauth/v1/device_authorization"
    assert requests.post(url, data={"scope": ""}, headers=header, timeout=10).json()["error"] == "invalid_client"


def test_tenant_tokens_need_the_right_app(box: Sandbox) -> None:
    """A wrong secret is 10015, an unknown app 99991543, nothing at all 10003."""
    assert ask_tenant(box, app_secret="wrong")["code"] == 10015
    assert ask_tenant(box, app_id="cli_other")["code"] == 99991543
    assert ask_tenant(box, app_id="")["code"] == 10003


def test_user_info_shows_what_the_scopes_allow(box: Sandbox, connect: Callable[..., Api]) -> None:
    """Names and ids need no scope; mail, phone and employee id need theirs."""
    user = box.tenant.users[0]
    plain = data_of(connect(box.sign_in(scopes=[])["access_token"]).get("/authen/v1/user_info"))
    assert (plain["open_id"], plain["name"], plain["tenant_key"]) == (user.open_id, user.name, box.tenant.tenant_key)
    assert not {"email", "mobile", "user_id", "employee_no"} & set(plain)
    full = data_of(connect(box.sign_in()["access_token"]).get("/authen/v1/user_info"))
    assert (full["email"], full["mobile"], full["user_id"]) == (user.email, user.mobile, user.user_id)


def test_the_scope_list_tells_what_is_enabled(box: Sandbox, connect: Callable[..., Api]) -> None:
    """Scopes of the app have status 1, the others 2."""
    box.scopes = {"wiki:node:read", "my:own"}
    scopes = data_of(connect(ask_tenant(box)["tenant_access_token"]).get("/application/v6/scopes"))["scopes"]
    granted = {one["scope_name"] for one in scopes if one["grant_status"] == 1}
    assert granted == {"wiki:node:read", "my:own"}
    assert {"scope_name": "bitable:app", "grant_status": 2} in scopes


def test_an_app_with_the_scope_may_read_what_it_is(box: Sandbox, connect: Callable[..., Api]) -> None:
    """Status, redirect URLs and the published version, without which no scope is in force."""
    box.scopes = {"application:application:self_manage"}
    app = connect(ask_tenant(box)["tenant_access_token"])
    about = data_of(app.get("/application/v6/applications/me", lang="zh_cn"))["app"]
    assert (about["status"], about["redirect_urls"]) == (1, box.redirect_uris)
    assert about["online_version_id"]
    box.published = False
    assert app.get("/application/v6/applications/me").json()["code"] == 99991672


def ask_accounts(box: Sandbox, path: str, form: dict[str, str], **options: Any) -> requests.Response:
    return requests.post(f"{box.url}/oauth/{path}", data=form, timeout=10, **options)


def app_of(box: Sandbox) -> dict[str, str]:
    return {"client_id": box.app_id, "client_secret": box.app_secret}


@pytest.mark.parametrize("by_basic", [False, True])
def test_a_revoked_refresh_token_renews_nothing(box: Sandbox, by_basic: bool) -> None:
    """It ends renewal (20064); the access token goes on; body and Basic are taken, an unknown token is no error."""
    pair = box.sign_in()
    form = {"token": pair["refresh_token"], "token_type_hint": "refresh_token"}
    proof: dict[str, Any] = {"auth": (box.app_id, box.app_secret)} if by_basic else {}
    answer = ask_accounts(box, "v1/revoke", form if by_basic else {**form, **app_of(box)}, **proof)
    assert (answer.status_code, answer.content) == (200, b"")
    assert outcome(refresh(box, pair["refresh_token"]))[1] == 20064
    assert Api(box.url, pair["access_token"]).get("/authen/v1/user_info").json()["code"] == 0
    box.revoke_body = True
    assert ask_accounts(box, "v1/revoke", {"token": "unknown", **app_of(box)}).json() == {"code": 0}


def test_a_revoked_access_token_ends_alone(box: Sandbox) -> None:
    """The refresh token goes on working."""
    pair = box.sign_in()
    ask_accounts(box, "v1/revoke", {"token": pair["access_token"], **app_of(box)})
    assert Api(box.url, pair["access_token"]).get("/authen/v1/user_info").json()["code"] == 99991668
    assert outcome(refresh(box, pair["refresh_token"]))[1] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"token_type_hint": "id_token"}, 20001),
        ({"client_secret": "no"}, 20002),
        ({"client_id": "no"}, 20048),
        ({"token": ""}, 20001),
    ],
)
def test_what_a_revocation_refuses(box: Sandbox, change: dict[str, str], code: int) -> None:
    """A bad hint, a wrong app, no token; two ways to prove the app at once."""
    form = {"token": box.sign_in()["refresh_token"], **app_of(box), **change}
    assert outcome(ask_accounts(box, "v1/revoke", form)) == (400, code)
    assert ask_accounts(box, "v1/revoke", {**form, **app_of(box)}, auth=("a", "b")).json()["code"] == 20070


def test_token_endpoint_v3_serves_the_same_store(box: Sandbox) -> None:
    """JSON and form, renewals of tokens that v2 gave, and the app's own token."""
    form = {"grant_type": "refresh_token", "refresh_token": box.sign_in()["refresh_token"], **app_of(box)}
    pair = ask_accounts(box, "v3/token", form).json()
    assert (pair["code"], pair["token_type"]) == (0, "Bearer")
    again = {**form, "refresh_token": pair["refresh_token"]}
    assert requests.post(f"{box.url}/oauth/v3/token", json=again, timeout=10).json()["code"] == 0
    own = ask_accounts(box, "v3/token", {"grant_type": "client_credentials", **app_of(box)}).json()
    assert own["access_token"].startswith("t-")


def test_failures_of_v3(box: Sandbox) -> None:
    """With a code, by a word alone, or the endpoint is not there; a verifier without a challenge is refused."""
    form = {"grant_type": "refresh_token", "refresh_token": "gone", **app_of(box)}
    assert ask_accounts(box, "v3/token", form).json()["code"] == 20026
    box.v3_words = True
    answer = ask_accounts(box, "v3/token", form)
    assert (answer.status_code, answer.json()["error"], "code" in answer.json()) == (400, "invalid_grant", False)
    box.v3_words, box.v3_absent = False, True
    assert ask_accounts(box, "v3/token", form).status_code == 404


def test_members_of_token_answers_can_be_turned(box: Sandbox) -> None:
    """A message beside them, a life that is not told, a number of another kind."""
    box.token_members = {"status_message": "x", "refresh_token_expires_in": None, "expires_in": "7200"}
    answer = refresh(box, box.sign_in()["refresh_token"]).json()
    assert (answer["status_message"], answer["expires_in"]) == ("x", "7200")
    assert "refresh_token_expires_in" not in answer
