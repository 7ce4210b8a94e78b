"""The names of people, by their ids: for ten of them at once, and for fifty as far as the app may see them."""

from __future__ import annotations

from larknb.sandbox.platform.endpoint import TIER_4, Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, success
from larknb.sandbox.world.people import User

WRONG_PARAMETER = 40001
MOST_BASIC, MOST = 10, 50  # ids of one request
ID_KINDS = ("open_id", "union_id", "user_id")
BASE = "contact:user.base:readonly"  # without it there are ids and no names


def basic_batch(platform: Platform, request: Request) -> Response:
    """Names of some people; whom the tenant does not know is left out."""
    ids = request.body.get("user_ids") if isinstance(request.body, dict) else None
    kind = _kind(request)
    users = [
        {
            "user_id": user.id_of(kind),
            "name": user.name,
            "i18n_name": {"zh_cn": user.name, "en_us": user.en_name, "ja_jp": ""},
        }
        for user in _users(platform, ids, kind, MOST_BASIC)
    ]
    return success({"users": users})


def batch(platform: Platform, request: Request) -> Response:
    """People within the reach of the app; the field scope decides whether their names are told."""
    kind = _kind(request)
    named = BASE in platform.scopes_in_force
    items = [
        {"open_id": user.open_id, "union_id": user.union_id}
        | ({"name": user.name, "en_name": user.en_name} if named else {})
        for user in _users(platform, [value for name, value in request.pairs if name == "user_ids"], kind, MOST)
    ]
    return success({"items": items})


def _kind(request: Request) -> str:
    kind = request.query.get("user_id_type", "open_id")
    if kind not in ID_KINDS:
        raise CodeError(WRONG_PARAMETER)
    return kind


def _users(platform: Platform, ids: object, kind: str, most: int) -> list[User]:
    if not isinstance(ids, list) or not 1 <= len(ids) <= most or not all(isinstance(each, str) for each in ids):
        raise CodeError(WRONG_PARAMETER)
    known = {user.id_of(kind): user for user in platform.tenant.users}
    return [known[each] for each in ids if each in known]


PATH = "/open-apis/contact/v3/users"

ENDPOINTS = (
    Endpoint(
        "people_basic", "POST", f"{PATH}/basic_batch", basic_batch, ("contact:user.basic_profile:readonly",),
        limits=((5, 1),),
    ),
    Endpoint("people", "GET", f"{PATH}/batch", batch, ("contact:contact.base:readonly",), limits=TIER_4),
)  # fmt: skip
