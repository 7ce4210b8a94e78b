"""The app's own token, and what it tells of the app."""

from __future__ import annotations

import pytest

from larknb.auth.app import App
from larknb.auth.tenant import enabled_scopes, tenant_token
from larknb.errors import ApiError, LarkError
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON


def test_the_app_gets_its_own_token(box: Sandbox, app: App, clock: Clock) -> None:
    """The tenant token comes with its end; asked again early, the same one with less time comes back."""
    token, ends_at = tenant_token(app, clock=clock)
    assert token.startswith("t-")
    assert ends_at == NOON + 7200
    clock.now += 600
    assert tenant_token(app, clock=clock) == (token, ends_at)


@pytest.mark.parametrize("code", [10003, 10014, 10015, 99991543, 12345])
def test_any_refusal_of_the_app_means_a_wrong_setting(box: Sandbox, app: App, code: int) -> None:
    """Which code a wrong app id or secret gets is not documented, so each of them says: check the app."""
    box.faults.add(Fault.reply(200, {"code": code, "msg": "no"}), endpoint="tenant_token")
    with pytest.raises(LarkError, match=r"Next: (check app_id|ask the tenant's admin)") as caught:
        tenant_token(app)
    assert caught.value.code == code


def test_a_tenant_token_survives_a_stumble(box: Sandbox, app: App, waits: list[float]) -> None:
    """An error inside the platform is no wrong setting."""
    box.faults.add(Fault.reply(500, {"code": 20050, "msg": "x"}), endpoint="tenant_token", times=2)
    assert tenant_token(app, sleep=waits.append)
    for fault in (Fault.html(500), Fault.reply(429, {"msg": "slow down"}), Fault.drop()):
        box.faults.add(fault, endpoint="tenant_token", times=None)
        with pytest.raises(ApiError):
            tenant_token(app, sleep=waits.append)
        box.faults.clear()


def test_the_scopes_of_the_app_can_be_seen_beforehand(box: Sandbox, app: App) -> None:
    """Only what the app really has is listed; where the platform does not tell, the answer is None."""
    box.scopes -= {"base:app:read"}
    enabled = enabled_scopes(app)
    assert enabled is not None
    assert "bitable:app:readonly" in enabled
    assert "base:app:read" not in enabled
    box.faults.add(Fault.reply(400, 99991672), endpoint="scopes")
    assert enabled_scopes(app) is None


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("tenant_token", Fault.reply(500, 20050)),
        ("tenant_token", Fault.drop()),
        ("tenant_token", Fault.html(502)),
        ("tenant_token", Fault.reply(200, 10014)),
        ("scopes", Fault.reply(200, {"code": 0, "data": {"scopes": ["?", None]}})),
        ("scopes", Fault.reply(429, 99991400)),
        ("scopes", Fault.reply(400, 99991663)),
    ],
)
def test_a_failing_preflight_stops_no_login(app: App, box: Sandbox, endpoint: str, fault: Fault) -> None:
    """Whatever is wrong but the secret: the scopes of the app are not known, and that is all."""
    box.faults.add(fault, endpoint=endpoint, times=None)
    waits: list[float] = []
    assert enabled_scopes(app, sleep=waits.append) is None
