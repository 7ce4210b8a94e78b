"""A Bitable: a document that holds tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .cells import text_of, zone_of
from .objects import Document, User, derived_id
from .tables import Field, Table

if TYPE_CHECKING:
    import datetime as dt

    from .tenant import Tenant


class Base(Document):
    """One Bitable; made by `Tenant.add_base`.

    Attributes
    ----------
    revision : int
        Moves by one when a table is added, removed or renamed.
    tables : list of Table
    time_zone : str
        As the platform answers it, which may be ``Asia/Beijing`` or empty.
    is_advanced : bool
        Advanced permissions are on: who is not in the sandbox's ``roles`` sees no rows.
    """

    kind = "bitable"
    path = "base"

    def __init__(
        self,
        tenant: Tenant,
        token: str,
        name: str,
        owner: User,
        *,
        time_zone: str = "Asia/Shanghai",
        is_advanced: bool = False,
        formula_type: int = 1,
    ) -> None:
        super().__init__(tenant, token, name, owner)
        self.time_zone = time_zone
        self.is_advanced = is_advanced
        self.formula_type = formula_type
        self.advance_version = "v1"
        self.revision = 1
        self.tables: list[Table] = []
        self._made = itertools.count(1)

    @property
    def app_token(self) -> str:
        """Token of the base in URLs and paths."""
        return self.token

    @property
    def zone(self) -> dt.tzinfo:
        """Zone in which the base counts its days."""
        return zone_of(self.time_zone)

    def moved(self, by: User | None = None) -> None:
        """Note that somebody edited the base now."""
        self.modifier = by or self.owner
        self.touch()

    def add_table(self, name: str, fields: Iterable[Field], table_id: str | None = None) -> Table:
        """Add an empty table with these columns; the first is the index column unless another says so."""
        with self.tenant.lock:
            table = Table(self, name, fields, table_id or derived_id("tbl", 13, self.app_token, next(self._made)))
            self.tables.append(table)
            self.revision += 1
            self.moved()
            return table

    def remove_table(self, table: Table) -> None:
        """Delete a table."""
        with self.tenant.lock:
            self.tables.remove(table)
            self.revision += 1
            self.moved()

    def table(self, name_or_id: str) -> Table:
        """Table of this name or id."""
        found = next((one for one in self.tables if name_or_id in (one.table_id, one.name)), None)
        if found is None:
            raise KeyError(f"base {self.name} has no table {name_or_id}")
        return found

    def load(
        self,
        name: str,
        fields_body: Mapping[str, Any],
        records_body: Mapping[str, Any],
        *,
        table_id: str | None = None,
        revision: int = 1,
    ) -> Table:
        """Add a table from a recorded field list and a recorded search answer, which it then serves word for word."""
        columns = [_recorded_field(item) for item in fields_body["data"]["items"]]
        table = self.add_table(name, columns, table_id)
        for item in records_body["data"]["items"] or []:
            table.adopt(item)
        table.revision = revision
        return table


def _recorded_field(item: Mapping[str, Any]) -> Field:
    description = item.get("description")
    return Field(
        item["field_name"],
        item["type"],
        item["ui_type"],
        item.get("property"),
        item["field_id"],
        is_primary=item.get("is_primary", False),
        description=text_of(description) if description is not None else None,
        is_hidden=item.get("is_hidden"),
    )
