"""Names from the contact book."""

from __future__ import annotations

import logging

import pytest

from larknb.api.client import LarkClient
from larknb.readers.contact import ask_names
from larknb.sandbox import Fault, Sandbox


def test_ten_people_a_call(client: LarkClient, box: Sandbox) -> None:
    """Each once; whom the platform leaves out has no name."""
    users = [box.tenant.add_user(f"同事 {n}") for n in range(11)]
    box.journal.clear()
    ids = [user.open_id for user in users]
    assert ask_names(client, [*ids, "ou_gone", *ids]) == {user.open_id: user.name for user in users}
    assert box.journal.endpoints() == ["people_basic"] * 2


def test_odd_answers_cost_no_more_than_names(client: LarkClient, box: Sandbox) -> None:
    """A name was once seen as an object; what has no form at all is nobody."""
    users = [{"user_id": "ou_1", "name": {"value": "李四"}}, {"user_id": "ou_2", "name": 7}, {"name": "x"}, "ou_3"]
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"users": users}}), endpoint="people_basic")
    assert ask_names(client, ["ou_1", "ou_2", "ou_3"]) == {"ou_1": "李四"}


@pytest.mark.parametrize("code", [40001, 99991672])
def test_a_refusal_is_no_failure(client: LarkClient, box: Sandbox, code: int, caplog: pytest.LogCaptureFixture) -> None:
    """It is in the log, and nobody has a name."""
    box.faults.add(Fault.reply(None, code), endpoint="people_basic", times=9)
    with caplog.at_level(logging.WARNING, "larknb"):
        assert ask_names(client, ["ou_1"]) == {}
    assert str(code) in caplog.text
