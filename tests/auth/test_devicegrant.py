"""The device grant, against the stand-in platform."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.devicegrant import poll_device, start_device
from larknb.auth.grant import Grant
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, leaked, told

STARTED = {"device_code": "dc", "user_code": "AB-CD", "verification_uri": "https://accounts.example/device"}


def test_a_start_gives_a_page_and_a_code(box: Sandbox, app: App, clock: Clock) -> None:
    """They come from the platform, as do the time that they live and the pause between questions."""
    box.faults.add(Fault.reply(200, {**STARTED, "expires_in": 600, "interval": 7}), endpoint="device")
    device = start_device(app, ["offline_access"], clock=clock)
    assert (device.url, device.user_code) == ("https://accounts.example/device", "AB-CD")
    assert (device.ends_at, device.interval) == (NOON + 600, 7)
    assert "dc" not in repr(device)


@pytest.mark.parametrize("missing", [{}, {"expires_in": None, "interval": "often"}])
def test_a_start_that_tells_no_times_gets_the_usual_ones(
    box: Sandbox, app: App, clock: Clock, missing: dict[str, Any]
) -> None:
    """Four minutes, and five seconds between two questions."""
    box.faults.add(Fault.reply(200, {**STARTED, **missing}), endpoint="device")
    device = start_device(app, ["offline_access"], clock=clock)
    assert (device.ends_at, device.interval) == (NOON + 240, 5)


def test_the_answer_says_whether_somebody_approved(box: Sandbox, app: App, clock: Clock) -> None:
    """Nobody yet, then the tokens."""
    code = start_device(app, ["offline_access"], clock=clock).device_code
    assert poll_device(app, code, clock=clock) == "authorization_pending"
    clock.advance(60)
    [waiting] = box.accounts.devices.values()
    waiting.user, waiting.approved = box.tenant.users[0], True
    grant = poll_device(app, code, clock=clock)
    assert isinstance(grant, Grant)
    assert grant.expires_at == clock.now + 7200


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.html(502), Fault.reply(400, {"error": "x", "code": 20050})])
def test_a_question_without_an_answer_is_asked_once(box: Sandbox, app: App, fault: Fault) -> None:
    """Whoever asks again and again has waits of its own."""
    box.faults.add(fault, endpoint="token", times=None)
    with pytest.raises(ApiError):
        poll_device(app, Secret("dc"))
    assert box.journal.count("token") == 1


@pytest.mark.parametrize("endpoint", ["device", "token"])
def test_errors_show_no_secret(box: Sandbox, app: App, waits: list[float], endpoint: str) -> None:
    """Neither the code nor the app's secret, which the platform repeats here."""
    quote = {"error": "invalid_client", "error_description": f"{box.app_secret} dc-secret", "code": 20002}
    box.faults.add(Fault.reply(400, quote), endpoint=endpoint)
    with pytest.raises(LarkError) as caught:
        if endpoint == "device":
            start_device(app, ["offline_access"], sleep=waits.append)
        else:
            poll_device(app, Secret("dc-secret"))
    assert isinstance(caught.value, ConfigError)
    assert not leaked(told(caught.value), box, *(["dc-secret"] if endpoint == "token" else []))


@pytest.mark.parametrize(("status", "begun"), [(200, True), (399, True), (400, False), (401, False)])
def test_a_start_that_was_refused_is_none(box: Sandbox, app: App, waits: list[float], status: int, begun: bool) -> None:
    """Whatever its body holds: the status decides."""
    box.faults.add(Fault.reply(status, STARTED), endpoint="device")
    if begun:
        assert start_device(app, ["offline_access"]).user_code == "AB-CD"
        return
    with pytest.raises(LarkError):
        start_device(app, ["offline_access"], sleep=waits.append)


def test_a_start_that_lives_too_long_is_cut(box: Sandbox, app: App, clock: Clock) -> None:
    """Nobody waits longer than an hour, or a minute between two questions, whatever an answer says."""
    box.faults.add(Fault.reply(200, {**STARTED, "expires_in": 1e9, "interval": 1e9}), endpoint="device")
    device = start_device(app, ["offline_access"], clock=clock)
    assert (device.ends_at, device.interval) == (NOON + 3600, 60)
