"""What a visit to a base asks, what it proves, and what it does when a page fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, ConfigError, NotFound
from larknb.readers.base import Look, options_stamp
from larknb.sandbox import Fault, Field, Sandbox
from tests.conftest import text

from .desks import BASE, BaseDesk, Cached, Shelf

APP = BASE


@pytest.fixture
def desk(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> BaseDesk:
    """A base with one table of three rows."""
    base = box.tenant.add_base("staff", app_token=APP)
    fields = [Field("name", 1, field_id="fldName", is_primary=True), Field("age", 2, field_id="fldAge")]
    table = base.add_table("people", fields, table_id="tblPeople")
    table.add_many([{"name": text(f"person {n}"), "age": n} for n in range(3)])
    return BaseDesk(box, client, waits, Shelf(tmp_path), base)


TRIES = 5  # requests that the client makes before it gives a code to the reader


# --- a page token that went stale ---------------------------------------------------------------------------------


def test_a_stale_page_token_pages_from_the_start(desk: BaseDesk) -> None:
    """1254002 on page two, whatever is tried: the first page is asked for again, and every row comes once."""
    desk.people.add_many([{"name": text(f"more {n}")} for n in range(598)])
    desk.fail(1254002, after=1, times=TRIES)
    desk.read_all()
    assert desk.searches() == [(500, True), *[(500, False)] * TRIES, (500, True), (500, False)]
    assert {*desk.shelf.record_ids("tblPeople").to_pylist()} == {*desk.people.rows}
    assert desk.shelf.rows("tblPeople") == 601


def test_a_token_that_is_stale_three_times_fails(desk: BaseDesk) -> None:
    """Three readings in all, and then the platform's own code is told."""
    desk.fail(1254002, times=None)
    with pytest.raises(ApiError) as caught:
        desk.read_all()
    assert caught.value.code == 1254002
    assert len(desk.searches()) == 3 * TRIES


# --- what a look asks and plans -----------------------------------------------------------------------------------


def planned(look: Look) -> dict[str, str]:
    return {plan.table_id: plan.mode for plan in look.plan}


@pytest.fixture
def two(desk: BaseDesk) -> BaseDesk:
    """The same base with a second table, which has a computed column and one row; both were read."""
    fields = [Field("title", 1, is_primary=True), Field("size", 20, field_id="fldSize")]
    teams = desk.base.add_table("teams", fields, table_id="tblTeams")
    teams.add({"title": text("motors"), "size": {"type": 2, "value": [3]}})
    desk.read_all(full=True)
    return desk


def test_a_first_visit_asks_everything_once(desk: BaseDesk) -> None:
    """Revisions, zone, fields, rows, revisions; and it waits for the replicas before it reads."""
    look = desk.look()
    assert desk.requests() == ["tables", "app"]
    assert (look.selected, look.gone, planned(look)) == ({"tblPeople": "people"}, {}, {"tblPeople": "whole"})
    desk.read(look)
    assert desk.requests() == ["fields", "search", "tables"]
    assert {call.query.get("page_size") for call in desk.box.journal if call.endpoint != "search"} == {"100"}
    assert desk.waits == [7.0]
    assert desk.learned.again == ()


def test_what_is_known_of_a_base(desk: BaseDesk) -> None:
    """Name, zone and permissions travel in the state; what the server tells beside them is not kept."""
    desk.answer({"app": {"name": "staff", "time_zone": "Asia/Tokyo", "formula_type": 2, "app_token": APP}}, "app")
    look = desk.look()
    assert look.state["app"] == {"name": "staff", "time_zone": "Asia/Tokyo", "formula_type": 2}


@pytest.mark.parametrize(("zone", "told"), [("Asia/Shanghai", False), ("Asia/Beijing", False), ("Mars/Base", True)])
def test_an_unknown_zone_is_told(desk: BaseDesk, caplog: pytest.LogCaptureFixture, zone: str, told: bool) -> None:
    """Its dates are told in UTC then, which nobody would guess."""
    desk.base.time_zone = zone
    desk.look()
    assert (f"staff: the base's time zone '{zone}' is unknown" in caplog.text) is told


def test_nothing_moved(two: BaseDesk) -> None:
    """One request, no plan, and no wait; that the gate saw nothing is no reason to ask less."""
    for moved in (True, False):
        look = two.look(moved=moved)
        assert two.requests() == ["tables"]
        assert (planned(look), look.state["revisions"]) == ({}, two.shelf.state["revisions"])


