"""What may be written into cells."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from larknb.sandbox import Base, Field, Raw, Sandbox, Table

from ...conftest import Api


def test_what_may_be_written_short(api: Api, base: Base, box: Sandbox) -> None:
    """Text, mail, persons, links, addresses and dates are stored in the shapes of the wire."""
    kinds = [Field("T", 1), Field("M", 1, "Email"), Field("P", 11), Field("L", 21), Field("U", 15), Field("D", 5)]
    table = base.add_table("T", [*kinds, Field("Z", 5)])
    zone = ZoneInfo("Asia/Shanghai")
    when = dt.datetime(2023, 8, 3, 12, tzinfo=zone)
    short = {"T": "a", "M": "a@example.com", "P": box.tenant.users[0], "L": ["rec1"], "U": "https://e.com"}
    table.add(short | {"D": dt.date(2023, 8, 3), "Z": when})
    assert api.rows(table)[0]["fields"] == {
        "T": [{"type": "text", "text": "a"}],
        "M": [{"type": "url", "text": "a@example.com", "link": "mailto:a@example.com"}],
        "P": [box.tenant.users[0].person()],
        "L": {"link_record_ids": ["rec1"]},
        "U": {"text": "https://e.com", "link": "https://e.com"},
        "D": 1690992000000,
        "Z": int(when.timestamp() * 1000),
    }


def test_raw_cells_are_served_as_they_are(api: Api, table: Table) -> None:
    """Null, empty and odd shapes, also under a name that no field bears, go out word for word."""
    record_id = table.add(
        {"名称": Raw(None), "数量": Raw("12"), "状态": Raw([]), "新字段": Raw({"a": [1, {"x": None}]})}
    )
    odd: dict[str, Any] = {"名称": None, "数量": "12", "状态": [], "新字段": {"a": [1, {"x": None}]}}
    assert api.rows(table)[-1]["fields"] == odd
    assert table.read(record_id) == odd
