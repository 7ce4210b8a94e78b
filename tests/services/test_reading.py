"""What the cache gives, and the sync that fills it."""

from __future__ import annotations

import datetime as dt
import json
import os
import pickle
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest

from larknb.errors import ApiError, LarkError, NotFound
from larknb.headless.records import RunRecord, write
from larknb.model import Progress
from larknb.results.runs import RunResult
from larknb.sandbox import Fault, Field, Raw, Sandbox, blocks
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, sync, text

# --- load -------------------------------------------------------------------------------------------------------------


def test_load_needs_neither_network_nor_login(synced: Lab) -> None:
    """The platform is gone and nobody is logged in: the data is there."""
    synced.workspace.logout()
    synced.box.stop()
    frame = synced.workspace.load("s1/people")
    assert frame.shape == (30, 7)
    assert frame.index.name == "_record_id"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A table whose cells hold several persons, files and options, and a text that looks like it."""
    clock = Clock()
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        return crowd_of(tmp_path_factory.mktemp("crowd"), box, clock)


def crowd_of(root: Path, box: Sandbox, clock: Clock) -> Workspace:
    people = [{"id": f"ou_{n}", "name": name, "en_name": "", "email": ""} for n, name in enumerate(("Ann", "Bob"))]
    files = [{"file_token": f"box{n}", "name": f"{n}.png", "type": "image/png", "size": 1} for n in range(2)]
    base = box.tenant.add_base("crowd")
    table = base.add_table("t", [
        Field("name", 1, is_primary=True), Field("who", 11, property={"multiple": True}), Field("files", 17),
        Field("tags", 4, property={"options": [{"id": "o1", "name": "A"}, {"id": "o2", "name": "B"}]}),
        Field("seen", 19, property={"target_field": "fldX", "filter_info": {"target_table": "tblX"}}),
        Field("told", 20, property={"formula_expression": "x"}),
    ])  # fmt: skip
    table.add_many([
        {"name": text("Ann; Bob"), "who": people, "files": files, "tags": ["A", "B"],
         "seen": {"type": 11, "value": people}, "told": {"type": 1, "value": text("Ann; Bob")}},
        {"name": text("Ann"), "who": people[:1], "files": files[:1], "tags": ["A"],
         "seen": {"type": 11, "value": people[:1]}, "told": {"type": 1, "value": text("Ann")}},
        {"name": text("")},
    ])  # fmt: skip
    lab = open_lab(root, box, clock, f"{box.url}/base/{base.app_token}", base)
    sync(lab).raise_for_failures()
    return lab.workspace


@pytest.mark.parametrize(("column", "value", "rows"), [
    ("who", "Bob", [0]), ("who", "Ann", [0, 1]), ("who", "Ann; Bob", [0]), ("who", ["Bob", None], [0, 2]),
    ("who", "Bo", []), ("files", "1.png", [0]), ("files", "0.png", [0, 1]), ("tags", "B", [0]), ("seen", "Bob", [0]),
    ("name", "Bob", []), ("name", "Ann; Bob", [0]), ("told", "Bob", []), ("_created_by", "nobody", []),
])  # fmt: skip
@pytest.mark.parametrize("lists", ["tuple", "join"])
def test_where_finds_one_of_several_values(
    crowd: Workspace, column: str, value: object, rows: list[int], lists: Literal["tuple", "join"]
) -> None:
    """Persons, files and options alike, however they are shown; a text of its own is one value."""
    whole = crowd.load("s1", lists=lists)
    assert [*crowd.load("s1", where={column: value}, lists=lists).index] == [*whole.index[rows]]
    assert [*crowd.load("s1", where={column: value}, raw=True).index] == [*whole.index[rows]]


@pytest.mark.parametrize("where", [
    {"tags": "A; B"}, {"tags": lambda column: column == "A; B"}, lambda frame: frame.tags == "A; B",
])  # fmt: skip
def test_where_asks_the_frame_that_load_gives(crowd: Workspace, where: Any) -> None:
    """With joined texts, these are what a value is compared with and what a function is given."""
    frame = crowd.load("s1", lists="join")
    pd.testing.assert_frame_equal(crowd.load("s1", lists="join", where=where), frame[frame.tags == "A; B"])
    assert [*crowd.load("s1", persons="id", where={"who": "ou_1"}).index] == [frame.index[0]]


@pytest.mark.parametrize(("accepted", "failed"), [(["Ann", "Bob"], 0), (["Ann"], 1)])
def test_what_is_expected_of_several_values_is_expected_of_each(
    crowd: Workspace, accepted: list[str], failed: int
) -> None:
    """One of persons whom nobody expects is enough."""
    settings = crowd.root / "larknb.toml"
    before = settings.read_text(encoding="utf-8")
    check = f'\n[[sources.checks]]\ncolumn = "who"\none_of = {json.dumps(accepted)}\n'
    settings.write_text(before + check, encoding="utf-8")
    found = [row.failed for row in crowd.check("s1")]
    settings.write_text(before, encoding="utf-8")
    assert found == [failed]


def test_a_loss_free_frame_becomes_a_workbook(crowd: Workspace, tmp_path: Path) -> None:
    """What Excel has no cell for is written as JSON."""
    crowd.to_excel(crowd.load("s1", raw=True), tmp_path / "raw.xlsx")
    back = pd.read_excel(tmp_path / "raw.xlsx")
    assert len(back) == 3
    assert '"name":"Bob"' in back.to_csv(quotechar="'")


def test_columns_by_name_or_id_in_the_order_asked(synced: Lab) -> None:
    """Names and field_ids may be mixed; an unknown one lists the columns."""
    assert [*synced.workspace.load("s1/people", columns=["age", "fldName"]).columns] == ["age", "name"]
    assert [*synced.workspace.load("s1/people", columns=["age"], raw=True).columns] == ["fldAge"]
    with pytest.raises(NotFound, match="age"):
        synced.workspace.load("s1/people", columns=["agee"])


def test_one_column_as_a_text(synced: Lab) -> None:
    """columns="age" means that column, not three letters."""
    assert [*synced.workspace.load("s1/people", columns="age").columns] == ["age"]


def test_attrs_tell_where_it_comes_from(synced: Lab) -> None:
    """Only str, int and bool, so the frame can be written to Parquet; stale says that it is old."""
    frame = synced.workspace.load("s1/people")
    facts = frame.attrs["larknb"]
    assert {type(value) for value in facts.values()} == {str, int, bool}
    assert (facts["source"], facts["table"], facts["stale"]) == ("s1", "people", False)
    assert dt.datetime.fromisoformat(facts["synced_at"]).timestamp() == synced.clock.now
    frame.to_parquet(synced.workspace.root / "copy.parquet")
    synced.clock.advance(3600)
    assert synced.workspace.load("s1/people").attrs["larknb"]["stale"] is True


def test_links_show_text_or_ids(synced: Lab) -> None:
    """The linked rows' primary text by default, their record ids on demand."""
    team = next(iter(synced.teams.rows))
    assert [*synced.workspace.load("s1/people")["team"].iloc[0]] == ["team 0"]
    assert [*synced.workspace.load("s1/people", links="id")["team"].iloc[0]] == [team]


