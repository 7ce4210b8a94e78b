"""mcp: the door for an assistant."""

from __future__ import annotations

import argparse

from larknb.cli.commands import command, option, workspace_of
from larknb.mcp.entry import CLIENTS, entry


@command("mcp", option("--print", choices=CLIENTS, dest="client", about="cli.mcp.print"))
def _mcp(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    if args.client:
        print(entry(workspace, args.client))
        return 0
    from larknb.mcp.server import serve

    return serve(workspace)
