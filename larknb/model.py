"""The nouns that travel between rooms.

A `Source` is one remote thing that we sync. A reader turns it into `Batch`es, a cache keeps them, a `SyncReport` tells
what happened. The classes at the end are what the public calls return: each turns into a frame with ``.to_frame()``
and shows itself, in a notebook as static HTML, in a terminal as aligned text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, overload
from zoneinfo import ZoneInfo

from larknb.errors import Asker, NotebookFailed
from larknb.messages import say

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "SUMMARY",
    "Action",
    "Batch",
    "CellError",
    "CellRun",
    "Changed",
    "Changes",
    "Column",
    "Columns",
    "Entry",
    "Hit",
    "Kind",
    "Outcome",
    "Paths",
    "Policy",
    "Progress",
    "Result",
    "RunList",
    "RunResult",
    "RunRow",
    "SearchHits",
    "Source",
    "SourceList",
    "Stamp",
    "Status",
    "StatusRow",
    "SyncReport",
    "SyncRow",
    "TableInfo",
    "User",
    "changed_in_brief",
    "zone_of",
]

Kind = Literal["bitable", "spreadsheet", "document"]
KINDS: tuple[Kind, ...] = ("bitable", "spreadsheet", "document")

Action = Literal["keep", "check", "fetch", "refetch"]  # what is to be done with a source
Outcome = Literal["kept", "unchanged", "fetched", "failed", "not tried"]  # what was done with a table

FIELD_KEY = b"lark.field"  # Arrow field metadata: the field's definition as JSON, the server's own keys
TABLE_KEY = b"lark.table"  # Arrow schema metadata: table_id, name, time_zone, user_id_type, valueless as JSON


def zone_of(name: str) -> tuple[str, bool]:
    """Return the IANA zone that a base's ``time_zone`` stands for, and whether it is known; else it is UTC."""
    alias = {"Asia/Beijing": "Asia/Shanghai"}.get(name, name)  # the platform's own example is no IANA name
    try:
        return ZoneInfo(alias).key, True
    except (KeyError, ValueError, OSError):  # no such zone, no zone name at all, the name of a folder of zones
        return "UTC", False


