"""An edit costs what it weighs: from the settings to the report, the history and the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from larknb.cache import records
from larknb.sandbox import Field, Sandbox

from .conftest import Clock, Lab, actions, open_lab, sync, text

FIELDS = [
    Field("name", 1, field_id="fldName", is_primary=True),
    Field("age", 2, field_id="fldAge"),
    Field("modified", 1002, field_id="fldModified"),
]
EDITED = ["metas", "tables", "fields", "search", "tables"]
REMARK = "s1: incremental, the edited rows alone were read: people ({count})."


def many(root: Path, box: Sandbox, clock: Clock, rows: int) -> Lab:
    """A table that was read, and an hour later; its source is incremental."""
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    people = base.add_table("people", FIELDS, table_id="tblPeople")
    people.add_many([{"name": text(f"person {number}"), "age": number} for number in range(rows)])
    found = open_lab(root / "ws", box, clock, f"{box.url}/base/{base.app_token}", base)
    with (root / "ws" / "larknb.toml").open("a") as file:
        file.write("incremental = true\n")
    sync(found).raise_for_failures()
    return found.later()


@pytest.fixture
def large(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """Three pages."""
    return many(tmp_path, box, clock, 1_200)


def edit(lab: Lab, place: int = 3, age: int = 77) -> str:
    record_id = [*lab.people.rows][place]
    lab.people.edit(record_id, {"age": age})
    return record_id


def edit_one(lab: Lab) -> None:
    edit(lab)
    sync(lab)
    assert lab.requests() == EDITED
    loaded = lab.workspace.load("s1")
    assert loaded.index.tolist() == [*lab.people.rows]
    assert loaded["age"].iloc[:5].tolist() == [0, 1, 2, 77, 4]


def test_one_edited_row(large: Lab) -> None:
    """Five requests instead of seven, and the row in its place among the others."""
    edit_one(large)


@pytest.mark.soak
def test_one_edited_row_of_a_hundred_thousand(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Five requests instead of 204."""
    edit_one(many(tmp_path, box, clock, 100_000))


def test_the_report_says_it(large: Lab) -> None:
    """Beside the table, with its counts as ever; not of a read of all rows."""
    edit(large)
    large.people.add({"name": text("new")})
    report = sync(large)
    assert actions(report) == {"people": "fetched"}
    assert (report[0].added, report[0].changed, report[0].removed, report[0].problem) == (1, 1, 0, "")
    assert report.to_dict()["remarks"] == [REMARK.format(count=2)]
    assert REMARK.format(count=2) in str(report)
    large.people.delete(edit(large.later()))
    assert sync(large).remarks == ()


def test_history_and_record_say_it(large: Lab) -> None:
    """Of the snapshot that was made so, beside when all rows were read last."""
    whole = large.clock() - 3600
    edit(large)
    sync(large)
    newest, oldest = large.workspace.history("s1")
    assert (newest.note, oldest.note) == ("current; incremental: edited rows alone were read", "")
    record = records.read(large.workspace.root / "work/bitable_cache/s1/snapshots" / newest.snapshot)
    assert record is not None
    assert record.tables["tblPeople"].whole_at == whole


def test_full_every_counts_from_the_last_read_of_all_rows(large: Lab) -> None:
    """What an edit without a modify time hides comes a day later at most, however often rows are edited."""
    quiet = [*large.people.rows][900]
    large.people.set_quietly(quiet, {"age": -1})
    remarks = []
    for number in range(6):
        edit(large, age=number)
        remarks.append(bool(sync(large).remarks))
        large.later(6 * 3600)
    assert remarks == [True, True, True, True, False, True]
    assert large.workspace.load("s1").loc[quiet, "age"] == -1


def test_frames_and_earlier_states_are_those_of_whole_reads(large: Lab) -> None:
    """Synced when it was, with the state before beside it, of which only what changed is kept."""
    record_id = edit(large)
    sync(large)
    frame = large.workspace.load("s1")
    assert pd.Timestamp(frame.attrs["larknb"]["synced_at"]).timestamp() == int(large.clock())
    assert large.workspace.load("s1", as_of=-2).loc[record_id, "age"] == 3
    (change,) = large.workspace.diff("s1").to_frame().query("column == 'age'").to_dict("records")
    assert (change["key"], change["before"], change["after"]) == (record_id, 3, 77)
    large.clock.advance(60)
    sync(large, force=True)
    pd.testing.assert_frame_equal(large.workspace.load("s1"), frame)


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [spoil, Path.unlink])
def test_kept_rows_that_are_damaged_or_gone(large: Lab, harm: Callable[[Path], object]) -> None:
    """There is nothing to keep: all rows are read, and they are right."""
    edit(large)
    for path in (large.workspace.root / "work").rglob("*.raw.parquet"):
        harm(path)
    assert sync(large).remarks == ()
    assert large.requests().count("search") == 3
    assert large.workspace.load("s1")["age"].iloc[3] == 77


def test_links_show_the_texts_of_the_rows_that_they_point_to(lab: Lab) -> None:
    """An edited team is read alone, the people whose links show its name not at all."""
    lab.teams.add_field(Field("modified", 1002, field_id="fldModified"))
    with (lab.workspace.root / "larknb.toml").open("a") as file:
        file.write("incremental = true\n")
    sync(lab)
    lab.later()
    lab.teams.edit(next(iter(lab.teams.rows)), {"title": text("renamed")})
    report = sync(lab)
    assert actions(report) == {"teams": "fetched", "people": "unchanged"}
    assert report.remarks == ("s1: incremental, the edited rows alone were read: teams (1).",)
    assert lab.workspace.load("s1/people")["team"].iloc[0] == ("renamed",)
