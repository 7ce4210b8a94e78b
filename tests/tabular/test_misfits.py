"""Which values fit no column, told so that one finds them."""

from __future__ import annotations

from typing import Any

from larknb.tabular.misfits import NONE, Misfits, misfits_of
from tests.tabular.records import one_column, raw_table


def test_columns_are_named_with_an_example() -> None:
    """By the names that people see; a row counts once, and a cell whose field nobody knows counts, too."""
    fields = [{"field_id": "fldA", "field_name": "年龄", "type": 2}, {"field_id": "fldB", "field_name": "b", "type": 5}]
    rows: list[dict[str, Any]] = [
        {"年龄": 1},
        {"年龄": "很大", "b": True},
        {"年龄": ["更大", "最大"]},
        {"没有的列": {"a": 1}},
    ]
    found = misfits_of(raw_table(fields, rows))
    assert found == Misfits(3, {"年龄": '"很大"', "b": "true", "没有的列": '{"a":1}'})


def test_further_members_are_no_misfit() -> None:
    """The value is in its column; what else came is kept beside it."""
    assert misfits_of(one_column(15, [{"text": "a", "link": "b", "type": "url"}, None])) == NONE


def test_a_long_example_is_cut() -> None:
    """It stands in one line of a table; half a character does not end the report."""
    (example,) = misfits_of(one_column(2, ["\ud83d" + "长" * 500])).examples.values()
    assert len(example) == 80 and example.endswith("…")


def test_pages_add_up() -> None:
    """The first example of a column stays."""
    assert Misfits(1, {"a": "1"}) + Misfits(2, {"a": "2", "b": "3"}) == Misfits(3, {"a": "1", "b": "3"})
