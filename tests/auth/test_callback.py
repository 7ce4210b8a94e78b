"""The loopback address, spoken to by browsers and by others."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from larknb.auth.callback import Callback, Verdict, busy, read_verdict
from larknb.config.secrets import Secret
from larknb.messages import speaking

from .ports import free_ports, has_ipv6

STATE = "state-of-this-login"
LINGER = "hh" if os.name == "nt" else "ii"


@pytest.fixture
def callback(redirect_uri: str) -> Iterator[Callback]:
    callback = Callback([redirect_uri], STATE)
    yield callback
    callback.close()


def get(url: str, *, host: str | None = None, method: str = "GET") -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.request(method, url, headers={"Host": host} if host else {}, timeout=5)


def test_the_answer_arrives(callback: Callback, redirect_uri: str) -> None:
    """A browser that comes back with the right state brings the code, and sees that it may leave."""
    page = get(f"{redirect_uri}?code=the-code&state={STATE}")
    assert page.status_code == 200
    assert "Approval received" in page.text
    assert callback.wait(5) == Verdict(Secret("the-code"))


def test_the_page_keeps_the_code_to_itself(callback: Callback, redirect_uri: str) -> None:
    """The page contains no code and no script, is not stored, and gives its address to nobody."""
    page = get(f"{redirect_uri}?code=the-code&state={STATE}")
    assert "the-code" not in page.text + repr(page.headers)
    assert STATE not in page.text
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Python" not in page.headers["Server"]


def test_the_page_speaks_chinese(redirect_uri: str) -> None:
    """The page is in the language of the login."""
    with speaking("zh"):
        callback = Callback([redirect_uri], STATE)
    page = get(f"{redirect_uri}?code=c&state={STATE}")
    callback.close()
    assert "已收到授权" in page.content.decode("utf-8")
    assert '<html lang="zh">' in page.text


def test_a_refusal_arrives(callback: Callback, redirect_uri: str) -> None:
    """A person who refuses is an answer, too."""
    assert "Not approved" in get(f"{redirect_uri}?error=access_denied&state={STATE}").text
    assert callback.wait(5) == Verdict(error="access_denied")


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("?code=evil&state=wrong", 400),
        ("?code=evil", 400),
        ("?code=evil&state=", 400),
        (f"?code=evil&code=evil2&state={STATE}", 400),
        (f"?code=evil&state={STATE}&state=x", 400),
        (f"?state={STATE}", 400),
        ("", 400),
        (f"/more?code=evil&state={STATE}", 404),
    ],
)
def test_junk_is_not_an_answer(callback: Callback, redirect_uri: str, tail: str, status: int) -> None:
    """What does not carry the state of this login, or is no answer, is refused, and the true answer still comes in."""
    assert get(redirect_uri + tail).status_code == status
    assert get(f"{redirect_uri}?code=the-code&state={STATE}").status_code == 200
    assert callback.wait(5) == Verdict(Secret("the-code"))


def test_a_page_that_rebound_its_name_gets_nothing(callback: Callback, redirect_uri: str) -> None:
    """A request that names another host is refused, though it reached this address."""
    port = urlsplit(redirect_uri).port
    for host in ("evil.example", f"evil.example:{port}", "localhost", f"127.0.0.1:{port}"):
        assert get(f"{redirect_uri}?code=evil&state={STATE}", host=host).status_code == 421
    assert callback.wait(0) is None


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/callback/", "/robots.txt"])
def test_other_paths_are_not_found(callback: Callback, redirect_uri: str, path: str) -> None:
    """A browser that looks for an icon does no harm."""
    address = urlsplit(redirect_uri)
    assert get(f"http://{address.netloc}{path}").status_code == 404
    assert callback.wait(0) is None


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_only_a_get_counts(callback: Callback, redirect_uri: str, method: str) -> None:
    """A link checker that asks with HEAD, or a form, does not use up the answer."""
    assert get(f"{redirect_uri}?code=c&state={STATE}", method=method).status_code == 501
    assert callback.wait(0) is None


def test_one_answer_is_taken(callback: Callback, redirect_uri: str) -> None:
    """After its answer the address is closed, and a second answer changes nothing."""
    get(f"{redirect_uri}?code=first&state={STATE}")
    assert callback.wait(5) == Verdict(Secret("first"))
    with pytest.raises(requests.ConnectionError):
        get(f"{redirect_uri}?code=second&state={STATE}")
    assert callback.wait(0) == Verdict(Secret("first"))


def test_of_two_at_once_one_is_taken(callback: Callback, redirect_uri: str) -> None:
    """When a second answer comes before the first has been shown its page, it is told that it is too late."""
    host, target = urlsplit(redirect_uri).netloc, f"/callback?code=c&state={STATE}"
    told = [callback.judge(target, host)[:2] for _ in range(2)]
    assert told == [(200, "received"), (410, "stranger")]
    assert b"<h1>" in callback.page("stranger")


def test_a_browser_that_connects_ahead_blocks_nobody(callback: Callback, redirect_uri: str) -> None:
    """A connection that says nothing does not keep the answer out."""
    port = urlsplit(redirect_uri).port
    with socket.create_connection(("127.0.0.1", port or 0), timeout=5):
        assert get(f"{redirect_uri}?code=c&state={STATE}").status_code == 200
    assert callback.wait(5)


def test_rubbish_does_not_end_it(callback: Callback, redirect_uri: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no HTTP, and a client that vanishes, leave no word on the screen."""
    port = urlsplit(redirect_uri).port or 0
    with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
        one.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
        one.sendall(b"GET /callback HTTP/1.1\r\n")
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))  # closing now resets
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/" + "x" * 70000)
    assert connection.getresponse().status == 414
    connection.close()
    assert get(f"{redirect_uri}?code=c&state={STATE}").status_code == 200
    assert callback.wait(5)
    assert capfd.readouterr() == ("", "")


