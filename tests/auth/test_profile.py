"""Whose token it is."""

from __future__ import annotations

import pytest

from larknb.auth.app import App
from larknb.auth.profile import user_info
from larknb.config.secrets import Secret
from larknb.errors import LoginRequired
from larknb.sandbox import Fault, Sandbox


def test_a_token_tells_whose_it_is(box: Sandbox, app: App) -> None:
    """A person is known by name, open_id and tenant."""
    who = user_info(app, Secret(box.sign_in()["access_token"]))
    person = box.tenant.users[0]
    assert (who.open_id, who.name, who.tenant_key) == (person.open_id, person.name, box.tenant.tenant_key)


def test_a_dead_token_is_nobodys(box: Sandbox, app: App) -> None:
    """An error with HTTP status 200 is an error."""
    box.faults.add(Fault.reply(200, 20005), endpoint="user_info")
    with pytest.raises(LoginRequired):
        user_info(app, Secret(box.sign_in()["access_token"]))