# --- what a sync is about ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One remote thing that we sync.

    ``token`` is the one of the URL: an app_token, spreadsheet_token or document_id, or a wiki node token, and then
    ``obj_token`` is what the node stands for and ``kind`` is None as long as nobody asked. ``part`` is the table_id or
    sheet_id that the URL names. Two sources of one configuration never share a ``key``.
    """

    name: str
    url: str
    kind: Kind | None
    token: str
    part: str = ""
    wiki: bool = False
    identity: Literal["user", "tenant"] = "user"
    options: Mapping[str, Any] = field(default_factory=dict)
    obj_token: str = ""
    about: Mapping[str, Any] = field(
        default_factory=dict, compare=False, repr=False
    )  # title, owner, tables: from `add`

    @property
    def key(self) -> str:
        """What identifies the source, whatever it is called: its token, and the part that the URL names."""
        return f"{self.token}/{self.part}" if self.part else self.token

    @property
    def target(self) -> str:
        """The token that the APIs of its kind take."""
        return self.obj_token or self.token


@dataclass(frozen=True)
class Policy:
    """How long a cache is good, in seconds (DESIGN §4 [cache])."""

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
class Grid:
    """One worksheet as it was received, whole: the loss-free record of a sheet.

    ``record`` is JSON as it is kept: ``sheet_id title revision row_count column_count frozen_row_count``, ``merges``
    (``{row, column, rows, columns}``, 1-based), ``values`` and ``dates``: the windows of the data pass and of the date
    pass, each ``{row, column, values}`` with the 1-based place of its first cell and the cells as the server sent them.
    """

    table: TableInfo
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Guide:
    """One document as it was received, whole.

    ``record`` is JSON as it is kept: ``document`` (the info call's answer), ``blocks`` (every block as the server sent
    it, in its order), ``references`` (the blocks that synced references stand for), ``moved`` (True when the revision
    moved during the read), ``url``, ``wiki`` (its place there, if it has one), ``latest_modify_time``.
    """

    record: Mapping[str, Any]


@dataclass(frozen=True)
class Media:
    """An image or file of a document, by its token; kept once, whichever snapshots show it.

    ``problem`` says why there is no ``data``: it was too large, not allowed, or is gone.
    """

    token: str
    name: str = ""
    content_type: str = ""
    data: bytes | None = None
    problem: str = ""


Parcel = Batch | Grid | Guide | Media  # what a reader yields


@dataclass(frozen=True)
class Progress:
    """One step of a sync, to be shown: ``done`` of ``total`` sources, and the rows of the present table."""

    source: str
    done: int
    total: int
    table: str = ""
    rows: int = 0
    rows_total: int = 0
    state: Literal["reading", "done"] = "reading"


Reporter = Callable[[Progress], None]

# --- what the public calls return -------------------------------------------------------------------------------


class Result:
    """Something that shows itself: `to_frame` for work, HTML in a notebook, aligned text in a terminal."""

    title: ClassVar[str] = ""  # message key of the line above the table

    def columns(self) -> tuple[str, ...]:
        """Return the column names of `to_frame`, in order."""
        raise TypeError(f"{type(self).__name__} has no table form")

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""
        raise TypeError(f"{type(self).__name__} has no table form")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them; the same as `to_frame` unless a result knows better."""
        return self.columns(), [*self.rows()]

    def headline(self) -> str:
        """Return the line above the table."""
        return say(self.title) if self.title else ""

    def footer(self) -> str:
        """Return the line below the table."""
        return ""

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame."""
        import pandas as pd

        frame = pd.DataFrame(self.rows(), columns=list(self.columns()))
        # A document has no rows: counts with gaps stay whole numbers.
        return frame.astype({"rows": "Int64"}) if "rows" in frame else frame

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain dicts, for ``--json``."""
        return [dict(zip(self.columns(), row, strict=True)) for row in self.rows()]

    def __repr__(self) -> str:
        from larknb import display

        header, rows = self.shown()
        return display.text(self.headline(), header, rows, self.footer())

    def _repr_html_(self) -> str:
        from larknb import display

        header, rows = self.shown()
        return display.html(self.headline(), header, rows, self.footer())


Row = TypeVar("Row")


class Rows(Result, Sequence[Row]):
    """A result that is a sequence of small frozen dataclasses, one per row."""

    def __init__(self, items: Sequence[Row] = ()) -> None:
        self.items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.items)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""
        return [tuple(getattr(item, name) for name in self.columns()) for item in self.items]


@dataclass(frozen=True)
class SyncRow:
    """What a sync did with one table (or with a source that failed before its tables were known)."""

    source: str
    kind: str
    table: str
    action: Outcome
    rows: int | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0
    calls: int = 0
    seconds: float = 0.0
    problem: str = ""


def _read_as(askers: Mapping[str, Asker]) -> str:
    """Say as whom sources were read: one for all, or which sources by each of several."""
    sources: dict[str, list[str]] = {}
    for name, asker in askers.items():
        if asker.label:
            sources.setdefault(str(asker), []).append(name)
    if len(sources) == 1:
        return say("error.asker", who=next(iter(sources)))
    return "".join(say("read.some", who=who, sources=_some(names)) for who, names in sources.items())


def _askers(askers: Mapping[str, Asker]) -> dict[str, dict[str, str]]:
    return {name: {"identity": asker.kind, "who": asker.label} for name, asker in askers.items()}


