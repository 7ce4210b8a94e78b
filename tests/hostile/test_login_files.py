"""What lies under the names that a login and the secrets of a workspace use, and was put there by somebody else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.auth import pending
from larknb.auth.app import App
from larknb.auth.device import DeviceLogin
from larknb.auth.store import TokenStore
from larknb.auth.token import Token
from larknb.config.edit import keep_secrets, save_secret
from larknb.config.secrets import Secret
from larknb.config.settings import Settings, load_settings
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.auth.conftest import granted
from tests.conftest import Clock, sign_in

from .test_token_file import DEFAULT, FOREIGN, as_json, ask_everything, listing, open_folder, refused

HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/0000"
posix = pytest.mark.skipif(os.name == "nt", reason="there are no such files, or links need a privilege")
WAITING: dict[str, Any] = {
    "format": 1, "open_base": "https://open.example", "app_id": "cli_1", "scope": "offline_access", "began_at": 1.0,
    "device_code": "code-1", "user_code": "AB-CD", "url": "https://open.example/device", "ends_at": 9.9e9,
    "interval": 5.0,
}  # fmt: skip


def waiting(*without: str, **more: Any) -> bytes:
    return json.dumps({name: value for name, value in {**WAITING, **more}.items() if name not in without}).encode()


# --- beside the login ------------------------------------------------------------------------------------------------

SMALL = {name: content for name, content in FOREIGN.items() if len(content) < 10_000}
OF_A_DEVICE = {
    **SMALL,
    "a login": as_json(),
    "no code": waiting("device_code"),
    "no end": waiting("ends_at"),
    "an end in words": waiting(ends_at="soon"),
    "a code that is a list": waiting(device_code=["code-1"]),
    "one of ours in a list": b"[" + waiting() + b"]",
    "a format and no more": b'{"format": 1}',
    "a film": b'{"format": "mp4", "length": 90}',
    "a cut key": b"-----BEGIN OPENSSH",
    "a megabyte": b"x" * 1_000_001,
    "deep": b"[" * 100_000,
    "deep and closed": b'{"format": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
OF_A_SUCCESSOR = {**SMALL, "a login that waits": waiting(), "deep": b"[" * 100_000, "a megabyte": b"x" * 1_000_001}
OF_A_LOCK = {"a lock of poetry": b"[[package]]\n", "a line feed": b"\n", "a byte": b"x", "a login": as_json()}
BESIDE = [
    *[pytest.param(".device", content, id=f"device, {name}") for name, content in OF_A_DEVICE.items()],
    *[pytest.param(".new", content, id=f"new, {name}") for name, content in OF_A_SUCCESSOR.items()],
    *[pytest.param(".lock", content, id=f"lock, {name}") for name, content in OF_A_LOCK.items()],
]


APP = App("cli_mine", Secret("mine"), "http://127.0.0.1:9", "http://127.0.0.1:9")  # nobody listens there


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    """A store whose login has ended: whatever is asked would renew it."""
    path = tmp_path / "work" / "token.json"
    path.parent.mkdir()
    path.write_bytes(as_json(open_base=APP.open_base, app_id=APP.app_id, open_id="ou_1"))
    return TokenStore(path, APP, own_place=True, clock=lambda: 1e9, sleep=lambda _: None)


def ask_the_store(store: TokenStore) -> list[str]:
    """Ask all that the rooms above ask of a store, and return what it said."""
    asks: list[Callable[[], object]] = [
        store.load, store.access_token, store.keep_alive, lambda: store.renew("eyJ.at"), store.check_place,
        store.forget, lambda: store.sign_in(lambda: pytest.fail("a code was spent")),
        lambda: DeviceLogin(APP, store, ["wiki:node:read"]), store.lock().__enter__,
    ]  # fmt: skip
    return [refused(ask) for ask in asks]


@pytest.mark.parametrize(("ending", "content"), BESIDE)
def test_a_file_beside_the_login_is_left_alone(store: TokenStore, ending: str, content: bytes) -> None:
    """Whatever is asked, it stays as it is, nothing is sent, and the error names it."""
    file = store.path.with_name(store.path.name + ending)
    file.write_bytes(content)
    before = listing(file.parent)
    assert [text for text in ask_the_store(store) if str(file) not in text] == []
    assert listing(file.parent) == before


@pytest.mark.parametrize("ending", [".device", ".new", ".lock"])
@pytest.mark.parametrize("token_file", [DEFAULT, "keys/id"])
def test_every_call_names_a_file_beside_the_login(
    tmp_path: Path, box: Sandbox, clock: Clock, token_file: str, ending: str
) -> None:
    """Also where nobody is logged in; a device login is not even begun."""
    workspace = open_folder(tmp_path, box, clock, token_file)
    file = tmp_path / f"{token_file}{ending}"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"my notes")
    box.journal.clear()
    texts = ask_everything(workspace)
    assert [text for text in texts if file.name not in text and "not a login" not in text] == []
    assert file.name in refused(lambda: workspace.login(method="device", wait=1))
    assert file.read_bytes() == b"my notes"
    assert not {"token", "user_info", "device"} & {*box.journal.endpoints()}


LEFT_OF_A_DEVICE = {
    "nothing": b"", "blanks": b" \n", "zeros": bytes(100), "a brace": b"{", "a beginning": waiting()[:30],
    "a beginning of the format before": b'{"open_base": "https://o', "a cut end": waiting()[:-1],
    "a beginning and zeros": waiting()[:60] + bytes(500), "a byte order mark": b"\xef\xbb\xbf",
}  # fmt: skip


@pytest.mark.parametrize("content", LEFT_OF_A_DEVICE.values(), ids=LEFT_OF_A_DEVICE.keys())
def test_what_is_left_of_a_login_that_waited_hinders_nobody(
    tmp_path: Path, box: Sandbox, clock: Clock, content: bytes
) -> None:
    """Under the default name it was ours: the login goes on, and a logout takes it along."""
    workspace = open_folder(tmp_path, box, clock)
    sign_in(workspace, box)
    file = tmp_path / f"{DEFAULT}.device"
    file.write_bytes(content)
    assert workspace.whoami().open_id
    workspace.logout()
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b" " * 40_000, as_json()[:40], as_json()[:40].ljust(40_000)])
@pytest.mark.parametrize("token_file", [DEFAULT, "keys/id"])
def test_room_that_a_killed_process_left_hinders_nobody(
    tmp_path: Path, box: Sandbox, clock: Clock, token_file: str, content: bytes
) -> None:
    """Nothing was written into it, or half a login: the one before is still there."""
    workspace = open_folder(tmp_path, box, clock, token_file)
    sign_in(workspace, box)
    left = tmp_path / f"{token_file}.new"
    left.write_bytes(content)
    clock.advance(7200)
    assert workspace.get_user_access_token() == json.loads((tmp_path / token_file).read_bytes())["access_token"]
    assert not left.exists()


def test_a_newer_larknb_s_login_that_waits_hinders_nobody(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """It is ours, and left to the version that wrote it."""
    workspace = open_folder(tmp_path, box, clock)
    sign_in(workspace, box)
    file = tmp_path / f"{DEFAULT}.device"
    file.write_bytes(b'{"format": 2, "codes": ["code-1"]}')
    workspace.whoami()
    workspace.logout()
    assert file.read_bytes() == b'{"format": 2, "codes": ["code-1"]}'


@pytest.mark.parametrize(
    "url", ["https://evil.example/device", "https://open.example.evil.example/", "javascript:alert(1)", "file:///x", "",
            "https://open.example@evil.example/", "//evil.example"])  # fmt: skip
def test_a_page_that_a_file_names_must_be_the_platforms(tmp_path: Path, url: str) -> None:
    """A login that waits may have come with somebody's repository: nobody is sent to a page of theirs."""
    app = App("cli_1", Secret("hush"), "https://open.example", "https://accounts.example")
    path = tmp_path / "token.json.device"
    for page, is_taken_up in ((url, False), (WAITING["url"], True), ("https://accounts.example/x", True)):
        path.write_bytes(waiting(url=page))
        found = pending.take_up(path)
        assert found is not None
        assert found.is_for(app, ["offline_access"]) is is_taken_up


