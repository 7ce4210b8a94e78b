"""What travels: a request as an endpoint sees it, and the response it gives."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Literal

import orjson

from larknb.sandbox.world.bitable.cells import unwrap
from larknb.sandbox.world.people import User

from .errors import bad_parameter

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


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


@dataclass
class Request:
    """One request; ``params`` is what its path named, ``pairs`` the query with names that occur more than once."""

    method: str
    path: str
    query: dict[str, str]
    headers: Message
    content: bytes
    pairs: list[tuple[str, str]] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    log_id: str = ""
    caller: Caller | None = None

    @property
    def body(self) -> Any:
        """Content as JSON or as a form, ``None`` if it is neither."""
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return dict(urllib.parse.parse_qsl(self.content.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return None

    @property
    def identity(self) -> str:
        """Open id of the caller, or ``"tenant"``; only where the guard has let somebody in."""
        assert self.caller is not None
        return self.caller.identity

    def flag(self, name: str) -> bool:
        """A true/false parameter of the query, false where it is absent."""
        value = self.query.get(name, "false")
        if value not in ("true", "false"):
            raise bad_parameter(name, value, "expected true or false")
        return value == "true"


@dataclass
class Response:
    """One response; ``code`` is what its body says, ``None`` for pages."""

    status: int
    content: bytes
    code: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    sent: Literal["whole", "half", "never"] = "whole"
    is_chunked: bool = False


def success(data: object, msg: str = "success") -> Response:
    """Envelope of the platform around ``data``; some endpoints say ``Success`` or nothing in ``msg``."""
    body = {"code": 0, "msg": msg, "data": data}
    return Response(200, orjson.dumps(body, default=unwrap, option=orjson.OPT_PASSTHROUGH_DATACLASS), code=0)


def flat(body: Mapping[str, object], status: int = 200) -> Response:
    """Body without an envelope, as the token endpoints give it."""
    code = body.get("code")
    return Response(status, orjson.dumps(body), code=code if isinstance(code, int) else None)


def html_page(title: str, text: str, *, status: int = 200, code: int | None = None, extra: str = "") -> Response:
    """HTML page for a person; ``extra`` is markup, everything else is escaped."""
    parts = (
        "<!doctype html><meta charset=utf-8>",
        f"<title>{html.escape(title)}</title><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{extra}",
    )
    return Response(status, "".join(parts).encode(), code=code, content_type=HTML)
