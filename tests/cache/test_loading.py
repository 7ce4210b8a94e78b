"""What is made of the files of a source, also while a sync in another process replaces and deletes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from larknb.cache import history
from larknb.cache.cached import SourceCache
from larknb.cache.loading import columns, document, frame, grid, preview, raw_frame
from larknb.cache.store import Cache
from larknb.errors import LarkError, NotFound, WrongKind
from larknb.model import USUAL, Shown
from larknb.sandbox import Sandbox
from larknb.sandbox.blocks import text as paragraph
from tests.conftest import Clock, Lab, open_lab, sign_in, text

from . import taking
from .taking import NOW, batch, holding, info, linked, take

DAY = 86400.0


def sync(lab: Lab) -> None:
    lab.workspace.sync(progress=False).raise_for_failures()


def opened(lab: Lab) -> SourceCache:
    """Open the one source as a reader does, its manifest read now."""
    return next(iter(Cache(lab.workspace.settings.cache_dir).sources.values()))


def add_a_row(lab: Lab, *, later: float = 3600.0) -> None:
    """Let a sync replace the files of the table; after a long while an earlier one has seen that it is that late."""
    if later > DAY:
        look_much_later(lab, later)
    lab.people.add({"name": text("new"), "age": 99})
    lab.later()
    sync(lab)


def look_much_later(lab: Lab, later: float) -> None:
    """Let a sync find nothing new after a long while; somebody has to log in again."""
    lab.later(later)
    sign_in(lab.workspace, lab.box)
    sync(lab)


# --- frames ---------------------------------------------------------------------------------------------------------


def test_columns_by_name_or_by_id(cached: SourceCache) -> None:
    """In the order asked; of the raw form as well."""
    take(cached, NOW, batch(info(), 3))
    assert [*frame(cached, "tblA", ["fldF", "name"]).columns] == ["sum", "name"]
    assert [*raw_frame(cached, "tblA", ["sum", "fldN"]).columns] == ["fldF", "fldN"]


@pytest.mark.parametrize("read", [frame, raw_frame])
def test_a_column_that_does_not_exist(cached: SourceCache, read: Callable[..., object]) -> None:
    """The error names it and the source, and says how to see the columns that there are."""
    take(cached, NOW, batch(info(), 3))
    with pytest.raises(NotFound, match="nope") as caught:
        read(cached, "tblA", ["name", "nope"])
    assert caught.value.source == "功能安全"
    assert "lk.schema" in caught.value.next


def test_a_worksheet_is_a_table(cached: SourceCache) -> None:
    """Its index are the rows of the sheet; the raw form has the types of Arrow; some columns alone can be had."""
    take(cached, NOW, taking.grid())
    assert frame(cached, "sheet1").to_dict("index") == {2: {"名称": "甲", "数量": 1}, 3: {"名称": "乙", "数量": 2}}
    raw = raw_frame(cached, "sheet1", ["数量"])
    assert (raw.index.name, [*raw.columns]) == ("_row", ["数量"])
    assert isinstance(raw["数量"].dtype, pd.ArrowDtype)


def test_each_kind_of_table_has_its_own_calls(cached: SourceCache) -> None:
    """A worksheet is kept as a grid, a table of records is not; neither is a document."""
    take(cached, NOW, taking.grid(), batch(info(), 3))
    assert grid(cached, "sheet1")["title"] == "s"
    with pytest.raises(WrongKind):
        grid(cached, "tblA")
    with pytest.raises(WrongKind):
        document(cached)


def test_the_share_of_empty_cells(cached: SourceCache) -> None:
    """Of records and of worksheets, in an empty table too."""
    take(cached, NOW, batch(info(), 3), taking.grid("s", "sheet1", ["a", "b"], [1, None], [2, 3]))
    assert {column.name: column.empty for column in columns(cached, "tblA")}["name"] == 0.0
    assert [column.empty for column in columns(cached, "sheet1")] == [0.0, 0.5]
    take(cached, NOW + 60, batch(info(), 0))
    assert {column.empty for column in columns(cached, "tblA")} == {None}


def test_a_preview_shows_what_became_of_it(cached: SourceCache) -> None:
    """The raw head of a table of records under names and types, by field_id; of a worksheet by letters."""
    take(cached, NOW, batch(info(), 20), taking.grid())
    records, sheet = preview(cached, "tblA"), preview(cached, "sheet1")
    assert records.columns() == ("row", "use", "fldN", "fldD", "fldF")
    names, types, first, *rest = records.rows()
    assert (names[:3], types[3], first[:3]) == (
        (None, "name", "name"), "DateTime → datetime64[ms]", (1, "data", "[{type: text, text: n0}]"),
    )  # fmt: skip
    assert len(rest) == 7
    assert sheet.columns() == ("row", "use", "A", "B")


def test_a_column_is_given_once_and_those_of_the_system_by_name_alone(cached: SourceCache) -> None:
    """Whoever names it twice, by name and by id, means one; no column has an empty id."""
    take(cached, NOW, batch(info(), 3))
    assert [*frame(cached, "tblA", ["name", "fldN", "sum", "name"]).columns] == ["name", "sum"]
    with pytest.raises(NotFound):
        frame(cached, "tblA", [""])


def test_links_are_told_by_text_or_by_id(cached: SourceCache) -> None:
    """A worksheet has none: it is the same either way."""
    teams, people = info("teams", "tblTeams"), linked("tblTeams")
    record = {"record_id": "rec1", "fields": {"team": {"link_record_ids": ["rec0"]}}}
    take(cached, NOW, batch(teams, 1), holding(people, record), taking.grid())
    shown = [frame(cached, "tblPeople", shown=how)["team"].iloc[0] for how in (USUAL, Shown(links="id"))]
    assert shown == [("n0",), ("rec0",)]
    pd.testing.assert_frame_equal(frame(cached, "sheet1", shown=Shown(links="id")), frame(cached, "sheet1"))


def test_a_preview_tells_cells_without_a_value(cached: SourceCache) -> None:
    """They are empty, and so is a member of a cell that holds nothing; rows count from one."""
    records = [
        {"record_id": "r1", "fields": {}},
        {"record_id": "r2", "fields": {"name": [{"type": "text", "text": "x"}]}},
    ]
    take(cached, NOW, holding(info(), *records))
    shown = preview(cached, "tblA").rows()
    assert [row[:2] for row in shown] == [(None, "name"), (None, "type"), (1, "data"), (2, "data")]
    assert shown[2][2:5] == ("", "", "")
    assert shown[3][2:5] == ("[{type: text, text: x}]", "", "")


# --- earlier states -------------------------------------------------------------------------------------------------


def test_an_older_state_is_made_again_of_its_raw_files(cached: SourceCache) -> None:
    """Its friendly files are gone; frames, some columns of them, and what the columns are, are what they were."""
    take(cached, NOW, batch(info(), 3), taking.grid())
    whole, one = frame(cached, "tblA"), frame(cached, "tblA", ["sum"])
    told = [column.name for column in columns(cached, "tblA")]
    take(cached, NOW + 60, batch(info(), 5), taking.grid("s", "sheet1", ["名称"], ["丙"]))
    earlier = history.at(cached, -2, NOW + 120)
    pd.testing.assert_frame_equal(frame(earlier, "tblA"), whole)
    pd.testing.assert_frame_equal(frame(earlier, "tblA", ["sum"]), one)
    assert [column.name for column in columns(earlier, "tblA")] == told
    assert [*frame(earlier, "sheet1")["名称"]] == ["甲", "乙"]
    assert {column.empty for column in columns(earlier, "sheet1")} == {None}


def test_an_earlier_state_never_turns_into_the_present_one(cached: SourceCache) -> None:
    """Its files went while it was read: that is said, instead of showing today's rows as those of then."""
    table = info()
    for n in range(2):
        take(cached, NOW + 60 * n, batch(table, 3 + n))
    earlier = history.at(cached, -2, NOW + 120)
    (cached.folder / earlier.tables["tblA"].raw).unlink()
    with pytest.raises(NotFound):
        frame(earlier, "tblA")


