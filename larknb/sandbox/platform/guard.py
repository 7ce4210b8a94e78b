"""Who is calling, and may they: the bearer and the scopes."""

from __future__ import annotations

import re

from larknb.sandbox.wire.codes import message_of
from larknb.sandbox.wire.errors import CodeError, bad_parameter
from larknb.sandbox.wire.exchange import Caller, Request

from .endpoint import Endpoint
from .platform import Platform
from .scopes import AVATAR, EMPLOYEE_ID

TOKEN = re.compile(r"(eyJ|u-|t-)[!-~]*")  # the new kind and the two old ones; nothing that is not printable ASCII


def admit(platform: Platform, endpoint: Endpoint, request: Request) -> None:
    """Recognise the caller and check the scopes of the endpoint; raise `CodeError` otherwise."""
    if not endpoint.tokens:
        return
    caller = recognise(platform, request)
    request.caller = caller
    if caller.kind not in endpoint.tokens:
        code = 99991668 if caller.kind == "user" else 99991663
        raise CodeError(code, f"{'user' if caller.kind == 'user' else 'tenant'} access token not support")
    require(platform, caller, endpoint.scopes)


def recognise(platform: Platform, request: Request) -> Caller:
    """Caller behind the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise CodeError(99991661)
    if not TOKEN.fullmatch(token):
        raise CodeError(99991671)
    known = platform.accounts.access.get(token)
    if known is None:
        raise CodeError(99991663 if token.startswith("t-") else 99991668)
    if platform.clock() >= known.expires_at:
        raise CodeError(99991677 if known.user else 99991663)
    return Caller(known.user, known.scopes)


def require(platform: Platform, caller: Caller, scopes: tuple[str, ...]) -> None:
    """Check that the app has, and the user has granted, any one of the scopes."""
    enabled = [scope for scope in scopes if scope in platform.scopes_in_force]
    if scopes and not enabled:
        raise _lacking(platform, caller, scopes, 99991672, "action_scope_required")
    if scopes and caller.user and not caller.scopes.intersection(enabled):
        raise _lacking(platform, caller, scopes, 99991679, "action_privilege_required")


def _lacking(platform: Platform, caller: Caller, scopes: tuple[str, ...], code: int, kind: str) -> CodeError:
    url = f"{platform.url}/app/{platform.app_id}/auth?q={','.join(scopes)}&op_from=openapi&token_type={caller.kind}"
    if platform.old_violations:
        violations = [{"scope": scope, "url": f"{platform.url}/app/{platform.app_id}/auth"} for scope in scopes]
    else:
        violations = [{"type": kind, "subject": scope} for scope in scopes]
    msg = f"{message_of(code)}: [{', '.join(scopes)}]. {url}"
    helps = [{"url": url, "description": "scopes"}]
    return CodeError(code, msg, error={"permission_violations": violations, "helps": helps})


def id_kind(platform: Platform, request: Request, kind: object) -> str:
    """Check the wanted kind of user ids; ``user_id`` needs a scope of its own."""
    if kind not in ("open_id", "union_id", "user_id"):
        raise bad_parameter("user_id_type", kind, "expected open_id, union_id or user_id")
    if kind == "user_id":
        assert request.caller is not None
        require(platform, request.caller, (EMPLOYEE_ID,))
    return str(kind)


def sees_avatars(platform: Platform, request: Request) -> bool:
    """Whether the answer may hold the avatars of people."""
    caller = request.caller
    return AVATAR in platform.scopes and caller is not None and (caller.user is None or AVATAR in caller.scopes)
