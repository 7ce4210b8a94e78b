"""Starting, stopping, and the knobs of the whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from larknb.sandbox import Base, Sandbox

from .conftest import TABLES, Api
from .signing_in import CHALLENGE, VERIFIER, ask_tenant, code_of, start_device, trade


def test_a_stopped_box_hangs_up_and_a_started_one_remembers(box: Sandbox, base: Base, api: Api) -> None:
    """A stop cuts the connections; after a start the same port, tokens and data are there again."""
    url = box.url
    assert api.get(TABLES).status_code == 200
    box.stop()
    with pytest.raises(requests.ConnectionError):
        api.get(TABLES)
    box.start()
    assert box.url == url
    assert api.get(TABLES).json()["code"] == 0


def test_starting_and_stopping_twice_does_no_harm(box: Sandbox) -> None:
    """A second start keeps the first, a second stop is nothing."""
    url = box.url
    assert box.start().url == url
    box.stop()
    box.stop()


def test_tokens_can_be_expired_at_will(box: Sandbox, base: Base, connect: Callable[[str | None], Api]) -> None:
    """``expire`` ends one token, or all of them, at once."""
    one, two = box.sign_in()["access_token"], box.sign_in()["access_token"]
    box.expire(one)
    assert connect(one).get(TABLES).json()["code"] == 99991677
    assert connect(two).get(TABLES).json()["code"] == 0
    box.expire()
    assert connect(two).get(TABLES).json()["code"] == 99991677


def test_secrets_are_all_that_must_not_leak(box: Sandbox) -> None:
    """App secret, codes, verifiers, access, refresh, tenant and device tokens are all known."""
    code = code_of(box, code_challenge=CHALLENGE, code_challenge_method="S256")
    pair = trade(box, code, code_verifier=VERIFIER).json()
    device = start_device(box).json()["device_code"]
    expected = {box.app_secret, code, VERIFIER, pair["access_token"], pair["refresh_token"], device}
    assert expected | {ask_tenant(box)["tenant_access_token"]} == box.secrets()
