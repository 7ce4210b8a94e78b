"""Sign-in: the accounts page, the token endpoint with its three grants, the device flow, tenant tokens, user_info."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import secrets
import urllib.parse
from collections.abc import Mapping
from typing import Any

from larknb.sandbox.platform.accounts import AuthorizationCode, DeviceFlow
from larknb.sandbox.platform.endpoint import TIER_4, Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.platform.scopes import ALL_SCOPES, OFFLINE, OWN_APP
from larknb.sandbox.wire.codes import oauth_error_of
from larknb.sandbox.wire.errors import CodeError, DeviceError
from larknb.sandbox.wire.exchange import Request, Response, flat, html_page, success

CODE_LIFETIME = 300  # seconds an authorization code may wait to be traded
MOST_SCOPES = 50  # in one authorize request
TOKENS = "/open-apis/authen/v2/oauth"
TOKENS_V3 = "/oauth/v3/token"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


# The accounts page ---------------------------------------------------------------------------------------------------


def authorize(platform: Platform, request: Request) -> Response:
    """Answer the authorize page as the sandbox's ``approve`` knob says; what is wrong is shown and never redirected."""
    query = request.query
    if query.get("client_id") != platform.app_id or platform.wrong_brand:
        raise CodeError(20048)
    if query.get("response_type", "code") != "code":
        raise CodeError(20001, "unsupported response_type")
    if query.get("code_challenge_method", "plain") not in ("plain", "S256"):
        raise CodeError(20001, "unsupported code_challenge_method")
    if _bare(query.get("redirect_uri", "")) not in [_bare(uri) for uri in platform.redirect_uris]:
        raise CodeError(20029)
    scopes = query.get("scope", "").split()
    if len(scopes) > MOST_SCOPES:
        raise CodeError(20001, f"more than {MOST_SCOPES} scopes")
    missing = [scope for scope in scopes if scope not in platform.scopes_in_force]
    if missing:
        raise CodeError(20027, f"The scope is not enabled for the app: {' '.join(missing)}")
    if platform.approve != "page":
        return _redirect(platform, query, approved=platform.approve == "auto")
    number = secrets.token_urlsafe(12)
    platform.accounts.waiting[number] = query
    return _consent(platform, number, scopes)


def approve(platform: Platform, request: Request) -> Response:
    """Take the decision made on the page: of an authorize request, or of a device flow."""
    form = request.body if isinstance(request.body, dict) else {}
    number, approved = str(form.get("request", "")), form.get("decision") == "approve"
    query = platform.accounts.waiting.pop(number, None)
    if query is not None:
        return _redirect(platform, query, approved=approved)
    device = next((one for one in platform.accounts.devices.values() if one.flow_id == number), None)
    if device is None:
        raise CodeError(20001, "unknown request")
    return _decide(platform, device, approved=approved)


def _bare(uri: str) -> str:
    return re.split(r"[?#]", uri, maxsplit=1)[0]


def _consent(platform: Platform, number: str, scopes: list[str], user_code: str = "") -> Response:
    form = (
        f"<p><b>{html.escape(user_code)}</b></p>"
        f"<ul>{''.join(f'<li>{html.escape(scope)}' for scope in scopes)}</ul>"
        '<form method="post" action="/sandbox/approve">'
        f'<input type="hidden" name="request" value="{html.escape(number)}">'
        '<button name="decision" value="approve">授权 Approve</button> '
        '<button name="decision" value="refuse">拒绝 Refuse</button></form>'
    )
    return html_page(
        "授权 Authorize", f"{platform.app_id} · {platform.tenant.user(platform.current_user).name}", extra=form
    )


def _redirect(platform: Platform, query: Mapping[str, str], *, approved: bool) -> Response:
    if approved:
        user = platform.tenant.user(platform.current_user)
        asked = frozenset(query.get("scope", "").split())
        value = platform.accounts.secret(secrets.token_urlsafe(48))
        method = query.get("code_challenge_method", "plain")
        challenge = query.get("code_challenge", "")
        code = AuthorizationCode(
            user, query["client_id"], query["redirect_uri"], asked, challenge, method, platform.clock()
        )
        platform.accounts.codes[value] = code
        platform.accounts.grant(user, asked)
        back = {"code": value}
    else:
        back = {"error": "access_denied"}
    if "state" in query:
        back["state"] = query["state"]
    uri, mark, fragment = query["redirect_uri"].partition("#")
    uri += ("&" if "?" in uri else "?") + urllib.parse.urlencode(back) + mark + fragment
    return Response(302, b"", headers={"Location": uri})


