"""Reading the edited rows alone: what it takes, and whatever happens, the right rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from larknb.api.client import LarkClient
from larknb.errors import LarkError
from larknb.sandbox import Fault, Field, Raw, Sandbox
from tests.conftest import Clock, Person, text

from .desks import BASE, BaseDesk, Shelf

HOUR = 3600.0
PAGE = 5
ROWS = 40
FIELDS = [
    Field("name", 1, field_id="fldName", is_primary=True),
    Field("age", 2, field_id="fldAge"),
    Field("state", 3, field_id="fldState", property={"options": [{"id": "opt1", "name": "open"}]}),
    Field("modified", 1002, field_id="fldModified"),
]


class EditDesk(BaseDesk):
    """A base whose rows are edited while the clock goes on; pages are small."""

    page = PAGE
    clock: Clock

    def ms(self, seconds: float) -> int:
        """A time in milliseconds, so many seconds from now."""
        return int((self.clock() + seconds) * 1000)

    def id(self, place: int) -> str:
        return [*self.people.rows][place]

    def edit(self, *places: int, at: float = 0.0, **cells: Any) -> None:
        """Edit rows at once; ``at`` is by how much the platform's clock is wrong."""
        for place in places:
            self.people.edit(self.id(place), cells or {"age": 1000 + place})
            if at:
                self.people.set_history(self.id(place), modified_time=self.ms(at))

    def add(self, *names: str) -> None:
        self.people.add_many([{"name": text(name), "state": "open"} for name in names])

    @property
    def searched(self) -> list[bool]:
        """Whether each search was a sorted one."""
        return ["sort" in call.body for call in self.box.journal if call.endpoint == "search"]

    @property
    def read_incrementally(self) -> bool:
        return "tblPeople" in self.learned.incremental

    def kept(self) -> dict[str, dict[str, Any]]:
        return rows_of(self.shelf)

    def there(self) -> dict[str, dict[str, Any]]:
        """What somebody reads who reads all."""
        other = EditDesk(self.box, self.client, self.waits, Shelf(self.shelf.folder), self.made)
        other.page = 500
        other.read_all(full=True)
        return rows_of(other.shelf)


def rows_of(shelf: Shelf) -> dict[str, dict[str, Any]]:
    return {row["_record_id"]: row for row in shelf.batches["tblPeople"].to_pylist()}


@pytest.fixture
def client(box: Sandbox, waits: list[float]) -> Iterator[LarkClient]:
    """Somebody whose login lasts longer than the clock goes on."""
    box.access_lifetime = 1e9
    client = LarkClient(box.url, Person(box.sign_in()["access_token"]), sleep=waits.append)
    yield client
    client.close()


def open_desk(box: Sandbox, client: LarkClient, folder: Path, clock: Clock, rows: int) -> EditDesk:
    """A table of rows, each edited in another minute, that was read an hour after the last edit, an hour ago."""
    box.tenant.bases.clear()
    base = box.tenant.add_base("staff", app_token=BASE)
    people = base.add_table("people", FIELDS, table_id="tblPeople")
    for number in range(rows):
        people.add({"name": text(f"person {number}"), "age": number, "state": "open"})
        clock.advance(60)
    found = EditDesk(box, client, [], Shelf(folder), base, options={"incremental": True})
    found.clock = clock
    clock.advance(HOUR)
    found.page = 500
    found.read_all(full=True)
    found.page = PAGE
    clock.advance(HOUR)
    return found


@pytest.fixture
def new_desk(box: Sandbox, client: LarkClient, tmp_path: Path, clock: Clock) -> Callable[[int], EditDesk]:
    """Makes a desk with so many rows, in place of any before."""
    return lambda rows: open_desk(box, client, tmp_path, clock, rows)


@pytest.fixture
def desk(new_desk: Callable[[int], EditDesk]) -> EditDesk:
    return new_desk(ROWS)


def ordered(desk: EditDesk) -> list[str]:
    return [str(name) for name in desk.shelf.record_ids("tblPeople").to_pylist()]


