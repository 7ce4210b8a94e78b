"""One answer of the platform as it came: its status, its JSON, what its headers tell; or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from larknb.config.secrets import MaskedBytes
from larknb.errors import Asker, LarkError
from larknb.wire import codes
from larknb.wire.codes import Remedy, from_answer, from_failure
from larknb.wire.session import failure_reason

__all__ = ["Reply", "parse"]

SHORTEST = 5  # characters of a secret that is looked for in an answer: a shorter one stands in many words

Body = Mapping[str, Any]


def parse(content: bytes) -> Body | None:
    """Return a JSON object, or None where there is no such object."""
    try:
        body = orjson.loads(memoryview(content))  # it takes no other kind of bytes
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


@dataclass(frozen=True)
class Reply:
    """What came back for one request.

    Where nothing came, ``status`` is 0 and ``reason`` says why, in the user's words. ``body`` is None where no JSON
    object came: the page of a proxy, half an answer. It is for the caller to say what counts as success.
    """

    status: int = 0
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reason: str = ""

    @classmethod
    def of(cls, response: requests.Response, parse: Callable[[bytes], Body | None] = parse) -> Reply:
        """Return what a response says."""
        return cls(response.status_code, parse(MaskedBytes(response.content)), response.headers)

    @classmethod
    def lost(cls, error: requests.RequestException) -> Reply:
        """Return what there is to say of a request that got no answer."""
        return cls(reason=failure_reason(error))

    @property
    def code(self) -> int | None:
        """The ``code`` of the envelope, where there is one."""
        return codes.code_of(self.body or {})

    @property
    def data(self) -> dict[str, Any]:
        """The ``data`` of the envelope; empty where there is none."""
        data = (self.body or {}).get("data")
        return data if isinstance(data, dict) else {}

    @property
    def log_id(self) -> str:
        """What the platform's support asks for."""
        return self.headers.get("X-Tt-Logid", "")

    @property
    def server_time(self) -> float | None:
        """The platform's clock (epoch seconds), where it told."""
        try:
            return parsedate_to_datetime(self.headers.get("Date", "")).timestamp()
        except ValueError:
            return None

    @property
    def remedy(self) -> Remedy:
        """What the contract says of it."""
        return codes.remedy(self.code, self.status, str((self.body or {}).get("msg") or ""))

    def error(self, base: str, *, api: str = "", source: str = "", asker: Asker | None = None) -> LarkError:
        """Return the error that it stands for; ``base`` is where the question went."""
        host = urlsplit(base).netloc
        if self.reason:
            return from_failure("network", api=api, source=source, host=host, reason=self.reason)
        if self.body is None:
            return from_failure("garbled", api=api, source=source, host=host, status=self.status)
        return from_answer(self.status, self.body, log_id=self.log_id, api=api, source=source, asker=asker)

    def without(self, sent: Collection[str]) -> Reply:
        """Return it repeating no secret that was sent: an answer that quotes its request would leak it."""
        return self if self.body is None else replace(self, body=_cleaned(self.body, sent))

    def __str__(self) -> str:
        """Return it in a few words for the log, which never shows a body."""
        if not self.status:
            return "no answer"
        return f"{'no JSON' if self.body is None else f'code {self.code}'}, HTTP {self.status}"


def _cleaned(value: Any, sent: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _cleaned(each, sent) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, sent) for each in value]
    if isinstance(value, str):
        for secret in sent:
            value = value.replace(secret, "****") if len(secret) >= SHORTEST else value
    return value
