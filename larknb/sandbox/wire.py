"""What travels: a request as an endpoint sees it, the answer it gives, and the bodies that success and failure have."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from .cells import unwrap
from .codes import GATEWAY, message_of, oauth_error_of, status_of

if TYPE_CHECKING:
    from email.message import Message

    from .box import Sandbox
    from .guard import Caller

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


class CodeError(Exception):
    """A request that ends in an error code of the platform.

    Parameters
    ----------
    code : int
        The platform's code; text and HTTP status follow from it where they are not given.
    error : dict
        What the ``error`` object of the body holds beside the log id.
    """

    def __init__(
        self,
        code: int,
        msg: str | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.msg = msg or message_of(code)
        self.status = status
        self.headers = dict(headers or {})
        self.error = dict(error or {})


class DeviceError(Exception):
    """An answer of the device flow that carries an ``error`` word and no code."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


def bad_parameter(name: str, value: object, description: str) -> CodeError:
    """Gateway's refusal of one parameter."""
    violation = {"field": name, "value": str(value), "description": description}
    return CodeError(99992402, error={"field_violations": [violation]})


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

    def flag(self, name: str) -> bool:
        """A true/false parameter of the query, false where it is absent."""
        value = self.query.get(name, "false")
        if value not in ("true", "false"):
            raise bad_parameter(name, value, "expected true or false")
        return value == "true"


@dataclass
class Answer:
    """One answer; ``code`` is what its body says, ``None`` for pages."""

    status: int
    content: bytes
    code: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    sent: Literal["whole", "half", "never"] = "whole"
    is_chunked: bool = False


@dataclass(frozen=True)
class Endpoint:
    """One path of the platform, who may call it, and what does the work.

    Parameters
    ----------
    scopes : tuple of str
        Any one of them suffices; none: no scope is needed.
    tokens : tuple of str
        Kinds of access token that are accepted; none: the endpoint takes no bearer.
    limits : tuple of (int, int) or (int, int, int)
        Documented rates: so many requests in so many seconds; the third is the code where it is not 99991400.
    kind : str
        ``api``, ``oauth`` (flat bodies), ``page`` (for a person's browser), or ``file`` (bytes, and perhaps failures
        without a body).
    """

    name: str
    method: str
    path: str
    work: Callable[[Sandbox, Request], Answer]
    scopes: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ("user", "tenant")
    limits: tuple[tuple[int, int] | tuple[int, int, int], ...] = ()
    kind: Literal["api", "oauth", "page", "file"] = "api"


def success(data: object, msg: str = "success") -> Answer:
    """Envelope of the platform around ``data``; some endpoints say ``Success`` or nothing in ``msg``."""
    body = {"code": 0, "msg": msg, "data": data}
    return Answer(200, orjson.dumps(body, default=unwrap, option=orjson.OPT_PASSTHROUGH_DATACLASS), code=0)


def flat(body: Mapping[str, object], status: int = 200) -> Answer:
    """Body without an envelope, as the token endpoints give it."""
    code = body.get("code")
    return Answer(status, orjson.dumps(body), code=code if isinstance(code, int) else None)


def page(title: str, text: str, *, status: int = 200, code: int | None = None, extra: str = "") -> Answer:
    """HTML page for a person; ``extra`` is markup, everything else is escaped."""
    parts = (
        "<!doctype html><meta charset=utf-8>",
        f"<title>{html.escape(title)}</title><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{extra}",
    )
    return Answer(status, "".join(parts).encode(), code=code, content_type=HTML)


def failure(box: Sandbox, endpoint: Endpoint, request: Request, error: CodeError | DeviceError) -> Answer:
    """Answer that tells of a failure in the form of this endpoint."""
    if isinstance(error, DeviceError):
        return flat({"error": error.error, "error_description": error.description}, error.status)
    status = error.status or (box.gateway_status if error.code // 100 == GATEWAY else None)
    status = status or status_of(error.code, endpoint.name)
    if endpoint.kind == "page":
        return page(f"{error.code}", error.msg, status=status, code=error.code)
    if endpoint.kind == "file" and box.empty_file_errors:
        answer = Answer(status, b"")
    elif endpoint.kind == "oauth":
        words = {"error": oauth_error_of(error.code), "error_description": error.msg}
        answer = flat({"code": error.code, **words}, status)
    else:
        search = f"{box.url}/search?from=openapi&log_id={request.log_id}&code={error.code}"
        detail = {box.log_id_key: request.log_id, "troubleshooter": search, **error.error}
        answer = flat({"code": error.code, "msg": error.msg, "error": detail}, status)
    answer.headers.update(error.headers)
    return answer
