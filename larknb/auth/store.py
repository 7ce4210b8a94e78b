"""Token, TokenStore: one file, one lock, renewed before it is needed.

A refresh token works once. So whoever finds the token stale takes the lock, looks again (another process may have
renewed it meanwhile), proves that the successor can be kept, and only then spends it; the new pair is on the disk
before anyone uses it. What fails on the way (network, rate limit, platform, disk) leaves the login as it was.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from larknb import files
from larknb.auth import oauth
from larknb.auth.oauth import NOTHING, App, Clock, Grant, Sleep
from larknb.config import Secret
from larknb.errors import ApiError, Busy, ConfigError, LoginRequired
from larknb.messages import say
from larknb.model import User

__all__ = ["HARD_MARGIN", "IDLE_MARGIN", "Token", "TokenStore"]

HARD_MARGIN = 5 * 60.0  # seconds: a token that lives less is never handed out
IDLE_MARGIN = 30 * 60.0  # seconds: a long-running process renews this early while it is idle, so that no call waits
CONSENT = 365 * 86400.0  # seconds: a year after the grant the person is asked again, whatever was renewed
LOCK_PATIENCE = 30.0  # seconds to wait for another process that renews the login
ROOM = 16 * 1024  # bytes: two tokens of 4 KB and everything else, with room to spare
DEAD = (20026, 20037, 20064, 20073)  # the codes that say a refresh token is of no use any more; no other one does

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class Token:
    """A login as the file holds it: the names are the file's keys, times are epoch seconds.

    ``granted_at`` is when the person approved; renewals leave it. ``open_base``, ``app_id`` and ``open_id`` say what
    the token is bound to; a file that an older script wrote has none of them. ``others`` are keys of somebody else,
    kept as they are.
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
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, content: bytes) -> Token | None:
        """Return the token that a file holds, or None where it holds none; a byte order mark does no harm."""
        document = oauth.parse(content) or {}
        names = [known.name for known in fields(cls)][:-1]
        values: dict[str, Any] = {name: str(document.get(name) or "") for name in names}
        values |= {name: _number(document.get(name)) for name in ("refresh_expires_at", "granted_at")}
        values["expires_at"] = _number(document.get("expires_at")) or 0.0
        values |= {name: Secret(values[name]) for name in ("access_token", "refresh_token")}
        values["others"] = {name: value for name, value in document.items() if name not in names}
        return cls(**values) if values["access_token"] or values["refresh_token"] else None

    def to_bytes(self) -> bytes:
        """Return the file's content; the four keys that older scripts know come first."""
        document = {known.name: getattr(self, known.name) for known in fields(self)}
        return json.dumps(document | document.pop("others"), ensure_ascii=False, indent=2).encode()

    def is_stale(self, now: float, margin: float) -> bool:
        """Say whether the access token lives less than ``margin`` seconds more."""
        return not self.expires_at - now >= margin  # in this form a NaN in the file is stale, too

    @property
    def is_bound(self) -> bool:
        """True when it is known of which host, which app and whom the token is."""
        return bool(self.open_base and self.app_id and self.open_id)

    def is_of(self, app: App) -> bool:
        """Say whether the token may be sent as this app: it is bound to no other one, and to no other host."""
        return self.open_base.rstrip("/") in ("", app.open_base) and self.app_id in ("", app.app_id)

    def with_grant(self, grant: Grant, now: float) -> Token:
        """Return the token after a login or a renewal; what the answer did not bring stays."""
        granted = replace(
            self,
            access_token=grant.access_token,
            expires_at=int(grant.expires_at),
            last_refresh=datetime.fromtimestamp(now).isoformat(timespec="seconds"),  # noqa: DTZ006  local, as documented
            scope=grant.scope or self.scope,
        )
        if not grant.refresh_token:
            return granted
        ends_at = None if grant.refresh_expires_at is None else int(grant.refresh_expires_at)
        return replace(granted, refresh_token=grant.refresh_token, refresh_expires_at=ends_at)

    def user(self, app: App) -> User:
        """Return who is logged in, and the dates at which access, refresh and consent end."""
        return User(
            name=self.name,
            open_id=self.open_id,
            tenant_key=self.tenant_key,
            app_id=app.app_id,
            host=urlsplit(app.open_base).netloc,
            access_ends_at=self.expires_at,
            refresh_ends_at=self.refresh_expires_at if self.refresh_token else None,
            consent_ends_at=None if self.granted_at is None else self.granted_at + CONSENT,
            scopes=tuple(self.scope.split()),
        )


