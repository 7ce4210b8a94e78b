"""TokenStore: one login, renewed before it is needed.

A refresh token works once. So whoever finds the token stale takes the lock, looks again (another process may have
renewed it meanwhile), proves that the successor can be kept, and only then spends it; the new pair is on the disk
before anyone uses it. What fails on the way (network, rate limit, platform, disk) leaves the login as it was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from larknb.auth import place
from larknb.auth.app import App
from larknb.auth.grant import Grant, checked, refresh
from larknb.auth.profile import user_info
from larknb.auth.token import HARD_MARGIN, Token
from larknb.auth.tokenfile import TokenFile
from larknb.config.secrets import NOTHING, Secret
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.wire.codes import remedy
from larknb.wire.retry import Clock, Sleep

__all__ = ["TokenStore"]

UNAUTHORIZED = 401  # of HTTP, where a refusal has no code
LOCK_PATIENCE = 30.0  # seconds to wait for another process that renews the login
DEAD = (20026, 20037, 20064, 20073)  # the codes that say a refresh token is of no use any more; no other one does

TWICE = "offline_access offline_access"  # a scope that no renewal may ask for: it stands there twice
WRONG_SCOPE = (20067, 20068)  # the codes that refuse a scope, and nothing else

log = logging.getLogger("larknb")


class TokenStore:
    """The login of one person with one app, in one file that all processes share.

    Parameters
    ----------
    path : Path
        The token file (`TokenFile`).
    app : App
        Whose login it is; one of another app or host is never sent.
    in_keychain : bool
        Keep the two tokens in the system's keychain; the file holds the rest. A file that was written the other way is
        understood, and changes with the next renewal.
    own_place : bool
        The file has the place and the name that larknb gives it (`TokenFile`).
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
        own_place: bool = False,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        patience: float = LOCK_PATIENCE,
    ) -> None:
        self.app, self.clock, self.sleep, self.in_keychain = app, clock, sleep, in_keychain
        self._file = TokenFile(path, in_keychain=in_keychain, own_place=own_place, patience=patience, sleep=sleep)
        self.path = self._file.path
        self._displaced: list[tuple[str, dict[str, str]]] = []

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
        token = self._file.peek()
        whole = self._file.opened(self._own(token)) if token else None
        if whole:
            return self._sound(whole)
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

    def try_renewal(self) -> None:
        """Prove that the platform would renew the login, and spend nothing: the request is one that it must refuse.

        The order in which it checks a request is not documented. Should it renew all the same, the new pair is kept.

        Raises
        ------
        LarkError
            It would not; ``code`` says why.
        """
        with self.lock():
            token = self._look()
            self.check_writable()
            try:
                grant = refresh(self.app, token.refresh_token, scope=TWICE, clock=self.clock, sleep=self.sleep)
            except LarkError as error:
                if error.code not in WRONG_SCOPE:
                    raise
            else:
                self._file.keep(token.with_grant(grant, self.clock()), before=token)

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
            Trades the code for the tokens. Called once there is room for them: a code works once, too. What it raises
            leaves all as it was.
        """
        with self.lock():
            before = self._before()
            self.check_writable()
            return self._let_in(obtain(), before)

    def _before(self) -> Token:
        try:
            return self._file.read()
        except LoginRequired:
            return Token()

    def _let_in(self, grant: Grant, before: Token) -> Token:
        """Return the login that a grant makes, kept before it is used; what goes wrong after that can wait."""
        self._displaced = []
        is_other = not before.is_of(self.app)
        others = {} if is_other else before.others
        bound = Token(open_base=self.app.open_base, app_id=self.app.app_id, others=others)
        now = self.clock()
        token = replace(bound.with_grant(grant, now), granted_at=int(now))
        token = self._file.keep(token, before=before, aside=_label(before) if is_other else "")
        self._sound(token)
        try:
            token = self._bind(token)
        except (ApiError, ConfigError) as error:  # the login is good; the first use asks again whose it is
            log.warning("%s", error)
        if is_other:
            aside = self._file.aside(_label(before))
            self._displaced.append(("login.kept", {"app_id": before.app_id, "path": str(aside)}))
        elif before.open_id not in ("", token.open_id):
            self._displaced.append(("login.other_person", {"name": before.name or before.open_id}))
        for text in self.warnings():
            log.warning("%s", text)
        return token

    def warnings(self) -> list[str]:
        """Return what whoever signs in should know: a place that may lose the login, whom the sign-in displaced."""
        texts = [say(key, **words) for key, words in self._displaced]
        return [*texts, say("login.remote", path=self.path)] if place.is_remote(self.path) else texts

    def forget(self, ended: Callable[[Token], object] | None = None) -> bool:
        """Delete the login, every copy of it and what was kept aside; say whether there was anything.

        Where several folders share the file, all of them are logged out.

        Parameters
        ----------
        ended : callable, optional
            Takes each login of this app that was deleted, so that it can be ended at the platform.
        """

        def own(token: Token) -> None:
            if ended and token.is_of(self.app) and token.is_sound:
                ended(token)

        return self._file.forget(own)

    # --- under the lock --------------------------------------------------------------------------------------------

    def lock(self) -> AbstractContextManager[None]:
        """Keep all other processes and threads from changing the login; Busy if one of them takes too long."""
        return self._file.lock()

    def check_place(self) -> None:
        """Prove that a login of ours may lie there: nothing of somebody else does, and nobody else can put one there.

        Raises
        ------
        ConfigError
            It says what to do.
        """
        self._file.check_ours()
        self._file.check_private()

    def check_writable(self) -> None:
        """Prove that a new pair of tokens can be kept; ConfigError if it cannot."""
        self._file.check_writable()

    def _look_again(self, is_due: Callable[[Token], bool]) -> Token:
        with self.lock():
            token = self._look()  # another process may have renewed it while we waited
            if not is_due(token):
                try:
                    return token if token.is_bound else self._bind(token)
                except LoginRequired as error:
                    if not _is_refused(error):
                        raise
            token = self._sound(self._refresh(token))
            return token if token.is_bound else self._bind(token)

    def _look(self) -> Token:
        return self._sound(self._file.whole(self._own(self._file.read())))

    def _own(self, token: Token) -> Token:
        self._file.check_private()
        if token.is_of(self.app):
            return token
        what = say("login.foreign.what", app_id=token.app_id or "?", host=urlsplit(token.open_base).netloc or "?")
        raise LoginRequired(what, source=str(self.path), next=say("login.foreign.next"))

    def _sound(self, token: Token) -> Token:
        """Return a token that a request can carry; LoginRequired where the file or an answer was damaged."""
        if token.is_sound:
            return token
        raise LoginRequired(say("login.unsound.what"), source=str(self.path), next=say("login.again"))

    def _refresh(self, token: Token) -> Token:
        if not token.refresh_token or token.is_historic:
            what = say("login.historic.what" if token.is_historic else "trouble.refresh_dead.what")
            raise LoginRequired(what, source=str(self.path), next=say("login.again"))
        self.check_writable()
        try:
            grant = refresh(self.app, token.refresh_token, clock=self.clock, sleep=self.sleep)
        except LoginRequired as error:
            if error.code not in DEAD:
                raise
            return self._second_look(token, error)
        kept = self._file.keep(token.with_grant(grant, self.clock()), before=token)
        checked(self.app, grant)
        return kept

    def _second_look(self, spent: Token, error: LoginRequired) -> Token:
        """Return what a program without our lock wrote meanwhile, else give the login up: it cannot be renewed."""
        token = self._look()
        if token.refresh_token != spent.refresh_token:
            return self._refresh(token) if token.is_stale(self.clock(), HARD_MARGIN) else token
        with suppress(ConfigError):  # the reason that counts is the other one
            self._file.save(replace(spent, refresh_token=NOTHING, refresh_expires_at=None))
        raise error

    def _bind(self, token: Token) -> Token:
        """Ask whose token it is, and write it down."""
        who = user_info(self.app, token.access_token, sleep=self.sleep)
        bound = replace(token, open_base=self.app.open_base, app_id=self.app.app_id)
        return self._file.save(replace(bound, open_id=who.open_id, name=who.name, tenant_key=who.tenant_key))


def _is_refused(error: LoginRequired) -> bool:
    """Say whether the platform refused an access token that a renewal replaces."""
    return error.code == UNAUTHORIZED or remedy(error.code).heal == "renew"


def _label(token: Token) -> str:
    return f"{token.app_id}_{urlsplit(token.open_base).netloc}"
