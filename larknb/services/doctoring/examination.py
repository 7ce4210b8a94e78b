"""What the checks of the doctor share: one view of the folder, and each question to the platform asked once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import requests

from larknb.auth.app import App
from larknb.auth.endpoint import call
from larknb.auth.tenant import SCOPES_API, tenant_token
from larknb.auth.token import Token
from larknb.config.secrets import Secret
from larknb.config.settings import Settings
from larknb.errors import AccessDenied, BudgetSpent, ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.model import Source
from larknb.results.doctor import Finding, Level
from larknb.services.context import Context
from larknb.wire.apart import apart
from larknb.wire.codes import remedy
from larknb.wire.reply import Reply
from larknb.wire.session import new_session

__all__ = ["Check", "Contact", "Examination", "Unasked", "finding", "of_error"]

CONTACT = (5.0, 8.0)  # seconds to connect and to wait: whoever hangs longer than that is told as one who hangs
APP_API = "application/v6/applications/me?lang=zh_cn"

T = TypeVar("T")


class Unasked(Exception):  # noqa: N818  a state of the world: another check tells why
    """Something that this check asks for is not there, and another check says so."""


@dataclass(frozen=True)
class Contact:
    """How a host answered a bare request: its clock and ours (epoch seconds, before and after), or why it did not."""

    before: float
    after: float
    server_time: float | None = None
    error: LarkError | None = None


class Examination:
    """What the checks share. They run in threads: each fact is asked for once, and whoever else needs it waits.

    A fact that could not be had is the same error for everybody who asks for it.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._guard = threading.Lock()
        self._facts: dict[str, _Fact] = {}

    # --- the folder -------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings; Unasked where they are wrong."""
        try:
            return self._once("settings", lambda: self.context.settings)
        except LarkError as error:
            raise Unasked from error

    @property
    def sources(self) -> tuple[Source, ...]:
        """The configured sources."""
        _ = self.settings
        return self._once("sources", lambda: self.context.sources)

    @property
    def cached(self) -> list[Source]:
        """The sources that have caches: of a space or folder its children."""
        found = [*self.sources, *(source for source in self.context.synced if source.parent)]
        return [source for source in found if not source.library or not self.context.listing(source).checked_at]

    def read_as(self, identity: str) -> list[Source]:
        """Return the sources that are read as a person, or as the app."""
        return [source for source in self.sources if source.identity == identity]

    @property
    def needs_login(self) -> bool:
        """True where something is read as a person."""
        _ = self.settings
        return "user" in self.context.identities

    # --- the platform -----------------------------------------------------------------------------------------------

    @property
    def app(self) -> App:
        """The app; Unasked where the settings name none."""
        settings = self.settings
        try:
            return self._once("app", lambda: App.of(settings))
        except LarkError as error:
            raise Unasked from error

    def contact(self, base: str) -> Contact:
        """Return how a host answers at all."""
        return self._once(f"contact {base}", lambda: self._contact(base))

    def reach(self) -> None:
        """Raise Unasked where the platform does not answer."""
        if self.contact(self.settings.open_base).error:
            raise Unasked

    def tenant(self) -> Secret:
        """Return the token of the app itself; LarkError where the platform refuses it."""
        app = self.app
        self.reach()
        return self._once("tenant", lambda: tenant_token(app, clock=self.context.clock, sleep=self.context.sleep)[0])

    def about_app(self) -> Mapping[str, Any]:
        """Return what the platform tells of the app.

        API: application-v6/application/get; it needs a scope of its own, which few apps have.
        """
        return self._once("about", lambda: _member(self._call(APP_API), "app"))

    def scopes(self) -> dict[str, bool]:
        """Return the scopes that the platform names for the app, and whether the app has each.

        API: application-v6/scope/list
        """
        return self._once("scopes", lambda: _scopes_of(self._call(SCOPES_API)))

    def token(self) -> Token:
        """Return the login as its file holds it; LarkError where there is none that can be used."""
        _ = self.app
        return self._once("token", lambda: self.context.store.load())

    def _call(self, api: str) -> Mapping[str, Any]:
        return _member(call(self.app, api, self.context.sleep, token=self.tenant()), "data")

    def _contact(self, base: str) -> Contact:
        clock = self.context.clock
        before = clock()

        def answer() -> Reply:
            with new_session(base) as session, session.get(f"{base}/", timeout=CONTACT) as response:
                return Reply.of(response)

        try:
            reply = apart(answer)
        except requests.RequestException as error:
            reply = Reply.lost(error)
        after = clock()
        return Contact(before, after, reply.server_time, reply.error(base) if reply.failure else None)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._guard:
            fact = self._facts.setdefault(name, _Fact())
        return cast("T", fact.get(make))


class _Fact:
    """Something that is found out once, by whoever asks first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[object] = []
        self._error: LarkError | None = None

    def get(self, make: Callable[[], object]) -> object:
        with self._lock:
            if self._error is not None:
                raise self._error
            if not self._found:
                try:
                    self._found.append(make())
                except LarkError as error:
                    self._error = error
                    raise
            return self._found[0]


Check = Callable[[Examination], "list[Finding]"]


def finding(level: Level, check: str, key: str, *, link: str = "", source: str = "", **words: Any) -> Finding:
    """Return a finding in the words of the catalogue; what is as it should be needs neither cause nor advice."""
    parts = ("what",) if level == "ok" else ("what", "why", "next")
    told = {part: say(f"doctor.{key}.{part}", source=source, **words) for part in parts}
    return Finding(level, check, **told, link=link, source=source)


def of_error(check: str, error: LarkError, *, level: Level = "fault", link: str = "", source: str = "") -> Finding:
    """Return a finding for what went wrong at a call; a spent quota and an app that is off are always told as such."""
    if isinstance(error, BudgetSpent):
        check, source = "quota", ""
    elif isinstance(error, AccessDenied) and remedy(error.code).text == "app_off":
        check, source = "app", ""
    return Finding(level, check, error.what, _why(error), error.next, link, source)


def _why(error: LarkError) -> str:
    """Return how it came about: by an answer of the platform, at a place of ours, or before any request was made."""
    if error.code is not None:
        return say("doctor.cause.answer", code=error.code)
    cause = "login" if isinstance(error, LoginRequired) else "setting" if isinstance(error, ConfigError) else "silence"
    return say(f"doctor.cause.{cause}") + (f" ({error.source})" if error.source else "")


def _member(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = answer.get(name)
    return found if isinstance(found, Mapping) else {}


def _scopes_of(data: Mapping[str, Any]) -> dict[str, bool]:
    items = data.get("scopes")
    known = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return {str(item.get("scope_name")): item.get("grant_status") == 1 for item in known}
