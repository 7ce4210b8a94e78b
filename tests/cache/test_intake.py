"""What becomes of a table that was read."""

from __future__ import annotations

from larknb.cache.loading import raw_frame
from larknb.cache.policy import snapshot_id
from larknb.cache.store import SourceCache
from larknb.model import Batch
from larknb.tabular import cells

from .taking import DAY, NOW, batch, info, take


def test_an_unchanged_table_costs_no_bytes(cached: SourceCache) -> None:
    """A table that reads the same points into the older snapshot; a changed one beside it gets a new file."""
    one, two = info("one", "tbl1"), info("two", "tbl2")
    take(cached, NOW, batch(one, 3), batch(two, 3))
    take(cached, NOW + 60, batch(one, 3), batch(two, 4))
    assert cached.tables["tbl1"].raw.split("/")[1] == snapshot_id(NOW)
    assert cached.tables["tbl2"].raw.split("/")[1] == snapshot_id(NOW + 60)
    take(cached, NOW + 120, batch(one, 3))
    assert cached.manifest.snapshot == snapshot_id(NOW + 60)
    assert not (cached.folder / "snapshots" / snapshot_id(NOW + 120)).exists()


def test_an_edit_that_was_undone_moves_the_modify_time(cached: SourceCache) -> None:
    """The cells are the same, the time of the last edit is not: the new rows are kept."""
    table = info()
    records = [{"record_id": "rec1", "fields": {}, "last_modified_time": at} for at in (DAY, DAY + 1)]
    for n, record in enumerate(records):
        take(cached, NOW + 60 * n, Batch(table, cells.to_arrow(table.schema, [record]), fresh=True))
    assert raw_frame(cached, "tblA")["_last_modified_time"].iloc[0].value == (DAY + 1) * 10**6


def test_volatile_results_do_not_hold_a_table_back_for_ever(cached: SourceCache) -> None:
    """A formula with NOW() differs at every look; the second look still reads the same rows."""
    table = info()
    take(cached, NOW, batch(table, 30))
    for minute, value in ((1, 1), (12, 2)):
        records = [{"record_id": f"rec{n}", "fields": {"sum": {"type": 2, "value": [value]}}} for n in range(5)]
        volatile = Batch(table, cells.to_arrow(table.schema, records), fresh=True)
        change = take(cached, NOW + 60 * minute, volatile)["tblA"]
    assert change.problem == ""
    assert cached.rows("tblA") == 5