@pytest.mark.parametrize(("asked", "requests"), [({"force": True}, ["tables"]), ({"full": True}, ["tables", "app"])])
def test_force_and_full_read_every_table(two: BaseDesk, asked: dict[str, bool], requests: list[str]) -> None:
    """A full read asks zone and permissions again, too."""
    assert planned(two.look(**asked)) == {"tblPeople": "whole", "tblTeams": "whole"}
    assert two.requests() == requests


def test_computed_columns_follow_the_other_tables(two: BaseDesk) -> None:
    """An edit of people may change what teams computes; the other way round there is nothing to compute."""
    two.people.edit(next(iter(two.people.rows)), {"age": 50})
    assert planned(two.look()) == {"tblPeople": "whole", "tblTeams": "computed"}
    two.read_all()
    two.base.table("teams").add({"title": text("brakes")})
    assert planned(two.look()) == {"tblTeams": "whole"}


@pytest.mark.parametrize("change", ["removed", "added"])
def test_a_table_that_came_or_went_may_feed_computed_columns(two: BaseDesk, change: str) -> None:
    """Also one that the settings do not ask for."""
    two.options["tables"] = ["teams"]
    if change == "removed":
        two.base.remove_table(two.people)
    else:
        two.base.add_table("more", [Field("name", 1)])
    assert planned(two.look()) == {"tblTeams": "computed"}


def test_computed_always_asks_at_every_look(two: BaseDesk) -> None:
    """Only tables that compute, and only if they have rows."""
    two.options["computed"] = "always"
    assert planned(two.look()) == {"tblTeams": "computed"}
    two.shelf.batches["tblTeams"] = two.shelf.batches["tblTeams"].slice(0, 0)
    assert planned(two.look()) == {}


@pytest.mark.parametrize("reason", ["again", "lost", "was gone", "no revision"])
def test_what_one_table_is_read_for(two: BaseDesk, reason: str) -> None:
    """Its revision stands still, but it moved during the last read, lost its files, came back, or has no revision."""
    if reason == "again":
        two.shelf.again = ["tblPeople"]
    elif reason == "lost":
        del two.shelf.batches["tblPeople"]
    elif reason == "was gone":
        two.shelf.tables["tblPeople"] = Cached("people", 3, gone=True)
    else:
        items = [{"table_id": "tblPeople", "name": "people"}, {"table_id": "tblTeams", "name": "teams", "revision": 1}]
        two.answer({"items": items}, "tables", times=None)
        two.read_all()
    plan = planned(two.look())
    assert (plan["tblPeople"], plan.get("tblTeams", "computed")) == ("whole", "computed")


# --- which tables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [["teams"], ["tblTeams"]])
def test_tables_by_name_or_id(two: BaseDesk, wanted: list[str]) -> None:
    """Only these are read, in the order of the base."""
    two.options["tables"] = wanted
    assert two.look(force=True).selected == {"tblTeams": "teams"}
    two.options["tables"] = [*wanted, "people"]
    assert [*two.look(force=True).selected] == ["tblPeople", "tblTeams"]


def test_the_part_of_an_address_goes_before_the_settings(two: BaseDesk) -> None:
    """Who names one table by its URL means that one."""
    two.part, two.options = "tblPeople", {"tables": ["teams"]}
    assert two.look().selected == {"tblPeople": "people"}


@pytest.mark.parametrize("part", ["", "tblNone"])
def test_a_table_that_never_was(two: BaseDesk, part: str) -> None:
    """The error names it, the source, and what there is."""
    two.part, two.options = part, {"tables": ["people", "tblNone"]}
    with pytest.raises(NotFound, match="tblNone") as caught:
        two.look()
    assert (caught.value.source, caught.value.next) == ("staff", "its tables are: people, teams")


def test_a_table_that_is_gone_is_no_mistake(two: BaseDesk) -> None:
    """It was cached, so it is told as gone, by id or by name; one that was not asked for is not missed."""
    two.base.remove_table(two.people)
    for wanted in (["people", "teams"], ["tblPeople", "tblTeams"], None):
        two.options = {"tables": wanted} if wanted else {}
        assert two.look().gone == {"tblPeople": "people"}
    two.options = {"tables": ["teams"]}
    assert two.look().gone == {}


