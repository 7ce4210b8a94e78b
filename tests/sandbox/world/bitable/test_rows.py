"""What follows from a row itself."""

from __future__ import annotations

from larknb.sandbox import Base, Field

from ...conftest import NOON_MS, Api


def test_derived_columns(api: Api, base: Base) -> None:
    """Creation time, creator and numbers follow from the row; a custom number has its parts."""
    parts = [("system_number", "3"), ("fixed_text", "no"), ("created_time", "yyyyMMdd")]
    rule = {"auto_serial": {"type": "custom", "options": [{"type": kind, "value": value} for kind, value in parts]}}
    kinds = {"创建": 1001, "更新": 1002, "创建人": 1003, "修改人": 1004, "编号": 1005}
    columns = [
        Field("A", 1),
        *(Field(name, kind) for name, kind in kinds.items()),
        Field("自定义", 1005, property=rule),
    ]
    table = base.add_table("T", columns)
    table.add({"A": "x"})
    cells = api.rows(table)[0]["fields"]
    assert (cells["创建"], cells["更新"], cells["编号"], cells["自定义"]) == (NOON_MS, NOON_MS, "1", "001no20260116")
    assert isinstance(cells["创建人"], list)
    assert cells["创建人"] == cells["修改人"]
