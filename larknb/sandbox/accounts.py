"""Sign-in: the accounts page, the token endpoint with its three grants, the device flow, tenant tokens, user_info.

`Accounts` is the memory (who granted what, which tokens live); the functions below it are the endpoints.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import secrets
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .guard import SCOPES, Caller
from .objects import User
from .wire import Answer, CodeError, DeviceError, Endpoint, Request, flat, page, success

if TYPE_CHECKING:
    from .box import Sandbox

OFFLINE = "offline_access"
CODE_LIFETIME = 300  # seconds an authorization code may wait to be traded
RENEWABLE = 1800  # seconds of life at which a tenant token is still handed out again
MOST_SCOPES = 50  # in one authorize request
TOKENS = "/open-apis/authen/v2/oauth"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
TIER_4 = ((1000, 60), (50, 1))  # requests and seconds; either one trips


@dataclass
class Code:
    """One authorization code and what was asked with it."""

    user: User
    client_id: str
    redirect_uri: str
    asked: frozenset[str]
    challenge: str
    method: str
    granted_at: float
    used: bool = False


@dataclass
class Access:
    """One access token; ``user`` is ``None`` for the app itself."""

    user: User | None
    scopes: frozenset[str]
    expires_at: float


@dataclass
class Refresh:
    """One refresh token; it works once."""

    user: User
    client_id: str
    scopes: frozenset[str]
    expires_at: float
    granted_at: float
    used: bool = False
    revoked: bool = False


@dataclass
class Device:
    """One device flow; ``user`` and ``approved`` are set by whoever visits the page."""

    client_id: str
    user_code: str
    flow_id: str
    scopes: frozenset[str]
    expires_at: float
    interval: float
    polled_at: float | None = None
    user: User | None = None
    approved: bool | None = None
    used: bool = False


class Accounts:
    """Memory of the accounts side."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Refresh] = {}
        self.devices: dict[str, Device] = {}
        self.waiting: dict[str, dict[str, str]] = {}  # authorize requests whose page somebody is looking at
        self.granted: dict[tuple[str, str], frozenset[str]] = {}
        self.known_secrets: set[str] = set()
        self._tenant_token = ""

    def grant(self, user: User, scopes: frozenset[str]) -> frozenset[str]:
        """Add to what this person granted this app, and give everything granted so far."""
        key = (self._box.app_id, user.open_id)
        self.granted[key] = self.granted.get(key, frozenset()) | (scopes - self._box.withheld)
        return self.granted[key]

    def secret(self, value: str) -> str:
        """Note a secret, so that tests can look for it where it must not be."""
        self.known_secrets.add(value)
        return value

    def token_answer(self, user: User, scopes: frozenset[str], granted_at: float, *, offline: bool) -> dict[str, Any]:
        """Issue a pair of tokens, or an access token alone, in the words of the token endpoint."""
        box, now = self._box, self._box.clock()
        access = self.secret(_jwt())
        self.access[access] = Access(user, scopes, now + box.access_lifetime)
        answer = {
            "code": 0,
            "access_token": access,
            "expires_in": int(box.access_lifetime),
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        if offline and OFFLINE in scopes:
            refresh = self.secret(_jwt())
            self.refresh[refresh] = Refresh(user, box.app_id, scopes, now + box.refresh_lifetime, granted_at)
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": int(box.refresh_lifetime)}
        return answer

    def tenant_token(self) -> tuple[str, int]:
        """Token of the app and its remaining seconds: the same one while it has half an hour left, else a new one."""
        now = self._box.clock()
        present = self.access.get(self._tenant_token)
        if present is None or present.expires_at - now < RENEWABLE:
            self._tenant_token = self.secret("t-" + secrets.token_hex(16))
            present = Access(None, frozenset(self._box.scopes), now + self._box.tenant_lifetime)
            self.access[self._tenant_token] = present
        return self._tenant_token, int(present.expires_at - now)

    def caller(self, token: str) -> Caller:
        """Whoever this access token belongs to."""
        known = self.access.get(token)
        if known is None:
            raise CodeError(99991663 if token.startswith("t-") else 99991668)
        if self._box.clock() >= known.expires_at:
            raise CodeError(99991677 if known.user else 99991663)
        return Caller(known.user, known.scopes)

    def expire(self, access_token: str | None) -> None:
        """Let one access token, or all, expire now."""
        for token, access in self.access.items():
            if access_token in (None, token):
                access.expires_at = self._box.clock()

    def revoke_refresh(self, user: User | None) -> None:
        """Revoke the refresh tokens of one person, or of all."""
        for refresh in self.refresh.values():
            if user is None or refresh.user is user:
                refresh.revoked = True


def _jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"sandbox"}').rstrip(b"=").decode()
    return f"{head}.{secrets.token_urlsafe(900)}.{secrets.token_urlsafe(64)}"  # as long as the platform's: 1-2 KB


