"""The order in which a request is judged: route, fault, bearer and scopes, rate, work.

Every answer carries a log id and is in the journal before the first byte leaves, so that a test may look as soon as
its client has returned.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import re
import threading
import urllib.parse
from collections.abc import Iterable

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.guard import admit
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError, DeviceError
from larknb.sandbox.wire.exchange import Request, Response

from .failures import failure, fault_response
from .faults import Fault, Faults
from .journal import Call, Journal
from .limits import Limits

LOG = logging.getLogger("larknb.sandbox")
NO_PATH, NO_METHOD, INTERNAL = 99991201, 99991301, 1255001


def _refuse(code: int) -> Endpoint:
    def work(platform: Platform, request: Request) -> Response:  # noqa: ARG001
        raise CodeError(code)

    return Endpoint("unknown", "", "", work, tokens=())


class Routes:
    """Finds the endpoint of a request."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._routes = [(self._pattern(endpoint.path), endpoint) for endpoint in endpoints]
        self._no_path, self._no_method = _refuse(NO_PATH), _refuse(NO_METHOD)

    @staticmethod
    def _pattern(path: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

    def find(self, request: Request) -> Endpoint:
        """Endpoint of this method and path; what its path names goes into ``request.params``."""
        tried = [(pattern.fullmatch(request.path), endpoint) for pattern, endpoint in self._routes]
        at_path = [(found, endpoint) for found, endpoint in tried if found]
        for found, endpoint in at_path:
            if endpoint.method == request.method:
                request.params = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
                return endpoint
        return self._no_method if at_path else self._no_path


class Dispatcher:
    """Answers requests, one after the other, as the order of this module's docstring says.

    Attributes
    ----------
    journal, faults, limits : Journal, Faults, Limits
    stopping : threading.Event
        Set it to end the silence of the requests that hang.
    """

    def __init__(self, platform: Platform, endpoints: Iterable[Endpoint]) -> None:
        self._platform = platform
        self._routes = Routes(endpoints)
        self._count = itertools.count(1)
        self.journal = Journal()
        self.faults = Faults()
        self.limits = Limits(platform.clock)
        self.stopping = threading.Event()

    def answer(self, request: Request) -> Response:
        """Response to one request, with its log id, noted in the journal."""
        now = dt.datetime.fromtimestamp(self._platform.clock(), dt.UTC)
        request.log_id = f"{now:%Y%m%d%H%M%S}{next(self._count):018X}"
        endpoint = self._routes.find(request)
        fault = self.faults.take(endpoint)
        response = self._response(endpoint, request, fault)
        response.headers["X-Tt-Logid"] = request.log_id
        if fault and fault.kind == "truncate":
            response.sent = "half"
        elif fault and fault.kind == "drop_after":
            response.sent = "never"
        self._note(endpoint, request, response)
        if fault and fault.kind == "hang":
            self.stopping.wait(fault.seconds)
        return response

    def _response(self, endpoint: Endpoint, request: Request, fault: Fault | None) -> Response:
        if fault and fault.run:
            fault.run(self._platform)
        instead = fault_response(self._platform, endpoint, request, fault) if fault else None
        response = instead or self._work(endpoint, request)
        if fault and fault.change:
            response.status, response.content = 200, fault.change(response.content)
        return response

    def _work(self, endpoint: Endpoint, request: Request) -> Response:
        platform = self._platform
        with platform.tenant.lock:
            try:
                admit(platform, endpoint, request)
                self.limits.spend(endpoint)
                return endpoint.work(platform, request)
            except (CodeError, DeviceError) as error:
                return failure(platform, endpoint, request, error)
            except Exception as error:
                LOG.exception("the stand-in itself failed at %s", endpoint.name)
                return failure(platform, endpoint, request, CodeError(INTERNAL, f"stand-in: {error!r}", status=500))

    def _note(self, endpoint: Endpoint, request: Request, response: Response) -> None:
        headers = dict(request.headers.items())
        for name in headers:
            if name.lower() == "authorization":
                headers[name] = headers[name].partition(" ")[0] + " ***"
        answered = response.sent != "never"
        call = Call(
            endpoint=endpoint.name,
            method=request.method,
            path=request.path,
            query=request.query,
            body=request.body if request.content else None,
            status=response.status if answered else None,
            code=response.code if answered else None,
            identity=request.caller.label if request.caller else None,
            headers=headers,
            at=self._platform.clock(),
        )
        self.journal.add(call)