def test_an_earlier_state_that_went_is_not_found(lab: Lab) -> None:
    """What is current now is another state: it must not stand in for the one that was asked for."""
    sync(lab)
    earlier = history.at(opened(lab), -1, lab.clock())
    add_a_row(lab, later=91 * DAY)
    with pytest.raises(NotFound, match=earlier.snapshot) as caught:
        frame(earlier, "tblPeople")
    assert caught.value.source == "s1"


# --- a sync under a reader ------------------------------------------------------------------------------------------


def test_a_reader_finds_the_files_that_a_sync_replaced(lab: Lab) -> None:
    """The manifest was read before the sync: its friendly file is gone, and the new one is read instead."""
    sync(lab)
    reader = opened(lab)
    add_a_row(lab)
    assert len(frame(reader, "tblPeople")) == 31
    assert frame(reader, "tblPeople", ["name"])["name"].iloc[-1] == "new"


def test_a_reader_of_raw_rows_follows_when_history_is_pruned(lab: Lab) -> None:
    """Raw files live as long as their snapshot; when that goes, the present one is read."""
    sync(lab)
    reader, other = opened(lab), opened(lab)
    add_a_row(lab, later=91 * DAY)
    assert len(raw_frame(reader, "tblPeople")) == 31
    assert {column.empty for column in columns(other, "tblPeople")} == {0.0, 1 / 31}


