"""The protocol of a login: authorize URL, code -> tokens, device code, refresh, who is it. No printing, no files.

Secrets travel as `Secret`, whose repr is masked, and answers are masked while they are parsed: a traceback that shows
local variables shows none of them. For the same reason an error is raised only after the frames of requests and json,
which hold the plain text, are gone: it has no ``__cause__`` and no ``__context__``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import random
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import requests

from larknb.config.secrets import Secret
from larknb.errors import ApiError, Asker, ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.wire.codes import code_of, from_answer, from_failure, remedy
from larknb.wire.session import failure_reason, new_session

if TYPE_CHECKING:
    from larknb.config.settings import Settings

__all__ = [
    "App",
    "Device",
    "Grant",
    "Profile",
    "authorize_url",
    "challenge",
    "enabled_scopes",
    "exchange_code",
    "new_verifier",
    "parse",
    "poll_device",
    "refresh",
    "start_device",
    "tenant_token",
    "user_info",
]

log = logging.getLogger("larknb")
PAUSES = (1.0, 2.0, 4.0)  # seconds between tries: other processes wait for the one that refreshes, at most 30 s
LONGEST_RESET = 15.0  # seconds: a rate limit that asks for more is told to the user
DEVICE_LIFETIME, DEVICE_INTERVAL = 240.0, 5.0  # seconds, if the start of a device login told neither
USUAL_LIFETIME = 7200.0  # seconds, if an answer forgot expires_in; a token that dies sooner is renewed when refused

TOKEN_API = "authen/v2/oauth/token"  # noqa: S105  a path
USER_API = "authen/v1/user_info"
TENANT_API = "auth/v3/tenant_access_token/internal"
SCOPES_API = "application/v6/scopes"
DEVICE_API = "oauth/v1/device_authorization"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

NOTHING = Secret("")

Clock = Callable[[], float]
Sleep = Callable[[float], None]


# --- what goes in and what comes out -------------------------------------------------------------------------------


@dataclass(frozen=True)
class App:
    """The app that a person logs in to, and the two hosts that it lives on."""

    app_id: str
    app_secret: Secret
    open_base: str
    accounts_base: str

    @classmethod
    def of(cls, settings: Settings) -> App:
        """Return the app that the settings name.

        Raises
        ------
        ConfigError
            The app id or the secret is missing.
        """
        if not settings.app_id:
            raise ConfigError(say("login.no_app_id.what"), source="larknb.toml", next=say("login.no_app_id.next"))
        if not settings.app_secret:
            what = say("login.no_secret.what", app_id=settings.app_id)
            raise ConfigError(what, source="larknb.toml", next=say("login.no_secret.next"))
        return cls(settings.app_id, settings.app_secret, settings.open_base, settings.accounts_base)

    def asker(self, kind: Literal["user", "tenant"], label: str) -> Asker:
        """Return who asks as this app: a person, or the app itself."""
        return Asker(kind, label, self.page)

    @property
    def page(self) -> str:
        """The app's own page in the developer console."""
        return f"{self.open_base}/app/{self.app_id}"


@dataclass(frozen=True)
class Grant:
    """What the token endpoint gave; times are epoch seconds, counted from the arrival of the answer.

    ``refresh_token`` is empty when the person did not grant ``offline_access``. ``scope`` is what was really granted.
    """

    access_token: Secret
    expires_at: float
    refresh_token: Secret
    refresh_expires_at: float | None
    scope: str


@dataclass(frozen=True)
class Device:
    """A device login that waits for its approval, until ``ends_at`` (epoch seconds): the page, and what it shows.

    ``interval`` is how many seconds to wait before each question.
    """

    device_code: Secret
    user_code: str
    url: str
    ends_at: float
    interval: float


@dataclass(frozen=True)
class Profile:
    """Who a token belongs to."""

    open_id: str
    name: str
    tenant_key: str


# --- the browser's part ----------------------------------------------------------------------------------------------


def new_verifier() -> Secret:
    """Return a fresh PKCE code verifier."""
    return Secret(secrets.token_urlsafe(64))


