"""The reader protocol: how a sync talks to any kind of source.

A visit has two halves. ``look`` asks the cheap stage-two stamps and says what must be read; ``read`` reads it and
yields batches. A reader keeps nothing itself: what it must remember until the next look travels in ``Look.state``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
import pyarrow as pa

from larknb.api.client import LarkClient
from larknb.errors import LarkError, WrongKind
from larknb.messages import say
from larknb.model import Kind, Learned, Parcel, Source, Stamp

__all__ = [
    "Known",
    "KnownMedia",
    "KnownTable",
    "Look",
    "Reader",
    "options_stamp",
    "resolve",
]


class KnownTable(Protocol):
    """What the cache knows of a table."""

    @property
    def name(self) -> str:
        """Its name at the last look."""

    @property
    def gone(self) -> bool:
        """True where it was no longer there."""


class Known(Protocol):
    """What the cache knows of a source."""

    @property
    def state(self) -> Mapping[str, Any]:
        """What the reader remembered at the last look."""

    @property
    def again(self) -> Collection[str]:
        """The tables to read at this look, whatever their stamps say."""

    @property
    def embedded(self) -> Mapping[str, Mapping[str, str]]:
        """What became of embedded tables at the last look."""

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        """The cached tables by id."""

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none."""

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table."""

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        """Return the record ids of a cached table, one per row."""


class KnownMedia(Known, Protocol):
    """What the cache knows of a source that may have pictures and files."""

    def has_media(self, token: str) -> bool:
        """Say whether a picture or file is there already."""


@dataclass
class Look:
    """What one visit found.

    Parameters
    ----------
    state : dict
        What the reader remembers until the next look; complete after the last batch.
    again, embedded, contains
        As in `larknb.model.Learned`.
    plan : list
        What must be read, in the reader's own terms; empty when nothing moved.
    selected : dict
        The tables that the settings ask for and that exist: id -> name.
    gone : dict
        Cached tables that are no longer there: id -> name.
    failed : dict
        Tables whose reading was refused while the others went on: id -> error.
    """

    state: dict[str, Any] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    embedded: dict[str, dict[str, str]] = field(default_factory=dict)
    contains: set[Kind] = field(default_factory=set)
    plan: list[Any] = field(default_factory=list)
    selected: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    failed: dict[str, LarkError] = field(default_factory=dict)

    @property
    def learned(self) -> Learned:
        """What the look and the read found out."""
        return Learned(self.state, tuple(sorted(self.again)), self.embedded, tuple(sorted(self.contains)),
                       self.selected, self.gone, self.failed)  # fmt: skip


class Reader(Protocol):
    """Reads one kind of source."""

    def asked_along(self, state: Mapping[str, Any]) -> list[Source]:
        """Return the sources within this one that the gate must ask too."""

    def look(
        self,
        client: LarkClient,
        known: KnownMedia,
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

    def read(self, client: LarkClient, known: KnownMedia, look: Look) -> Iterator[Parcel]:
        """Read what the look planned."""


OBJECT_KINDS: Mapping[str, Kind] = {"bitable": "bitable", "sheet": "spreadsheet", "docx": "document"}


def resolve(client: LarkClient, source: Source) -> tuple[Source, str]:
    """Return what a wiki link stands for (the source with the real kind and token), and the node's title.

    A shortcut resolves to its target. API: wiki-v2/space-node/get_node.
    """
    api = "wiki-v2/space-node/get_node"
    node = client.get("wiki/v2/spaces/get_node", api=api, token=source.token).get("node") or {}
    kind = OBJECT_KINDS.get(node.get("obj_type", ""))
    if kind is None:
        raise WrongKind(
            say("wiki.kind.what", kind=node.get("obj_type")), source=f"{source.name}, {api}", next=say("wiki.kind.next")
        )
    about = {key: node.get(key) for key in ("space_id", "obj_edit_time")}
    return replace(source, kind=kind, obj_token=str(node["obj_token"]), about=about), str(node.get("title") or "")


# Options that decide what is read; what they are of a grid's types and headers costs no request.
READ = ("tables", "view", "fields", "filter", "sheets", "dates", "images")


def options_stamp(source: Source) -> str:
    """Return what identifies the options that decide what is read: others mean another read."""
    read = {key: source.options[key] for key in READ if key in source.options}
    return orjson.dumps(read, option=orjson.OPT_SORT_KEYS).decode()
