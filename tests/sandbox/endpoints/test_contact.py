"""The names of people by their ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Sandbox

from ..conftest import Api, data_of, outcome

BASIC, BATCH = "/contact/v3/users/basic_batch", "/contact/v3/users/batch"


def test_names_of_some_people(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """An answer has the keys of the documented one; whom the tenant does not know is left out."""
    user = box.tenant.users[0]
    users = data_of(api.post(BASIC, {"user_ids": [user.open_id, "ou_gone"]}, user_id_type="open_id"))["users"]
    assert [(each["user_id"], each["name"]) for each in users] == [(user.open_id, user.name)]
    assert set(users[0]) == set(recorded("docx/contact_basic_batch.constructed.json")["data"]["users"][0])
    assert data_of(api.post(BASIC, {"user_ids": [user.union_id]}, user_id_type="union_id"))["users"]


@pytest.mark.parametrize("ids", [[], ["ou"] * 11, "ou", [1], None])
def test_one_to_ten_ids(api: Api, ids: Any) -> None:
    """Anything else is 40001, with status 400."""
    assert outcome(api.post(BASIC, {"user_ids": ids})) == (400, 40001)


def test_people_have_names_only_with_the_field_scope(api: Api, box: Sandbox) -> None:
    """Without it there are ids; fifty of them at most."""
    user = box.tenant.users[0]
    assert api.data(BATCH, user_ids=[user.open_id])["items"][0]["name"] == user.name
    box.scopes.discard("contact:user.base:readonly")
    assert set(api.data(BATCH, user_ids=[user.open_id])["items"][0]) == {"open_id", "union_id"}
    assert outcome(api.get(BATCH, user_ids=["ou"] * 51)) == (400, 40001)


def test_names_need_a_scope(api: Api, box: Sandbox) -> None:
    """The app that lacks it is told so."""
    box.scopes -= {"contact:user.basic_profile:readonly", "contact:contact.base:readonly"}
    assert api.post(BASIC, {"user_ids": ["ou"]}).json()["code"] == 99991672
    assert api.get(BATCH, user_ids=["ou"]).json()["code"] == 99991672
