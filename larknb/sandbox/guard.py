"""Who is calling, and may they: the bearer and the scopes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .codes import message_of
from .wire import CodeError, Endpoint, Request, bad_parameter

if TYPE_CHECKING:
    from .box import Sandbox
    from .objects import User

EMPLOYEE_ID = "contact:user.employee_id:readonly"
AVATAR = "contact:user.base:readonly"
TOKEN = re.compile(r"(eyJ|u-|t-)[!-~]*")  # the new kind and the two old ones; nothing that is not printable ASCII

# Names that occur in the contract: what a console could enable for an app.
SCOPES = frozenset(
    {
        "offline_access",
        "drive:drive.metadata:readonly",
        "drive:drive",
        "drive:drive:readonly",
        "space:document:retrieve",
        "bitable:app",
        "bitable:app:readonly",
        "base:app:read",
        "base:table:read",
        "base:field:read",
        "base:view:read",
        "base:record:retrieve",
        "base:record:read",
        "sheets:spreadsheet",
        "sheets:spreadsheet:readonly",
        "docx:document",
        "docx:document:readonly",
        "docs:document.content:read",
        "docs:doc",
        "docs:doc:readonly",
        "docs:document.media:download",
        "docs:document:export",
        "drive:export:readonly",
        "board:whiteboard:node:read",
        "wiki:wiki",
        "wiki:wiki:readonly",
        "wiki:node:read",
        "wiki:node:retrieve",
        "wiki:space:retrieve",
        "contact:user.base:readonly",
        "contact:user.employee_id:readonly",
        "contact:user.email:readonly",
        "contact:user.phone:readonly",
        "contact:user.employee:readonly",
    }
)


@dataclass(frozen=True)
class Caller:
    """Whoever sent a valid access token; ``user`` is ``None`` for the app itself."""

    user: User | None
    scopes: frozenset[str]

    @property
    def kind(self) -> Literal["user", "tenant"]:
        """Kind of the token."""
        return "user" if self.user else "tenant"

    @property
    def identity(self) -> str:
        """Open id of the user, or ``"tenant"``."""
        return self.user.open_id if self.user else "tenant"

    @property
    def label(self) -> str:
        """Identity as the journal writes it."""
        return f"user:{self.user.open_id}" if self.user else "tenant"


def admit(box: Sandbox, endpoint: Endpoint, request: Request) -> None:
    """Recognise the caller and check the scopes of the endpoint; raise `CodeError` otherwise."""
    if not endpoint.tokens:
        return
    caller = recognise(box, request)
    request.caller = caller
    if caller.kind not in endpoint.tokens:
        code = 99991668 if caller.kind == "user" else 99991663
        raise CodeError(code, f"{'user' if caller.kind == 'user' else 'tenant'} access token not support")
    require(box, caller, endpoint.scopes)


def recognise(box: Sandbox, request: Request) -> Caller:
    """Caller behind the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise CodeError(99991661)
    if not TOKEN.fullmatch(token):
        raise CodeError(99991671)
    return box.accounts.caller(token)


def require(box: Sandbox, caller: Caller, scopes: tuple[str, ...]) -> None:
    """Check that the app has, and the user has granted, any one of the scopes."""
    enabled = [scope for scope in scopes if scope in box.scopes]
    if scopes and not enabled:
        raise _lacking(box, caller, scopes, 99991672, "action_scope_required")
    if scopes and caller.user and not caller.scopes.intersection(enabled):
        raise _lacking(box, caller, scopes, 99991679, "action_privilege_required")


def _lacking(box: Sandbox, caller: Caller, scopes: tuple[str, ...], code: int, kind: str) -> CodeError:
    url = f"{box.url}/app/{box.app_id}/auth?q={','.join(scopes)}&op_from=openapi&token_type={caller.kind}"
    if box.old_violations:
        violations = [{"scope": scope, "url": f"{box.url}/app/{box.app_id}/auth"} for scope in scopes]
    else:
        violations = [{"type": kind, "subject": scope} for scope in scopes]
    msg = f"{message_of(code)}: [{', '.join(scopes)}]. {url}"
    helps = [{"url": url, "description": "scopes"}]
    return CodeError(code, msg, error={"permission_violations": violations, "helps": helps})


def id_kind(box: Sandbox, request: Request, kind: object) -> str:
    """Check the wanted kind of user ids; ``user_id`` needs a scope of its own."""
    if kind not in ("open_id", "union_id", "user_id"):
        raise bad_parameter("user_id_type", kind, "expected open_id, union_id or user_id")
    if kind == "user_id":
        assert request.caller is not None
        require(box, request.caller, (EMPLOYEE_ID,))
    return str(kind)


def sees_avatars(box: Sandbox, request: Request) -> bool:
    """Whether the answer may hold the avatars of people."""
    caller = request.caller
    return AVATAR in box.scopes and caller is not None and (caller.user is None or AVATAR in caller.scopes)
