"""What the accounts side remembers: who granted what, and which codes, tokens and device flows live."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from larknb.sandbox.world.people import User

from .knobs import Knobs
from .scopes import OFFLINE

RENEWABLE = 1800  # seconds of life at which a tenant token is still handed out again


@dataclass
class AuthorizationCode:
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
class AccessToken:
    """One access token; ``user`` is ``None`` for the app itself."""

    user: User | None
    scopes: frozenset[str]
    expires_at: float


@dataclass
class RefreshToken:
    """One refresh token; it works once."""

    user: User
    client_id: str
    scopes: frozenset[str]
    expires_at: float
    granted_at: float
    used: bool = False
    revoked: bool = False


@dataclass
class DeviceFlow:
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

    def __init__(self, knobs: Knobs) -> None:
        self._knobs = knobs
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.devices: dict[str, DeviceFlow] = {}
        self.waiting: dict[str, dict[str, str]] = {}  # authorize requests whose page somebody is looking at
        self.granted: dict[tuple[str, str], frozenset[str]] = {}
        self.known_secrets: set[str] = set()
        self._tenant_token = ""

    def grant(self, user: User, scopes: frozenset[str]) -> frozenset[str]:
        """Add to what this person granted this app, and give everything granted so far."""
        key = (self._knobs.app_id, user.open_id)
        self.granted[key] = self.granted.get(key, frozenset()) | (scopes - self._knobs.withheld)
        return self.granted[key]

    def secret(self, value: str) -> str:
        """Note a secret, so that tests can look for it where it must not be."""
        self.known_secrets.add(value)
        return value

    def issue(self, user: User, scopes: frozenset[str], granted_at: float, *, offline: bool) -> dict[str, Any]:
        """Issue a pair of tokens, or an access token alone, in the words of the token endpoint."""
        knobs, now = self._knobs, self._knobs.clock()
        access = self.secret(_jwt())
        self.access[access] = AccessToken(user, scopes, now + knobs.access_lifetime)
        answer = {
            "code": 0,
            "access_token": access,
            "expires_in": int(knobs.access_lifetime),
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        if offline and OFFLINE in scopes:
            refresh = self.secret(_jwt())
            self.refresh[refresh] = RefreshToken(user, knobs.app_id, scopes, now + knobs.refresh_lifetime, granted_at)
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": int(knobs.refresh_lifetime)}
        return answer

    def tenant_token(self) -> tuple[str, int]:
        """Token of the app and its remaining seconds: the same one while it has half an hour left, else a new one."""
        now = self._knobs.clock()
        present = self.access.get(self._tenant_token)
        if present is None or present.expires_at - now < RENEWABLE:
            self._tenant_token = self.secret("t-" + secrets.token_hex(16))
            present = AccessToken(None, frozenset(self._knobs.scopes), now + self._knobs.tenant_lifetime)
            self.access[self._tenant_token] = present
        return self._tenant_token, int(present.expires_at - now)

    def expire(self, access_token: str | None) -> None:
        """Let one access token, or all, expire now."""
        for token, access in self.access.items():
            if access_token in (None, token):
                access.expires_at = self._knobs.clock()

    def revoke(self, token: str) -> None:
        """End one token; one that is unknown or dead already is none to complain of."""
        self.access.pop(token, None)
        if token in self.refresh:
            self.refresh[token].revoked = True

    def revoke_refresh(self, user: User | None) -> None:
        """Revoke the refresh tokens of one person, or of all."""
        for refresh in self.refresh.values():
            if user is None or refresh.user is user:
                refresh.revoked = True


def _jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"sandbox"}').rstrip(b"=").decode()
    return f"{head}.{secrets.token_urlsafe(900)}.{secrets.token_urlsafe(64)}"  # as long as the platform's: 1-2 KB
