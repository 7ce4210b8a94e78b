"""What the reader of a base remembers between two looks, and what it hears by it: how tables and columns changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from larknb.config.names import options_of
from larknb.model import Drift, Source, TableInfo
from larknb.readers.base import Known
from larknb.readers.chosen import Chosen, Ids, Tables
from larknb.tabular.drift import column_drift, lost_columns
from larknb.tabular.raw import definitions_of

__all__ = ["Changed", "Memory", "table_drift"]


@dataclass(frozen=True)
class Changed:
    """What became of the columns of a table since they were last read.

    Parameters
    ----------
    chosen : Chosen
        What was read of it now.
    lost : mapping
        Columns that it had once, name by field_id.
    """

    chosen: Chosen = field(default_factory=Chosen)
    drift: tuple[Drift, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Chosen, info: TableInfo, known: Known, memory: Memory) -> Changed:
        """Compare the columns of a table with those that are cached; of one that was never read is nothing to tell."""
        lost = memory.lost(info.table_id)
        if known.rows(info.table_id) is None:
            return cls(chosen, (), lost)
        cached, after = definitions_of(known.schema(info.table_id)), definitions_of(info.schema)
        before = {key: each for key, each in cached.items() if key not in chosen.others}  # left out now is not gone
        some = chosen.is_some or memory.was_some(info.table_id)
        drift = column_drift(info.name, before, after, lost, chosen=some)
        return cls(chosen, (*drift,), lost_columns(before, after, lost))


@dataclass(frozen=True)
class Memory:
    """What is remembered, as JSON has it.

    Parameters
    ----------
    base : str
        The token of the base that was looked at; empty where an older larknb did not say.
    tables, views : mapping
        What the names of tables and of a view in the settings stand for: id by name, that of a view by table_id.
    columns : mapping
        By table_id: ``ids`` of the columns and ``options`` that the settings name, the ``filter`` as it was sent last,
        ``some`` if the settings left columns out, and ``lost``, those that there were once.
    names : mapping
        What the tables of the base were called, by id.
    """

    base: str = ""
    view_id: str = ""
    names: Ids = field(default_factory=dict)
    tables: Ids = field(default_factory=dict)
    views: Mapping[str, Ids] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Memory:
        """Return what a reader's state says."""
        known = state.get("named", {})
        return cls(**{each.name: known[each.name] for each in fields(cls) if each.name in known})

    @property
    def state(self) -> Mapping[str, Any]:
        """The part of a reader's state that says all this."""
        return {"named": dict(vars(self))}

    def is_of_another(self, source: Source) -> bool:
        """Say whether it was another base that was looked at."""
        return self.base not in ("", source.target)

    def source_of(self, source: Source, table_id: str, name: str) -> Source:
        """Return a source with the options of one of its tables, by any name that the table has or had."""
        names = [called for called, key in self.tables.items() if key == table_id]
        return replace(source, options=options_of(source.options, table_id, name, *names))

    def lost(self, table_id: str) -> Mapping[str, str]:
        """Return the columns that a table had once, name by field_id."""
        lost: Ids = self.columns.get(table_id, {}).get("lost", {})
        return lost

    def was_some(self, table_id: str) -> bool:
        """Say whether the settings left columns out when a table was read."""
        return bool(self.columns.get(table_id, {}).get("some"))

    def chosen(self, table_id: str) -> Chosen:
        """Return what was chosen of a table when it was read last: its columns have the names that they had then."""
        told = self.columns.get(table_id, {})
        ids, options = told.get("ids", {}), told.get("options", {})
        return Chosen(filter=told.get("filter"), view=self.view_id, ids=ids, options=options)

    def is_renamed(self, table_id: str, name: str) -> bool:
        """Say whether a table has another name now; whether that moves its revision is nowhere promised."""
        return self.names.get(table_id, name) != name

    def after_look(self, source: Source, names: Ids, tables: Tables, view_id: str) -> Memory:
        """Return what is remembered of a look; columns of tables that are not asked for are forgotten."""
        wanted = source.options.get("view")
        kept = {key: each for key, each in self.columns.items() if key in tables.there or key in tables.gone}
        views = {key: {wanted: view_id} for key in tables.there} if wanted else {}
        return Memory(source.target, view_id, names, tables.ids, views, kept)

    def after_read(self, table_id: str, changed: Changed) -> Memory:
        """Return what is remembered when a table was read."""
        chosen = changed.chosen
        facts = {"ids": chosen.ids, "options": chosen.options, "filter": chosen.filter, "some": chosen.is_some,
                 "lost": changed.lost}  # fmt: skip
        return replace(self, columns={**self.columns, table_id: {name: fact for name, fact in facts.items() if fact}})


def table_drift(source: Source, known: Known, tables: Tables) -> Iterator[Drift]:
    """Yield how the tables of a base changed since the last look; at the first one there is nothing to tell."""
    before = known.state.get("revisions")
    if before is None:
        return
    memory = Memory.of(known.state)
    if memory.is_of_another(source):
        yield Drift("base_moved", before=memory.base, after=source.target)
    for key, name in tables.there.items():
        if key not in before:
            yield Drift("table_added", name)
        elif memory.is_renamed(key, name):
            yield Drift("table_renamed", name, before=memory.names[key], after=name)
    yield from (Drift("table_removed", name) for key, name in tables.gone.items() if key in before)
