"""doctor."""

from __future__ import annotations

import argparse
import sys

from larknb.cli.commands import command, option, workspace_of
from larknb.cli.output import is_read_by_people, print_result
from larknb.messages import say
from larknb.visible import visible_lines

__all__: list[str] = []


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
