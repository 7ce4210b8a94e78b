"""How a workspace of the stand-in is given one fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from larknb.workspace import Workspace
from tests.conftest import Lab, find_port


def edit_login(lab: Lab, **changed: Any) -> None:
    file = lab.workspace.settings.token_file
    known = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**known, **changed}), encoding="utf-8")


def edit_settings(lab: Lab, old: str, new: str) -> None:
    file = lab.workspace.root / "larknb.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def lose_app_scopes(lab: Lab, *beginnings: str) -> None:
    lab.box.scopes -= {scope for scope in lab.box.scopes if scope.startswith(beginnings)}


def lose_offline(lab: Lab) -> None:
    """Let the login be one without offline_access: it got no refresh token."""
    scopes = [each for each in lab.workspace.whoami().scopes if each != "offline_access"]
    edit_login(lab, scope=" ".join(scopes), refresh_token="")


def read_as_outside_app(lab: Lab) -> None:
    """Read everything as the app, with which nobody shared the base."""
    edit_settings(lab, "[app]\n", '[app]\nidentity = "tenant"\n')
    lab.base.readers = {lab.box.tenant.users[0].open_id}


def open_secret(lab: Lab) -> None:
    (lab.workspace.root / "work" / "app_secret.json").chmod(0o640)


def spoil(lab: Lab, name: str) -> None:
    """Damage a file of the cache."""
    found = sorted(lab.workspace.root.rglob(name), key=lambda path: "snapshots" not in path.parts)
    found[0].write_bytes(b"{")  # of two of one name the one that larknb reads


def refuse_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a proxy that does not run."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@127.0.0.1:{find_port()}")


def run_on_clock(lab: Lab, seconds: float) -> None:
    """Put the machine's clock forward, and not the platform's."""
    now = lab.clock.now + seconds
    lab.workspace = Workspace(lab.workspace.root, clock=lambda: now, sleep=lab.clock.sleep)
