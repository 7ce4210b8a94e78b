"""LarkClient: the one door to the platform.

Every request goes through `LarkClient.call` or `LarkClient.stream`: they pace, send the identity's token, read the
answer, check that it is what the documentation says (`larknb.api.endpoints`), try again what can heal, renew a refused
token once, and turn everything else into an error that tells a user what to do.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import requests

from larknb.api.downloads import Downloads
from larknb.api.endpoints import Endpoint, endpoint_of, oddity
from larknb.api.pacing import Pacer
from larknb.api.paging import Listing
from larknb.config.secrets import Secret
from larknb.errors import LarkError
from larknb.wire.apart import apart
from larknb.wire.codes import Heal, from_answer, from_failure
from larknb.wire.failures import never_left
from larknb.wire.reply import Reply
from larknb.wire.retry import Clock, Retry, Sleep
from larknb.wire.session import is_loopback, new_session

if TYPE_CHECKING:
    from larknb.api.usage import Usage
    from larknb.auth.identity import Identity

__all__ = ["Answer", "LarkClient"]

TIMEOUT = (10, 60)  # seconds to connect, and between two pieces of the answer: a full page of wide rows takes a while

JSON = {"Content-Type": "application/json; charset=utf-8"}
# Whose turn it is with each base, for all clients of this process, whoever they ask as.
TURNS: dict[str, threading.Lock] = {}

log = logging.getLogger("larknb")
T = TypeVar("T")
OnRetry = Callable[[int, int, float], None]  # gets the how many-th try comes next, of how many, in how many seconds


def _go_on() -> None:
    """Check nothing."""


@dataclass
class _Count:
    number: int = 0


@dataclass(frozen=True)
class Answer:
    """What the platform said: ``data`` of the envelope, its clock (epoch seconds) where it gave one, and its log id."""

    data: dict[str, Any]
    server_time: float | None = None
    log_id: str = ""


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
    pace : Path, optional
        The file over which all processes of the app keep its rates (`larknb.api.pacing`).
    clock, sleep, jitter
        The real ones by default.

    Attributes
    ----------
    calls : int
        Requests that went out.
    on_retry : callable
        Is told of each wait before another try; `serving` sets another one.
    server_time : float, optional
        The platform's clock (epoch seconds), as the last answer that told it showed it.
    refused : dict
        By kind of file, why no more of them are asked for as long as this client lives: all would end the same way.
    """

    def __init__(
        self,
        open_base: str,
        identity: Identity,
        *,
        usage: Usage | None = None,
        pace: Path | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.open_base = open_base.rstrip("/")
        self.identity = identity
        self.usage = usage
        self.calls = 0
        self._streamed = _Count()
        self.server_time: float | None = None
        self.source = ""  # whom calls are counted for, and whom errors name
        self.source_name = ""
        self._sleep, self._jitter = sleep, jitter
        self.on_retry: OnRetry = lambda *_: None
        self._pacer = Pacer(always=not is_loopback(self.open_base), shared=pace, clock=clock, sleep=sleep)
        self._session = new_session(self.open_base)
        self._check: Callable[[], None] = _go_on
        self._downloads = Downloads()
        self.refused: dict[str, LarkError] = {}

    @property
    def downloads(self) -> Downloads:
        """What is left of the downloads of a day."""
        return self.usage.downloads if self.usage else self._downloads

    def apart(self, sleep: Sleep, check: Callable[[], None]) -> LarkClient:
        """Return a client for another thread: it counts its own calls, and shares connection, pace and turns.

        Parameters
        ----------
        sleep : callable
            What waits there.
        check : callable
            Raises where that thread must go no further: before each request, and before anybody sees its answer.
        """
        other = copy(self)
        vars(other).update(calls=0, source="", source_name="", _sleep=sleep, _check=check)
        return other

    @property
    def streams(self) -> int:
        """How often `stream` was called, by all that came of one client."""
        return self._streamed.number

    @streams.setter
    def streams(self, number: int) -> None:
        self._streamed.number = number

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    @contextmanager
    def serving(self, key: str, name: str, on_retry: OnRetry | None = None) -> Iterator[None]:
        """Count the calls made inside for one source, and name it in errors; tell of each wait before another try."""
        before = self.source, self.source_name, self.on_retry
        self.source, self.source_name, self.on_retry = key, name, on_retry or self.on_retry
        try:
            yield
        finally:
            self.source, self.source_name, self.on_retry = before

    # --- what readers call --------------------------------------------------------------------------------------

    def get(self, path: str, *, api: str = "", **params: Any) -> dict[str, Any]:
        """Return the ``data`` of a GET."""
        return self._told("GET", path, api, params)

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
            A page came back with ``code != 0``, or there are more of them than there can be.
        """
        query = {**(params or {}), "page_size": page_size}
        listing = Listing(endpoint_of(api), page_size)
        page = self._told(method, path, api, query, json)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="larknb-page") as ahead:
            while page.get("has_more"):  # never by the token: some last pages carry one
                if trouble := listing.trouble(page):
                    source, come = self.source_name, listing.items
                    raise from_failure(trouble, api=api, source=source, pages=listing.pages, items=come)
                following = {**query, "page_token": page["page_token"]}
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
        body = None if json is None else orjson.dumps(json)
        read = partial(_answer, endpoint_of(api))
        answer = self._ask(method, path, read, api, params=params, data=body, headers=lambda: JSON)
        self.server_time = answer.server_time or self.server_time
        return answer

    def stream(
        self,
        path: str,
        read: Callable[[requests.Response], T | None],
        headers: Callable[[], Mapping[str, str]],
        *,
        api: str = "",
        params: Mapping[str, Any] | None = None,
    ) -> T:
        """Return what ``read`` makes of the bytes that a GET gives; they come as fast as it takes them.

        Parameters
        ----------
        read : callable
            Gets the response as it begins, again after a connection that broke. None says that it is not what was
            asked for, and the platform's error is looked for in it.
        headers : callable
            Gives the headers of each try: one that goes on asks for less than the one before.
        path, api
            As in `call`.

        Raises
        ------
        LarkError
            As in `call`.
        """
        return self._ask("GET", path, read, api, headers=headers, params=params)

    # --- one request, and what is tried again -------------------------------------------------------------------

    def _told(self, method: str, path: str, api: str, params: Mapping[str, Any], json: Any = None) -> dict[str, Any]:
        """Return the ``data`` of an answer that must have some: success that says nothing proves nothing."""
        answer = self.call(method, path, api=api, params=params, json=json)
        if not answer.data:
            raise from_failure("empty", api=api, source=self.source_name, log_id=answer.log_id)
        return answer.data

    def _ask(
        self, method: str, path: str, read: Callable[[requests.Response], T | Reply | None], api: str, **content: Any
    ) -> T:
        """Return what ``read`` makes of a response, asked for again as the contract says."""
        retry = Retry(jitter=self._jitter)
        token, renewed = self.identity.bearer(), False
        while True:
            found = self._ask_once(method, path, read, token, content)
            self._check()
            if not isinstance(found, Reply):
                return found
            heal = self._heal(found)
            if heal == "renew" and not renewed:
                token, renewed = self.identity.renew(token), True
                continue
            may_heal = heal == "retry" or (heal == "again" and not retry.failed)
            wait = retry.wait(found.headers) if may_heal else None
            if wait is None:
                raise self._error(found, api) from None
            log.info("%s %s: %s; trying again in %.1f s", method, path, found, wait)
            self.on_retry(retry.failed + 1, retry.tries, wait)
            self._sleep(wait)

    def _ask_once(
        self,
        method: str,
        path: str,
        read: Callable[[requests.Response], T | Reply | None],
        token: str,
        content: Mapping[str, Any],
    ) -> T | Reply:
        """Return what ``read`` makes of one response, or why it makes nothing of it.

        Nothing of requests is raised in here: its errors and its frames hold addresses, proxies and answers.
        """

        def answer() -> T | Reply:
            with self._send(method, path, token, **content) as response:
                found = read(response)
                return Reply.of(response) if found is None else found

        try:
            reply = apart(answer)
        except requests.RequestException as error:
            return Reply.lost(error)
        if not isinstance(reply, Reply) or reply.failure:
            return reply
        # No error, and not what was asked for: of a proxy rather than of the platform.
        return reply.without((token,)) if reply.code or reply.status >= 400 else replace(reply, body=None)

    def _send(
        self, method: str, path: str, token: str, headers: Callable[[], Mapping[str, str]], **content: Any
    ) -> requests.Response:
        """Send one request, counted, in its turn and at the pace of the platform."""
        self._check()
        own = headers()
        if self.usage:
            self.usage.count(self.source)
        with self._alone(path):
            self._pacer.wait(method, path, self._sleep)
            self.calls += 1
            try:
                return self._session.request(
                    method,
                    f"{self.open_base}/open-apis/{path}",
                    headers={"Authorization": Secret(f"Bearer {token}"), **own},
                    timeout=TIMEOUT,
                    **content,
                )
            except requests.RequestException as error:
                if never_left(error):
                    self._uncount()
                raise

    def _uncount(self) -> None:
        self.calls -= 1
        if self.usage:
            self.usage.uncount(self.source)

    def _alone(self, path: str) -> AbstractContextManager[Any]:
        """One request at a time per base: the platform works serially there, and parallel reads block it."""
        base = re.match(r"bitable/v1/apps/([^/]+)", path)
        return TURNS.setdefault(f"{self.open_base} {base[1]}", threading.Lock()) if base else nullcontext()

    def _heal(self, reply: Reply) -> Heal:
        """Return what can heal an answer."""
        remedy = reply.remedy
        if remedy.text == "rate":
            self._pacer.limited()
        return remedy.heal

    def _error(self, reply: Reply, api: str) -> LarkError:
        asker = self.identity.asker
        if reply.is_bare and reply.status in (401, 403, 404):  # these say enough without an envelope
            error = from_answer(reply.status, {}, api=api, source=self.source_name, asker=asker)
        else:
            error = reply.error(self.open_base, api=api, source=self.source_name, asker=asker)
        error.status = reply.status
        return error


def _answer(endpoint: Endpoint, response: requests.Response) -> Answer | Reply:
    """Return what a response says, or the reply that is no success or not what the documentation says."""
    reply = Reply.of(response, most=endpoint.largest)
    if reply.status >= 400 or reply.body is None or "code" not in reply.body or reply.code:
        return reply
    if reply.code is None:
        return reply.odd("code")
    data = reply.body.get("data")
    odd = "" if data is None else oddity(data, endpoint.data)
    return reply.odd(odd.replace("`$", "`data", 1)) if odd else Answer(reply.data, reply.server_time, reply.log_id)
