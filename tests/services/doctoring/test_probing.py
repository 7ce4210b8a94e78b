"""The probe: what it asks, what it keeps, and what it keeps to itself."""

from __future__ import annotations

import json

import pytest

from larknb.errors import NotFound
from larknb.sandbox import Fault
from larknb.sandbox.blocks import text
from larknb.services.doctoring.questions import OF_A_SOURCE, OF_THE_PLATFORM
from tests.conftest import Lab


@pytest.fixture
def many(synced: Lab) -> Lab:
    """The lab with a source of each kind, one of them behind a wiki link."""
    tenant = synced.box.tenant
    book = tenant.add_spreadsheet("privates", token="BookOfTheProbe00000000001")
    book.add_sheet("privates", [["privates", 1.5, True, None]] * 9)
    guide = tenant.add_document("privates", [text("privates")], "GuideOfTheProbe0000000001")
    page = tenant.add_wiki_node(guide)
    for url in (f"sheets/{book.token}", f"wiki/{page}"):
        synced.workspace.add(f"{synced.box.url}/{url}")
    return synced


def test_each_question_is_asked_once(many: Lab) -> None:
    """About 30 requests that only read; most of the questions have an answer here."""
    many.box.journal.clear()
    shown: list[str] = []

    def show(answers: str) -> bool:
        shown.append(answers)
        return True

    report = many.workspace.doctor(True, show=show)
    names = [each.question for each in report.answers]
    assert sorted(names) == sorted(each.name for each in (*OF_THE_PLATFORM, *sum(OF_A_SOURCE.values(), ())))
    assert sum(each.answer != "unclear" for each in report.answers) >= 15, report
    assert len(many.box.journal.calls) <= 60
    assert all(name in shown[0] for name in names)


def test_what_is_kept_can_be_passed_on(many: Lab) -> None:
    """Codes and counts: nothing that somebody wrote, no token of a document, no secret."""
    report = many.workspace.doctor(True)
    kept = (many.workspace.root / "work" / "probe.json").read_text(encoding="utf-8")
    assert len(json.loads(kept)["answers"]) == len(report.answers)
    for private in ("privates", "person", "team", "BookOf", "GuideOf", "AppStaff", *many.box.secrets()):
        assert private not in kept


@pytest.mark.soak
def test_nothing_is_kept_against_a_no(many: Lab) -> None:
    """Whoever is shown the answers may refuse them."""
    report = many.workspace.doctor(["s1"], show=lambda text: False)
    assert report.kept == ""
    assert not (many.workspace.root / "work" / "probe.json").exists()
    assert {each.question.partition("/")[0] for each in report.answers} == {"auth", "bitable"}


@pytest.mark.soak
@pytest.mark.parametrize("fault", [Fault.drop(), Fault.html(200), Fault.reply(200, {"code": 0, "data": {"items": 7}})])
def test_answers_of_any_shape_leave_a_question_open(fault: Fault, many: Lab) -> None:
    """The probe itself never fails."""
    many.box.faults.add(fault, "search", times=None)
    many.box.faults.add(fault, "metainfo", times=None)
    report = many.workspace.doctor(True)
    answers = {each.question: each.answer for each in report.answers}
    assert answers["bitable/pages_share_no_row"] == "unclear"
    assert answers["sheets/values_are_padded_to_the_rectangle"] == "unclear"


def test_nobody_is_asked_where_nobody_answers(synced: Lab) -> None:
    """A wrong secret, or a host that is silent: the faults are told, and the questions wait."""
    synced.workspace.save_secret("x" * 32)
    report = synced.workspace.doctor(True)
    assert (report.answers, [each.check for each in report.faults]) == ((), ["secret"])


def test_an_unknown_source_is_refused(synced: Lab) -> None:
    """As by every other call that takes a name."""
    with pytest.raises(NotFound):
        synced.workspace.doctor(["nothing"])
