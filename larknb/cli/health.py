"""doctor."""

from __future__ import annotations

import argparse

from larknb.cli.commands import command, option, workspace_of
from larknb.cli.output import print_result

__all__: list[str] = []


@command("doctor", option("--fix", action="store_true", about="cli.doctor.fix"), machine=True)
def _doctor(args: argparse.Namespace) -> int:
    report = workspace_of(args).doctor(fix=args.fix)
    print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1
