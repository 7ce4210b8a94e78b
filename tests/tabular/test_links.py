"""Linked rows by the text that people see."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from larknb.tabular.friendly import Friendly
from larknb.tabular.links import primary_texts, tables_behind
from larknb.tabular.raw import linked_tables
from tests.tabular.records import LINK, NEW_YEAR, car_texts, frame_of, listed, one_column, raw_table


def test_links_show_the_primary_texts_of_their_rows() -> None:
    """A link is a tuple of texts; a row that is unknown or has no text is shown by its id."""
    cells = [{"link_record_ids": ["rec2", "rec0"]}, None, {"link_record_ids": ["rec1", "recGone"]}]
    raw = one_column(18, cells, property=LINK)
    assert linked_tables(raw.schema) == {"tblCars"}
    column = frame_of(raw, links={"tblCars": car_texts()})["X"]
    assert listed(column) == [("乙", "甲, 车"), None, ("rec1", "recGone")]
    assert listed(frame_of(raw, links={"tblOther": car_texts()})["X"])[0] == ("rec2", "rec0")


@pytest.mark.parametrize(("multiple", "shown"), [(False, "乙"), (True, ("乙",)), (None, ("乙",))])
def test_a_link_to_one_row_is_a_text(multiple: bool | None, shown: object) -> None:
    """Where the field allows one row alone, its cells are plain values; where it does not say, they may be several."""
    raw = one_column(18, [{"link_record_ids": ["rec2"]}, None, {"link_record_ids": []}],
                     property={"table_id": "tblCars", "multiple": multiple})  # fmt: skip
    assert listed(frame_of(raw, links={"tblCars": car_texts()})["X"]) == [shown, None, None]


def test_a_second_row_in_a_link_to_one_is_not_lost() -> None:
    """A cell that holds more than its field allows makes the column tuples, for good."""
    property_ = {"table_id": "tblCars", "multiple": False}
    two, one = (one_column(18, [{"link_record_ids": ids}], property=property_) for ids in (["rec2", "rec0"], ["rec2"]))
    assert listed(frame_of(two)["X"]) == [("rec2", "rec0")]
    learned = Friendly(two.schema)
    learned.learn(two)
    assert listed(frame_of(one, known=learned.learned)["X"]) == [("rec2",)]


def test_a_lookup_of_links_shows_their_texts() -> None:
    """A formula or lookup that yields linked rows calls them as the link column beside it does."""
    raw = one_column(19, [{"type": 18, "value": [{"link_record_ids": ["rec2"]}, {"link_record_ids": ["recGone"]}]}])
    assert listed(frame_of(raw, links={"tblCars": car_texts()})["X"]) == [("乙", "recGone")]


@pytest.mark.parametrize(
    ("type_", "more", "cell", "text"),
    [
        (1, {}, [{"text": "甲"}, {"text": "乙"}], "甲乙"),
        (2, {}, 3, "3"),
        (2, {}, 0.1, "0.1"),
        (2, {"ui_type": "Rating"}, 3, "3"),
        (3, {}, "甲", "甲"),
        (4, {}, ["甲", "乙"], "甲; 乙"),
        (5, {}, NEW_YEAR, "2024-01-01"),
        (5, {}, NEW_YEAR + 3_600_000, "2024-01-01 01:00:00"),
        (7, {}, True, "true"),
        (11, {}, [{"name": "甲"}], "甲"),
        (15, {}, {"link": "https://example.com"}, "https://example.com"),
        (18, {}, {"link_record_ids": ["rec1", "rec2"]}, "rec1; rec2"),
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


def base_of_lookups(property_: Any) -> dict[str, pa.Schema]:
    """Return the schemas of a base: A looks up, in B, a column that links to C; there is also D."""
    field = {"field_id": "fldL", "field_name": "负责部门", "type": 18, "property": {"table_id": "tblC"}}
    plain = raw_table([], [{}]).schema
    looking = one_column(19, [], property=property_).schema
    return {"tblA": looking, "tblB": raw_table([field], []).schema, "tblC": plain, "tblD": plain}


@pytest.mark.parametrize(
    ("property_", "learned", "behind"),
    [
        ({"filter_info": {"target_table": "tblB"}, "target_field": "fldL"}, {"fldX": {"links": True}}, {"tblC"}),
        ({"filter_info": {"target_table": "tblB"}, "target_field": "fldL"}, {}, set()),
        ({"filter_info": {"target_table": "tblGone"}, "target_field": "fldL"}, {"fldX": {"links": True}},
         {"tblA", "tblB", "tblC", "tblD"}),
        (None, {"fldX": {"links": True}}, {"tblA", "tblB", "tblC", "tblD"}),
    ],
)  # fmt: skip
def test_the_tables_behind_a_lookup_are_known(property_: Any, learned: Any, behind: set[str]) -> None:
    """It is the one that the looked up column links to; where the definition does not tell, any may be."""
    schemas = base_of_lookups(property_)
    assert tables_behind(schemas["tblA"], learned, schemas) == behind
    assert tables_behind(schemas["tblB"], {}, schemas) == {"tblC"}


def test_what_links_in_results_is_remembered() -> None:
    """The memory of a lookup column says whether linked rows came up, and of which kind it is not asked."""
    cells: dict[bool | None, Any] = {True: {"value": [{"link_record_ids": ["rec2"]}]}, None: {"value": ["甲"]}}
    for links, cell in cells.items():
        raw = one_column(19, [cell])
        friendly = Friendly(raw.schema)
        friendly.learn(raw)
        assert friendly.learned["fldX"].get("links") is links
