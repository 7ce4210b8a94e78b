"""The tables of the cache in DuckDB (the extra ``[sql]``), which reaches nothing else: no file, no network, no setting.

Each table is there by its own name and as ``source/table``. For each of its link columns there is a view
``table__column`` with one row per link. DuckDB is given Arrow data sets, never a path, and its doors are locked before
the first query runs: what a query says can neither read nor write a file.
"""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from larknb.config.names import near_names
from larknb.errors import ConfigError, NotFound
from larknb.messages import say
from larknb.results.base import some_of
from larknb.tabular.raw import RECORD_ID

if TYPE_CHECKING:
    import duckdb

__all__ = ["Edge", "Relation", "connect", "may_ask", "run"]

Data = Any  # a pyarrow Table or Dataset, neither of which has types


@dataclass(frozen=True)
class Edge:
    """A link column: its raw form (record ids in a list column ``field_id``), and whether its texts are lists."""

    column: str
    field_id: str
    raw: Data
    many: bool


@dataclass(frozen=True)
class Relation:
    """One table for DuckDB.

    Parameters
    ----------
    source, table : str
        What it is called.
    data : Table or Dataset
        Its friendly form; None where nobody asks for it: then it is only a name that others must not have.
    edges : tuple of Edge
        Its link columns.
    """

    source: str
    table: str
    data: Data = None
    edges: tuple[Edge, ...] = field(default=(), repr=False)


def connect(relations: Sequence[Relation], *, files: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a connection that has these tables, and nothing else within reach, unless ``files`` says so."""
    if importlib.util.find_spec("duckdb") is None:
        raise ConfigError(say("sql.missing.what"), next=say("sql.missing.next"))
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("SET python_enable_replacements = false")  # a variable of the caller is no table
    if not files:
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    for names, relation in _named(relations):
        if relation.data is None:
            continue
        connection.register(names[0], relation.data)
        for name in names[1:]:
            _view(connection, name, f"FROM {_quoted(names[0])}")
        for edge in relation.edges:
            _add_edge(connection, names, edge)
    return connection


def _named(relations: Sequence[Relation]) -> Iterable[tuple[list[str], Relation]]:
    """Yield the tables with all names of each: a name means one table, and DuckDB tells no upper from lower case."""
    plain = Counter(relation.table.casefold() for relation in relations)
    whole = Counter(_whole(relation).casefold() for relation in relations)
    for relation in relations:
        names = [_whole(relation)] if whole[_whole(relation).casefold()] == 1 else []
        if plain[relation.table.casefold()] == 1 and relation.table.casefold() not in whole:
            names.append(relation.table)
        if names:
            yield names, relation


def _whole(relation: Relation) -> str:
    return f"{relation.source}/{relation.table}"


def _add_edge(connection: duckdb.DuckDBPyConnection, names: Sequence[str], edge: Edge) -> None:
    """Add ``table__column``: the record id of a row, that of a row that it links to, and how that one is called."""
    raw = f"_raw/{names[0]}/{edge.field_id}"
    connection.register(raw, edge.raw)
    text = f"f.{_quoted(edge.column)}"
    text = text if edge.many else f"CASE WHEN {text} IS NULL THEN [] ELSE [{text}] END"
    query = (
        f"SELECT r.{_quoted(RECORD_ID)} AS {_quoted(RECORD_ID)}, unnest(r.{_quoted(edge.field_id)}) AS linked_id, "  # noqa: S608
        f"unnest({text}) AS text FROM {_quoted(raw)} r JOIN {_quoted(names[0])} f USING ({_quoted(RECORD_ID)})"
    )
    for name in names:
        _view(connection, f"{name}__{edge.column}", query)


def _view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS {query}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def may_ask(query: str, table: str) -> bool:
    """Say whether a query may speak of a table: its name stands somewhere in it. The others need not be opened."""
    return table.replace('"', '""').casefold() in query.casefold()


def run(connection: duckdb.DuckDBPyConnection, query: str, names: Sequence[str]) -> pa.Table:
    """Return what a query gives; ``names`` are the tables that an error may offer."""
    import duckdb

    try:
        found = connection.sql(query)
    except duckdb.Error as error:
        raise _explained(error, names) from error
    try:
        return pa.table({}) if found is None else found.to_arrow_table()
    except duckdb.Error as error:
        raise _explained(error, names) from error


def _explained(error: Exception, names: Sequence[str]) -> ConfigError | NotFound:
    """Return what to tell of a query that DuckDB refused."""
    first, *more = str(error).strip().splitlines()
    if missing := re.match(r"Catalog Error: Table with name (.+) does not exist", first):
        near = near_names(missing[1], names)
        key = "sql.near" if near else "sql.tables" if names else "sql.none"
        offered = say(key, names=some_of([*map(_quoted, near or names)]))
        return NotFound(say("sql.table", name=missing[1]), next=offered)
    hint = next((line for line in more if line.startswith(("Candidate", "Did you mean"))), "")
    is_typed = "No function matches" in first or first.startswith(("Conversion Error", "Mismatch Type Error"))
    return ConfigError(say("sql.what", reason=first), next=say("sql.types") if is_typed else hint or say("sql.next"))
