"""The protocol, against the stand-in platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.auth import oauth
from larknb.auth.oauth import App
from larknb.config.secrets import Secret
from larknb.config.settings import load_settings
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.wire import session as wire
from larknb.wire.session import failure_reason, is_loopback, new_session

from .conftest import NOON, Clock, leaked, told

VERIFIER = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
OLD = Secret("eyJ.rt0")
PAIR = {"access_token": "eyJ.at", "expires_in": 7200, "refresh_token": "eyJ.rt", "refresh_token_expires_in": 604800}


def code_of(box: Sandbox, app: App, redirect_uri: str, verifier: Secret = VERIFIER) -> Secret:
    """Approve as a person would, and return the code."""
    scopes = ["offline_access", "bitable:app:readonly"]
    url = oauth.authorize_url(app, redirect_uri=redirect_uri, scopes=scopes, state="s1", verifier=verifier)
    location = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
    return Secret(parse_qs(urlsplit(location).query)["code"][0])


def fresh(box: Sandbox) -> Secret:
    """Return a refresh token that works."""
    return Secret(box.sign_in()["refresh_token"])


# --- the app ---------------------------------------------------------------------------------------------------------


def test_a_missing_app_id_or_secret_says_what_to_do(tmp_path: Path) -> None:
    """Without app id or secret there is a ConfigError that says where each of them goes."""
    with pytest.raises(ConfigError, match=r"No app id.*LARKNB_APP_ID"):
        App.of(load_settings(tmp_path, {}))
    with pytest.raises(ConfigError, match=r"secret of app cli_1.*LARKNB_APP_SECRET"):
        App.of(load_settings(tmp_path, {"LARKNB_APP_ID": "cli_1"}))


def test_the_app_comes_from_the_settings_and_hides_its_secret(tmp_path: Path) -> None:
    """An app knows both hosts of its brand, and its repr does not show the secret."""
    app = App.of(load_settings(tmp_path, {"LARKNB_APP_ID": "cli_1", "LARKNB_APP_SECRET": "hush"}))
    assert (app.open_base, app.accounts_base) == ("https://open.feishu.cn", "https://accounts.feishu.cn")
    assert app.app_secret == "hush"
    assert "hush" not in repr(app)


# --- the browser's part ----------------------------------------------------------------------------------------------


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """The S256 challenge agrees with the test vector of RFC 7636."""
    assert oauth.challenge(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_are_long_and_never_the_same() -> None:
    """A verifier has 43 to 128 of the allowed characters, and each login has its own."""
    first, second = oauth.new_verifier(), oauth.new_verifier()
    assert first != second
    assert 43 <= len(first) <= 128
    assert set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def test_the_authorize_page_gets_all_it_needs() -> None:
    """The link asks for a code, with state and an S256 challenge; the verifier itself stays at home."""
    app = App("cli_1", Secret("hush"), "https://open.feishu.cn", "https://accounts.feishu.cn")
    redirect_uri = "http://localhost:8765/callback"
    url = oauth.authorize_url(app, redirect_uri=redirect_uri, scopes=["a:b", "c"], state="s1", verifier=VERIFIER)
    assert url.startswith("https://accounts.feishu.cn/open-apis/authen/v1/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["cli_1"],
        "response_type": ["code"],
        "redirect_uri": [redirect_uri],
        "scope": ["a:b c"],
        "state": ["s1"],
        "code_challenge": [oauth.challenge(VERIFIER)],
        "code_challenge_method": ["S256"],
    }
    assert "+" not in url


# --- code -> tokens --------------------------------------------------------------------------------------------------


def test_a_code_becomes_a_pair_of_tokens(box: Sandbox, app: App, redirect_uri: str, clock: Clock) -> None:
    """The tokens come with the lifetimes of the answer and with the scopes that were really granted."""
    box.access_lifetime, box.refresh_lifetime = 5000, 90000
    code = code_of(box, app, redirect_uri)
    grant = oauth.exchange_code(app, code, redirect_uri=redirect_uri, verifier=VERIFIER, clock=clock)
    assert (grant.expires_at, grant.refresh_expires_at) == (NOON + 5000, NOON + 90000)
    assert set(grant.scope.split()) == {"bitable:app:readonly", "offline_access"}
    assert not leaked(repr(grant), box)


def test_credentials_travel_in_the_body_alone(box: Sandbox, app: App, redirect_uri: str) -> None:
    """The token endpoint sees neither a Basic header nor a query: adding either is refused or logged by others."""
    code = code_of(box, app, redirect_uri)
    oauth.exchange_code(app, code, redirect_uri=redirect_uri, verifier=VERIFIER)
    call = next(call for call in box.journal.calls if call.endpoint == "token")
    assert call.query == {}
    assert "authorization" not in {name.lower() for name in call.headers}
    assert set(call.body) == {"grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"}


def test_a_stolen_code_is_worth_nothing_without_the_verifier(box: Sandbox, app: App, redirect_uri: str) -> None:
    """Whoever has the code but not the verifier gets no tokens."""
    code = code_of(box, app, redirect_uri)
    with pytest.raises(LoginRequired) as caught:
        oauth.exchange_code(app, code, redirect_uri=redirect_uri, verifier=oauth.new_verifier())
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
    grant = oauth.refresh(app, OLD, clock=clock)
    assert (grant.access_token, grant.refresh_token, grant.expires_at) == ("eyJ.at", refresh_token, NOON + 7200)
    assert grant.refresh_expires_at == (NOON + 604800 if refresh_token else None)


@pytest.mark.parametrize("answer", [{"code": 0}, {"code": 0, "access_token": ""}, {}, {"code": 0, "access_token": 7}])
def test_a_success_without_a_token_is_none(box: Sandbox, app: App, waits: list[float], answer: dict[str, Any]) -> None:
    """An answer that says success and brings no token is an error, not an empty login."""
    box.faults.add(Fault.reply(200, answer), endpoint="token", times=None)
    with pytest.raises(ApiError, match="not the API's JSON"):
        oauth.refresh(app, OLD, sleep=waits.append)


def test_refreshing_never_narrows_the_scopes(box: Sandbox, app: App) -> None:
    """A refresh sends no scope: it could only lose the refresh token."""
    oauth.refresh(app, fresh(box))
    assert set(box.journal.calls[-1].body) == {"grant_type", "client_id", "client_secret", "refresh_token"}


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [Fault.reply(500, 20050), Fault.reply(503, 20072), Fault.reply(502, {"msg": "bad gateway"}), Fault.html(504)],
    ids=["20050", "20072", "502", "html 504"],
)
def test_a_platform_that_stumbles_is_asked_again(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """Errors inside the platform are tried again, three times at most, with growing pauses."""
    box.faults.add(fault, endpoint="token", times=3)
    assert oauth.refresh(app, fresh(box), sleep=waits.append).access_token
    assert [0.5 <= wait / step <= 1 for wait, step in zip(waits, (1, 2, 4), strict=True)] == [True] * 3


def test_a_platform_that_stays_down_is_given_up(box: Sandbox, app: App, waits: list[float]) -> None:
    """After four tries the error says that it is the platform's, and what to do."""
    box.faults.add(Fault.reply(503, 20072), endpoint="token", times=None)
    with pytest.raises(ApiError, match=r"internal error .*20072.*Next: sync again later.*Log id: ."):
        oauth.refresh(app, fresh(box), sleep=waits.append)
    assert (box.journal.count("token"), len(waits)) == (4, 3)


