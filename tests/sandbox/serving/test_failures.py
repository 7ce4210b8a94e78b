"""The bodies that tell of a failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from larknb.sandbox import Base, Fault, Sandbox

from ..conftest import TABLES, Api, outcome
from ..signing_in import ask_token


def test_a_failure_names_the_log_id_and_where_to_look(api: Api, box: Sandbox) -> None:
    """The error object repeats the log id under the name that the switch says."""
    answer = api.get("/bitable/v1/apps/NoSuchBase/tables")
    assert outcome(answer) == (200, 1254040)
    assert answer.json()["error"]["log_id"] == answer.headers["X-Tt-Logid"]
    assert answer.headers["X-Tt-Logid"] in answer.json()["error"]["troubleshooter"]
    box.log_id_key = "logid"
    answer = api.get("/bitable/v1/apps/NoSuchBase/tables")
    assert answer.json()["error"]["logid"] == answer.headers["X-Tt-Logid"]


@pytest.mark.parametrize("status", [200, 400, 401])
def test_the_status_of_gateway_codes_is_a_knob(
    status: int, box: Sandbox, base: Base, connect: Callable[..., Api]
) -> None:
    """The HTTP status of 999916xx, which nobody has written down, is what the test wants."""
    box.gateway_status = status
    assert outcome(connect("eyJ.unknown").get(TABLES)) == (status, 99991668)
    assert outcome(connect(None).get(TABLES)) == (status, 99991661)


def test_failures_of_the_token_endpoint_keep_its_form(box: Sandbox) -> None:
    """A code at the token endpoint comes flat, with the status of the contract."""
    for code, status in [(20050, 500), (20072, 503), (20010, 400)]:
        box.faults.add(Fault.reply(None, code), endpoint="token")
        answer = ask_token(box, grant_type="refresh_token", refresh_token="x")
        assert outcome(answer) == (status, code)
        assert "error_description" in answer.json()
