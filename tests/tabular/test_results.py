"""The results of formulas and lookups in one type."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.tabular.frames import to_frame
from larknb.tabular.friendly import Friendly
from tests.tabular.records import CLOCK, DAY, NEW_YEAR, TEXT, frame_of, listed, one_column, segment


def declared(type_: int, **ui_property: Any) -> dict[str, Any]:
    return {"type": {"data_type": type_, "ui_property": ui_property}}


def result(type_: int | None, *values: Any) -> dict[str, Any]:
    return {"type": type_, "value": list(values)}


PERSON = {"id": "ou_a", "name": "甲", "avatar_url": "https://example.com"}


@pytest.mark.parametrize(
    ("property_", "cells", "dtype", "values"),
    [
        (None, [result(2, 1), None, result(2, 2.5)], "float64", [1.0, None, 2.5]),
        (None, [64, "7"], TEXT, ["64", "7"]),
        (None, [result(2, 2**60 + 1), result(2, 0.5)], TEXT, [str(2**60 + 1), "0.5"]),
        (None, [result(2, 1), result(2, 1, 2.5)], "object", [(1.0,), (1.0, 2.5)]),
        (None, [result(None, 7), result(20, 100)], "float64", [7.0, 100.0]),
        (None, [result(1, segment("甲"), segment("乙")), None], TEXT, ["甲乙", None]),
        (None, [[segment("false")]], TEXT, ["false"]),
        (None, [result(3, segment("a"), segment("b"))], TEXT, ["ab"]),
        (None, [result(3, "甲"), result(3, "乙"), None], "category", ["甲", "乙", None]),
        (None, [result(3, "甲"), result(3, "乙", "甲")], "object", [("甲",), ("乙", "甲")]),
        (None, [result(4, "甲"), result(4, "乙", "丙")], "object", [("甲",), ("乙", "丙")]),
        (None, [result(4, ["甲", "乙"], ["丙"])], "object", [("甲", "乙", "丙")]),
        (None, [result(7, True), None, result(7, False)], "boolean", [True, None, False]),
        (None, [result(7, True, False)], "object", [(True, False)]),
        (None, [result(11, PERSON, {"id": "ou_b"}), None], TEXT, ["甲; ou_b", None]),
        (None, [result(13, "138"), None], TEXT, ["138", None]),
        (None, [result(13, "138", "139")], "object", [("138", "139")]),
        (None, [result(15, {"text": "", "link": "l"})], TEXT, ["l"]),
        (None, [result(15, {"text": "t", "link": "l"}, {"link": "m"})], "object", [("t", "m")]),
        (None, [result(17, {"file_token": "f", "name": "a.png"}, {"file_token": "g"})], TEXT, ["a.png; g"]),
        (None, [result(18, {"link_record_ids": ["r1", "r2"]}, {"link_record_ids": None})], "object", [("r1", "r2")]),
        (None, [result(18, {"link_record_ids": ["r1"]}), None], "object", [("r1",), None]),
        (None, [result(22, {"location": "1,2", "full_address": "甲"})], TEXT, ["甲"]),
        (None, [result(5, NEW_YEAR), None], "datetime64[ms]", [pd.Timestamp("2024-01-01"), None]),
        (None, [result(1002, NEW_YEAR + 1)], CLOCK, [pd.Timestamp("2024-01-01 00:00:00.001")]),
        ({"formatter": "yyyy/MM/dd HH:mm"}, [result(5, NEW_YEAR)], CLOCK,
         [pd.Timestamp("2024-01-01")]),
        (declared(5), [result(1, NEW_YEAR)], "datetime64[ms]", [pd.Timestamp("2024-01-01")]),
        (declared(5), [], "datetime64[ms]", []),
        (declared(5, date_formatter="yyyy-MM-dd HH:mm"), [], CLOCK, []),
        (declared(2), [None], "float64", [None]),
        (declared(7), [None], "boolean", [None]),
        (declared(4), [None], "object", [None]),
        (declared(19), [result(2, 1)], "float64", [1.0]),
        (declared(3, options=[{"name": "乙"}, {"name": "甲"}]), [result(3, "甲")], "category", ["甲"]),
        (None, [None], TEXT, [None]),
        (None, [result(2, None), result(2, [])], TEXT, [None, None]),
        (None, [result(2, 0.5), result(1, segment("无"))], TEXT, ["0.5", "无"]),
        (declared(2), [result(2, 12.0, 3), result(1, segment("错误"))], TEXT, ["12; 3", "错误"]),
        (None, [result(2, 10**15, 1e22), result(7, True)], TEXT, ["1000000000000000; 1e+22", "true"]),
        (None, [result(5, NEW_YEAR, NEW_YEAR + 61_000), result(3, "甲")], TEXT,
         ["2024-01-01; 2024-01-01 00:01:01", "甲"]),
        (None, [result(99, {"new": 1}), result(99, 1, "a", None)], TEXT, ['{"new":1}', "1; a"]),
        (None, [result(18, {"link_record_ids": [5]})], TEXT, ['{"link_record_ids":[5]}']),
    ],
)  # fmt: skip
def test_results_have_the_type_that_all_of_them_have(property_: Any, cells: Any, dtype: str, values: Any) -> None:
    """A formula's column has one friendly type: declared, or that of its results; else it is text."""
    column = frame_of(one_column(20, cells, property=property_))["X"]
    assert str(column.dtype) == dtype
    assert listed(column) == values


