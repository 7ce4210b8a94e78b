"""Bearers and scopes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from larknb.sandbox import Base, Sandbox

from ..conftest import TABLES, Api, Clock, outcome
from ..signing_in import ask_tenant


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, 99991661),
        ("Basic abc", 99991661),
        ("Bearer ", 99991661),
        ("Bearer nonsense", 99991671),
        ("Bearer eyJ two", 99991671),
        ("Bearer eyJ.unknown", 99991668),
        ("Bearer u-unknown", 99991668),
        ("Bearer t-unknown", 99991663),
    ],
)
def test_bearers_that_are_not_accepted(header: str | None, code: int, box: Sandbox, base: Base) -> None:
    """Absent, malformed and unknown tokens each have their code."""
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"{box.url}/open-apis{TABLES}", headers=headers, timeout=10)
    assert answer.json()["code"] == code
    assert box.journal[-1].identity is None


def test_expired_tokens(box: Sandbox, base: Base, clock: Clock, connect: Callable[[str | None], Api]) -> None:
    """An expired user token is 99991677, an expired tenant token 99991663; lifetimes follow the clock."""
    user = connect(box.sign_in()["access_token"])
    app = connect(ask_tenant(box)["tenant_access_token"])
    assert user.get(TABLES).json()["code"] == app.get(TABLES).json()["code"] == 0
    clock.now += 7199
    assert user.get(TABLES).json()["code"] == 0
    clock.now += 1
    assert (user.get(TABLES).json()["code"], app.get(TABLES).json()["code"]) == (99991677, 99991663)


def test_a_scope_that_the_app_lacks(box: Sandbox, base: Base, api: Api) -> None:
    """99991672 lists every alternative and links to the console, also inside the message."""
    box.scopes -= {"base:table:read", "bitable:app:readonly", "bitable:app"}
    answer = api.get(TABLES)
    assert outcome(answer) == (400, 99991672)
    error = answer.json()["error"]
    assert {"type": "action_scope_required", "subject": "base:table:read"} in error["permission_violations"]
    assert len(error["permission_violations"]) == 3
    link = error["helps"][0]["url"]
    assert link.startswith(f"{box.url}/app/{box.app_id}/auth?q=base:table:read,")
    assert "token_type=user" in link
    assert link in answer.json()["msg"]


def test_a_scope_that_the_user_has_not_granted(box: Sandbox, base: Base, connect: Callable[..., Api]) -> None:
    """99991679 names what is missing; any one of the alternatives suffices."""
    api = connect(box.sign_in(scopes=["base:app:read"])["access_token"])
    answer = api.get(TABLES)
    assert outcome(answer) == (400, 99991679)
    assert answer.json()["error"]["permission_violations"][0]["type"] == "action_privilege_required"
    for scope in ("base:table:read", "bitable:app:readonly", "bitable:app"):
        someone = box.tenant.add_user(scope)
        assert connect(box.sign_in(someone, [scope])["access_token"]).get(TABLES).json()["code"] == 0


def test_violations_in_the_older_shape(box: Sandbox, base: Base, api: Api) -> None:
    """The other documented shape of permission_violations has scope and url."""
    box.old_violations = True
    box.scopes.clear()
    violation = api.get(TABLES).json()["error"]["permission_violations"][0]
    assert violation == {"scope": "base:table:read", "url": f"{box.url}/app/{box.app_id}/auth"}


def test_endpoints_for_the_other_kind_of_token(box: Sandbox, api: Api, connect: Callable[..., Api]) -> None:
    """user_info takes no tenant token and the scope list no user token; only the message tells why."""
    app = connect(ask_tenant(box)["tenant_access_token"])
    answer = app.get("/authen/v1/user_info").json()
    assert (answer["code"], "not support" in answer["msg"]) == (99991663, True)
    answer = api.get("/application/v6/scopes").json()
    assert (answer["code"], answer["msg"]) == (99991668, "user access token not support")
