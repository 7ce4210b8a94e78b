"""What would make the calls of a workspace fewer: the advice of the status.

It is a forecast: that changes come as they did in the last days, of which the cache keeps every state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from larknb.api.usage import Usage
from larknb.cache.cached import SourceCache
from larknb.cache.manifest import SnapshotEntry
from larknb.model import Policy, Source
from larknb.readers.incremental import obstacle
from larknb.results.status import Advice
from larknb.tabular.raw import linked_tables

__all__ = ["Cached", "advise"]

DAY, MONTH = 86_400, 30 * 86_400  # seconds
WINDOW = 2 * DAY  # seconds in which no state is thinned out
INTERVALS = [60 * minutes for minutes in (5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 10080)]
PAGE = 500  # records
GATE = 200  # documents of which one request asks the stamps
AROUND = 4  # requests around the rows of a base: its share of the gate, two lists of tables, one of columns
WORTH = 100  # calls a month: for fewer nobody changes a setting

Cached = Mapping[str, tuple[Source, SourceCache]]  # by name of the source


def advise(cached: Cached, usage: Usage, policy: Policy, now: float) -> Advice:
    """Return which interval fits the budget, and where it would pay to read edited rows alone."""
    saved = {name: round(calls) for name, (source, each) in cached.items()
             if (calls := _saved(source, each, now)) >= WORTH and _tells_its_edits(source, each)}  # fmt: skip
    interval = None if usage.daily is None else _fitting([*cached.values()], usage.daily, policy, now)
    return Advice(interval, saved)


# --- the interval -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reads:
    """What the reads of a source cost: of all, and as often a day as it changed, of that."""

    whole: float
    changed: float
    daily: float

    @classmethod
    def of(cls, cached: SourceCache, now: float) -> _Reads:
        """Return what the kept states of a source tell."""
        changes, days = _changes(cached, now)
        costs = [each.calls for each in changes]
        rows = [AROUND / 2 + _pages(table.rows) for table in cached.tables.values() if table.form == "records"]
        whole = max([sum(rows), *(each.calls for each in cached.manifest.snapshots.values())])
        return cls(whole, sum(costs) / len(costs) if costs else whole, len(changes) / days)

    def calls(self, looks: float, full: float) -> float:
        """Return the calls of a day with so many looks, and so many times at which all must be read."""
        changes = min(looks, self.daily)
        return changes * self.changed + max(0.0, min(looks, full) - changes) * self.whole


def _fitting(cached: Sequence[tuple[Source, SourceCache]], daily: float, policy: Policy, now: float) -> float | None:
    """Return the shortest of the usual intervals with which a day takes no more than some calls; None if none does."""
    bases = {source.target for source, each in cached if each.manifest.kind == "bitable"}
    look = -(-len(cached) // GATE) + len(bases)
    reads = [_Reads.of(each, now) for _, each in cached]
    full = DAY / max(policy.full_every, INTERVALS[0])
    for interval in INTERVALS:
        looks = DAY / interval
        if looks * look + sum(each.calls(looks, full) for each in reads) <= daily:
            return float(interval)
    return None


def _changes(cached: SourceCache, now: float) -> tuple[list[SnapshotEntry], float]:
    """Return the states of the last days that an edit made, and how many days these are."""
    kept = cached.manifest.snapshots.values()
    since = max(now - WINDOW, min((each.synced_at for each in kept), default=now))
    changes = [each for each in kept if since <= each.synced_at <= now and each.sequence != 1 and _is_edited(each)]
    return changes, max(DAY, now - since) / DAY


def _is_edited(state: SnapshotEntry) -> bool:
    return bool(state.added or state.changed or state.removed)


def _pages(rows: int) -> int:
    return max(1, -(-rows // PAGE))


# --- incremental ------------------------------------------------------------------------------------------------------


def _saved(source: Source, cached: SourceCache, now: float) -> float:
    """Return the calls of a month that a base would not have taken if its edited rows alone had been read."""
    if cached.manifest.kind != "bitable" or {"incremental", "view", "filter"} & {*source.options}:
        return 0.0
    changes, days = _changes(cached, now)
    return sum(map(_saved_at, changes)) / days * MONTH / DAY


def _saved_at(state: SnapshotEntry) -> int:
    edited = _pages(state.added + state.changed + 1)
    # Where rows were deleted, the edited ones are read for nothing, and then all of them.
    return -edited if state.removed else max(0, state.calls - AROUND - edited)


def _tells_its_edits(source: Source, cached: SourceCache) -> bool:
    """Say whether the edited rows of the largest table of a base are enough, even if every other table moved."""
    largest = max(cached.tables, key=lambda key: cached.tables[key].rows)
    try:
        schema = cached.schema(largest)
    except (OSError, ValueError):  # it is damaged: the next sync reads it anyhow
        return False
    return not obstacle(source.options, schema, largest, {"", *linked_tables(schema)})
