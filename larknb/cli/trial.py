"""demo and sandbox: larknb without an account."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from larknb.cli.commands import COMMANDS, Command, command, option

__all__ = ["sandbox"]


@command(
    "demo",
    option("folder", nargs="?", default="larknb-demo", about="cli.demo.folder"),
    option("--lab", action="store_true", about="cli.demo.lab"),
)
def _demo(args: argparse.Namespace) -> int:
    from larknb.demo import demo

    return demo(args.folder, lab=args.lab)


COMMANDS.append(Command("sandbox"))


def sandbox(arguments: Sequence[str]) -> int:
    """Run the stand-in, whose command line is its own."""
    from larknb.sandbox import main

    return main(arguments)
