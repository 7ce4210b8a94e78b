"""``[[sources.checks]]``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from larknb.config.expectations import checks_of
from larknb.errors import ConfigError
from larknb.model import Expectation


@pytest.mark.parametrize(
    ("entry", "check"),
    [
        ({"column": "编号", "unique": True}, Expectation(column="编号", unique=True)),
        ({"table": "台账", "column": "编号", "not_null": True}, Expectation("台账", "编号", not_null=True)),
        ({"column": "状态", "one_of": ["a", 1]}, Expectation(column="状态", one_of=("a", 1))),
        ({"column": "数", "range": [0, 1.5]}, Expectation(column="数", range=(0, 1.5))),
        ({"column": "日", "range": [dt.date(2024, 1, 1), "2024-12-31"]},
         Expectation(column="日", range=(dt.date(2024, 1, 1), "2024-12-31"))),
        ({"min_rows": 10}, Expectation(min_rows=10)),
        ({"table": "t", "max_age": "1d"}, Expectation("t", max_age=86400.0)),
    ],
)  # fmt: skip
def test_a_check_is_read(entry: dict[str, Any], check: Expectation) -> None:
    """One condition each."""
    assert checks_of([entry], "larknb.toml") == (check,)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ("x", "list of tables"),
        ([1], "list of tables"),
        ([{"column": "a", "uniqe": True}], "unique"),
        ([{"column": "a"}], "one condition"),
        ([{"unique": True}], "one condition"),
        ([{"column": "a", "min_rows": 3}], "one condition"),
        ([{"column": "a", "unique": True, "not_null": True}], "one condition"),
        ([{"column": "a", "unique": False}], "true"),
        ([{"column": "a", "one_of": []}], "list of values"),
        ([{"column": "a", "one_of": [[1]]}], "list of values"),
        ([{"column": "a", "range": [1]}], "two numbers"),
        ([{"column": "a", "range": [1, "b"]}], "two numbers"),
        ([{"min_rows": 0}], "1 or more"),
        ([{"max_age": "soon"}], "max_age"),
        ([{"min_rows": 1}, {"column": 5, "unique": True}], "[[sources.checks]] 2"),
    ],
)
def test_a_check_that_means_nothing_is_refused(entries: Any, told: str) -> None:
    """The message names the place and what is accepted."""
    with pytest.raises(ConfigError) as caught:
        checks_of(entries, "larknb.toml")
    assert told in str(caught.value) and "larknb.toml" in str(caught.value)
