"""Numbers that a float would round are exact in the raw form and in the frame."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.tabular.friendly import Friendly
from larknb.tabular.links import primary_texts
from tests.tabular.records import TEXT, befriended, extras, frame_of, listed, one_column

BIG = 2**53 + 1


@pytest.mark.parametrize(
    ("cells", "dtype", "told"),
    [
        ([1, None, 2.5], "float64", [1.0, None, 2.5]),
        ([2**53, -(2**53)], "float64", [float(2**53), -float(2**53)]),
        ([BIG, None, 5], "Int64", [BIG, None, 5]),
        ([BIG, 0.5], TEXT, [str(BIG), "0.5"]),
        ([2**64 - 1, 5, None], TEXT, [str(2**64 - 1), "5", None]),
        (["12345678901234567890.5", 1], TEXT, ["12345678901234567890.5", "1"]),
        ([str(BIG), 1], "Int64", [BIG, 1]),
        ([True, {"a": 1}, "nan", 7], "float64", [None, None, None, 7.0]),
    ],
)
def test_a_number_column_is_what_holds_all_of_its_numbers(cells: Any, dtype: str, told: Any) -> None:
    """Floats as long as they are exact, whole numbers beyond, else texts."""
    column = frame_of(one_column(2, cells))["X"]
    assert (str(column.dtype), listed(column)) == (dtype, told)


def test_what_no_float_holds_is_exact_in_the_raw_form() -> None:
    """Beside the column, as it came."""
    assert extras(one_column(2, [BIG, 2**64 - 1, 1])) == [{"fldX": BIG}, {"fldX": 2**64 - 1}, {}]


def test_a_column_widens_for_good() -> None:
    """What it became is remembered: the next rows have the same type, whatever they hold."""
    first = Friendly(one_column(2, [BIG]).schema)
    first.learn(one_column(2, [BIG]))
    later = one_column(2, [1, None])
    assert str(frame_of(later, known=first.learned)["X"].dtype) == "Int64"
    assert str(frame_of(one_column(2, [0.5]), known=first.learned)["X"].dtype) == TEXT


def test_fractions_of_earlier_rows_count() -> None:
    """The rows come a group at a time."""
    rows = one_column(2, [0.5, BIG])
    friendly = Friendly(rows.schema)
    for part in (rows.slice(0, 1), rows.slice(1)):
        friendly.learn(part)
    assert [friendly.convert(rows.slice(at, 1)).column("X").to_pylist() for at in (0, 1)] == [["0.5"], [str(BIG)]]


def test_a_row_may_be_called_by_a_large_number() -> None:
    """Links show it exactly."""
    rows = one_column(2, [BIG, 1], is_primary=True)
    assert primary_texts(rows.schema, rows).to_pylist() == [str(BIG), "1"]


def test_a_rating_of_no_sense_costs_nothing() -> None:
    """A rating is a small number."""
    assert befriended(one_column(2, [3, BIG], ui_type="Rating")).column("X").to_pylist() == [3, None]
