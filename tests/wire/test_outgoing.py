"""What really goes over the wire where requests and urllib3 see only stars."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import parse_qs

import orjson
import pytest
import requests

from larknb.config.secrets import Secret
from larknb.wire.outgoing import as_form, as_json, hidden
from larknb.wire.session import new_session
from tests.hostile.hearing import Server, say

OK = say(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture
def listener() -> Iterator[Server]:
    """A server, and an HTTP proxy for whoever takes it for one."""
    with Server(OK) as listener:
        yield listener


@pytest.fixture(params=["direct", "by a proxy"])
def session(listener: Server, request: pytest.FixtureRequest) -> Iterator[requests.Session]:
    with new_session(listener.url) as session:
        session.proxies = {"http": listener.url} if request.param == "by a proxy" else {}
        yield session


def head_of(heard: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = heard.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines)


def test_a_secret_header_arrives_with_all_others(listener: Server, session: requests.Session) -> None:
    """Once, whole, and so with the next request."""
    for number in (1, 2):
        session.get(f"{listener.url}/x?a=b", headers={"Authorization": Secret(f"Bearer t{number}"), "X-Other": "o"})
    for number, heard in enumerate(listener.requests, 1):
        first, headers = head_of(heard)
        assert first.endswith("/x?a=b HTTP/1.1")
        assert (headers["Authorization"], headers["X-Other"]) == (f"Bearer t{number}", "o")
        assert heard.count(b"Authorization") == 1
    assert len(listener.requests) == 2


def test_no_secret_goes_where_none_was_given(listener: Server, session: requests.Session) -> None:
    """What one request held back is not there for the next one."""
    session.get(f"{listener.url}/x", headers={"Authorization": Secret("Bearer t")})
    session.get(f"{listener.url}/****")
    assert b"Bearer" not in listener.requests[1]
    assert b"/**** HTTP" in listener.requests[1]


@pytest.mark.parametrize("path", ["/hook/t0ken", "/hook/t0ken?a=b&c=%20", "/a b", "/é", "/hook/%2F", "", "/"])
def test_a_hidden_address_is_asked_for(
    listener: Server, session: requests.Session, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The server sees the same path as without hiding it, and the log of urllib3 shows stars."""
    requests.Session().get(listener.url + path, proxies=session.proxies)
    address, headers = hidden(Secret(listener.url + path))
    with caplog.at_level(logging.DEBUG):
        session.post(address, data=as_json({"a": 1}), headers=headers)
    (plain, _), (told, names) = map(head_of, listener.requests)
    assert told.split(" ")[1] == plain.split(" ")[1]
    assert not [name for name in names if "Target" in name]
    assert "****" in caplog.text
    assert "t0ken" not in caplog.text


@pytest.mark.parametrize("value", ["王", "\ud83d", "é", "a\tb"])
def test_a_token_that_no_header_can_carry_is_not_quoted(
    listener: Server, session: requests.Session, value: str
) -> None:
    """It is sent damaged, and refused by whoever knows tokens; the error of an encoding would show all of it."""
    session.get(f"{listener.url}/x", headers={"Authorization": Secret(f"Bearer {value}")})
    assert b"Authorization: Bearer " in listener.requests[0]


def test_bodies_are_what_they_were_and_show_stars() -> None:
    """JSON and forms, with secrets and with what has to be escaped."""
    fields = {"client_secret": Secret("a&b=王 "), "grant_type": "x"}
    assert orjson.loads(bytes(as_json(fields))) == fields
    assert parse_qs(as_form(fields).decode(), keep_blank_values=True) == {
        name: [value] for name, value in fields.items()
    }
    assert "a&b" not in repr(as_json(fields)) + repr(as_form(fields))
