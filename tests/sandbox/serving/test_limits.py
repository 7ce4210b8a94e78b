"""Rates, documented ones and one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Sandbox, Table

from ..conftest import Api, Clock, outcome


def test_rates_are_not_enforced_unless_switched_on(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """By default anything goes; switched on, the 21st search of a second is refused with both headers."""
    assert {api.search(table).status_code for _ in range(25)} == {200}
    box.rate_limits_on()
    answers = [api.search(table) for _ in range(21)]
    assert [outcome(answer) for answer in answers] == [(200, 0)] * 20 + [(429, 99991400)]
    assert answers[-1].headers["x-ogw-ratelimit-limit"] == "20"
    assert answers[-1].headers["x-ogw-ratelimit-reset"] == "1"
    clock.now += 1
    assert outcome(api.search(table)) == (200, 0)
    box.rate_limits_on(False)
    assert {api.search(table).status_code for _ in range(25)} == {200}


def test_rates_per_minute(api: Api, box: Sandbox, clock: Clock) -> None:
    """Wiki nodes: a hundred a minute, and the header tells the seconds that are left."""
    box.rate_limits_on()
    codes = [api.get("/wiki/v2/spaces/get_node", token="x").json()["code"] for _ in range(101)]
    assert codes == [131005] * 100 + [99991400]
    clock.now += 20
    assert api.get("/wiki/v2/spaces/get_node", token="x").headers["x-ogw-ratelimit-reset"] == "40"


@pytest.mark.parametrize(
    ("more", "expected"), [({"status": 400}, (400, 99991400)), ({"status": 200, "code": 1254290}, (200, 1254290))]
)
def test_rates_of_ones_own(
    more: dict[str, Any], expected: tuple[int, int], api: Api, table: Table, box: Sandbox, clock: Clock
) -> None:
    """A rate for one endpoint, under HTTP 400, or as a throttle of the product under 200; other endpoints are free."""
    box.rate_limit("search", 2, **more)
    assert [outcome(api.search(table)) for _ in range(3)] == [(200, 0), (200, 0), expected]
    assert api.get("/authen/v1/user_info").json()["code"] == 0
    clock.now += 1
    assert outcome(api.search(table)) == (200, 0)


def test_requests_without_a_valid_bearer_do_not_spend_the_rate(
    table: Table, box: Sandbox, api: Api, connect: Callable[..., Api]
) -> None:
    """Who is not admitted does not use up the budget of the app."""
    box.rate_limit("search", 1)
    assert connect("eyJ.unknown").search(table).json()["code"] == 99991668
    assert outcome(api.search(table)) == (200, 0)