class SyncReport(Rows[SyncRow]):
    """What a sync did, one row per table; ``ok`` says that nothing failed and every source was tried."""

    title = "report.title"

    def __init__(
        self, items: Sequence[SyncRow] = (), errors: Mapping[str, Exception] | None = None,
        read_as: Mapping[str, Asker] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.errors, self.read_as = dict(errors or {}), dict(read_as or {})  # by source name

    @property
    def ok(self) -> bool:
        """True when no source or table failed and every one was tried."""
        return all(row.action not in ("failed", "not tried") for row in self)

    @property
    def calls(self) -> int:
        """API requests that this sync made."""
        return sum(row.calls for row in self)

    def raise_for_failures(self) -> SyncReport:
        """Raise the first failure, if there is one; else return the report itself."""
        for error in self.errors.values():
            raise error
        return self

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return (
            "source", "kind", "table", "action", "rows", "added", "changed", "removed", "calls", "seconds", "problem",
        )  # fmt: skip

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns() if name != "kind"]
        return header, [
            (
                row.source, row.table, say(f"action.{row.action}"), row.rows, row.added or "", row.changed or "",
                row.removed or "", row.calls or "", f"{row.seconds:.1f}" if row.seconds else "", row.problem,
            )
            for row in self
        ]  # fmt: skip

    def footer(self) -> str:  # noqa: D102
        failed = sum(row.action in ("failed", "not tried") for row in self)
        key = "report.ok" if not failed else "report.failed"
        told = say(key, calls=self.calls, failed=failed, sources=len({row.source for row in self}))
        return told + _read_as(self.read_as)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a plain dict, for ``--json``."""
        return {"ok": self.ok, "calls": self.calls, "read_as": _askers(self.read_as), "rows": self.to_dicts()}


@dataclass(frozen=True)
class StatusRow:
    """The health of one table of the cache."""

    source: str
    kind: str
    table: str
    rows: int | None
    state: Literal["fresh", "stale", "failed", "never"]
    age: float | None  # seconds since the start of the last look
    synced_at: str
    last_error: str
    bytes: int
    calls_month: int


class Status(Rows[StatusRow]):
    """Health of login, sources, cache and quota."""

    title = "status.title"

    def __init__(self, items: Sequence[StatusRow] = (), login: str = "", calls: int = 0, budget: int | None = None,
                 forecast: int | None = None, read_as: Mapping[str, Asker] | None = None) -> None:  # fmt: skip
        super().__init__(items)
        self.read_as = dict(read_as or {})  # by source name: who read what the cache has
        self.login, self.calls, self.budget, self.forecast = login, calls, budget, forecast

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("source", "kind", "table", "rows", "state", "age", "synced_at", "last_error", "bytes", "calls_month")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        from larknb import display

        names = ("source", "kind", "table", "rows", "state", "age", "bytes", "last_error")
        return [say(f"column.{name}") for name in names], [
            (
                row.source, say(f"kind.{row.kind}"), row.table, row.rows, say(f"state.{row.state}"),
                display.age(row.age), display.size(row.bytes), row.last_error,
            )
            for row in self
        ]  # fmt: skip

    def headline(self) -> str:  # noqa: D102
        return f"{say(self.title)} · {self.login}" if self.login else say(self.title)

    def footer(self) -> str:  # noqa: D102
        text = say("status.calls", calls=self.calls)
        if self.forecast is not None:
            text += say("status.forecast", forecast=self.forecast)
        if self.budget is not None:
            text += say("status.budget", budget=self.budget)
        told = _read_as(self.read_as)
        return text + say("error.stop") + told if told else text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a plain dict, for ``--json``."""
        told = {name: getattr(self, name) for name in ("login", "calls", "budget", "forecast")}
        return {**told, "read_as": _askers(self.read_as), "rows": self.to_dicts()}


class SourceList(Rows[Source]):
    """The configured sources."""

    title = "sources.title"

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("name", "kind", "url", "identity")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [(each.name, say(f"kind.{each.kind or 'wiki'}"), each.url, each.identity) for each in self]

    def footer(self) -> str:  # noqa: D102
        return say("sources.none") if not self.items else ""


@dataclass(frozen=True)
class Column:
    """One column of a table as the field list defines it. ``empty`` is the share of rows without a value, 0 to 1."""

    name: str
    field_id: str
    type: str
    dtype: str
    description: str
    options: tuple[str, ...]
    empty: float | None


class Columns(Rows[Column]):
    """The columns of one table."""

    title = "schema.title"

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("name", "field_id", "type", "dtype", "description", "options", "empty")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [
            (c.name, c.field_id, c.type, c.dtype, c.description, _some(c.options),
             "" if c.empty is None else f"{c.empty:.0%}")
            for c in self
        ]  # fmt: skip


