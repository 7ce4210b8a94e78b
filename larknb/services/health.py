"""The health of login, sources, cache and quota."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from larknb.disk import refused
from larknb.display import iso
from larknb.errors import Asker, LarkError
from larknb.messages import say
from larknb.model import Source
from larknb.results.status import Status, StatusRow
from larknb.services.account import lacking_scopes, whoami
from larknb.services.context import Context
from larknb.stored import Newer

if TYPE_CHECKING:
    from larknb.cache.store import SourceCache

__all__ = ["status"]


def status(context: Context, *, login: bool = True) -> Status:
    """Return the health of login, sources, cache and quota. Never raises for what it finds."""
    usage, calls = context.usage, context.usage.by_source()
    rows: list[StatusRow] = []
    read_as: dict[str, Asker] = {}
    for source in context.sources:
        cached, problem = _opened(context, source)
        rows += _rows(context, source, cached, problem, calls.get(source.key, 0))
        if cached is not None:
            read_as[source.name] = Asker(source.identity, cached.manifest.identity)
    lines = (_login_line(context, identity) for identity in context.identities) if login else ()
    who = context.origin or " · ".join(lines)
    total = usage.total()
    forecast = usage.forecast() if total else None
    return Status(rows, who, total, context.settings.monthly_calls, forecast, read_as)


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
    name, now = user.label or say("user.unknown"), context.clock()
    if not user.can_renew(now):
        return say("status.ending" if user.is_usable(now) else "status.ended", name=name)
    lacking = lacking_scopes(context, user)
    return say("status.lacking", name=name, scopes=" ".join(lacking)) if lacking else name


def _rows(
    context: Context, source: Source, cached: SourceCache | None, problem: str, calls: int
) -> Iterator[StatusRow]:
    """Yield a row for each table of a source, or one for a source that has none yet."""
    kind = source.kind or "wiki"
    if cached is None or not cached.parts:
        yield StatusRow(source.name, kind, "", None, "failed" if problem else "never", None, "", problem, 0, calls)
        return
    age = context.clock() - cached.manifest.checked_at
    fresh = age < context.settings.policy.max_age
    state: Literal["failed", "fresh", "stale"] = "failed" if problem else "fresh" if fresh else "stale"
    for key, name in cached.parts.items():
        read_at, size = iso(cached.read_at(key)), cached.size(key)
        yield StatusRow(source.name, kind, name, cached.rows(key), state, age, read_at, problem, size, calls)
