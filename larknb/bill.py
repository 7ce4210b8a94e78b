"""The bill of one source: how many requests and seconds each of its tables took, and its rows as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from larknb.model import Batch, Grid, Media, Parcel, Progress, Reporter
from larknb.results.sync import SyncRow

__all__ = [
    "Bill",
    "Cost",
    "Files",
    "ProgressLine",
    "charged_to_first",
]


@dataclass(frozen=True)
class Cost:
    """Requests and seconds."""

    calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.calls + other.calls, self.seconds + other.seconds)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.calls - other.calls, self.seconds - other.seconds)


@dataclass(frozen=True)
class Files:
    """Pictures and files that a visit had to get: how many came, their bytes, how many did not."""

    came: int = 0
    size: int = 0
    missing: int = 0
    why: str = ""

    def with_media(self, media: Media) -> Files:
        """Return the count with one more."""
        if media.file is not None:
            return replace(self, came=self.came + 1, size=self.size + media.file.size)
        return replace(self, missing=self.missing + 1, why=self.why or media.problem)


class Bill:
    """What one source cost, by table; what serves the whole source is charged to ``""``.

    Parameters
    ----------
    calls : callable
        Gives the requests that were made until now.
    clock : callable
        Gives the time, in seconds.
    """

    def __init__(self, calls: Callable[[], int], clock: Callable[[], float]) -> None:
        self._calls, self._clock = calls, clock
        self._until = self._now()
        self._spent: dict[str, Cost] = defaultdict(Cost)

    def _now(self) -> Cost:
        return Cost(self._calls(), self._clock())

    def charge(self, table_id: str = "") -> None:
        """Charge what was spent since the last time to a table."""
        before, self._until = self._until, self._now()
        self._spent[table_id] += self._until - before

    def total(self) -> Cost:
        """Return all that was spent until now."""
        self.charge()
        return sum(self._spent.values(), Cost())

    def by_table(self, table_ids: Iterable[str]) -> dict[str, Cost]:
        """Return the cost of each table; what served the whole source is on the first one's."""
        costs = {table_id: self._spent[table_id] if table_id else Cost() for table_id in table_ids}
        for first in [*costs][:1]:
            costs[first] += self._spent[""]
        return costs


class ProgressLine:
    """Reports the progress of one source: ``done`` of ``total`` sources, and its rows and files parcel by parcel.

    ``files`` counts the latter by table, those of a document itself under ``""``.
    """

    def __init__(self, report: Reporter, source: str, done: int, total: int) -> None:
        self._report, self._source, self._done, self._total = report, source, done, total
        self._rows: dict[str, int] = defaultdict(int)
        self._last = Progress(source, done, total)
        self.files: dict[str, Files] = defaultdict(Files)

    def begin(self) -> None:
        """Report that the source is next."""
        self._report(self._last)

    def end(self) -> None:
        """Report that the source is done."""
        self._report(Progress(self._source, self._done + 1, self._total, state="done"))

    def settle(self, seconds: float) -> None:
        """Report that the base is given time to settle."""
        self._report(replace(self._last, state="settling", seconds=seconds))

    def retry(self, tries: int, tries_total: int, seconds: float) -> None:
        """Report that a request is tried again after so many seconds."""
        self._report(replace(self._last, state="retrying", tries=tries, tries_total=tries_total, seconds=seconds))

    def show(self, parcel: Parcel) -> str:
        """Report a parcel and return the table that it belongs to, empty for what serves the whole source."""
        if isinstance(parcel, Media):
            self.files[parcel.table_id] = self.files[parcel.table_id].with_media(parcel)
            self._last = Progress(self._source, self._done, self._total, files=parcel.done, files_total=parcel.total)
            self._report(self._last)
            return parcel.table_id
        if not isinstance(parcel, (Batch, Grid)):
            return ""
        table = parcel.table
        rows, total = self._rows[table.table_id], 0
        if isinstance(parcel, Batch):
            rows, total = parcel.rows.num_rows + (0 if parcel.fresh else rows), parcel.total
        self._rows[table.table_id] = rows
        self._last = Progress(self._source, self._done, self._total, table.name, rows, total)
        self._report(self._last)
        return table.table_id


def charged_to_first(rows: Sequence[SyncRow], calls: int) -> list[SyncRow]:
    """Return the rows of a report; requests that served all sources are on the first one that was not kept."""
    first = next((index for index, row in enumerate(rows) if row.action != "kept"), None)
    return [replace(row, calls=row.calls + calls) if index == first else row for index, row in enumerate(rows)]
