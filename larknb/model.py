"""The nouns that travel between rooms.

A `Source` is one remote thing that we sync. A reader turns it into parcels (`Batch`, `Grid`, `Guide`, `Media`, and
`Learned` as the last one), a cache keeps them, and `Progress` tells whoever waits. None of them is changed once made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from larknb.partial import Received

if TYPE_CHECKING:
    import pyarrow as pa

    from larknb.errors import LarkError

__all__ = [
    "KINDS",
    "OBJECT_KINDS",
    "USUAL",
    "Action",
    "Batch",
    "ColumnMemory",
    "Drift",
    "DriftKind",
    "Entry",
    "Expectation",
    "Grid",
    "GridOptions",
    "Guide",
    "Kind",
    "Learned",
    "LibraryKind",
    "Media",
    "Options",
    "Outcome",
    "Parcel",
    "Policy",
    "Progress",
    "Reporter",
    "Running",
    "Shown",
    "Source",
    "Stamp",
    "TableInfo",
    "Where",
]

Kind = Literal["bitable", "spreadsheet", "document"]
KINDS: tuple[Kind, ...] = ("bitable", "spreadsheet", "document")
OBJECT_KINDS: Mapping[str, Kind] = {"bitable": "bitable", "sheet": "spreadsheet", "docx": "document"}  # in its words
LibraryKind = Literal["", "space", "subtree", "folder"]  # of a source that holds many others, empty of any other one

Action = Literal["keep", "check", "fetch", "refetch"]  # what is to be done with a source
Outcome = Literal["kept", "unchanged", "fetched", "failed", "not tried"]  # what was done with a table


Options = Mapping[str, Any]  # of a source, checked: `larknb.config.sources` says what each may be


class GridOptions(TypedDict, total=False):
    """The options of a source that decide what a grid becomes, as JSON has them: none of them costs a request."""

    header: str | int | list[int]
    fill_merged: str


@dataclass(frozen=True)
class Expectation:
    """What a table is expected to be (``[[sources.checks]]``): one of the conditions, on a column or on the table.

    ``table`` is a name or id, empty for every table of the source. ``range`` is inclusive. ``max_age`` is in seconds.
    """

    table: str = ""
    column: str = ""
    unique: bool = False
    not_null: bool = False
    one_of: tuple[Any, ...] = ()
    range: tuple[Any, Any] | None = None
    min_rows: int | None = None
    max_age: float | None = None


@dataclass(frozen=True)
class Source:
    """One remote thing that we sync.

    ``token`` is the one of the URL: an app_token, spreadsheet_token or document_id, or a wiki node token, and then
    ``obj_token`` is what the node stands for and ``kind`` is None as long as nobody asked. ``part`` is the table_id or
    sheet_id that the URL names. Two sources of one configuration never share a ``key``.

    A ``library`` holds many others, its children: a wiki space, a page of it with all below, a folder. Its ``kind``
    stays None, and its ``token`` is a space_id, a node token or a folder_token. A child is a source like any other one;
    ``parent`` is the key of its library.
    """

    name: str
    url: str
    kind: Kind | None
    token: str
    part: str = ""
    wiki: bool = False
    identity: Literal["user", "tenant"] = "user"
    options: Options = field(default_factory=dict)
    obj_token: str = ""
    checks: tuple[Expectation, ...] = ()
    library: LibraryKind = ""
    parent: str = ""
    about: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what the platform tells of it

    def __repr__(self) -> str:
        """Say what is known of the source: ``lk.add`` shows it in a notebook, where what is as usual only disturbs."""
        usual = Source("", "", None, "")
        names = [one.name for one in fields(self) if one.repr and getattr(self, one.name) != getattr(usual, one.name)]
        return f"Source({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    @property
    def key(self) -> str:
        """What identifies the source, whatever it is called: its token, and the part that the URL names."""
        return f"{self.token}/{self.part}" if self.part else self.token

    @property
    def target(self) -> str:
        """The token that the APIs of its kind take."""
        return self.obj_token or self.token

    @property
    def said_kind(self) -> str:
        """Its kind in a word, as reports have it: a wiki page that nobody has looked up is ``wiki``."""
        return self.kind or self.library or "wiki"


@dataclass(frozen=True)
class Policy:
    """How long a cache is good, in seconds: ``[cache]`` of larknb.toml."""

    max_age: float = 3600.0
    full_every: float = 86400.0
    history: float = 90 * 86400.0


@dataclass(frozen=True)
class Entry:
    """What the cache knows of a source that was read at least once; times are epoch seconds.

    ``checked_at`` is the start of the last look, ``fetched_at`` the start of the last read of the table that was read
    the longest ago.
    """

    checked_at: float
    fetched_at: float


@dataclass(frozen=True)
class Stamp:
    """A source's modify time: the server's own string, and whether a later edit must move it."""

    mtime: str
    settled: bool
    title: str = ""
    owner: str = ""


@dataclass(frozen=True)
class TableInfo:
    """One table on its way: what the reader knows of it beside its rows."""

    table_id: str
    name: str
    revision: int
    schema: pa.Schema  # of the raw form, field definitions in its metadata; None for a sheet: its grid tells


@dataclass(frozen=True)
class Batch:
    """Some rows of one table on their way, in the loss-free form; ``total`` is what the server says there are.

    ``fresh`` begins a reading of the table and drops what an earlier, torn one left. ``computed_only`` rows carry the
    record ids and the computed columns alone; the cache keeps the other columns of the rows it has.
    """

    table: TableInfo
    rows: pa.Table
    total: int = 0
    fresh: bool = False
    computed_only: bool = False


@dataclass(frozen=True)
class Shown:
    """How `larknb.load` shows cells that can be shown in more than one way.

    Parameters
    ----------
    links : str
        Linked rows by their ``"text"`` or by their record ``"id"``.
    lists : str
        Several values of a cell as a ``"tuple"``, or ``"join"`` for one text.
    persons : str
        Persons, groups and files by ``"name"`` or by ``"id"``.
    aware : bool
        Times as instants with the zone of the base, not as the clock on its wall shows them.
    """

    links: str = "text"
    lists: str = "tuple"
    persons: str = "name"
    aware: bool = False


USUAL = Shown()
Where = Mapping[str, Any] | Callable[[Any], Any]  # which rows `larknb.load` gives: see `larknb.tabular.where`


class ColumnMemory(TypedDict, total=False):
    """What is remembered of a Bitable column between syncs, as JSON has it; each kind of column has its own keys.

    ``of`` identifies the type of the field that it is about. ``widened``: a rating was no small whole number.
    ``names``: options that the field does not list. ``kind``, ``many``, ``links``: the shape of computed values (None
    as long as there are none), whether they are lists, whether some are linked rows.
    """

    of: str
    widened: bool
    names: list[str]
    kind: str | None
    many: bool
    links: bool


@dataclass(frozen=True)
class Grid:
    """Some cells of one worksheet on their way, as they were received: together the loss-free record of a sheet.

    ``record`` is JSON as it is kept: ``sheet_id title revision row_count column_count frozen_row_count``, ``merges``
    (``{row, column, rows, columns}``, 1-based), ``values`` and ``dates``: some windows of the data pass and of the date
    pass, each ``{row, column, values}`` with the 1-based place of its first cell and the cells as the server sent them.
    They come from the top down, those of the data pass first.

    ``fresh`` begins a reading of the worksheet and drops what an earlier, torn one left; ``whole`` ends it, and without
    it nothing of the worksheet is taken. A small worksheet comes in one parcel.
    """

    table: TableInfo
    record: Mapping[str, Any]
    fresh: bool = True
    whole: bool = True


@dataclass(frozen=True)
class Guide:
    """One document as it was received, whole.

    ``record`` is JSON as it is kept: ``document`` (the info call's answer), ``blocks`` (every block as the server sent
    it, in its order), ``references`` (the blocks that synced references stand for), ``moved`` (True when the revision
    moved during the read), ``url``, ``wiki`` (its place there, if it has one), ``latest_modify_time``; and ``stale``,
    if there are any references that could not be read again.
    """

    record: Mapping[str, Any]


@dataclass(frozen=True)
class Media:
    """A picture or file of a document, or of the cells of a table, by its token; kept once, whichever states show it.

    Parameters
    ----------
    file : Received, optional
        Where it lies whole; the cache takes it from there.
    problem : str
        Why there is none: it is too large, not allowed, or gone.
    is_skipped : bool
        It is too large, and was left out on purpose.
    table_id : str
        The table that shows it.
    done, total : int
        The how many-th this is of those that are to be had at this visit.
    """

    token: str
    name: str = ""
    content_type: str = ""
    file: Received | None = None
    problem: str = ""
    is_skipped: bool = False
    table_id: str = ""
    done: int = 0
    total: int = 0


DriftKind = Literal[
    "column_renamed", "column_retyped", "column_added", "column_removed", "column_readded", "option_renamed",
    "table_renamed", "table_removed", "table_added", "base_moved",
]  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """A change of the shape of a base: what people did to its tables and columns, not to its rows.

    Parameters
    ----------
    kind : str
        What was done.
    table, column : str
        Where, by the names of today; of what is gone by the last one.
    before, after : str
        The names, types or options then and now.
    """

    kind: DriftKind
    table: str = ""
    column: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Learned:
    """What a visit to a source found out beside the data itself: the last parcel of a read.

    Parameters
    ----------
    state : mapping
        What the reader remembers until the next look: JSON that nobody else looks into.
    again : tuple of str
        Tables to read at the next look, whatever their stamps say.
    embedded : mapping
        Tables that a document embeds: key -> ``{"status": "ok" | "forbidden" | "failed", "problem"}``.
    contains : tuple of str
        The kinds of the tables that a document or spreadsheet embeds: they need scopes of their own.
    selected : mapping
        The tables that the settings ask for and that exist: id -> name.
    gone : mapping
        Cached tables that are no longer there: id -> name.
    failed : mapping
        Tables whose reading was refused while the others went on: id -> error.
    incremental : mapping
        Tables of which the edited rows alone were read, the others being kept: id -> rows that were read.
    drift : tuple of Drift
        How tables and columns changed since the last read.
    """

    state: Mapping[str, Any] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contains: tuple[Kind, ...] = ()
    selected: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, LarkError] = field(default_factory=dict)
    incremental: Mapping[str, int] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()


Parcel = Batch | Grid | Guide | Media | Learned  # what a reader yields; the last one is always what it learned


@dataclass(frozen=True)
class Progress:
    """One step of a sync, to be shown: ``done`` of ``total`` sources, the rows of the present table, or its files.

    While it waits, ``seconds`` say how long: until a base has settled, or before the ``tries``-th of ``tries_total``
    requests. A step without a source concerns all of them.
    """

    source: str
    done: int
    total: int
    table: str = ""
    rows: int = 0
    rows_total: int = 0
    files: int = 0
    files_total: int = 0
    state: Literal["reading", "settling", "retrying", "done"] = "reading"
    seconds: float = 0.0
    tries: int = 0
    tries_total: int = 0


@dataclass(frozen=True)
class Running:
    """One step of a headless run, to be shown: the ``cell``-th of ``cells`` runs, for so many seconds now."""

    notebook: str
    cell: int
    cells: int
    line: str
    seconds: float


Reporter = Callable[[Progress], None]
