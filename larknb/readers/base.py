"""The reader protocol: how a sync talks to any kind of source.

A visit has two halves. `Reader.look` asks the cheap stamps and says what is due; `Reader.read` reads it and yields
parcels, as the last one what was `Learned`. A reader keeps nothing itself and changes no look: what it must remember
until the next one travels in ``state``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import orjson
import pyarrow as pa

from larknb.api.client import LarkClient
from larknb.config.names import no_table, normal_form
from larknb.errors import ApiError, BudgetSpent, LarkError, LoginRequired, WrongKind
from larknb.links import unreadable
from larknb.messages import say
from larknb.model import OBJECT_KINDS, Learned, Options, Parcel, Source, Stamp
from larknb.partial import Partial
from larknb.wire.codes import remedy

__all__ = [
    "Known",
    "KnownTable",
    "Look",
    "Reader",
    "Torn",
    "check_by_table",
    "is_name",
    "may_heal",
    "must_be_read",
    "options_stamp",
    "reading_table",
    "resolve",
    "stands_still",
    "stops_everything",
    "whole_number",
]


class KnownTable(Protocol):
    """What the cache knows of a table."""

    @property
    def name(self) -> str:
        """Its name at the last visit."""

    @property
    def gone(self) -> bool:
        """True when it was no longer there; these are its last rows."""


class Known(Protocol):
    """What the cache knows of a source."""

    @property
    def state(self) -> Mapping[str, Any]:
        """What the reader remembered at the last visit."""

    @property
    def again(self) -> Collection[str]:
        """The tables to read at this look, whatever their stamps say."""

    @property
    def embedded(self) -> Mapping[str, Mapping[str, str]]:
        """What became of embedded tables at the last visit, as in `Learned`."""

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        """The cached tables by id."""

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none."""

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table."""

    def row_groups(self, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the raw rows of a cached table, or some columns of them, some rows at a time, in their order.

        OSError where they are not as they were written.
        """

    def has_media(self, token: str, *, proven: bool = False) -> bool:
        """Say whether a picture or file is there already; ``proven``: its bytes are looked at."""

    def partial(self, token: str) -> Partial:
        """Return where a picture or file is to be written that is not there, with what came of it before."""


@dataclass(frozen=True)
class Look(Learned):
    """What a look found out, and what it says is due.

    Parameters
    ----------
    plan : tuple
        What must be read, in the reader's own terms; each item says which ``tables`` it reads. Empty when nothing
        moved: the look is then all that there was to learn.
    """

    plan: tuple[Any, ...] = ()

    @classmethod
    def of(cls, found: Learned, *plan: Any) -> Look:
        """Return a look with what was found out, and with those plans that read anything."""
        return cls(**vars(found), plan=tuple(each for each in plan if each.tables))

    @property
    def due(self) -> list[str]:
        """The ids of the tables that must be read."""
        return [table_id for each in self.plan for table_id in each.tables]

    def learned(self, **changed: Any) -> Learned:
        """Return what the look found out, with what the read ``changed`` of it."""
        return Learned(**{each.name: getattr(self, each.name) for each in fields(Learned)} | changed)


class Reader(Protocol):
    """Reads one kind of source."""

    def asked_along(self, state: Mapping[str, Any]) -> list[Source]:
        """Return the sources within this one that the gate must ask too."""

    def look(
        self,
        client: LarkClient,
        known: Known,
        *,
        force: bool = False,
        full: bool = False,
        moved: bool = True,
        stamps: Mapping[str, Stamp] | None = None,
    ) -> Look:
        """Ask what moved.

        ``force`` reads everything, ``full`` also asks again what is otherwise asked once. ``moved=False`` means that
        the gate's stamp stands still and is settled; a base asks its revisions all the same. ``stamps`` are all that
        the gate answered, by token.
        """

    def read(self, client: LarkClient, known: Known, look: Look) -> Iterator[Parcel]:
        """Yield what the look planned, and then what was learned of the source by looking and reading."""


