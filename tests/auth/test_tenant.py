"""The app's own token, and what it tells of the app."""

from __future__ import annotations

from dataclasses import replace

import pytest

from larknb.auth.app import App
from larknb.auth.tenant import enabled_scopes, tenant_token
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
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


def test_a_wrong_pair_is_told_with_what_the_platform_said(box: Sandbox, app: App) -> None:
    """Its code, its words and the id that its support asks for are kept."""
    box.faults.add(Fault.reply(200, {"code": 12345, "msg": "app secret invalid"}), endpoint="tenant_token")
    with pytest.raises(ConfigError, match=r"12345.*Next: check app_id") as caught:
        tenant_token(app)
    assert (caught.value.code, caught.value.msg) == (12345, "app secret invalid")
    assert caught.value.log_id in str(caught.value)
    assert "auth/v3/tenant_access_token" in caught.value.source


@pytest.mark.parametrize("data", [None, [], {}, {"scopes": None}, {"scopes": []}, {"scopes": [{"scope_name": "a:b"}]}])
def test_an_answer_that_lists_no_scope_tells_nothing(box: Sandbox, app: App, data: object) -> None:
    """An app that has none could not be asked: it is taken as unknown."""
    box.faults.add(Fault.reply(200, {"code": 0, "data": data}), endpoint="scopes")
    assert enabled_scopes(app) is None


def test_a_wrong_secret_stops_a_login_before_it_begins(box: Sandbox, app: App) -> None:
    """It would fail at its end, after the person approved."""
    with pytest.raises(ConfigError):
        enabled_scopes(replace(app, app_secret=Secret("another one")))


@pytest.mark.parametrize(("told", "life"), [({"expire": 60}, 60), ({}, 7200), ({"expire": None}, 7200)])
def test_an_app_s_token_lives_as_long_as_the_answer_says(
    box: Sandbox, app: App, clock: Clock, told: dict[str, object], life: float
) -> None:
    """Two hours where it says nothing."""
    box.faults.add(Fault.reply(200, {"code": 0, "tenant_access_token": "t-1", **told}), endpoint="tenant_token")
    assert tenant_token(app, clock=clock) == ("t-1", NOON + life)