def test_earlier_states(synced: Lab) -> None:
    """By id, time, date, index and 'yesterday'; a moment before the first snapshot is said to be too early."""
    first = synced.workspace.load("s1/people")
    began = synced.clock.now
    synced.later(2 * 86400)
    synced.people.edit(next(iter(synced.people.rows)), {"age": 99})
    synced.workspace.sync(progress=False).raise_for_failures()
    assert synced.workspace.load("s1/people")["age"].iloc[0] == 99
    day = dt.datetime.fromtimestamp(began).date()
    for when in (-2, "yesterday", day, day.isoformat(), dt.datetime.fromtimestamp(began + 1)):
        frame = synced.workspace.load("s1/people", as_of=when)
        pd.testing.assert_frame_equal(frame, first)
    assert synced.workspace.load("s1/people", as_of=-1)["age"].iloc[0] == 99
    with pytest.raises(NotFound, match="oldest"):
        synced.workspace.load("s1/people", as_of=dt.date(2020, 1, 1))
    with pytest.raises(NotFound, match="date or time"):
        synced.workspace.load("s1/people", as_of="last week")


def test_schema(synced: Lab) -> None:
    """Name, field_id, type, dtype and the share of empty cells."""
    columns = {column.name: column for column in synced.workspace.schema("s1/people")}
    assert columns["age"].field_id == "fldAge"
    assert columns["age"].dtype == "float64"
    assert columns["age"].empty == 0.0
    assert columns["team"].type == "SingleLink"