def test_several_dates_are_wall_clock_times_of_the_base() -> None:
    """A lookup of several dates is a tuple of days, or of times as the base's clock shows them."""
    days, times = (
        frame_of(one_column(19, [result(5, NEW_YEAR, NEW_YEAR + step), None]))["X"] for step in (DAY, 3_600_000)
    )
    assert days.iloc[0] == (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02"))
    assert times.iloc[0] == (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01 01:00"))
    assert days.iloc[1] is None


def test_a_result_never_narrows() -> None:
    """Scalar to array and anything to text, never back; a formula that is written anew starts anew."""
    narrow = [result(2, 1)]
    for wide, dtype in (([result(2, 1, 2)], "object"), ([result(2, 1), result(1, segment("a"))], TEXT)):
        raw = one_column(20, wide, property={"formula_expression": "f"})
        learned = Friendly(raw.schema)
        learned.learn(raw)
        same, other = (one_column(20, narrow, property={"formula_expression": text}) for text in ("f", "g"))
        assert str(frame_of(same, known=learned.learned)["X"].dtype) == dtype
        assert str(frame_of(other, known=learned.learned)["X"].dtype) == "float64"


def test_options_of_a_formula_come_in_declared_order() -> None:
    """A formula that declares options has them as categories, then the names that appear."""
    property_ = declared(3, options=[{"name": "乙"}, {"name": "甲"}])
    column = frame_of(one_column(20, [result(3, "新"), result(3, "甲")], property=property_))["X"]
    assert list(column.cat.categories) == ["乙", "甲", "新"]


# --- anything at all ------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["type", "text", "name", "id", "link", "link_record_ids", "location", "x"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=4)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=8,
)
RESULT = st.fixed_dictionaries(
    {"value": st.lists(ANYTHING, max_size=3)}, optional={"type": st.sampled_from([1, 2, 3, 4, 5, 18, 20, 99])}
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([None, declared(2), declared(3), declared(4), declared(5), declared(7)]),
    st.lists(ANYTHING | RESULT, max_size=4),
)
def test_no_result_stops_a_table(property_: Any, cells: list[Any]) -> None:
    """Whatever a formula gives, each result that is one is shown, and the state can be persisted."""
    raw = one_column(20, cells, property=property_)
    friendly = Friendly(raw.schema)
    friendly.learn(raw)
    column = to_frame(friendly.convert(raw))["X"]
    assert len(column) == len(cells)
    again = Friendly(raw.schema, json.loads(json.dumps(friendly.learned)))
    assert again.schema.equals(friendly.schema, check_metadata=True)
    number_cells = [cell for cell in cells if isinstance(cell, float)]
    assert column.notna().sum() >= len(number_cells)
