"""Token: a login as its file holds it, and the questions that its dates answer. Touches neither disk nor network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from larknb.auth.app import App
from larknb.auth.endpoint import finite, is_sendable, text_in
from larknb.auth.grant import Grant
from larknb.auth.masking import parse
from larknb.config.secrets import NOTHING, Secret
from larknb.results.user import User

__all__ = ["HARD_MARGIN", "IDLE_MARGIN", "Token"]

HARD_MARGIN = 5 * 60.0  # seconds: a token that lives less is never handed out
IDLE_MARGIN = 30 * 60.0  # seconds: a long-running process renews this early while it is idle, so that no call waits
CONSENT = 365 * 86400.0  # seconds: a year after the grant the person is asked again, whatever was renewed
HISTORIC = "ur-"  # what refresh tokens of the endpoints before v2 begin with; the platform takes none of them any more
LATEST = 1e11  # epoch seconds, in the year 5138: what is above that is milliseconds, or no date


@dataclass(frozen=True)
class Token:
    """A login as the file holds it: the names are the file's keys, times are epoch seconds.

    ``granted_at`` is when the person approved; renewals leave it. ``open_base``, ``app_id`` and ``open_id`` say what
    the token is bound to; a file that an older script wrote has none of them. ``keychain`` names the pair in the
    system's keychain if the two tokens are there and not in the file. ``status_message`` is what the platform said with
    the last answer. ``refresh_is_estimated`` is true when ``refresh_expires_at`` is older than the refresh token, whose
    own end nobody told. ``others`` are keys of somebody else, kept as they are.
    """

    access_token: Secret = NOTHING
    expires_at: float = 0.0
    refresh_token: Secret = NOTHING
    last_refresh: str = ""
    refresh_expires_at: float | None = None
    granted_at: float | None = None
    scope: str = ""
    open_base: str = ""
    app_id: str = ""
    open_id: str = ""
    name: str = ""
    tenant_key: str = ""
    status_message: str = ""
    keychain: str = ""
    refresh_is_estimated: bool = False
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, content: bytes) -> Token | None:
        """Return the token that a file holds, or None where it holds none; a byte order mark does no harm."""
        document = parse(content) or {}
        names = [known.name for known in fields(cls)][:-1]
        values: dict[str, Any] = {name: text_in(document, name) for name in names}
        values |= {name: _moment(document.get(name)) for name in ("refresh_expires_at", "granted_at")}
        values["refresh_is_estimated"] = document.get("refresh_is_estimated") is True
        values["expires_at"] = _moment(document.get("expires_at")) or 0.0
        values |= {name: Secret(document.get(name) or "") for name in ("access_token", "refresh_token")}
        values["others"] = {name: value for name, value in document.items() if name not in names}
        return cls(**values) if any(values[name] for name in ("access_token", "refresh_token", "keychain")) else None

    def to_bytes(self) -> bytes:
        """Return the file's content; the four keys that older scripts know come first."""
        document = {known.name: getattr(self, known.name) for known in fields(self)}
        for name in ("refresh_is_estimated", "status_message", "keychain"):
            if not document[name]:
                del document[name]
        text = json.dumps(document | document.pop("others"), ensure_ascii=False, indent=2)
        return text.encode(
            errors="backslashreplace"
        )  # half a character, which UTF-8 has not, becomes an escape of JSON

    def is_stale(self, now: float, margin: float) -> bool:
        """Say whether the access token lives less than ``margin`` seconds more, or is not there."""
        return not self.access_token or self.expires_at - now < margin

    def is_due(self, now: float) -> bool:
        """Say whether a process that runs long should renew now, while nobody waits for it.

        It should in the last half hour of the access token. It also should when a third of the refresh token's life has
        passed, however long the access token lives: a machine that then rests for days wakes up with a living login.
        """
        if self.is_stale(now, IDLE_MARGIN):
            return True
        since, until = _local(self.last_refresh), self.refresh_expires_at
        return since is not None and until is not None and since < until and now - since >= (until - since) / 3

    @property
    def is_historic(self) -> bool:
        """True when an old script got it from endpoints whose logins cannot be renewed any more."""
        return self.refresh_token.startswith(HISTORIC)

    @property
    def is_sound(self) -> bool:
        """True when both tokens can be sent by a request; a damaged one may hold anything, of any length."""
        return all(is_sendable(token) for token in (self.access_token, self.refresh_token))

    @property
    def is_bound(self) -> bool:
        """True when it is known of which host, which app and whom the token is."""
        return bool(self.open_base and self.app_id and self.open_id)

    def is_of(self, app: App) -> bool:
        """Say whether the token may be sent as this app: it is bound to no other one, and to no other host."""
        return self.open_base.rstrip("/") in ("", app.open_base) and self.app_id in ("", app.app_id)

    def with_grant(self, grant: Grant, now: float) -> Token:
        """Return the token after a login or a renewal; what the answer did not bring stays, dates as estimates."""
        granted = replace(
            self,
            access_token=grant.access_token,
            expires_at=int(grant.expires_at),
            last_refresh=_written(now),
            scope=grant.scope or self.scope,
            status_message=grant.status_message,
        )
        if not grant.refresh_token:
            return granted
        if grant.refresh_expires_at is None:
            return replace(
                granted, refresh_token=grant.refresh_token, refresh_is_estimated=bool(self.refresh_expires_at)
            )
        ends_at = int(grant.refresh_expires_at)
        return replace(
            granted, refresh_token=grant.refresh_token, refresh_expires_at=ends_at, refresh_is_estimated=False
        )

    @property
    def _refresh_ends_at(self) -> float | None:
        """When the refresh token ends; None where there is none, or nobody knows.

        An end that lay in the past at the last renewal was an estimate from before: what came then lives longer.
        """
        renewed_at = _local(self.last_refresh)
        is_over = renewed_at is not None and (self.refresh_expires_at or 0.0) < renewed_at
        return None if is_over or not self.refresh_token else self.refresh_expires_at

    def user(self, app: App) -> User:
        """Return who is logged in, and the dates at which access, refresh and consent end."""
        return User(
            name=self.name,
            open_id=self.open_id,
            tenant_key=self.tenant_key,
            app_id=app.app_id,
            host=urlsplit(app.open_base).netloc,
            access_ends_at=self.expires_at,
            refresh_ends_at=self._refresh_ends_at,
            refresh_is_estimated=self.refresh_is_estimated and self._refresh_ends_at is not None,
            consent_ends_at=None if self.granted_at is None else self.granted_at + CONSENT,
            scopes=tuple(self.scope.split()),
            renewable=bool(self.refresh_token) and not self.is_historic,
            status_message=self.status_message,
        )


def _moment(value: Any) -> float | None:
    """Return the epoch seconds that a value means, also written in milliseconds or as ISO time; None for no date."""
    number = finite(value)
    if number is None:
        number = _local(value.strip()) if isinstance(value, str) else None
    elif number >= LATEST:
        number /= 1000
    return number if number is not None and 0 <= number < LATEST else None


def _written(now: float) -> str:
    """Return a local time as older scripts wrote it; nothing where the machine's clock is out of all bounds."""
    try:
        return datetime.fromtimestamp(now).isoformat(timespec="seconds")  # noqa: DTZ006
    except (ValueError, OverflowError, OSError):
        return ""


def _local(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