# --- what is moved aside ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [FOREIGN["a private key"], FOREIGN["settings"], as_json(client_secret="x")])
def test_a_damaged_login_is_not_moved_over_a_file_of_somebody_else(
    tmp_path: Path, box: Sandbox, clock: Clock, content: bytes
) -> None:
    """An earlier version may have moved the only copy of a key there."""
    workspace = open_folder(tmp_path, box, clock)
    (tmp_path / DEFAULT).write_bytes(b"{")
    aside = tmp_path / f"{DEFAULT}.damaged"
    aside.write_bytes(content)
    assert aside.name in refused(workspace.whoami)
    assert (aside.read_bytes(), (tmp_path / DEFAULT).read_bytes()) == (content, b"{")


def test_another_app_s_login_is_not_moved_over_a_file_of_somebody_else(
    tmp_path: Path, box: Sandbox, clock: Clock
) -> None:
    """The new login waits in this process until there is a place for the old one."""
    workspace = open_folder(tmp_path, box, clock)
    theirs = Token(Secret("eyJ.a"), 0.0, Secret("eyJ.r"), open_base="https://open.other.example", app_id="cli_other")
    (tmp_path / DEFAULT).write_bytes(theirs.to_bytes())
    aside = tmp_path / f"{DEFAULT}.cli_other_open.other.example.kept"
    aside.write_bytes(b"my notes")
    store = workspace.context.store
    assert aside.name in refused(lambda: store.sign_in(lambda: granted(box)))
    assert (aside.read_bytes(), (tmp_path / DEFAULT).read_bytes()) == (b"my notes", theirs.to_bytes())
    aside.unlink()
    assert workspace.whoami().app_id == box.app_id
    assert aside.read_bytes() == theirs.to_bytes()


