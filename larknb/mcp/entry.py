"""The settings entry that makes an assistant start the door."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from larknb.workspace import Workspace

__all__ = ["CLIENTS", "entry"]

CLIENTS = ("cursor", "claude", "vscode")


def entry(workspace: Workspace, client: str) -> str:
    """Return the JSON that a client's settings take: in Cursor and Claude ``mcpServers``, in VS Code ``servers``."""
    command = {
        "command": sys.executable,
        "args": ["-m", "larknb", "--home", workspace.address or str(workspace.root), "mcp"],
    }
    made: Mapping[str, Any] = {"mcpServers": {"larknb": command}}
    if client == "vscode":
        made = {"servers": {"larknb": {"type": "stdio", **command}}}
    return json.dumps(made, ensure_ascii=False, indent=2)