# The token endpoint --------------------------------------------------------------------------------------------------


def token_v3(platform: Platform, request: Request) -> Response:
    """Trade the same at the newer endpoint, which some of its failures tell by a word alone."""
    if platform.v3_absent:
        raise CodeError(99991201, status=404)
    body = request.body
    if isinstance(body, dict) and body.get("grant_type") == "client_credentials":
        _prove(platform, body)
        value, expire = platform.accounts.tenant_token()
        return flat({"code": 0, "access_token": value, "expires_in": expire, "token_type": "Bearer"})
    code = platform.accounts.codes.get(str(body.get("code"))) if isinstance(body, dict) else None
    if code and body.get("code_verifier") and not code.challenge:
        raise CodeError(20049)
    try:
        return token(platform, request)
    except CodeError as error:
        if platform.v3_words:
            raise DeviceError(oauth_error_of(error.code), error.msg) from error
        raise


def token(platform: Platform, request: Request) -> Response:
    """Trade a code, a refresh token or a device code for tokens."""
    if request.headers.get("Authorization", "").startswith("Basic "):
        raise CodeError(20070)
    body = request.body
    if not isinstance(body, dict):
        raise CodeError(20063)
    grants = {"authorization_code": _trade_code, "refresh_token": _trade_refresh, DEVICE_GRANT: _trade_device}
    if body.get("code_verifier"):
        platform.accounts.secret(str(body["code_verifier"]))
    grant = grants.get(_text(body, "grant_type"))
    if grant is None:
        raise CodeError(20036)
    _prove(platform, body)
    answer = {**grant(platform, body), **platform.token_members}
    return flat({name: value for name, value in answer.items() if value is not None})


def _prove(platform: Platform, body: Mapping[str, Any]) -> None:
    if _text(body, "client_id") != platform.app_id or platform.wrong_brand:
        raise CodeError(20048)
    if _text(body, "client_secret") != platform.app_secret:
        raise CodeError(20002)


def revoke(platform: Platform, request: Request) -> Response:
    """End a token: an access token alone, or with a refresh token the power to renew; the answer is empty."""
    form = request.body if isinstance(request.body, dict) else {}
    basic = _basic(request)
    if basic and "client_secret" in form:
        raise CodeError(20070)
    client_id, secret = basic or (form.get("client_id"), form.get("client_secret"))
    _prove(platform, {"client_id": client_id, "client_secret": secret})
    if form.get("token_type_hint", "access_token") not in ("access_token", "refresh_token"):
        raise CodeError(20001, "unsupported token_type_hint")
    platform.accounts.revoke(_text(form, "token"))
    return flat({"code": 0}) if platform.revoke_body else Response(200, b"")


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise CodeError(20001, f"The request is missing a required parameter: {name}.")
    return value


def _trade_code(platform: Platform, body: Mapping[str, Any]) -> dict[str, Any]:
    code = platform.accounts.codes.get(_text(body, "code"))
    if code is None:
        raise CodeError(20003)
    if code.client_id != platform.app_id:
        raise CodeError(20024)
    if code.used:
        raise CodeError(20065)
    if platform.clock() >= code.granted_at + CODE_LIFETIME:
        raise CodeError(20004)
    if body.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise CodeError(20071)
    if code.challenge and not _proves(str(body.get("code_verifier", "")), code):
        raise CodeError(20049)
    granted = platform.accounts.granted[platform.app_id, code.user.open_id]
    scopes = _narrowed(body, granted)
    code.used = True
    return platform.accounts.issue(code.user, scopes, code.granted_at, offline=OFFLINE in code.asked)


def _proves(verifier: str, code: AuthorizationCode) -> bool:
    if not VERIFIER.fullmatch(verifier):
        return False
    if code.method == "plain":
        return verifier == code.challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge


def _narrowed(body: Mapping[str, Any], granted: frozenset[str]) -> frozenset[str]:
    wanted = str(body.get("scope") or "").split()
    if len(wanted) != len(set(wanted)):
        raise CodeError(20067)
    if not granted.issuperset(wanted):
        raise CodeError(20068)
    return frozenset(wanted) or granted


