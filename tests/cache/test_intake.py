"""What becomes of a table that was read."""

from __future__ import annotations

from larknb.cache.cached import SourceCache
from larknb.cache.loading import frame, raw_frame
from larknb.cache.policy import snapshot_id
from larknb.cache.tablefiles import Change
from larknb.model import Batch, Entry
from larknb.tabular import cells

from .taking import DAY, NOW, batch, computed, files, grid, info, linked, opened, take


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


# --- held back --------------------------------------------------------------------------------------------------------


def test_a_table_that_lost_most_rows_is_held_back(cached: SourceCache) -> None:
    """The cached rows stay, the problem is told, and it is read again at the next look."""
    take(cached, NOW, batch(info(), 30))
    change = take(cached, NOW + 60, batch(info(), 5), again=("other",))["tblA"]
    assert (change.rows, "30" in change.problem, "5" in change.problem) == (30, True, True)
    again = opened(cached)
    assert (again.rows("tblA"), len(frame(again, "tblA")), [*again.again]) == (30, 30, ["other", "tblA"])
    assert again.entry == Entry(NOW + 60, NOW + 60), "the look is not repeated at once"


def test_the_same_rows_ten_minutes_later_are_believed(cached: SourceCache) -> None:
    """A third state begins the wait anew; after that nothing is held any more."""
    take(cached, NOW, batch(info(), 30))
    for seconds, count in ((60, 5), (600, 6), (900, 6)):
        assert take(cached, NOW + seconds, batch(info(), count))["tblA"].problem
    change = take(opened(cached), NOW + 1200, batch(info(), 6))["tblA"]
    assert (change.problem, change.removed, opened(cached).rows("tblA")) == ("", 24, 6)
    assert (opened(cached).tables["tblA"].held, [*opened(cached).again]) == (None, [])


def test_a_loss_can_be_accepted_at_once(cached: SourceCache) -> None:
    """Whoever deleted the rows knows it."""
    take(cached, NOW, batch(info(), 30))
    assert take(cached, NOW + 60, batch(info(), 5), accept_shrink=True)["tblA"].problem == ""
    assert cached.rows("tblA") == 5


# --- computed columns -------------------------------------------------------------------------------------------------


def test_fresh_computed_columns_are_put_beside_the_others(cached: SourceCache) -> None:
    """Only they changed: the rows count as read when they were."""
    take(cached, NOW, batch(info(), 3))
    change = take(cached, NOW + 60, computed([0, 7, 2]))["tblA"]
    assert (change.rows, change.added, change.changed, change.removed) == (3, 0, 1, 0)
    assert frame(cached, "tblA")[["name", "sum"]].to_numpy().tolist() == [["n0", 0], ["n1", 7], ["n2", 2]]
    assert (cached.tables["tblA"].read_at, cached.tables["tblA"].computed_at) == (NOW, NOW + 60)


def test_computed_columns_that_stayed_cost_no_bytes(cached: SourceCache) -> None:
    """The files stay; that they were asked is noted."""
    take(cached, NOW, batch(info(), 3))
    before = files(cached)
    assert take(cached, NOW + 60, computed([0, 1, 2]))["tblA"].changed == 0
    assert (files(cached), cached.tables["tblA"].computed_at) == (before, NOW + 60)


# --- forms and links --------------------------------------------------------------------------------------------------


def test_a_table_of_another_form_is_a_new_one(cached: SourceCache) -> None:
    """There is nothing to compare a worksheet with records by."""
    take(cached, NOW, batch(info("t", "x"), 3))
    assert take(cached, NOW + 60, grid("t", "x"))["x"] == Change(2, added=2)


def test_a_renamed_row_is_shown_where_it_is_linked(cached: SourceCache) -> None:
    """The table with the links was not read again: its friendly form is made anew, its raw file stays."""
    teams, people = info("teams", "tblTeams"), linked("tblTeams")
    record = {"record_id": "rec1", "fields": {"team": {"link_record_ids": ["rec0"]}}}
    take(cached, NOW, batch(teams, 1), Batch(people, cells.to_arrow(people.schema, [record]), fresh=True))
    raw = cached.tables["tblPeople"].raw
    renamed = [{"record_id": "rec0", "fields": {"name": [{"type": "text", "text": "neu"}]}}]
    take(cached, NOW + 60, Batch(teams, cells.to_arrow(teams.schema, renamed), fresh=True))
    assert [*frame(cached, "tblPeople")["team"].iloc[0]] == ["neu"]
    assert cached.tables["tblPeople"].raw == raw


def test_a_loss_waits_for_the_same_reading_again(cached: SourceCache) -> None:
    """The first one counts: another reading begins to wait anew, the same one ten minutes later is taken."""
    take(cached, NOW, batch(info(), 30))
    for later, count, since in ((60, 5, 60), (120, 5, 60), (180, 4, 180), (779, 4, 180)):
        assert take(cached, NOW + later, batch(info(), count))["tblA"].problem
        held = opened(cached).tables["tblA"].held
        assert held is not None
        assert (held.since, cached.rows("tblA")) == (NOW + since, 30)
    assert take(cached, NOW + 780, batch(info(), 4))["tblA"] == Change(4, removed=26)
    assert (cached.rows("tblA"), opened(cached).tables["tblA"].held) == (4, None)


def test_a_table_that_stays_keeps_all_its_files(cached: SourceCache) -> None:
    """Read again and the same: it counts as read now, under the name that it has now."""
    take(cached, NOW, batch(info("old"), 3))
    before = cached.tables["tblA"]
    take(cached, NOW + 60, batch(info("old", revision=2), 3))
    after = cached.tables["tblA"]
    assert (after.raw, after.friendly, after.file) == (before.raw, before.friendly, before.file)
    assert (after.revision, after.read_at, after.computed_at) == (2, NOW + 60, NOW + 60)
