"""What a source embeds: bases and spreadsheets of which a document, or a spreadsheet itself, shows tables.

Each such part is read by the reader of its kind, as if it were a source of its own. What is wrong with one harms
neither its holder nor the others, unless it would stop every other call as well.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pyarrow as pa

from larknb.api.client import LarkClient
from larknb.errors import LarkError, NotFound
from larknb.messages import say
from larknb.model import Batch, Grid, Learned, Source
from larknb.partial import Partial
from larknb.readers.base import Known, KnownTable, Look, Reader, stops_everything

__all__ = [
    "Inside",
    "Part",
    "Within",
    "look_at",
    "not_there",
    "read_parts",
]


@dataclass(frozen=True)
class Part:
    """A base or spreadsheet of which another source, its holder, shows tables.

    Parameters
    ----------
    keys : mapping
        The tables that are shown: their own id -> the id that they have in the holder's cache.
    titles : mapping
        What the holder calls a table, where it does not go by its own name.
    """

    kind: Literal["bitable", "spreadsheet"]
    token: str
    keys: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)

    def key(self, table_id: str) -> str:
        """Return what the holder's cache calls a table; one that nobody named goes by both its tokens."""
        return self.keys.get(table_id, f"{self.token}_{table_id}")

    def source(self, holder: Source, **options: Any) -> Source:
        """Return the part as a source of its own, of which the shown tables are wanted."""
        wanted = {"tables" if self.kind == "bitable" else "sheets": [*self.keys]}
        return Source(holder.name, holder.url, self.kind, self.token, identity=holder.identity,
                      options={**wanted, **options})  # fmt: skip

    def parcel_of(self, parcel: Batch | Grid) -> Batch | Grid:
        """Return a parcel of the part as one of its holder."""
        table = parcel.table
        name = self.titles.get(table.table_id, table.name)
        return replace(parcel, table=replace(table, table_id=self.key(table.table_id), name=name))

    def learned_of(self, found: Learned) -> Learned:
        """Return what was learned of the part, under the holder's names; the ``state`` stays that of its reader."""
        return Learned(
            state=found.state,
            again=tuple(map(self.key, found.again)),
            selected=self._named(found.selected),
            gone=self._named(found.gone),
            failed={self.key(table_id): error for table_id, error in found.failed.items()},
            drift=found.drift,
        )

    def _named(self, names: Mapping[str, str]) -> dict[str, str]:
        return {self.key(table_id): self.titles.get(table_id, name) for table_id, name in names.items()}


@dataclass(frozen=True)
class _Uncached:
    """A table that is shown and that nobody has read yet."""

    name: str
    gone: bool = False


@dataclass(frozen=True)
class Within:
    """What the holder's cache knows of a part, under the names that the part's reader uses."""

    known: Known
    part: Part
    state: Mapping[str, Any]
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def again(self) -> Collection[str]:
        """The tables of the part that are to be read again."""
        before = self.state.get("again", ())  # where an older larknb remembered them
        return [table_id for table_id, key in self.part.keys.items() if key in self.known.again or table_id in before]

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        """Every table that is shown: one that is not cached is no mistake in the settings."""
        return {table_id: self.known.tables.get(key, _Uncached(table_id)) for table_id, key in self.part.keys.items()}

    @property
    def is_whole(self) -> bool:
        """True when all of it is cached and nothing is to be read again."""
        held = self.again or any(table.gone for table in self.tables.values())
        return not held and all(key in self.known.tables for key in self.part.keys.values())

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none."""
        return self.known.rows(self.part.key(table_id))

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table."""
        return self.known.schema(self.part.key(table_id))

    def row_groups(self, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the raw rows of a cached table, or some columns of them."""
        return self.known.row_groups(self.part.key(table_id), columns)

    def has_media(self, token: str, *, proven: bool = False) -> bool:
        """Say whether a picture or file is there already."""
        return self.known.has_media(token, proven=proven)

    def partial(self, token: str) -> Partial:
        """Return where a picture or file is to be written."""
        return self.known.partial(token)


@dataclass(frozen=True)
class Inside:
    """One part during a visit to its holder.

    Parameters
    ----------
    look : Look, optional
        What its reader's look found; None where it was not asked, or could not be.
    learned : Learned, optional
        What its reader learned, once it has read.
    error : LarkError, optional
        Why the look or the read failed.
    torn : bool
        True when the read failed after rows had come.
    """

    part: Part
    known: Within
    reader: Reader
    look: Look | None = None
    learned: Learned | None = None
    error: LarkError | None = None
    torn: bool = False

    @property
    def was_left_alone(self) -> bool:
        """True when there was no need to look."""
        return self.look is None and self.error is None

    @property
    def due(self) -> list[str]:
        """The tables that must be read, as the holder's cache calls them."""
        return [self.part.key(table_id) for table_id in self.look.due] if self.look else []

    @property
    def found(self) -> Learned:
        """What is known of the part now, under its holder's names; after a failure its reader remembers what it did."""
        found = self.learned or self.look or Learned()
        failed: Mapping[str, LarkError] = {}
        if self.look is None or self.error is not None:
            found = replace(found, state=self.known.state, again=tuple(self.known.again), drift=())
        if self.error is not None:
            failed = dict.fromkeys(self.due or self.part.keys.values(), self.error)
        found = self.part.learned_of(found)
        return replace(found, failed={**found.failed, **failed})

    @property
    def missing(self) -> list[str]:
        """The tables that are shown and do not exist, as the holder's cache calls them."""
        there = self.found.selected
        return [key for key in self.part.keys.values() if key not in there] if self.look else []

    @property
    def gone(self) -> list[str]:
        """Those of the missing tables that are cached."""
        return [key for key in self.missing if key in self.known.known.tables]


def look_at(client: LarkClient, inside: Inside, **asked: Any) -> Inside:
    """Return a part with what a look at it found, or why there was none."""
    try:
        return replace(inside, look=inside.reader.look(client, inside.known, **asked))
    except LarkError as error:
        if stops_everything(error):
            raise
        return replace(inside, error=error)


def read_parts(client: LarkClient, parts: Iterable[Inside]) -> Generator[Batch | Grid, None, list[Inside]]:
    """Yield what is due of each part under its holder's names, and return the parts as they are after the read."""
    done = []
    for inside in parts:
        after = yield from _read(client, inside)
        done.append(after)
    return done


def _read(client: LarkClient, inside: Inside) -> Generator[Batch | Grid, None, Inside]:
    if inside.look is None or not inside.look.plan:
        return inside
    came, learned = False, None
    try:
        for parcel in inside.reader.read(client, inside.known, inside.look):
            if isinstance(parcel, Learned):
                learned = parcel
            elif isinstance(parcel, (Batch, Grid)):
                came = True
                yield inside.part.parcel_of(parcel)
    except LarkError as error:
        if stops_everything(error):
            raise
        return replace(inside, error=error, torn=came)
    return replace(inside, learned=learned)


def not_there(holder: Source) -> NotFound:
    """Return the error for a table that is shown and that does not exist."""
    return NotFound(say("trouble.missing.what"), source=holder.name)
