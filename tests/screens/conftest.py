"""A workspace on the stand-in, and its login as a card sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import Sandbox
from larknb.screens.sign_ins import WorkspaceLogin
from larknb.services.account import workspace_login
from larknb.workspace import Workspace
from tests.auth.conftest import app, box, make_store, nobody, redirect_uri, waits
from tests.conftest import Clock, write_settings

__all__ = ["app", "box", "login_of", "make_store", "nobody", "redirect_uri", "waits", "workspace"]


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    root = tmp_path / "共享 盘"
    write_settings(root, box, f"{box.url}/base/AppStaff000000000000000001")
    return Workspace(root, clock=clock, sleep=clock.sleep)


def login_of(workspace: Workspace, method: str = "auto", **more: Any) -> WorkspaceLogin:
    return workspace_login(workspace.context, method, **more)
