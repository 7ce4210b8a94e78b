"""Who asks: a person, or the app itself. All that the rooms above know of a login."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit

from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.auth.tenant import tenant_token
from larknb.auth.token import HARD_MARGIN
from larknb.config.secrets import NOTHING, Secret
from larknb.errors import Asker, LarkError, LoginRequired
from larknb.results.user import User
from larknb.wire.retry import Clock, Sleep

__all__ = ["Identity", "TenantIdentity", "UserIdentity"]


class Identity(Protocol):
    """Somebody with a token that works."""

    @property
    def asker(self) -> Asker:
        """Who it is, for errors and reports."""

    @property
    def granted(self) -> tuple[str, ...]:
        """The scopes that it is known to have; empty where nobody knows."""

    def bearer(self) -> str:
        """Return a token that is good for some minutes more; its repr is masked."""

    def renew(self, rejected: str) -> str:
        """Return another token than the ``rejected`` one, where there is another."""

    def user(self) -> User:
        """Return who it is, and the dates at which things end."""


class UserIdentity:
    """The person whose login is in the store."""

    def __init__(self, store: TokenStore) -> None:
        self.store = store

    @property
    def asker(self) -> Asker:
        """Name and open_id; no label when nobody is logged in."""
        try:
            label = self.user().label
        except LarkError:
            label = ""
        return self.store.app.asker("user", label)

    @property
    def granted(self) -> tuple[str, ...]:
        """What the person granted; a file of an older script does not tell."""
        return self.user().scopes

    def bearer(self) -> Secret:
        """Return the person's access token."""
        with self._named():
            return self.store.access_token()

    def renew(self, rejected: str) -> Secret:
        """Return the next access token; one that another process already has is adopted."""
        with self._named():
            return self.store.renew(rejected)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the person whose login could not be renewed."""
        try:
            yield
        except LoginRequired as error:
            error.asker = self.asker
            raise

    def user(self) -> User:
        """Return the person as the file knows them, without a request."""
        return self.store.load().user(self.store.app)


class TenantIdentity:
    """The app itself. Its token lives in memory: any process may ask for one, and nothing is used up by asking."""

    def __init__(self, app: App, *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> None:
        self.app, self.clock, self.sleep = app, clock, sleep
        self._lock = threading.Lock()
        self._token, self._expires_at = NOTHING, 0.0

    @property
    def asker(self) -> Asker:
        """The app id."""
        return self.app.asker("tenant", self.app.app_id)

    @property
    def granted(self) -> tuple[str, ...]:
        """Nothing: what the app has is told by its answers alone."""
        return ()

    def bearer(self) -> Secret:
        """Return the app's token."""
        with self._lock:
            # As long as it lives 30 minutes more, the platform would give the same one again.
            if self._expires_at - self.clock() < HARD_MARGIN:
                self._ask()
            return self._token

    def renew(self, rejected: str) -> Secret:
        """Return the token that the platform gives now; if it is the rejected one, the API refuses the app itself."""
        with self._lock:
            if self._token == rejected or not self._token:
                self._ask()
            return self._token

    def user(self) -> User:
        """Return the app, and until when its token works."""
        host = urlsplit(self.app.open_base).netloc
        ends_at = self._expires_at or None
        return User("", "", "", self.app.app_id, host, identity="tenant", access_ends_at=ends_at)

    def _ask(self) -> None:
        self._token, self._expires_at = tenant_token(self.app, clock=self.clock, sleep=self.sleep)
