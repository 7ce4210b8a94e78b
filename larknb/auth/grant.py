"""Grants: a code or a refresh token becomes the next pair of tokens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from larknb.auth.app import App
from larknb.auth.endpoint import call, seconds, text_in, token_in
from larknb.config.secrets import NOTHING, Secret
from larknb.errors import ConfigError
from larknb.messages import say
from larknb.wire.retry import Clock, Sleep

__all__ = ["Grant", "checked", "exchange_code", "granted", "refresh"]

LONGEST_MESSAGE = 2000  # characters of what the platform says beside the tokens
LONGEST_REFRESH = 366 * 86400.0  # seconds: no token outlives the consent


@dataclass(frozen=True)
class Grant:
    """What the token endpoint gave; times are epoch seconds, counted from the arrival of the answer.

    ``refresh_token`` is empty when the person did not grant ``offline_access``, ``refresh_expires_at`` None where no
    answer told it. ``scope`` is what was really granted. ``status_message`` is what the platform says to the person:
    scopes that wait for an administrator, for example.
    """

    access_token: Secret
    expires_at: float
    refresh_token: Secret
    refresh_expires_at: float | None
    scope: str
    status_message: str = ""
    token_type: str = ""


def exchange_code(
    app: App, code: Secret, *, redirect_uri: str, verifier: Secret, clock: Clock = time.time, sleep: Sleep = time.sleep
) -> Grant:
    """Return the tokens for a code, which works once.

    API: authentication-management/access-token/get-user-access-token
    """
    body = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return checked(app, _ask(app, "authorization_code", body, clock, sleep))


def refresh(
    app: App, refresh_token: Secret, *, scope: str = "", clock: Clock = time.time, sleep: Sleep = time.sleep
) -> Grant:
    """Return the next pair of tokens for a refresh token, which works once.

    ``scope`` could only narrow, and lose the refresh token: no renewal sends one. The grant is not `checked`: it is to
    be kept first, whatever it is, for the old pair is spent.

    API: authentication-management/access-token/refresh-user-access-token
    """
    body = {"refresh_token": refresh_token, **({"scope": scope} if scope else {})}
    return _ask(app, "refresh_token", body, clock, sleep)


def granted(app: App, answer: Mapping[str, Any], now: float) -> Grant:
    """Return what a successful answer of the token endpoint grants."""
    refresh_token = answer.get("refresh_token")
    refresh_token = refresh_token if isinstance(refresh_token, Secret) else NOTHING
    refresh_life = seconds(answer.get("refresh_token_expires_in"), 0.0, LONGEST_REFRESH) if refresh_token else 0.0
    return Grant(
        access_token=token_in(app, app.token_api, answer, "access_token"),
        expires_at=now + seconds(answer.get("expires_in")),
        refresh_token=refresh_token,
        refresh_expires_at=now + refresh_life if refresh_life else None,
        scope=text_in(answer, "scope"),
        token_type=text_in(answer, "token_type").strip(),
        status_message=text_in(answer, "status_message").strip()[:LONGEST_MESSAGE],
    )


def checked(app: App, grant: Grant) -> Grant:
    """Return a grant; ConfigError if a request cannot carry its token, which is of a type that needs more than that."""
    if grant.token_type.lower() in ("", "bearer"):
        return grant
    raise ConfigError(
        say("login.token_type.what", kind=grant.token_type[:20], endpoint=app.token_endpoint),
        source=app.token_api,
        next=say("login.token_type.next", endpoint={"v2": "v3", "v3": "v2"}[app.token_endpoint]),
    )


def _ask(app: App, grant_type: str, body: Mapping[str, str], clock: Clock, sleep: Sleep) -> Grant:
    known = {"grant_type": grant_type, "client_id": app.app_id, "client_secret": app.app_secret}
    answer = call(app, app.token_api, sleep, body={**known, **body})
    return granted(app, answer, clock())
