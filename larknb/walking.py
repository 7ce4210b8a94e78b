"""The libraries of one sync: their lists are walked anew when they are due, and their children become sources.

`walk` lists the libraries that are due; a walk that is stopped goes on at the next sync. What it found joins the other
sources, what is missing joins the gate's question. `settle` then says what became of it, and makes the new list current
before any child is visited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from larknb.access import Access, Accesses, lacking
from larknb.cache import listing as lists
from larknb.cache.checks import check_of
from larknb.cache.listing import Listing
from larknb.cache.policy import Held, decide, hold_back, lost_most
from larknb.config.children import child_sources, named
from larknb.config.names import free_name
from larknb.errors import LarkError
from larknb.library import Changes, Child, Gone, Walk, compare, in_order, marked, pruned
from larknb.messages import say
from larknb.model import Action, Outcome, Progress, Source
from larknb.readers.library import LibraryReader, walk_stamp
from larknb.results.sync import SyncRow
from larknb.visit import Sync, Visited, attempt, row_of

__all__ = ["Branch", "joined", "missing_of", "plan", "settle", "walk"]

AT_ONCE = 20  # lists between two times that a walk is written down: so many requests a stopped one costs
SAID = 20  # children that a remark names


@dataclass(frozen=True)
class Branch:
    """One library at a sync.

    Parameters
    ----------
    action : str
        What is to be done with its list.
    listing : Listing
        What was known of it before.
    walk : Walk, optional
        A walk that came to its end; without one the list stays as it is.
    children : tuple of Child
        What is there now, with names.
    changes : Changes
        What happened since the list before; what is missing here is really missing.
    held : Held, optional
        The new list lost most of its children, and waits for a second look.
    calls, seconds
        What the walk cost.
    """

    source: Source
    action: Action
    listing: Listing
    walk: Walk | None = None
    children: tuple[Child, ...] = ()
    changes: Changes = field(default_factory=Changes)
    error: LarkError | None = None
    held: Held | None = None
    calls: int = 0
    seconds: float = 0.0

    @property
    def is_due(self) -> bool:
        """True for a list that is to be asked."""
        return self.action != "keep"


def plan(job: Sync, sources: Iterable[Source]) -> list[Branch]:
    """Return the libraries among some sources, and what is to be done with the list of each."""
    libraries = [source for source in sources if source.library]
    taken = {source.name for source in job.known.values()}
    return [_planned(job, source, taken) for source in libraries]


def _planned(job: Sync, source: Source, taken: Collection[str]) -> Branch:
    found = attempt(source.name, lambda: lists.read(job.cache.root, source.key))
    if isinstance(found, LarkError):  # a newer larknb wrote it
        return Branch(_called(source, "", taken), "keep", Listing(key=source.key), error=found)
    forced = job.force or found.options != walk_stamp(source)
    action = decide(found.entry, job.policy, now=job.clock(), force=forced, interval=job.interval)
    title = found.root.title if found.root else ""
    return Branch(_called(source, title, taken), action, found, children=found.live)


def _called(source: Source, title: str, taken: Collection[str]) -> Source:
    """Return a library with a name: its own, its title, or its token."""
    return source if source.name else replace(source, name=free_name(title, taken) if title else source.token)


# --- the walk -------------------------------------------------------------------------------------------------------


def walk(job: Sync, accesses: Accesses, branches: Iterable[Branch]) -> list[Branch]:
    """Return the branches with their walks; one that fails keeps its list."""
    return [_walked(job, accesses, branch) if branch.is_due else branch for branch in branches]


def _walked(job: Sync, accesses: Accesses, branch: Branch) -> Branch:
    who, source = accesses[branch.source.identity], branch.source
    problem = who if isinstance(who, LarkError) else lacking(who, source)
    if problem is not None:
        return _failed(job, branch, problem)
    assert isinstance(who, Access), "who may not be asked is a problem"
    before, began = who.client.calls, job.clock()
    found = attempt(source.name, partial(_go, job, who, branch))
    branch = replace(branch, calls=who.client.calls - before, seconds=job.clock() - began)
    return _failed(job, branch, found) if isinstance(found, LarkError) else _learned(job, branch, found)


def _failed(job: Sync, branch: Branch, error: LarkError) -> Branch:
    """Return a branch whose list could not be had, and keep the reason."""

    def note() -> Listing:
        kept = lists.read(job.cache.root, branch.source.key)  # with the walk that came to no end
        return lists.write(job.cache.root, replace(kept, problem=error.brief()))

    noted = attempt(branch.source.name, note)
    return replace(branch, error=noted if isinstance(noted, LarkError) else error)


def _go(job: Sync, who: Access, branch: Branch) -> Walk:
    """Walk through a library, from where an earlier walk was stopped; what it finds is written down on the way."""
    source, listing, client = branch.source, branch.listing, who.client
    reader = LibraryReader(source)
    with client.serving(source.key, source.name):
        going = listing.walk if _may_go_on(job, branch) else None
        if going is None:
            going = reader.begin(client, job.clock(), None if branch.action == "refetch" else listing.root)
        try:
            for number, further in enumerate(reader.go_on(client, going), 1):
                going = further
                job.report(Progress(source.name, 0, 1, say("library.listing"), len(going.children)))
                if number % AT_ONCE == 0:
                    lists.write(job.cache.root, replace(listing, walk=going))
        finally:
            lists.write(job.cache.root, replace(listing, walk=going))
    return going


def _may_go_on(job: Sync, branch: Branch) -> bool:
    """Say whether an interrupted walk is young enough, and of the present settings."""
    walk = branch.listing.walk
    young = walk is not None and abs(job.clock() - walk.began_at) < job.policy.max_age
    return walk is not None and young and walk.options == walk_stamp(branch.source)


def _learned(job: Sync, branch: Branch, walk: Walk) -> Branch:
    """Return a branch with what its walk found, compared with what was known."""
    source = branch.source
    if source.name == source.token and walk.root.title:
        source = replace(source, name=free_name(walk.root.title, {each.name for each in job.known.values()}))
    listing, found = branch.listing, pruned(walk.children)
    changes = compare(listing.live, found)
    if listing.options != walk.options:  # what other settings leave out is not gone
        changes = replace(changes, missing=())
    held = None
    if not walk.doubts and not job.accept_shrink and changes.missing:
        held = _held(listing, found, walk.began_at)
    kept: tuple[Child, ...] = ()
    if walk.doubts or held:
        kept, changes = changes.missing, replace(changes, missing=())
    taken = [each.name.removeprefix(f"{source.name}/") for each in job.known.values() if each.parent != source.key]
    children = named([child for _, child in in_order([*found, *kept])], listing.children, taken)
    return replace(branch, source=source, walk=walk, children=tuple(children), changes=changes, held=held)


def _held(listing: Listing, found: Sequence[Child], now: float) -> Held | None:
    """Return a list that lost most of its children as one that waits for a second look."""
    if not lost_most(len(listing.live), len(found)):
        return None
    keys = "\n".join(sorted(child.key for child in found))
    return hold_back(listing.held, check_of(keys.encode()), now=now)


# --- children -------------------------------------------------------------------------------------------------------


def joined(job: Sync, sources: Iterable[Source], branches: Iterable[Branch]) -> list[Source]:
    """Return the sources with the children of the libraries among them; what several of them hold is there once."""
    plain = [source for source in sources if not source.library]
    found = {source.key: source for source in plain}
    targets = {source.target for source in plain}
    for branch in branches:
        for child in child_sources(branch.source, branch.children):
            known = job.known.get(child.key, child)
            source = child if known.parent == child.parent else known
            if child.token not in targets and (job.kind is None or source.kind in (job.kind, None)):
                found.setdefault(source.key, source)
    return [*found.values()]


def missing_of(branches: Iterable[Branch]) -> list[Source]:
    """Return the children that are no longer listed anywhere in their library: the gate knows what became of them."""
    return [source for branch in branches for source in child_sources(branch.source, _lost(branch))]


def _lost(branch: Branch) -> list[Child]:
    """Return the missing children that have a cache to keep, each document once."""
    there = {child.obj_token for child in branch.children}
    lost = {child.obj_token: child for child in reversed(branch.changes.missing)
            if child.is_read and child.obj_token not in there}  # fmt: skip
    return [*reversed(lost.values())]


def settle(job: Sync, branch: Branch, why: Mapping[str, Gone]) -> tuple[Visited, str]:
    """Make the new list current, and return the rows of the library and of what is gone, and what changed in words."""
    if branch.walk is None:
        return Visited(branch.source, [_row(branch)], branch.error), ""
    gone = marked(_lost(branch), why)
    found = attempt(branch.source.name, partial(_keep, job, branch, gone))
    if isinstance(found, LarkError):
        return Visited(branch.source, [_row(replace(branch, error=found))], found), ""
    now = {child.key for child in gone}
    left = child_sources(branch.source, [child for child in found.gone if child.key in now])
    rows = [_gone_row(job, source) for source in left]
    shrunk = LarkError(say("library.shrunk"), source=branch.source.name, next=say("shrink.next"))
    error = shrunk if branch.held else None
    return Visited(branch.source, [_row(replace(branch, error=error)), *rows], error), _remark(branch, gone)


def _keep(job: Sync, branch: Branch, gone: Sequence[Child]) -> Listing:
    walk, before = branch.walk, branch.listing
    assert walk is not None, "only a walk that came to its end is kept"
    there = {child.key for child in branch.children} | {child.obj_token for child in branch.children}
    earlier = [child for child in before.gone if not {child.key, child.obj_token} & there]
    whole = before.root is None or branch.action == "refetch"
    listing = Listing(
        key=branch.source.key,
        root=walk.root,
        options=walk.options,
        children=tuple(named([*branch.children, *earlier, *gone], [*branch.children, *before.gone])),
        checked_at=walk.began_at,
        full_at=walk.began_at if whole else before.full_at,
        doubts=walk.doubts,
        held=branch.held,
    )
    return lists.write(job.cache.root, listing)


# --- the report -----------------------------------------------------------------------------------------------------


def _row(branch: Branch) -> SyncRow:
    """Return the row of a library: how many children there are, and what happened to its list."""
    changes, error = branch.changes, branch.error
    listed = [child for child in branch.children if not child.left_out and child.obj_type != "folder"]
    new = {child.key for child in changes.new} & {child.key for child in listed}
    changed = {child.key for child in changes.moved} | {child.key for _, child in changes.renamed}
    outcome: Outcome = "kept" if branch.walk is None else "unchanged"
    if changes.new or changes.missing or changed:
        outcome = "fetched"
    told = [error.brief()] if error else []
    told += [*(branch.walk.doubts if branch.walk else ()), *_unread(listed)]
    row = row_of(
        branch.source, "", "failed" if error else outcome, rows=len(listed), added=len(new),
        changed=len(changed), removed=len(changes.missing), problem=say("library.and").join(told),
    )  # fmt: skip
    return replace(row, calls=branch.calls, seconds=branch.seconds)


def _unread(children: Iterable[Child]) -> list[str]:
    """Say how many children are of a kind that nothing reads."""
    kinds = Counter(child.obj_type or "?" for child in children if child.unread)
    named_kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return [say("library.unread", kinds=named_kinds)] if kinds else []


def _gone_row(job: Sync, source: Source) -> SyncRow:
    """Return the row of a child that is gone, and note it with its cache, which stays."""
    problem = say(f"library.gone.{source.about['gone']}")
    cached = job.cache.find(source)
    if cached is not None:
        attempt(source.name, lambda: job.cache.of(source).note_problem(problem, job.clock()))
    return row_of(source, "", "kept", problem=problem)


def _remark(branch: Branch, gone: Sequence[Child]) -> str:
    """Say what happened to a library since the last look; nothing of its first one."""
    changes, name = branch.changes, branch.source.name
    if not branch.listing.checked_at:
        return ""
    names = {child.key: child.name for child in branch.children}
    said = [
        _said("new", [names[child.key] for child in changes.new]),
        _said("renamed", [f"{old.name or old.title} → {names[child.key]}" for old, child in changes.renamed]),
        _said("moved", [names[child.key] for child in changes.moved]),
        _said("gone", [f"{child.name or child.title} ({say(f'library.why.{child.gone}')})" for child in gone]),
    ]
    told = say("library.and").join(line for line in said if line)
    return f"{name}: {told}" if told else ""


def _said(what: str, names: Sequence[str]) -> str:
    more = f" … ({len(names)})" if len(names) > SAID else ""
    return say(f"library.{what}", names=", ".join(names[:SAID]) + more) if names else ""
