"""A workspace as the command line sees it."""

from __future__ import annotations

import time

import pytest

from tests.conftest import Lab, sign_in


@pytest.fixture
def home(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab as the command line sees it: with the machine's clock."""
    lab.clock.now = time.time()
    sign_in(lab.workspace, lab.box)
    monkeypatch.setenv("LARKNB_HOME", str(lab.workspace.root))
    return lab
