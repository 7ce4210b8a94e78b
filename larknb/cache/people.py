"""The names of people: as the cells of cached bases have them, and what is kept of them in ``work/people.json``."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from larknb import stored
from larknb.cache.cached import SourceCache
from larknb.cache.tablefiles import read_rows, schema_of
from larknb.tabular.raw import PERSON, SEGMENT, list_of

__all__ = ["KnownPeople", "KnownPerson", "names_in", "read_people", "write_people"]

FORMAT = 1  # of ``work/people.json``

log = logging.getLogger("larknb")


# --- what is kept -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownPerson:
    """What is known of a person: the name, empty where nobody could tell it, and when it was last looked for."""

    name: str
    asked_at: float


@dataclass(frozen=True)
class KnownPeople:
    """What ``work/people.json`` holds: people by app and open_id, for each app has ids of its own."""

    apps: Mapping[str, Mapping[str, KnownPerson]] = field(default_factory=dict)


def read_people(path: Path) -> KnownPeople:
    """Return what is kept; nothing where that cannot be known."""
    return stored.recall(path, KnownPeople, "names of people are looked for anew", format=FORMAT)


def write_people(path: Path, people: KnownPeople) -> None:
    """Keep what is known; a disk that refuses it costs another look at the cells."""
    try:
        stored.write(path, people, format=FORMAT)
    except (stored.Newer, OSError) as error:
        log.warning("names of people are not kept: %s", error)


# --- what the cells say -----------------------------------------------------------------------------------------------


def names_in(caches: Iterable[SourceCache]) -> dict[str, str]:
    """Return the names of people by their open_ids, as person cells, mentions and editors of records have them.

    A file that cannot be read tells nothing.
    """
    found: dict[str, str] = {}
    for cached in caches:
        for entry in cached.tables.values():
            if entry.form == "records":
                found |= _names_of(cached.folder / entry.raw, entry.raw_check)
    return found


def _names_of(raw: Path, check: str) -> dict[str, str]:
    try:
        schema = schema_of(raw, check)
        columns = [column.name for column in schema if column.type in (PERSON, list_of(PERSON), list_of(SEGMENT))]
        rows = read_rows(raw, check, columns) if columns else pa.table({})
    except OSError as error:
        log.warning("%s", error)
        return {}
    return {key: name for column in rows.columns for key, name in _pairs(column)}


def _pairs(column: pa.ChunkedArray) -> Iterator[tuple[str, str]]:
    """Yield id and name of those in a column, each once."""
    cells = pa.chunked_array([pc.list_flatten(part) for part in column.chunks]) if _is_list(column) else column
    if not cells.length():
        return
    key = "token" if cells.type == SEGMENT else "id"  # a mention in a text has the id as its token
    pairs = pa.table({"id": pc.struct_field(cells, key), "name": pc.struct_field(cells, "name")})
    pairs = pairs.filter(pc.and_(pc.is_valid(pairs["id"]), pc.is_valid(pairs["name"])))
    for pair in pairs.group_by(["id", "name"]).aggregate([]).to_pylist():
        if pair["name"].strip():
            yield pair["id"], pair["name"]


def _is_list(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_list(column.type))
