"""doctor; and what larknb says where no command was named."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from larknb.cli.commands import command, option, workspace_of
from larknb.cli.output import is_read_by_people, print_error, print_result
from larknb.console import tell
from larknb.errors import LarkError, LoginRequired
from larknb.messages import say
from larknb.visible import visible_lines

if TYPE_CHECKING:
    from larknb.results.status import Status
    from larknb.workspace import Workspace

__all__ = ["at_a_glance"]


def at_a_glance(args: argparse.Namespace) -> int:
    """Print how things are, and what to do next."""
    workspace = workspace_of(args)
    try:
        status = workspace.status()
    except LarkError as error:
        print_error(error)
        return 0
    print_result(status)
    tell(say("cli.next", what=_next_step(workspace, status)))
    return 0


def _next_step(workspace: Workspace, status: Status) -> str:
    try:
        workspace.whoami()
    except LoginRequired:
        return say("cli.next.login")
    except LarkError:
        return say("cli.next.init")
    states = {row.state for row in status}
    if not states:
        return say("cli.next.add")
    if "failed" in states:
        return say("cli.next.doctor")
    if states & {"never", "stale"}:
        return say("cli.next.sync")
    return say("cli.next.load", name=status[0].source)


@command(
    "doctor",
    option("--probe", nargs="+", metavar="SOURCE", about="cli.doctor.probe"),
    option("--fix", action="store_true", about="cli.doctor.fix"),
    machine=True,
)
def _doctor(args: argparse.Namespace) -> int:
    report = workspace_of(args).doctor(args.probe or False, fix=args.fix, show=_may_keep)
    print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


def _may_keep(answers: str) -> bool:
    """Show the answers to a probe beside the result, and ask a person whether they may be kept."""
    print(visible_lines(answers), file=sys.stderr)
    if not is_read_by_people() or not sys.stdin.isatty():
        return True
    return input(say("cli.doctor.keep")).strip().lower() in ("", "y", "yes", "是")
