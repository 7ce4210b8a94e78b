"""LarkClient: the one door to the platform.

Every call goes through `LarkClient.call`: it paces, sends the identity's token, reads the envelope, tries again what
can heal, renews a refused token once, and turns everything else into an error that tells a user what to do.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import orjson
import requests

from larknb.api.pacing import Pacer
from larknb.errors import LarkError
from larknb.wire.codes import code_of, from_answer, from_failure, remedy
from larknb.wire.retry import Retry
from larknb.wire.session import failure_reason, is_loopback, new_session

if TYPE_CHECKING:
    from larknb.api.usage import Usage
    from larknb.auth.identity import Identity

__all__ = ["Answer", "LarkClient"]

TIMEOUT = (10, 60)  # seconds to connect, and between two pieces of the answer: a full page of wide rows takes a while

log = logging.getLogger("larknb")
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What the platform said: ``data`` of the envelope, and its clock (epoch seconds) where it gave one."""

    data: dict[str, Any]
    server_time: float | None = None


class LarkClient:
    """Reads from the platform as one identity.

    Parameters
    ----------
    open_base : str
        The API's origin, such as ``https://open.feishu.cn``.
    identity : Identity
        Whose token is sent.
    usage : Usage, optional
        Where calls are counted; its budget stops them.
    clock, sleep, jitter
        The real ones by default.
    """

    def __init__(
        self,
        open_base: str,
        identity: Identity,
        *,
        usage: Usage | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self.open_base = open_base.rstrip("/")
        self.identity = identity
        self.usage = usage
        self.calls = 0
        self.source = ""  # whom calls are counted for, and whom errors name
        self.source_name = ""
        self._sleep, self._jitter = sleep, jitter
        self._pacer = Pacer(always=not is_loopback(self.open_base), clock=clock, sleep=sleep)
        self._session = new_session(self.open_base)
        self._documents: dict[str, threading.Lock] = {}

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    @contextmanager
    def serving(self, key: str, name: str) -> Iterator[None]:
        """Count the calls made inside for one source, and name it in errors."""
        before = self.source, self.source_name
        self.source, self.source_name = key, name
        try:
            yield
        finally:
            self.source, self.source_name = before

    # --- what readers call --------------------------------------------------------------------------------------

    def get(self, path: str, *, api: str = "", **params: Any) -> dict[str, Any]:
        """Return the ``data`` of a GET."""
        return self._told("GET", path, api, params)

    def _told(self, method: str, path: str, api: str, params: Mapping[str, Any], json: Any = None) -> dict[str, Any]:
        """Return the ``data`` of an answer that must have some: success that says nothing proves nothing."""
        data = self.call(method, path, api=api, params=params, json=json).data
        if not data:
            raise from_failure("empty", api=api, source=self.source_name)
        return data

    def paginate(
        self,
        method: str,
        path: str,
        *,
        page_size: int,
        api: str = "",
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the ``data`` of each page (items under ``items``) until the server says there is no more.

        The next page is asked for while the caller works on the present one; there is never more than one request
        on its way.

        Parameters
        ----------
        page_size : int
            Items per page. Record search accepts at most 500, lists of tables, fields and views at most 100.

        Raises
        ------
        LarkError
            A page came back with ``code != 0``.
        """
        query = {**(params or {}), "page_size": page_size}
        page = self._told(method, path, api, query, json)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="larknb-page") as ahead:
            while page.get("has_more"):  # never by the token: some last pages carry one
                following = {**query, "page_token": page.get("page_token")}
                if following["page_token"] in (None, "", query.get("page_token")):
                    raise from_failure("pages", api=api, source=self.source_name)  # else it would go on for ever
                query = following
                coming = ahead.submit(self._told, method, path, api, following, json)
                yield page
                page = coming.result()
        yield page

    def items(
        self, method: str, path: str, *, page_size: int, api: str = "", **kwargs: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield every item of every page."""
        for page in self.paginate(method, path, page_size=page_size, api=api, **kwargs):
            yield from page.get("items") or []

    def call(
        self, method: str, path: str, *, api: str = "", params: Mapping[str, Any] | None = None, json: Any = None
    ) -> Answer:
        """Return one answer with code 0.

        Parameters
        ----------
        path : str
            Below ``/open-apis/``.
        api : str
            Documentation path of the call, named in errors.

        Raises
        ------
        LarkError
            The class says what a user can do about it.
        """
        return self._asking(f"{method} {path}", lambda token: self._send(method, path, api, params, json, token))

    def _asking(self, what: str, send: Callable[[str], T | _Failure]) -> T:
        """Return what ``send`` gives for a token, tried again as the contract says."""
        retry = Retry(self._jitter) if self._jitter else Retry()
        token, renewed = self.identity.bearer(), False
        while True:
            outcome = send(token)
            if not isinstance(outcome, _Failure):
                return outcome
            if outcome.heal == "renew" and not renewed:
                token, renewed = self.identity.renew(token), True
                continue
            wait = retry.wait(outcome.headers) if outcome.heal == "retry" else None
            if wait is None:
                raise outcome.error from None  # the cause's frames hold the token in plain text
            log.info("%s: %s; trying again in %.1f s", what, outcome.why, wait)
            self._sleep(wait)

    # --- one request --------------------------------------------------------------------------------------------

    def _send(
        self, method: str, path: str, api: str, params: Mapping[str, Any] | None, json: Any, token: str
    ) -> Answer | _Failure:
        body = None if json is None else orjson.dumps(json)
        kind = {"Content-Type": "application/json; charset=utf-8"}
        try:
            response = self._request(method, path, token, params=params, data=body, headers=kind)
        except requests.RequestException as error:
            return self._unreached(error, api)
        return self._read(response, api)

    def _request(
        self, method: str, path: str, token: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Send one request, counted, in its turn and at the pace of the platform."""
        if self.usage:
            self.usage.count(self.source)
        with self._alone(path):
            self._pacer.wait(method, path)
            self.calls += 1
            return self._session.request(
                method,
                f"{self.open_base}/open-apis/{path}",
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                timeout=TIMEOUT,
                allow_redirects=False,  # a redirect would carry the token to wherever it points
                **options,
            )

    def _alone(self, path: str) -> AbstractContextManager[Any]:
        """One request at a time per base: the platform works serially there, and parallel reads block it."""
        base = re.match(r"bitable/v1/apps/([^/]+)", path)
        return self._documents.setdefault(base[1], threading.Lock()) if base else nullcontext()

    def _unreached(self, error: requests.RequestException, api: str) -> _Failure:
        host = urlsplit(self.open_base).netloc
        found = from_failure("network", api=api, source=self.source_name, host=host, reason=failure_reason(error))
        return _Failure(found, "retry", "no answer")

    def _read(self, response: requests.Response, api: str) -> Answer | _Failure:
        log_id = response.headers.get("X-Tt-Logid", "")
        try:
            body = orjson.loads(response.content)
        except ValueError:
            body = None
        if not isinstance(body, dict) or (code_of(body) is None and response.status_code < 400):
            return self._garbled(response, api)
        code = code_of(body)
        if code == 0 and response.status_code < 400:
            data = body.get("data")
            return Answer(data if isinstance(data, dict) else {}, _date(response.headers.get("Date")))
        found = remedy(code, response.status_code, str(body.get("msg") or ""))
        if found.text == "rate":
            self._pacer.limited()
        error = from_answer(
            response.status_code, body, log_id=log_id, api=api, source=self.source_name, asker=self.identity.asker
        )
        return _Failure(error, found.heal, f"code {code}, HTTP {response.status_code}", response.headers)

    def _garbled(self, response: requests.Response, api: str) -> _Failure:
        """An answer without an envelope: the HTTP status decides; a page with status 200 may be a proxy's hiccup."""
        status = response.status_code
        found = remedy(None, status)
        if found.text == "rate":
            self._pacer.limited()
        heal = found.heal if status >= 400 else "retry"
        error: LarkError
        if status in (401, 403, 404):
            error = from_answer(status, {}, api=api, source=self.source_name, asker=self.identity.asker)
        else:
            host = urlsplit(self.open_base).netloc
            error = from_failure("garbled", api=api, source=self.source_name, host=host, status=status)
        return _Failure(error, heal, f"no JSON, HTTP {status}", response.headers)


@dataclass(frozen=True)
class _Failure:
    error: LarkError
    heal: str
    why: str
    headers: Mapping[str, str] | None = None


def _date(header: str | None) -> float | None:
    """Return the server's clock as epoch seconds."""
    try:
        return parsedate_to_datetime(header or "").timestamp()
    except ValueError:
        return None
