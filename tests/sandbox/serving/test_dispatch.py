"""What every answer has in common, whatever was asked."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from larknb.sandbox import Base, Sandbox

from ..conftest import NOON, TABLES, Api, outcome


def test_every_answer_has_a_log_id_and_the_date_of_the_box(api: Api, base: Base) -> None:
    """Success, failure and pages carry X-Tt-Logid, never the same twice, and the date of the sandbox's clock."""
    answers = [
        api.get(TABLES),
        api.get("/nowhere"),
        api.get("/authen/v1/authorize"),
        api.post("/authen/v2/oauth/token"),
    ]
    assert len({answer.headers["X-Tt-Logid"] for answer in answers}) == 4
    assert {parsedate_to_datetime(answer.headers["Date"]).timestamp() for answer in answers} == {NOON}


def test_unknown_paths_and_methods(api: Api) -> None:
    """An unknown path is 99991201, an unknown method 99991301, both before any bearer is looked at."""
    assert outcome(api.get("/nowhere")) == (404, 99991201)
    assert outcome(api.post("/bitable/v1/apps/x")) == (405, 99991301)


def test_a_defect_of_the_stand_in_is_not_taken_for_an_answer_of_the_platform(
    box: Sandbox, base: Base, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception inside the stand-in is a logged HTTP 500 that says so."""
    base.time_zone = None  # type: ignore[assignment]
    base.tables = [object()]  # type: ignore[list-item]
    answer = api.get(TABLES)
    assert answer.status_code == 500
    assert "stand-in" in answer.json()["msg"]
    assert "tables" in caplog.text
