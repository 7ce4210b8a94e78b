"""The open points, and which answer the stand-in gives to each."""

from __future__ import annotations

from larknb.services.doctoring.questions import OF_A_SOURCE, OF_THE_PLATFORM
from tests.conftest import Lab


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
