"""A larknb.toml that came with somebody's repository names a file: what is no login of ours is left alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import ConfigError, LarkError, LoginRequired
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, write_settings

DEFAULT = "work/fault_diagnosis_token_cache.json"
FOUR: dict[str, Any] = {
    "access_token": "eyJ.at",
    "expires_at": 0,
    "refresh_token": "eyJ.rt",
    "last_refresh": "2026-01-16T12:00:00",
}


def as_json(*without: str, **more: Any) -> bytes:
    return json.dumps({name: value for name, value in {**FOUR, **more}.items() if name not in without}).encode()


FOREIGN = {
    "a private key": b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n",
    "a shell history": b"ls -la\ncd work\n",
    "a netrc": b"machine example.com login ana password hunter2\n",
    "an ini": b"[default]\naws_access_key_id = AKIA\naws_secret_access_key = x\n",
    "a toml": b'[app]\napp_id = "cli_mine"\n',
    "a program": b"#!/bin/sh\nexec true\n",
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a number": b"42",
    "a text": b'"my notes"',
    "a list": b'["a", "b"]',
    "settings": b'{"editor.fontSize": 12}',
    "a notebook": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "an access token alone": b'{"access_token": "gho_other"}',
    "an oauth answer": b'{"access_token": "ya29", "refresh_token": "1//0", "token_type": "Bearer", "expires_in": 3599}',
    "three of the keys": as_json("last_refresh"),
    "no date": as_json("expires_at"),
    "an app's login": as_json(client_id="x.apps.example.com", client_secret="GOCSPX"),
    "an id token": as_json(id_token="eyJ.id"),
    "a login of an assistant": as_json(account_id="acc", OPENAI_API_KEY=None),
    "an endpoint": as_json(token_uri="https://oauth2.example.com/token"),
    "an issuer": as_json(issuer="https://login.example.com"),
    "objects for tokens": as_json(access_token={"value": "x"}, refresh_token=["y"]),
    "numbers for tokens": as_json(access_token={"n": 1}),
    "ours inside": json.dumps({"tokens": FOUR}).encode(),
    "ours in a list": json.dumps([FOUR]).encode(),
    "a cut login of another tool": b'{"token_type": "Bearer", "access_token": "gh',
    "a cut key": b"-----BEGIN OPENSSH",
    "another encoding": "笔记：明天".encode("gb18030"),
    "deep": b"[" * 100_000,
    "deep and closed": b'{"access_token": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep behind our keys": as_json()[:-1] + b', "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "quotes without end": b'{"note": "' + b'\\"' * 300_000 + b"[" * 100,
    "100 MB": b" " * 100_000_000,
    "a byte too many": as_json().ljust(1_000_001),
}
LEFT_OF_OURS = {
    "nothing": b"",
    "blanks": b" \n\n",
    "zeros": bytes(4096),
    "ours and zeros": as_json()[:40] + bytes(512),
    "a byte order mark": b"\xef\xbb\xbf",
    "a brace": b"{",
    "a cut key": b'{\n  "acce',
    "a cut token": b'{\n  "access_token": "eyJ.a',
    "a cut end": as_json()[:-1],
    "an empty object": b"{}",
    "no tokens": as_json(access_token="", refresh_token=""),
}


def refused(ask: Callable[[], object], error: type[LarkError] = ConfigError) -> str:
    with pytest.raises(error) as caught:
        ask()
    return str(caught.value)


def listing(folder: Path) -> dict[str, bytes | None]:
    """Return all that lies in a folder."""
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def open_folder(root: Path, box: Sandbox, clock: Clock, token_file: str = DEFAULT) -> Workspace:
    base = box.tenant.add_base("staff")
    write_settings(root, box, f"{box.url}/base/{base.app_token}", more=f"token_file = '{token_file}'")
    return Workspace(root, clock=clock, sleep=clock.sleep)


def ask_everything(workspace: Workspace) -> list[str]:
    """Make each call that looks for a login, and return what it said."""
    texts = [
        refused(workspace.whoami),
        refused(workspace.logout),
        refused(workspace.login),
        refused(lambda: workspace.sign_in(lambda _: None, wait=0.1)),
        refused(workspace.get_user_access_token),
        refused(lambda: workspace.get_user_access_token(required=False)),
        repr(workspace.status()),
    ]
    assert workspace.keep_login() is None
    try:
        texts.append(repr(workspace.sync(progress=False)))
    except ConfigError as error:
        texts.append(str(error))
    return texts


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("token_file", [DEFAULT, "keys/id"])
def test_a_file_of_somebody_else_is_left_alone(
    tmp_path: Path, box: Sandbox, clock: Clock, token_file: str, content: bytes
) -> None:
    """Whatever is called, it stays as it is, nothing of it is sent, and the error names it."""
    workspace = open_folder(tmp_path, box, clock, token_file)
    file = tmp_path / token_file
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    box.journal.clear()
    texts = ask_everything(workspace)
    assert [name for name in listing(file.parent) if name.startswith(f"{file.name}.")] == []
    assert file.read_bytes() == content
    assert not {"token", "user_info"} & {*box.journal.endpoints()}
    assert [text for text in texts if file.name not in text and "not a login" not in text] == []


@pytest.mark.parametrize("content", LEFT_OF_OURS.values(), ids=LEFT_OF_OURS.keys())
def test_a_damaged_login_is_kept_aside_in_its_own_place_alone(
    tmp_path: Path, box: Sandbox, clock: Clock, content: bytes
) -> None:
    """Under the default name it was ours, and a new login may follow; elsewhere it may be anybody's."""
    for token_file in (DEFAULT, "keys/id"):
        file = tmp_path / token_file
        workspace = open_folder(tmp_path, box, clock, token_file)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        if token_file == DEFAULT:
            assert "damaged" in refused(workspace.whoami, LoginRequired)
            assert file.with_name(f"{file.name}.damaged").read_bytes() == content
        else:
            refused(workspace.whoami)
            refused(workspace.logout)
            assert listing(file.parent) == {"id": content}


