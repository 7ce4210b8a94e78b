"""One sign-in, from the link to the kept token; whoever comes first through one of its doors wins.

The browser door is the `Callback`; it works where the browser runs on the machine of the kernel. The paste door takes
the address of the page on which the browser ended; it works everywhere. The device door is `device.DeviceLogin`. None
of them asks or prints: `terminal` and the notebook's card do.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Self

from larknb.auth.app import App
from larknb.auth.authorize import authorize_url, new_verifier
from larknb.auth.callback import LIFETIME, Callback, Verdict, read_verdict
from larknb.auth.grant import Grant, exchange_code
from larknb.auth.scopes import OFFLINE, refused
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ConfigError, LoginRequired
from larknb.messages import say
from larknb.model import Source
from larknb.results.user import User
from larknb.wire.retry import Clock, Sleep

__all__ = ["Login", "SignIn"]

MOST_SCOPES = 50  # the authorize page refuses more in one request

_CODE = re.compile(r"[A-Za-z0-9_-]+")


class SignIn(ABC):
    """One sign-in, until somebody is in, it failed, or it is closed.

    Parameters
    ----------
    app : App
        What to sign in to.
    store : TokenStore
        Where the login is kept.
    scopes : sequence of str
        What to ask for (`larknb.auth.scopes.wanted`).
    sources : sequence of Source
        What the scopes are for: a granted alternative of one that was asked for counts as granted.
    not_enabled : mapping
        Which sources cannot be read whatever is granted: by name, the scopes that the app lacks
        (`larknb.auth.scopes.not_enabled`).

    Attributes
    ----------
    url : str
        The page on which the person approves.
    ends_at : float
        Epoch seconds after which nobody is expected any more.
    lacking : tuple of str
        Once signed in: what was asked for and not granted.
    status_message : str
        What the platform said with the tokens, as it is.
    is_coming : bool
        Somebody approved, and their login is on its way into the store.
    """

    url: str
    ends_at: float

    def __init__(
        self,
        app: App,
        store: TokenStore,
        scopes: Sequence[str],
        *,
        sources: Sequence[Source] = (),
        not_enabled: Mapping[str, Sequence[str]] | None = None,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.app, self.store, self.clock, self.sleep = app, store, clock, sleep
        self.scopes = tuple(dict.fromkeys((OFFLINE, *scopes)))  # without it no refresh token, silently
        self.sources, self.not_enabled = sources, not_enabled or {}
        self.lacking: tuple[str, ...] = ()
        self.status_message = ""
        self.is_coming = False
        if len(self.scopes) > MOST_SCOPES:
            raise ConfigError(say("login.many_scopes.what", most=MOST_SCOPES), next=say("login.many_scopes.next"))
        self._user: User | None = None
        self._error: Exception | None = None
        self._done, self._closed = threading.Event(), threading.Event()

    def shortfall(self) -> str:
        """Return in words what is `not_enabled` and where the admin enables it: to be told before the page opens."""
        if not self.not_enabled:
            return ""
        told = "; ".join(f"{name}: {' '.join(scopes)}" for name, scopes in self.not_enabled.items())
        missed = dict.fromkeys(scope for scopes in self.not_enabled.values() for scope in scopes)
        return say("login.not_enabled", sources=told, link=self.app.asker("user", "").console([*missed]))

    def adds_to(self, user: User) -> bool:
        """Say whether it asks for more than somebody granted; if not, what they lack the app itself lacks."""
        return not {*self.scopes} <= {*user.scopes}

    def notes(self) -> list[str]:
        """Return what a person who is in should know: what the platform said, what it did not grant, and more."""
        told = [self.status_message] if self.status_message else []
        lacking = [say("login.lacking", scopes=" ".join(self.lacking))] if self.lacking else []
        return told + lacking + self.store.warnings()

    @property
    def is_open(self) -> bool:
        """True as long as somebody may still come in."""
        return not self._done.is_set()

    def wait(self, timeout: float | None = None) -> User | None:
        """Return the person once one of the doors let them in, or None after ``timeout`` seconds or when closed.

        Raises
        ------
        LarkError
            The answer was a refusal, did not work, or never came.
        """
        self._done.wait(timeout)
        if self._user is None and self._error is not None:
            raise self._error
        return self._user

    def close(self) -> None:
        """Shut the doors."""
        self._closed.set()
        self._done.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _begin(self) -> None:
        """Attend to the answer in a thread of its own, in the language that is spoken here."""
        work = copy_context().run
        threading.Thread(target=work, args=(self._attend_to_the_end,), name="larknb-login", daemon=True).start()

    def _attend_to_the_end(self) -> None:
        try:
            self._attend()
        except Exception as error:  # noqa: BLE001  whoever waits raises it
            self._error = error
        finally:
            self._done.set()

    @abstractmethod
    def _attend(self) -> None:
        """Let somebody in, or raise why nobody came."""

    def _keep(self, obtain: Callable[[], Grant]) -> User:
        """Return the person, once the grant is kept; ``obtain`` says when it `is_coming`."""
        try:
            token = self.store.sign_in(obtain)
        except BaseException:
            self.is_coming = False
            raise
        user = token.user(self.app)
        self.lacking, self.status_message = refused(self.scopes, user.scopes, self.sources), user.status_message
        return user


class Login(SignIn):
    """A sign-in by authorization code; its two doors are open until it is closed, or for ``lifetime`` seconds.

    Parameters
    ----------
    redirect_uris : sequence of str
        As registered in the console; the browser door listens on the first that is free.
    listen : bool
        False leaves the browser door shut.

    Attributes
    ----------
    redirect_uri : str
        Where the browser ends.
    busy : tuple of str
        Redirect addresses that another program holds.
    listening : bool
        False when only the paste door is open.
    """

    def __init__(
        self,
        app: App,
        store: TokenStore,
        redirect_uris: Sequence[str],
        scopes: Sequence[str],
        *,
        sources: Sequence[Source] = (),
        not_enabled: Mapping[str, Sequence[str]] | None = None,
        listen: bool = True,
        lifetime: float = LIFETIME,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        super().__init__(app, store, scopes, sources=sources, not_enabled=not_enabled, clock=clock, sleep=sleep)
        self.lifetime, self.ends_at = lifetime, clock() + lifetime
        self._state, self._verifier = Secret(secrets.token_urlsafe(32)), new_verifier()
        self._entrance = threading.Lock()
        self._callback = Callback(redirect_uris if listen else (), self._state, lifetime=lifetime)
        self.busy, self.listening = self._callback.busy, bool(self._callback.redirect_uri)
        self.redirect_uri = self._callback.redirect_uri or redirect_uris[0]
        self.url = authorize_url(
            app, redirect_uri=self.redirect_uri, scopes=self.scopes, state=self._state, verifier=self._verifier
        )
        if self.listening:
            self._begin()

    def finish(self, pasted: str) -> User:
        """Return the person, signed in with the pasted address of the page that failed to load, or with the bare code.

        Raises
        ------
        LarkError
            It did not work. Another try may, as long as the code lives.
        """
        pasted = Secret(pasted)  # so that a traceback shows none of it
        user = self._enter(self._read(pasted))
        self.close()
        return user

    def close(self) -> None:
        """Shut the doors."""
        self._closed.set()
        self._callback.close()
        self._done.set()

    def _attend(self) -> None:
        verdict = self._callback.wait()
        if verdict:
            self._enter(verdict)
        elif not self._closed.is_set():
            raise self.late()

    def _read(self, pasted: Secret) -> Verdict:
        text = Secret("".join(pasted.split()).strip("<>\"'`"))  # a terminal or a chat breaks long addresses
        if _CODE.fullmatch(text) and len(pasted.split()) == 1:
            return Verdict(text)
        verdict = read_verdict((text.partition("?")[2] or text).partition("#")[0], self._state)
        if isinstance(verdict, Verdict):
            return verdict
        trouble = "other" if verdict == "state" else "pasted"
        step = say(f"login.{trouble}.next", redirect_uri=self.redirect_uri)
        raise LoginRequired(say(f"login.{trouble}.what"), next=step)

    def _enter(self, verdict: Verdict) -> User:
        with self._entrance:
            if self._user is None:
                if verdict.error:
                    reason = re.sub(r"\W", "", verdict.error)[:40]  # it comes from outside
                    raise LoginRequired(say("login.denied.what", reason=reason), next=say("login.denied.next"))
                self._user = self._sign_in(verdict.code)
                self._done.set()
            return self._user

    def _sign_in(self, code: Secret) -> User:
        def obtain() -> Grant:
            self.is_coming, uri = True, self.redirect_uri
            return exchange_code(
                self.app, code, redirect_uri=uri, verifier=self._verifier, clock=self.clock, sleep=self.sleep
            )

        return self._keep(obtain)

    def late(self) -> LoginRequired:
        """Return the error for an answer that never came."""
        step = say("login.late.next", redirect_uri=self.redirect_uri, link=self.app.page)
        return LoginRequired(say("login.late.what", minutes=round(self.lifetime / 60)), next=step)