# --- what it costs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("edited", "pages"), [(1, 1), (4, 1), (5, 2), (9, 2), (10, 3)])
def test_an_edit_costs_what_it_weighs(desk: EditDesk, edited: int, pages: int) -> None:
    """As many pages as hold the edited rows and one more, none asked for in advance; all else as ever."""
    desk.edit(*range(edited))
    look = desk.look()
    assert desk.requests() == ["tables"]
    desk.read(look)
    assert desk.requests() == ["fields", *["search"] * pages, "tables"]
    assert desk.learned.incremental == {"tblPeople": edited}
    assert desk.kept() == desk.there()


def test_what_a_sorted_search_asks(desk: EditDesk) -> None:
    """By the column that tells the modify time, newest first, with the automatic columns."""
    desk.edit(3)
    desk.read_all()
    (call,) = [call for call in desk.box.journal if call.endpoint == "search"]
    assert call.body == {"automatic_fields": True, "sort": [{"field_name": "modified", "desc": True}]}


def test_rows_stay_where_they_were(desk: EditDesk) -> None:
    """Edited rows keep their places, new ones follow in the order in which they were made."""
    desk.edit(30, 2)
    desk.add("x")
    desk.clock.advance(5)
    desk.add("y")
    desk.read_all()
    assert desk.read_incrementally
    assert ordered(desk) == [*desk.people.rows]


def test_the_next_read_begins_where_this_one_began(desk: EditDesk) -> None:
    """Edit by edit, a page each."""
    for place in (7, 8, 9):
        desk.edit(place)
        desk.clock.advance(HOUR)
        desk.read_all()
        assert desk.searched == [True]
    assert desk.kept() == desk.there()


# --- whatever happens -----------------------------------------------------------------------------------------------

Event = Callable[[EditDesk], object]


def delete(desk: EditDesk, place: int = 20) -> str:
    record_id = desk.id(place)
    desk.people.delete(record_id)
    return record_id


def put_back(desk: EditDesk, place: int = 20) -> None:
    """A row leaves and comes back."""
    desk.people.add({"name": text("back")}, delete(desk, place))


def change_places(desk: EditDesk) -> None:
    """A row goes, and one that was not there comes with a time that is long past: as many as before."""
    delete(desk, ROWS - 2)
    record_id = desk.people.add({"name": text("restored")})
    desk.people.set_history(record_id, modified_time=desk.ms(-9 * HOUR))
    desk.edit(0)


EVENTS: dict[str, tuple[list[Event], bool]] = {
    "an edit": ([lambda desk: desk.edit(0)], True),
    "a new row": ([lambda desk: desk.add("new")], True),
    "edits and new rows": ([lambda desk: desk.edit(*range(7)), lambda desk: desk.add("a", "b")], True),
    "every row": ([lambda desk: desk.edit(*range(ROWS))], True),
    "an edit that was undone": ([lambda desk: desk.edit(3), lambda desk: desk.edit(3, age=3)], True),
    "two edits in one second": ([lambda desk: desk.edit(3), lambda desk: desk.edit(3, 4, age=5)], True),
    "a clock that is behind": ([lambda desk: desk.edit(3, at=-HOUR - 20)], True),
    "a clock that is ahead": ([lambda desk: desk.edit(3, at=HOUR), lambda desk: desk.edit(4)], True),
    "a row that leaves and comes back": ([put_back], True),
    "a deletion": ([delete], False),
    "a deletion and an edit": ([delete, lambda desk: desk.edit(0)], False),
    "a deletion and a new row": ([delete, lambda desk: desk.add("new")], False),
    "the row edited last goes, an old one comes": ([change_places], False),
    "an edit, and one without a time": (
        [lambda desk: desk.edit(0), lambda desk: desk.people.set_quietly(desk.id(ROWS - 1), {"age": 7})], False),
    "no row": ([lambda desk: desk.people.add_view("mine")], False),
    "a column renamed": ([lambda desk: desk.edit(0), lambda desk: desk.people.rename_field("fldAge", "years")], False),
    "the column of times renamed": ([lambda desk: desk.people.rename_field("fldModified", "when")], False),
    "a column retyped": ([lambda desk: desk.edit(0), lambda desk: desk.people.change_field("fldAge", type=1)], False),
    "a column added": (
        [lambda desk: desk.people.add_field(Field("more", 1)), lambda desk: desk.edit(0, more=text("m"))], False),
    "a column deleted": ([lambda desk: desk.edit(0), lambda desk: desk.people.delete_field("fldAge")], False),
    "an option renamed": (
        [lambda desk: desk.edit(0), lambda desk: desk.people.rename_option("fldState", "open", "done")], False),
    "the table renamed": ([lambda desk: desk.edit(0), lambda desk: desk.people.rename("staff")], False),
    "a column that tells another time": (
        [lambda desk: desk.edit(0, 1),
         lambda desk: desk.people.set_quietly(desk.id(0), {"modified": Raw(desk.ms(-600))})], False),
}  # fmt: skip


