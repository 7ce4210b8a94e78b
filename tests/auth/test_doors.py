"""Every door of a sign-in that is closed is shut: both halves of localhost, and the second address of the list."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import pytest
import requests

from larknb.auth.app import App
from larknb.auth.callback import Callback, busy
from larknb.auth.flow import Login
from larknb.auth.store import TokenStore
from larknb.sandbox import Sandbox

from .ports import free_ports, has_ipv6

STATE = "state-of-this-login"
HALVES = ["127.0.0.1", *(["::1"] if has_ipv6() else [])]
Begin = Callable[[], Login]


def listens(uri: str) -> list[str]:
    """Return the halves of localhost on which somebody listens at the port of an address."""
    open_ones = []
    for half in HALVES:
        try:
            socket.create_connection((half, urlsplit(uri).port or 0), timeout=5).close()
        except OSError:
            continue
        open_ones.append(half)
    return open_ones


@pytest.fixture
def uris() -> Sequence[str]:
    """Two redirect addresses on ports that are free now."""
    return [f"http://localhost:{port}/callback" for port in free_ports(2)]


@pytest.fixture
def begin(uris: Sequence[str], app: App, nobody: TokenStore) -> Iterator[Begin]:
    """Begin one sign-in after another at the same two addresses."""
    begun: list[Login] = []

    def one_more() -> Login:
        begun.append(Login(app, nobody, uris, ("bitable:app:readonly",)))
        return begun[-1]

    yield one_more
    for login in begun:
        login.close()


def test_closing_shuts_both_halves_of_localhost(uris: Sequence[str]) -> None:
    """A half that stayed open would take the next login's browser and never answer."""
    callback = Callback(uris, STATE)
    assert listens(uris[0]) == HALVES
    callback.close()
    assert listens(uris[0]) == []


def test_an_answer_shuts_both_halves_of_localhost(uris: Sequence[str]) -> None:
    """Nobody has to close what has its answer."""
    callback = Callback(uris, STATE)
    requests.get(f"{uris[0]}?code=c&state={STATE}", timeout=5)
    assert callback.wait(10)
    assert listens(uris[0]) == []


def test_the_second_sign_in_takes_the_second_address(begin: Begin, uris: Sequence[str]) -> None:
    """Each has its own door, and says which one another program, here the first sign-in, holds."""
    first, second = begin(), begin()
    assert [first.redirect_uri, second.redirect_uri] == [*uris]
    assert (first.busy, second.busy) == ((), (uris[0],))
    assert second.listening


@pytest.mark.parametrize("closed", [0, 1])
def test_closing_one_sign_in_shuts_its_own_doors(begin: Begin, uris: Sequence[str], closed: int) -> None:
    """The second address is let go as the first is, and the other sign-in goes on."""
    logins = [begin(), begin()]
    logins[closed].close()
    assert listens(uris[closed]) == []
    assert listens(uris[1 - closed]) == HALVES
    assert logins[closed].wait(5) is None
    assert logins[1 - closed].is_open


def test_the_second_address_can_be_taken_again(begin: Begin, uris: Sequence[str]) -> None:
    """As the next sign-in does, while the first one still waits at its own."""
    begin()
    begin().close()
    assert begin().redirect_uri == uris[1]


def test_signing_in_at_the_second_address_shuts_it(begin: Begin, uris: Sequence[str], box: Sandbox) -> None:
    """The answer is pasted, so its browser door never had one: it is shut all the same, and the first is not."""
    box.redirect_uris += uris
    first, second = begin(), begin()
    answer = requests.get(second.url, timeout=5, allow_redirects=False).headers["Location"]
    assert answer.startswith(uris[1])
    assert second.finish(answer).name
    assert (listens(uris[0]), listens(uris[1])) == (HALVES, [])
    assert first.is_open


def test_asking_what_is_busy_takes_nothing(uris: Sequence[str]) -> None:
    """What was tried is let go again, both halves of it, so that the login that follows can listen there."""
    assert busy(uris) == ()
    assert [listens(uri) for uri in uris] == [[], []]
    callback = Callback(uris, STATE)
    assert busy(uris) == (uris[0],)
    callback.close()
    assert busy(uris) == ()
