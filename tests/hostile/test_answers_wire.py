"""Answers that are too large, too slow, packed or torn, and requests that cannot be sent: said as what they are."""

from __future__ import annotations

import gzip
import io
import resource
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from larknb.api.client import LarkClient
from larknb.api.download import Download, download
from larknb.auth.app import App
from larknb.auth.tenant import tenant_token
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
from larknb.partial import Partial
from larknb.wire import incoming
from larknb.wire.codes import BadAnswer
from tests.conftest import Clock, Person
from tests.hostile.servers import Pieces, serving, untrusted_host, whole

API = "bitable-v1/app-table/list"
PATH = "bitable/v1/apps/AppA/tables"
GOOD = b'{"code": 0, "data": {"items": [], "total": 0, "has_more": false}}'
HUGE = b'{"code": 0, "data": "' + b"x" * 5_000_000 + b'"}'  # more than any list of tables
GZIP = "Content-Encoding: gzip"


def asked(base: str, clock: Clock, token: str = "t-1") -> LarkError | None:
    """Return how one question to a host ends: with an error that names source and API, or well."""
    client = LarkClient(base, Person(token, "somebody"), clock=clock, sleep=clock.sleep)
    client.source_name = "staff"
    try:
        client.get(PATH, api=API)
    except LarkError as error:
        assert error.source == f"staff, {API}"
        assert error.next
        return error
    finally:
        client.close()
    return None


# --- how much ---------------------------------------------------------------------------------------------------------


def bomb(layers: int = 1) -> bytes:
    """Return 100 MB packed; packed again, they are a few hundred bytes."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(pack.compress(bytes(1_000_000)) for _ in range(100)) + pack.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


def empty_member() -> bytes:
    """Return a gzip of nothing, with a long name."""
    packed = io.BytesIO()
    gzip.GzipFile("x" * 5_000, "wb", fileobj=packed).close()
    return packed.getvalue()


def endless(head: str, piece: bytes) -> Pieces:
    def answer(_: bytes) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode()
        while True:
            yield piece

    return answer


LARGE: dict[str, tuple[Pieces, str]] = {
    "a large body": (whole(HUGE), "larger than 4 MB"),
    "a length of 500 MB": (whole(GOOD, length=500_000_000), "larger than 4 MB"),
    "a length of 5,000 digits": (whole(GOOD, f"X: {'9' * 5_000}", length=10**30), "larger than 4 MB"),
    "no end and no length": (endless("Connection: close", b" " * 65_536), "larger than 4 MB"),
    "no end in chunks": (endless("Transfer-Encoding: chunked", b"10000\r\n" + b" " * 65_536 + b"\r\n"), "than 4 MB"),
    "a bomb": (whole(bomb(), GZIP), "larger than 4 MB"),
    "a bomb called x-gzip": (whole(bomb(), "Content-Encoding: X-GZIP"), "larger than 4 MB"),
    "a bomb in chunks of no size": (whole(zlib.compress(bytes(9_000_000)), "Content-Encoding: deflate"), "than 4 MB"),
    "a bomb within a bomb": (whole(bomb(2), "Content-Encoding: gzip, gzip"), "decompressed"),
    "empty members without end": (endless(f"{GZIP}\r\nConnection: close", empty_member() * 12), "than 4 MB"),
    "brotli, which nobody asked for": (whole(GOOD, "Content-Encoding: br"), "decompressed"),
    "an encoding of nobody": (whole(GOOD, "Content-Encoding: " + "x" * 1_000), "decompressed"),
    "no gzip at all": (whole(GOOD, GZIP), "decompressed"),
    "half a gzip": (whole(gzip.compress(GOOD)[:40], GZIP), "decompressed"),
    "a gzip with a flipped byte": (whole(gzip.compress(GOOD)[:-8] + b"\x00" * 8, GZIP), "decompressed"),
    "a gzip of nothing": (whole(b"", GZIP), "decompressed"),
    "nothing": (whole(b""), "not the API's JSON"),
    "the page of a proxy": (whole(b"<html>", "Content-Type: text/html"), "not the API's JSON"),
    "a redirect": (whole(b"", "Location: https://example.com/", status="302 Found"), "sends the request elsewhere"),
}


@pytest.mark.parametrize(("answer", "told"), LARGE.values(), ids=LARGE.keys())
def test_what_is_too_much_is_cut(clock: Clock, answer: Pieces, told: str) -> None:
    """It is asked for once more at most, said with source and API, and never held in memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with serving(answer) as server:
        error = asked(server.url, clock)
    assert error is not None
    assert told in str(error)
    assert len(server.heads) <= 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < 60_000_000


