"""Persons in the shape that a caller may see."""

from __future__ import annotations

from collections.abc import Callable

from larknb.sandbox import Base, Field, Sandbox

from ...conftest import Api, outcome


def test_user_ids_of_other_kinds(api: Api, base: Base, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Ids follow user_id_type everywhere; user_id needs its scope; an unknown kind is refused."""
    user = box.tenant.users[0]
    table = base.add_table("T", [Field("人", 11), Field("引用", 19), Field("创建人", 1003)])
    table.add({"人": user, "引用": {"type": 11, "value": [user.person()]}})
    row = api.rows(table, {"automatic_fields": True}, user_id_type="union_id")[0]
    people = [row["fields"]["人"][0], row["fields"]["引用"]["value"][0], row["fields"]["创建人"][0], row["created_by"]]
    assert {person["id"] for person in people} == {user.union_id}
    assert api.rows(table, user_id_type="user_id")[0]["fields"]["人"][0]["id"] == user.user_id
    assert outcome(api.search(table, user_id_type="lark_id")) == (400, 99992402)
    poor = connect(box.sign_in("ou_poor", ["base:record:retrieve"])["access_token"])
    assert outcome(poor.search(table, user_id_type="user_id")) == (400, 99991679)


def test_avatars_need_a_scope(base: Base, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Without contact:user.base:readonly the persons have no avatar_url."""
    table = base.add_table("T", [Field("人", 11), Field("创建人", 1003)])
    table.add({"人": box.tenant.users[0]})
    api = connect(box.sign_in("ou_poor", ["base:record:retrieve"])["access_token"])
    row = api.rows(table, {"automatic_fields": True})[0]
    for person in (row["fields"]["人"][0], row["fields"]["创建人"][0], row["created_by"]):
        assert set(person) == {"id", "name", "en_name", "email"}
