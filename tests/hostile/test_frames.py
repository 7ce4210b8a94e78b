"""Where secrets must not be while a request is out: frames, tracebacks, logs, warnings, objects and pickles."""

from __future__ import annotations

import copy
import gc
import http.client
import inspect
import json
import logging
import os
import pickle
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from larknb import errors
from larknb.api import client as api
from larknb.api.client import LarkClient
from larknb.auth.app import App
from larknb.auth.devicegrant import poll_device, start_device
from larknb.auth.grant import exchange_code, refresh
from larknb.auth.profile import user_info
from larknb.auth.tenant import tenant_token
from larknb.config.secrets import Secret, Webhook
from larknb.errors import ConfigError, LarkError
from larknb.headless import bot
from larknb.wire import session as wire
from tests.conftest import Lab, Person

from .hearing import Answer, Server, say
from .showing import frame_texts, shown

BEARER, REFRESH, CODE = "u-b3arer.T0ken.0001", "ur-r3fresh.T0ken.0002", "c0de-0f-a-l0gin-0003"
APP_SECRET, VERIFIER, DEVICE = "s3cret0fTheApp0004", "v3rifier-0005-0005", "d3vice-c0de-0006"
HOOK, KEY = "h00k-t0ken-0007", "k3y-0f-the-signature-0008"
BASIC = "Y2xpX2RlbW86czNjcmV0"  # how the pair of app id and secret begins in base64
SECRETS = (BEARER, REFRESH, CODE, APP_SECRET, VERIFIER, DEVICE, HOOK, KEY, BASIC)

NOT_FOUND = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"


def echo(connection: socket.socket, heard: bytes) -> None:
    """Refuse with a message that repeats the whole request."""
    text = heard.decode("latin-1")
    body = json.dumps({"code": 20002, "msg": text, "error": {"helps": [{"url": text}]}}).encode()
    connection.sendall(NOT_FOUND % (len(body), body))


def echo_in_the_status(connection: socket.socket, heard: bytes) -> None:
    connection.sendall(b"HTTP/9 " + heard.replace(b"\r\n", b" ") + b"\r\n\r\n")


