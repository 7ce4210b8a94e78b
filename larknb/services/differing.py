"""What changed between two states of a source."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from larknb.cache import definitions, history, loading
from larknb.errors import LarkError, NotFound
from larknb.results.base import some_of
from larknb.results.diff import SHOWN, Diff, Part
from larknb.services.chosen import cached_source, state_at, table_id_of, titles_of
from larknb.services.context import Context

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.cached import SourceCache

__all__ = ["changed_since", "diff"]

STAMPS = ("ModifiedTime", "ModifiedUser")  # fields that each edit of a row moves

log = logging.getLogger("larknb")


def diff(context: Context, name: str, table: str | None = None, since: Any = None, until: Any = None) -> Diff:
    """Return what changed between two states of a table, a document or a whole source (see `larknb.Workspace.diff`)."""
    cached, found = cached_source(context, name, table)
    new = state_at(context, cached, until)
    wanted = found or cached.manifest.part
    table_id = table_id_of(cached, wanted) if wanted else ""
    old = _before(context, new, since, table_id)
    title = f"{cached.name}/{titles_of(cached)[table_id]}" if table_id else cached.name
    if old is None:  # no kept state is another one
        return Diff([Part(title)], source=title, until=_synced_at(new))
    parts = [_of_table(old, new, key) for key in ([table_id] if table_id else {**new.tables, **old.tables})]
    if not table_id and (old.guide or new.guide):
        parts.insert(0, _of_document(old, new))
    if not table_id and len(parts) > 1:
        parts = [part for part in parts if part]
    return Diff(parts or [Part(title)], source=title, since=_synced_at(old), until=_synced_at(new))


def changed_since(context: Context, names: Iterable[str], since: float | None) -> Diff | None:
    """Return what changed in several sources since a moment, as far as one screen shows it; None where nothing did.

    Without a moment each is compared with its state before the present one. It may be asked for unattended: a source
    whose earlier state is gone, or cannot be read, is left out.
    """
    parts: list[Part] = []
    moment = None if since is None else datetime.fromtimestamp(since, UTC)
    for name in names:
        if sum(1 for part in parts for _ in part.lines()) >= SHOWN:
            break
        try:
            found = diff(context, name, since=moment)
        except LarkError as error:
            log.info("what changed in %s is not shown: %s", name, error)
        except Exception:
            log.exception("what changed in a source is not shown")
        else:
            titles = {
                part.title: part.title if part.title == name else f"{name} / {part.title}" for part in found.parts
            }
            since = found.since if since is None else since
            parts += [replace(part, title=titles[part.title]) for part in found.parts if part]
    return Diff(parts, source=some_of([*names]), since=since, until=context.clock()) if parts else None


def _before(context: Context, new: SourceCache, since: Any, table_id: str) -> SourceCache | None:
    """Return the earlier state; without ``since`` the last one that differs, and None where all are the same."""
    if since is not None:
        return state_at(context, new, since)
    try:
        found = history.find(new, None, context.clock(), table_id=table_id)
    except NotFound:
        return None
    return history.at(new, found, context.clock())


def _synced_at(state: SourceCache) -> float | None:
    entry = state.manifest.snapshots.get(state.snapshot or state.manifest.snapshot or "")
    return None if entry is None else entry.synced_at


def _of_table(old: SourceCache, new: SourceCache, table_id: str) -> Part:
    """Return what became of one table; one that came or went did so with all of its rows."""
    from larknb.tabular.differences import compare_records, compare_sheets

    title = titles_of(new if table_id in new.tables else old)[table_id]
    if table_id not in old.tables or table_id not in new.tables:
        state = new if table_id in new.tables else old
        rows = loading.frame(state, table_id)
        names = _names(state, table_id, rows, rows.index)
        return Part(title, added=rows, names=names) if state is new else Part(title, removed=rows, names=names)
    if _is_same(old, new, table_id):
        return Part(title)
    compare = compare_sheets if new.tables[table_id].form == "grid" else compare_records
    before, after = _rows_to_compare(old, new, table_id)
    found = compare(before, after, loading.described(old, table_id), loading.described(new, table_id))
    names = {
        **_names(old, table_id, before, found.removed.index),
        **_names(new, table_id, after, [*found.added.index, *(cell.key for cell in found.cells)]),
    }
    stamps = frozenset(column.name for column in loading.columns(new, table_id) if column.type in STAMPS)
    return Part(title, found.added, found.removed, found.cells, found.columns, names=names, stamps=stamps)


def _rows_to_compare(old: SourceCache, new: SourceCache, table_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of both states that may differ: those that hold the same are not even made."""
    from larknb.cache.tablefiles import differing_rows

    if new.tables[table_id].form == "grid" or not _shows_the_same(old, new, table_id):
        return loading.frame(old, table_id), loading.frame(new, table_id)
    then, now = differing_rows(loading.row_keys(old, table_id), loading.row_keys(new, table_id))
    return loading.rows_of(old, table_id, then), loading.rows_of(new, table_id, now)


def _shows_the_same(old: SourceCache, new: SourceCache, table_id: str) -> bool:
    """Say whether rows that hold the same look the same: the columns are defined so, and so are the linked rows."""
    links = {link.target for link in definitions.links(new, table_id).values()}
    computed = any(memory.get("links") for memory in new.tables[table_id].columns.values())
    is_settled = not computed and all(_raw(old, key) == _raw(new, key) for key in links)
    return is_settled and loading.described(old, table_id) == loading.described(new, table_id)


def _is_same(old: SourceCache, new: SourceCache, table_id: str) -> bool:
    """Say whether a table and all that its links may show were written by one and the same read."""
    links = {link.target for link in definitions.links(new, table_id).values()}
    keys = {table_id, *links} if new.tables[table_id].form == "records" else {table_id}
    return all(_raw(old, key) == _raw(new, key) for key in keys)


def _raw(state: SourceCache, table_id: str) -> tuple[str, object] | None:
    entry = state.tables.get(table_id)
    return None if entry is None else (entry.raw, entry.options)


def _names(state: SourceCache, table_id: str, frame: pd.DataFrame, keys: Iterable[Any]) -> Mapping[Any, str]:
    """Return what people call some rows: the text of their primary column."""
    from larknb.tabular.passages import label_column

    label = label_column(loading.schema(state, table_id))
    if label not in frame.columns or state.tables[table_id].form == "grid":
        return {}
    shown = frame.loc[frame.index.isin([*keys]), label].dropna()
    return {key: str(name) for key, name in shown.items() if name}


def _of_document(old: SourceCache, new: SourceCache) -> Part:
    from larknb.guides.differences import compare_documents

    title = new.guide.title if new.guide else old.guide.title if old.guide else ""
    before, after = (loading.record(state) if state.guide else {} for state in (old, new))
    return Part(title, blocks=compare_documents(before, after))
