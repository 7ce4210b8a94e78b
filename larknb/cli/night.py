"""run, runs, schedule."""

from __future__ import annotations

import argparse

from larknb.cli.commands import SYNC_OPTIONS, command, one_of, option, workspace_of
from larknb.cli.output import print_result
from larknb.console import tell
from larknb.errors import ConfigError
from larknb.messages import say

__all__: list[str] = []

SYSTEMS = ("systemd", "cron", "windows", "launchd")
TIMEOUT = option("--timeout", type=float, default=600, metavar="SECONDS", about="cli.timeout")
DEADLINE = option("--deadline", type=float, metavar="SECONDS", about="cli.deadline")


@command(
    "run",
    option("notebook"),
    option("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", about="cli.parameter"),
    option("--output", metavar="FILE", about="cli.output"),
    option("--report", action="store_true", about="cli.report"),
    TIMEOUT,
    DEADLINE,
    machine=True,
)
def _run(args: argparse.Namespace) -> int:
    result = workspace_of(args).run(
        args.notebook, args.parameter, timeout=args.timeout, deadline=args.deadline, output=args.output,
        report=args.report,
    )  # fmt: skip
    print_result({**result.to_dict(), "report": result.report} if args.json else result)
    return result.exit_code


@command("runs", machine=True)
def _runs(args: argparse.Namespace) -> int:
    runs = workspace_of(args).runs()
    print_result(runs.to_dicts() if args.json else runs)
    return 0


@command(
    "schedule",
    *SYNC_OPTIONS,
    option("--notebook", default="scheduled_sync", about="cli.notebook"),
    option("--once", action="store_true", about="cli.once"),
    option("--dry-run", action="store_true", about="cli.dry_run"),
    option("--interval", about="cli.interval"),
    option("--at", action="append", default=[], metavar="HH:MM", about="cli.at"),
    one_of(
        option("--install", choices=SYSTEMS, about="cli.install"),
        option("--uninstall", choices=SYSTEMS, about="cli.uninstall"),
    ),
    option("--print", action="store_true", about="cli.print"),
    option("--save-secrets", action="store_true", about="cli.save_secrets"),
    option("--keep-runs", type=int, metavar="N", about="cli.keep_runs"),
    TIMEOUT,
    DEADLINE,
)
def _schedule(args: argparse.Namespace) -> int:
    if args.print and not args.install:
        raise ConfigError(say("argument.what", name="--print", value=True), next=say("cli.print"))
    if args.save_secrets:
        _save_secrets(args)
    if args.install or args.uninstall:
        return _change_unit(args)
    if args.save_secrets:
        return 0
    parameters = {"names": args.names, "kind": args.kind, "force": args.force, "accept_shrink": args.accept_shrink}
    return workspace_of(args).schedule(
        args.notebook,
        {key: value for key, value in parameters.items() if value},
        interval=args.interval,
        at=args.at,
        once=args.once or args.dry_run,
        timeout=args.timeout,
        deadline=args.deadline,
        keep=args.keep_runs,
        show=tell if args.dry_run else None,
    )


# What a unit does not repeat: where it is installed, and what only concerns this command.
_NOT_OF_A_UNIT = ("home", "debug", "command", "run", "install", "uninstall", "print", "save_secrets", "once", "dry_run")


def _change_unit(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    options = {name: value for name, value in vars(args).items() if name not in _NOT_OF_A_UNIT}
    if args.uninstall:
        tell(say("install.removed" if workspace.uninstall(args.uninstall, options) else "install.nothing"))
        return 0
    if args.print:
        print(workspace.unit(args.install, options), end="")
        return 0
    return 0 if workspace.install(args.install, options, tell) else 1


def _save_secrets(args: argparse.Namespace) -> None:
    files = workspace_of(args).save_secrets()
    if not files and not args.install:
        raise ConfigError(say("install.none.what"), next=say("install.none.next"))
    for path in files:
        tell(say("install.kept", path=path))
