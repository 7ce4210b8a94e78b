"""Whether rows meet what is expected of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.model import Expectation
from larknb.tabular.expectations import offending, said, sample_of

IDS = pd.Index(["r0", "r1", "r2", "r3"], name="_record_id")
TEXTS = pd.Series(["A1", "A1", None, ""], IDS)
NUMBERS = pd.Series([1.0, 5.0, 10.5, float("nan")], IDS)
TAGS = pd.Series([("甲",), ("甲", "丙"), None, ()], IDS)
DAYS = pd.Series(["2024-01-01T00:00", "2024-06-30T23:00", "2025-01-01T00:00", None], IDS).astype("datetime64[ms]")
KINDS = pd.Series(pd.Categorical(["未关闭", "已关闭", "新", None]), IDS)


@pytest.mark.parametrize(
    ("column", "check", "rows"),
    [
        (TEXTS, Expectation(unique=True), [0, 1]),
        (NUMBERS, Expectation(unique=True), []),
        (TAGS, Expectation(unique=True), []),
        (TEXTS, Expectation(not_null=True), [2, 3]),
        (TAGS, Expectation(not_null=True), [2, 3]),
        (DAYS, Expectation(not_null=True), [3]),
        (KINDS, Expectation(one_of=("未关闭", "已关闭")), [2]),
        (TAGS, Expectation(one_of=("甲", "乙")), [1]),
        (NUMBERS, Expectation(one_of=(1, 5)), [2]),
        (NUMBERS, Expectation(range=(1, 10)), [2]),
        (NUMBERS, Expectation(range=(2, float("inf"))), [0]),
        (DAYS, Expectation(range=("2024-01-01", "2024-06-30")), [2]),
        (TEXTS, Expectation(range=(0, 5)), [0, 1]),
        (TEXTS, Expectation(range=("A", "B")), []),
    ],
)
def test_the_rows_that_do_not_meet_a_check(column: pd.Series[Any], check: Expectation, rows: list[int]) -> None:
    """What is missing offends not_null alone; a day ends at its end; what is no number is in no range of numbers."""
    assert np.flatnonzero(offending(column, check)).tolist() == rows


def test_a_check_is_told_as_it_is_written() -> None:
    """In the words of larknb.toml."""
    checks = {
        "unique": Expectation(unique=True), "not_null": Expectation(not_null=True),
        "one_of ['a']": Expectation(one_of=("a",)), "range 1 .. 2": Expectation(range=(1, 2)),
        "min_rows 3": Expectation(min_rows=3), "max_age 86400 s": Expectation(max_age=86400.0),
    }  # fmt: skip
    assert [*map(said, checks.values())] == [*checks]


def test_a_sample_shows_a_few_rows() -> None:
    """Their keys, and what they hold."""
    frame = pd.DataFrame({"X": range(10)}, index=[f"r{n}" for n in range(10)])
    assert sample_of(frame, "X", np.ones(10, dtype=bool)) == tuple(f"r{n}: {n}" for n in range(5))
