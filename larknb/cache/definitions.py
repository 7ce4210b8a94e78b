"""What the columns of a cached table are defined as, beyond their types: links to other tables, colours of options."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from larknb.cache import loading
from larknb.cache.cached import SourceCache
from larknb.tabular.raw import LINKS, definition_of, linked_table

__all__ = ["Link", "colours", "links"]


def colours(cached: SourceCache, table_id: str) -> dict[str, dict[str, int]]:
    """Return the colour numbers of the options of each select column, by column and option."""
    schema = loading.schema(cached, table_id)
    found = {field.name: (definition_of(field).get("property") or {}).get("options") for field in schema}
    return {
        name: {str(option.get("name")): option["color"] for option in options if isinstance(option.get("color"), int)}
        for name, options in found.items()
        if options
    }


@dataclass(frozen=True)
class Link:
    """A link column: its name and field_id, the table that it points to, and whether its cells may hold several."""

    column: str
    field_id: str
    target: str
    many: bool


def links(cached: SourceCache, table_id: str) -> dict[str, Link]:
    """Return the link columns of a table, by name."""
    schema = loading.schema(cached, table_id)
    found = [(field, definition) for field in schema if (definition := definition_of(field)).get("type") in LINKS]
    return {
        field.name: Link(
            field.name, definition["field_id"], linked_table(definition) or "", pa.types.is_list(field.type)
        )
        for field, definition in found
    }