def _some(options: Sequence[str]) -> str:
    """Return the first options for a narrow column; a select may have 20,000."""
    more = f" … ({len(options)})" if len(options) > 8 else ""
    return ", ".join(options[:8]) + more


class Paths(dict[str, str]):
    """The current files of a source, by table; ``folder`` holds them all."""

    folder: str = ""


@dataclass(frozen=True)
class User:
    """Who is logged in, which app and tenant, and the dates (epoch seconds) at which things end.

    ``beside`` says who else reads sources of this workspace.
    """

    name: str
    open_id: str
    tenant_key: str
    app_id: str
    host: str
    identity: Literal["user", "tenant"] = "user"
    access_ends_at: float | None = None
    refresh_ends_at: float | None = None
    consent_ends_at: float | None = None
    scopes: tuple[str, ...] = ()
    beside: str = ""

    @property
    def label(self) -> str:
        """Who it is, in short: a person's name and open_id, or the app id; empty where that is not known."""
        if self.identity == "tenant":
            return self.app_id
        return f"{self.name} ({self.open_id})" if self.name and self.open_id else self.open_id

    def lines(self) -> list[tuple[str, str]]:
        """Return label and value of each fact, as people see them."""
        from larknb import display

        who = say("user.app") if self.identity == "tenant" else self.label or say("user.unknown")
        facts = [
            ("user.who", who),
            ("user.beside", self.beside),
            ("user.where", f"{self.app_id} · {self.host}" + (f" · {self.tenant_key}" if self.tenant_key else "")),
            ("user.access" if self.refresh_ends_at else "user.access_last", display.moment(self.access_ends_at)),
            ("user.refresh", display.moment(self.refresh_ends_at)),
            ("user.consent", display.moment(self.consent_ends_at)),
        ]
        return [(say(key), value) for key, value in facts if value]

    def __repr__(self) -> str:
        from larknb import display

        return display.facts(self.lines())

    def _repr_html_(self) -> str:
        from larknb import display

        return display.facts_html(self.lines())

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as a plain dict, for ``--json``."""
        return cast("dict[str, Any]", {**self.__dict__, "scopes": list(self.scopes)})


@dataclass(frozen=True)
class Hit:
    """One passage that a search found.

    ``title`` is the document's or the table's; ``path`` the headings above the passage, or what its row is called.
    ``marks`` are the places of the words in ``snippet``.
    """

    kind: Kind
    source: str
    title: str
    path: str
    snippet: str
    url: str
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def place(self) -> str:
        """Where in its source it is; a document's title is mostly the source's name, and that is told already."""
        return " > ".join(part for part in (self.title, self.path) if part and part != self.source)

    def marked(self, text: Callable[[str], str], mark: Callable[[str], str]) -> str:
        """Return the snippet with ``mark`` applied to the words that were found and ``text`` to what is between."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [text(self.snippet[at:start]), mark(self.snippet[start:end])]
            at = end
        return "".join([*parts, text(self.snippet[at:])])

    def html(self) -> str:
        """Return the hit as escaped HTML: where it is, as a link to it, and the snippet with its words marked."""
        where = escape(" > ".join(part for part in (self.source, self.place) if part))
        if self.url.startswith(("https://", "http://")):  # a document names its own address: no javascript: in a link
            where = f'<a href="{escape(self.url)}" target="_blank" rel="noopener noreferrer">{where}</a>'
        snippet = self.marked(escape, lambda word: f"<mark>{escape(word)}</mark>")
        return f'<div style="margin:6px 0">{where}<div>{snippet}</div></div>'