# The accounts page ---------------------------------------------------------------------------------------------------


def authorize(box: Sandbox, request: Request) -> Answer:
    """Answer the authorize page as the sandbox's ``approve`` knob says; what is wrong is shown and never redirected."""
    query = request.query
    if query.get("client_id") != box.app_id or box.wrong_brand:
        raise CodeError(20048)
    if query.get("response_type", "code") != "code":
        raise CodeError(20001, "unsupported response_type")
    if query.get("code_challenge_method", "plain") not in ("plain", "S256"):
        raise CodeError(20001, "unsupported code_challenge_method")
    if _bare(query.get("redirect_uri", "")) not in [_bare(uri) for uri in box.redirect_uris]:
        raise CodeError(20029)
    scopes = query.get("scope", "").split()
    if len(scopes) > MOST_SCOPES:
        raise CodeError(20001, f"more than {MOST_SCOPES} scopes")
    missing = [scope for scope in scopes if scope not in box.scopes]
    if missing:
        raise CodeError(20027, f"The scope is not enabled for the app: {' '.join(missing)}")
    if box.approve != "page":
        return _redirect(box, query, approved=box.approve == "auto")
    number = secrets.token_urlsafe(12)
    box.accounts.waiting[number] = query
    return _consent(box, number, scopes)


def approve(box: Sandbox, request: Request) -> Answer:
    """Take the decision made on the page: of an authorize request, or of a device flow."""
    form = request.body if isinstance(request.body, dict) else {}
    number, approved = str(form.get("request", "")), form.get("decision") == "approve"
    query = box.accounts.waiting.pop(number, None)
    if query is not None:
        return _redirect(box, query, approved=approved)
    device = next((one for one in box.accounts.devices.values() if one.flow_id == number), None)
    if device is None:
        raise CodeError(20001, "unknown request")
    return _decide(box, device, approved=approved)


def _bare(uri: str) -> str:
    return re.split(r"[?#]", uri, maxsplit=1)[0]


def _consent(box: Sandbox, number: str, scopes: list[str], user_code: str = "") -> Answer:
    form = (
        f"<p><b>{html.escape(user_code)}</b></p>"
        f"<ul>{''.join(f'<li>{html.escape(scope)}' for scope in scopes)}</ul>"
        '<form method="post" action="/sandbox/approve">'
        f'<input type="hidden" name="request" value="{html.escape(number)}">'
        '<button name="decision" value="approve">授权 Approve</button> '
        '<button name="decision" value="refuse">拒绝 Refuse</button></form>'
    )
    return page("授权 Authorize", f"{box.app_id} · {box.tenant.user(box.current_user).name}", extra=form)


def _redirect(box: Sandbox, query: Mapping[str, str], *, approved: bool) -> Answer:
    if approved:
        user = box.tenant.user(box.current_user)
        asked = frozenset(query.get("scope", "").split())
        value = box.accounts.secret(secrets.token_urlsafe(48))
        method = query.get("code_challenge_method", "plain")
        challenge = query.get("code_challenge", "")
        code = Code(user, query["client_id"], query["redirect_uri"], asked, challenge, method, box.clock())
        box.accounts.codes[value] = code
        box.accounts.grant(user, asked)
        back = {"code": value}
    else:
        back = {"error": "access_denied"}
    if "state" in query:
        back["state"] = query["state"]
    uri, mark, fragment = query["redirect_uri"].partition("#")
    uri += ("&" if "?" in uri else "?") + urllib.parse.urlencode(back) + mark + fragment
    return Answer(302, b"", headers={"Location": uri})


