"""Bytes that differ little, as what changed: they come back as they were, whatever they are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.patches import SCHEMA, applied, difference

rows = st.lists(st.sampled_from([b"1", b"null", b'"a"', b"],[", b""]), max_size=12).map(b"],[".join)


@given(st.lists(st.one_of(rows, st.binary(max_size=20)), min_size=2, max_size=4))
def test_what_changed_gives_the_bytes_again(states: list[bytes]) -> None:
    """One after the other, and all in one go."""
    changes = [difference(old, new) for old, new in pairwise(states)]
    assert all(change is not None and change.schema.equals(SCHEMA) for change in changes)
    assert applied(states[0], changes) == states[-1]
    for (old, new), change in zip(pairwise(states), changes, strict=True):
        assert applied(old, [change]) == new


ROWS = [b"row %d" % number for number in range(1000)]
ALIKE = [b"null,%d" % (number % 3) for number in range(1000)]


@pytest.mark.parametrize("table", [ROWS, ALIKE])
@pytest.mark.parametrize("edit", [
    lambda old: [*old[:500], b"new", *old[501:]],
    lambda old: [*old[:500], b"new", *old[500:]],
    lambda old: [*old[:500], *old[501:]],
    lambda old: [*old[500:], *old[:500]],
    lambda old: old,
])  # fmt: skip
def test_one_edit_is_a_few_parts(table: list[bytes], edit: object) -> None:
    """Whether a row differs, came, went or moved with others; also where many rows are alike."""
    assert callable(edit)
    change = difference(b"],[".join(table), b"],[".join(edit(table)))
    assert change is not None
    assert change.num_rows <= 5
    assert sum(len(text) for text in change.column("_text").to_pylist() if text) <= 20


def test_many_rows_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before or after."""
    monkeypatch.setattr("larknb.cache.patches.MOST", 500)
    few, many = b"],[".join(ROWS[:501]), b"],[".join(ROWS[:502])
    assert difference(few, few) is not None
    assert difference(few, many) is difference(many, few) is None
