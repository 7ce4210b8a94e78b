"""Columns as they are written, and as they are served."""

from __future__ import annotations

from larknb.sandbox import Field


def test_options_may_be_plain_names() -> None:
    """Names become options with ids of their own, the same every time; whole options stay as they are."""
    whole = {"id": "optMine", "name": "乙", "color": 7}
    options = (Field("状态", 3, property={"options": ["甲", whole]}).property or {})["options"]
    assert options[0] == {"id": options[0]["id"], "name": "甲", "color": 0}
    assert options[0]["id"].startswith("opt")
    assert options[1] == whole
    assert Field("状态", 3, property={"options": ["甲", whole]}).property == {"options": options}


def test_what_a_column_does_not_say_follows_from_its_type() -> None:
    """The usual face of the type, an id, and a name without blanks around it."""
    column = Field(" 数量 ", 2)
    assert (column.name, column.ui_type, column.field_id[:3]) == ("数量", "Number", "fld")
    assert Field("价格", 2, "Currency").ui_type == "Currency"
