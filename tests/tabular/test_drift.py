"""How two definitions of the columns of a table differ, told by their ids."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.model import Drift
from larknb.tabular.drift import MOST_LOST, column_drift, lost_columns


def field(name: str, type_: int = 1, ui_type: str | None = "Text", **more: Any) -> dict[str, Any]:
    return {"field_name": name, "type": type_, "ui_type": ui_type, **more}


def options(*names: str) -> dict[str, Any]:
    return {"options": [{"id": f"opt{n}", "name": name} for n, name in enumerate(names)]}


def formula(data_type: int, face: str) -> dict[str, Any]:
    return field("f", 20, "Formula", property={"type": {"data_type": data_type, "ui_type": face}})


def select(*names: str) -> dict[str, Any]:
    return field("s", 3, "SingleSelect", property=options(*names))


CASES: dict[str, tuple[Any, Any, list[Drift]]] = {
    "nothing": (field("a"), field("a", description="new"), []),
    "a name": (field("a"), field("b"), [Drift("column_renamed", "T", "b", "a", "b")]),
    "a type": (field("a"), field("a", 2, "Number"), [Drift("column_retyped", "T", "a", "Text", "Number")]),
    "a face": (field("a"), field("a", 1, "Barcode"), [Drift("column_retyped", "T", "a", "Text", "Barcode")]),
    "no face": (field("a", ui_type=None), field("a", 99, None), [Drift("column_retyped", "T", "a", "Type1", "Type99")]),
    "both": (
        field("a"),
        field("b", 2, "Number"),
        [Drift("column_renamed", "T", "b", "a", "b"), Drift("column_retyped", "T", "b", "Text", "Number")],
    ),
    "a result": (
        formula(1, "Text"),
        formula(2, "Number"),
        [Drift("column_retyped", "T", "f", "Formula (Text)", "Formula (Number)")],
    ),
    "an option": (select("a", "b"), select("a", "c"), [Drift("option_renamed", "T", "s", "b", "c")]),
    "one option more": (select("a"), select("a", "c"), []),
    "odd options": (
        field("s", 3, "SingleSelect", property={"options": [{"id": 5, "name": "a"}, None, {"name": "b"}]}),
        field("s", 3, "SingleSelect", property={"options": {}}),
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_column_that_stayed(name: str) -> None:
    """Its name, its type and its options may be others; nothing else is told."""
    before, after, told = CASES[name]
    assert [*column_drift("T", {"1": before}, {"1": after}, {})] == told


@pytest.mark.parametrize(
    ("before", "after", "lost", "told"),
    [
        ({}, {"1": "a"}, {}, ["added a"]),
        ({"1": "a"}, {}, {}, ["removed a"]),
        ({"1": "a"}, {"2": "a"}, {}, ["readded a"]),
        ({}, {"1": "b"}, {"1": "a"}, ["readded b"]),
        ({}, {"2": "a"}, {"1": "a"}, ["readded a"]),
        ({"1": "a"}, {"2": "b"}, {}, ["added b", "removed a"]),
        ({"1": "a", "2": "b"}, {"2": "b", "1": "a"}, {"3": "c"}, []),
    ],
)
def test_columns_that_came_or_went(before: Any, after: Any, lost: Any, told: list[str]) -> None:
    """One that is there again is told as such: by its id, or by the name of one that is gone."""
    old, new = ({key: field(name) for key, name in each.items()} for each in (before, after))
    found = [f"{drift.kind.removeprefix('column_')} {drift.column}" for drift in column_drift("T", old, new, lost)]
    assert found == told


def test_columns_that_the_settings_choose_are_not_new() -> None:
    """Only one that comes back is told."""
    new = {"1": field("a"), "2": field("b")}
    assert [*column_drift("T", {}, new, {"2": "b"}, chosen=True)] == [Drift("column_readded", "T", "b")]


def test_lost_columns_are_remembered_until_they_are_back() -> None:
    """By id or name; a table with very many columns forgets the oldest."""
    assert lost_columns({"1": field("a")}, {}, {"0": "z"}) == {"0": "z", "1": "a"}
    assert lost_columns({}, {"1": field("other"), "5": field("z")}, {"0": "z", "1": "a"}) == {}
    assert len(lost_columns({}, {}, {str(n): str(n) for n in range(400)})) == MOST_LOST