# --- views ----------------------------------------------------------------------------------------------------------


def test_a_view_is_of_one_table(two: BaseDesk) -> None:
    """With several the settings must name which; with none there is nothing to ask."""
    two.options["view"] = "vewSome"
    with pytest.raises(ConfigError, match="vewSome") as caught:
        two.look()
    assert (caught.value.source, "tables" in caught.value.next) == ("staff", True)


def test_another_view_is_another_read(two: BaseDesk) -> None:
    """Its definition is compared at every look: nobody knows whether an edit of it moves a revision."""
    view = two.people.add_view("some", record_ids=[*two.people.rows][:2])
    two.options |= {"tables": ["people"], "view": view}
    two.read_all()
    assert [call.body["view_id"] for call in two.box.journal if call.endpoint == "search"] == [view]
    assert two.shelf.rows("tblPeople") == 2
    assert planned(two.look()) == {}
    two.answer({"view": {"property": {"filter_info": "other"}}}, "view")
    assert planned(two.look()) == {"tblPeople": "whole"}


# --- what a search asks ---------------------------------------------------------------------------------------------


def bodies(desk: BaseDesk) -> list[Any]:
    return [call.body for call in desk.box.journal if call.endpoint == "search"]


def test_a_whole_read_asks_for_all_columns(desk: BaseDesk) -> None:
    """With the automatic ones, in pages as large as the platform accepts, people by open_id; unsorted."""
    desk.read_all()
    assert bodies(desk) == [{"automatic_fields": True}]
    (call,) = [call for call in desk.box.journal if call.endpoint == "search"]
    assert (call.query["page_size"], call.query["user_id_type"]) == ("500", "open_id")


def test_fields_and_filter_of_the_settings(desk: BaseDesk) -> None:
    """They go into the search, and the schema has the named columns alone."""
    only = {"conjunction": "and", "conditions": [{"field_name": "age", "operator": "is", "value": ["1"]}]}
    desk.options |= {"fields": ["name"], "filter": only}
    desk.read_all()
    assert bodies(desk) == [{"automatic_fields": True, "field_names": ["name"], "filter": only}]
    assert [name for name in desk.shelf.schema("tblPeople").names if name.startswith("fld")] == ["fldName"]
    assert desk.shelf.rows("tblPeople") == 1


def test_a_table_may_have_fields_and_a_filter_of_its_own(desk: BaseDesk) -> None:
    """They go before those of the source, leave other tables alone, and other ones mean another read."""
    only = {"conjunction": "and", "conditions": [{"field_name": "age", "operator": "isGreater", "value": ["1"]}]}
    before = options_stamp(desk.reader.source)
    own = {"people": {"fields": ["name"], "filter": only}}
    desk.options |= {"filter": {**only, "conjunction": "or"}, "by_table": own}
    desk.read_all()
    assert bodies(desk)[-1] == {"automatic_fields": True, "field_names": ["name"], "filter": only}
    assert options_stamp(desk.reader.source) != before
    desk.base.table("people").name = "staff"
    desk.read_all()
    assert bodies(desk)[-1]["field_names"] == ["name"]
    desk.options["by_table"] = {"peple": {"fields": ["name"]}}
    with pytest.raises(NotFound, match=r"peple.*staff"):
        desk.look()


def test_a_column_that_is_not_there(desk: BaseDesk) -> None:
    """The error names the column and its table, and all that there are."""
    desk.options["fields"] = ["name", "size"]
    with pytest.raises(ConfigError, match="Table people has no column size") as caught:
        desk.read_all()
    assert (caught.value.source, caught.value.next) == ("staff", "its columns are: age, name")


def test_computed_columns_are_asked_for_alone(two: BaseDesk) -> None:
    """By name and without the automatic columns; the batch says that it holds nothing else."""
    two.options |= {"tables": ["teams"], "fields": ["title", "size"], "computed": "always"}
    (batch,) = two.read_all()
    assert bodies(two) == [{"automatic_fields": False, "field_names": ["size"]}]
    assert two.requests() == ["search"]
    assert (batch.computed_only, batch.fresh, batch.total) == (True, True, 1)
    assert batch.rows.schema.names == ["_record_id", "fldSize", "_extra", "_computed_hash"]


