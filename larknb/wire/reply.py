"""One answer of the platform as it came: its status, its JSON, what its headers tell; or why there is none."""

from __future__ import annotations

import json
import re
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
from larknb.wire.failures import Failure, failure_of
from larknb.wire.incoming import content

__all__ = ["Reply", "parse"]

LARGEST = 4_000_000  # bytes of an answer, where its reader names no other limit
LONGEST_NUMBER = 300  # digits: of more than a few thousand, Python makes no int
SHORTEST = 5  # characters of a secret that is looked for in an answer: a shorter one stands in many words

Body = Mapping[str, Any]


# --- JSON -----------------------------------------------------------------------------------------------------------


def parse(content: bytes) -> Body | None:
    """Return a JSON object, or None where there is no such object.

    Half a character in a text (an escape without its other half, bytes that are no UTF-8) is shown as U+FFFD: it must
    not cost all the others.
    """
    try:
        body = orjson.loads(memoryview(content))  # it takes no other kind of bytes
    except ValueError:
        body = _leniently(content)
    return body if isinstance(body, dict) else None


def _leniently(content: bytes) -> Any:
    """Return what the standard library makes of JSON that is not quite valid, None where it makes nothing of it."""
    try:
        return _storable(json.loads(content.decode("utf-8-sig", "replace"), parse_int=_whole))
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> int | float:
    if len(digits) > LONGEST_NUMBER:
        return float(digits)  # as a rule infinite: it must not cost all the others
    number = int(digits)
    return number if abs(number) < 1 << 63 else float(number)  # as orjson reads it


def _storable(value: Any) -> Any:
    """Return parsed JSON without half characters."""
    if isinstance(value, str):
        return value if value.isascii() else HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return {_storable(key): _storable(each) for key, each in value.items()} if isinstance(value, dict) else value


HALF = re.compile("[\ud800-\udfff]")

# --- an answer ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What came back for one request.

    Where nothing came, ``status`` is 0 and ``failure`` says why. ``body`` is None where no JSON object came: the page
    of a proxy, half an answer. It is for the caller to say what counts as success.
    """

    status: int = 0
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    failure: Failure | None = None

    @classmethod
    def of(
        cls, response: requests.Response, parse: Callable[[bytes], Body | None] = parse, most: int = LARGEST
    ) -> Reply:
        """Return what a response says in at most so many bytes.

        Raises
        ------
        requests.RequestException
            It broke off, cannot be unpacked, or is larger.
        """
        return cls(response.status_code, parse(MaskedBytes(content(response, most))), response.headers)

    @classmethod
    def lost(cls, error: requests.RequestException) -> Reply:
        """Return what there is to say of a request that got no answer."""
        return cls(failure=failure_of(error))

    def odd(self, where: str) -> Reply:
        """Return this reply as one that is not what the documentation says; ``where`` is the place in it."""
        return replace(self, failure=Failure("odd", {"where": where}))

    @property
    def is_bare(self) -> bool:
        """True where something came that is no JSON object."""
        return self.failure is None and self.body is None

    @property
    def _bare(self) -> Failure:
        """What such an answer means: no redirect is followed."""
        return Failure("redirects" if 300 <= self.status < 400 else "garbled", {"status": self.status})

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
        except (ValueError, TypeError, LookupError, ArithmeticError, OSError):  # whatever stands there
            return None

    @property
    def remedy(self) -> Remedy:
        """What the contract says of it."""
        if self.failure:
            return codes.TROUBLES[self.failure.trouble]
        if self.is_bare and self.status < 400:
            return codes.TROUBLES[self._bare.trouble]
        return codes.remedy(self.code, self.status, str((self.body or {}).get("msg") or ""))

    def error(self, base: str, *, api: str = "", source: str = "", asker: Asker | None = None) -> LarkError:
        """Return the error that it stands for; ``base`` is where the question went."""
        failure = self._bare if self.is_bare else self.failure
        if failure:
            words = {"host": urlsplit(base).netloc, **failure.words}
            return from_failure(failure.trouble, api=api, source=source, log_id=self.log_id, **words)
        return from_answer(self.status, self.body or {}, log_id=self.log_id, api=api, source=source, asker=asker)

    def without(self, sent: Collection[str]) -> Reply:
        """Return it repeating no secret that was sent: an answer that quotes its request would leak it."""
        return self if self.body is None else replace(self, body=_cleaned(self.body, sent))

    def __str__(self) -> str:
        """Return it in a few words for the log, which never shows a body."""
        if self.failure:
            return f"no answer that can be used ({self.failure.trouble})"
        return f"{'no JSON' if self.body is None else f'code {self.code}'}, HTTP {self.status}"


def _cleaned(value: Any, sent: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _cleaned(each, sent) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, sent) for each in value]
    if isinstance(value, str):
        for secret in sent:
            if len(secret) >= SHORTEST and secret in value:  # a text without it keeps its type: it may be masked
                value = value.replace(secret, "****")
    return value