# --- the secrets of the workspace ------------------------------------------------------------------------------------


def as_secret(*without: str, **more: Any) -> bytes:
    kept = {"app_id": "cli_mine", "app_secret": "theirs-1234", **more}
    return json.dumps({name: value for name, value in kept.items() if name not in without}).encode()


OF_SECRETS = {
    **SMALL,
    "a login": as_json(),
    "no secret": as_secret("app_secret"),
    "no app": as_secret("app_id"),
    "one key more": as_secret(verification_token="x"),
    "a secret that is a list": as_secret(app_secret=["x"]),
    "an app that is a number": as_secret(app_id=1),
    "ours in a list": b"[" + as_secret() + b"]",
    "ours inside": b'{"app": ' + as_secret() + b"}",
    "deep": b"[" * 100_000,
    "deep behind our keys": as_secret()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a byte too many": as_secret().ljust(100_001),
    "half a character": b'{"app_id": "\xff"}',
}


def without_secret(tmp_path: Path, box: Sandbox, clock: Clock) -> tuple[Workspace, Path]:
    """Return a workspace with a login and the place of its secret, where nothing lies."""
    workspace = open_folder(tmp_path, box, clock)
    sign_in(workspace, box)
    file = tmp_path / "work" / "app_secret.json"
    file.unlink()
    return workspace, file


def settings_of(tmp_path: Path, **variables: str) -> Settings:
    return load_settings(tmp_path, {"LARKNB_APP_ID": "cli_mine", **variables})


@pytest.mark.parametrize("content", OF_SECRETS.values(), ids=OF_SECRETS.keys())
def test_a_file_in_the_place_of_the_secret_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """It is no secret of ours, and no call replaces it: each says which file is in the way."""
    file = tmp_path / "work" / "app_secret.json"
    file.parent.mkdir()
    file.write_bytes(content)
    assert settings_of(tmp_path).app_secret is None
    variables = {"LARKNB_APP_ID": "cli_mine", "LARKNB_APP_SECRET": "mine"}
    asks: list[Callable[[], object]] = [
        lambda: save_secret(settings_of(tmp_path), "mine"), lambda: keep_secrets(tmp_path, variables),
        lambda: App.of(settings_of(tmp_path)),
    ]  # fmt: skip
    texts = [refused(ask) for ask in asks]
    assert [text for text in texts if str(file) not in text or "theirs-1234" in text] == []
    assert file.read_bytes() == content