def echo_in_headers(connection: socket.socket, heard: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nno colon here " + heard.replace(b"\r\n", b" ") + b"\r\n\r\n{}")


def hang(connection: socket.socket, _: bytes) -> None:
    connection.settimeout(0.5)
    with suppress(OSError):
        connection.recv(1)  # until the other side gives up


def reset(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def drip(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"access_token": "')
    hang(connection, b"")


ANSWERS: dict[str, Answer] = {
    "nothing": say(b""),
    "garbage": say(b"\0\xff\x16garbage\r\n\r\n"),
    "no status": say(b"HTTP/1.1 abc\r\n\r\n"),
    "long line": say(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"),
    "many headers": say(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n"),
    "half an answer": say(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"code": 0'),
    "bad chunk": say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "no gzip": say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
    "no JSON": say(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"),
    "a list": say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    "empty": say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "unavailable": say(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
    "redirect": say(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/x\r\nContent-Length: 0\r\n\r\n"),
    "refusal that repeats the request": echo,
    "status that repeats the request": echo_in_the_status,
    "headers that repeat the request": echo_in_headers,
    "silence": hang,
    "reset": reset,
    "drip": drip,
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(wire, "TIMEOUT", (1.0, 0.03))
    monkeypatch.setattr(api, "TIMEOUT", (1.0, 0.03))
    with Server() as server:
        yield server


# --- requests of each kind --------------------------------------------------------------------------------------------


def app_of(url: str) -> App:
    return App("cli_demo", Secret(APP_SECRET), url, url)


def client_of(url: str) -> LarkClient:
    return LarkClient(url, Person(Secret(BEARER)), sleep=no_sleep)


def no_sleep(_: float) -> None:
    return


def post_notice(url: str) -> None:
    webhook = Webhook(Secret(f"{url}/open-apis/bot/v2/hook/{HOOK}"), Secret(KEY))
    bot.send(webhook, {"header": {}}, 1_768_000_000.0)


REQUESTS: dict[str, Callable[[str], object]] = {
    "get": lambda url: client_of(url).get("x/v1/y", page_token="p"),
    "post": lambda url: client_of(url).call("POST", "x/v1/y", json={"a": 1}),
    "stream": lambda url: client_of(url).stream("x/v1/y", lambda response: response.close(), dict),
    "pages": lambda url: list(client_of(url).paginate("GET", "x/v1/y", page_size=1)),
    "refresh": lambda url: refresh(app_of(url), Secret(REFRESH), sleep=no_sleep),
    "code": lambda url: exchange_code(
        app_of(url), Secret(CODE), redirect_uri="http://localhost:1/x", verifier=Secret(VERIFIER), sleep=no_sleep
    ),
    "user": lambda url: user_info(app_of(url), Secret(BEARER), sleep=no_sleep),
    "app": lambda url: tenant_token(app_of(url), sleep=no_sleep),
    "device begins": lambda url: start_device(app_of(url), ["a:b"], sleep=no_sleep),
    "device asks": lambda url: poll_device(app_of(url), Secret(DEVICE)),
    "notice": post_notice,
}
HEARD = {  # what each of them really sends
    "get": [BEARER], "post": [BEARER], "stream": [BEARER], "pages": [BEARER], "refresh": [APP_SECRET, REFRESH],
    "code": [APP_SECRET, CODE, VERIFIER], "user": [BEARER], "app": [APP_SECRET], "device begins": [BASIC],
    "device asks": [DEVICE, APP_SECRET], "notice": [HOOK],
}  # fmt: skip
each_request = pytest.mark.parametrize("request_name", REQUESTS)


def failure_of(request_name: str, url: str) -> BaseException:
    """Return what reaches the caller."""
    try:
        REQUESTS[request_name](url)
    except BaseException as error:  # noqa: BLE001  Ctrl-C and a full memory, too
        return error
    raise AssertionError("it did not fail")


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def assert_silent(error: BaseException) -> None:
    """Nothing that can show an error shows a secret, and no frame of another library is left."""
    assert found_in(shown(error)) == []
    assert error.__context__ is None
    assert "requests" not in "".join(traceback.format_tb(error.__traceback__))


# --- answers ----------------------------------------------------------------------------------------------------------


@each_request
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_bad_answer_shows_no_secret(
    server: Server, request_name: str, answer: str, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    """An error of ours, no frame of another library, and neither log nor warning repeats what was sent."""
    server.answer = ANSWERS[answer]
    with caplog.at_level(logging.DEBUG):
        error = failure_of(request_name, server.url)
    assert isinstance(error, LarkError)
    assert_silent(error)
    assert not [secret for secret in HEARD[request_name] if secret.encode() not in server.heard]
    assert found_in("".join(str(warning.message) for warning in recwarn)) == []
    if not answer.endswith("that repeat the request"):  # urllib3 quotes such headers in its own log
        assert found_in(caplog.text + repr([vars(record) for record in caplog.records])) == []


@each_request
def test_nobody_there_shows_no_secret(request_name: str, free_port: int) -> None:
    """A port that nobody listens on: http.client had the whole head of the request in its hands by then."""
    error = failure_of(request_name, f"http://127.0.0.1:{free_port}")
    assert isinstance(error, LarkError)
    assert_silent(error)


# --- faults within the request ----------------------------------------------------------------------------------------

PLACES: dict[str, tuple[Any, str]] = {
    "connect": (socket.socket, "connect"),
    "send": (socket.socket, "sendall"),
    "receive": (socket.socket, "recv_into"),
    "look up": (socket, "getaddrinfo"),
    "head begins": (http.client.HTTPConnection, "putrequest"),
    "header": (http.client.HTTPConnection, "putheader"),
    "head ends": (http.client.HTTPConnection, "endheaders"),
    "answer": (http.client.HTTPConnection, "getresponse"),
    "status": (http.client.HTTPResponse, "begin"),
}
FAULTS = [
    KeyboardInterrupt,
    MemoryError,
    SystemExit,
    RecursionError,
    RuntimeError("defect"),
    ValueError,
    OSError(5, "I/O"),
]


BROKEN = [
    *((place, name, KeyboardInterrupt) for place in PLACES for name in REQUESTS),
    *(("receive", name, fault) for fault in FAULTS[1:] for name in ("get", "refresh", "notice")),
]
ALL = [pytest.param(*row, marks=pytest.mark.soak) for row in product(PLACES, REQUESTS, FAULTS) if row not in BROKEN]


@pytest.fixture
def swept() -> Iterator[None]:
    """Collect the socket that urllib3 leaves where what was raised is no OSError, before another test is told of it."""
    yield
    gc.collect()


@pytest.mark.usefixtures("swept")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("place", "request_name", "fault"), [*BROKEN, *ALL])
def test_a_fault_within_a_request_shows_no_secret(
    server: Server, monkeypatch: pytest.MonkeyPatch, request_name: str, place: str, fault: BaseException
) -> None:
    """Whatever is raised at whatever moment leaves without the frames in which it was raised."""
    server.answer = say(b'HTTP/1.1 400 Bad\r\nContent-Length: 11\r\n\r\n{"code": 5}')
    ours = threading.get_ident()
    owner, name = PLACES[place]
    real = getattr(owner, name)

    def broken(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == ours:
            raise copy.copy(fault)  # the traceback of the last test would hold its socket
        return real(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, broken)
        error = failure_of(request_name, server.url)
    assert found_in(shown(error)) == []
    assert error.__context__ is None


@pytest.mark.parametrize("request_name", ["refresh", "code", "app", "device asks"])
@pytest.mark.parametrize("place", ["raw_decode", "decode"])
def test_an_answer_that_is_being_read_shows_no_secret(
    server: Server, monkeypatch: pytest.MonkeyPatch, request_name: str, place: str
) -> None:
    """The new tokens are masked from the moment on in which they came."""
    body = json.dumps({"code": 0, "access_token": BEARER, "refresh_token": REFRESH, "x": {}}).encode()
    server.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def broken(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(json.JSONDecoder, place, broken)
        error = failure_of(request_name, server.url)
    assert isinstance(error, KeyboardInterrupt)
    assert_silent(error)


@each_request
def test_ctrl_c_shows_no_secret(server: Server, request_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real signal, while the answer is waited for; so that a person may press it, nothing ends the wait before."""
    monkeypatch.setattr(wire, "TIMEOUT", (5.0, 5.0))
    monkeypatch.setattr(api, "TIMEOUT", (5.0, 5.0))

    def interrupt(connection: socket.socket, _: bytes) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        hang(connection, b"")

    server.answer = interrupt
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        error = failure_of(request_name, server.url)
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(error, KeyboardInterrupt)
    assert_silent(error)


# --- frames of a request that is out ----------------------------------------------------------------------------------


def own_frames() -> str:
    """Return what a debugger could show that looks at this thread now."""
    frame, texts = inspect.currentframe(), list[str]()
    while frame is not None:
        texts += frame_texts(frame)
        frame = frame.f_back
    return "\n".join(texts)


@each_request
@pytest.mark.parametrize("place", ["receive", "send", "connect"])
def test_a_request_that_is_out_shows_no_secret(
    server: Server, request_name: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at the frames of its thread while it connects, sends, or waits sees stars."""
    server.answer = say(b"")
    owner, name = PLACES[place]
    real, seen = getattr(owner, name), list[str]()
    thread = threading.Thread(target=lambda: failure_of(request_name, server.url))

    def watched(*args: Any) -> Any:
        if threading.current_thread() is not server.thread:
            seen.append(own_frames())
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, watched)
        thread.start()
        thread.join(10)
    assert "urllib3" in seen[0] or "HTTPAdapter" in seen[0]
    assert found_in("\n".join(seen)) == []


# --- what reaches the user of a workspace -----------------------------------------------------------------------------


def secrets_of(lab: Lab) -> set[str]:
    return {*lab.box.secrets(), lab.box.app_secret}


@pytest.mark.parametrize(
    ("call", "endpoint"),
    [("sync", "token"), ("sync", "fields"), ("sync", None), ("read", "token"), ("read", "fields"), ("add", None)],
)
def test_ctrl_c_in_a_call_shows_no_secret(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, call: str, endpoint: str | None
) -> None:
    """From the first line of a call to its last: also the settings, the login and the environment stay unseen."""
    monkeypatch.setenv("LARKNB_APP_SECRET", lab.box.app_secret)
    monkeypatch.setenv("LARKNB_NOTIFY_URL", f"https://open.feishu.cn/open-apis/bot/v2/hook/{HOOK}")
    lab.later(7200)  # the access token has ended: a renewal comes first
    real = socket.socket.recv_into
    ours = threading.main_thread()

    def interrupted(*args: Any) -> Any:
        done = real(*args)
        if threading.current_thread() is ours and (endpoint is None or lab.box.journal.count(endpoint)):
            raise KeyboardInterrupt
        return done

    calls: dict[str, Callable[[], object]] = {
        "sync": lambda: lab.workspace.sync(progress=False).raise_for_failures(),
        "read": lambda: lab.workspace.read("s1/people"),
        "add": lambda: lab.workspace.add(f"{lab.box.url}/base/AppStaff000000000000000001?table=tblTeams", "more"),
    }
    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "recv_into", interrupted)
        with pytest.raises((KeyboardInterrupt, LarkError)) as caught:
            calls[call]()
    text = shown(caught.value)
    assert not [secret for secret in {*secrets_of(lab), HOOK} if secret in text]


TOMLS = [
    "[app]\napp_id = 5",
    "[nonsense]\nx = 1",
    "[app",
    "[app]\nopen_base = 'https://evil.example'",
    "[cache]\ndir = 5",
]


@pytest.mark.parametrize("content", TOMLS)
def test_a_wrong_setting_shows_no_secret(lab: Lab, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """The settings are read with the environment at hand, which holds the secret of the app and the bot's address."""
    monkeypatch.setenv("LARKNB_APP_SECRET", APP_SECRET)
    monkeypatch.setenv("LARKNB_NOTIFY_URL", f"https://open.feishu.cn/hook/{HOOK}")
    monkeypatch.setenv("LARKNB_NOTIFY_KEY", KEY)
    (lab.workspace.root / "larknb.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        lab.workspace.sync(progress=False)
    assert found_in(shown(caught.value)) == []


@pytest.mark.parametrize("where", ["variable", "file"])
def test_the_address_of_a_foreign_bot_is_not_shown(lab: Lab, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The error says where it stands, and nobody sees it."""
    url = f"https://evil.example/hook/{HOOK}"
    if where == "variable":
        monkeypatch.setenv("LARKNB_NOTIFY_URL", url)
        monkeypatch.setenv("LARKNB_NOTIFY_KEY", KEY)
    else:
        file = lab.workspace.root / "work" / "notify.json"
        file.write_text(f'{{"url": "{url}", "key": "{KEY}"}}', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        lab.workspace.status()
    assert found_in(shown(caught.value)) == []


def test_a_disk_that_is_full_shows_no_secret(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that cannot be kept is in the hands of whoever writes files by then."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LarkError) as caught:
        lab.workspace.save_secret(APP_SECRET)
    assert found_in(shown(caught.value)) == []


# --- objects and pickles ----------------------------------------------------------------------------------------------


def test_objects_show_no_secret(lab: Lab) -> None:
    """A workspace that has been used, its parts, the client and its session: repr, str and each attribute."""
    lab.workspace.sync(progress=False).raise_for_failures()
    context = lab.workspace.context
    with context.clients() as client_of:
        client = client_of("user")
        client.get("authen/v1/user_info")
        parts = [context.settings, context.store, client, client.identity, vars(client)["_session"]]
        things = [lab.workspace, context, *parts, lab.workspace.whoami(), lab.workspace.status()]
        text = "".join(f"{thing!r}{thing}{getattr(thing, '__dict__', '')!r}" for thing in things)
    assert [secret for secret in secrets_of(lab) if secret in text] == []


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_survive_a_pickle_without_secrets(name: str, server: Server) -> None:
    """A pool of processes hands errors on: all that they say comes along, and no secret."""
    if name == "Asker":
        return
    kind: type[LarkError] = getattr(errors, name)
    error = kind("what", source="s", next="do", code=5, msg="m", log_id="l", scopes=("a:b",))
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))


@each_request
def test_a_pickled_error_holds_no_secret(server: Server, request_name: str) -> None:
    """Whatever the server repeated."""
    server.answer = echo
    pickled = pickle.dumps(failure_of(request_name, server.url))
    assert [secret for secret in SECRETS if secret.encode() in pickled] == []