@pytest.mark.parametrize(("events", "incremental"), EVENTS.values(), ids=EVENTS)
def test_the_right_rows_or_a_whole_read(desk: EditDesk, events: list[Event], incremental: bool) -> None:
    """Whatever was edited, the kept rows are those of the server, and never a mix."""
    for event in events:
        event(desk)
    desk.clock.advance(60)
    desk.read_all()
    assert desk.searched[0] or not incremental
    assert desk.read_incrementally is incremental
    assert desk.kept() == desk.there()


@pytest.mark.parametrize("after", [0, 30])
def test_an_edit_in_the_second_of_the_last_read(desk: EditDesk, after: float) -> None:
    """The row was edited, read, and edited again, and its time stands still."""
    desk.edit(3)
    desk.read_all()
    desk.people.set_quietly(desk.id(3), {"age": 77})
    desk.clock.advance(after)
    desk.edit(4)
    desk.read_all()
    assert desk.searched == [True]
    assert desk.kept() == desk.there()


# --- what the server answers ----------------------------------------------------------------------------------------


def altered(change: Callable[[dict[str, Any]], object]) -> Fault:
    """An answer whose data are changed."""

    def change_body(body: bytes) -> bytes:
        answer = orjson.loads(body)
        change(answer["data"])
        return orjson.dumps(answer)

    return Fault.alter(change_body)


def without_times(data: dict[str, Any]) -> None:
    del data["items"][-1]["last_modified_time"]


ANSWERS: dict[str, Fault] = {
    "the sort is refused": Fault.reply(None, 1254016),
    "a column is unknown": Fault.reply(None, 1254045),
    "the page is too large": Fault.reply(None, 1254030),
    "the sort is ignored": altered(lambda data: data["items"].reverse()),
    "another total": altered(lambda data: data.update(total=ROWS + 1)),
    "no total": altered(lambda data: data.pop("total")),
    "a row twice": altered(lambda data: data["items"].append(data["items"][0])),
    "a row too few": altered(lambda data: data["items"].pop(1)),
    "no rows": altered(lambda data: data.update(items=[])),
    "a row without a time": altered(without_times),
    "a row without the column of times": altered(lambda data: data["items"][0]["fields"].pop("modified")),
    "a column that nobody knows": altered(lambda data: data["items"][0]["fields"].update(surprise=1)),
    "nothing": Fault.reply(200, {"code": 0, "data": {}}),
}