def _number(value: Any) -> float | None:
    try:
        return value if isinstance(value, (int, float)) else float(value)
    except (TypeError, ValueError):
        return None


class TokenStore:
    """The login of one person with one app, in one file that all processes share.

    Parameters
    ----------
    path : Path
        The token file. Beside it lie its lock, what was found damaged, and for a moment a probe and its successor.
    app : App
        Whose login it is; one of another app or host is never sent.
    clock, sleep
        The real ones by default.
    patience : float
        Seconds to wait for another process that holds the lock.
    """

    def __init__(
        self,
        path: Path,
        app: App,
        *,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        patience: float = LOCK_PATIENCE,
    ) -> None:
        # A link to a login shared by several folders must stay one: its target is what gets locked and replaced.
        self.path = path.resolve() if path.is_symlink() else path
        self.app, self.clock, self.sleep, self.patience = app, clock, sleep, patience
        self._successor = self.path.with_name(self.path.name + ".new")
        self._damaged = self.path.with_name(self.path.name + ".damaged")
        # By the refresh token that was spent on it: if the disk then fails, the next call keeps it after all.
        self._grants: dict[Secret, Grant] = {}

    # --- for whoever needs a token ---------------------------------------------------------------------------------

    def load(self) -> Token:
        """Return the stored login as it is, fresh or not; LoginRequired where there is none for this app."""
        try:
            token = Token.of(self.path.read_bytes())
        except FileNotFoundError:
            if not self._successor.exists():
                raise _nobody() from None
            token = None
        except OSError:
            token = None  # on Windows it may be in the middle of being replaced
        if token is None:
            with self.lock():
                return self._look()
        return self._own(token)

    def access_token(self, margin: float = HARD_MARGIN) -> Secret:
        """Return an access token good for ``margin`` seconds more, renewed first if it is not.

        Raises
        ------
        LoginRequired
            There is no login, or it cannot be renewed any more.
        LarkError
            It could not be renewed now; the login is as it was.
        """
        token = self.load()
        if token.is_stale(self.clock(), margin) or not token.is_bound:
            token = self._look_again(margin)
        return token.access_token

    def renew(self, rejected: str) -> Secret:
        """Return another access token than the one that the platform ``rejected``, whatever its age."""
        return self._look_again(HARD_MARGIN, rejected).access_token

    def sign_in(self, obtain: Callable[[], Grant]) -> Token:
        """Return the new login, kept.

        Parameters
        ----------
        obtain : callable
            Trades the code for the tokens. Called once the file has proved writable: a code works once, too.
        """
        with self.lock():
            try:
                others = self._look().others
            except LoginRequired:
                others = {}
            self.check_writable()
            grant = obtain()
            bound = Token(open_base=self.app.open_base, app_id=self.app.app_id, others=others)
            now = self.clock()
            token = self.save(replace(bound.with_grant(grant, now), granted_at=int(now)))
            try:
                return self._bind(token)
            except ApiError as error:  # the login is good; the first use asks again whose it is
                log.warning("%s", error)
                return token

    def forget(self) -> bool:
        """Delete the login and every copy of it; say whether there was one."""
        copies = [path for path in (self.path, self._successor, self._damaged) if path.exists()]
        if copies:
            with self.lock(), self._disk():
                for path in copies:
                    path.unlink(missing_ok=True)
        return bool(copies)

    # --- under the lock --------------------------------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other processes and threads from changing the login; Busy if one of them takes too long."""
        lock = FileLock(self.path.with_name(self.path.name + ".lock"), timeout=self.patience, mode=0o600)
        with self._disk():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                what = say("login.busy.what", seconds=int(self.patience))
                raise Busy(what, source=str(self.path), next=say("login.busy.next")) from None
        try:
            self._finish_save()
            yield
        finally:
            lock.release()

    def check_writable(self) -> None:
        """Prove that a new pair of tokens can be kept; ConfigError if it cannot."""
        probe = self.path.with_name(self.path.name + ".probe")  # a virus scanner may keep hold of it for a while
        with self._disk():
            _write(probe, lambda: b" " * ROOM)
            with suppress(OSError):
                probe.unlink()

    def save(self, token: Token) -> Token:
        """Return the token, kept: whole, on the disk, readable by its owner alone."""
        with self._disk():
            _write(self._successor, token.to_bytes)
            self._promote()
        return token

    def _look_again(self, margin: float, rejected: str = "") -> Token:
        with self.lock():
            token = self._look()  # another process may have renewed it while we waited
            if token.is_stale(self.clock(), margin) or token.access_token == rejected:
                token = self._refresh(token)
            return token if token.is_bound else self._bind(token)

    def _look(self) -> Token:
        with self._disk():
            token = Token.of(self.path.read_bytes()) if self.path.exists() else None
            if token is None and self.path.exists():
                files.replace(self.path, self._damaged)
                what = say("login.damaged.what", path=self._damaged)
                raise LoginRequired(what, source=str(self.path), next=say("login.again"))
        if token is None:
            raise _nobody()
        return self._own(token)

    def _own(self, token: Token) -> Token:
        if token.is_of(self.app):
            return token
        what = say("login.foreign.what", app_id=token.app_id or "?", host=urlsplit(token.open_base).netloc or "?")
        raise LoginRequired(what, source=str(self.path), next=say("login.foreign.next"))

    def _refresh(self, token: Token) -> Token:
        if not token.refresh_token:
            raise LoginRequired(say("trouble.refresh_dead.what"), source=str(self.path), next=say("login.again"))
        self.check_writable()
        if token.refresh_token not in self._grants:
            try:
                grant = oauth.refresh(self.app, token.refresh_token, clock=self.clock, sleep=self.sleep)
            except LoginRequired as error:
                if error.code not in DEAD:
                    raise
                return self._second_look(token, error)
            self._grants = {token.refresh_token: grant}
        renewed = self.save(token.with_grant(self._grants[token.refresh_token], self.clock()))
        self._grants.clear()  # a refresh token that the platform left valid may be spent again
        return renewed

    def _second_look(self, spent: Token, error: LoginRequired) -> Token:
        """Return what a program without our lock wrote meanwhile, else give the login up: it cannot be renewed."""
        token = self._look()
        if token.refresh_token != spent.refresh_token:
            return self._refresh(token) if token.is_stale(self.clock(), HARD_MARGIN) else token
        with suppress(ConfigError):  # the reason that counts is the other one
            self.save(replace(spent, refresh_token=NOTHING, refresh_expires_at=None))
        raise error

    def _bind(self, token: Token) -> Token:
        """Ask whose token it is, and write it down."""
        who = oauth.user_info(self.app, token.access_token, sleep=self.sleep)
        bound = replace(token, open_base=self.app.open_base, app_id=self.app.app_id)
        return self.save(replace(bound, open_id=who.open_id, name=who.name, tenant_key=who.tenant_key))

    # --- the file ----------------------------------------------------------------------------------------------------

    def _promote(self) -> None:
        files.replace(self._successor, self.path, sleep=self.sleep)
        with suppress(OSError):  # some network file systems cannot bring a folder to the disk
            files.sync_folder(self.path.parent)

    def _finish_save(self) -> None:
        """Promote a successor that a killed process, or an open file on Windows, left: only its pair still works."""
        with self._disk():
            if not self._successor.exists() or _written_at(self._successor) < _written_at(self.path):
                return
            if Token.of(self._successor.read_bytes()):
                self._promote()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the disk refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            what = say("login.disk.what", path=error.filename or self.path, reason=error.strerror or error)
            raise ConfigError(what, next=say("login.disk.next")) from error


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """Write a file for its owner alone, and bring it to the disk; a callable, because a traceback would show bytes."""
    path.unlink(missing_ok=True)  # else a link or a file of somebody else would get our tokens
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content())
        file.flush()
        os.fsync(file.fileno())


def _nobody() -> LoginRequired:
    return LoginRequired(say("login.missing.what"), next=say("login.missing.next"))


def _written_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
