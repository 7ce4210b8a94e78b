"""Who granted what, and which tokens live."""

from __future__ import annotations

from collections.abc import Callable

from larknb.sandbox import Sandbox

from ..conftest import Api, Clock
from ..signing_in import ask_tenant, code_of, refresh, trade


def test_without_offline_access_there_is_no_refresh_token(box: Sandbox) -> None:
    """It counts what this authorize request asked for, also when the scope was granted before."""
    assert "refresh_token" in trade(box, code_of(box)).json()
    answer = trade(box, code_of(box, scope="bitable:app:readonly")).json()
    assert "refresh_token" not in answer
    assert "refresh_token_expires_in" not in answer


def test_scopes_accumulate_per_person(box: Sandbox) -> None:
    """A token holds all that its person ever granted; another person starts with nothing."""
    trade(box, code_of(box, scope="offline_access bitable:app:readonly"))
    answer = trade(box, code_of(box, scope="wiki:node:read")).json()
    assert set(answer["scope"].split()) == {"offline_access", "bitable:app:readonly", "wiki:node:read"}
    box.current_user = box.tenant.add_user("李雷")
    assert trade(box, code_of(box, scope="wiki:node:read")).json()["scope"] == "wiki:node:read"


def test_scopes_can_be_narrowed_and_withheld(box: Sandbox) -> None:
    """``scope`` narrows one token without a trace; a person may grant less than was asked."""
    assert trade(box, code_of(box), scope="bitable:app:readonly").json()["scope"] == "bitable:app:readonly"
    assert "refresh_token" not in trade(box, code_of(box), scope="bitable:app:readonly").json()
    assert "offline_access" in trade(box, code_of(box)).json()["scope"]
    box.withheld = {"wiki:node:read"}
    assert "wiki:node:read" not in trade(box, code_of(box, scope="offline_access wiki:node:read")).json()["scope"]


def test_refreshing_without_offline_access_in_scope_ends_the_chain(box: Sandbox) -> None:
    """Narrowing a refresh to scopes without offline_access brings no new refresh token."""
    pair = trade(box, code_of(box)).json()
    assert "refresh_token" not in refresh(box, pair["refresh_token"], scope="bitable:app:readonly").json()


def test_tenant_tokens_are_the_same_until_half_an_hour_is_left(
    box: Sandbox, clock: Clock, connect: Callable[..., Api]
) -> None:
    """The same token with a smaller expire, then a new one while the old one still works."""
    first = ask_tenant(box)
    assert (first["code"], first["msg"], first["expire"]) == (0, "ok", 7200)
    assert first["tenant_access_token"].startswith("t-")
    clock.now += 5400
    assert ask_tenant(box) == first | {"expire": 1800}
    clock.now += 1
    second = ask_tenant(box)
    assert second["tenant_access_token"] != first["tenant_access_token"]
    assert second["expire"] == 7200
    for answer in (first, second):
        assert connect(answer["tenant_access_token"]).get("/application/v6/scopes").json()["code"] == 0
