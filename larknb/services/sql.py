"""SQL over everything that is cached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from larknb.cache import definitions, loading
from larknb.services.chosen import cached_sources, state_at, titles_of
from larknb.services.context import Context

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from larknb.cache.cached import SourceCache
    from larknb.cache.sql import Edge, Relation

__all__ = ["connect", "sql"]


def sql(context: Context, query: str, as_of: Any = None) -> pd.DataFrame:
    """Return what a query over the cached tables gives (see `larknb.Workspace.sql`)."""
    from larknb.cache import sql as engine
    from larknb.tabular.frames import plain_frame

    relations = [*_relations(context, query, as_of)]
    names = [name for each in relations for name in (each.table, f"{each.source}/{each.table}")]
    connection = engine.connect(relations)
    try:
        return plain_frame(engine.run(connection, query, names))
    finally:
        connection.close()


def connect(context: Context, *, files: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a connection that has all cached tables (see `larknb.Workspace.connect`)."""
    from larknb.cache import sql as engine

    return engine.connect([*_relations(context, None, None)], files=files)


def _relations(context: Context, query: str | None, as_of: Any) -> Iterator[Relation]:
    """Yield all cached tables; those that a query may ask, or without one all, are opened."""
    from larknb.cache.sql import Relation, may_ask

    for cached in cached_sources(context):
        for table_id, title in titles_of(cached).items():
            if query is None or may_ask(query, title):
                state = state_at(context, cached, as_of)
                if table_id in state.tables:
                    yield Relation(cached.name, title, loading.dataset(state, table_id), _edges(state, table_id))
            else:
                yield Relation(cached.name, title)


def _edges(cached: SourceCache, table_id: str) -> tuple[Edge, ...]:
    from larknb.cache.sql import Edge

    if cached.tables[table_id].form != "records":
        return ()
    raw = loading.raw_dataset(cached, table_id)
    return tuple(
        Edge(link.column, link.field_id, raw, link.many) for link in definitions.links(cached, table_id).values()
    )
