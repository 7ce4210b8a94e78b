"""The hashes of rows: what counts as an edit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from larknb.tabular.cells import to_arrow
from tests.tabular.records import COMPUTED, body, schema_of


def hashes(fields: Sequence[Mapping[str, Any]], cells: Mapping[str, Any]) -> tuple[int, int]:
    table = to_arrow(schema_of(fields), [{"record_id": "rec", "fields": cells}])
    return table.column("_row_hash")[0].as_py(), table.column("_computed_hash")[0].as_py()


def test_hashes_do_not_count_what_changes_by_itself() -> None:
    """Addresses of portraits and files, key order and every kind of empty cell leave both hashes alone."""
    fields = body("fields.json")
    cells = body("records.json")[0]["fields"]
    moved = json.loads(json.dumps(cells).replace("extra=rev7", "extra=rev8").replace("/a/", "/b/"))
    lookup = {"type": 11, "value": [{"id": "ou_a", "avatar_url": "one"}]}
    other = {"value": [{"avatar_url": "two", "id": "ou_a"}], "type": 11}
    del cells["邮箱"]
    assert moved["附件"] != cells["附件"]
    assert hashes(fields, {**cells, "车辆里程": lookup}) == hashes(
        list(reversed(fields)), {**dict(reversed(moved.items())), "邮箱": [], "车辆里程": other}
    )


def test_a_link_is_no_volatile_address() -> None:
    """An edited link URL is a change, and so is the URL member of a cell that is no file."""
    field = [{"field_id": "fldX", "field_name": "X", "type": 15}]
    assert hashes(field, {"X": {"text": "a", "link": "1"}}) != hashes(field, {"X": {"text": "a", "link": "2"}})
    assert hashes(field, {"X": {"url": "1"}}) != hashes(field, {"X": {"url": "2"}})


@pytest.mark.parametrize("name", [f["field_name"] for f in body("fields.json") if f["type"] != 3001])
def test_each_cell_counts_in_one_of_the_hashes(name: str) -> None:
    """To empty a plain cell moves the row hash alone, to empty a computed one the other alone."""
    fields = body("fields.json")
    cells = body("records.json")[0]["fields"] | {"邮箱": [{"text": "x"}]}
    row, computed = hashes(fields, cells)
    type_ = next(field["type"] for field in fields if field["field_name"] == name)
    row_after, computed_after = hashes(fields, {key: cell for key, cell in cells.items() if key != name})
    assert (row != row_after, computed != computed_after) == (type_ not in COMPUTED, type_ in COMPUTED)


def test_an_untouched_checkbox_is_not_an_unticked_one() -> None:
    """False is a value: it counts in the hash, absence does not."""
    field = [{"field_id": "fldX", "field_name": "X", "type": 7}]
    assert hashes(field, {}) == hashes(field, {"X": None}) != hashes(field, {"X": False})


def test_hashes_are_the_same_in_every_process() -> None:
    """The numbers are part of the cache's format: a change of them would report every row as changed."""
    assert hashes([{"field_id": "fldX", "field_name": "X", "type": 1}], {"X": [{"type": "text", "text": "甲"}]}) == (
        -759220913775745977,
        137279666008780115,
    )
