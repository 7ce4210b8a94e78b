"""The people of a tenant, and tokens that nothing else has."""

from __future__ import annotations

from larknb.sandbox import Tenant


def test_a_person_is_found_by_each_kind_of_id() -> None:
    """Open id, union id and user id; never by the obsolete one, nor by name."""
    tenant = Tenant()
    user = tenant.add_user("李雷")
    assert [tenant.find_user(one) for one in (user.open_id, user.union_id, user.user_id)] == [user] * 3
    assert tenant.find_user(user.lark_id) is tenant.find_user(user.name) is None


def test_somebody_unknown_joins_the_company() -> None:
    """An open id that nobody has makes a person, once."""
    tenant = Tenant()
    new = tenant.user("ou_new")
    assert tenant.users[1:] == [new]
    assert tenant.user("ou_new") is tenant.user(new) is new


def test_tokens_are_the_same_in_tenants_that_were_built_the_same_way() -> None:
    """No token twice in one tenant, the same ones in the next, others under another name."""

    def tokens(name: str) -> list[str]:
        tenant = Tenant(name)
        return [tenant.add_base("A").token, tenant.add_base("A").token, tenant.add_document("A").token]

    assert len(set(tokens("一"))) == 3
    assert tokens("一") == tokens("一")
    assert not set(tokens("一")) & set(tokens("二"))
