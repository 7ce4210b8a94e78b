"""What documents of all kinds have in common."""

from __future__ import annotations

from .company import Company
from .memory import Past
from .people import User


class Document:
    """A document of any kind as Drive and Wiki know it.

    Attributes
    ----------
    readers : set of str or None
        Identities that may read it: open ids, and ``"tenant"`` for the app itself; ``None``: everybody.
    modifier : User
        Who changed it last.
    """

    kind = ""  # the platform's doc_type and obj_type
    path = ""  # first segment of the URL that people see

    def __init__(self, tenant: Company, token: str, name: str, owner: User) -> None:
        self.tenant = tenant
        self.token = token
        self.name = name
        self.owner = self.modifier = owner
        self.readers: set[str] | None = None
        self.created_at = int(tenant.clock())
        self._mtime = self.created_at
        self._mtimes: Past[int] = Past()

    @property
    def mtime(self) -> int:
        """Time of the last edit in whole seconds; set it to play a stamp that is wrong."""
        return self._mtime

    @mtime.setter
    def mtime(self, value: float) -> None:
        with self.tenant.lock:
            self._mtimes.note(self._mtime, self.tenant.clock(), self.tenant.keep_past())
            self._mtime = int(value)

    def touch(self) -> None:
        """Move the modify time to now, and nothing else."""
        self.mtime = self.tenant.clock()

    def mtime_at(self, moment: float) -> int:
        """Modify time as a reader saw it at that moment."""
        return self._mtimes.at(moment, self._mtime)

    def may_read(self, identity: str) -> bool:
        """Whether this identity, an open id or ``"tenant"``, may read the document."""
        return self.readers is None or identity in self.readers
