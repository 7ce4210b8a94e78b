"""The server on 127.0.0.1."""

from __future__ import annotations

import http.client
import socket

import pytest
import requests

from larknb.sandbox import Sandbox, Table

from ..conftest import TABLES, Clock


def test_it_listens_on_loopback_only(box: Sandbox) -> None:
    """The address is a loopback one, and no other address of the machine answers."""
    assert box.url.startswith("http://127.0.0.1:")
    port = int(box.url.rsplit(":", 1)[1])
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(1)
        other.connect(("127.0.0.2", port))


def test_connections_stay_open_for_many_requests(box: Sandbox, table: Table) -> None:
    """One connection serves many requests, also after a failure."""
    token = box.sign_in()["access_token"]
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rsplit(":", 1)[1]), timeout=10)
    codes = []
    for path in ("/open-apis/nowhere", f"/open-apis{TABLES}", f"/open-apis{TABLES}"):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        response.read()
        codes.append(response.status)
        assert not response.will_close
    connection.close()
    assert codes == [404, 200, 200]


def test_latency_is_spent_before_the_answer(clock: Clock) -> None:
    """Each answer waits as long as told, through the sleep that was given."""
    waits: list[float] = []
    with Sandbox(clock=clock, sleep=waits.append, latency=0.08) as box:
        requests.get(f"{box.url}/nowhere", timeout=10)
        requests.get(f"{box.url}/nowhere", timeout=10)
    assert waits == [0.08, 0.08]
