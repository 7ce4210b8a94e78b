"""The health of login, sources, cache and quota."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from larknb.decoding import patient_collector
from larknb.disk import refused
from larknb.display import iso
from larknb.errors import Asker, LarkError
from larknb.messages import say
from larknb.model import Source
from larknb.results.status import State, Status, StatusRow
from larknb.services.account import lacking_scopes, whoami
from larknb.services.context import Context
from larknb.services.forecast import advise
from larknb.stored import Newer
from larknb.visible import person

if TYPE_CHECKING:
    from larknb.cache.cached import SourceCache

__all__ = ["status"]


@patient_collector()
def status(context: Context, *, login: bool = True) -> Status:
    """Return the health of login, sources, cache and quota. Never raises for what it finds."""
    usage, calls = context.usage, context.usage.by_source()
    rows: list[StatusRow] = []
    found: dict[str, tuple[Source, SourceCache]] = {}
    gone = {child.key: child for child in context.children if child.about["gone"]}
    for source in (*context.synced, *gone.values()):
        if source.library:
            rows.append(_library_row(context, source, calls.get(source.key, 0)))
            continue
        cached, problem = _opened(context, source)
        rows += _rows(context, source, cached, problem, calls.get(source.key, 0))
        if cached is not None:
            found[source.name] = source, cached
    lines = (_login_line(context, identity) for identity in context.identities) if login else ()
    who = context.origin or " · ".join(lines)
    total = usage.total()
    forecast = usage.forecast() if total else None
    read_as = {name: Asker(source.identity, cached.manifest.identity) for name, (source, cached) in found.items()}
    advice = advise(found, usage, context.settings.policy, context.clock())
    return Status(rows, who, total, context.settings.monthly_calls, forecast, read_as, advice)


def _opened(context: Context, source: Source) -> tuple[SourceCache | None, str]:
    """Return the cache of a source, and what is wrong with it."""
    try:
        cached = context.cache.find(source)
    except Newer as error:
        return None, error.brief()
    except OSError as error:
        return None, refused(error).brief()
    return cached, cached.manifest.problem if cached else ""


def _login_line(context: Context, identity: str) -> str:
    """Say who reads, whether the login will last, and whether it has the scopes of all sources."""
    if identity == "tenant":
        return str(Asker("tenant", context.settings.app_id))
    try:
        user = whoami(context)
    except LarkError as error:
        return str(error)
    name, now = person(user.label) or say("user.unknown"), context.clock()
    if not user.can_renew(now):
        return say("status.ending" if user.is_usable(now) else "status.ended", name=name)
    lacking = lacking_scopes(context, user)
    return say("status.lacking", name=name, scopes=" ".join(lacking)) if lacking else name


def _rows(
    context: Context, source: Source, cached: SourceCache | None, problem: str, calls: int
) -> Iterator[StatusRow]:
    """Yield a row for each table of a source, or one for a source that has none yet."""
    kind = source.said_kind
    if cached is None or not cached.parts:
        yield StatusRow(source.name, kind, "", None, "failed" if problem else "never", None, "", problem, 0, calls)
        return
    age, failing = context.clock() - cached.checked_at, cached.manifest.failing
    for key, name in cached.parts.items():
        own = "" if failing and key not in failing else problem  # a failure is its table's, and not its siblings'
        state, read_at, size = _state(context, age, own), iso(cached.read_at(key)), cached.size(key)
        yield StatusRow(source.name, kind, name, cached.rows(key), state, age, read_at, own, size, calls)
    for key in (key for key in failing if key not in cached.parts):  # it was never read: its id is all that is known
        yield StatusRow(source.name, kind, key, None, "failed", age, "", problem, 0, calls)


def _library_row(context: Context, source: Source, calls: int) -> StatusRow:
    """Return the row of a library: how many children it has, and how old its list is."""
    listing = context.listing(source)
    if not listing.checked_at:
        state: State = "failed" if listing.problem else "never"
        return StatusRow(source.name, source.said_kind, "", None, state, None, "", listing.problem, 0, calls)
    age = context.clock() - listing.checked_at
    problem = listing.problem or "; ".join(listing.doubts)
    rows, state = sum(child.is_read for child in listing.live), _state(context, age, listing.problem)
    at = iso(listing.checked_at)
    return StatusRow(source.name, source.said_kind, "", rows, state, age, at, problem, 0, calls)


def _state(context: Context, age: float, problem: str) -> State:
    return "failed" if problem else context.freshness(age)