KNOWN = {
    "four keys": {},
    "a note": {"note": "排班"},
    "what the platform answered": {"token_type": "Bearer", "refresh_token_expires_in": 604800},
    "no renewal": {"refresh_token": None},
    "an end in words": {"expires_at": "2099-01-01T00:00:00"},
}


@pytest.mark.parametrize("more", KNOWN.values(), ids=KNOWN.keys())
@pytest.mark.parametrize("token_file", [DEFAULT, "keys/id"])
def test_a_login_of_the_old_scripts_is_ours(
    tmp_path: Path, box: Sandbox, clock: Clock, token_file: str, more: dict[str, Any]
) -> None:
    """Its four keys say so, wherever in the workspace it lies."""
    workspace = open_folder(tmp_path, box, clock, token_file)
    answer = box.sign_in()
    tokens = {name: answer[name] for name in ("access_token", "refresh_token")}
    (tmp_path / token_file).parent.mkdir(exist_ok=True)
    (tmp_path / token_file).write_bytes(as_json(**{**tokens, "expires_at": clock() + 7200, **more}))
    assert workspace.get_user_access_token() == answer["access_token"]
    workspace.logout()
    assert not (tmp_path / token_file).exists()


BESIDE = {
    "a lock of another tool": ("id.lock", b"[[package]]\n"),
    "a document": ("id.new", b"my new key"),
    "another login": ("id.new", as_json(id_token="eyJ.id")),
}


@pytest.mark.parametrize(("name", "content"), BESIDE.values(), ids=BESIDE.keys())
def test_what_lies_beside_it_is_left_alone(
    tmp_path: Path, box: Sandbox, clock: Clock, name: str, content: bytes
) -> None:
    """A login is not begun where one of its own names is taken by something else."""
    workspace = open_folder(tmp_path, box, clock, "keys/id")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / name).write_bytes(content)
    refused(lambda: workspace.sign_in(lambda _: None, wait=0.1))
    refused(workspace.logout)
    assert listing(tmp_path / "keys") == {name: content}


@pytest.mark.parametrize("ending", ["damaged", "other_host.kept"])
def test_a_logout_deletes_no_file_that_was_moved_aside_by_mistake(
    tmp_path: Path, box: Sandbox, clock: Clock, ending: str
) -> None:
    """Earlier versions moved whatever lay there: the only copy of a key survives."""
    workspace = open_folder(tmp_path, box, clock)
    sign_in(workspace, box)
    moved = tmp_path / f"{DEFAULT}.{ending}"
    moved.write_bytes(FOREIGN["a private key"])
    workspace.logout()
    assert (moved.exists(), (tmp_path / DEFAULT).exists()) == (True, False)


# --- where it may lie ------------------------------------------------------------------------------------------------


def make_links(tmp_path: Path) -> None:
    """Make links in the workspace ``ws`` that lead out of it, and some that do not."""
    (tmp_path / "ws" / "keys").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    for link, target in {
        "out-file": "../out/token.json",
        "out-folder": "../out",
        "twice": "out-file",
        "absolute": str(tmp_path / "out" / "token.json"),
        "in-file": "keys/token.json",
        "in-folder": "keys",
        "back": "../ws/keys",
    }.items():
        (tmp_path / "ws" / link).symlink_to(target)


OUTSIDE = ["../token.json", "../../token.json", "keys/../../token.json", "./../out/token.json", "../ws2/token.json",
           "..", "{out}/token.json", "~/.ssh/id_rsa", "~/token.json", "~", "/etc/passwd", "/dev/null", "/",
           "out-file", "out-folder/token.json", "twice", "absolute", "in-folder/../../out/token.json",
           "out-folder/../token.json"]  # fmt: skip
INSIDE = ["token.json", "keys/token.json", "./token.json", "keys/../token.json", "{ws}/token.json", "in-file",
          "in-folder/token.json", "back/token.json", "../ws/token.json", "work/x.json", "new/deep/x.json"]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("value", OUTSIDE)