def _trade_refresh(platform: Platform, body: Mapping[str, Any]) -> dict[str, Any]:
    refresh = platform.accounts.refresh.get(_text(body, "refresh_token"))
    if refresh is None:
        raise CodeError(20026)
    if refresh.client_id != platform.app_id:
        raise CodeError(20024)
    if not platform.refresh_enabled:
        raise CodeError(20074)
    if refresh.used:
        raise CodeError(20073)
    if refresh.revoked:
        raise CodeError(20064)
    if platform.clock() >= min(refresh.expires_at, refresh.granted_at + platform.consent_lifetime):
        raise CodeError(20037)
    scopes = _narrowed(body, refresh.scopes)
    refresh.used = True
    return platform.accounts.issue(refresh.user, scopes, refresh.granted_at, offline=True)


# The device flow: in use by the platform's own tools, though no page documents it -----------------------------------


def start_device(platform: Platform, request: Request) -> Response:
    """Open a device flow as the official command line does: the app proves itself, with HTTP Basic or in the form."""
    form = request.body if isinstance(request.body, dict) else {}
    client_id, secret = _basic(request) or (form.get("client_id"), form.get("client_secret"))
    if client_id != platform.app_id or secret != platform.app_secret or platform.wrong_brand:
        raise DeviceError("invalid_client", "client authentication failed", status=401)
    return _open_device(platform, form)


def start_device_unproven(platform: Platform, request: Request) -> Response:
    """Open a device flow as the official SDK does: with the App ID alone, for the secret is asked when polling."""
    body = request.body if isinstance(request.body, dict) else {}
    if body.get("client_id") != platform.app_id or platform.wrong_brand:
        raise DeviceError("invalid_client", "unknown client", status=401)
    return _open_device(platform, body)


def _open_device(platform: Platform, body: Mapping[str, Any]) -> Response:
    """Where to go, which code to compare, how often to ask."""
    scopes = frozenset(str(body.get("scope", "")).split())
    if not scopes <= platform.scopes:
        raise DeviceError("invalid_scope", f"not enabled: {' '.join(sorted(scopes - platform.scopes))}")
    letters = "BCDFGHJKLMNPQRSTVWXZ"
    user_code = "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(2))
    device_code, flow_id, now = (
        platform.accounts.secret(secrets.token_urlsafe(48)),
        secrets.token_urlsafe(12),
        platform.clock(),
    )
    platform.accounts.devices[device_code] = DeviceFlow(
        platform.app_id, user_code, flow_id, scopes, now + platform.device_lifetime, platform.device_interval
    )
    where = f"{platform.url}/oauth/v1/device/verify"
    complete = f"{where}?{urllib.parse.urlencode({'flow_id': flow_id, 'user_code': user_code})}"
    return flat(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": where,
            "verification_uri_complete": complete,
            "expires_in": int(platform.device_lifetime),
            "interval": int(platform.device_interval),
        }
    )


def verify(platform: Platform, request: Request) -> Response:
    """Page on which a person approves a device; decides at once unless the ``approve`` knob says ``page``."""
    wanted = request.query.get("flow_id"), request.query.get("user_code")
    device = next((one for one in platform.accounts.devices.values() if (one.flow_id, one.user_code) == wanted), None)
    if device is None:
        raise CodeError(20001, "request not legal")
    if platform.approve == "page":
        return _consent(platform, device.flow_id, sorted(device.scopes), device.user_code)
    return _decide(platform, device, approved=platform.approve == "auto")


def _decide(platform: Platform, device: DeviceFlow, *, approved: bool) -> Response:
    device.user, device.approved = platform.tenant.user(platform.current_user), approved
    return html_page("完成 Done", "可以关闭此页 You may close this page.")


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


def _trade_device(platform: Platform, body: Mapping[str, Any]) -> dict[str, Any]:
    device, now = platform.accounts.devices.get(_text(body, "device_code")), platform.clock()
    if device is None or device.used:
        raise DeviceError("invalid_grant", "unknown or used device_code")
    if now >= device.expires_at:
        raise DeviceError("expired_token", "the device code has expired")
    last, device.polled_at = device.polled_at, now
    if last is not None and now < last + device.interval:
        device.interval += 5
        raise DeviceError("slow_down", "polling too often")
    if device.approved is None:
        raise DeviceError("authorization_pending", "pending")
    if not device.approved or device.user is None:
        raise DeviceError("access_denied", "the user refused")
    device.used = True
    scopes = platform.accounts.grant(device.user, device.scopes)
    return platform.accounts.issue(device.user, scopes, now, offline=OFFLINE in device.scopes)


