"""`Sandbox`: one running stand-in with all its knobs."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal, Self

from . import accounts, bitable, bots, docx, drive, media, sheets, wiki
from .accounts import Accounts
from .bots import Bot
from .faults import Faults
from .guard import SCOPES
from .journal import Journal
from .limits import RATE_LIMITED, Limits, Rate
from .objects import Document, User
from .server import Desk, Server
from .tenant import Tenant

ENDPOINTS = tuple(
    endpoint
    for product in (accounts, bitable, sheets, docx, drive, media, wiki, bots)
    for endpoint in product.ENDPOINTS
)


class Sandbox:
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
    scopes : set of str
    redirect_uris : list of str
    current_user : User or str
        Who sits in front of the accounts page: a person, or an open id.
    approve : str
        What that person does: ``auto`` approves at once, ``deny`` refuses, ``page`` leaves it to two buttons.
    withheld : set of str
        Scopes that the person does not grant, though asked.
    roles : set of str
        Open ids, and ``"tenant"``, that may see rows of bases with advanced permissions.
    access_lifetime, refresh_lifetime, consent_lifetime, tenant_lifetime, device_lifetime, device_interval : float
        Seconds.
    refresh_enabled : bool
        The console's switch; off: refreshing fails with 20074.
    wrong_brand : bool
        The app belongs to the other brand and is unknown here.
    gateway_status : int or None
        HTTP status of the codes 99991600-99991699; ``None``: what has been seen of each.
    log_id_key : str
        Name of the log id in error bodies: ``log_id`` or ``logid``.
    old_violations : bool
        ``permission_violations`` as ``scope`` and ``url`` instead of ``type`` and ``subject``.
    int_times : bool
        Metadata times as numbers instead of strings.
    max_response_bytes : int or None
        Larger search answers fail with 1254030; so do cell values (90221), plain text (1770033) and Markdown
        (2889925), which fail without a number too, once they pass the documented 10 MB.
    padding : str
        Cell values come as ``full`` rectangles padded with nulls, ``trimmed`` to what is filled (the echoed range too),
        or as ``ragged`` rows that end with their last value.
    reject_out_of_grid : bool
        A range that leaves the grid fails with 90202 instead of being cut to it.
    new_sheet_codes : bool
        The old spreadsheet paths answer with the codes of the new ones, as has been seen.
    tokens_work_once : bool
        A page token of a document that is used a second time is 1770022.
    token_on_last_page : bool
        Lists of blocks and nodes carry a page token even where there is no more.
    empty_pages : int
        So many empty pages come before the first one of each list of nodes.
    chunked_media : bool
        Downloads come without a length.
    empty_file_errors : bool
        Downloads that fail have no body.
    replica_lag, revision_lag, mtime_lag : float
        Seconds by which record reads, the revisions in the list of tables, and modify times are late. Set before the
        change that is to be seen late.
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
        scopes: Collection[str] = SCOPES,
        latency: float = 0.0,
    ) -> None:
        self.tenant = tenant or Tenant(clock=clock)
        self.tenant.clock = clock
        self.tenant.keep_past = lambda: max(self.replica_lag, self.revision_lag, self.mtime_lag)
        self.clock = clock
        self.sleep = sleep
        self.latency = latency
        self.app_id = app_id
        self.app_secret = app_secret or secrets.token_urlsafe(24)
        self.redirect_uris = list(redirect_uris)
        self.scopes = set(scopes)
        self.journal = Journal()
        self.faults = Faults()
        self.limits = Limits(clock)
        self.accounts = Accounts(self)
        self.desk = Desk(self, ENDPOINTS)
        self.stopping = threading.Event()
        self.links: dict[str, media.Link] = {}
        self.spent_tokens: set[str] = set()
        self.bots: dict[str, Bot] = {}
        self._server: Server | None = None
        self._port = port

        self.current_user: User | str = self.tenant.users[0]
        self.approve: Literal["auto", "page", "deny"] = "auto"
        self.withheld: set[str] = set()
        self.roles: set[str] = set()
        self.access_lifetime: float = 7200
        self.refresh_lifetime: float = 604800
        self.consent_lifetime: float = 365 * 86400
        self.tenant_lifetime: float = 7200
        self.device_lifetime: float = 600
        self.device_interval: float = 5
        self.refresh_enabled = True
        self.wrong_brand = False
        self.gateway_status: int | None = None
        self.log_id_key: Literal["log_id", "logid"] = "log_id"
        self.old_violations = False
        self.int_times = False
        self.max_response_bytes: int | None = None
        self.padding: Literal["full", "trimmed", "ragged"] = "full"
        self.reject_out_of_grid = False
        self.new_sheet_codes = False
        self.tokens_work_once = False
        self.token_on_last_page = False
        self.empty_pages = 0
        self.chunked_media = False
        self.empty_file_errors = False
        self.replica_lag = 0.0
        self.revision_lag = 0.0
        self.mtime_lag = 0.0

    @property
    def url(self) -> str:
        """Origin under which it answers, such as ``http://127.0.0.1:8123``."""
        if not self._port:
            raise RuntimeError("the sandbox has no address before it is started")
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Listen. Everything that was issued or changed before a stop is still there."""
        if self._server is None:
            self.stopping.clear()
            self._server = Server(self, self._port)
            self._port = self._server.port
            self._server.open()
        return self

    def stop(self) -> None:
        """Stop listening and cut what is still connected."""
        if self._server is not None:
            self.stopping.set()
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
            return self.accounts.token_answer(person, granted, self.clock(), offline=accounts.OFFLINE in asked)

    def expire(self, access_token: str | None = None) -> None:
        """Let this access token, or all of them, expire now."""
        with self.tenant.lock:
            self.accounts.expire(access_token)

    def revoke_refresh(self, user: User | str | None = None) -> None:
        """Revoke the refresh tokens of this person, or of everybody."""
        with self.tenant.lock:
            self.accounts.revoke_refresh(None if user is None else self.tenant.user(user))

    def secrets(self) -> set[str]:
        """Every secret: app secret, codes, verifiers seen, tokens of all kinds, and the tokens and keys of bots."""
        with self.tenant.lock:
            of_bots = {secret for bot in self.bots.values() for secret in (bot.token, bot.key) if secret}
            return {self.app_secret, *self.accounts.known_secrets, *of_bots}

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
