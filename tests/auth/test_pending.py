"""The file of a device login that waits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from larknb.auth import pending
from larknb.auth.app import App
from larknb.auth.devicegrant import Device
from larknb.auth.pending import Pending
from larknb.config.secrets import Secret

from .conftest import NOON

APP = App("cli_1", Secret("hush"), "https://open.example", "https://accounts.example")
DEVICE = Device(Secret("code-1"), "AB-CD", "https://accounts.example/device", NOON + 240, 5.0)
SCOPES = ("offline_access", "wiki:node:read")
PENDING = Pending.of(APP, SCOPES, NOON, DEVICE)
# What was written before the file had a format.
OLDER = {
    "open_base": "https://open.example",
    "app_id": "cli_1",
    "scope": "offline_access wiki:node:read",
    "began_at": NOON,
    "device_code": "code-1",
    "user_code": "AB-CD",
    "url": "https://accounts.example/device",
    "ends_at": NOON + 240,
    "interval": 5.0,
}
NEWER = '{"format": 2, "codes": ["code-1"]}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return pending.pending_file(tmp_path / "work" / "token.json")


def test_what_is_kept_is_taken_up(path: Path) -> None:
    """The same page and code, for the app and the scopes that it was begun for and for no others."""
    pending.keep(path, PENDING)
    found = pending.take_up(path)
    assert found is not None
    assert (found.device, found.began_at) == (DEVICE, NOON)
    assert found.is_for(APP, SCOPES)
    assert not found.is_for(APP, SCOPES[:1])
    assert json.loads(path.read_text(encoding="utf-8")) == {"format": 1, **OLDER}


def test_a_code_is_for_its_owner_alone(path: Path) -> None:
    """Neither another user of the machine nor a notebook's output sees it."""
    pending.keep(path, PENDING)
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600
    found = pending.take_up(path)
    assert found is not None
    assert "code-1" not in f"{found!r} {found.device!r}"


def test_the_file_of_an_older_larknb_is_taken_up(path: Path) -> None:
    """It had the same keys and no format."""
    path.parent.mkdir()
    path.write_text(json.dumps(OLDER), encoding="utf-8")
    assert pending.take_up(path) == PENDING


@pytest.mark.parametrize("older", [json.dumps(OLDER), "{", "", "\0" * 100, json.dumps(OLDER)[:40], '{"format": 1, "op'])
def test_no_copy_of_a_code_stays(path: Path, older: str) -> None:
    """The next login replaces what was there, and what has ended is gone."""
    path.parent.mkdir()
    path.write_text(older, encoding="utf-8")
    pending.keep(path, PENDING)
    assert [*path.parent.iterdir()] == [path]
    pending.forget(path)
    assert [*path.parent.iterdir()] == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '"code-1"', json.dumps({**OLDER, "ends_at": "soon"})])
def test_strange_content_is_no_login(path: Path, content: str) -> None:
    """There is nothing to take up, and nothing to say: a new one begins."""
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    assert pending.take_up(path) is None


def test_the_file_of_a_newer_larknb_is_left_alone(path: Path) -> None:
    """It is neither taken up, nor replaced, nor removed."""
    path.parent.mkdir()
    path.write_text(NEWER, encoding="utf-8")
    assert pending.take_up(path) is None
    pending.keep(path, PENDING)
    pending.forget(path)
    assert path.read_text(encoding="utf-8") == NEWER


def test_a_disk_that_keeps_nothing_is_no_error(tmp_path: Path) -> None:
    """A login that is not kept could not be taken up, no more."""
    (tmp_path / "work").write_text("a file where a folder should be", encoding="utf-8")
    path = tmp_path / "work" / "token.json.device"
    pending.keep(path, PENDING)
    assert pending.take_up(path) is None
    pending.forget(path)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.timeout(10)
@pytest.mark.parametrize("make", [os.mkfifo if hasattr(os, "mkfifo") else Path.mkdir, Path.mkdir])
def test_what_is_no_file_is_left_alone(path: Path, make: Callable[[Path], object]) -> None:
    """Nothing waits for a pipe, and nothing is put in its place."""
    path.parent.mkdir()
    make(path)
    assert pending.take_up(path) is None
    pending.keep(path, PENDING)
    pending.forget(path)
    assert [*path.parent.iterdir()] == [path]
    assert not path.is_file()


@pytest.mark.parametrize("other", [replace(APP, open_base="https://open.other"), replace(APP, app_id="cli_2")])
def test_a_code_is_for_one_app_on_one_host(other: App) -> None:
    """Its id and the host of the API say which; the scopes count in the order in which they were asked for."""
    assert PENDING.is_for(APP, list(SCOPES))
    assert not PENDING.is_for(other, SCOPES)
    assert not PENDING.is_for(APP, SCOPES[::-1])