def with_length(length: bytes) -> Pieces:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\nConnection: close\r\n\r\n"
    return lambda _: iter([head + GOOD])


def test_a_head_without_end_ends(clock: Clock) -> None:
    """Go on, go on, says a server for ever, and fast."""

    def answer(_: bytes) -> Iterator[bytes]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000

    with serving(answer) as server:
        error = asked(server.url, clock)
    assert "Could not reach" in str(error)


FINE = {
    "plain": whole(GOOD),
    "packed": whole(gzip.compress(GOOD), GZIP),
    "packed by zlib": whole(zlib.compress(GOOD), "Content-Encoding: deflate"),
    "in two members": whole(gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]), GZIP),
    "with something after the last member": whole(gzip.compress(GOOD) + b"\x00" * 100, GZIP),
    "not packed, in so many words": whole(GOOD, "Content-Encoding: identity"),
    "a length that is none": with_length(b"x"),
    "a length of Arabic digits": with_length("\u0663".encode()),
}


@pytest.mark.parametrize("answer", FINE.values(), ids=FINE.keys())
def test_what_is_packed_in_a_known_way_is_read(clock: Clock, answer: Pieces) -> None:
    """However it comes, it is the same answer."""
    with serving(answer) as server:
        assert asked(server.url, clock) is None


@pytest.mark.parametrize("answer", [whole(bomb(), GZIP, "Content-Type: image/png"),
                                    endless("Content-Type: image/png\r\nConnection: close", b"x" * 65_536)],
                         ids=["a bomb", "no end"])  # fmt: skip
def test_a_picture_is_cut_at_its_limit(clock: Clock, tmp_path: Path, answer: Pieces) -> None:
    """Of one that is too large there is its kind, and no more."""
    with serving(answer) as server:
        client = LarkClient(server.url, Person("t-1"), clock=clock, sleep=clock.sleep)
        found = download(client, "drive/v1/medias/BoxA/download", Partial(tmp_path, "BoxA"), limit=1_000_000)
        client.close()
    assert not [*tmp_path.iterdir()]
    assert found == Download(None, "", "image/png")


