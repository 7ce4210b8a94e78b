"""Somebody who reads from the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from larknb.api.client import LarkClient
from larknb.errors import Asker
from larknb.results.user import User
from larknb.sandbox import Sandbox
from tests.conftest import Clock


class Person:
    """Whoever signed in to the stand-in."""

    asker = Asker("user", "")
    granted = ()

    def __init__(self, token: str) -> None:
        self.token = token

    def bearer(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        return self.token

    def user(self) -> User:
        raise NotImplementedError


@pytest.fixture
def waits() -> list[float]:
    """How long the client and the reader wanted to wait."""
    return []


@pytest.fixture
def client(box: Sandbox, clock: Clock, waits: list[float]) -> Iterator[LarkClient]:
    person = Person(box.sign_in()["access_token"])
    client = LarkClient(box.url, person, clock=clock, sleep=waits.append)
    yield client
    client.close()
