"""What a tenant holds."""

from __future__ import annotations

import pytest

from larknb.sandbox import Base, Sandbox, Table


def test_looking_things_up(box: Sandbox, table: Table, base: Base) -> None:
    """Bases, tables and fields are found by name or id, and what is missing is named."""
    assert box.tenant.base("缺陷管理") is base
    assert base.table(table.table_id) is table
    with pytest.raises(KeyError, match="附表"):
        base.table("附表")
    with pytest.raises(KeyError, match="没有"):
        box.tenant.base("没有")
