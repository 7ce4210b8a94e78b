from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from larknb.headless.notices import (
    SOON,
    Incident,
    Notice,
    NoticeMemory,
    decide,
    mark_told,
    read_memory,
    write_memory,
)
from larknb.results.changes import Changed, Summary
from larknb.results.runs import RunResult, RunStatus
from larknb.results.user import User
from tests.headless.cards import DAY, HOUR, NOW, person, result

NOBODY = User("", "", "", "cli_a", "host", identity="tenant", consent_ends_at=NOW + 1)


@pytest.mark.parametrize(
    ("told_already", "status", "kinds", "goes_on"),
    [
        (None, "ok", [], False),
        (None, "failed", ["failed"], True),
        (None, "dead", ["failed"], True),
        (None, "deadline", ["failed"], True),
        (None, "login", ["login"], True),
        (None, "stopped", [], False),
        (None, "busy", [], False),
        ((), "failed", ["failed"], True),
        ((), "ok", ["recovered"], True),
        (("failed",), "failed", [], True),
        (("failed",), "timeout", [], True),
        (("failed",), "login", ["login"], True),
        (("failed", "login"), "failed", [], True),
        (("failed", "login"), "login", [], True),
        (("login",), "failed", ["failed"], True),
        (("failed",), "stopped", [], True),
        (("failed",), "busy", [], True),
        (("failed",), "ok", ["recovered"], True),
    ],
)
def test_one_notice_per_incident(
    told_already: tuple[str, ...] | None, status: RunStatus, kinds: list[str], goes_on: bool
) -> None:
    """A failure is told once, a needed login once more, the recovery once; a stopped or busy run is neither."""
    before = {} if told_already is None else {"nightly": Incident(NOW - DAY, told_already)}
    notices, memory = decide(NoticeMemory(before), result(status), None, NOW)
    assert [notice.kind for notice in notices] == kinds
    assert ("nightly" in memory.incidents) == goes_on
    assert all(notice.at == (NOW - DAY if before else NOW) for notice in notices)


NEWS = Summary((Changed("s", "bitable", "t", 1, 0, 0),), 0)


@pytest.mark.parametrize(
    ("tell", "status", "summary", "kinds"),
    [
        ("changes", "ok", NEWS, ["changed"]),
        ("changes", "ok", Summary((), 0, ("~ of an earlier run",)), ["changed"]),
        ("changes", "ok", Summary((), 2), []),
        ("changes", "ok", None, []),
        ("changes", "failed", NEWS, ["failed"]),
        ("changes", "stopped", NEWS, []),
        ("failures", "ok", NEWS, []),
    ],
)
def test_changes_are_told_where_that_is_asked_for(
    tell: str, status: RunStatus, summary: Summary | None, kinds: list[str]
) -> None:
    """Once, after a good run that brought some; nothing is remembered of it."""
    notices, memory = decide(NoticeMemory(), replace(result(status), summary=summary), None, NOW, tell=tell)
    assert [notice.kind for notice in notices] == kinds
    assert [mark_told(memory, each) for each in notices if each.kind == "changed"] == [memory] * kinds.count("changed")


def test_notebooks_have_their_own_incidents() -> None:
    """The recovery of one is not that of another."""
    before = NoticeMemory({"other": Incident(NOW, ("failed",))})
    notices, memory = decide(before, result("ok"), None, NOW)
    assert (notices, memory) == ([], before)


def test_what_was_told_is_not_told_again() -> None:
    """A failure adds to its incident, a recovery ends it, an end is remembered until it is past."""
    memory = NoticeMemory({"nightly": Incident(NOW)})
    memory = mark_told(memory, Notice("failed", "nightly", NOW))
    assert memory.incidents == {"nightly": Incident(NOW, ("failed",))}
    assert mark_told(memory, Notice("recovered", "nightly", NOW)).incidents == {}
    memory = mark_told(memory, Notice("login_ends", "nightly", NOW + 1))
    assert decide(memory, result("failed"), person(refresh=1), NOW) == ([], memory)
    assert decide(memory, result("failed"), None, NOW + 1)[1].ends == ()


@pytest.mark.parametrize(
    ("user", "kinds"),
    [
        (None, []),
        (NOBODY, []),
        (person(access=HOUR, refresh=6 * DAY, consent=300 * DAY), []),
        (person(access=HOUR, refresh=SOON, consent=300 * DAY), ["login_ends"]),
        (person(access=HOUR, refresh=SOON + 1), []),
        (person(access=HOUR), ["login_ends"]),
        (replace(person(access=HOUR), renewable=True), []),
        (person(refresh=6 * DAY, consent=DAY), ["consent_ends"]),
        (person(refresh=HOUR, consent=DAY), ["login_ends", "consent_ends"]),
        (person(refresh=DAY, consent=DAY), ["consent_ends"]),
        (person(refresh=-1, consent=-1), []),
    ],
)
def test_ends_within_two_days_are_told(user: User | None, kinds: list[str]) -> None:
    """Login and consent of a person, one notice per date; what is over shows as a failing run."""
    notices, _ = decide(NoticeMemory(), result("ok"), user, NOW)
    assert [notice.kind for notice in notices] == kinds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notices.json"


MEMORY = NoticeMemory({"夜班": Incident(NOW, ("failed",))}, (NOW + DAY,))


def test_the_memory_outlives_the_process(file: Path) -> None:
    """It has the keys that 0.1.0 wrote, and a format."""
    write_memory(file, MEMORY)
    assert read_memory(file) == MEMORY
    incidents = {"夜班": {"since": NOW, "told": ["failed"]}}
    assert json.loads(file.read_bytes()) == {"format": 1, "incidents": incidents, "ends": [NOW + DAY]}


def test_the_memory_of_0_1_0_is_known(file: Path) -> None:
    """It had no format."""
    old = {"incidents": {"夜班": {"since": NOW, "told": ["failed"]}}, "ends": []}
    file.write_text(json.dumps(old), encoding="utf-8")
    assert read_memory(file) == NoticeMemory({"夜班": Incident(NOW, ("failed",))})


def test_a_memory_of_a_newer_larknb_is_left_alone(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was told is not known then, the log says what to do, and the file stays."""
    file.write_text('{"format": 2}', encoding="utf-8")
    with caplog.at_level(logging.WARNING, "larknb"):
        assert read_memory(file) == NoticeMemory()
        write_memory(file, MEMORY)
    assert caplog.text.count("upgrade larknb") == 2
    assert file.read_text(encoding="utf-8") == '{"format": 2}'


def test_a_notebook_whose_name_is_no_text(file: Path) -> None:
    """Bytes that are no characters are question marks in the memory, and its incident is found again."""
    run = RunResult("n\udcff.ipynb", "o.ipynb", "failed", started_at=NOW)
    (notice,), memory = decide(NoticeMemory(), run, None, NOW)
    write_memory(file, mark_told(memory, notice))
    assert decide(read_memory(file), run, None, NOW)[0] == []
