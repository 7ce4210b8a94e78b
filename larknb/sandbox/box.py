"""`Sandbox`: one running stand-in with all its knobs."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Any, Self

from .endpoints import accounts, bitable, bots, contact, docx, drive, media, registration, sheets, wiki
from .platform.platform import Platform
from .platform.scopes import ALL_SCOPES, OFFLINE
from .serving.dispatch import Dispatcher
from .serving.limits import RATE_LIMITED, Rate
from .serving.server import Server
from .world.bots import Bot
from .world.document import Document
from .world.people import User
from .world.tenant import Tenant

ENDPOINTS = tuple(
    endpoint
    for product in (accounts, registration, bitable, sheets, docx, drive, media, wiki, contact, bots)
    for endpoint in product.ENDPOINTS
)


class Sandbox(Platform):
    """The platform on 127.0.0.1: one origin plays both the ``open`` and the ``accounts`` host.

    Parameters
    ----------
    tenant : Tenant, optional
        What is served; an empty one without it. The tenant's clock becomes the sandbox's.
    port : int
        0: any free one. A sandbox that is started again keeps its port.
    clock, sleep : callable
        Seconds since the epoch, and how to wait for ``latency``.
    scopes : collection of str
        Enabled for the app, for user and app identity alike; all that the contract names by default.
    latency : float
        Seconds that pass before each answer.

    Attributes
    ----------
    journal, faults : Journal, Faults
        What was asked, and what is to go wrong.
    bots : dict of str to Bot
        The custom bots by token; `add_bot` makes one.
    current_user : User or str
        Who sits in front of the accounts page: a person, or an open id.
    scopes, redirect_uris, approve, withheld, roles, padding, replica_lag, ...
        The knobs, as ``larknb.sandbox.platform.knobs.Knobs`` tells; they may be turned while the sandbox runs.
    """

    def __init__(
        self,
        tenant: Tenant | None = None,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
        app_id: str = "cli_sandbox0000000001",
        app_secret: str | None = None,
        redirect_uris: Iterable[str] = ("http://localhost:8765/callback", "http://localhost:8766/callback"),
        scopes: Collection[str] = ALL_SCOPES,
        latency: float = 0.0,
    ) -> None:
        super().__init__(
            tenant=tenant or Tenant(clock=clock),
            port=port,
            clock=clock,
            sleep=sleep,
            app_id=app_id,
            app_secret=app_secret or secrets.token_urlsafe(24),
            redirect_uris=list(redirect_uris),
            scopes=set(scopes),
            latency=latency,
        )
        self._dispatcher = Dispatcher(self, ENDPOINTS)
        self.journal = self._dispatcher.journal
        self.faults = self._dispatcher.faults
        self.limits = self._dispatcher.limits
        self._server: Server | None = None

    def start(self) -> Self:
        """Listen. Everything that was issued or changed before a stop is still there."""
        if self._server is None:
            self._dispatcher.stopping.clear()
            self._server = Server(self, self._dispatcher, self._port)
            self._port = self._server.port
            self._server.open()
        return self

    def stop(self) -> None:
        """Stop listening and cut what is still connected."""
        if self._server is not None:
            self._dispatcher.stopping.set()
            self._server.close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # People and tokens -----------------------------------------------------------------------------------------------

    def sources(self) -> list[tuple[str, str]]:
        """Name and address of every base, spreadsheet and guide; a guide in the wiki by its page there."""
        tenant = self.tenant
        documents: list[Document] = [*tenant.bases, *tenant.spreadsheets, *tenant.guides]
        return [(document.name, f"{self.url}/{self._place(document)}") for document in documents]

    def _place(self, document: Document) -> str:
        node = self.tenant.node_of(document) if document in self.tenant.guides else None
        return f"wiki/{node.token}" if node else f"{document.path}/{document.token}"

    def sign_in(self, user: User | str | None = None, scopes: Iterable[str] | None = None) -> dict[str, Any]:
        """Token answer for a person, as the token endpoint gives it, without a browser; by default with every scope."""
        with self.tenant.lock:
            person = self.tenant.user(user or self.current_user)
            asked = frozenset(self.scopes if scopes is None else scopes)
            granted = self.accounts.grant(person, asked)
            return self.accounts.issue(person, granted, self.clock(), offline=OFFLINE in asked)

    def expire(self, access_token: str | None = None) -> None:
        """Let this access token, or all of them, expire now."""
        with self.tenant.lock:
            self.accounts.expire(access_token)

    def revoke_refresh(self, user: User | str | None = None) -> None:
        """Revoke the refresh tokens of this person, or of everybody."""
        with self.tenant.lock:
            self.accounts.revoke_refresh(None if user is None else self.tenant.user(user))

    def secrets(self) -> set[str]:
        """Every secret: of apps (made by scan, too), codes, verifiers seen, tokens, and tokens and keys of bots."""
        with self.tenant.lock:
            of_bots = {secret for bot in self.bots.values() for secret in (bot.token, bot.key) if secret}
            return {self.app_secret, *self.accounts.known_secrets, *self.registrations.secrets(), *of_bots}

    # Bots ------------------------------------------------------------------------------------------------------------

    def add_bot(self, *, key: str = "", keywords: Iterable[str] = ()) -> tuple[Bot, str]:
        """Put a custom bot into a group; return it and the address of its webhook."""
        bot = Bot(str(uuid.uuid4()), key, list(keywords))
        self.bots[bot.token] = bot
        return bot, f"{self.url}/open-apis/bot/v2/hook/{bot.token}"

    # Rates -----------------------------------------------------------------------------------------------------------

    def rate_limit(
        self, endpoint: str, count: int, status: int | None = None, code: int = RATE_LIMITED, *, seconds: int = 1
    ) -> None:
        """Refuse more than so many requests a second, or in so many seconds.

        Parameters
        ----------
        status : int, optional
            HTTP status of the refusal; without it the one that the endpoint sends with the code.
        code : int
            Another one, such as 1254290, plays a product's own throttle.
        """
        self.limits.set(endpoint, Rate(count, seconds, code, status))

    def rate_limits_on(self, on: bool = True) -> None:
        """Enforce the documented rates, or stop it."""
        self.limits.documented = on
