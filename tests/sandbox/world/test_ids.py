"""Identifiers that follow from what they are made of."""

from __future__ import annotations

import pytest

from larknb.sandbox.world.ids import derived_id, derived_number


def test_the_same_parts_give_the_same_id() -> None:
    """Every part counts, and nothing else does."""
    assert derived_id("tbl", 13, "base", 1) == derived_id("tbl", 13, "base", 1)
    assert len({derived_id("tbl", 13, *parts) for parts in (("base", 1), ("base", 2), ("bas", 1), ("base1",))}) == 4


@pytest.mark.parametrize("number", range(20))
def test_the_shapes_are_the_platforms(number: int) -> None:
    """A prefix and so many letters or digits; a number has its length whatever it is made of."""
    letters = derived_id("fld", 10, number).removeprefix("fld")
    assert (len(letters), letters.isascii(), letters.isalnum()) == (10, True, True)
    assert (len(derived_number(19, number)), derived_number(19, number).isdecimal()) == (19, True)