def test_preview(synced: Lab) -> None:
    """The raw head of a table, under the names and types that its columns got."""
    preview = synced.workspace.preview("s1/people")
    frame = preview.to_frame()
    assert frame["fldAge"].tolist()[:3] == ["age", "Number → float64", "0.0"]
    assert "text: person 0" in frame["fldName"].iloc[2]
    assert "Number → float64" in repr(preview)


# --- files of other programs ------------------------------------------------------------------------------------------


def test_the_latest_file_is_the_same_frame(synced: Lab) -> None:
    """Another program that reads the file sees what load gives."""
    path = synced.workspace.paths("s1")["people"]
    pd.testing.assert_frame_equal(pd.read_parquet(path), synced.workspace.load("s1/people"))
    assert Path(synced.workspace.paths("s1").folder) == Path(path).parent


def test_latest_files_are_never_read_by_us(synced: Lab) -> None:
    """Whatever another program does to its file, load gives the snapshot."""
    before = synced.workspace.load("s1/people")
    Path(synced.workspace.paths("s1")["people"]).write_bytes(b"overwritten")
    pd.testing.assert_frame_equal(synced.workspace.load("s1/people"), before)


def test_json_beside_parquet(lab: Lab) -> None:
    """formats = ["parquet", "json"]: UTF-8 records with the same rows."""
    file = lab.workspace.root / "larknb.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("\n\n[[", '\n[cache]\nformats = ["parquet", "json"]\n[[', 1),
        encoding="utf-8",
    )
    lab.workspace.sync(progress=False).raise_for_failures()
    path = Path(lab.workspace.paths("s1")["people"]).with_suffix(".json")
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert len(rows) == 30
    assert rows[0]["name"] == "person 0"


# --- tables of one title ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["x", "x"], ["x", "x (2)"]),
        (["x", "x", "x"], ["x", "x (2)", "x (3)"]),
        (["x", "x", "x (2)"], ["x", "x (3)", "x (2)"]),
        (["x (2)", "x", "x"], ["x (2)", "x", "x (3)"]),
        (["x (2)", "x (2)", "x", "x"], ["x (2)", "x (2) (2)", "x", "x (3)"]),
        (["guide.md", "guide.md"], ["guide.md", "guide.md (2)"]),
    ],
)
@pytest.mark.parametrize("kind", ["base", "sheets", "document"])
def test_tables_of_one_title_are_told_apart(
    tmp_path: Path, box: Sandbox, clock: Clock, kind: str, titles: list[str], names: list[str]
) -> None:
    """Each has a name of its own in tables, paths and load; no number meets a real title, nor a file of a document."""
    workspace = of_titles(tmp_path, box, clock, kind, titles)
    files = {"guide.md", "guide.json"} if kind == "document" else set()
    if {*titles} & files:
        names = ["guide.md (2)", "guide.md (3)"]
    tables, paths = workspace.tables("s1"), workspace.paths("s1")
    assert ({*tables}, {*paths}) == ({*names}, {*names} | files)
    for number, name in enumerate(names):
        for frame in (tables[name], workspace.load(f"s1/{name}"), pd.read_parquet(paths[name])):
            assert frame["n"].tolist() == [str(number)]
        assert workspace.load("s1", name).attrs["larknb"]["table"] == name