@pytest.mark.parametrize("fault", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_proves_nothing(desk: EditDesk, fault: Fault) -> None:
    """The table is read whole then; its columns are not listed twice for that."""
    desk.edit(3)
    desk.box.faults.add(fault, "search")
    desk.read_all()
    assert desk.searched.count(True) <= 2
    assert desk.searched.count(False) == ROWS // PAGE
    assert desk.requests().count("fields") == 1
    assert not desk.read_incrementally
    assert desk.kept() == desk.there()


@pytest.mark.parametrize("event", [delete, lambda desk: desk.edit(39), lambda desk: desk.add("late"), put_back])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_changes_during_the_read(desk: EditDesk, event: Event, after: int) -> None:
    """Before the first page, between two, or after the last one: the table is read whole, and again the next time."""
    desk.edit(*range(7))
    look = desk.look()
    desk.meanwhile(lambda: event(desk), "search" if after < 2 else "tables", after=after % 2)
    desk.read(look)
    assert not desk.read_incrementally
    assert desk.kept() == desk.there()
    assert desk.learned.again == ("tblPeople",)
    desk.read_all()
    assert not any(desk.searched)


def untimed(data: dict[str, Any]) -> None:
    """Rows that were never edited tell no modify time."""
    for item in data["items"]:
        if item["last_modified_time"] == item["created_time"]:
            del item["last_modified_time"], item["fields"]["modified"]


def test_rows_that_were_never_edited(desk: EditDesk) -> None:
    """Whether they tell a modify time is not documented. Without one nobody sees that one went and another one came."""
    desk.box.faults.add(altered(untimed), "search", times=None)
    desk.edit(7)
    desk.read_all(full=True)
    desk.clock.advance(HOUR)
    desk.edit(3)
    delete(desk, 9)
    desk.people.add({"name": text("new")})
    desk.read_all()
    assert not desk.read_incrementally
    assert desk.kept() == desk.there()


# --- where it does not apply ----------------------------------------------------------------------------------------

FILTER = {"conjunction": "and", "conditions": [{"field_name": "age", "operator": "isGreater", "value": ["3"]}]}


@pytest.mark.parametrize("options", [{"filter": FILTER}, {"fields": ["name", "age"]}, {"incremental": False}])
def test_options_that_keep_it_out(desk: EditDesk, options: dict[str, Any]) -> None:
    """Rows leave a filter without being edited, and without the column there is no order."""
    desk.options |= options
    desk.read_all(force=True)
    desk.edit(3)
    desk.read_all()
    assert not any(desk.searched)
    assert desk.shelf.rows("tblPeople") == (ROWS - 3 if "filter" in options else ROWS)


def test_chosen_columns(desk: EditDesk) -> None:
    """They are asked for by the names that they have now, and the others do not come along."""
    desk.options["fields"] = ["age", "modified"]
    desk.read_all(force=True)
    desk.people.rename_field("fldAge", "years")
    desk.read_all()
    desk.clock.advance(HOUR)
    desk.edit(3, years=77)
    desk.read_all()
    (call,) = [call for call in desk.box.journal if call.endpoint == "search"]
    assert call.body["field_names"] == ["years", "modified"]
    assert desk.read_incrementally
    assert [row["fldAge"] for row in desk.kept().values()] == [*range(3), 77, *range(4, ROWS)]
    assert "fldName" not in desk.shelf.schema("tblPeople").names


def test_a_view_keeps_it_out(desk: EditDesk) -> None:
    """The server would leave it aside in a sorted search."""
    desk.options |= {"tables": ["people"], "view": desk.people.add_view("some", record_ids=[*desk.people.rows][:7])}
    desk.read_all()
    desk.edit(3)
    desk.read_all()
    assert not any(desk.searched)
    assert desk.shelf.rows("tblPeople") == 7


def test_advanced_permissions_keep_it_out(desk: EditDesk) -> None:
    """Rows are hidden or shown there without being edited."""
    desk.base.is_advanced = True
    desk.box.roles.add(desk.box.tenant.users[0].open_id)
    desk.read_all(full=True)
    desk.edit(3)
    desk.read_all()
    assert not any(desk.searched)


def link(number: int, table_id: str) -> Field:
    return Field("link", number, property={"multiple": True, "table_id": table_id})


def formula(expression: str) -> Field:
    return Field("more", 20, property={"formula_expression": expression})


def lookup(table_id: str | None, value: list[str] | None = None) -> Field:
    conditions = [{"field_id": "fldDay", "operator": "is", "value": value}] if value else []
    about = {"target_table": table_id, "filter_info": {"conjunction": "and", "conditions": conditions}}
    return Field("more", 19, property={"filter_info": about, "target_field": "fldTitle"})


OWN, OTHER = "bitable::$table[tblPeople]", "tblTeams"
COLUMNS: dict[str, tuple[Field, bool, bool]] = {
    "a link": (link(18, OTHER), True, False),
    "a two-way link": (link(21, OTHER), True, False),
    "a link to itself": (link(18, "tblPeople"), True, True),
    "a two-way link to itself": (link(21, "tblPeople"), False, False),
    "a lookup there": (lookup(OTHER), True, False),
    "a lookup in itself": (lookup("tblPeople"), False, False),
    "a lookup somewhere": (lookup(None), False, False),
    "a formula": (formula(f"{OWN}.$field[fldAge]*2"), True, False),
    "a formula that nobody tells": (Field("more", 20), True, False),
    "a formula over all rows": (formula(f"{OWN}.$column[fldAge].SUM()"), False, False),
    "a formula over some rows": (formula(f"{OWN}.FILTER(CurrentValue.$column[fldAge]>1).COUNTA()"), False, False),
    "a formula over the table": (formula(f"{OWN}.COUNTA()"), False, False),
    "a formula of the day": (formula(f"IF({OWN}.$field[fldAge]<today (),1,2)"), False, False),
    "a formula by chance": (formula("RANDOMBETWEEN(1,6)"), False, False),
    "a formula with a word like it": (formula(f'{OWN}.$field[fldToday]&"NOW"'), True, False),
    "a lookup of the day": (lookup(OTHER, ["Today"]), False, False),
    "a lookup of this week": (lookup(OTHER, ["TheNextWeek"]), False, False),
    "a lookup of a date": (lookup(OTHER, ["ExactDate", "1702449755000"]), True, False),
}


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize(("column", "alone", "beside"), COLUMNS.values(), ids=COLUMNS)
def test_columns_that_tell_of_other_rows(desk: EditDesk, column: Field, alone: bool, beside: bool, moved: bool) -> None:
    """They may change without an edit of their row: with that of another row, or of another table that moved."""
    teams = desk.base.add_table("teams", [Field("title", 1)], table_id=OTHER)
    desk.people.add_field(column)
    desk.read_all()
    desk.edit(3)
    if moved:
        teams.add({"title": text("motors")})
    desk.read_all()
    assert desk.read_incrementally is (beside if moved else alone)


def test_computed_always_reads_all(desk: EditDesk) -> None:
    """Then each look reads a column of all rows anyway."""
    desk.people.add_field(Field("more", 20))
    desk.options["computed"] = "always"
    desk.read_all()
    desk.edit(3)
    desk.read_all()
    assert not any(desk.searched)


def fill(desk: EditDesk, *, over: float = 0.0, after: float = 10.0) -> None:
    """Edit all rows, half of them later, and read them soon after that."""
    desk.edit(*range(ROWS // 2))
    desk.clock.advance(over)
    desk.edit(*range(ROWS // 2, ROWS))
    desk.clock.advance(after)
    desk.read_all()
    assert desk.read_incrementally
    desk.clock.advance(HOUR)


def test_a_table_that_was_filled_just_before_its_last_read(desk: EditDesk) -> None:
    """One page more, the oldest rows, shows that no clock was behind; later edits need it no more."""
    fill(desk)
    desk.edit(3)
    desk.read_all()
    assert desk.searched == [True, True]
    assert desk.read_incrementally
    assert desk.kept() == desk.there()
    desk.clock.advance(HOUR)
    desk.edit(4)
    desk.read_all()
    assert desk.searched == [True]


JUST_BEFORE: dict[str, tuple[dict[str, float], list[tuple[int, float]], int]] = {
    "a clock that is behind": ({}, [(3, 0.0), (9, -HOUR - 20)], 2),
    "that clock alone": ({}, [(9, -HOUR - 20)], 1),
    "filled over some seconds": ({"over": 3}, [(3, 0.0)], 2),
    "within the lag of replicas": ({"after": 5}, [(3, 0.0)], 0),
}


@pytest.mark.parametrize(("filled", "edits", "tried"), JUST_BEFORE.values(), ids=JUST_BEFORE)
def test_a_table_that_may_hide_an_edit(
    desk: EditDesk, filled: dict[str, float], edits: list[tuple[int, float]], tried: int
) -> None:
    """A row edited among those that were modified just before they were read: all are read then."""
    fill(desk, **filled)
    for place, at in edits:
        desk.edit(place, at=at)
    desk.read_all()
    assert desk.searched.count(True) == tried
    assert not desk.read_incrementally
    assert desk.kept() == desk.there()


def test_kept_rows_that_cannot_be_read(desk: EditDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk gives them back otherwise than they were written."""

    def damaged(*_: object) -> Iterator[Any]:
        raise OSError("the checksum differs")

    desk.edit(3)
    look = desk.look()
    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "row_groups", damaged)
        desk.read(look)
    assert not any(desk.searched)
    assert desk.kept() == desk.there()


def test_a_server_without_a_clock(desk: EditDesk) -> None:
    """Nobody could say since when rows were edited."""
    desk.shelf.state = {key: value for key, value in desk.shelf.state.items() if key != "proven"}
    desk.edit(3)
    desk.read_all()
    assert not any(desk.searched)
    assert desk.shelf.state["proven"].keys() == {"tblPeople"}


# --- any sequence of edits ------------------------------------------------------------------------------------------


class Story:
    """Edits of a table, told by numbers: each event takes those that it needs."""

    def __init__(self, desk: EditDesk, numbers: Iterator[int]) -> None:
        self.desk, self.numbers, self.made = desk, numbers, 0
        self.stands_still = True  # for the next read

    def place(self) -> int:
        return next(self.numbers) % len(self.desk.people.rows)

    def edit(self) -> None:
        self.desk.edit(self.place(), age=next(self.numbers))

    def edit_twice(self) -> None:
        place = self.place()
        self.desk.edit(place, age=next(self.numbers))
        self.desk.edit(place, name=text(str(next(self.numbers))))

    def edit_many(self) -> None:
        self.desk.edit(*{self.place() for _ in range(6)}, age=next(self.numbers))

    def edit_all(self) -> None:
        self.desk.edit(*range(len(self.desk.people.rows)), age=next(self.numbers))

    def edit_another_table(self) -> None:
        """What looks it up reads otherwise, although nobody edited it."""
        teams, number = self.desk.base.table("teams"), next(self.numbers)
        teams.edit("recTeam", {"title": text(str(number))})
        for record_id in self.desk.people.rows:
            self.desk.people.set_quietly(record_id, {"more": {"type": 2, "value": [number]}})

    def edit_by_a_wrong_clock(self) -> None:
        self.desk.edit(self.place(), age=next(self.numbers), at=next(self.numbers) % 40 - 20)

    def add(self) -> None:
        self.made += 1
        self.desk.add(f"new {self.made}")

    def delete(self) -> None:
        if len(self.desk.people.rows) > 3:
            delete(self.desk, self.place())

    def put_back(self) -> None:
        put_back(self.desk, self.place())

    def rename(self) -> None:
        self.desk.people.rename_field("fldAge", f"age {next(self.numbers)}")
        self.desk.people.rename_field("fldAge", "age")

    def rename_option(self) -> None:
        declared = self.desk.people.field("fldState").property or {}
        self.desk.people.rename_option("fldState", declared["options"][0]["name"], f"state {next(self.numbers)}")

    def wait(self) -> None:
        self.desk.clock.advance((0, 1, 10, 40, HOUR)[next(self.numbers) % 5])

    def edit_during_the_read(self) -> None:
        event = (self.edit, self.add, self.delete, self.put_back)[next(self.numbers) % 4]
        self.desk.meanwhile(event, "search", after=next(self.numbers) % 2)
        self.stands_still = False

    def fail(self) -> None:
        fault = ANSWERS[("the page is too large", "the sort is refused", "another total", "nothing")[self.place() % 4]]
        self.desk.box.faults.add(fault, "search", after=next(self.numbers) % 3)

    def read(self) -> None:
        stood_still, self.stands_still = self.stands_still, True
        try:
            self.desk.read_all()
        except LarkError:  # what was kept stays
            return
        finally:
            self.desk.box.faults.clear()
        if stood_still:
            assert self.desk.kept() == self.desk.there()


TOLD = [name for name in vars(Story) if not name.startswith("_") and name != "place"]
STORIES = {"events": st.lists(st.sampled_from([*TOLD, "read", "wait"]), max_size=12), "seed": st.integers(0, 10**9)}
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def tell(desk: EditDesk, events: list[str], seed: int) -> None:
    chance = random.Random(seed)
    desk.base.add_table("teams", [Field("title", 1)], table_id=OTHER).add({"title": text("motors")}, "recTeam")
    desk.people.add_field(lookup(OTHER))
    story = Story(desk, iter(lambda: chance.randrange(1_000_000), None))
    for event in [*events, "read", "read"]:
        getattr(story, event)()
    assert desk.kept() == desk.there()


@settings(max_examples=10, suppress_health_check=QUIET)
@given(**STORIES)
def test_any_sequence_of_edits(new_desk: Callable[[int], EditDesk], events: list[str], seed: int) -> None:
    """What is kept after each read that stood still is what somebody reads who reads all."""
    tell(new_desk(12), events, seed)


@pytest.mark.soak
@settings(max_examples=100, suppress_health_check=QUIET)
@given(**STORIES)
def test_many_sequences_of_edits(new_desk: Callable[[int], EditDesk], events: list[str], seed: int) -> None:
    """The same, with more luck."""
    tell(new_desk(25), events, seed)