def test_both_halves_of_localhost_answer(callback: Callback, redirect_uri: str) -> None:
    """A browser may take localhost for ::1 or for 127.0.0.1."""
    port = urlsplit(redirect_uri).port or 0
    hosts = ["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1"]
    for host in hosts:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.request("GET", "/favicon.ico", headers={"Host": f"localhost:{port}"})
        assert connection.getresponse().status == 404
        connection.close()


def test_no_other_machine_is_listened_to(callback: Callback, redirect_uri: str) -> None:
    """The address is on loopback alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it tells this machine's own address
        except OSError:
            pytest.skip("this machine has no other address")
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError):
        socket.create_connection((own, urlsplit(redirect_uri).port or 0), timeout=2).close()


def test_a_busy_address_is_named_and_the_next_one_taken() -> None:
    """Each redirect address is tried in turn."""
    first, second = free_ports(2)
    uris = [f"http://localhost:{port}/callback" for port in (first, second)]
    with socket.create_server(("127.0.0.1", first)):
        callback = Callback(uris, STATE)
        try:
            assert (callback.redirect_uri, callback.busy) == (uris[1], (uris[0],))
            assert get(f"{uris[1]}?code=c&state={STATE}").status_code == 200
        finally:
            callback.close()


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_an_address_is_busy_if_a_stranger_holds_half_of_it() -> None:
    """A program that listens on ::1 could get the browser that was sent to localhost."""
    (port,) = free_ports(1)
    with socket.create_server(("::1", port), family=socket.AF_INET6):
        callback = Callback([f"http://localhost:{port}/callback"], STATE)
        callback.close()
    assert callback.redirect_uri == ""
    with socket.create_server(("127.0.0.1", port)):
        pass  # its other half was let go


def test_with_all_busy_nobody_is_waited_for() -> None:
    """If no address is free, the wait ends at once, and all are named."""
    (port,) = free_ports(1)
    uri = f"http://localhost:{port}/callback"
    with socket.create_server(("127.0.0.1", port)):
        callback = Callback([uri], STATE)
        assert callback.wait(5) is None
        callback.close()
    assert (callback.redirect_uri, callback.busy) == ("", (uri,))


def test_the_wait_is_bounded(redirect_uri: str) -> None:
    """After its time the address closes by itself."""
    callback = Callback([redirect_uri], STATE, lifetime=0.0)
    assert callback.wait(5) is None
    with pytest.raises(requests.ConnectionError):
        get(redirect_uri)


def test_closing_frees_the_address(callback: Callback, redirect_uri: str) -> None:
    """Once closed, the next login can listen on the same address."""
    callback.close()
    again = Callback([redirect_uri], STATE)
    again.close()
    assert again.redirect_uri == redirect_uri


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code=c&state=s", "c"),
        ("code=c&state=t", "state"),
        ("code=c", "state"),
        ("state=s", None),
        ("", None),
        ("code=c&state=s&code=d", None),
        ("code=c&state=%E6%80%81", "state"),
        ("code=&state=s", None),
        ("code=&code=c&state=s", None),
        ("error=&error=x&state=s", None),
        ("code=c&state=\ud800", "state"),
    ],
)
def test_a_query_is_read(query: str, expected: str | None) -> None:
    """Only a query with one code and the right state is an answer."""
    verdict = read_verdict(query, "s")
    assert (verdict.code if isinstance(verdict, Verdict) else verdict) == expected


def test_an_address_is_free_right_after_its_answer(callback: Callback, redirect_uri: str) -> None:
    """The system keeps a port of a closed connection for a minute: the next login does not wait for it."""
    get(f"{redirect_uri}?code=c&state={STATE}")
    assert callback.wait(5)
    callback.close()
    again = Callback([redirect_uri], STATE)
    again.close()
    assert again.redirect_uri == redirect_uri


def test_a_browser_that_says_nothing_keeps_no_program_alive(callback: Callback, redirect_uri: str) -> None:
    """Whoever leaves does not wait for it."""
    before = {*threading.enumerate()}
    with socket.create_connection(("127.0.0.1", urlsplit(redirect_uri).port or 0), timeout=5):
        get(f"{redirect_uri}/other")
        assert all(thread.daemon for thread in {*threading.enumerate()} - before)


@pytest.mark.parametrize("host", ["127.0.0.1", *(["[::1]"] if has_ipv6() else [])])
def test_an_address_in_numbers_is_listened_to(host: str) -> None:
    """A console may have it in place of localhost."""
    uri = f"http://{host}:{free_ports(1)[0]}/callback"
    callback = Callback([uri], STATE)
    try:
        assert (callback.redirect_uri, callback.busy) == (uri, ())
        assert get(f"{uri}?code=c&state={STATE}").status_code == 200
    finally:
        callback.close()


class Binding:
    """What the system is asked to listen on, and what it says: by default that nothing is wrong."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refuses: dict[int, int] = {}
        monkeypatch.setattr(socket.socket, "bind", lambda one, address: self.bind(one, address))

    def bind(self, one: socket.socket, address: tuple[object, ...]) -> None:
        self.asked.append(address[:2])
        if number := self.refuses.get(one.family):
            raise OSError(number, "refused")


