"""Rows by what their cells hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.tabular.where import columns_of, matches

FRAME = pd.DataFrame(
    {
        "状态": pd.Categorical(["未关闭", "已关闭", None]),
        "标题": ["电机过热", None, "漏液"],
        "数": [1.0, 2.5, np.nan],
        "评分": pd.array([3, None, 5], "Int8"),
        "好": [True, False, False],
        "标签": [("甲", "乙"), None, ("乙",)],
        "日期": np.array(["2024-01-05T00:00", "2024-01-05T13:30", "NaT"], "datetime64[ms]"),
    },
    index=pd.Index(["rec0", "rec1", "rec2"], name="_record_id"),
)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, [0, 1, 2]),
        ({"状态": "未关闭"}, [0]),
        ({"状态": "没有"}, []),
        ({"状态": ["未关闭", "已关闭"]}, [0, 1]),
        ({"状态": []}, []),
        ({"状态": None}, [2]),
        ({"状态": ["已关闭", None]}, [1, 2]),
        ({"标题": float("nan")}, [1]),
        ({"标题": "漏液", "状态": None}, [2]),
        ({"数": 2.5}, [1]),
        ({"数": {1, 2.5}}, [0, 1]),
        ({"数": range(3)}, [0]),
        ({"数": "2.5"}, []),
        ({"评分": 3}, [0]),
        ({"评分": pd.NA}, [1]),
        ({"好": True}, [0]),
        ({"标签": "乙"}, [0, 2]),
        ({"标签": ["甲", "丙"]}, [0]),
        ({"标签": ("乙",)}, [2]),
        ({"标签": None}, [1]),
        ({"日期": "2024-01-05"}, [0, 1]),
        ({"日期": "2024-01-05 13:30"}, [1]),
        ({"日期": pd.Timestamp("2024-01-05")}, [0]),
        ({"日期": pd.Timestamp("2024-01-05").date()}, [0, 1]),
        ({"日期": None}, [2]),
        ({"数": lambda column: column > 1}, [1]),
        ({"评分": lambda column: column > 1}, [0, 2]),
        ({"标题": lambda column: column.str.contains("电", na=False)}, [0]),
        ({"标题": lambda value: isinstance(value, str) and value.startswith("漏")}, [2]),
        ({"标签": lambda value: value is not None and len(value) == 2}, [0]),
        (lambda frame: frame["好"] | (frame["数"] > 2), [0, 1]),
        (lambda frame: [True, False, True], [0, 2]),
    ],
)
def test_rows_are_found_by_their_cells(where: Any, rows: list[int]) -> None:
    """Values, lists of them, what is missing, one of several values, days, and tests of one's own."""
    assert np.flatnonzero(matches(FRAME, where)).tolist() == rows


@pytest.mark.parametrize(
    "where", [lambda frame: True, lambda frame: frame["数"], lambda frame: [True], {"数": lambda value: "yes"}]
)
def test_what_says_neither_yes_nor_no_is_refused(where: Any) -> None:
    """A test that does not answer for each row is a mistake, not a filter."""
    with pytest.raises(TypeError):
        matches(FRAME, where)


def test_no_day_is_refused() -> None:
    """A text that is no time cannot be compared with times."""
    with pytest.raises(ValueError, match="gestern"):
        matches(FRAME, {"日期": "gestern"})


def test_an_empty_table_has_no_rows_to_find() -> None:
    """Nothing is asked of nothing."""
    assert matches(FRAME.iloc[:0], {"数": lambda column: column > 1}).tolist() == []


def test_only_the_columns_that_are_asked_about_are_needed() -> None:
    """A mapping names them; a test of the frame may look at any."""
    assert columns_of({"数": 1, "好": True}) == ["数", "好"]
    assert columns_of(lambda frame: frame["数"] > 1) is None
