"""`Platform`: what an endpoint is handed of the running stand-in."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field

from larknb.sandbox.world.bots import Bot
from larknb.sandbox.world.media import MediaLink
from larknb.sandbox.world.people import User
from larknb.sandbox.world.tenant import Tenant

from .accounts import Accounts
from .knobs import Knobs
from .registrations import Registrations


@dataclass(eq=False, repr=False, kw_only=True)
class Platform(Knobs):
    """The running stand-in below its endpoints: its tenant, its knobs, and what it remembers between two requests.

    Attributes
    ----------
    current_user : User or str
        Who sits in front of the accounts page: a person, or an open id; the tenant's first one unless it is set.
    bots : dict of str to Bot
        The custom bots by token.
    registrations : Registrations
        The apps that are being made by scan.
    """

    tenant: Tenant
    port: InitVar[int]
    current_user: User | str = field(init=False)
    accounts: Accounts = field(init=False)
    bots: dict[str, Bot] = field(init=False, default_factory=dict)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    links: dict[str, MediaLink] = field(init=False, default_factory=dict)
    spent_tokens: set[str] = field(init=False, default_factory=set)

    def __post_init__(self, port: int) -> None:
        self._port = port
        self.current_user = self.tenant.users[0]
        self.accounts = Accounts(self)
        self.tenant.clock = self.clock
        self.tenant.keep_past = lambda: max(self.replica_lag, self.revision_lag, self.mtime_lag)

    @property
    def url(self) -> str:
        """Origin under which it answers, such as ``http://127.0.0.1:8123``."""
        if not self._port:
            raise RuntimeError("the sandbox has no address before it is started")
        return f"http://127.0.0.1:{self._port}"