# The token endpoint --------------------------------------------------------------------------------------------------


def token(box: Sandbox, request: Request) -> Answer:
    """Trade a code, a refresh token or a device code for tokens."""
    if request.headers.get("Authorization", "").startswith("Basic "):
        raise CodeError(20070)
    body = request.body
    if not isinstance(body, dict):
        raise CodeError(20063)
    grants = {"authorization_code": _trade_code, "refresh_token": _trade_refresh, DEVICE_GRANT: _trade_device}
    if body.get("code_verifier"):
        box.accounts.secret(str(body["code_verifier"]))
    grant = grants.get(_text(body, "grant_type"))
    if grant is None:
        raise CodeError(20036)
    if _text(body, "client_id") != box.app_id or box.wrong_brand:
        raise CodeError(20048)
    if _text(body, "client_secret") != box.app_secret:
        raise CodeError(20002)
    return flat(grant(box, body))


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise CodeError(20001, f"The request is missing a required parameter: {name}.")
    return value


def _trade_code(box: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    code = box.accounts.codes.get(_text(body, "code"))
    if code is None:
        raise CodeError(20003)
    if code.client_id != box.app_id:
        raise CodeError(20024)
    if code.used:
        raise CodeError(20065)
    if box.clock() >= code.granted_at + CODE_LIFETIME:
        raise CodeError(20004)
    if body.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise CodeError(20071)
    if code.challenge and not _proves(str(body.get("code_verifier", "")), code):
        raise CodeError(20049)
    granted = box.accounts.granted[box.app_id, code.user.open_id]
    scopes = _narrowed(body, granted)
    code.used = True
    return box.accounts.token_answer(code.user, scopes, code.granted_at, offline=OFFLINE in code.asked)


def _proves(verifier: str, code: Code) -> bool:
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


def _trade_refresh(box: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    refresh = box.accounts.refresh.get(_text(body, "refresh_token"))
    if refresh is None:
        raise CodeError(20026)
    if refresh.client_id != box.app_id:
        raise CodeError(20024)
    if not box.refresh_enabled:
        raise CodeError(20074)
    if refresh.used:
        raise CodeError(20073)
    if refresh.revoked:
        raise CodeError(20064)
    if box.clock() >= min(refresh.expires_at, refresh.granted_at + box.consent_lifetime):
        raise CodeError(20037)
    scopes = _narrowed(body, refresh.scopes)
    refresh.used = True
    return box.accounts.token_answer(refresh.user, scopes, refresh.granted_at, offline=True)


# The device flow: in use by the platform's own tools, though no page documents it -----------------------------------


def start_device(box: Sandbox, request: Request) -> Answer:
    """Open a device flow as the official command line does: the app proves itself, with HTTP Basic or in the form."""
    form = request.body if isinstance(request.body, dict) else {}
    client_id, secret = _basic(request) or (form.get("client_id"), form.get("client_secret"))
    if client_id != box.app_id or secret != box.app_secret or box.wrong_brand:
        raise DeviceError("invalid_client", "client authentication failed", status=401)
    return _open_device(box, form)


def start_device_unproven(box: Sandbox, request: Request) -> Answer:
    """Open a device flow as the official SDK does: with the App ID alone, for the secret is asked when polling."""
    body = request.body if isinstance(request.body, dict) else {}
    if body.get("client_id") != box.app_id or box.wrong_brand:
        raise DeviceError("invalid_client", "unknown client", status=401)
    return _open_device(box, body)


def _open_device(box: Sandbox, body: Mapping[str, Any]) -> Answer:
    """Where to go, which code to compare, how often to ask."""
    scopes = frozenset(str(body.get("scope", "")).split())
    if not scopes <= box.scopes:
        raise DeviceError("invalid_scope", f"not enabled: {' '.join(sorted(scopes - box.scopes))}")
    letters = "BCDFGHJKLMNPQRSTVWXZ"
    user_code = "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(2))
    device_code, flow_id, now = box.accounts.secret(secrets.token_urlsafe(48)), secrets.token_urlsafe(12), box.clock()
    box.accounts.devices[device_code] = Device(
        box.app_id, user_code, flow_id, scopes, now + box.device_lifetime, box.device_interval
    )
    where = f"{box.url}/oauth/v1/device/verify"
    complete = f"{where}?{urllib.parse.urlencode({'flow_id': flow_id, 'user_code': user_code})}"
    return flat(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": where,
            "verification_uri_complete": complete,
            "expires_in": int(box.device_lifetime),
            "interval": int(box.device_interval),
        }
    )


def verify(box: Sandbox, request: Request) -> Answer:
    """Page on which a person approves a device; decides at once unless the ``approve`` knob says ``page``."""
    wanted = request.query.get("flow_id"), request.query.get("user_code")
    device = next((one for one in box.accounts.devices.values() if (one.flow_id, one.user_code) == wanted), None)
    if device is None:
        raise CodeError(20001, "request not legal")
    if box.approve == "page":
        return _consent(box, device.flow_id, sorted(device.scopes), device.user_code)
    return _decide(box, device, approved=box.approve == "auto")


def _decide(box: Sandbox, device: Device, *, approved: bool) -> Answer:
    device.user, device.approved = box.tenant.user(box.current_user), approved
    return page("完成 Done", "可以关闭此页 You may close this page.")


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


def _trade_device(box: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    device, now = box.accounts.devices.get(_text(body, "device_code")), box.clock()
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
    scopes = box.accounts.grant(device.user, device.scopes)
    return box.accounts.token_answer(device.user, scopes, now, offline=OFFLINE in device.scopes)


# The app itself, and who is signed in --------------------------------------------------------------------------------


def tenant_token(box: Sandbox, request: Request) -> Answer:
    """Token of the app for its tenant."""
    body = request.body if isinstance(request.body, dict) else {}
    app_id, secret = body.get("app_id"), body.get("app_secret")
    if not app_id or not secret:
        raise CodeError(10003)
    if app_id != box.app_id or box.wrong_brand:
        raise CodeError(99991543, status=200)
    if secret != box.app_secret:
        raise CodeError(10015)
    value, expire = box.accounts.tenant_token()
    return flat({"code": 0, "msg": "ok", "tenant_access_token": value, "expire": expire})


def user_info(box: Sandbox, request: Request) -> Answer:
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
        if scope in caller.scopes and scope in box.scopes:
            data.update(fields)
    pictures = {f"avatar_{size}": user.avatar_url for size in ("url", "thumb", "middle", "big")}
    names = {"name": user.name, "en_name": user.en_name, "open_id": user.open_id, "union_id": user.union_id}
    return success(names | {"tenant_key": box.tenant.tenant_key} | pictures | data)


def list_scopes(box: Sandbox, request: Request) -> Answer:  # noqa: ARG001
    """Every scope with whether the app has it; does not tell user from app identity."""
    names = sorted(SCOPES | box.scopes)
    return success({"scopes": [{"scope_name": name, "grant_status": 1 if name in box.scopes else 2} for name in names]})


ENDPOINTS = (
    Endpoint("authorize", "GET", "/open-apis/authen/v1/authorize", authorize, tokens=(), limits=TIER_4, kind="page"),
    Endpoint("approve", "POST", "/sandbox/approve", approve, tokens=(), kind="page"),
    Endpoint("token", "POST", f"{TOKENS}/token", token, tokens=(), limits=TIER_4, kind="oauth"),
    Endpoint("device", "POST", "/oauth/v1/device_authorization", start_device, tokens=(), kind="oauth"),
    Endpoint("device", "POST", f"{TOKENS}/device_authorization", start_device_unproven, tokens=(), kind="oauth"),
    Endpoint("verify", "GET", "/oauth/v1/device/verify", verify, tokens=(), kind="page"),
    Endpoint("tenant_token", "POST", "/open-apis/auth/v3/tenant_access_token/internal", tenant_token, tokens=()),
    Endpoint("user_info", "GET", "/open-apis/authen/v1/user_info", user_info, tokens=("user",)),
    Endpoint("scopes", "GET", "/open-apis/application/v6/scopes", list_scopes, tokens=("tenant",)),
)
