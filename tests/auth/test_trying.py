"""A renewal that is only tried: it tells what the platform would do, and spends nothing."""

from __future__ import annotations

import pytest

from larknb.auth.store import TokenStore
from larknb.errors import LarkError
from larknb.sandbox import Fault, Sandbox

from .conftest import on_disk

PAIR = {
    "access_token": "eyJ.next",
    "refresh_token": "eyJ.nextr",
    "expires_in": 7200,
    "refresh_token_expires_in": 604800,
}


def test_a_tried_renewal_changes_nothing(store: TokenStore, box: Sandbox) -> None:
    """The platform refuses the scope that stands there twice; the refresh token still works."""
    before = on_disk(store)
    store.try_renewal()
    assert on_disk(store) == before
    assert store.renew(before["access_token"]) != before["access_token"]


@pytest.mark.parametrize(("seed", "code"), [("off", 20074), ("revoked", 20064)])
def test_what_would_end_a_renewal_is_told(seed: str, code: int, store: TokenStore, box: Sandbox) -> None:
    """By its code; the file stays as it was."""
    before = on_disk(store)
    box.refresh_enabled = seed != "off"
    if seed == "revoked":
        box.revoke_refresh()
    with pytest.raises(LarkError) as caught:
        store.try_renewal()
    assert caught.value.code == code
    assert on_disk(store) == before


def test_a_pair_that_comes_all_the_same_is_kept(store: TokenStore, box: Sandbox) -> None:
    """A platform that looks past the scope has spent the old refresh token by then."""
    box.faults.add(Fault.reply(200, {"code": 0, "token_type": "Bearer", "scope": "offline_access", **PAIR}), "token")
    store.try_renewal()
    assert {name: on_disk(store)[name] for name in ("access_token", "refresh_token")} == {
        "access_token": "eyJ.next",
        "refresh_token": "eyJ.nextr",
    }
