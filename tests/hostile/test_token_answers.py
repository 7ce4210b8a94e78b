"""An answer or a file with odd numbers, texts and depths costs at most a default, never the login."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ApiError, LoginRequired
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.auth.conftest import NOON, granted, leaked
from tests.cli.running import run
from tests.conftest import Clock, Lab

HOUR, DAY = 3600.0, 86400.0
BASIC = {"code": 0, "access_token": "eyJ.at2", "refresh_token": "eyJ.rt2"}


class Platform:
    """A platform that answers a renewal with any bytes, and remembers which refresh tokens it was sent."""

    def __init__(self) -> None:
        self.answer, self.status, self.spent = b"{}", 200, list[str]()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                platform.spent.append(sent["refresh_token"])
                self.reply(platform.answer, platform.status)

            def do_GET(self) -> None:
                self.reply(b'{"code": 0, "data": {"open_id": "ou_1", "name": "\\ud800"}}')

            def reply(self, body: bytes, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform()
    thread = threading.Thread(target=platform.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield platform
    platform.server.shutdown()
    thread.join()
    platform.server.server_close()


@pytest.fixture
def make_store(tmp_path: Path, platform: Platform) -> Callable[..., TokenStore]:
    """Make a store with a login whose access token has ended; its file may say more."""

    def make(**more: Any) -> TokenStore:
        login = {"access_token": "eyJ.at1", "expires_at": NOON - 1, "refresh_token": "eyJ.rt1", "last_refresh": ""}
        path = tmp_path / "work" / "token.json"
        path.parent.mkdir()
        path.write_text(json.dumps({**login, **more}), encoding="utf-8")
        app = App("cli_1", Secret("secret"), platform.url, platform.url)
        return TokenStore(path, app, own_place=True, clock=lambda: NOON, sleep=lambda _: None)

    return make


def with_members(members: str) -> bytes:
    return (json.dumps(BASIC)[:-1] + (f", {members}" if members else "") + "}").encode()


def deep(depth: int = 100_000) -> str:
    return "[" * depth + "]" * depth


LIVES = {
    "NaN": 7200.0, "Infinity": 7200.0, "-Infinity": 7200.0, '"inf"': 7200.0, '"nan"': 7200.0, "1e400": 7200.0,
    "1" + "0" * 400: 7200.0, "1" + "0" * 5000: 7200.0, "-1" + "0" * 5000: 7200.0, "1e20": 31 * DAY,
    "99999999999999": 31 * DAY, '"soon"': 7200.0, '""': 7200.0, '"2h"': 7200.0, "-1": 7200.0, "0": 7200.0,
    "-0.0": 7200.0, '"-5"': 7200.0, "null": 7200.0, "true": 7200.0, "false": 7200.0, "{}": 7200.0, "[7200]": 7200.0,
    '{"seconds": 60}': 7200.0, "7199.5": 7199.0, '"5000"': 5000.0, '" 5000 "': 5000.0, "5e3": 5000.0, '"1e400"': 7200.0,
    '"\\ud800"': 7200.0, deep(): 7200.0, "1e-400": 7200.0, "1e-9": 0.0, "0.9": 0.0, "2678401": 31 * DAY,
    '"1e9"': 31 * DAY,
    '"0x10"': 7200.0, '"１２"': 12.0, '"7_200"': 7200.0, '"7200s"': 7200.0, '"7,200"': 7200.0, '"\\u0000"': 7200.0,
    "[]": 7200.0, '"Infinity"': 7200.0, '"-inf"': 7200.0, '"+5000"': 5000.0, '"5000.9"': 5000.0,
    '{"a": ' + deep(40) + "}": 7200.0, '"' + "9" * 5000 + '"': 7200.0,
}  # fmt: skip


@pytest.mark.parametrize(("value", "life"), LIVES.items(), ids=lambda value: str(value)[:20])
def test_an_odd_lifetime_costs_a_default(
    make_store: Callable[..., TokenStore], platform: Platform, value: str, life: float
) -> None:
    """The new pair is kept and the access token counts for two hours, or for as long as makes sense."""
    platform.answer = with_members(f'"expires_in": {value}, "refresh_token_expires_in": {value}')
    store = make_store()
    assert store.access_token() == "eyJ.at2"
    token = store.load()
    assert (token.refresh_token, token.expires_at - NOON) == ("eyJ.rt2", life)
    assert token.refresh_expires_at is None or NOON <= token.refresh_expires_at <= NOON + 366 * DAY
    assert platform.spent == ["eyJ.rt1"]


MEMBERS = {
    "nothing more": "",
    "a deep list": f'"x": {deep()}',
    "deep objects": '"x": ' + '{"a":' * 50_000 + "1" + "}" * 50_000,
    "brackets in a text": f'"x": "{"[{" * 1000}"',
    "a deep scope": f'"scope": {deep()}',
    "a scope of numbers": '"scope": 5',
    "a list of scopes": '"scope": ["a", "b"]',
    "half a character": '"scope": "a \\ud800"',
    "a huge number": '"x": ' + "9" * 100_000,
    "a data of its own": '"data": {"expires_in": 1}',
    "data of no kind": '"data": [1]',
    "an empty error": '"error": "", "msg": null',
    "a message of no kind": '"msg": {"a": 1}, "status_message": [2]',
    "names twice": '"expires_in": 1, "expires_in": 7200',
    "a message for the user": '"status_message": "offline_access: 待管理员审批\\nx"',
    "a long text": f'"x": "{"y" * 1_000_000}"',
    "a thousand members": ", ".join(f'"x{number}": {number}' for number in range(1000)),
    "a list of a million": f'"x": [{"1," * 1_000_000}1]',
    "a name of control characters": '"\\u0000\\u001b[2J": 1',
    "an error that is false": '"error": false',
    "an error that holds nothing": '"error": {}',
    "a log id of no kind": '"log_id": [1], "logid": {}',
    "a code in words": '"code": "0"',
    "half a character for a name": '"\\udfff": 1',
    "a scope with a line feed": '"scope": "a\\nb"',
    "a long scope": f'"scope": "{"bitable:app:readonly " * 2000}"',
    "an owner of its own": '"open_id": "ou_evil", "app_id": "cli_evil", "open_base": "https://evil.example"',
}


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS.keys())
def test_an_odd_member_costs_nothing(make_store: Callable[..., TokenStore], platform: Platform, members: str) -> None:
    """Whatever else an answer holds, the new pair is on the disk, whole, and can be renewed again."""
    platform.answer = with_members(members)
    store = make_store()
    assert store.access_token() == "eyJ.at2"
    kept = json.loads(store.path.read_bytes())
    assert (kept["access_token"], kept["refresh_token"], kept["open_id"]) == ("eyJ.at2", "eyJ.rt2", "ou_1")


# Which members an answer may lack or have otherwise, and still brings a pair; the contract's "Reading a token answer".
SHAPES = {
    "v2": '{"code": 0, %s}',
    "v2, its code a text": '{"code": "0", %s}',
    "v3": "{%s}",
    "v3, no error": '{"error": "", "error_description": "", %s}',
    "the one before, nested": '{"code": 0, "msg": "success", "data": {%s}}',
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("end", [NOON + DAY, NOON - 1, None])
def test_an_answer_without_a_refresh_token_renews_nothing(
    make_store: Callable[..., TokenStore], platform: Platform, shape: str, end: float | None
) -> None:
    """The old one stays with the end it had; it is tried all the same, and if it is dead, a login is needed."""
    platform.answer = (shape % '"access_token": "eyJ.at2", "expires_in": 60, "refresh_token_expires_in": 1').encode()
    store = make_store(refresh_expires_at=end)
    assert store.renew("eyJ.at1") == "eyJ.at2"
    token = store.load()
    assert (token.refresh_token, token.refresh_expires_at) == ("eyJ.rt1", end)
    platform.status, platform.answer = 400, b'{"code": 20073, "error": "invalid_grant"}'
    with pytest.raises(LoginRequired, match=r"20073.*Next: run larknb login"):
        store.access_token()
    assert (platform.spent, store.load().access_token) == (["eyJ.rt1", "eyJ.rt1"], "eyJ.at2")


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("end", [NOON + DAY, NOON - 1, None])
def test_an_answer_without_a_refresh_life_keeps_the_end(
    make_store: Callable[..., TokenStore], platform: Platform, shape: str, end: float | None
) -> None:
    """It is an estimate, or unknown, and stops nobody from renewing with the new token."""
    platform.answer = (shape % '"access_token": "eyJ.at2", "refresh_token": "eyJ.rt2"').encode()
    store = make_store(refresh_expires_at=end)
    assert store.access_token() == "eyJ.at2"
    assert (store.load().refresh_token, store.load().refresh_expires_at) == ("eyJ.rt2", end)
    assert store.renew("eyJ.at2") == "eyJ.at2"
    assert platform.spent == ["eyJ.rt1", "eyJ.rt2"]


REFUSED = {
    "nothing": b"{}", "a code alone": b'{"code": 0}', "no access token": b'{"code": 0, "refresh_token": "eyJ.rt2"}',
    "an empty one": b'{"code": 0, "access_token": ""}', "a number": b'{"code": 0, "access_token": 5}',
    "a list": b'{"code": 0, "access_token": ["eyJ.at2"]}', "an error and no code": b'{"error": "server_error"}',
    "an error and code 0": b'{"code": 0, "error": "server_error"}', "a list of answers": b"[{}]",
    "an error beside the token": b'{"access_token": "eyJ.at2", "error": "invalid_scope"}', "no JSON": b"<html>",
    "half of it": b'{"code": 0, "access_token": "eyJ.a', "zeros": bytes(100), "data without end": b'{"data": {}}',
    "a code of no kind": b'{"code": [0], "access_token": "eyJ.at2", "error": "x"}', "true": b"true", "a text": b'"x"',
}  # fmt: skip


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED.keys())
def test_an_answer_without_an_access_token_changes_nothing(
    make_store: Callable[..., TokenStore], platform: Platform, answer: bytes
) -> None:
    """It is a failure that is told, both tokens are kept, and the next try may work."""
    platform.answer = answer
    store = make_store()
    before = store.path.read_bytes()
    with pytest.raises(ApiError):
        store.access_token()
    assert store.path.read_bytes() == before
    platform.answer = with_members("")
    assert store.access_token() == "eyJ.at2"


CLOCKS = [-1e18, -1.0, 0.0, 1e11, 1e12, 1e18, 1e300]


@pytest.mark.parametrize("now", CLOCKS)
def test_a_clock_that_is_out_of_all_bounds_costs_no_login(
    make_store: Callable[..., TokenStore], platform: Platform, now: float
) -> None:
    """The new pair is kept, whatever the machine believes the time to be."""
    platform.answer = with_members('"expires_in": 7200, "refresh_token_expires_in": 604800')
    store = make_store()
    store.clock = lambda: now
    assert store.renew("eyJ.at1") == "eyJ.at2"
    assert json.loads(store.path.read_bytes())["refresh_token"] == "eyJ.rt2"
    store.clock = lambda: NOON
    assert store.load().user(store.app).open_id == "ou_1"


@pytest.mark.parametrize("value", ["null", "5", "{}", '["eyJ.x"]', "true", '""'])
def test_a_garbled_refresh_token_counts_as_none(
    make_store: Callable[..., TokenStore], platform: Platform, value: str
) -> None:
    """Nothing that is no text is kept as one; the end of the old one stays what it was."""
    platform.answer = with_members(f'"refresh_token": {value}, "refresh_token_expires_in": 604800')
    store = make_store(refresh_expires_at=NOON + DAY)
    assert store.access_token() == "eyJ.at2"
    token = store.load()
    assert (token.refresh_token, token.refresh_expires_at) == ("eyJ.rt1", NOON + DAY)


DATES = {
    "NaN": 0.0, "Infinity": 0.0, "-1": 0.0, "-1e300": 0.0, "1e300": 0.0, "1" + "0" * 400: 0.0, "1" + "0" * 5000: 0.0,
    "null": 0.0, "true": 0.0, "[1]": 0.0, "{}": 0.0, '"NaN"': 0.0, '"soon"': 0.0, '""': 0.0, '"\\ud800"': 0.0,
    '"9999-12-31T23:59:59+00:00"': 0.0, '"0001-01-01T00:00:00"': 0.0,
    f"{NOON + HOUR:.0f}": NOON + HOUR, f'"{NOON + HOUR:.0f}"': NOON + HOUR, f"{(NOON + HOUR) * 1000:.0f}": NOON + HOUR,
    '"2026-01-16T05:00:00+00:00"': NOON + HOUR, '"2026-01-16T05:00:00Z"': NOON + HOUR,
    '"2026-01-16 13:00:00+08:00"': NOON + HOUR, '"20260116T050000Z"': NOON + HOUR, '"２０２６"': 2026.0,
    '"2026-13-01"': 0.0, '"2026-01-16T25:00:00"': 0.0, '"\\u0000"': 0.0, '"1e400"': 0.0, "1e11": 1e8, "-0.0": 0.0,
    f'" {NOON + HOUR:.0f} "': NOON + HOUR, f'"{(NOON + HOUR) * 1000:.0f}"': NOON + HOUR, deep(40): 0.0,
    '"' + "9" * 5000 + '"': 0.0, "false": 0.0, '"' + "x" * 100_000 + '"': 0.0, "1e17": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(("value", "end"), DATES.items(), ids=lambda value: str(value)[:30])
def test_an_odd_date_of_the_file_is_understood_or_long_ago(
    make_store: Callable[..., TokenStore], platform: Platform, value: str, end: float
) -> None:
    """It stops neither who asks whose login it is nor a renewal."""
    platform.answer = with_members("")
    store = make_store(expires_at="DATE", refresh_expires_at="DATE", granted_at="DATE", last_refresh="DATE")
    store.path.write_text(store.path.read_text(encoding="utf-8").replace('"DATE"', value), encoding="utf-8")
    user = store.load().user(store.app)
    assert (user.access_ends_at, user.refresh_ends_at or 0.0) == (end, end)
    assert repr(user)
    store.keep_alive()
    assert store.access_token() == ("eyJ.at1" if end and not platform.spent else "eyJ.at2")


UNSOUND = ["eyJ.a\ud800", "eyJ.a\n", "eyJ.a\r\nX-Evil: 1", "eyJ.…", "eyJ a", "\teyJ", "eyJ.a\0", "eyJ.é", "令牌", " ",
           "eyJ.\x7f", "eyJ.\u200b", "eyJ.😀", "Bearer eyJ", "\ufeffeyJ", "eyJ.\u2028", "eyJ.\x1b[2J", "eyJ.\x85",
           "\x00", "   ", "\n", "eyJ.\xa0", "ｅｙＪ", "eyJ.\u202e", "eyJ.\udfff\ud800", "eyJ," + " x", "eyJ.\x08",
           "e" * 8193, "e" * 100_000]  # fmt: skip


@pytest.mark.parametrize("token", UNSOUND, ids=lambda token: ascii(token)[:30])
@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_a_token_that_cannot_be_sent_is_a_damaged_login(
    make_store: Callable[..., TokenStore], platform: Platform, name: str, token: str
) -> None:
    """It is told to log in again; nothing is sent, the file stays, and no part of the token is shown."""
    store = make_store(**{name: token})
    before = store.path.read_bytes()
    for ask in (store.load, store.access_token, store.keep_alive, lambda: store.renew("eyJ.at1")):
        with pytest.raises(LoginRequired, match=r"login is damaged.*Next: run larknb login") as caught:
            ask()
        assert not token.strip() or token.strip() not in str(caught.value)
    assert (platform.spent, store.path.read_bytes()) == ([], before)


@pytest.mark.parametrize("token", UNSOUND, ids=lambda token: ascii(token)[:30])
@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_an_answer_with_a_token_that_cannot_be_sent_is_told(
    make_store: Callable[..., TokenStore], platform: Platform, name: str, token: str
) -> None:
    """The pair is kept as it came, and the error is about the login, not about the network."""
    platform.answer = with_members(f'"{name}": {json.dumps(token)}')
    store = make_store()
    with pytest.raises(LoginRequired, match="login is damaged"):
        store.access_token()
    assert json.loads(store.path.read_bytes())[name] == token


def test_the_exit_code_of_a_damaged_login_is_that_of_none(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A schedule that looks at the exit code learns that somebody must log in; a login then heals it."""
    file = lab.workspace.settings.token_file
    login = json.loads(file.read_bytes())
    file.write_text(json.dumps({**login, "access_token": "eyJ.…"}), encoding="utf-8")
    monkeypatch.chdir(lab.workspace.root)
    for command in ("whoami", "sync"):
        code, out, err = run(capsys, command)
        assert (code, "login is damaged" in out + err, leaked(out + err, lab.box)) == (3, True, [])
    heal(lab.workspace, lab.box, lab.clock)


def heal(workspace: Workspace, box: Sandbox, clock: Clock) -> None:
    workspace.context.store.sign_in(lambda: granted(box))
    assert workspace.whoami().open_id == box.tenant.users[0].open_id