def of_titles(root: Path, box: Sandbox, clock: Clock, kind: str, titles: list[str]) -> Workspace:
    """Return a workspace whose one source has these tables; each holds its number."""
    token = f"Tok{kind.title()}00000000000000000000"[:27]
    if kind == "sheets":
        book = box.tenant.add_spreadsheet("book", token=token)
        for number, title in enumerate(titles):
            book.add_sheet(title, [["n"], [str(number)]], f"sheet{number}", 20, 4)
        lab = open_lab(root, box, clock, f"{box.url}/sheets/{token}", book)
    else:
        base = box.tenant.add_base("base", app_token="AppTitles0000000000000001", embedded=kind == "document")
        made = [base.add_table(title, [Field("n", 1, is_primary=True)]) for title in titles]
        for number, table in enumerate(made):
            table.add({"n": text(str(number))})
        lab = open_lab(root, box, clock, f"{box.url}/base/{base.app_token}", base)
        if kind == "document":
            inside = [blocks.bitable(base, table) for table in made]
            document = box.tenant.add_document("guide", inside, document_id=token)
            lab = open_lab(root, box, clock, f"{box.url}/docx/{token}", document)
    lab.workspace.sync(progress=False).raise_for_failures()
    return lab.workspace


def test_a_table_that_is_gone_leaves_its_name(synced: Lab) -> None:
    """The table of today has the plain name; the old one of that title has a number."""
    synced.base.tables.remove(synced.people)
    table = synced.base.add_table("people", [Field("n", 1, is_primary=True)])
    table.add({"n": text("new")})
    synced.later()
    synced.workspace.sync(progress=False)
    assert synced.workspace.load("s1/people")["n"].tolist() == ["new"]
    assert len(synced.workspace.load("s1/people (2)")) == 30


# --- read -------------------------------------------------------------------------------------------------------------


def test_read_needs_no_configuration(synced: Lab) -> None:
    """A bare URL is synced and loaded; a second read of a young one costs nothing."""
    base = synced.box.tenant.add_base("other", app_token="AppOther00000000000000001")
    base.add_table("t", [Field("n", 1, is_primary=True)], table_id="tblOther").add({"n": text("a")})
    url = f"{synced.box.url}/base/AppOther00000000000000001?table=tblOther"
    assert len(synced.workspace.read(url)) == 1
    synced.box.journal.clear()
    assert len(synced.workspace.read(url)) == 1
    assert synced.requests() == []
    assert len(synced.workspace.load("other")) == 1
    assert len(synced.workspace.sources()) == 1


def test_reading_two_tables_of_one_base_gives_each(synced: Lab) -> None:
    """Unconfigured, two addresses of one base: each gives the table that it names."""
    base = synced.box.tenant.add_base("other", app_token="AppOther00000000000000001")
    for name in ("one", "two"):
        table = base.add_table(name, [Field("n", 1, is_primary=True)], table_id=f"tbl{name}")
        table.add({"n": text(name)})
    for name in ("one", "two", "one"):
        frame = synced.workspace.read(f"{synced.box.url}/base/AppOther00000000000000001?table=tbl{name}")
        assert frame["n"].tolist() == [name]


def test_read_syncs_a_stale_source(synced: Lab) -> None:
    """A configured name: looked at when it is old, not when it is young."""
    synced.later(10)
    synced.workspace.read("s1/people")
    assert synced.requests() == []
    synced.later()
    synced.workspace.read("s1/people")
    assert synced.requests() == ["metas", "tables"]


def test_read_raises_what_went_wrong(synced: Lab) -> None:
    """Fresh data or an error; load still gives the cache."""
    synced.later()
    synced.box.faults.add(Fault.reply(500, {"code": 1255001, "msg": "x"}), endpoint="tables", times=None)
    with pytest.raises(ApiError, match="1255001"):
        synced.workspace.read("s1/people")
    assert len(synced.workspace.load("s1/people")) == 30


# --- sync -------------------------------------------------------------------------------------------------------------


def test_progress_reaches_a_callable(lab: Lab) -> None:
    """Each source begins, reads its tables, and ends."""
    steps: list[Progress] = []
    lab.workspace.sync(progress=steps.append)
    assert (steps[0].done, steps[0].total) == (0, 1)
    assert any(step.table == "people" and step.rows == step.rows_total == 30 for step in steps)
    assert (steps[-1].done, steps[-1].state) == (1, "done")