@pytest.mark.parametrize(
    "fault",
    [Fault.reply(None, 1254030), Fault.reply(None, 1254045)],
    ids=["too large", "renamed"],
)
def test_computed_columns_that_fail_are_read_with_the_table(two: BaseDesk, fault: Fault) -> None:
    """The shortcut is only a shortcut: then the whole table comes, in smaller pages if need be."""
    two.options |= {"tables": ["teams"], "computed": "always"}
    two.box.faults.add(fault, endpoint="search")
    (batch,) = two.read_all()
    assert not batch.computed_only
    assert two.requests() == ["search", "fields", "search", "tables"]


def test_computed_columns_that_do_not_prove_complete_are_read_with_the_table(two: BaseDesk) -> None:
    """The server says that there are more rows than came, although the cache has just these."""
    two.options |= {"tables": ["teams"], "computed": "always"}
    (record_id,) = two.base.table("teams").rows
    two.answer({"items": [{"record_id": record_id, "fields": {}}], "total": 2})
    assert [batch.computed_only for batch in two.read_all()] == [False]


@pytest.mark.parametrize("change", ["another row", "a row less"])
def test_computed_columns_of_other_rows_are_read_with_the_table(two: BaseDesk, change: str) -> None:
    """They are not those that the cache has: there is nothing to put the columns beside."""
    teams = two.base.table("teams")
    teams.add({"title": text("brakes")})
    two.read_all()
    two.options |= {"tables": ["teams"], "computed": "always"}
    look = two.look()
    teams.delete(next(iter(teams.rows)))
    if change == "another row":
        teams.add({"title": text("wheels")})
    assert [batch.computed_only for batch in two.read(look)] == [False]


def test_a_refusal_of_computed_columns_is_raised(two: BaseDesk) -> None:
    """Whoever may not read them may not read the table, either."""
    two.options |= {"tables": ["teams"], "computed": "always"}
    two.fail(1254302)
    with pytest.raises(AccessDenied):
        two.read_all()
    assert two.requests() == ["search"]


@pytest.mark.parametrize(("count", "alone"), [(200, True), (201, False)])
def test_a_search_takes_two_hundred_names(desk: BaseDesk, count: int, alone: bool) -> None:
    """A table with more computed columns is read whole."""
    fields = [Field("title", 1, is_primary=True), *(Field(f"f{n}", 20) for n in range(count))]
    desk.base.add_table("wide", fields, table_id="tblWide").add({"title": text("one")})
    desk.options |= {"tables": ["wide"], "computed": "always"}
    desk.read_all()
    assert [batch.computed_only for batch in desk.read_all()] == [alone]
    assert desk.requests().count("search") == 1


# --- proof ----------------------------------------------------------------------------------------------------------


def test_batches_say_where_a_reading_begins_and_how_much_there_is(desk: BaseDesk) -> None:
    """Only the first page is fresh; every page knows the server's total and the table's revision."""
    desk.people.add_many([{"name": text(f"more {n}")} for n in range(998)])
    batches = desk.read_all()
    assert [(batch.rows.num_rows, batch.fresh, batch.total) for batch in batches] == [
        (500, True, 1001), (500, False, 1001), (1, False, 1001),
    ]  # fmt: skip
    assert {batch.table.revision for batch in batches} == {desk.people.revision}


RECORD = {"record_id": "rec1", "fields": {}}
TORN: dict[str, dict[str, Any]] = {
    "one too few": {"items": [RECORD], "total": 2},
    "one too many": {"items": [RECORD, {**RECORD, "record_id": "rec2"}], "total": 1},
    "twice the same": {"items": [RECORD, RECORD], "total": 2},
    "nothing and no total": {"items": [], "has_more": False},
    "an unknown column": {"items": [{"record_id": "rec1", "fields": {"surprise": 1}}], "total": 1},
}


@pytest.mark.parametrize("data", TORN.values(), ids=TORN)
def test_a_reading_that_does_not_prove_complete_is_repeated(desk: BaseDesk, data: dict[str, Any]) -> None:
    """Fields and rows once more; what came first is dropped by a fresh batch."""
    desk.answer(data)
    desk.read_all()
    assert desk.requests() == ["fields", "search", "fields", "search", "tables"]
    assert desk.shelf.rows("tblPeople") == 3


def test_a_field_list_without_fields_is_listed_again(desk: BaseDesk) -> None:
    """Every table has a primary column: an answer without any would cost the table its columns."""
    desk.answer({"items": []}, "fields")
    desk.read_all()
    assert desk.requests() == ["fields", "fields", "search", "tables"]