# --- how slowly -------------------------------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PACKED = HEAD + GZIP.encode() + b"\r\nConnection: close\r\n\r\n" + gzip.compress(b"")[:10]
DRIPS: dict[str, tuple[bytes, bytes]] = {  # how it begins, and what drips
    "the body": (HEAD + b"Content-Length: 999999\r\n\r\n", b" "),
    "a body without a length": (HEAD + b"Connection: close\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "packed": (PACKED, b"\x00"),
    "headers": (HEAD, b"X: y\r\n"),
    "one long header": (HEAD + b"X-Long: ", b"y"),
    "the status": (b"HTTP/1.1 2", b"0"),
    "go on": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_drips_ends(clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No pause is long, and yet the whole takes for ever: it ends after a while, and is tried once more."""
    monkeypatch.setattr(incoming, "GRACE", 0.3)
    begin, drop = DRIPS[name]

    def answer(_: bytes) -> Iterator[bytes]:
        yield begin
        while server.wait(0.05):
            yield drop

    with serving(answer) as server:
        error = asked(server.url, clock)
    assert isinstance(error, BadAnswer)
    assert "too slowly" in str(error)
    assert len(server.heads) == 2


def test_what_flows_has_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer at more than the pace comes whole, though it takes longer than what is granted at first."""
    monkeypatch.setattr(incoming, "GRACE", 0.2)
    monkeypatch.setattr(incoming, "SLOWEST", 1_000.0)

    def answer(_: bytes) -> Iterator[bytes]:
        yield HEAD + b"Connection: close\r\n\r\n"
        for piece in [b" " * 1_000] * 8:
            server.wait(0.05)
            yield piece
        yield GOOD

    with serving(answer) as server:
        assert asked(server.url, clock) is None


# --- what cannot be asked ---------------------------------------------------------------------------------------------

REAL = "https://open.feishu.cn"


def refusing(status: str) -> Pieces:
    return whole(b"", status=status)


def proxied(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy)


PROXIES: dict[str, tuple[str, str]] = {
    "no host": ("http://", "address of the proxy"),
    "a blank": ("http://me:hush@a b:3128", "address of the proxy"),
    "a scheme of nobody": ("gopher://me:hush@proxy.example", "address of the proxy"),
    "no port": ("http://me:hush@proxy.example:port", "address of the proxy"),
    "a port too high": ("http://me:hush@127.0.0.1:99999", "address of the proxy"),
    "half an IPv6": ("http://[::1", "address of the proxy"),
}


@pytest.mark.parametrize(("proxy", "told"), PROXIES.values(), ids=PROXIES.keys())
def test_a_proxy_that_cannot_be_used(clock: Clock, monkeypatch: pytest.MonkeyPatch, proxy: str, told: str) -> None:
    """A setting is wrong: said as that, at once, without its password."""
    proxied(monkeypatch, proxy)
    error = asked(REAL, clock)
    assert isinstance(error, ConfigError)
    assert told in str(error)
    assert "hush" not in str(error)
    assert clock.slept == []


@pytest.mark.parametrize("proxy", ["socks5://me:hush@127.0.0.1:9", "socks5h://127.0.0.1:9", "socks4://127.0.0.1:9"])
def test_a_socks_proxy_that_nobody_answers(clock: Clock, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """It may be back in a moment: a failure of the network like any other, without its password."""
    proxied(monkeypatch, proxy)
    error = asked(REAL, clock)
    assert isinstance(error, ApiError)
    assert "hush" not in str(error)
    assert clock.slept


REFUSALS: dict[str, tuple[str, str, int]] = {
    "a login": ("407 Proxy Authentication Required", "wants a user name", 1),
    "not this host": ("403 Forbidden", "does not let requests to open.feishu.cn through (HTTP 403)", 1),
    "nobody": ("401 Unauthorized", "does not let requests", 1),
    "a wall": ("451 Unavailable For Legal Reasons", "does not let requests", 1),
    "broken": ("502 Bad Gateway", "the proxy refused", 5),
    "busy": ("503 Service Unavailable", "the proxy refused", 5),
}


@pytest.mark.parametrize(("status", "told", "tries"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_proxy_that_refuses(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, status: str, told: str, tries: int
) -> None:
    """What cannot heal is asked once; what may is asked again."""
    with serving(refusing(status)) as proxy:
        proxied(monkeypatch, f"http://me:hush@127.0.0.1:{proxy.port}")
        error = asked(REAL, clock)
    assert told in str(error)
    assert "hush" not in str(error)
    assert len(proxy.heads) == tries


def test_a_proxy_that_is_not_there(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come back: tried again, and then said."""
    proxied(monkeypatch, "http://me:hush@127.0.0.1:9")
    error = asked(REAL, clock)
    assert isinstance(error, ApiError)
    assert "the proxy refused" in str(error)
    assert "hush" not in str(error)
    assert len(clock.slept) == 4


def test_an_untrusted_certificate_is_told_at_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody stands in between, and will after five tries as well."""
    with untrusted_host() as proxy:
        proxied(monkeypatch, f"http://127.0.0.1:{proxy.port}")
        error = asked(REAL, clock)
    assert "certificate of open.feishu.cn is not trusted" in str(error)
    assert "REQUESTS_CA_BUNDLE" in str(error)
    assert (len(proxy.heads), clock.slept) == (1, [])


def test_a_login_is_as_careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is not offered to whoever stands in between a second time."""
    waits: list[float] = []
    with untrusted_host() as proxy:
        proxied(monkeypatch, f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ApiError, match=r"certificate of open\.feishu\.cn is not trusted"):
            tenant_token(App("cli_1", Secret("secret"), REAL, REAL), sleep=waits.append)
    assert (len(proxy.heads), waits) == (1, [])


def test_a_login_reads_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would unpack to 100 MB is cut, and asked for once more at most."""
    waits: list[float] = []
    with serving(whole(bomb(), GZIP)) as server, pytest.raises(BadAnswer, match="larger than 4 MB"):
        tenant_token(App("cli_1", Secret("secret"), server.url, server.url), sleep=waits.append)
    assert len(waits) == 1


def test_a_host_without_encryption(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy lets us through to something that does not know how."""

    def answer(_: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 Connection established\r\n\r\n"
        proxy.wait(0.2)  # until the greeting has come: what is said before is lost
        yield b"this is not TLS at all\r\n" * 10
        proxy.wait(5)  # whoever asked will not

    with serving(answer) as proxy:
        proxied(monkeypatch, f"http://127.0.0.1:{proxy.port}")
        error = asked(REAL, clock)
    assert "No encrypted connection to open.feishu.cn" in str(error)
    assert len(proxy.heads) == 1


def missing(folder: Path) -> Path:
    return folder / "gone.pem"


def no_certificate(folder: Path) -> Path:
    (folder / "company.pem").write_text("no certificate\n", encoding="utf-8")
    return folder / "company.pem"


def torn_certificate(folder: Path) -> Path:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    (folder / "company.pem").write_text(f"{begin}\nAAAA????\n{end}\n", encoding="utf-8")
    return folder / "company.pem"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("make", [missing, no_certificate, torn_certificate])
def test_a_bundle_without_certificates(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path], variable: str
) -> None:
    """The file is named, and nothing is said of the disk or the network."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(make(tmp_path)))
    with untrusted_host() as proxy:
        proxied(monkeypatch, f"http://127.0.0.1:{proxy.port}")
        error = asked(REAL, clock)
    assert isinstance(error, ConfigError)
    assert str(make(tmp_path)) in str(error)
    assert clock.slept == []


ADDRESSES = [
    "https://", "https://a..cn", f"https://{'a' * 70}.cn", "https://*.cn", "https://.cn", "open.feishu.cn", "htp://a.cn",
    "https://a.cn:port", "https://a.cn:99999", "https://\ud800.cn", "https://a b.cn", "",
]  # fmt: skip


@pytest.mark.parametrize("base", ADDRESSES, ids=ascii)
def test_an_address_that_is_none(clock: Clock, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """A setting is wrong: said as that, at once."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    error = asked(base, clock)
    assert isinstance(error, ConfigError)
    assert "is not a valid address" in str(error)
    assert clock.slept == []


@pytest.mark.parametrize("token", ["t\n1", "t\r\nX: 1", "t\ud800", "令牌", "t\x00"], ids=ascii)
def test_a_header_that_cannot_be_sent(clock: Clock, token: str) -> None:
    """What is in it is not shown, and nothing is sent."""
    with serving(whole(GOOD)) as server:
        error = asked(server.url, clock, token)
    assert error is None or (isinstance(error, ConfigError) and "a header of it" in str(error))
    assert token not in str(error)
    assert clock.slept == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_both_languages_tell_it(clock: Clock, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Every trouble has its words in both, with nothing left to fill in."""
    from larknb.wire.codes import TROUBLES, from_failure

    monkeypatch.setenv("LARKNB_LANG", lang)
    words = {"host": "h", "reason": "r", "status": 1, "where": "w", "pages": 2, "items": 3, "megabytes": 4, "path": "p"}
    for trouble in TROUBLES:
        error = from_failure(trouble, api="a/b", source="hr", log_id="L1", **words)
        assert error.next
        assert not {*"{}"} & {*str(error)}
        assert (error.source, error.log_id) == ("hr, a/b", "L1")
