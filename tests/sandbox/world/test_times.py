"""Days and zones."""

from __future__ import annotations

import pytest

from larknb.sandbox import Base, Field

from ..conftest import Api, Clock


@pytest.mark.parametrize(("zone", "day"), [("Asia/Beijing", "16"), ("", "15"), ("Nowhere/City", "15")])
def test_days_are_those_of_the_zone(zone: str, day: str, api: Api, base: Base, clock: Clock) -> None:
    """Asia/Beijing counts as Shanghai, an empty or unknown zone as UTC."""
    clock.now -= 12 * 3600  # midnight in Shanghai, still the day before in London
    base.time_zone = zone
    rule = {"auto_serial": {"type": "custom", "options": [{"type": "created_time", "value": "dd"}]}}
    table = base.add_table("T", [Field("号", 1005, property=rule)])
    table.add({})
    assert api.rows(table)[0]["fields"]["号"] == day