def test_a_preview_follows_when_history_is_pruned(lab: Lab) -> None:
    """The raw head is looked for once more, too."""
    sync(lab)
    reader = opened(lab)
    add_a_row(lab, later=91 * DAY)
    assert "person 0" in str(preview(reader, "tblPeople").rows())


def replaced(lab: Lab, change: Callable[..., object], *arguments: object) -> None:
    """Let syncs of a much later day replace all files and prune the ones before."""
    look_much_later(lab, 91 * DAY)
    change(*arguments)
    lab.later()
    sync(lab)


@pytest.fixture
def book(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A spreadsheet of one worksheet, synced once."""
    book = box.tenant.add_spreadsheet("book", token="ShtBook0000000000000000001")
    book.add_sheet("data", rows=[["name", "size"], ["a", 1]], sheet_id="sheet1")
    lab = open_lab(tmp_path, box, clock, f"{box.url}/sheets/ShtBook0000000000000000001", book)
    sync(lab)
    return lab


@pytest.fixture
def page(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A document of one paragraph, synced once."""
    page = box.tenant.add_document("guide", [paragraph("old").named("blk1")], "DocGuide0000000000000000001")
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/DocGuide0000000000000000001", page)
    sync(lab)
    return lab


def test_a_reader_of_cells_follows_when_history_is_pruned(book: Lab) -> None:
    """A worksheet is kept as it was received: that file is looked for once more, too."""
    reader = opened(book)
    replaced(book, book.made.sheets[0].set, 3, 1, "b")
    assert "b" in str(grid(reader, "sheet1"))


def test_a_preview_of_cells_follows_with_its_options(book: Lab) -> None:
    """The cells of the new state are told by the options of the new state: its first row is no header."""
    reader = opened(book)
    settings = book.workspace.root / "larknb.toml"

    def change() -> None:
        settings.write_text(settings.read_text(encoding="utf-8") + 'header = "none"\n', encoding="utf-8")
        book.made.sheets[0].set(3, 1, "b")

    replaced(book, change)
    assert [row[1] for row in preview(reader, "sheet1").rows()[2:5]] == ["data", "data", "data"]


def test_a_reader_of_a_document_follows_when_history_is_pruned(page: Lab) -> None:
    """Its text and what a notebook shows of it are those of the new state."""
    reader = opened(page)
    replaced(page, page.made.edit, "blk1", "new")
    told = document(reader)
    assert "new" in told.markdown
    assert "<pre>" not in told._repr_html_(), "it was made of the blocks"


def test_a_document_that_is_open_stays_what_it_was(page: Lab) -> None:
    """Its state was pruned after it was opened: a notebook shows its Markdown, and nothing of a newer state."""
    told = document(opened(page))
    replaced(page, page.made.edit, "blk1", "new")
    shown = told._repr_html_()
    assert "old" in told.markdown
    assert "old" in shown
    assert "new" not in shown


def test_files_that_are_gone_for_good_are_missed(lab: Lab) -> None:
    """One more look, not one after another: whoever deleted them is told so by name."""
    sync(lab)
    reader = opened(lab)
    for path in reader.folder.rglob("*.parquet"):
        path.unlink()
    with pytest.raises(LarkError, match=r"people.*sync s1 --force"):
        frame(reader, "tblPeople")


def test_reading_while_syncing_never_fails(lab: Lab) -> None:
    """A reader that opens once and reads on and on sees every table whole, whatever a sync does meanwhile."""
    sync(lab)
    reader, seen, stop = opened(lab), set(), threading.Event()
    failures: list[Exception] = []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(len(frame(reader, "tblPeople")))
            except Exception as error:  # noqa: BLE001  whatever it is, the test tells it
                failures.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(5):
        add_a_row(lab)
    stop.set()
    thread.join()
    assert not failures
    assert seen <= {*range(30, 36)}
