"""The tools of the assistant's door: what each is called, takes and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from larknb import display
from larknb.errors import ConfigError, NotFound
from larknb.mcp.quoting import CELL, TEXT, cut, fitted, quoted, quoted_text
from larknb.messages import say
from larknb.model import KINDS
from larknb.results.base import Json
from larknb.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from larknb.results.status import StatusRow

__all__ = ["TOOLS", "Tool", "called"]

ROWS, MOST_ROWS = 50, 200  # of an answer: unless asked otherwise, and at all
HITS, MOST_HITS = 10, 50
SOURCES = 200  # in one answer; `like` narrows them
OPTIONS = 30  # of a select field

Run = Callable[[Workspace, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Tool:
    """One tool: ``takes`` are the JSON schemas of its arguments by name, those in ``needs`` must be given."""

    name: str
    about: str
    takes: Mapping[str, Mapping[str, Any]]
    needs: tuple[str, ...]
    run: Run

    @property
    def schema(self) -> Json:
        """The JSON schema of all arguments."""
        return {"type": "object", "properties": dict(self.takes), "required": [*self.needs]}


TOOLS: list[Tool] = []
TEXTUAL: Mapping[str, Any] = {"type": "string"}
NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 1}


def tool(about: str, *needs: str, **takes: Mapping[str, Any]) -> Callable[[Run], Run]:
    """Register a function as the tool of its name."""

    def register(run: Run) -> Run:
        TOOLS.append(Tool(run.__name__.strip("_"), about, takes, needs, run))
        return run

    return register


def called(workspace: Workspace, name: str, given: Mapping[str, Any]) -> str:
    """Return what a tool answers; ConfigError where it is called as it cannot be."""
    found = next((each for each in TOOLS if each.name == name), None)
    if found is None:
        raise NotFound(say("mcp.tool.what", tool=name), next=", ".join(each.name for each in TOOLS))
    given = {key: value for key, value in given.items() if value is not None}
    lacking = [key for key in found.needs if key not in given]
    wrong = [key for key, value in given.items() if not _fits(value, found.takes.get(key))]
    if lacking or wrong:
        what = say("mcp.arguments.what", names=", ".join([*lacking, *wrong]))
        raise ConfigError(what, next=say("mcp.arguments.next", schema=json.dumps(found.schema, ensure_ascii=False)))
    return found.run(workspace, given)


def _fits(value: Any, schema: Mapping[str, Any] | None) -> bool:
    if schema is None:
        return False
    if schema["type"] == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return isinstance(value, {"string": str, "object": Mapping, "array": list}[schema["type"]])


# --- what there is --------------------------------------------------------------------------------------------------


@tool("Sources cached from Feishu/Lark: tables with row counts, documents, age. Start here.", like=TEXTUAL)
def _sources(workspace: Workspace, given: Mapping[str, Any]) -> str:
    like = given.get("like", "").casefold()
    found: dict[str, list[StatusRow]] = {}
    for row in workspace.status(login=False):
        if like in row.source.casefold() or like in row.table.casefold():
            found.setdefault(row.source, []).append(row)
    shown = fitted([_told(rows) for rows in [*found.values()][:SOURCES]])
    return quoted({"sources": shown, "count": len(found), "shown": len(shown)})


def _told(rows: Sequence[StatusRow]) -> Json:
    """Return what there is of one source."""
    tables = {row.table: row.rows for row in rows if row.rows is not None}
    return {"source": rows[0].source, "kind": rows[0].kind, **_age(rows[0]), **({"tables": tables} if tables else {})}


@tool(
    "Columns of a table: name, type, options, description, share of empty cells.",
    "source", source=TEXTUAL, table=TEXTUAL,
)  # fmt: skip
def _schema(workspace: Workspace, given: Mapping[str, Any]) -> str:
    columns = workspace.schema(given["source"], given.get("table"))
    rows = [
        {
            "name": each.name, "type": each.type, "dtype": each.dtype,
            **({"description": cut(each.description)} if each.description else {}),
            **({"options": [*each.options[:OPTIONS]]} if each.options else {}),
            **({"empty": round(each.empty, 3)} if each.empty else {}),
        }
        for each in columns
    ]  # fmt: skip
    shown = fitted(rows)
    about = {"columns": shown, "count": len(rows), "shown": len(shown)}
    return quoted({**_origin(workspace, given["source"], given.get("table")), **about})


@tool("State of the cache: age, rows and the last problem of each table. Reads no login.", like=TEXTUAL)
def _status(workspace: Workspace, given: Mapping[str, Any]) -> str:
    like = given.get("like", "").casefold()
    rows = [
        {"source": row.source, "table": row.table, "rows": row.rows, "state": row.state, **_age(row),
         **({"problem": cut(row.last_error)} if row.last_error else {})}
        for row in workspace.status(login=False)
        if like in row.source.casefold()
    ]  # fmt: skip
    shown = fitted(rows)
    return quoted({"tables": shown, "count": len(rows), "shown": len(shown)})


# --- rows -------------------------------------------------------------------------------------------------------------


@tool(
    'Rows: SQL (DuckDB) over all tables, each named "source/table" or by its plain name, or one table with filters.'
    ' `where` is {"column": value or [values]}. `as_of`: a date, "yesterday".',
    sql=TEXTUAL, source=TEXTUAL, table=TEXTUAL, columns={"type": "array", "items": TEXTUAL},
    where={"type": "object"}, as_of=TEXTUAL, limit=NUMBER,
)  # fmt: skip
def _query(workspace: Workspace, given: Mapping[str, Any]) -> str:
    limit = min(given.get("limit", ROWS), MOST_ROWS)
    if ("sql" in given) == ("source" in given):
        raise ConfigError(say("mcp.query.what"), next=say("mcp.query.next"))
    if "sql" in given:
        frame = workspace.sql(_limited(given["sql"], limit + 1), given.get("as_of"))
        return _answer(frame, limit, {"sources": [*_asked(workspace, given["sql"])]}, len(frame) > limit)
    name, table = given["source"], given.get("table")
    frame = workspace.load(
        name, table, columns=given.get("columns"), where=given.get("where"), as_of=given.get("as_of")
    ).reset_index()
    return _answer(frame, limit, {**_origin(workspace, name, table), "rows": len(frame)}, len(frame) > limit)


def _limited(query: str, most: int) -> str:
    """Return a query that gives a few rows, and that can do nothing but read."""
    return "\n".join(["SELECT * FROM (", query.strip().rstrip(";"), f") LIMIT {most}"])


def _answer(frame: pd.DataFrame, limit: int, about: Mapping[str, Any], more: bool) -> str:
    rows = [[cut(value) for value in row] for row in _plain_rows(frame.head(limit))]
    shown = fitted(rows)
    more = more or len(shown) < len(rows)
    said = {"note": say("mcp.more")} if more else {}
    return quoted({**about, "columns": [*map(str, frame.columns)], "data": shown, "shown": len(shown), **said})


def _plain_rows(frame: pd.DataFrame) -> Iterator[Sequence[Any]]:
    """Yield rows as plain values; what is missing is None, a time ISO 8601."""
    from larknb.tabular.records import json_records

    for row in json.loads(b"".join(json_records(frame.set_axis(range(frame.shape[1]), axis=1).rename_axis(None)))):
        yield [row[str(position)] for position in range(frame.shape[1])]


def _asked(workspace: Workspace, query: str) -> Iterator[Json]:
    """Yield where the tables that a query names come from, and their age."""
    asked = query.casefold()
    for row in workspace.status(login=False):
        if row.table and row.table.casefold() in asked and row.state != "never":
            yield _origin(workspace, row.source, row.table)


# --- texts ------------------------------------------------------------------------------------------------------------


@tool(
    "Find words in documents and table cells: heading path or row, snippet, link.",
    "text", text=TEXTUAL, kind={"type": "string", "enum": [*KINDS]}, limit=NUMBER,
)  # fmt: skip
def _search(workspace: Workspace, given: Mapping[str, Any]) -> str:
    limit = min(given.get("limit", HITS), MOST_HITS)
    hits = workspace.search(given["text"], kind=given.get("kind"), limit=limit)
    ages = {row.source: _age(row) for row in workspace.status(login=False)}
    rows = [
        {"kind": hit.kind, "source": hit.source, "title": hit.title, "path": hit.path, "snippet": cut(hit.snippet),
         "url": hit.url, **ages.get(hit.source, {})}
        for hit in hits
    ]  # fmt: skip
    shown = fitted(rows)
    return quoted({"hits": shown, "found": hits.found, "counts": hits.counts, "near": [*hits.near]})


@tool(
    "Text of a document, or of one section by its heading, as Markdown; the headings, where the whole is too long.",
    "document", document=TEXTUAL, section=TEXTUAL,
)  # fmt: skip
def _read(workspace: Workspace, given: Mapping[str, Any]) -> str:
    name, wanted = given["document"], given.get("section")
    if "://" in name:  # would be fetched
        raise ConfigError(say("mcp.url.what"), next=say("mcp.url.next"))
    document = workspace.document(name)
    text = document.markdown if wanted is None else document[wanted.strip("# ")].markdown
    about = {**_origin(workspace, name, None), "title": document.title, "url": document.url}
    if len(text) <= TEXT:
        return quoted_text(text, quoted(about))
    headings = [f"{'#' * entry['level']} {entry['text']}" for entry in document.outline]
    about |= {"characters": len(text), "shown": TEXT, "headings": fitted([cut(each) for each in headings], TEXT // 3)}
    return quoted_text(text[:TEXT], quoted(about))


@tool(
    'What changed in a source since "yesterday", "friday", "3d", a date; without one: since the last change.',
    "source", source=TEXTUAL, table=TEXTUAL, since=TEXTUAL, until=TEXTUAL,
)  # fmt: skip
def _changes(workspace: Workspace, given: Mapping[str, Any]) -> str:
    diff = workspace.diff(given["source"], given.get("table"), since=given.get("since"), until=given.get("until"))
    lines = [cut(line, CELL) for line in diff.sentences()]
    shown = fitted(lines)
    told = {"since": display.moment(diff.since), "until": display.moment(diff.until), "count": len(lines)}
    return quoted({"source": diff.source, **told, "shown": len(shown), "changes": shown})


# --- where from, how old ----------------------------------------------------------------------------------------------


def _age(row: StatusRow) -> Json:
    return {"synced_at": row.synced_at, "age": display.age(row.age)} if row.synced_at else {"synced_at": None}


def _origin(workspace: Workspace, name: str, table: str | None) -> Json:
    """Return the age of a table or document, and the file that holds the whole."""
    paths = workspace.paths(name)
    rows = [row for row in workspace.status(login=False) if f"{name}/".startswith(f"{row.source}/")]
    nearest = max((row.source for row in rows), key=len, default="")  # a child before the space that it is in
    row = next((row for row in rows if row.source == nearest and table in (None, row.table)), None)
    known = table or (name.removeprefix(f"{row.source}/") if row else None)
    file = paths.get(known or "") or paths.get("guide.md") or (next(iter(paths.values())) if len(paths) == 1 else "")
    about = {"source": row.source, **_age(row)} if row else {"source": name}
    return {**about, **({"table": known} if known in paths else {}), "file": file or paths.folder}
