"""The responses that tell of a failure, by accident or on purpose, in the form of each kind of endpoint."""

from __future__ import annotations

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.codes import GATEWAY, oauth_error_of, status_of
from larknb.sandbox.wire.errors import CodeError, DeviceError
from larknb.sandbox.wire.exchange import HTML, JSON, Request, Response, flat, html_page

from .faults import Fault


def failure(platform: Platform, endpoint: Endpoint, request: Request, error: CodeError | DeviceError) -> Response:
    """Response that tells of a failure in the form of this endpoint."""
    if isinstance(error, DeviceError):
        return flat({"error": error.error, "error_description": error.description}, error.status)
    status = error.status or (platform.gateway_status if error.code // 100 == GATEWAY else None)
    status = status or status_of(error.code, endpoint.name)
    if endpoint.kind == "page":
        return html_page(f"{error.code}", error.msg, status=status, code=error.code)
    if endpoint.kind == "file" and platform.empty_file_errors:
        response = Response(status, b"")
    elif endpoint.kind == "oauth":
        words = {"error": oauth_error_of(error.code), "error_description": error.msg}
        response = flat({"code": error.code, **words}, status)
    else:
        search = f"{platform.url}/search?from=openapi&log_id={request.log_id}&code={error.code}"
        detail = {platform.log_id_key: request.log_id, "troubleshooter": search, **error.error}
        response = flat({"code": error.code, "msg": error.msg, "error": detail}, status)
    response.headers.update(error.headers)
    return response


def fault_response(platform: Platform, endpoint: Endpoint, request: Request, fault: Fault) -> Response | None:
    """Response that takes the place of the work, ``None`` if the work is to be done."""
    if fault.kind == "html":
        return html_page("Bad Gateway", "upstream error", status=fault.status or 502)
    if fault.kind == "invalid_json":
        return Response(200, b'{"code":0,"msg":"success","data":{"items":[', content_type=JSON)
    if fault.kind in ("drop", "hang"):
        return Response(0, b"", content_type=HTML, sent="never")
    if fault.kind != "reply":
        return None
    if isinstance(fault.body, int):
        refusal = CodeError(fault.body, status=fault.status, headers=fault.headers)
        return failure(platform, endpoint, request, refusal)
    response = flat(fault.body, fault.status or 200)
    response.headers.update(fault.headers)
    return response