def challenge(verifier: Secret) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorize_url(app: App, *, redirect_uri: str, scopes: Sequence[str], state: str, verifier: Secret) -> str:
    """Return the address of the page on which a person approves."""
    query = {
        "client_id": app.app_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",  # the default is plain, which fails only later, with 20049
    }
    return f"{app.accounts_base}/open-apis/authen/v1/authorize?{urlencode(query, quote_via=quote, safe='')}"


# --- the calls -------------------------------------------------------------------------------------------------------


def exchange_code(
    app: App, code: Secret, *, redirect_uri: str, verifier: Secret, clock: Clock = time.time, sleep: Sleep = time.sleep
) -> Grant:
    """Return the tokens for a code, which works once.

    API: authentication-management/access-token/get-user-access-token
    """
    body = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return _grant(app, "authorization_code", body, clock, sleep)


def refresh(app: App, refresh_token: Secret, *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> Grant:
    """Return the next pair of tokens for a refresh token, which works once.

    ``scope`` is never sent: it could only narrow, and lose the refresh token.

    API: authentication-management/access-token/refresh-user-access-token
    """
    return _grant(app, "refresh_token", {"refresh_token": refresh_token}, clock, sleep)


def start_device(app: App, scopes: Sequence[str], *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> Device:
    """Return a device login that has begun. No page documents it, but the platform's own tools sign in with it."""
    pair = base64.b64encode(f"{app.app_id}:{app.app_secret}".encode()).decode()
    form = {"client_id": app.app_id, "scope": " ".join(scopes)}
    url, headers = f"{app.accounts_base}/{DEVICE_API}", {"Authorization": Secret(f"Basic {pair}")}
    reply = _patiently(lambda: _ask("POST", url, (app.app_secret,), data=form, headers=headers), sleep)
    body = reply.body
    page = str(body.get("verification_uri_complete") or body.get("verification_uri") or "")
    is_page = page.startswith(("https://", "http://"))  # it becomes a link: no other scheme may run on a click
    if body.get("error") or reply.status >= 400 or not (body.get("device_code") and is_page):
        raise _error(app.accounts_base, DEVICE_API, reply)
    return Device(
        device_code=Secret(body["device_code"]),
        user_code=str(body.get("user_code") or ""),
        url=page,
        ends_at=clock() + _seconds(body.get("expires_in"), DEVICE_LIFETIME),
        interval=max(1.0, _seconds(body.get("interval"), DEVICE_INTERVAL)),
    )


def poll_device(
    app: App, device_code: Secret, *, clock: Clock = time.time
) -> Grant | Literal["authorization_pending", "slow_down"]:
    """Return the tokens of a device login that was approved, or why there are none yet.

    Raises
    ------
    LoginRequired
        It was refused, or its code has ended.
    ApiError
        No answer came; the next one may.
    """
    form = {
        "grant_type": DEVICE_GRANT,
        "device_code": device_code,
        "client_id": app.app_id,
        "client_secret": app.app_secret,
    }
    reply = _ask("POST", f"{app.open_base}/open-apis/{TOKEN_API}", (device_code, app.app_secret), data=form)
    if reply.is_success:
        return _granted(app, _unwrapped(reply.body), clock())
    # What numbers come with these words is documented nowhere.
    word = reply.body.get("error")
    if word == "authorization_pending":
        return "authorization_pending"
    if word == "slow_down":
        return "slow_down"
    if word == "access_denied":
        raise LoginRequired(say("login.denied.what", reason=word), next=say("login.denied.next"))
    if word in ("expired_token", "invalid_grant"):
        raise LoginRequired(say("login.device.late.what"), next=say("login.denied.next"))
    raise _error(app.open_base, TOKEN_API, reply)


def tenant_token(app: App, *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> tuple[Secret, float]:
    """Return the app's own token and when it ends (epoch seconds).

    The same token comes back as long as it lives 30 minutes more.

    API: authentication-management/access-token/tenant_access_token_internal
    """
    body = {"app_id": app.app_id, "app_secret": app.app_secret}
    try:
        answer = _call(app, TENANT_API, sleep, body=body)
    except ApiError as error:
        status = error.code if error.code and error.code < 600 else 200  # an answer without a code shows its status
        if error.code is None or remedy(error.code, status).heal == "retry":
            raise
        # Which code a wrong pair gets is documented nowhere, and nothing else can be wrong with this call.
        raise ConfigError(
            say("trouble.app_wrong.what"),
            source=error.source,
            next=say("trouble.app_wrong.next"),
            code=error.code,
            msg=error.msg,
            log_id=error.log_id,
        ) from error
    return _token(app, TENANT_API, answer, "tenant_access_token"), clock() + _seconds(answer.get("expire"))


def user_info(app: App, access_token: Secret, *, sleep: Sleep = time.sleep) -> Profile:
    """Return who an access token belongs to.

    API: authentication-management/login-state-management/get
    """
    data = _call(app, USER_API, sleep, token=access_token).get("data")
    if not isinstance(data, Mapping) or not data.get("open_id"):
        raise _garbled(app.open_base, USER_API, 200)
    return Profile(str(data["open_id"]), str(data.get("name") or ""), str(data.get("tenant_key") or ""))


def enabled_scopes(app: App, *, sleep: Sleep = time.sleep) -> frozenset[str] | None:
    """Return the scopes that the app has, or None where the platform does not tell.

    One scope that the app lacks blocks a whole login, on a page that never comes back: better to know before.

    API: application-v6/scope/list

    Raises
    ------
    ConfigError
        The app id or the secret is wrong. Whatever else goes wrong here must not stop a login.
    """
    try:
        token, _ = tenant_token(app, sleep=sleep)
        data = _call(app, SCOPES_API, sleep, token=token).get("data")
    except ConfigError:
        raise
    except LarkError as error:
        log.info("the app's scopes cannot be seen: %s", error)
        return None
    items = data.get("scopes") if isinstance(data, Mapping) else None
    known = [item for item in items or () if isinstance(item, Mapping)]
    return frozenset(str(item.get("scope_name")) for item in known if item.get("grant_status") == 1) or None


def _grant(app: App, grant_type: str, body: Mapping[str, str], clock: Clock, sleep: Sleep) -> Grant:
    known = {"grant_type": grant_type, "client_id": app.app_id, "client_secret": app.app_secret}
    answer = _call(app, TOKEN_API, sleep, body={**known, **body})
    return _granted(app, answer, clock())


def _granted(app: App, answer: Mapping[str, Any], now: float) -> Grant:
    refresh_token = Secret(answer.get("refresh_token") or "")
    refresh_lifetime = answer.get("refresh_token_expires_in") if refresh_token else None
    return Grant(
        access_token=_token(app, TOKEN_API, answer, "access_token"),
        expires_at=now + _seconds(answer.get("expires_in")),
        refresh_token=refresh_token,
        refresh_expires_at=None if refresh_lifetime is None else now + _seconds(refresh_lifetime),
        scope=str(answer.get("scope") or ""),
    )


def _token(app: App, api: str, answer: Mapping[str, Any], name: str) -> Secret:
    token = answer.get(name)
    if not isinstance(token, Secret) or not token:
        raise _garbled(app.open_base, api, 200)
    return token


def _seconds(value: Any, usual: float = USUAL_LIFETIME) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return usual


# --- one call, and what is tried again -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reply:
    """One answer, or none (``status`` 0 and a ``reason``)."""

    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    log_id: str = ""
    reset: float | None = None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        if not self.body or self.status >= 400:
            return False
        code = code_of(self.body)
        return code == 0 or (code is None and not self.body.get("error") and _has_token(_unwrapped(self.body)))

    @property
    def is_lost(self) -> bool:
        """The request may have been worked on, but its answer did not arrive."""
        return self.status == 0 or (not self.body and self.status < 300)

    @property
    def can_heal(self) -> bool:
        return self.is_lost or remedy(code_of(self.body), self.status).heal == "retry"


def _call(
    app: App, api: str, sleep: Sleep, *, body: Mapping[str, str] | None = None, token: Secret | None = None
) -> Mapping[str, Any]:
    """Return a successful answer, unwrapped where its tokens are nested in ``data``."""
    reply = _patiently(lambda: _send(app, api, body, token), sleep)
    if reply.is_success:
        return _unwrapped(reply.body)
    raise _error(app.open_base, api, reply)


def _patiently(ask: Callable[[], _Reply], sleep: Sleep) -> _Reply:
    """Return the first answer that is a success or cannot heal, or the last one."""
    lost = 0
    for pause in (*PAUSES, None):
        reply = ask()
        lost += reply.is_lost
        wait = None if reply.is_success else _wait(reply, pause)
        # A lost answer may have consumed the code or refresh token: a second try tells, a third tells nothing new.
        if wait is None or lost > 1:
            break
        sleep(wait)
    return reply


def _wait(reply: _Reply, pause: float | None) -> float | None:
    """Return how long to wait before the next try, or None to give up."""
    if pause is None or not reply.can_heal:
        return None
    if reply.reset is not None:
        return reply.reset if reply.reset <= LONGEST_RESET else None
    return pause * random.uniform(0.5, 1.0)  # noqa: S311  spreads the tries of many machines, guards nothing


def _send(app: App, api: str, body: Mapping[str, str] | None, token: Secret | None) -> _Reply:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if token is not None:
        headers["Authorization"] = Secret(f"Bearer {token}")
    method, sent = "GET" if body is None else "POST", [v for v in (body or {}).values() if isinstance(v, Secret)]
    return _ask(method, f"{app.open_base}/open-apis/{api}", sent, json=body, headers=headers)


def _ask(method: str, url: str, sent: Collection[Secret], **content: Any) -> _Reply:
    """Ask once. Nothing is raised in here: these frames hold plain secrets. A refusal repeats none of ``sent``."""
    try:
        with new_session(url) as session:
            response = session.request(method, url, **content)
    except requests.RequestException as error:
        return _Reply(reason=failure_reason(error))
    log_id = response.headers.get("X-Tt-Logid", "")
    log.debug("%s: HTTP %s, log id %s", urlsplit(url).path, response.status_code, log_id)
    reply = _Reply(response.status_code, parse(response.content) or {}, log_id, _reset(response.headers))
    return reply if reply.is_success else replace(reply, body=_without(reply.body, sent))


def parse(content: bytes) -> Mapping[str, Any] | None:
    """Return a JSON object with its tokens masked, or None where there is no such object."""
    try:
        body = json.loads(content, object_hook=_masked)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _masked(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Secret(value) if name.endswith(("_token", "device_code")) and isinstance(value, str) else value
        for name, value in fields.items()
    }


def _has_token(body: Mapping[str, Any]) -> bool:
    return bool(body.get("access_token"))


def _unwrapped(body: Mapping[str, Any]) -> Mapping[str, Any]:
    data = body.get("data")
    return data if isinstance(data, Mapping) and _has_token(data) else body


def _reset(headers: Mapping[str, str]) -> float | None:
    """Return the delay that a rate limit asks for; ``Retry-After`` is not documented, but honoured."""
    asked = headers.get("x-ogw-ratelimit-reset") or headers.get("Retry-After") or ""
    return float(asked) if asked.isdecimal() else None


def _error(base: str, api: str, reply: _Reply) -> LarkError:
    if reply.reason:
        return from_failure("network", api=api, host=urlsplit(base).netloc, reason=reply.reason)
    if not reply.body:
        return _garbled(base, api, reply.status)
    return from_answer(reply.status, reply.body, log_id=reply.log_id, api=api)


def _garbled(base: str, api: str, status: int) -> LarkError:
    return from_failure("garbled", api=api, host=urlsplit(base).netloc, status=status)


def _without(body: Mapping[str, Any], sent: Collection[Secret]) -> dict[str, Any]:
    """Return a refusal whose texts repeat no secret that was sent: a server that quotes the request would leak it."""
    clean = dict(body)
    for secret in sent:
        clean |= {name: text.replace(secret, "****") for name, text in clean.items() if isinstance(text, str)}
    return clean