def test_an_address_without_a_port_is_that_of_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a browser reads it."""
    binding = Binding(monkeypatch)
    binding.refuses = {socket.AF_INET: errno.EACCES}
    uris = ["http://localhost/callback", "http://127.0.0.1/callback", "http://127.0.0.1:8765/callback"]
    assert busy(uris) == (*uris,)
    assert binding.asked == [("127.0.0.1", 80), ("127.0.0.1", 80), ("127.0.0.1", 8765)]


# The last two are those of Windows.
NO_IPV6 = [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, 10049, 10047]


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize(("number", "free"), [*[(n, True) for n in NO_IPV6], (errno.EADDRINUSE, False), (10048, False)])
def test_a_machine_without_ipv6_has_half_a_localhost(monkeypatch: pytest.MonkeyPatch, number: int, free: bool) -> None:
    """One half is enough where there is no other; a half that somebody holds is not free."""
    binding = Binding(monkeypatch)
    binding.refuses = {socket.AF_INET6: number}
    assert busy(["http://localhost:8765/callback"]) == (() if free else ("http://localhost:8765/callback",))
    assert binding.asked == [("127.0.0.1", 8765), ("::1", 8765)]


def test_on_windows_no_second_program_can_share_the_port(redirect_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the system must be asked for that, before the address is taken: another one would get the code."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    binding = Binding(monkeypatch)
    monkeypatch.setattr(socket.socket, "setsockopt", lambda _, *option: asked.append((len(binding.asked), *option)))
    assert busy([redirect_uri]) == ()
    exclusive = [option for option in asked if option[2] == -5]
    assert exclusive == [(number, socket.SOL_SOCKET, -5, 1) for number in range(len(binding.asked))]
