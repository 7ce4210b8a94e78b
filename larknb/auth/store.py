"""TokenStore: one file, one lock, renewed before it is needed.

A refresh token works once. So whoever finds the token stale takes the lock, looks again (another process may have
renewed it meanwhile), proves that the successor can be kept, and only then spends it; the new pair is on the disk
before anyone uses it. What fails on the way (network, rate limit, platform, disk) leaves the login as it was.
"""

from __future__ import annotations

import glob
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from larknb import files
from larknb.auth import keychain, oauth, place
from larknb.auth.oauth import NOTHING, App, Clock, Grant, Sleep
from larknb.auth.token import HARD_MARGIN, Token
from larknb.config.secrets import Secret
from larknb.errors import ApiError, Busy, ConfigError, LarkError, LoginRequired
from larknb.messages import say

__all__ = ["TokenStore", "nobody"]

KEPT = ".kept"  # what a file is called that holds a login of another app
LOCK_PATIENCE = 30.0  # seconds to wait for another process that renews the login
ROOM = 16 * 1024  # bytes: two tokens of 4 KB and everything else, with room to spare
DEAD = (20026, 20037, 20064, 20073)  # the codes that say a refresh token is of no use any more; no other one does

log = logging.getLogger("larknb")


class TokenStore:
    """The login of one person with one app, in one file that all processes share.

    Parameters
    ----------
    path : Path
        The token file. Beside it lie its lock, what was found damaged, logins of other apps that a sign-in found in
        its place (``*.kept``), and for a moment a probe and its successor.
    app : App
        Whose login it is; one of another app or host is never sent.
    in_keychain : bool
        Keep the two tokens in the system's keychain; the file holds the rest. A file that was written the other way is
        understood, and changes with the next renewal.
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
        in_keychain: bool = False,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        patience: float = LOCK_PATIENCE,
    ) -> None:
        # A link to a login shared by several folders must stay one: its target is what gets locked and replaced.
        self.path = path.resolve() if path.is_symlink() else path
        self.app, self.clock, self.sleep, self.patience = app, clock, sleep, patience
        self.in_keychain = in_keychain
        self._places = (path.parent, self.path.parent, self.path)
        self._successor = self.path.with_name(self.path.name + ".new")
        self._damaged = self.path.with_name(self.path.name + ".damaged")
        # By the refresh token that was spent on it: if the disk then fails, the next call keeps it after all.
        self._grants: dict[Secret, Grant] = {}
        self._displaced: list[tuple[str, dict[str, Any]]] = []

    # --- for whoever needs a token ---------------------------------------------------------------------------------

    def load(self) -> Token:
        """Return the stored login as it is, fresh or not.

        Raises
        ------
        LoginRequired
            There is none for this app.
        ConfigError
            There is one that somebody else could have put there.
        """
        try:
            token = Token.of(self.path.read_bytes())
        except FileNotFoundError:
            if not self._successor.exists():
                raise nobody() from None
            token = None
        except OSError:
            token = None  # on Windows it may be in the middle of being replaced
        whole = _opened(self._own(token)) if token else None
        if whole:
            return whole
        with self.lock():
            return self._look()

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
            token = self._look_again(lambda token: token.is_stale(self.clock(), margin))
        return token.access_token

    def renew(self, rejected: str) -> Secret:
        """Return another access token than the one that the platform ``rejected``, whatever its age."""
        token = self._look_again(
            lambda token: token.access_token == rejected or token.is_stale(self.clock(), HARD_MARGIN)
        )
        return token.access_token

    def keep_alive(self) -> Token:
        """Return the login, renewed if it is due (`Token.is_due`); for whatever runs long, every few minutes.

        What may heal by itself (network, platform, disk, a held lock) is logged, and the login comes back as it was.

        Raises
        ------
        LoginRequired
            There is no login, or it cannot be renewed any more.
        """
        token = self.load()
        if not token.is_due(self.clock()):
            return token
        try:
            return self._look_again(lambda token: token.is_due(self.clock()))
        except LoginRequired:
            raise
        except LarkError as error:
            log.warning("%s", error)
            return token

    def sign_in(self, obtain: Callable[[], Grant]) -> Token:
        """Return the new login, kept; it replaces the person who was logged in to this app before (`warnings`).

        A login of another app that lies in the file is moved aside, to ``<file>.<app>_<host>.kept``.

        Parameters
        ----------
        obtain : callable
            Trades the code for the tokens. Called once the file has proved writable: a code works once, too.
        """
        with self.lock():
            try:
                before = self._stored()
            except LoginRequired:
                before = Token()
            self.check_writable()
            grant = obtain()
            self._displaced = []
            if not before.is_of(self.app):
                before = self._set_aside(before)
            bound = Token(open_base=self.app.open_base, app_id=self.app.app_id, others=before.others)
            now = self.clock()
            token = self.save(replace(bound.with_grant(grant, now), granted_at=int(now)))
            try:
                token = self._bind(token)
            except ApiError as error:  # the login is good; the first use asks again whose it is
                log.warning("%s", error)
            if before.open_id not in ("", token.open_id):
                self._displaced.append(("login.other_person", {"name": before.name or before.open_id}))
            for text in self.warnings():
                log.warning("%s", text)
            return token

    def warnings(self) -> list[str]:
        """Return what whoever signs in should know: a place that may lose the login, whom the sign-in displaced."""
        texts = [say(key, **words) for key, words in self._displaced]
        return [*texts, say("login.remote", path=self.path)] if place.is_remote(self.path) else texts

    def forget(self) -> bool:
        """Delete the login, every copy of it and what was kept aside; say whether there was anything.

        Where several folders share the file, all of them are logged out.
        """
        aside = self.path.parent.glob(f"{glob.escape(self.path.name)}.*{KEPT}")
        copies = [self.path, self._successor, self._damaged, *aside]
        if not any(path.exists() for path in copies):
            return False
        with self.lock(), self._disk():
            for path in copies:
                if name := _keychain_name(path):
                    keychain.delete(name)
                    keychain.delete(keychain.next_name(name))
                path.unlink(missing_ok=True)
        return True

    # --- under the lock --------------------------------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other processes and threads from changing the login; Busy if one of them takes too long."""
        lock = FileLock(self.path.with_name(self.path.name + ".lock"), timeout=self.patience, mode=0o600)
        with self._disk():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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

    def check_private(self) -> None:
        """Prove that nobody else can put a login where ours lies; ConfigError, with what to do, if somebody can."""
        place.check_private(*self._places)

    def check_writable(self) -> None:
        """Prove that a new pair of tokens can be kept; ConfigError if it cannot."""
        self.check_private()
        if self.in_keychain:
            keychain.check()
        probe = self.path.with_name(self.path.name + ".probe")  # a virus scanner may keep hold of it for a while
        with self._disk():
            _write(probe, lambda: b" " * ROOM)
            with suppress(OSError):
                probe.unlink()

    def save(self, token: Token) -> Token:
        """Return the token, kept: whole, on the disk, readable by its owner alone."""
        kept = token = replace(token, keychain=self._next_name(token))
        if token.keychain:
            keychain.write(token.keychain, token.access_token, token.refresh_token)
            kept = replace(token, access_token=NOTHING, refresh_token=NOTHING)
        self._put(kept)
        return token

    def _next_name(self, token: Token) -> str:
        if not self.in_keychain:
            return ""
        return keychain.next_name(token.keychain) if token.keychain else keychain.first_name()

    def _look_again(self, is_due: Callable[[Token], bool]) -> Token:
        with self.lock():
            token = self._look()  # another process may have renewed it while we waited
            if is_due(token):
                token = self._refresh(token)
            return token if token.is_bound else self._bind(token)

    def _look(self) -> Token:
        token = self._own(self._stored())
        if token.keychain and keychain.read(newer := keychain.next_name(token.keychain)):
            # A killed process left it there, and what it knew of it is lost: it is renewed before it is used.
            token = replace(token, keychain=newer, expires_at=0.0)
            self._put(token)
        whole = _opened(token)
        if whole is None:
            raise LoginRequired(say("login.keychain.gone.what"), source=str(self.path), next=say("login.again"))
        return whole

    def _stored(self) -> Token:
        with self._disk():
            token = Token.of(self.path.read_bytes()) if self.path.exists() else None
            if token is None and self.path.exists():
                files.replace(self.path, self._damaged)
                what = say("login.damaged.what", path=self._damaged)
                raise LoginRequired(what, source=str(self.path), next=say("login.again"))
        if token is None:
            raise nobody()
        return token

    def _own(self, token: Token) -> Token:
        self.check_private()
        if token.is_of(self.app):
            return token
        what = say("login.foreign.what", app_id=token.app_id or "?", host=urlsplit(token.open_base).netloc or "?")
        raise LoginRequired(what, source=str(self.path), next=say("login.foreign.next"))

    def _set_aside(self, foreign: Token) -> Token:
        """Move another app's login to a file beside ours, and return what ours begins with: nothing."""
        name = files.file_name(f"{foreign.app_id}_{urlsplit(foreign.open_base).netloc}")
        aside = self.path.with_name(f"{self.path.name}.{name}{KEPT}")
        with self._disk():
            files.replace(self.path, aside, sleep=self.sleep)
        self._displaced.append(("login.kept", {"app_id": foreign.app_id, "path": aside}))
        return Token()

    def _refresh(self, token: Token) -> Token:
        if not token.refresh_token or token.is_historic:
            what = say("login.historic.what" if token.is_historic else "trouble.refresh_dead.what")
            raise LoginRequired(what, source=str(self.path), next=say("login.again"))
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

    def _put(self, token: Token) -> None:
        with self._disk():
            _write(self._successor, token.to_bytes)
            self._promote()

    def _promote(self) -> None:
        before, after = _keychain_name(self.path), _keychain_name(self._successor)
        files.replace(self._successor, self.path, sleep=self.sleep)
        with suppress(OSError):  # some network file systems cannot bring a folder to the disk
            files.sync_folder(self.path.parent)
        if before not in ("", after):
            with suppress(ConfigError):  # what stays there is worth nothing any more
                keychain.delete(before)

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


def _opened(token: Token) -> Token | None:
    """Return a token with what the keychain holds of it; None if that is not there (any more)."""
    if not token.keychain:
        return token
    pair = keychain.read(token.keychain)
    return replace(token, **pair) if pair else None


def _keychain_name(path: Path) -> str:
    """Return the name of the pair in the keychain that a file leads to, if any."""
    token = Token.of(path.read_bytes()) if path.exists() else None
    return token.keychain if token else ""


def nobody() -> LoginRequired:
    """Return the error where there is no login."""
    return LoginRequired(say("login.missing.what"), next=say("login.missing.next"))


def _written_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