class Torn(Exception):  # noqa: N818  a state of the world, not an error
    """What was just read does not hold together: it was edited meanwhile, and must be read again."""


# --- what a source is ---------------------------------------------------------------------------------------------

# Options that decide what is read.
READ = ("tables", "view", "fields", "filter", "sheets", "dates", "images", "attachments")


def resolve(client: LarkClient, source: Source) -> tuple[Source, str]:
    """Return what a wiki link stands for (the source with the real kind and token), and the node's title.

    A shortcut resolves to its target. API: wiki-v2/space-node/get_node.
    """
    api = "wiki-v2/space-node/get_node"
    node = client.get("wiki/v2/spaces/get_node", api=api, token=source.token).get("node") or {}
    kind = OBJECT_KINDS.get(node.get("obj_type", ""))
    if kind is None:
        what = say("wiki.kind.what", kind=node.get("obj_type")), say("wiki.kind.next")
        told, then = unreadable(node.get("obj_type")) or what
        raise WrongKind(told, source=source.name or source.url, next=then)
    about = {key: node.get(key) for key in ("space_id", "obj_edit_time")}
    return replace(source, kind=kind, obj_token=str(node["obj_token"]), about=about), str(node.get("title") or "")


def options_stamp(source: Source) -> str:
    """Return what identifies the options that decide what is read: others mean another read."""
    read = _read_by(source.options)
    tables = {name: _read_by(options) for name, options in source.options.get("by_table", {}).items()}
    if tables := {name: options for name, options in tables.items() if options}:
        read["by_table"] = tables
    return orjson.dumps(read, option=orjson.OPT_SORT_KEYS).decode()


def _read_by(options: Options) -> dict[str, object]:
    """Return those of some options that decide what is read."""
    return {key: options[key] for key in READ if key in options}


# --- what answers hold --------------------------------------------------------------------------------------------


def is_name(value: Any) -> bool:
    """Say whether something is an id or token: a text that is not empty."""
    return isinstance(value, str) and bool(value)


def whole_number(value: Any, default: int) -> int:
    """Return a number that has come as one, or as its digits; the default for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


# --- what readers decide alike ------------------------------------------------------------------------------------


def stands_still(before: Stamp | None, now: Stamp | None) -> bool:
    """Say whether stamps prove that nothing was edited since the earlier one."""
    return before is not None and now is not None and before.settled and before.mtime == now.mtime


def must_be_read(known: Known, table_id: str) -> bool:
    """Say whether a table is to be read whatever its stamps say: we never had it, lost it, or have it to read again."""
    return known.rows(table_id) is None or table_id in known.again or known.tables[table_id].gone


def stops_everything(error: LarkError) -> bool:
    """Say whether every other call would end the same way."""
    return isinstance(error, BudgetSpent) or (isinstance(error, LoginRequired) and not error.lacks_scope)


@contextmanager
def reading_table(table_id: str) -> Iterator[None]:
    """Let an error tell which table could not be read, unless every other one would end the same way."""
    try:
        yield
    except LarkError as error:
        if not stops_everything(error):
            error.table = error.table or table_id
        raise


def may_heal(error: LarkError) -> bool:
    """Say whether the same call may work later: no reason of its own kept it from working now."""
    return isinstance(error, ApiError) and (error.code is None or remedy(error.code).heal == "retry")


def check_by_table(source: Source, there: Mapping[str, str], gone: Mapping[str, str]) -> None:
    """Raise NotFound where options of a single table name one that there is none of, nor was.

    Those of a space or folder may be meant for a table of another of its children.

    Parameters
    ----------
    there, gone : mapping
        The tables that there are, and those that are no longer: name by id.
    """
    if source.parent:
        return
    known = {normal_form(name) for tables in (there, gone) for each in tables.items() for name in each}
    for name in source.options.get("by_table", {}):
        if normal_form(name) not in known:
            raise no_table(name, source.name, [*there.values()])