def test_misfits_are_counted(lab: Lab, clock: Clock) -> None:
    """A value that fits no type is kept in _extra, counted, and its column named with what it looks like."""
    lab.people.add({"name": text("odd"), "age": Raw("old enough")})
    report = lab.workspace.sync(progress=False).raise_for_failures()
    (problem,) = (row.problem for row in report if row.table == "people")
    told = 'Column age: 1 value could not be recognized (such as "old enough"); the originals are in _extra'
    assert problem == told
    raw = lab.workspace.load("s1/people", raw=True)
    assert raw["_extra"].dropna().tolist() == ['{"fldAge":"old enough"}']


CLOSED = Fault.reply(200, {"code": 0, "data": {"metas": [], "failed_list": [{"token": "AppStaff000000000000000001",
                                                                             "code": 970003}]}})  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "endpoint"),
    [
        (CLOSED, "metas"),
        (Fault.reply(400, {"code": 99991672, "msg": "no scope"}), "tables"),
        (Fault.reply(403, {"code": 91403, "msg": "Forbidden"}), "tables"),
        (Fault.reply(500, {"code": 1255001, "msg": "x"}), "search"),
    ],
    ids=["gate", "scope", "access", "server"],
)
def test_whatever_refuses_a_source_names_it(lab: Lab, fault: Fault, endpoint: str) -> None:
    """The first failure that is raised says which source it is about, the gate's too."""
    lab.box.faults.add(fault, endpoint=endpoint, times=None)
    report = lab.workspace.sync(progress=False)
    assert [error.source.split(", ")[0] for error in report.errors.values() if isinstance(error, LarkError)] == ["s1"]
    with pytest.raises(LarkError, match="Source: s1"):
        report.raise_for_failures()


def test_a_full_disk_keeps_the_old_state(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source fails with a message about the disk, and the old state reads."""
    before = synced.workspace.load("s1/people")
    synced.later()
    synced.people.edit(next(iter(synced.people.rows)), {"age": 99})
    real = os.fsync

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = synced.workspace.sync(progress=False)
    monkeypatch.setattr(os, "fsync", real)
    assert "No space left" in report[0].problem
    pd.testing.assert_frame_equal(synced.workspace.load("s1/people"), before)
    assert synced.workspace.sync(progress=False, force=True).ok


# --- history -----------------------------------------------------------------------------------------------------


def test_deleted_rows_are_found(lab: Lab) -> None:
    """Each as it was last, with the last snapshot that has it; a row that is there again is not deleted."""
    sync(lab)
    first, second, *_ = lab.people.rows
    lab.people.delete(first)
    sync(lab.later(), force=True)
    lab.people.edit(second, {"age": 77})
    sync(lab.later(), force=True)
    lab.people.delete(second)
    sync(lab.later(), force=True)
    history = lab.workspace.history("s1")
    gone = pickle.loads(pickle.dumps(history)).removed("people")
    assert gone.index.to_list() == [second, first]
    assert gone["age"].to_list() == [77, 0]
    assert gone["_last_in"].to_list() == [history[1].snapshot, history[3].snapshot]
    assert lab.workspace.history("s1").removed("teams").empty


def test_the_state_when_a_run_began(lab: Lab) -> None:
    """A run's id, as `lk.runs` shows it: what was current then, not what the run itself read."""
    sync(lab)
    lab.later()
    folder = lab.workspace.settings.work / "runs" / "night"
    folder.mkdir(parents=True)
    result = RunResult("night.ipynb", "", "ok", started_at=lab.clock() + 0.5)
    write(folder / "20990101T000000Z.ipynb", RunRecord.of(result))
    lab.people.add({"name": text("new"), "age": 99})
    sync(lab.later(30), force=True)
    for name in ("20990101T000000Z", "night/20990101T000000Z"):
        assert len(lab.workspace.load("s1/people", as_of=name)) == 30