def test_every_call_names_a_file_in_the_place_of_the_secret(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Whoever needs the secret is told; nothing is sent."""
    workspace, file = without_secret(tmp_path, box, clock)
    file.write_bytes(b"my notes")
    box.journal.clear()
    texts = [*ask_everything(workspace), refused(lambda: workspace.save_secret("mine"))]
    assert [text for text in texts if file.name not in text and "not written by larknb" not in text] == []
    assert (file.read_bytes(), box.journal.endpoints()) == (b"my notes", [])


@pytest.mark.parametrize("content", [b"", bytes(50), b"{", b'{\n "app_id": "cli', as_secret()[:-1], b"{}", b"null"])
def test_what_is_left_of_a_secret_is_replaced(tmp_path: Path, content: bytes) -> None:
    """It counts as missing, and the next one takes its place."""
    file = tmp_path / "work" / "app_secret.json"
    file.parent.mkdir()
    file.write_bytes(content)
    assert "secret of app" in refused(lambda: App.of(settings_of(tmp_path)))
    save_secret(settings_of(tmp_path), "mine")
    assert App.of(settings_of(tmp_path)).app_secret == "mine"


@pytest.mark.parametrize("content", [b"my notes", b'{"url": 1, "key": null}', b'{"url": "https://x.example/", "to": 1}',
                                     b"[" * 100_000, b" " * 100_001, b"42"])  # fmt: skip
def test_the_address_of_the_bot_is_kept_by_the_same_rule(tmp_path: Path, content: bytes) -> None:
    """A file of somebody else under its name counts as none, and is not replaced."""
    file = tmp_path / "work" / "notify.json"
    file.parent.mkdir()
    file.write_bytes(content)
    assert settings_of(tmp_path).webhook is None
    assert str(file) in refused(lambda: keep_secrets(tmp_path, {"LARKNB_NOTIFY_URL": HOOK}))
    assert file.read_bytes() == content
    file.write_bytes(b"")
    assert keep_secrets(tmp_path, {"LARKNB_NOTIFY_URL": HOOK}) == [file]


# --- what is no file -------------------------------------------------------------------------------------------------


def to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


def to_a_file_outside(path: Path) -> None:
    outside = path.parent.parent.parent / "outside.json"
    outside.write_bytes(as_secret())
    path.symlink_to(outside)


ODD: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": Path.mkdir,
    "a full folder": lambda path: (path / "more").mkdir(parents=True),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a folder": lambda path: path.symlink_to(path.parent),
    "a link to a pipe": to_a_pipe,
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to /dev/tty": lambda path: path.symlink_to("/dev/tty"),
    "a link out of the workspace": to_a_file_outside,
}


@posix
@pytest.mark.timeout(30)
@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("name", ["app_secret.json", "notify.json"])
def test_a_secret_that_is_no_file_is_told(tmp_path: Path, name: str, make: Callable[[Path], object]) -> None:
    """Nothing waits for it, nothing is written through it, and it stays."""
    root = tmp_path / "ws"
    file = root / "work" / name
    file.parent.mkdir(parents=True)
    make(file)
    before = os.lstat(file), listing(file.parent), listing(tmp_path)
    variables = {"LARKNB_APP_ID": "cli_mine", "LARKNB_APP_SECRET": "mine", "LARKNB_NOTIFY_URL": HOOK}
    if name == "notify.json":
        del variables["LARKNB_APP_SECRET"]
    assert str(file) in refused(lambda: keep_secrets(root, variables))
    assert (settings_of(root).webhook, settings_of(root).app_secret) == (None, None)
    assert (os.lstat(file), listing(file.parent), listing(tmp_path)) == before


@posix
@pytest.mark.timeout(30)
@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("ending", [".device", ".lock"])
def test_what_is_no_file_beside_the_login_is_told(
    store: TokenStore, ending: str, make: Callable[[Path], object]
) -> None:
    """Nothing waits for it, follows it or removes it; the error names it."""
    path = store.path.with_name(store.path.name + ending)
    make(path)
    before = os.lstat(path), listing(path.parent)
    assert [text for text in ask_the_store(store) if str(path) not in text] == []
    assert (os.lstat(path), listing(path.parent)) == before


@posix
def test_a_link_to_a_secret_in_the_workspace_is_followed_once(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """It stays a link, and the file behind it is read and written."""
    workspace, file = without_secret(tmp_path, box, clock)
    (tmp_path / "secrets").mkdir()
    file.symlink_to("../secrets/app.json")
    workspace.save_secret(box.app_secret)
    assert file.is_symlink()
    assert json.loads((tmp_path / "secrets" / "app.json").read_bytes())["app_secret"] == box.app_secret
    assert workspace.whoami().open_id
