"""What the reader of a base remembers, and what it hears by it."""

from __future__ import annotations

import json
from pathlib import Path

from larknb.model import Drift, Source
from larknb.readers.chosen import Chosen, Tables
from larknb.readers.remembered import Changed, Memory, table_drift
from tests.readers.desks import Cached, Shelf

SOURCE = Source("s", "u", "bitable", "AppNow", options={"view": "未关闭"})
TABLES = Tables({"1": "now", "2": "new"}, {"3": "gone"}, {"now": "1"})


def test_a_memory_outlives_its_process() -> None:
    """What a state says of it is JSON, and gives it back; what a later version adds is left alone."""
    chosen = Chosen(ids={"a": "fldA"}, filter={"conjunction": "and"}, others={"fldB": "b"}, view="vew1")
    memory = Memory().after_look(SOURCE, {"1": "now"}, TABLES, "vew1").after_read("1", Changed(chosen, (), {"f": "x"}))
    state = json.loads(json.dumps(memory.state))
    state["named"]["later"] = 5
    again = Memory.of(state)
    assert again == memory
    assert (again.chosen("1").ids, again.lost("1"), again.was_some("1")) == ({"a": "fldA"}, {"f": "x"}, True)
    assert again.chosen("1").body(["c"]) == {
        "automatic_fields": False, "field_names": ["c"], "filter": {"conjunction": "and"}, "view_id": "vew1",
    }  # fmt: skip
    assert (again.views["1"], Memory.of({})) == ({"未关闭": "vew1"}, Memory())


def test_tables_that_nobody_asks_for_are_forgotten() -> None:
    """Of one that is gone the columns are still known."""
    memory = Memory(columns={"1": {"some": True}, "3": {"some": True}, "9": {"some": True}})
    assert {*memory.after_look(SOURCE, {}, TABLES, "").columns} == {"1", "3"}


def test_tables_that_changed_are_told(tmp_path: Path) -> None:
    """Renamed, new, gone, and of another base; those that an older larknb knew by no name are not renamed."""
    state = {"revisions": {"1": 1, "3": 1}, "named": {"base": "AppThen", "names": {"1": "then"}}}
    shelf = Shelf(tmp_path, state, tables={"3": Cached("gone", 5)})
    assert [*table_drift(SOURCE, shelf, TABLES)] == [
        Drift("base_moved", before="AppThen", after="AppNow"),
        Drift("table_renamed", "now", before="then", after="now"),
        Drift("table_added", "new"),
        Drift("table_removed", "gone"),
    ]
    shelf.state = {"revisions": {"1": 1, "2": 1}}
    assert [*table_drift(SOURCE, shelf, TABLES)] == []
    shelf.state = {}
    assert [*table_drift(SOURCE, shelf, TABLES)] == []
