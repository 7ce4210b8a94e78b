"""Linked rows by the text that people see."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.tabular.links import primary_texts
from larknb.tabular.raw import linked_tables
from tests.tabular.records import LINK, NEW_YEAR, car_texts, frame_of, listed, one_column, raw_table


def test_links_show_the_primary_texts_of_their_rows() -> None:
    """A link is an array of texts; a row that is unknown or has no text is shown by its id."""
    cells = [{"link_record_ids": ["rec2", "rec0"]}, None, {"link_record_ids": ["rec1", "recGone"]}]
    raw = one_column(18, cells, property=LINK)
    assert linked_tables(raw.schema) == {"tblCars"}
    column = frame_of(raw, links={"tblCars": car_texts()})["X"]
    assert listed(column) == [["乙", "甲, 车"], None, ["rec1", "recGone"]]
    assert listed(frame_of(raw, links={"tblOther": car_texts()})["X"])[0] == ["rec2", "rec0"]


@pytest.mark.parametrize(
    ("type_", "more", "cell", "text"),
    [
        (1, {}, [{"text": "甲"}, {"text": "乙"}], "甲乙"),
        (2, {}, 3, "3"),
        (2, {}, 0.1, "0.1"),
        (2, {"ui_type": "Rating"}, 3, "3"),
        (3, {}, "甲", "甲"),
        (4, {}, ["甲", "乙"], "甲, 乙"),
        (5, {}, NEW_YEAR, "2024-01-01"),
        (5, {}, NEW_YEAR + 3_600_000, "2024-01-01 01:00:00"),
        (7, {}, True, "true"),
        (11, {}, [{"name": "甲"}], "甲"),
        (15, {}, {"link": "https://example.com"}, "https://example.com"),
        (18, {}, {"link_record_ids": ["rec1", "rec2"]}, "rec1, rec2"),
        (20, {}, {"type": 2, "value": [5]}, "5"),
        (20, {}, {"type": 5, "value": [NEW_YEAR]}, "2024-01-01"),
        (19, {}, {"type": 1, "value": [{"type": "text", "text": "甲"}]}, "甲"),
        (22, {}, {"full_address": "甲"}, "甲"),
        (1005, {}, "0007", "0007"),
        (1099, {}, {"a": 1}, '{"a":1}'),
    ],
)
def test_every_type_of_primary_column_has_a_text(type_: int, more: dict[str, Any], cell: Any, text: str) -> None:
    """Whatever the primary column is, a linked row is called by what people read in it."""
    raw = one_column(type_, [cell, None], is_primary=True, **more)
    assert primary_texts(raw.schema, raw).to_pylist() == [text, "false" if type_ == 7 else None]


def test_a_table_without_fields_has_no_texts() -> None:
    """Links to such a table show ids."""
    raw = raw_table([], [{}])
    assert primary_texts(raw.schema, raw).to_pylist() == [None]
