"""The command line: parse, call one method of the workspace, print, return the exit code.

Exit codes: 0 done, 1 a source failed (the rest was done) or a call failed, 2 usage, configuration, unknown or never
synced name, 3 login needed, 4 another sync holds the workspace, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from larknb.errors import Busy, ChooseTable, ConfigError, LarkError, LoginRequired, NotFound, NotSynced, WrongKind
from larknb.messages import say
from larknb.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["main"]

KINDS = ("bitable", "spreadsheet", "document")
UNITS = ("systemd", "cron", "windows", "launchd")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a narrow code page shows a ? instead of ending the run
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["sandbox"]:
        from larknb.sandbox import main as sandbox

        return sandbox(arguments[1:])
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except LarkError as error:
        print(f"larknb: {error}", file=sys.stderr)
        return _code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away, as `head` does
        return 0


def _code(error: LarkError) -> int:
    if isinstance(error, LoginRequired):
        return 3
    if isinstance(error, Busy):
        return 4
    return 2 if isinstance(error, (ConfigError, NotFound, NotSynced, ChooseTable, WrongKind)) else 1


# --- the parser --------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="larknb", description=say("cli.about"))
    parser.add_argument("--home", metavar="FOLDER", help=say("cli.home"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], *, machine: bool = False
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=say(f"cli.{name}"), description=say(f"cli.{name}"))
        added.set_defaults(run=run)
        if machine:
            added.add_argument("--json", action="store_true", help=say("cli.json"))
        return added

    init = command("init", _init)
    init.add_argument("--app-id", metavar="ID", help=say("cli.init.app_id"))
    init.add_argument("--brand", choices=("feishu", "lark"), help=say("cli.init.brand"))
    init.add_argument("--secret-stdin", action="store_true", help=say("cli.init.secret"))
    init.add_argument(
        "--redirect-uri", action="append", dest="redirect_uris", metavar="URL", help=say("cli.init.redirect")
    )
    init.add_argument("--token-file", metavar="FILE", help=say("cli.init.token_file"))
    init.add_argument("--open-base", metavar="URL", help=say("cli.init.base"))
    init.add_argument("--accounts-base", metavar="URL", help=say("cli.init.base"))
    init.add_argument("--source", metavar="URL", default="", help=say("cli.init.source"))
    login = command("login", _login)
    login.add_argument(
        "--method", choices=("auto", "browser", "paste", "device"), default="auto", help=say("cli.login.method")
    )
    login.add_argument("--wait", type=float, default=0, metavar="SECONDS", help=say("cli.login.wait"))
    login.add_argument("--force", action="store_true", help=say("cli.login.force"))
    command("logout", _logout)
    command("whoami", _whoami, machine=True)
    command("status", _status, machine=True)
    command("sources", _sources, machine=True)
    add = command("add", _add, machine=True)
    add.add_argument("url")
    add.add_argument("--name", help=say("cli.add.name"))
    add.add_argument("--table", action="append", dest="tables", metavar="TABLE", help=say("cli.add.table"))
    command("remove", _remove).add_argument("name")
    sync = command("sync", _sync, machine=True)
    sync.add_argument("names", nargs="*", metavar="NAME")
    sync.add_argument("--kind", choices=KINDS, help=say("cli.kind"))
    sync.add_argument("--force", action="store_true", help=say("cli.force"))
    sync.add_argument("--accept-shrink", action="store_true", help=say("cli.accept_shrink"))
    sync.add_argument("--quiet", action="store_true", help=say("cli.quiet"))
    for name, run in (("load", _load), ("read", _load)):
        frame = command(name, run)
        frame.add_argument("name", metavar="NAME" if name == "load" else "URL_OR_NAME")
        frame.add_argument("--table", help=say("cli.table"))
        frame.add_argument("--columns", nargs="+", metavar="COLUMN", help=say("cli.columns"))
        frame.add_argument("--as-of", metavar="WHEN", help=say("cli.as_of")) if name == "load" else None
        output = frame.add_mutually_exclusive_group()
        output.add_argument("--csv", nargs="?", const="-", metavar="FILE", help=say("cli.csv"))
        output.add_argument("--json", nargs="?", const="-", metavar="FILE", help=say("cli.load.json"))
        output.add_argument("--parquet", metavar="FILE", help=say("cli.parquet"))
    schema = command("schema", _schema, machine=True)
    schema.add_argument("name")
    schema.add_argument("--table", help=say("cli.table"))
    command("paths", _paths, machine=True).add_argument("name")
    search = command("search", _search, machine=True)
    search.add_argument("text", nargs="+")
    search.add_argument("--kind", choices=KINDS, help=say("cli.kind"))
    search.add_argument("--limit", type=int, default=20, help=say("cli.limit"))
    once = command("run", _run, machine=True)
    once.add_argument("notebook")
    once.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help=say("cli.parameter"))
    once.add_argument("--output", metavar="FILE", help=say("cli.output"))
    once.add_argument("--report", action="store_true", help=say("cli.report"))
    command("runs", _runs, machine=True)
    schedule = command("schedule", _schedule)
    schedule.add_argument("names", nargs="*", metavar="NAME")
    schedule.add_argument("--kind", choices=KINDS, help=say("cli.kind"))
    schedule.add_argument("--force", action="store_true", help=say("cli.force"))
    schedule.add_argument("--accept-shrink", action="store_true", help=say("cli.accept_shrink"))
    schedule.add_argument("--notebook", default="scheduled_sync", help=say("cli.notebook"))
    schedule.add_argument("--once", action="store_true", help=say("cli.once"))
    schedule.add_argument("--dry-run", action="store_true", help=say("cli.dry_run"))
    schedule.add_argument("--interval", help=say("cli.interval"))
    schedule.add_argument("--at", action="append", default=[], metavar="HH:MM", help=say("cli.at"))
    unit = schedule.add_mutually_exclusive_group()
    unit.add_argument("--install", choices=UNITS, help=say("cli.install"))
    unit.add_argument("--uninstall", choices=UNITS, help=say("cli.uninstall"))
    schedule.add_argument("--print", action="store_true", help=say("cli.print"))
    schedule.add_argument("--save-secrets", action="store_true", help=say("cli.save_secrets"))
    schedule.add_argument("--keep-runs", type=int, metavar="N", help=say("cli.keep_runs"))
    for headless in (once, schedule):
        headless.add_argument("--timeout", type=float, default=600, metavar="SECONDS", help=say("cli.timeout"))
        headless.add_argument("--deadline", type=float, metavar="SECONDS", help=say("cli.deadline"))
    demo = command("demo", _demo)
    demo.add_argument("folder", nargs="?", default="larknb-demo", help=say("cli.demo.folder"))
    demo.add_argument("--lab", action="store_true", help=say("cli.demo.lab"))
    commands.add_parser("sandbox", help=say("cli.sandbox"), add_help=False)
    return parser


def _workspace(args: argparse.Namespace) -> Workspace:
    return Workspace(args.home)


# --- commands ----------------------------------------------------------------------------------------------------


def _init(args: argparse.Namespace) -> int:
    keys = ("app_id", "brand", "redirect_uris", "token_file", "open_base", "accounts_base")
    # At a terminal the secret is asked unseen, and never read from a line that everybody sees.
    secret_from = sys.stdin if args.secret_stdin and not sys.stdin.isatty() else None
    app = {key: getattr(args, key) for key in keys}
    source = _workspace(args)._set_up(app, url=args.source, secret_from=secret_from)
    if source is not None:
        _tell_added(source)
    print(say("init.next"))
    return 0


def _login(args: argparse.Namespace) -> int:
    print(_workspace(args).login(args.method, wait=args.wait, force=args.force))
    return 0


def _logout(args: argparse.Namespace) -> int:
    _workspace(args).logout()
    print(say("cli.logged_out"))
    return 0


def _whoami(args: argparse.Namespace) -> int:
    user = _workspace(args).whoami()
    _print(user.to_dict() if args.json else user)
    return 0


def _status(args: argparse.Namespace) -> int:
    try:
        status = _workspace(args).status()
    except LarkError as error:
        _print({"problem": str(error), "rows": []} if args.json else error)
        return 0
    _print(status.to_dict() if args.json else status)
    return 0


def _sources(args: argparse.Namespace) -> int:
    sources = _workspace(args).sources()
    _print(sources.to_dicts() if args.json else sources)
    return 0


def _add(args: argparse.Namespace) -> int:
    options = {"tables": args.tables} if args.tables else {}
    source = _workspace(args).add(args.url, args.name, **options)
    if args.json:
        _print({"name": source.name, "kind": source.kind, "url": source.url, "about": dict(source.about)})
    else:
        _tell_added(source)
        print(say("cli.added.next", name=source.name))
    return 0


def _tell_added(source: Any) -> None:
    print(say("cli.added", name=source.name, kind=say(f"kind.{source.kind or 'wiki'}")))
    for table in source.about.get("tables", {}).values():
        print(f"  {table}")


def _remove(args: argparse.Namespace) -> int:
    _workspace(args).remove(args.name)
    print(say("cli.removed", name=args.name))
    return 0


def _sync(args: argparse.Namespace) -> int:
    report = _workspace(args).sync(
        *args.names, kind=args.kind, force=args.force, accept_shrink=args.accept_shrink,
        progress=False if args.quiet or args.json else None,
    )  # fmt: skip
    if not report and not args.json:
        print(say("sources.none"))
    else:
        _print(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


def _load(args: argparse.Namespace) -> int:
    workspace = _workspace(args)
    if args.command == "load":
        frame = workspace.load(args.name, args.table, columns=args.columns, as_of=args.as_of)
    else:
        frame = workspace.read(args.name, args.table)
        frame = frame[args.columns] if args.columns else frame
    if args.csv:
        _write(args.csv, _csv(frame), "utf-8-sig")
    elif args.json:
        _write(args.json, frame.reset_index().to_json(orient="records", force_ascii=False, date_format="iso"), "utf-8")
    elif args.parquet:
        frame.to_parquet(args.parquet)
        print(args.parquet)
    else:
        _show(frame)
    return 0


def _schema(args: argparse.Namespace) -> int:
    columns = _workspace(args).schema(args.name, args.table)
    _print(columns.to_dicts() if args.json else columns)
    return 0


def _paths(args: argparse.Namespace) -> int:
    paths = _workspace(args).paths(args.name)
    _print(dict(paths) if args.json else "\n".join(paths.values()))
    return 0


def _search(args: argparse.Namespace) -> int:
    hits = _workspace(args).search(" ".join(args.text), kind=args.kind, limit=args.limit)
    _print(hits.to_dicts() if args.json else hits)
    return 0


def _run(args: argparse.Namespace) -> int:
    result = _workspace(args).run(
        args.notebook, args.parameter, timeout=args.timeout, deadline=args.deadline, output=args.output,
        report=args.report,
    )  # fmt: skip
    _print({**result.to_dict(), "report": result.report} if args.json else result)
    return result.exit_code


def _runs(args: argparse.Namespace) -> int:
    runs = _workspace(args).runs()
    _print(runs.to_dicts() if args.json else runs)
    return 0


def _schedule(args: argparse.Namespace) -> int:
    if args.print and not args.install:
        raise ConfigError(say("argument.what", name="--print", value=True), next=say("cli.print"))
    if args.save_secrets:
        _save_secrets(args)
    if args.install or args.uninstall:
        return _unit(args)
    if args.save_secrets:
        return 0
    parameters = {"names": args.names, "kind": args.kind, "force": args.force, "accept_shrink": args.accept_shrink}
    return _workspace(args).schedule(
        args.notebook,
        {key: value for key, value in parameters.items() if value},
        interval=args.interval,
        at=args.at,
        once=args.once or args.dry_run,
        timeout=args.timeout,
        deadline=args.deadline,
        keep=args.keep_runs,
        show=print if args.dry_run else None,
    )


_NOT_OF_A_UNIT = ("home", "command", "run", "install", "uninstall", "print", "save_secrets", "once", "dry_run")


def _unit(args: argparse.Namespace) -> int:
    workspace = _workspace(args)
    options = {name: value for name, value in vars(args).items() if name not in _NOT_OF_A_UNIT}
    if args.uninstall:
        print(say("install.removed" if workspace._uninstall(args.uninstall, options) else "install.nothing"))
        return 0
    if args.print:
        print(workspace._unit(args.install, options), end="")
        return 0
    return 0 if workspace._install(args.install, options, print) else 1


def _save_secrets(args: argparse.Namespace) -> None:
    files = _workspace(args)._save_secrets()
    if not files and not args.install:
        raise ConfigError(say("install.none.what"), next=say("install.none.next"))
    for path in files:
        print(say("install.kept", path=path))


def _demo(args: argparse.Namespace) -> int:
    from larknb.demo import demo

    return demo(args.folder, lab=args.lab)


# --- output ------------------------------------------------------------------------------------------------------


def _print(what: Any) -> None:
    print(json.dumps(what, ensure_ascii=False, indent=2) if isinstance(what, (dict, list)) else what)


def _write(target: str, content: str, encoding: str) -> None:
    """Write to a file, or to stdout for ``-``."""
    if target == "-":
        sys.stdout.write(content if content.endswith("\n") else content + "\n")
        return
    with open(target, "w", encoding=encoding, newline="") as file:  # noqa: PTH123  newline is the point
        file.write(content)
    print(target)


def _csv(frame: pd.DataFrame) -> str:
    """Return the frame as CSV for spreadsheets; text that they would run as a formula gets a quote in front."""
    guarded = frame.reset_index()
    for name in guarded.columns:
        if guarded[name].dtype.kind not in "biufM":
            guarded[name] = [_cell(value) for value in guarded[name]]
    guarded.columns = [_cell(name) for name in guarded.columns]
    return guarded.to_csv(index=False, lineterminator="\r\n")


def _cell(value: Any) -> Any:
    if hasattr(value, "tolist") and bool(getattr(value, "ndim", False)):
        value = ", ".join(map(str, value.tolist()))
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@")):
        return f"'{value}"
    return value


def _show(frame: pd.DataFrame) -> None:
    import shutil

    import pandas as pd

    with pd.option_context(
        "display.unicode.east_asian_width", True, "display.width", shutil.get_terminal_size((120, 24)).columns,
        "display.max_columns", 0, "display.max_rows", 20, "display.min_rows", 20, "display.max_colwidth", 30,
    ):  # fmt: skip
        print(frame)
    facts = frame.attrs["larknb"]
    print(say("cli.loaded", rows=len(frame), source=facts["source"], table=facts["table"], at=facts["synced_at"]))
