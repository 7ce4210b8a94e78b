"""Who asks the platform during one sync: each identity is entered once, and what it lacks is known before it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from larknb.api.client import LarkClient
from larknb.auth.scopes import blocking
from larknb.errors import Asker, ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.model import Source

__all__ = ["Access", "Accesses", "calls_of", "enter", "lacking"]


@dataclass(frozen=True)
class Access:
    """Somebody who may ask the platform; where nobody knows what was granted, ``granted`` is empty."""

    client: LarkClient
    asker: Asker
    granted: tuple[str, ...]


Accesses = Mapping[str, Access | LarkError]  # by identity: who it is, or why it is nobody


def enter(client_of: Callable[[str], LarkClient], sources: Iterable[Source]) -> Accesses:
    """Return who reads these sources, each identity asked once."""
    return {identity: _access(client_of, identity) for identity in sorted({each.identity for each in sources})}


def _access(client_of: Callable[[str], LarkClient], identity: str) -> Access | LarkError:
    try:
        client = client_of(identity)
        client.identity.bearer()
        return Access(client, client.identity.asker, client.identity.granted)
    except ConfigError:
        raise  # no app id or secret: nothing can work
    except LarkError as error:
        return error


def calls_of(accesses: Accesses) -> int:
    """Return the requests that were made until now."""
    return sum(who.client.calls for who in accesses.values() if isinstance(who, Access))


def lacking(who: Access, source: Source) -> LoginRequired | None:
    """Return what the platform would say of a scope that is known to be missing."""
    scopes = blocking(who.granted, source)
    if not scopes:
        return None
    return LoginRequired(
        say("trouble.scope_user.what", scopes=" ".join(scopes)), source=source.name, scopes=scopes,
        next=say("trouble.scope_user.next"), asker=who.asker,
    )  # fmt: skip
