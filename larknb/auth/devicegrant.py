"""The device grant: a code that any browser can approve, and the question whether somebody did."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from larknb.auth.app import App
from larknb.auth.endpoint import ask, is_sendable, is_success, patiently, seconds, text_in, unwrapped
from larknb.auth.grant import Grant, checked, granted
from larknb.config.secrets import Secret
from larknb.errors import LoginRequired
from larknb.messages import say
from larknb.wire.outgoing import as_form
from larknb.wire.retry import Clock, Sleep

__all__ = ["Device", "poll_device", "start_device"]

DEVICE_API = "oauth/v1/device_authorization"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIFETIME, INTERVAL = 240.0, 5.0  # seconds, if the start told neither
LONGEST_LIFETIME, LONGEST_INTERVAL = 3600.0, 60.0  # seconds, whatever it told


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


def start_device(app: App, scopes: Sequence[str], *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> Device:
    """Return a device login that has begun. No page documents it, but the platform's own tools sign in with it."""
    pair = Secret(base64.b64encode(f"{app.app_id}:{app.app_secret}".encode()).decode())
    form = as_form({"client_id": app.app_id, "scope": " ".join(scopes)})
    url, headers = app.url_of(DEVICE_API), {"Authorization": Secret(f"Basic {pair}"), **FORM}
    reply = patiently(lambda: ask("POST", url, (app.app_secret, pair), data=form, headers=headers), sleep)
    body = reply.body or {}
    code = Secret(text_in(body, "device_code"))
    if body.get("error") or reply.status >= 400 or not (code and is_sendable(code) and _page(body)):
        raise reply.error(url, api=DEVICE_API)
    return Device(
        device_code=code,
        user_code=text_in(body, "user_code"),
        url=_page(body),
        ends_at=clock() + seconds(body.get("expires_in"), LIFETIME, LONGEST_LIFETIME),
        interval=max(1.0, seconds(body.get("interval"), INTERVAL, LONGEST_INTERVAL)),
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
    url, sent = app.url_of(app.token_api), (device_code, app.app_secret)
    reply = ask("POST", url, sent, data=as_form(form), headers=FORM)
    if is_success(reply):
        return checked(app, granted(app, unwrapped(reply), clock()))
    # What numbers come with these words is documented nowhere.
    word = (reply.body or {}).get("error")
    if word == "authorization_pending":
        return "authorization_pending"
    if word == "slow_down":
        return "slow_down"
    if word == "access_denied":
        raise LoginRequired(say("login.denied.what", reason=word), next=say("login.denied.next"))
    if word in ("expired_token", "invalid_grant"):
        raise LoginRequired(say("login.device.late.what"), next=say("login.denied.next"))
    raise reply.error(url, api=app.token_api)


def _page(body: Mapping[str, Any]) -> str:
    """Return the address of the page, which becomes a link: no other scheme may run on a click."""
    page = text_in(body, "verification_uri_complete") or text_in(body, "verification_uri")
    return page if page.startswith(("https://", "http://")) and is_sendable(page) else ""
