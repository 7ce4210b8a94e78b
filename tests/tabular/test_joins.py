"""A frame beside the rows that it links to."""

from __future__ import annotations

import pandas as pd
import pytest

from larknb.tabular.joins import as_tuples, joined, through

PEOPLE = pd.DataFrame({"姓名": ["王", "李", "赵", "钱"]}, index=pd.Index(["r1", "r2", "r3", "r4"], name="_record_id"))
UNITS = pd.DataFrame(
    {
        "部门": ["测试", "平台"],
        "在用": [True, False],
        "级": pd.array([1, None], "Int8"),
        "类": pd.Categorical(["甲", None], ["甲", "乙"]),
        "自": pd.Series([pd.Timestamp("2024-01-01"), None], ["u1", "u2"], "datetime64[ms]"),
    },
    index=pd.Index(["u1", "u2"], name="_record_id"),
)
LINKS = [("u1", "u2"), (), ("uGone",), ("u2",)]


def test_one_row_per_pair() -> None:
    """Several links are several rows, a row without links stays, a link to nothing keeps its id; the index is ours."""
    frame = joined(PEOPLE, LINKS, UNITS, "所属")
    assert list(frame.index) == ["r1", "r1", "r2", "r3", "r4"] and frame.index.name == "_record_id"
    assert list(frame.columns) == ["姓名", "所属._record_id", *(f"所属.{name}" for name in UNITS.columns)]
    assert frame["所属.部门"].fillna("-").tolist() == ["测试", "平台", "-", "-", "平台"]
    assert frame["所属._record_id"].fillna("-").tolist() == ["u1", "u2", "-", "uGone", "u2"]


def test_only_pairs_can_be_had() -> None:
    """Then every row has its linked row."""
    frame = joined(PEOPLE, LINKS, UNITS, "所属", "inner")
    assert frame["姓名"].tolist() == ["王", "王", "钱"]
    assert frame["所属.在用"].dtype == bool


@pytest.mark.parametrize("how", ["left", "inner"])
def test_columns_keep_their_types(how: str) -> None:
    """Categories, small integers and times stay what they are; booleans with gaps become those that can have some."""
    frame = joined(PEOPLE, LINKS, UNITS, "所属", how)
    kinds = {str(name).removeprefix("所属."): str(dtype) for name, dtype in frame.dtypes.items()}
    assert (kinds["级"], kinds["类"], kinds["自"]) == ("Int8", "category", "datetime64[ms]")
    assert kinds["在用"] == ("boolean" if how == "left" else "bool")
    assert list(frame["所属.类"].cat.categories) == ["甲", "乙"]


def test_a_joined_frame_can_be_joined_again() -> None:
    """Rows that occur twice are no trouble, and no two columns share a name."""
    once = joined(PEOPLE, LINKS, UNITS, "所属")
    twice = joined(once, as_tuples(once["所属._record_id"]), UNITS, "所属")
    assert len(twice) == len(once) and twice.columns.is_unique
    assert twice["所属.部门.1"].fillna("-").tolist() == once["所属.部门"].fillna("-").tolist()


def test_nothing_joins_with_nothing() -> None:
    """Empty frames give an empty frame with all columns."""
    frame = joined(PEOPLE.iloc[:0], [], UNITS.iloc[:0], "所属")
    assert frame.shape == (0, 7) and frame["所属.级"].dtype == "Int8"


def test_links_of_links() -> None:
    """Whoever is reached in two ways is there once; what leads nowhere leads nowhere."""
    chiefs = pd.Series([("p1", "p2"), "p2", None], index=["u1", "u2", "u3"])
    assert through([("u1", "u2"), ("u3",), ("uGone",), ()], chiefs) == [("p1", "p2"), (), (), ()]
