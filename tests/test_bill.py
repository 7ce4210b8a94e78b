"""What the bill of a source says, and how its progress is told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from larknb.bill import Bill, Cost, ProgressLine, charged_to_first
from larknb.model import Batch, Grid, Media, Progress, TableInfo
from larknb.results.sync import SyncRow


@dataclass
class Work:
    """Requests and seconds as they pass."""

    calls: int = 0
    now: float = 100.0
    told: list[Progress] = field(default_factory=list)

    def spend(self, calls: int, seconds: float) -> None:
        self.calls += calls
        self.now += seconds

    def bill(self) -> Bill:
        return Bill(lambda: self.calls, lambda: self.now)


TEAMS, PEOPLE = (TableInfo(name, name, 1, pa.schema([])) for name in ("teams", "people"))


def batch(table: TableInfo, rows: int, *, fresh: bool = False) -> Batch:
    return Batch(table, pa.table({"x": range(rows)}), total=5, fresh=fresh)


def test_every_request_is_charged_to_one_table() -> None:
    """What was spent since the last charge belongs to the table that is charged, and nothing is lost."""
    work = Work(calls=7)
    bill = work.bill()
    work.spend(2, 0.5)
    bill.charge("teams")
    work.spend(3, 1.0)
    bill.charge("people")
    work.spend(1, 0.25)
    bill.charge("teams")
    assert bill.by_table(["teams", "people"]) == {"teams": Cost(3, 0.75), "people": Cost(3, 1.0)}
    assert bill.total() == Cost(6, 1.75)


def test_what_serves_the_whole_source_is_on_its_first_table() -> None:
    """The sum over the tables is what the source cost."""
    work = Work()
    bill = work.bill()
    work.spend(2, 1.0)
    bill.charge()
    work.spend(1, 1.0)
    bill.charge("people")
    assert bill.by_table(["teams", "people"]) == {"teams": Cost(2, 1.0), "people": Cost(1, 1.0)}


def test_a_source_without_tables_has_its_cost() -> None:
    """The row without a table bears all of it, once."""
    work = Work()
    bill = work.bill()
    work.spend(2, 1.0)
    bill.charge()
    assert bill.by_table([""]) == {"": Cost(2, 1.0)}


def test_the_total_counts_what_nobody_was_charged_for() -> None:
    """A source that failed before its tables were known tells its requests all the same."""
    work = Work()
    bill = work.bill()
    work.spend(4, 2.0)
    assert bill.total() == Cost(4, 2.0)


def test_rows_are_counted_as_they_come() -> None:
    """Batch by batch; a reading that begins anew counts from the start, and tables are counted apart."""
    work = Work()
    line = ProgressLine(work.told.append, "s1", 0, 2)
    for parcel in (batch(TEAMS, 2, fresh=True), batch(TEAMS, 3), batch(TEAMS, 1, fresh=True), batch(PEOPLE, 4)):
        line.show(parcel)
    assert [(step.table, step.rows, step.rows_total) for step in work.told] == [
        ("teams", 2, 5), ("teams", 5, 5), ("teams", 1, 5), ("people", 4, 5),
    ]  # fmt: skip


def test_a_parcel_names_the_table_that_it_is_charged_to() -> None:
    """Rows and grids belong to a table, a picture serves the whole source."""
    line = ProgressLine(lambda _: None, "s1", 0, 1)
    assert [line.show(parcel) for parcel in (batch(TEAMS, 1), Grid(PEOPLE, {}), Media("token"))] == [
        "teams", "people", "",
    ]  # fmt: skip


def test_a_source_begins_and_ends() -> None:
    """The last step says how many sources are done."""
    work = Work()
    line = ProgressLine(work.told.append, "s1", 1, 3)
    line.begin()
    line.end()
    assert [(step.done, step.total, step.state) for step in work.told] == [(1, 3, "reading"), (2, 3, "done")]


def test_the_gate_is_on_the_first_row_that_was_not_kept() -> None:
    """What served all sources is told once; a source that cost nothing stays so."""
    rows = [SyncRow("a", "bitable", "t", "kept"), SyncRow("b", "bitable", "t", "unchanged", calls=1),
            SyncRow("c", "bitable", "t", "fetched", calls=4)]  # fmt: skip
    assert [row.calls for row in charged_to_first(rows, 2)] == [0, 3, 4]
    assert charged_to_first(rows[:1], 2) == rows[:1]
