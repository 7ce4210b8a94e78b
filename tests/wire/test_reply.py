from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
import requests

from larknb.config.secrets import Secret
from larknb.errors import ApiError, BudgetSpent, LarkError
from larknb.wire.reply import Reply

BASE = "https://open.example"


def answered(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return what is made of a response that came."""
    response = requests.Response()
    response.status_code, response.raw = status, io.BytesIO(content)
    response.headers.update(headers or {})
    return Reply.of(response)


def test_an_envelope_says_code_and_data() -> None:
    """Also where the code is typed as a string; data that is no object is none."""
    reply = answered(b'{"code": "0", "data": {"a": 1}}')
    assert (reply.status, reply.code, reply.data) == (200, 0, {"a": 1})
    assert answered(b'{"code": 0, "data": [1]}').data == {}
    assert answered(b'{"msg": "x"}').code is None


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b"null", b'{"code": 0', b"\xff\xfe"])
def test_what_is_no_object_is_no_body(content: bytes) -> None:
    """The page of a proxy, half an answer: told with the host and the HTTP status, whatever came."""
    reply = answered(content, 502)
    assert reply.body is None
    error = reply.error(BASE, api="a/b", source="hr")
    assert isinstance(error, ApiError)
    assert "open.example" in str(error)
    assert "502" in str(error)
    assert error.source == "hr, a/b"


def test_the_headers_tell_log_id_and_time() -> None:
    """However their names are written; a time that is none is left out."""
    headers = {"x-tt-logid": "L1", "date": "Fri, 16 Jan 2026 04:00:00 GMT"}
    reply = answered(b"{}", headers=headers)
    assert (reply.log_id, reply.server_time) == ("L1", 1_768_536_000.0)
    assert answered(b"{}", headers={"Date": "noon"}).server_time is None
    assert answered(b"{}").server_time is None


def test_a_refusal_becomes_the_error_of_its_code() -> None:
    """With the log id that the platform's support asks for."""
    error = answered(b'{"code": 99991403, "msg": "m"}', headers={"X-Tt-Logid": "L1"}).error(BASE)
    assert (type(error), error.code, error.log_id) == (BudgetSpent, 99991403, "L1")


def test_a_request_without_an_answer_names_host_and_reason() -> None:
    """In our own words: the library's text may hold a proxy's password."""
    reply = Reply.lost(requests.exceptions.ProxyError("http://me:hush@proxy.example refused"))
    error: LarkError = reply.error(BASE)
    assert "open.example: the proxy refused" in str(error)
    assert "hush" not in f"{error} {reply} {reply!r}"


def test_a_log_shows_no_body() -> None:
    """It says what kind of answer it was."""
    assert str(answered(b'{"code": 7, "data": "secret"}', 400)) == "code 7, HTTP 400"
    assert str(answered(b"<html>", 502)) == "no JSON, HTTP 502"
    assert str(Reply.lost(requests.exceptions.ConnectionError())) == "no answer that can be used (network)"


def test_what_is_cleaned_stays_masked() -> None:
    """A secret that came with an answer is masked afterwards, too; one that was sent is gone."""
    reply = Reply(200, {"client_secret": Secret("incoming"), "said": "you sent outgoing"})
    body = reply.without(["outgoing"]).body or {}
    assert isinstance(body["client_secret"], Secret)
    assert body["said"] == "you sent ****"


@pytest.mark.parametrize("digits", [310, 5000, 100_000])
def test_a_number_without_end_costs_no_other_one(digits: int) -> None:
    """It is beyond all that a float holds."""
    body = answered(b'{"code": 0, "far": -%s, "near": 7}' % (b"9" * digits))
    assert body.body == {"code": 0, "far": float("-inf"), "near": 7}