@pytest.mark.parametrize("status", [429, 400])
def test_a_rate_limit_is_waited_for(box: Sandbox, app: App, waits: list[float], status: int) -> None:
    """The delay that a rate limit names is slept, whatever its HTTP status."""
    limit = Fault.reply(status, {"code": 99991400, "msg": "frequency limit"}, {"x-ogw-ratelimit-reset": "3"})
    box.faults.add(limit, endpoint="token")
    assert oauth.refresh(app, fresh(box), sleep=waits.append).access_token
    assert waits == [3.0]


def test_a_long_rate_limit_is_told_instead(box: Sandbox, app: App, waits: list[float]) -> None:
    """Nobody is kept waiting for a minute: others wait for the lock meanwhile."""
    limit = Fault.reply(429, {"code": 99991400, "msg": "limit"}, {"x-ogw-ratelimit-reset": "60"})
    box.faults.add(limit, endpoint="token", times=None)
    with pytest.raises(ApiError, match="limiting the request rate"):
        oauth.refresh(app, fresh(box), sleep=waits.append)
    assert waits == []


@pytest.mark.parametrize("code", [20002, 20001, 20048, 20074, 20009])
def test_what_cannot_heal_is_not_repeated(box: Sandbox, app: App, waits: list[float], code: int) -> None:
    """A wrong setting is told at once, with its code."""
    box.faults.add(Fault.reply(400, code), endpoint="token", times=None)
    with pytest.raises(LarkError) as caught:
        oauth.refresh(app, OLD, sleep=waits.append)
    assert (caught.value.code, waits) == (code, [])
    assert caught.value.next


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.html(200)], ids=["cut before", "page of a proxy"])
def test_a_lost_request_is_sent_once_more(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """If the connection breaks before the platform worked, the second try brings the tokens."""
    box.faults.add(fault, endpoint="token")
    assert oauth.refresh(app, fresh(box), sleep=waits.append).access_token
    assert (box.journal.count("token"), len(waits)) == (2, 1)


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.truncate()], ids=["cut after", "half an answer"])
def test_a_lost_answer_has_spent_the_token(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """If the platform worked and its answer got lost, the one more try says that a new login is needed."""
    box.faults.add(fault, endpoint="token")
    with pytest.raises(LoginRequired, match=r"20073.*Next: run larknb login"):
        oauth.refresh(app, fresh(box), sleep=waits.append)
    assert box.journal.count("token") == 2


def test_a_dead_network_names_host_and_reason(box: Sandbox, app: App, waits: list[float]) -> None:
    """Where nobody answers, two tries end with the host and a next step."""
    box.stop()
    with pytest.raises(ApiError, match=r"Could not reach 127\.0\.0\.1:\d+: no connection.*Next: check the network"):
        oauth.refresh(app, OLD, sleep=waits.append)
    assert len(waits) == 1


def test_silence_ends(box: Sandbox, app: App, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that never answers does not hang the notebook."""
    monkeypatch.setattr(wire, "TIMEOUT", (1.0, 0.1))
    box.faults.add(Fault.hang(), endpoint="token", times=None)
    with pytest.raises(ApiError, match="no answer in time"):
        oauth.refresh(app, OLD, sleep=waits.append)


def test_no_redirect_is_followed(box: Sandbox, app: App, waits: list[float]) -> None:
    """A redirect would carry the secret elsewhere: it is an error."""
    away = Fault.reply(307, {}, {"Location": f"{box.url}/open-apis/authen/v2/oauth/token"})
    box.faults.add(away, endpoint="token")
    with pytest.raises(ApiError):
        oauth.refresh(app, fresh(box), sleep=waits.append)
    assert box.journal.count() == 1


def test_loopback_never_goes_through_a_proxy(box: Sandbox, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company proxy in the environment does not get the stand-in's requests."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert oauth.refresh(app, fresh(box)).access_token


def test_elsewhere_proxy_and_certificates_of_the_company_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the real hosts the environment's proxy and CA bundle are used."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/company.pem")
    with new_session("https://open.feishu.cn") as session:
        found = session.merge_environment_settings("https://open.feishu.cn/x", {}, None, None, None)
    assert (found["proxies"]["https"], found["verify"]) == ("http://proxy.example:3128", "/company.pem")


def test_netrc_does_not_replace_our_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default entry in ~/.netrc must not turn our Bearer header into Basic."""
    (tmp_path / "netrc").write_text("default login somebody password something\n", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = requests.Request("GET", "https://open.feishu.cn/x", headers={"Authorization": "Bearer t"})
    with new_session("https://open.feishu.cn") as session:
        assert session.prepare_request(request).headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8765/callback", True),
        ("http://127.3.2.1", True),
        ("http://[::1]:1", True),
        ("https://open.feishu.cn", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
    ],
)
def test_loopback_is_told_from_what_only_looks_like_it(url: str, expected: bool) -> None:
    """A host is loopback by what it is, not by how it begins."""
    assert is_loopback(url) is expected


def test_a_proxy_password_is_not_shown() -> None:
    """The reason of a failed request is one of our words: the library's own text may hold a proxy's password."""
    error = requests.exceptions.ProxyError("http://me:hush@proxy.example:3128 refused")
    assert failure_reason(error) == "the proxy refused"


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reply(400, 20073),
        Fault.reply(503, 20072),
        Fault.drop(),
        Fault.truncate(),
        Fault.html(502),
        Fault.invalid_json(),
    ],
    ids=["refused", "unavailable", "cut", "half an answer", "html", "no json"],
)
def test_errors_show_no_secret(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """Neither the text of an error nor the variables in its traceback contain a token, a verifier or the secret."""
    box.faults.add(fault, endpoint="token", times=None)
    refresh_token = fresh(box)
    with pytest.raises(LarkError) as caught:
        oauth.refresh(app, refresh_token, sleep=waits.append)
    assert not leaked(told(caught.value), box)
    with pytest.raises(LarkError) as caught:
        oauth.exchange_code(app, Secret("code-1"), redirect_uri="u", verifier=VERIFIER, sleep=waits.append)
    assert not leaked(told(caught.value), box, "code-1", VERIFIER)


def test_a_server_that_quotes_the_request_leaks_nothing(box: Sandbox, app: App) -> None:
    """A secret that the platform's message repeats is masked."""
    quote = {"code": 20001, "error": "x", "error_description": f"bad {box.app_secret} or eyJ.rt0"}
    box.faults.add(Fault.reply(400, quote), endpoint="token")
    with pytest.raises(ApiError, match=r"bad \*\*\*\* or \*\*\*\*") as caught:
        oauth.refresh(app, OLD)
    assert not leaked(told(caught.value), box, "eyJ.rt0")


# --- the other calls -------------------------------------------------------------------------------------------------


def test_the_app_gets_its_own_token(box: Sandbox, app: App, clock: Clock) -> None:
    """The tenant token comes with its end; asked again early, the same one with less time comes back."""
    token, ends_at = oauth.tenant_token(app, clock=clock)
    assert token.startswith("t-")
    assert ends_at == NOON + 7200
    clock.now += 600
    assert oauth.tenant_token(app, clock=clock) == (token, ends_at)


@pytest.mark.parametrize("code", [10003, 10014, 10015, 99991543, 12345])
def test_any_refusal_of_the_app_means_a_wrong_setting(box: Sandbox, app: App, code: int) -> None:
    """Which code a wrong app id or secret gets is not documented, so each of them says: check the app."""
    box.faults.add(Fault.reply(200, {"code": code, "msg": "no"}), endpoint="tenant_token")
    with pytest.raises(LarkError, match=r"Next: (check app_id|ask the tenant's admin)") as caught:
        oauth.tenant_token(app)
    assert caught.value.code == code


def test_a_tenant_token_survives_a_stumble(box: Sandbox, app: App, waits: list[float]) -> None:
    """An error inside the platform is no wrong setting."""
    box.faults.add(Fault.reply(500, {"code": 20050, "msg": "x"}), endpoint="tenant_token", times=2)
    assert oauth.tenant_token(app, sleep=waits.append)
    for fault in (Fault.html(500), Fault.reply(429, {"msg": "slow down"}), Fault.drop()):
        box.faults.add(fault, endpoint="tenant_token", times=None)
        with pytest.raises(ApiError):
            oauth.tenant_token(app, sleep=waits.append)
        box.faults.clear()


def test_a_token_tells_whose_it_is(box: Sandbox, app: App) -> None:
    """A person is known by name, open_id and tenant."""
    who = oauth.user_info(app, Secret(box.sign_in()["access_token"]))
    person = box.tenant.users[0]
    assert (who.open_id, who.name, who.tenant_key) == (person.open_id, person.name, box.tenant.tenant_key)


def test_a_dead_token_is_nobodys(box: Sandbox, app: App) -> None:
    """An error with HTTP status 200 is an error."""
    box.faults.add(Fault.reply(200, 20005), endpoint="user_info")
    with pytest.raises(LoginRequired):
        oauth.user_info(app, Secret(box.sign_in()["access_token"]))


def test_the_scopes_of_the_app_can_be_seen_beforehand(box: Sandbox, app: App) -> None:
    """Only what the app really has is listed; where the platform does not tell, the answer is None."""
    box.scopes -= {"base:app:read"}
    enabled = oauth.enabled_scopes(app)
    assert enabled is not None
    assert "bitable:app:readonly" in enabled
    assert "base:app:read" not in enabled
    box.faults.add(Fault.reply(400, 99991672), endpoint="scopes")
    assert oauth.enabled_scopes(app) is None


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("tenant_token", Fault.reply(500, 20050)),
        ("tenant_token", Fault.drop()),
        ("tenant_token", Fault.html(502)),
        ("tenant_token", Fault.reply(200, 10014)),
        ("scopes", Fault.reply(200, {"code": 0, "data": {"scopes": ["?", None]}})),
        ("scopes", Fault.reply(429, 99991400)),
        ("scopes", Fault.reply(400, 99991663)),
    ],
)
def test_a_failing_preflight_stops_no_login(app: App, box: Sandbox, endpoint: str, fault: Fault) -> None:
    """Whatever is wrong but the secret: the scopes of the app are not known, and that is all."""
    box.faults.add(fault, endpoint=endpoint, times=None)
    waits: list[float] = []
    assert oauth.enabled_scopes(app, sleep=waits.append) is None