# The app itself, and who is signed in --------------------------------------------------------------------------------


def tenant_token(platform: Platform, request: Request) -> Response:
    """Token of the app for its tenant."""
    body = request.body if isinstance(request.body, dict) else {}
    app_id, secret = body.get("app_id"), body.get("app_secret")
    if not app_id or not secret:
        raise CodeError(10003)
    if app_id != platform.app_id or platform.wrong_brand:
        raise CodeError(99991543, status=200)
    if secret != platform.app_secret:
        raise CodeError(10015)
    value, expire = platform.accounts.tenant_token()
    return flat({"code": 0, "msg": "ok", "tenant_access_token": value, "expire": expire})


def user_info(platform: Platform, request: Request) -> Response:
    """Person behind the token, with the fields that the granted scopes add."""
    caller = request.caller
    assert caller is not None
    assert caller.user is not None
    user, data = caller.user, {}
    extra = {
        "contact:user.email:readonly": {"email": user.email},
        "contact:user.phone:readonly": {"mobile": user.mobile},
        "contact:user.employee_id:readonly": {"user_id": user.user_id},
        "contact:user.employee:readonly": {"enterprise_email": user.email, "employee_no": user.employee_no},
    }
    for scope, fields in extra.items():
        if scope in caller.scopes and scope in platform.scopes:
            data.update(fields)
    pictures = {f"avatar_{size}": user.avatar_url for size in ("url", "thumb", "middle", "big")}
    names = {"name": user.name, "en_name": user.en_name, "open_id": user.open_id, "union_id": user.union_id}
    return success(names | {"tenant_key": platform.tenant.tenant_key} | pictures | data)


def list_scopes(platform: Platform, request: Request) -> Response:  # noqa: ARG001
    """Every scope with whether the app has it; does not tell user from app identity."""
    names = sorted(ALL_SCOPES | platform.scopes)
    return success(
        {
            "scopes": [
                {"scope_name": name, "grant_status": 1 if name in platform.scopes_in_force else 2} for name in names
            ]
        }
    )


def get_app(platform: Platform, request: Request) -> Response:
    """What the console knows of the app; ``me`` is the app that asks."""
    if request.params["app_id"] not in ("me", platform.app_id):
        raise CodeError(99992402)
    scopes = [{"scope": name, "token_types": ["user", "tenant"]} for name in sorted(platform.scopes_in_force)]
    version = "oav_sandbox" if platform.published else ""
    app = {"app_id": platform.app_id, "status": 1, "online_version_id": version, "scopes": scopes}
    return success({"app": app | {"redirect_urls": list(platform.redirect_uris)}})


ENDPOINTS = (
    Endpoint("authorize", "GET", "/open-apis/authen/v1/authorize", authorize, tokens=(), limits=TIER_4, kind="page"),
    Endpoint("approve", "POST", "/sandbox/approve", approve, tokens=(), kind="page"),
    Endpoint("token", "POST", f"{TOKENS}/token", token, tokens=(), limits=TIER_4, kind="oauth"),
    Endpoint("token", "POST", TOKENS_V3, token_v3, tokens=(), limits=TIER_4, kind="oauth"),
    Endpoint("revoke", "POST", "/oauth/v1/revoke", revoke, tokens=(), limits=TIER_4, kind="oauth"),
    Endpoint("device", "POST", "/oauth/v1/device_authorization", start_device, tokens=(), kind="oauth"),
    Endpoint("device", "POST", f"{TOKENS}/device_authorization", start_device_unproven, tokens=(), kind="oauth"),
    Endpoint("verify", "GET", "/oauth/v1/device/verify", verify, tokens=(), kind="page"),
    Endpoint("tenant_token", "POST", "/open-apis/auth/v3/tenant_access_token/internal", tenant_token, tokens=()),
    Endpoint("user_info", "GET", "/open-apis/authen/v1/user_info", user_info, tokens=("user",)),
    Endpoint("scopes", "GET", "/open-apis/application/v6/scopes", list_scopes, tokens=("tenant",)),
    Endpoint(
        "application", "GET", "/open-apis/application/v6/applications/{app_id}", get_app, OWN_APP, tokens=("tenant",)
    ),
)
