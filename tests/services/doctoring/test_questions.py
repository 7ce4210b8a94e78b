"""The open points, and which answer the stand-in gives to each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from larknb.sandbox import Field
from larknb.services.doctoring.questions import NEWEST, OF_A_SOURCE, OF_THE_PLATFORM
from tests.conftest import Lab, sync, text


def test_no_question_stands_twice() -> None:
    """A name is one open point."""
    names = [each.name for each in (*OF_THE_PLATFORM, *sum(OF_A_SOURCE.values(), ()))]
    assert len(names) == len({*names})


def test_the_stand_in_answers_as_the_contract_says(synced: Lab) -> None:
    """Of a base: pages share no row, revisions stand still, an unknown table has its documented code."""
    answers = {each.question: each.answer for each in synced.workspace.doctor(["s1"]).answers}
    expected = ("pages_share_no_row", "revision_stands_still_while_nobody_edits", "unknown_table_is_1254041")
    assert [answers[f"bitable/{name}"] for name in expected] == ["yes", "yes", "yes"]
    assert answers["auth/wrong_app_secret_is_10015"] == "yes"


# --- the modify times of rows ---------------------------------------------------------------------------------------


def renamed(lab: Lab) -> None:
    lab.people.rename_field("fldAge", "years")


def edited(lab: Lab) -> None:
    lab.people.edit([*lab.people.rows][3], {"age": 77})


def quiet(lab: Lab) -> None:
    lab.people.set_quietly([*lab.people.rows][4], {"name": text("another")})


def more(lab: Lab) -> None:
    lab.people.add_many([{"name": text("new")}] * NEWEST)


EDITS: dict[str, tuple[tuple[Callable[[Lab], None], ...], str]] = {
    "nothing was edited": ((), "unclear"),
    "an edit that moved its time": ((edited,), "yes"),
    "one that did not": ((edited, quiet), "no"),
    "one that did not, of a row that was edited long ago": ((quiet, more), "no"),
    "other columns since": ((edited, renamed), "unclear"),
}


@pytest.mark.parametrize(("edits", "expected"), EDITS.values(), ids=EDITS)
def test_whether_edits_move_times(lab: Lab, edits: tuple[Callable[[Lab], None], ...], expected: str) -> None:
    """A5 is tested without an edit of ours: some rows are compared with those that the cache has."""
    lab.people.add_field(Field("modified", 1002, field_id="fldModified"))
    sync(lab)
    lab.later()
    for edit in edits:
        edit(lab)
    answers = {each.question: each.answer for each in lab.workspace.doctor(["s1"]).answers}
    assert answers["bitable/every_stored_edit_moves_the_modify_time"] == expected
    assert answers["bitable/search_sorts_by_modified_time"] == "yes"
    assert answers["bitable/modified_time_column_is_the_time_of_the_row"] == "yes"
