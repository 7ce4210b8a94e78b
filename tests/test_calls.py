"""The calls of the package: the methods of the workspace that the current folder belongs to."""

from __future__ import annotations

import numpy as np
import pytest

import larknb
from tests.conftest import Lab


def test_the_module_is_the_workspace_of_the_folder(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """``lk.load`` works in any folder below the one with larknb.toml, and anywhere with LARKNB_HOME."""
    below = synced.workspace.root / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert len(larknb.load("s1/people")) == 30
    monkeypatch.chdir("/")
    monkeypatch.setenv("LARKNB_HOME", str(synced.workspace.root))
    assert len(larknb.load("s1/people")) == 30
    assert np.isclose(larknb.tables("s1")["people"]["age"].mean(), 14.5)
