"""The story of one sync, and the only place where login, network, sources and cache meet.

It has five words, each a function that returns what it made and, by key of the source, what failed. `plan` decides for
every source what is to be done. `resolve` looks up what wiki links stand for. `permit` sees to it that somebody may
read them. `gate` asks the change stamps of all that are due in one call. `visit` (`larknb.visit`) looks at one source,
reads what moved into a new snapshot and flips the manifest. A source that fails keeps its cache, is reported, and does
not stop the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from larknb import walking
from larknb.access import Access, Accesses, calls_of, enter, lacking
from larknb.api.client import LarkClient
from larknb.auth.scopes import blocking
from larknb.bill import ProgressLine, charged_to_first
from larknb.cache.policy import decide
from larknb.config.names import free_name
from larknb.crew import Crew
from larknb.decoding import patient_collector
from larknb.errors import AccessDenied, Asker, BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.library import Gone
from larknb.model import Progress, Reporter, Source
from larknb.readers.base import options_stamp
from larknb.readers.base import resolve as look_up
from larknb.readers.gate import Gate, ask
from larknb.results.drift import DriftLine
from larknb.results.sync import SyncReport
from larknb.visit import Planned, Sync, Visited, attempt, reader_of, row_of, visit
from larknb.walking import Branch

__all__ = [
    "gate",
    "permit",
    "plan",
    "resolve",
    "sync_all",
]

HANDS = 4  # sources at once: the platform takes 20 requests a second, and each source holds its tables in memory
SCARCE = 1_000  # calls that are left of a budget

Errors = dict[str, LarkError]  # by key of the source
Step = tuple[list[Planned], Errors]  # what a word made, and what failed


def sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    """Visit every source that is due and report what was done with each.

    Raises
    ------
    LoginRequired
        No source that is due has a usable identity.
    """
    with patient_collector():
        try:
            return _sync_all(job, sources)
        finally:
            job.cache.save_looks()


def _sync_all(job: Sync, sources: Iterable[Source]) -> SyncReport:
    sources = [*sources]
    branches = walking.plan(job, sources)
    client_of = partial(_client, job)
    branches = walking.walk(job, enter(client_of, [each.source for each in branches if each.is_due]), branches)
    planned, unplanned = plan(job, walking.joined(job, sources, branches))
    missing = walking.missing_of(branches)
    due = [each for each in planned if each.action != "keep" and each.source.key not in unplanned]
    accesses = enter(client_of, [*(each.source for each in due), *missing])
    before = calls_of(accesses)
    resolved, unresolved = resolve(accesses, due)
    permitted, refused = permit(accesses, resolved)
    asked, failed, without, gone = gate(job, accesses, permitted, missing)
    shared = calls_of(accesses) - before
    errors = unplanned | unresolved | refused | failed
    _raise_if_nobody([each.source.key for each in due], errors, branches)
    settled = [walking.settle(job, branch, gone) for branch in branches]
    latest = {each.source.key: each for each in (*planned, *resolved, *permitted, *asked)}
    rest = _named([each for each in latest.values() if job.kind is None or each.source.kind in (job.kind, None)])
    visited = [*(found for found, _ in settled), *_visit_all(job, accesses, rest, errors)]
    late = {each.source.key: each.error for each in visited if each.error and not each.source.library}
    _raise_if_nobody([each.source.key for each in due], late, branches)
    return SyncReport(
        charged_to_first([row for each in visited for row in each.rows], shared),
        {each.source.name: each.error for each in visited if each.error},
        _read_as(rest, accesses),
        [
            *without,
            *(remark for _, remark in settled if remark),
            *(remark for each in visited for remark in each.remarks),
        ],
        drift=[DriftLine(each.source.name, change) for each in visited for change in each.drift],
    )


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


def _client(job: Sync, identity: str) -> LarkClient:
    """Return who asks, whose waits are told: what concerns all sources."""
    client = job.client(identity)
    client.on_retry = ProgressLine(job.report, "", 0, 0).retry
    return client


def _raise_if_nobody(due: Sequence[str], errors: Mapping[str, LarkError], branches: Sequence[Branch]) -> None:
    """Raise the LoginRequired that every due source and library ended with; a missing scope is no missing identity."""
    found = [errors.get(key) for key in due] + [each.error for each in branches if each.is_due]
    dead = [error for error in found if isinstance(error, LoginRequired) and not error.lacks_scope]
    if found and len(dead) == len(found):
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
        problem = who if isinstance(who, LarkError) else lacking(who, each.source)
        if problem is None:
            permitted.append(each)
        else:
            errors[each.source.key] = problem
    return permitted, errors


def gate(
    job: Sync, accesses: Accesses, permitted: Sequence[Planned], missing: Sequence[Source] = ()
) -> tuple[list[Planned], Errors, list[str], dict[str, Gone]]:
    """Ask the change stamps of all sources that are not read anyway, and of what is inside them.

    The third value says where it could not be asked: each of these sources is asked itself. The last one says by its
    token what became of each child that is ``missing`` in its library.
    """
    asked: list[Planned] = []
    errors: Errors = {}
    without: list[str] = []
    gone: dict[str, Gone] = {}
    for identity, who in accesses.items():
        mine = [each for each in permitted if each.source.identity == identity]
        lost = [source for source in missing if source.identity == identity]
        if isinstance(who, Access) and (mine or lost):
            found, failed, answers = _gate(job, who.client, mine, lost)
            asked += found
            errors |= failed
            without += [answers.without] if answers.without else []
            gone |= {source.target: _why(source, answers) for source in lost}
    return asked, errors, without, gone


def _gate(
    job: Sync, client: LarkClient, mine: Sequence[Planned], lost: Sequence[Source]
) -> tuple[list[Planned], Errors, Gate]:
    """Ask the stamps for the sources of one identity."""
    waiting = [each for each in mine if not each.forced]
    if not waiting and not lost:
        return [*mine], {}, Gate()
    answers = attempt("", partial(_ask, job, client, waiting, lost))
    if isinstance(answers, LarkError):
        return [each for each in mine if each.forced], {each.source.key: answers for each in waiting}, Gate()
    failed = {each.source.key: answers.failed[each.source.target] for each in waiting
              if each.source.target in answers.failed}  # fmt: skip
    found = [each if each.forced else replace(each, stamps=answers.stamps) for each in mine]
    return [each for each in found if each.source.key not in failed], failed, answers


def _ask(job: Sync, client: LarkClient, waiting: Sequence[Planned], lost: Sequence[Source]) -> Gate:
    inside = [source for each in waiting if each.cached
              for source in reader_of(job, each.source).asked_along(each.cached.state)]  # fmt: skip
    return ask(client, [*(each.source for each in waiting), *inside, *lost])


def _why(source: Source, answers: Gate) -> Gone:
    """Return what became of a child that its library no longer lists."""
    if source.target in answers.stamps:
        return "elsewhere"
    error = answers.failed.get(source.target)
    return "deleted" if isinstance(error, NotFound) else "barred" if isinstance(error, AccessDenied) else "missing"


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


def _visit_all(job: Sync, accesses: Accesses, rest: Sequence[Planned], errors: Errors) -> list[Visited]:
    """Visit the sources, as long as the budget lasts: several bases at once, then the documents one by one.

    For the cells of bases tell the names of those whom documents mention, and what one document has downloaded serves
    the next.
    """
    visits = _Visits(replace(job, report=_numbered(job.report)), errors, len(rest))
    others = [each for each in rest if each.source.kind != "document"]
    groups = _grouped([each for each in others if each.action != "keep" and each.source.key not in errors])
    if len(groups) < 2 or _is_scarce(accesses):
        groups = []
    busy = {each.source.key for group in groups for each in group}
    found = {each.source.key: visits(each) for each in others if each.source.key not in busy}
    crew = Crew(max(1, min(HANDS, len(groups))), job.sleep)
    tasks = [partial(_visit_group, visits, crew, group) for group in groups]
    for group, visited in zip(groups, crew.run(tasks, visits.job.report), strict=True):
        found |= {each.source.key: one for each, one in zip(group, visited, strict=True)}
    found |= {each.source.key: visits(each) for each in rest if each.source.kind == "document"}
    return [found[each.source.key] for each in rest]


def _grouped(sources: Iterable[Planned]) -> list[list[Planned]]:
    """Return the sources by what they are on the platform: in one document there is one visitor at a time."""
    groups: dict[str, list[Planned]] = {}
    for each in sources:
        groups.setdefault(each.source.target, []).append(each)
    return [*groups.values()]


def _is_scarce(accesses: Accesses) -> bool:
    """Say whether the budget may end with this sync: then it goes into whole sources, one after the other."""
    left = [who.client.usage.left for who in accesses.values() if isinstance(who, Access) and who.client.usage]
    return any(calls is not None and calls < SCARCE for calls in left)


def _numbered(report: Reporter) -> Reporter:
    """Return a reporter that counts the sources that are done, in whatever order that happens."""
    done = 0

    def numbered(step: Progress) -> None:
        nonlocal done
        done += step.state == "done"
        report(replace(step, done=done))

    return numbered


def _visit_group(visits: _Visits, crew: Crew, group: Sequence[Planned]) -> list[Visited]:
    """Visit some sources in a thread: each with clients of its own, which count what it costs."""
    clients: dict[str, LarkClient] = {}

    def client_of(identity: str) -> LarkClient:
        if identity not in clients:
            clients[identity] = visits.job.client(identity).apart(crew.sleep, crew.check)
        return clients[identity]

    job = replace(visits.job, client=client_of, report=crew.tell, sleep=crew.sleep)
    return [visits(each, job) for each in group]


@dataclass
class _Visits:
    """The visits of one sync: as soon as the budget is spent, nobody sets out any more."""

    job: Sync
    errors: Errors
    total: int
    done: int = 0
    spent: LarkError | None = None

    def __call__(self, each: Planned, job: Sync | None = None) -> Visited:
        """Return what came of one source, and tell of it."""
        job = job or self.job
        line = ProgressLine(job.report, each.source.name, self.done, self.total)
        if each.action != "keep":
            line.begin()
        if self.spent is not None and each.action != "keep":
            row = row_of(each.source, "", "not tried", problem=self.spent.brief())
            visited = Visited(each.source, [row], self.spent)
        else:
            visited = visit(job, each, self.errors.get(each.source.key), line)
        if isinstance(visited.error, BudgetSpent):
            self.spent = self.spent or visited.error
        self.done += 1
        line.end()
        return visited