def test_a_file_may_not_send_the_login_out_of_the_workspace(
    tmp_path: Path, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Whatever way leads out, nothing is read before the person agreed."""
    make_links(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "out"))
    workspace = open_folder(tmp_path / "ws", box, clock)
    path = value.format(out=tmp_path / "out")
    (tmp_path / "ws" / "larknb.toml").write_text(f"[app]\ntoken_file = '{path}'\n", encoding="utf-8")
    (tmp_path / "out" / "token.json").write_bytes(as_json())
    for ask in (workspace.whoami, workspace.logout, workspace.login, workspace.get_user_access_token):
        text = refused(ask)
        assert "LARKNB_TOKEN_FILE" in text
        assert f"{tmp_path / 'ws' / 'larknb.toml'}, [app] token_file" in text
    assert listing(tmp_path / "out") == {"token.json": as_json()}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("value", INSIDE)
def test_a_path_inside_the_workspace_is_taken(tmp_path: Path, box: Sandbox, clock: Clock, value: str) -> None:
    """However it is written."""
    make_links(tmp_path)
    workspace = open_folder(tmp_path / "ws", box, clock, value.format(ws=tmp_path / "ws"))
    assert "Nobody is logged in" in refused(workspace.whoami, LoginRequired)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("value", ["{out}/token.json", "../out/token.json", "~/token.json", "out-file"])
def test_the_variable_is_the_consent(
    tmp_path: Path, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A path that the environment names is taken, and still no file of somebody else is touched."""
    make_links(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "out"))
    monkeypatch.setenv("LARKNB_TOKEN_FILE", value.format(out=tmp_path / "out"))
    workspace = open_folder(tmp_path / "ws", box, clock, value.format(out=tmp_path / "out"))
    assert "Nobody is logged in" in refused(workspace.whoami, LoginRequired)
    (tmp_path / "out" / "token.json").write_bytes(FOREIGN["a private key"])
    refused(workspace.whoami)
    refused(workspace.logout)
    assert listing(tmp_path / "out") == {"token.json": FOREIGN["a private key"]}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_the_default_name_is_no_way_out(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A link under the default name leads out as well; work/ itself may lie on another disk."""
    make_links(tmp_path)
    workspace = open_folder(tmp_path / "ws", box, clock)
    (tmp_path / "ws" / DEFAULT).symlink_to(tmp_path / "out" / "id_rsa")
    refused(workspace.whoami)
    (tmp_path / "ws" / DEFAULT).unlink()
    (tmp_path / "ws" / "work").rename(tmp_path / "disk")
    (tmp_path / "ws" / "work").symlink_to(tmp_path / "disk")
    refused(workspace.whoami, LoginRequired)


# --- what is no file -------------------------------------------------------------------------------------------------


def make_circle(path: Path) -> None:
    path.symlink_to("other")
    path.with_name("other").symlink_to(path)


def make_link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


ODD: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo if hasattr(os, "mkfifo") else Path.mkdir,
    "a folder": Path.mkdir,
    "a full folder": lambda path: (path / "more").mkdir(parents=True),
    "a link to itself": lambda path: path.symlink_to(path),
    "two links in a circle": make_circle,
    "a link to a folder": lambda path: path.symlink_to(path.parent),
    "a link to a pipe": make_link_to_pipe,
    "a pipe as its lock": lambda path: os.mkfifo(f"{path}.lock"),
    "a folder as its lock": lambda path: Path(f"{path}.lock").mkdir(),
    "a link as its lock": lambda path: Path(f"{path}.lock").symlink_to(path.with_name("key")),
    "a pipe as its successor": lambda path: os.mkfifo(f"{path}.new"),
    "a folder as its successor": lambda path: Path(f"{path}.new").mkdir(),
}


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("token_file", [DEFAULT, "keys/id"])
def test_what_is_no_file_is_told(
    tmp_path: Path, box: Sandbox, clock: Clock, token_file: str, make: Callable[[Path], object]
) -> None:
    """A path that cannot be a login is an error at once: nothing waits for it, and nothing is removed."""
    workspace = open_folder(tmp_path, box, clock, token_file)
    path = tmp_path / token_file
    path.parent.mkdir(exist_ok=True)
    make(path)
    before = {entry.name for entry in path.parent.iterdir()} - {"larknb.log", "logs"}
    for ask in (workspace.logout, lambda: workspace.sign_in(lambda _: None, wait=0.1)):
        assert str(tmp_path) in refused(ask)
    if not any("." in name.removeprefix(path.name) for name in before - {"app_secret.json"}):
        assert str(tmp_path) in refused(workspace.whoami)
        assert str(tmp_path) in refused(workspace.get_user_access_token)
    assert before <= {entry.name for entry in path.parent.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/full", "/dev/stdin", "/dev/random"])
def test_a_device_is_told(
    tmp_path: Path, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    """Also with the person's consent it is never opened."""
    workspace = open_folder(tmp_path, box, clock)
    monkeypatch.setenv("LARKNB_TOKEN_FILE", device)
    for ask in (workspace.whoami, workspace.logout, workspace.get_user_access_token):
        refused(ask)
    assert Path(device).exists()