class SearchHits(Rows[Hit]):
    """What a search found, best first; ``found`` counts also the hits that ``limit`` left out."""

    title = "search.title"

    def __init__(self, items: Sequence[Hit] = (), found: int = 0) -> None:
        super().__init__(items)
        self.found = max(found, len(self.items))

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("kind", "source", "title", "path", "snippet", "url")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in ("source", "place", "snippet")]
        # Two marks side by side read as one.
        return header, [(hit.source, hit.place, hit.marked(str, "**{}**".format).replace("****", "")) for hit in self]

    def footer(self) -> str:  # noqa: D102
        return say("search.found", shown=len(self), found=self.found) if self.items else say("search.none")

    def _repr_html_(self) -> str:
        hits = "".join(hit.html() for hit in self)
        return f'<div class="larknb"><b>{escape(self.headline())}</b>{hits}<div>{escape(self.footer())}</div></div>'


SUMMARY = "application/vnd.larknb.summary+json"  # a form of `Changes` that the runner takes into the run's record


@dataclass(frozen=True)
class Changed:
    """What changed in one table, or in one document: its rows or its blocks."""

    source: str
    kind: str
    table: str
    added: int
    changed: int
    removed: int


class Changes(Rows[Changed]):
    """What is new since the last scheduled run that ended well, one row per table or document that changed.

    ``fresh`` are those of the last sync alone; ``since`` is when that run began, None if there was none; ``failed``
    counts the sources that failed now; ``cost`` and ``login`` are sentences.
    """

    def __init__(
        self, items: Sequence[Changed] = (), fresh: Sequence[Changed] = (), *, since: float | None = None,
        failed: int = 0, cost: str = "", login: str = "",
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.fresh, self.since, self.failed, self.cost, self.login = tuple(fresh), since, failed, cost, login

    @classmethod
    def of(cls, report: SyncReport, earlier: Sequence[Mapping[str, Any]] = (), **told: Any) -> Changes:
        """Return what a sync changed, and with it what ``earlier`` runs told that nobody may have seen."""
        fresh = [
            Changed(row.source, row.kind, row.table, row.added, row.changed, row.removed)
            for row in report
            if row.action == "fetched" and (row.added or row.changed or row.removed)
        ]
        sums: dict[tuple[str, str, str], tuple[int, ...]] = {}
        for each in (*earlier, *map(vars, fresh)):
            key = (each["source"], each["kind"], each["table"])
            new = (each["added"], each["changed"], each["removed"])
            sums[key] = tuple(map(sum, zip(sums.get(key, (0, 0, 0)), new, strict=True)))
        failed = len({row.source for row in report if row.action in ("failed", "not tried")})
        return cls([Changed(*key, *counts) for key, counts in sums.items()], fresh, failed=failed, **told)

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("source", "kind", "table", "added", "changed", "removed")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [
            (row.source, say(f"kind.{row.kind}"), row.table, row.added or "", row.changed or "", row.removed or "")
            for row in self
        ]

    def headline(self) -> str:  # noqa: D102
        from larknb import display

        begin = say("changes.since", at=display.moment(self.since)) if self.since else say("changes.first")
        return begin + changed_in_brief({"rows": [vars(row) for row in self], "failed": self.failed})

    def footer(self) -> str:  # noqa: D102
        return " ".join(text for text in (self.cost, self.login) if text)

    def summary(self) -> dict[str, Any]:
        """Return what the record of a run keeps: what this very run brought."""
        return {"rows": [vars(row) for row in self.fresh], "failed": self.failed}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {SUMMARY: self.summary()}


def changed_in_brief(summary: Mapping[str, Any] | None) -> str:
    """Return the summary of a run as one phrase; empty for a run that told none."""
    if summary is None:
        return ""
    rows = summary["rows"]
    tables = [row for row in rows if row["kind"] != "document"]
    parts = []
    if tables:
        counts = {name: sum(row[name] for row in tables) for name in ("added", "changed", "removed")}
        parts.append(say("changes.rows", sources=len({row["source"] for row in tables}), **counts))
    if documents := len({row["source"] for row in rows if row["kind"] == "document"}):
        parts.append(say("changes.documents", count=documents))
    if summary["failed"]:
        parts.append(say("changes.failed", count=summary["failed"]))
    return say("changes.and").join(parts) or say("changes.nothing")


RunStatus = Literal[
    "running", "ok", "failed", "login", "busy", "dead", "timeout", "deadline", "stopped", "unsaved", "killed"
]


@dataclass(frozen=True)
class CellRun:
    """One cell that a headless run executed: its number as ``In [n]`` shows it, its first line, its seconds."""

    cell: int
    line: str
    seconds: float


@dataclass(frozen=True)
class CellError:
    """What ended a headless run; ``cell`` is None where no cell was running."""

    cell: int | None
    line: str
    ename: str
    evalue: str

    def __str__(self) -> str:
        reason = " ".join(f"{self.ename}: {self.evalue}".split())[:300]  # an evalue may be whole pages
        return reason if self.cell is None else say("run.at", cell=self.cell, line=self.line, reason=reason)


class RunResult(Rows[CellRun]):
    """How a headless run ended, one row per executed cell; what was done is in the notebook at ``output``.

    ``status`` is ``ok``; ``failed``, a cell raised (``login`` and ``busy``: LoginRequired, Busy); ``dead``, the kernel
    died or did not start; ``timeout``, a cell took too long; ``deadline``, the whole run did; ``stopped``, by
    ``signal``; ``unsaved``, every cell ran, but the disk took no more. A record may also say ``running``, and
    ``killed`` where the runner did not live to tell.
    """

    def __init__(
        self, notebook: str, output: str, status: RunStatus, *, started_at: float, seconds: float = 0.0,
        cells: Sequence[CellRun] = (), error: CellError | None = None, signal: int = 0,
        summary: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(cells)
        self.summary, self.report = summary, ""  # what the notebook told of changes; the path of its HTML report
        self.notebook, self.output, self.status = notebook, output, status
        self.started_at, self.seconds, self.error, self.signal = started_at, seconds, error, signal

    @property
    def ok(self) -> bool:
        """True when every cell ran to its end."""
        return self.status == "ok"

    @property
    def exit_code(self) -> int:
        """What a process that did nothing but this run ends with."""
        if self.status == "stopped":
            return 128 + self.signal
        return {"ok": 0, "login": 3, "busy": 4, "timeout": 124, "deadline": 124}.get(self.status, 1)

    def raise_for_failure(self) -> RunResult:
        """Raise NotebookFailed if the run did not end well; else return the result itself."""
        if self.ok:
            return self
        raise NotebookFailed(self.headline(), source=self.notebook, next=say("run.next", output=self.output))

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("cell", "line", "seconds")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [(f"[{run.cell}]", run.line, f"{run.seconds:.1f}") for run in self]

    def headline(self) -> str:  # noqa: D102
        reason = f": {self.error}" if self.error else ""
        return say(f"run.{self.status}", seconds=f"{self.seconds:.1f}", signal=self.signal) + reason

    def footer(self) -> str:  # noqa: D102
        return "\n".join(path for path in (self.output, self.report) if path)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a plain dict, for the record beside the notebook and for ``--json``."""
        told = ("notebook", "output", "status", "exit_code", "started_at", "seconds", "signal", "summary")
        error = vars(self.error) if self.error else None
        return {**{name: getattr(self, name) for name in told}, "error": error, "cells": self.to_dicts()}


@dataclass(frozen=True)
class RunRow:
    """One headless run: ``changed`` is what its notebook told of changes, ``output`` the executed notebook."""

    started_at: str
    notebook: str
    status: RunStatus
    seconds: float
    changed: str
    output: str


class RunList(Rows[RunRow]):
    """The headless runs of a workspace, the newest first; paths count from ``root``."""

    title = "runs.title"

    def __init__(self, items: Sequence[RunRow] = (), root: str = "") -> None:
        super().__init__(items)
        self.root = root

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("started_at", "notebook", "status", "seconds", "changed", "output")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        from larknb import display

        header = [say(f"runs.{name}") for name in self.columns()]
        return header, [
            (
                row.started_at[:16].replace("T", " "), row.notebook, say(f"runs.status.{row.status}"),
                f"{row.seconds:.0f} s", row.changed, display.Link(row.output, self.root),
            )
            for row in self
        ]  # fmt: skip

    def footer(self) -> str:  # noqa: D102
        return "" if self.items else say("runs.none")
