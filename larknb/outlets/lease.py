"""The lease of a target: one workspace publishes there, and a second one is refused.

``publisher.lease`` names the workspace that published last, and when. It is replaced under the condition that nobody
else has replaced it meanwhile, and looked at again before each pointer is written. A workspace that has not published
for a week has given its target up.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass

import msgspec

from larknb.decoding import ready
from larknb.display import iso
from larknb.errors import Busy
from larknb.messages import say
from larknb.remote.target import Target, reaching

__all__ = ["FILE", "Publisher", "take"]

FILE = "publisher.lease"
GIVEN_UP = 7 * 86400.0  # seconds without a publish, after which another workspace may take a target over


@dataclass(frozen=True)
class Publisher:
    """A workspace that publishes: what tells it from all others, and what people call it."""

    id: str
    name: str


@dataclass(frozen=True)
class _Lease:
    publisher: str
    name: str
    at: float
    mark: str  # of one publish: tells two of one workspace apart


def take(target: Target, me: Publisher, now: float) -> Callable[[], None]:
    """Take a target for a workspace, and return what makes sure that it still has it; Busy where another one has it."""
    before = _read(target)
    if before is not None:
        _refuse_others(target, before, me, now)
    mine = msgspec.json.format(msgspec.json.encode(asdict(_Lease(me.id, me.name, now, secrets.token_hex(8)))), indent=1)
    with reaching(target, "write"):
        taken = target.exchange(FILE, before, mine)
    if not taken:
        raise _busy(target, _read(target))

    def check() -> None:
        if (now := _read(target)) != mine:
            raise _busy(target, now)

    return check


def _refuse_others(target: Target, before: bytes, me: Publisher, now: float) -> None:
    lease = _parsed(before)
    if lease is None or (lease.publisher != me.id and now - lease.at < GIVEN_UP):
        raise _busy(target, before)


def _read(target: Target) -> bytes | None:
    with reaching(target, "write"):
        try:
            return target.read(FILE)
        except FileNotFoundError:
            return None


def _parsed(data: bytes | None) -> _Lease | None:
    try:
        return None if data is None else msgspec.json.decode(data, type=ready(_Lease))
    except (msgspec.MsgspecError, ValueError):
        return None


def _busy(target: Target, data: bytes | None) -> Busy:
    """Return the error that names who has the target; what cannot be read as a lease may be anybody's."""
    lease = _parsed(data)
    name, at = (lease.name, iso(lease.at)) if lease is not None else ("?", "?")
    what = say("publish.taken.what", address=target.address, name=name, at=at)
    return Busy(what, next=say("publish.taken.next", file=FILE))
