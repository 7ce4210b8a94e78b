"""How far a list may go."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.api.endpoints import Endpoint
from larknb.api.paging import Listing


def page(n: int, size: int, token: object = ..., **more: Any) -> dict[str, Any]:
    items = [{"id": f"{n}-{k}"} for k in range(size)]
    return {"items": items, "has_more": True, "page_token": f"t{n}" if token is ... else token, **more}


def listing(**limits: Any) -> Listing:
    return Listing(Endpoint(**{"key": "id", "most": 1_000, "spare": 3, **limits}), page_size=10)


def pages_until(listing: Listing, *pages: dict[str, Any]) -> tuple[int, str]:
    """Return after how many pages a list is not believed any more, and why."""
    for count, each in enumerate(pages, 1):
        if trouble := listing.trouble(each):
            return count, trouble
    return len(pages), ""


def test_full_pages_go_on_as_long_as_the_total_lets_them() -> None:
    """Twice the first total and ten pages are room enough for what is added meanwhile."""
    assert pages_until(listing(), *(page(n, 10, total=50) for n in range(20))) == (20, "")
    assert pages_until(listing(), *(page(n, 10, total=50) for n in range(30))) == (21, "endless")


def test_without_a_total_the_contract_s_own_number_counts() -> None:
    """It counts also where the total is a larger one, or a text."""
    for total in (None, 10**15, "1000000"):
        assert pages_until(listing(most=100), *(page(n, 10, total=total) for n in range(30))) == (11, "endless")


def test_pages_may_come_short_and_even_empty_but_not_for_ever() -> None:
    """Half of the pages may be empty, and some more."""
    halves = (page(n, 10 * (n % 2)) for n in range(60))
    assert pages_until(listing(), *halves) == (60, "")
    assert pages_until(listing(), *(page(n, 0) for n in range(9))) == (4, "endless")
    assert pages_until(listing(), *(page(n, 1) for n in range(99))) == (4, "endless")


@pytest.mark.parametrize("token", [None, "", 0])
def test_a_page_without_a_token_leads_nowhere(token: object) -> None:
    """More is promised, and nobody says how to get it."""
    assert pages_until(listing(), page(0, 10, token)) == (1, "pages")


def test_a_token_that_came_before_leads_nowhere() -> None:
    """Whether it is the last one or an earlier one."""
    assert pages_until(listing(), page(0, 10, "a"), page(1, 10, "a")) == (2, "pages")
    assert pages_until(listing(), page(0, 10, "a"), page(1, 10, "b"), page(2, 10, "a")) == (3, "pages")


def test_a_page_that_came_before_is_the_end() -> None:
    """The same items under a new token; empty pages are no such sign, nor are items of an unknown kind."""
    assert pages_until(listing(), page(0, 10), page(1, 10), page(0, 10, "x")) == (3, "endless")
    assert pages_until(listing(key=""), page(0, 10), page(1, 10), page(0, 10, "x")) == (3, "")
    assert pages_until(listing(), page(0, 0), page(1, 0)) == (2, "")
