"""Serving the tools over stdin and stdout, with the protocol's own SDK (extra ``mcp``)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import larknb
from larknb import disk
from larknb.errors import ConfigError, LarkError
from larknb.mcp.quoting import quoted_text
from larknb.mcp.tools import TOOLS, called
from larknb.messages import say
from larknb.workspace import Workspace

if TYPE_CHECKING:
    from mcp.server import Server
    from mcp.types import CallToolResult

__all__ = ["serve", "server"]


def serve(workspace: Workspace) -> int:
    """Serve a workspace over stdin and stdout until the other side hangs up, and return the exit code."""
    try:
        asyncio.run(_serve(workspace))
    except ImportError as error:
        raise ConfigError(say("mcp.missing.what"), next=say("mcp.missing.next")) from error
    return 0


async def _serve(workspace: Workspace) -> None:
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        made = server(workspace)
        with contextlib.redirect_stdout(sys.stderr):  # a print of anybody would break the protocol
            await made.run(incoming, outgoing, made.create_initialization_options())


def server(workspace: Workspace) -> Server[Any]:
    """Return a server of the SDK that has the tools."""
    from mcp import types
    from mcp.server import Server

    async def listed(_: Any, __: Any) -> types.ListToolsResult:
        hints = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
        return types.ListToolsResult(
            tools=[
                types.Tool(name=each.name, description=each.about, input_schema=each.schema, annotations=hints)
                for each in TOOLS
            ]
        )

    async def answered(_: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        # In a thread, so that a long query does not hold up a cancellation.
        return await asyncio.to_thread(_result, workspace, asked.name, asked.arguments or {})

    return Server(
        "larknb",
        version=larknb.__version__,
        instructions=say("mcp.instructions"),
        on_list_tools=listed,
        on_call_tool=answered,
    )


def _result(workspace: Workspace, name: str, given: Mapping[str, Any]) -> CallToolResult:
    from mcp import types

    try:
        text, failed = called(workspace, name, given), False
    except LarkError as error:
        text, failed = quoted_text(str(error)), True  # names of others stand in it
    except OSError as error:
        text, failed = str(disk.refused(error)), True
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)
