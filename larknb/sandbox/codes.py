"""The platform's error codes: their texts, and the HTTP status that each endpoint sends with them.

One and the same code travels under different statuses: record search answers nearly everything with 200, batch_get
with 4xx and 5xx, the lists in between. A client must decide by ``code``; these tables keep it honest.
"""

MESSAGES = {
    10003: "invalid param",
    10015: "wrong app secret",
    20001: "The request is missing a required parameter.",
    20002: "The client secret is invalid.",
    20003: "The authorization code is not found.",
    20004: "The authorization code has expired.",
    20005: "invalid user token",
    20008: "The user does not exist.",
    20009: "The app is not installed in the tenant.",
    20010: "The user is outside the availability of the app.",
    20021: "user resigned",
    20022: "user frozen",
    20023: "user not registered",
    20024: "The code or the refresh token belongs to another client_id.",
    20026: "The refresh token is invalid.",
    20027: "The scope is not enabled for the app.",
    20029: "The redirect URL is not registered for the app.",
    20036: "The grant_type is not supported.",
    20037: "The refresh token has expired.",
    20048: "The app does not exist.",
    20049: "PKCE verification failed.",
    20050: "An unexpected server error occurred.",
    20063: "The request body is malformed.",
    20064: "The refresh token has been revoked.",
    20065: "The authorization code has been used.",
    20066: "The status of the user is invalid.",
    20067: "The scope list contains duplicates.",
    20068: "The scope list contains a scope that was not granted.",
    20069: "The app is not enabled.",
    20070: "More than one way of client authentication was used.",
    20071: "The redirect_uri does not match the one of the authorization.",
    20072: "The service is temporarily unavailable.",
    20073: "The refresh token has been used.",
    20074: "The app may not refresh tokens.",
    91402: "NOTEXIST",
    91403: "Forbidden",
    131001: "rpc fail",
    131002: "param err",
    131004: "invalid user",
    131005: "not found",
    131006: "permission denied",
    131007: "internal error",
    1069701: "User identity verification failed",
    1069704: "Internal server error",
    1254000: "WrongRequestJson",
    1254001: "WrongRequestBody",
    1254002: "Fail",
    1254003: "WrongBaseToken",
    1254004: "WrongTableId",
    1254005: "WrongViewId",
    1254006: "WrongRecordId",
    1254009: "WrongFieldId",
    1254011: "Page size must greater than 0.",
    1254016: "InvalidSort",
    1254018: "InvalidFilter",
    1254024: "InvalidFieldNames",
    1254030: "TooLargeResponse",
    1254036: "Bitable is copying, please try again later.",
    1254040: "BaseTokenNotFound",
    1254041: "TableIdNotFound",
    1254042: "ViewIdNotFound",
    1254043: "RecordIdNotFound",
    1254044: "FieldIdNotFound",
    1254045: "FieldNameNotFound",
    1254107: "FilterLengthExceedLimit",
    1254108: "SortLengthExceedLimit",
    1254290: "TooManyRequest",
    1254291: "Write conflict",
    1254302: "Permission denied.",
    1254607: "Data not ready, please try again later",
    1255001: "InternalError",
    1255002: "RpcError",
    1255040: "Request timed out, please try again later",
    99991201: "path not found",
    99991301: "method not allowed",
    99991400: "request trigger frequency limit",
    99991403: "This month's API call quota has been exceeded",
    99991543: "app_id or app_secret is invalid",
    99991661: "Missing access token for authorization",
    99991663: "Invalid access token for authorization",
    99991668: "Invalid access token for authorization",
    99991671: "Invalid access token: it must start with t- or u-",
    99991672: "Access denied. One of the following scopes is required",
    99991677: "token expire",
    99991679: "Unauthorized. The user has not granted one of the required scopes",
    99992402: "field validation failed",
}

GATEWAY = 999916  # codes 99991600-99991699 come from the gateway; their HTTP status is a knob of the sandbox

_STATUS = {
    91402: 404,
    91403: 403,
    20050: 500,
    20072: 503,
    1069701: 401,
    1069704: 503,
    1254011: 400,
    1254036: 400,
    1254290: 429,
    1254607: 400,
    1255040: 504,
    99991201: 404,
    99991301: 405,
    99991400: 429,
    99991403: 429,
    99991661: 401,
    99991663: 200,
    99991668: 401,
    99991671: 401,
    99991672: 400,
    99991677: 401,
    99991679: 400,
    99992402: 400,
}
_LISTS = {1254302: 403}
_STATUS_AT: dict[str, dict[int, int]] = {
    "search": {1254290: 200},
    "tables": _LISTS,
    "views": _LISTS,
    "view": _LISTS,
    "fields": _LISTS | {1255040: 500},
    "batch_get": {
        **dict.fromkeys(range(1254040, 1254046), 404),
        **dict.fromkeys(range(1255001, 1255006), 500),
        1254290: 400,
        1254607: 500,
        1255040: 504,
    },
}
_USUAL = dict.fromkeys(("batch_get", "token", "device", "authorize", "approve", "verify", "get_node", "metas"), 400)

_OAUTH_ERRORS = {
    20001: "invalid_request",
    20002: "invalid_client",
    20036: "unsupported_grant_type",
    20048: "invalid_client",
    20050: "server_error",
    20063: "invalid_request",
    20067: "invalid_scope",
    20068: "invalid_scope",
    20070: "invalid_request",
    20072: "temporarily_unavailable",
    20074: "unauthorized_client",
}


def message_of(code: int) -> str:
    """Text of a code; clients must not read it."""
    return MESSAGES.get(code, "error")


def status_of(code: int, endpoint: str) -> int:
    """HTTP status that this endpoint sends with this code."""
    at_endpoint = _STATUS_AT.get(endpoint, {})
    return at_endpoint.get(code) or _STATUS.get(code) or _USUAL.get(endpoint, 200)


def oauth_error_of(code: int) -> str:
    """RFC 6749 ``error`` that goes with a code of the token endpoint."""
    return _OAUTH_ERRORS.get(code, "invalid_grant")