@pytest.mark.parametrize("data", [data for name, data in TORN.items() if name != "an unknown column"])
def test_three_torn_readings_are_an_error(
    desk: BaseDesk, data: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Each is logged; the error names table and source, and says what was counted."""
    desk.answer(data, times=None)
    with pytest.raises(ApiError, match="people kept changing") as caught:
        desk.read_all()
    assert (caught.value.source, len(desk.searches())) == ("staff", 3)
    assert f"({len(data['items'])} rows" in caught.value.what
    assert caplog.text.count("staff / people: ") == 3


def test_a_column_that_stays_unknown_is_no_reason_to_fail(desk: BaseDesk) -> None:
    """The second reading takes it: the field list may lag behind, and its values are kept apart."""
    desk.answer(TORN["an unknown column"], times=2)
    desk.read_all()
    assert len(desk.searches()) == 2
    assert desk.shelf.batches["tblPeople"].column("_extra").to_pylist() == ['{"surprise":1}']


def test_what_moved_during_the_read_is_read_again(two: BaseDesk) -> None:
    """Only the table that moved, and only those that were read whole are asked about."""
    look = two.look(force=True)
    two.box.faults.add(Fault.call(lambda _: two.people.add({"name": text("late")})), endpoint="search", after=1)
    two.read(look)
    assert two.learned.again == ("tblPeople",)


# --- pages that are too large -----------------------------------------------------------------------------------------


def test_a_page_that_is_too_large_is_halved_down_to_ten(desk: BaseDesk) -> None:
    """Smaller ones hold rows that cannot be read at all: then it is an error."""
    desk.fail(1254030, times=None)
    with pytest.raises(ApiError):
        desk.read_all()
    assert [size for size, _ in desk.searches()] == [500, 250, 125, 62, 31, 15, 10]


@pytest.mark.parametrize("code", [1254607, 1255040])
def test_a_slow_page_is_halved_down_to_a_hundred(desk: BaseDesk, code: int) -> None:
    """A smaller page is not what it is slow for; the client itself has tried each size five times."""
    desk.fail(code, times=None)
    with pytest.raises(ApiError):
        desk.read_all()
    assert [size for size, _ in desk.searches()] == [size for size in (500, 250, 125, 100) for _ in range(TRIES)]


def test_another_error_is_raised_at_once(desk: BaseDesk) -> None:
    """A smaller page would not help."""
    desk.fail(1254302)
    with pytest.raises(AccessDenied):
        desk.read_all()
    assert desk.searches() == [(500, True)]


@pytest.mark.parametrize("times", [1, 2])
def test_a_renamed_column_in_a_filter_is_looked_up_once(desk: BaseDesk, times: int) -> None:
    """The fields are listed again and the rows asked for once more; a name that is still wrong is an error."""
    desk.fail(1254045, times=times)
    if times == 1:
        desk.read_all()
        assert desk.requests() == ["fields", "search", "fields", "search", "tables"]
    else:
        with pytest.raises(ConfigError):
            desk.read_all()
        assert len(desk.searches()) == 2


# --- empty answers ------------------------------------------------------------------------------------------------


def test_an_empty_table_is_empty(desk: BaseDesk) -> None:
    """One fresh batch with its columns and no row, and no second question: its base hides nothing."""
    desk.people.delete(*desk.people.rows)
    (batch,) = desk.read_all()
    assert (batch.rows.num_rows, batch.fresh) == (0, True)
    assert desk.requests() == ["fields", "search", "tables"]


def test_rows_that_are_gone_may_be_hidden(desk: BaseDesk) -> None:
    """The table had rows: before it is believed empty, the permissions are asked anew."""
    desk.read_all()
    desk.people.delete(*desk.people.rows)
    look = desk.look()
    desk.base.is_advanced = True
    assert desk.read(look) == []
    assert "app" in desk.requests()
    error = desk.learned.failed["tblPeople"]
    assert isinstance(error, AccessDenied)
    assert (error.source, error.asker) == ("staff", desk.client.identity.asker)
    assert desk.learned.again == ("tblPeople",)


def test_nothing_is_asked_along(desk: BaseDesk) -> None:
    """A base holds no documents of its own that the gate could tell about."""
    assert desk.reader.asked_along({"parts": {}}) == []
