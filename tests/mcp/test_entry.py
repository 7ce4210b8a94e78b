"""The settings entries of clients."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from larknb.mcp.entry import CLIENTS, entry
from larknb.workspace import Workspace


@pytest.mark.parametrize("client", CLIENTS)
def test_an_entry_starts_the_door_of_this_workspace(client: str, tmp_path: Path) -> None:
    """With this Python and by an absolute path: the client starts it in a folder of its own."""
    root = tmp_path / "功能 安全"
    (servers,) = json.loads(entry(Workspace(root), client)).values()
    assert servers["larknb"]["command"] == sys.executable
    assert servers["larknb"]["args"] == ["-m", "larknb", "--home", str(root), "mcp"]
    assert servers["larknb"].get("type") == ("stdio" if client == "vscode" else None)


def test_an_entry_names_a_published_store_by_its_address(tmp_path: Path) -> None:
    """And not the folder in which this person keeps what was fetched of it."""
    address = (tmp_path / "team").as_uri()
    (servers,) = json.loads(entry(Workspace(address), "cursor")).values()
    assert servers["larknb"]["args"][2:] == ["--home", address, "mcp"]
