"""An app made by one scan: the endpoint that a program asks, and the page that a person confirms.

The stand-in knows one app at a time: the one that is made takes the place of the one before, has no redirect URL, and
has the scopes of the platform's template and those that the page was asked to add.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import urllib.parse
import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.platform.registrations import Registration
from larknb.sandbox.platform.scopes import ALL_SCOPES, TEMPLATE
from larknb.sandbox.wire.errors import CodeError, DeviceError
from larknb.sandbox.wire.exchange import Request, Response, flat, html_page

PENDING = 20094  # the code that has been seen with authorization_pending
LAUNCHERS = ("/page/launcher", "/page/cli")  # the second is what works on Lark
LONGEST_ADDONS = 100_000  # bytes, unpacked


def register(platform: Platform, request: Request) -> Response:
    """Tell how an app may be made, begin to make one, or say what became of it."""
    form = request.body if isinstance(request.body, dict) else {}
    actions = {"init": _init, "begin": _begin, "poll": _poll}
    action = actions.get(str(form.get("action", "")))
    if action is None:
        raise DeviceError("invalid_request", "unknown action")
    return action(platform, form)


def _init(platform: Platform, form: Mapping[str, Any]) -> Response:  # noqa: ARG001
    return flat({"supported_auth_methods": list(platform.auth_methods), "nonce": "n-1"})


def _begin(platform: Platform, form: Mapping[str, Any]) -> Response:
    method = form.get("auth_method")
    if form.get("archetype") != "PersonalAgent" or method not in platform.auth_methods:
        raise DeviceError("invalid_request", f"archetype or auth_method: {method}")
    if "open_id" not in str(form.get("request_user_info", "")).split():
        raise DeviceError("invalid_request", "request_user_info")
    ends = platform.clock() + platform.registration_lifetime
    device_code, made = platform.registrations.open(ends, platform.registration_interval)
    page = f"{platform.url}{LAUNCHERS[0]}"
    return flat(
        {
            "device_code": device_code,
            "user_code": made.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urllib.parse.urlencode({'user_code': made.user_code})}",
            platform.life_key: int(platform.registration_lifetime),
            "interval": int(platform.registration_interval),
        }
    )


def _poll(platform: Platform, form: Mapping[str, Any]) -> Response:
    made, now = platform.registrations.by_code.get(str(form.get("device_code", ""))), platform.clock()
    if made is None or made.used:
        raise DeviceError("invalid_grant", "unknown or used device_code")
    if now >= made.expires_at:
        raise DeviceError("expired_token", "the device code has expired")
    last, made.polled_at[platform.url] = made.polled_at.get(platform.url), now
    if last is not None and now < last + made.interval:
        made.interval += 5
        raise DeviceError("slow_down", "polling too often")
    if made.decision == "denied":
        raise DeviceError("access_denied", "the user refused")
    if not made.decision:
        return _pending({})
    who = {"open_id": made.open_id, "tenant_brand": made.brand}
    if platform.serves not in ("both", made.brand) or (made.brand == "lark" and not made.brand_told):
        made.brand_told = True
        return _pending({"user_info": {"tenant_brand": made.brand}})
    _install(platform, made)
    return flat({"client_id": made.app_id, "client_secret": made.app_secret, "user_info": who})


def _pending(more: Mapping[str, Any]) -> Response:
    return flat({"error": "authorization_pending", "error_description": "", "code": PENDING, **more}, 400)


def _install(platform: Platform, made: Registration) -> None:
    """Let the new app be the one that the stand-in knows."""
    made.used = True
    platform.app_id, platform.app_secret = made.app_id, made.app_secret
    platform.redirect_uris = []
    platform.scopes = set(made.scopes)


# The page ------------------------------------------------------------------------------------------------------------


def launch(platform: Platform, request: Request) -> Response:
    """Page on which a person makes the app; it decides at once unless the ``approve`` knob says ``page``."""
    made = platform.registrations.of_user_code(request.query.get("user_code"))
    if made is None or made.decision or platform.clock() >= made.expires_at:
        raise CodeError(20001, "the link has expired")
    for name, value in request.pairs:
        made.prefills.setdefault(name, []).append(value)
    made.addons = _decoded(request.query.get("addons", ""))
    made.scopes = _scopes_of(platform, made)
    if platform.approve != "page":
        return _decide(platform, made, approved=platform.approve == "auto")
    scopes = "".join(f"<li>{html.escape(scope)}" for scope in sorted(made.scopes))
    form = (
        f"<p><b>{html.escape(made.user_code)}</b></p><ul>{scopes}</ul>"
        '<form method="post" action="/sandbox/create">'
        f'<input type="hidden" name="user_code" value="{html.escape(made.user_code)}">'
        '<button name="decision" value="approve">创建 Create</button> '
        '<button name="decision" value="refuse">取消 Cancel</button></form>'
    )
    title = request.query.get("name", "").replace("{user}", platform.tenant.user(platform.current_user).name)
    return html_page("创建应用 Create an app", title, extra=form)


def create(platform: Platform, request: Request) -> Response:
    """Take the decision made on the page."""
    form = request.body if isinstance(request.body, dict) else {}
    made = platform.registrations.of_user_code(str(form.get("user_code", "")))
    if made is None or made.decision:
        raise CodeError(20001, "unknown request")
    return _decide(platform, made, approved=form.get("decision") == "approve")


def _decide(platform: Platform, made: Registration, *, approved: bool) -> Response:
    made.decision = "approved" if approved else "denied"
    made.brand = platform.scan_brand
    made.open_id = platform.tenant.user(platform.current_user).open_id
    return html_page("完成 Done", "可以关闭此页 You may close this page.")


def _decoded(addons: str) -> Mapping[str, Any] | None:
    """Addons of a link: JSON, gzip, base64url without padding; None for what is none, which is ignored."""
    if not addons or "=" in addons:
        return None
    try:
        packed = base64.b64decode(addons + "=" * (-len(addons) % 4), altchars=b"-_", validate=True)
        found = orjson.loads(gzip.decompress(packed)[:LONGEST_ADDONS])
    except (binascii.Error, zlib.error, OSError, EOFError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _scopes_of(platform: Platform, made: Registration) -> frozenset[str]:
    """Scopes of the new app: the template's, and those asked for that exist, where addons are released."""
    asked = (made.addons or {}).get("scopes") if platform.addons_released else None
    lists = asked.values() if isinstance(asked, dict) else ()
    named = {scope for each in lists if isinstance(each, list) for scope in each if isinstance(scope, str)}
    return TEMPLATE | (named & ALL_SCOPES)


ENDPOINTS = (
    Endpoint("registration", "POST", "/oauth/v1/app/registration", register, tokens=(), kind="oauth"),
    *(Endpoint("launcher", "GET", path, launch, tokens=(), kind="page") for path in LAUNCHERS),
    Endpoint("create", "POST", "/sandbox/create", create, tokens=(), kind="page"),
)
