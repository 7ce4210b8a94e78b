"""Who is logged in, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from larknb import display
from larknb.messages import say
from larknb.results.base import Json

__all__ = ["User"]


@dataclass(frozen=True)
class User:
    """Who is logged in, which app and tenant, and the dates (epoch seconds) at which things end.

    ``beside`` says who else reads sources of this workspace. A login is ``renewable`` that has a refresh token;
    ``refresh_ends_at`` is None where nobody told when that ends, and ``refresh_is_estimated`` where the last renewal
    did not, but an answer before it did. ``status_message`` is what the platform said when the login was made or last
    renewed.
    """

    name: str
    open_id: str
    tenant_key: str
    app_id: str
    host: str
    identity: Literal["user", "tenant"] = "user"
    access_ends_at: float | None = None
    refresh_ends_at: float | None = None
    refresh_is_estimated: bool = False
    consent_ends_at: float | None = None
    scopes: tuple[str, ...] = ()
    beside: str = ""
    renewable: bool = False
    status_message: str = ""

    def can_renew(self, now: float) -> bool:
        """Say whether a renewal is worth a try: an end that nobody told, or an estimated one, forbids none."""
        ends_at = None if self.refresh_is_estimated else self.refresh_ends_at
        return self.renewable if ends_at is None else ends_at > now

    @property
    def refresh_end(self) -> str:
        """When the login can be renewed no more, as people see it: an estimate says that it is one."""
        at = display.moment(self.refresh_ends_at)
        return say("user.estimated", at=at) if at and self.refresh_is_estimated else at

    def is_usable(self, now: float) -> bool:
        """Say whether there is a token to work with, or one that can be renewed."""
        return (self.access_ends_at or 0.0) > now or self.can_renew(now)

    @property
    def label(self) -> str:
        """Who it is, in short: a person's name and open_id, or the app id; empty where that is not known."""
        if self.identity == "tenant":
            return self.app_id
        return f"{self.name} ({self.open_id})" if self.name and self.open_id else self.open_id

    def lines(self) -> list[tuple[str, str]]:
        """Return label and value of each fact, as people see them."""
        who = say("user.app") if self.identity == "tenant" else self.label or say("user.unknown")
        lines = [
            ("user.who", who),
            ("user.beside", self.beside),
            ("user.where", f"{self.app_id} · {self.host}" + (f" · {self.tenant_key}" if self.tenant_key else "")),
            (
                "user.access" if self.refresh_ends_at or self.renewable else "user.access_last",
                display.moment(self.access_ends_at),
            ),
            ("user.refresh", self.refresh_end),
            ("user.consent", display.moment(self.consent_ends_at)),
            ("user.message", self.status_message),
        ]
        return [(say(key), value) for key, value in lines if value]

    def __repr__(self) -> str:
        return display.facts(self.lines())

    def _repr_html_(self) -> str:
        return display.facts_html(self.lines())

    def to_dict(self) -> Json:
        """Return the facts as a plain dict, for ``--json``."""
        return {**self.__dict__, "scopes": list(self.scopes)}
