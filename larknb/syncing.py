"""The story of one sync, and the only place where login, network, sources and cache meet.

It has five words, each a function that returns what it made and, by key of the source, what failed. `plan` decides for
every source what is to be done. `resolve` looks up what wiki links stand for. `permit` sees to it that somebody may
read them. `gate` asks the change stamps of all that are due in one call. `visit` (`larknb.visit`) looks at one source,
reads what moved into a new snapshot and flips the manifest. A source that fails keeps its cache, is reported, and does
not stop the others.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from larknb.api.client import LarkClient
from larknb.auth.scopes import blocking
from larknb.bill import ProgressLine, charged_to_first
from larknb.cache.policy import decide
from larknb.config.names import free_name
from larknb.errors import Asker, BudgetSpent, ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.model import Source
from larknb.readers.base import options_stamp
from larknb.readers.base import resolve as look_up
from larknb.readers.gate import Gate, ask
from larknb.results.drift import DriftLine
from larknb.results.sync import SyncReport
from larknb.visit import Planned, Sync, Visited, attempt, reader_of, row_of, unread, visit

__all__ = [
    "Access",
    "gate",
    "permit",
    "plan",
    "resolve",
    "sync_all",
]

Errors = dict[str, LarkError]  # by key of the source
Step = tuple[list[Planned], Errors]  # what a word made, and what failed


@dataclass(frozen=True)
class Access:
    """Somebody who may ask the platform; where nobody knows what was granted, ``granted`` is empty."""

    client: LarkClient
    asker: Asker
    granted: tuple[str, ...]


Accesses = Mapping[str, Access | LarkError]  # by identity: who it is, or why it is nobody


def sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    """Visit every source that is due and report what was done with each.

    Raises
    ------
    LoginRequired
        No source that is due has a usable identity.
    """
    with _patient_collector():
        return _sync_all(job, sources)


def _sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    planned, unplanned = plan(job, sources)
    due = [each for each in planned if each.action != "keep" and each.source.key not in unplanned]
    accesses = _enter(job, due)
    before = _calls(accesses)
    resolved, unresolved = resolve(accesses, due)
    permitted, refused = permit(accesses, resolved)
    asked, failed, without = gate(job, accesses, permitted)
    shared = _calls(accesses) - before
    errors = unplanned | unresolved | refused | failed
    _raise_if_nobody(due, errors)
    latest = {each.source.key: each for each in (*planned, *resolved, *permitted, *asked)}
    rest = _named([each for each in latest.values() if job.kind is None or each.source.kind in (job.kind, None)])
    visited = _visit_all(job, rest, errors)
    _raise_if_nobody(due, {each.source.key: each.error for each in visited if each.error})
    return SyncReport(
        charged_to_first([row for each in visited for row in each.rows], shared),
        {each.source.name: each.error for each in visited if each.error},
        _read_as(rest, accesses),
        without,
        drift=[DriftLine(each.source.name, change) for each in visited for change in each.drift],
    )


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Let the cycle collector look less often: a page of JSON is half a million objects, and none of them a cycle."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 100_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


# --- plan -----------------------------------------------------------------------------------------------------------


def plan(job: Sync, sources: Iterable[Source]) -> Step:
    """Decide what is to be done with every source; those that cannot be read at all have their error beside them."""
    planned: list[Planned] = []
    errors: Errors = {}
    for source in sources:
        found = attempt(source.name, partial(_plan, job, source))
        if isinstance(found, LarkError):
            errors[source.key] = found
            found = Planned(source, "fetch")
        planned.append(found)
    return planned, errors


def _plan(job: Sync, source: Source) -> Planned:
    """Decide by what the cache knows of a source; a wiki link learns its target there."""
    if source.kind is None and not source.wiki:
        raise unread(source)
    cached = job.cache.find(source)
    if cached is None:
        return Planned(source, "fetch")
    cached.check()  # a file that is damaged counts as missing
    known = cached.manifest
    # A first sync that failed knew no title and called the source by its token; the title may come now.
    name = source.name or (cached.name if cached.name != source.token else "")
    source = replace(source, name=name, kind=known.kind, obj_token=known.token, about=known.about)
    # Other settings (tables, filter, ...) mean other data, however young the cache is.
    forced = cached.entry is not None and (job.force or known.options != options_stamp(source))
    action = decide(cached.entry, job.policy, now=job.clock(), force=forced, interval=job.interval)
    return Planned(source, action, cached, forced)


# --- who asks -------------------------------------------------------------------------------------------------------


def _enter(job: Sync, due: Sequence[Planned]) -> Accesses:
    """Return who reads the sources that are due, each identity asked once."""
    return {identity: _access(job, identity) for identity in sorted({each.source.identity for each in due})}


def _access(job: Sync, identity: str) -> Access | LarkError:
    try:
        client = job.client(identity)
        client.identity.bearer()
        return Access(client, client.identity.asker, client.identity.granted)
    except ConfigError:
        raise  # no app id or secret: nothing can work
    except LarkError as error:
        return error


def _calls(accesses: Accesses) -> int:
    """Return the requests that were made until now."""
    return sum(who.client.calls for who in accesses.values() if isinstance(who, Access))


def _raise_if_nobody(due: Sequence[Planned], errors: Mapping[str, LarkError]) -> None:
    """Raise the LoginRequired that every due source ended with; a missing scope is not a missing identity."""
    found = [errors.get(each.source.key) for each in due]
    dead = [error for error in found if isinstance(error, LoginRequired) and not error.lacks_scope]
    if due and len(dead) == len(due):
        raise dead[0]


def _read_as(visited: Sequence[Planned], accesses: Accesses) -> dict[str, Asker]:
    """Return as whom each source was read, now or when it was cached."""
    found: dict[str, Asker] = {}
    for each in visited:
        identity = each.source.identity
        who = accesses.get(identity) if each.action != "keep" else None
        if isinstance(who, Access):
            found[each.source.name] = who.asker
        elif each.cached is not None:
            found[each.source.name] = Asker(identity, each.cached.manifest.identity)
    return found


# --- resolve, permit, gate ------------------------------------------------------------------------------------------


def resolve(accesses: Accesses, due: Sequence[Planned]) -> Step:
    """Look up what wiki links stand for that nobody has looked up; those that nobody may look up stay what they are."""
    resolved: list[Planned] = []
    errors: Errors = {}
    for each in due:
        who, source = accesses[each.source.identity], each.source
        if not source.wiki or source.obj_token or isinstance(who, LarkError) or blocking(who.granted, source):
            resolved.append(each)
            continue
        found = attempt(source.name, partial(look_up, who.client, source))
        if isinstance(found, LarkError):
            errors[source.key] = found
        else:
            source, title = found
            resolved.append(replace(each, source=source, title=title))
    return resolved, errors


def permit(accesses: Accesses, resolved: Sequence[Planned]) -> Step:
    """Leave out what nobody may read: there is no identity, or it lacks a scope. The platform is not asked for that."""
    permitted: list[Planned] = []
    errors: Errors = {}
    for each in resolved:
        who = accesses[each.source.identity]
        problem = who if isinstance(who, LarkError) else _lacking(who, each.source)
        if problem is None:
            permitted.append(each)
        else:
            errors[each.source.key] = problem
    return permitted, errors


def _lacking(who: Access, source: Source) -> LoginRequired | None:
    """Return what the platform would say of a scope that is known to be missing."""
    lacking = blocking(who.granted, source)
    if not lacking:
        return None
    return LoginRequired(
        say("trouble.scope_user.what", scopes=" ".join(lacking)), source=source.name, scopes=lacking,
        next=say("trouble.scope_user.next"), asker=who.asker,
    )  # fmt: skip


def gate(job: Sync, accesses: Accesses, permitted: Sequence[Planned]) -> tuple[list[Planned], Errors, list[str]]:
    """Ask the change stamps of all sources that are not read anyway, and of what is inside them.

    The last value says where it could not be asked: each of these sources is asked itself.
    """
    asked: list[Planned] = []
    errors: Errors = {}
    without: list[str] = []
    for identity, who in accesses.items():
        mine = [each for each in permitted if each.source.identity == identity]
        if isinstance(who, Access) and mine:
            found, failed, problem = _gate(job, who.client, mine)
            asked += found
            errors |= failed
            without += [problem] if problem else []
    return asked, errors, without


def _gate(job: Sync, client: LarkClient, mine: Sequence[Planned]) -> tuple[list[Planned], Errors, str]:
    """Ask the stamps for the sources of one identity."""
    waiting = [each for each in mine if not each.forced]
    if not waiting:
        return [*mine], {}, ""
    answers = attempt("", partial(_ask, job, client, waiting))
    if isinstance(answers, LarkError):
        return [each for each in mine if each.forced], {each.source.key: answers for each in waiting}, ""
    failed = {each.source.key: answers.failed[each.source.target] for each in waiting
              if each.source.target in answers.failed}  # fmt: skip
    found = [each if each.forced else replace(each, stamps=answers.stamps) for each in mine]
    return [each for each in found if each.source.key not in failed], failed, answers.without


def _ask(job: Sync, client: LarkClient, waiting: Sequence[Planned]) -> Gate:
    inside = [source for each in waiting if each.cached
              for source in reader_of(job, each.source).asked_along(each.cached.state)]  # fmt: skip
    return ask(client, [*(each.source for each in waiting), *inside])


# --- visit ----------------------------------------------------------------------------------------------------------


def _named(rest: Sequence[Planned]) -> list[Planned]:
    """Name the sources that have no name yet by their title."""
    taken = {each.source.name for each in rest}
    named: list[Planned] = []
    for each in rest:
        name = each.source.name
        if not name:
            name = free_name((each.stamp.title if each.stamp else "") or each.title or each.source.token, taken)
            taken.add(name)
        named.append(replace(each, source=replace(each.source, name=name)))
    return named


def _visit_all(job: Sync, rest: Sequence[Planned], errors: Mapping[str, LarkError]) -> list[Visited]:
    """Visit the sources one after the other, as long as the budget lasts."""
    visited: list[Visited] = []
    spent: LarkError | None = None
    for done, each in enumerate(rest):
        line = ProgressLine(job.report, each.source.name, done, len(rest))
        line.begin()
        if spent is not None and each.action != "keep":
            row = row_of(each.source, "", "not tried", problem=spent.brief())
            visited.append(Visited(each.source, [row], spent))
        else:
            visited.append(visit(job, each, errors.get(each.source.key), line))
        error = visited[-1].error
        spent = spent or (error if isinstance(error, BudgetSpent) else None)
        line.end()
    return visited
