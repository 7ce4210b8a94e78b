"""init, login, logout, whoami."""

from __future__ import annotations

import argparse
import sys

from larknb.cli.commands import command, option, workspace_of
from larknb.cli.output import print_added, print_result
from larknb.console import tell
from larknb.messages import say

__all__: list[str] = []


@command(
    "init",
    option("--app-id", metavar="ID", about="cli.init.app_id"),
    option("--brand", choices=("feishu", "lark"), about="cli.init.brand"),
    option("--secret-stdin", action="store_true", about="cli.init.secret"),
    option("--redirect-uri", action="append", dest="redirect_uris", metavar="URL", about="cli.init.redirect"),
    option("--token-file", metavar="FILE", about="cli.init.token_file"),
    option("--open-base", metavar="URL", about="cli.init.base"),
    option("--accounts-base", metavar="URL", about="cli.init.base"),
    option("--source", metavar="URL", default="", about="cli.init.source"),
)
def _init(args: argparse.Namespace) -> int:
    keys = ("app_id", "brand", "redirect_uris", "token_file", "open_base", "accounts_base")
    # At a terminal the secret is asked unseen, and never read from a line that everybody sees.
    secret_from = sys.stdin if args.secret_stdin and not sys.stdin.isatty() else None
    app = {key: getattr(args, key) for key in keys}
    source = workspace_of(args).set_up(app, url=args.source, secret_from=secret_from)
    if source is not None:
        print_added(source)
    tell(say("init.next"))
    return 0


@command(
    "login",
    option("--method", choices=("auto", "browser", "paste", "device"), default="auto", about="cli.login.method"),
    option("--wait", type=float, default=0, metavar="SECONDS", about="cli.login.wait"),
    option("--force", action="store_true", about="cli.login.force"),
)
def _login(args: argparse.Namespace) -> int:
    tell(workspace_of(args).login(args.method, wait=args.wait, force=args.force))
    return 0


@command("logout", option("--local", action="store_true", about="cli.logout.local"))
def _logout(args: argparse.Namespace) -> int:
    workspace_of(args).logout(local=args.local)
    tell(say("cli.logged_out"))
    return 0


@command("whoami", machine=True)
def _whoami(args: argparse.Namespace) -> int:
    user = workspace_of(args).whoami()
    print_result(user.to_dict() if args.json else user)
    return 0
