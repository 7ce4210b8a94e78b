"""About data: sources, sync, load, join, sql, attachments, diff, check, read, schema, document, search, publish."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Literal

from larknb import disk, display
from larknb.cli.commands import KIND, SYNC_OPTIONS, command, one_of, option, workspace_of
from larknb.cli.output import (
    is_read_by_people,
    parts_to_csv,
    print_added,
    print_frame,
    print_result,
    target_file,
    to_csv,
    write,
)
from larknb.config.names import columns_to_see
from larknb.console import tell
from larknb.errors import LarkError, NotFound, WrongKind
from larknb.messages import say
from larknb.model import KINDS
from larknb.results.check import CheckReport
from larknb.visible import visible_json, visible_lines

if TYPE_CHECKING:
    import pandas as pd

    from larknb.workspace import Workspace

__all__: list[str] = []

NAME = option("name")
TABLE = option("--table", about="cli.table")


@command("status", machine=True)
def _status(args: argparse.Namespace) -> int:
    try:
        status = workspace_of(args).status()
    except LarkError as error:  # whoever asks how things are gets an answer, and never an exit code
        print_result({"problem": str(error), "rows": []} if args.json else error)
        return 0
    print_result(status.to_dict() if args.json else status)
    return 0


@command("sources", machine=True)
def _sources(args: argparse.Namespace) -> int:
    sources = workspace_of(args).sources()
    print_result(sources.to_dicts() if args.json else sources)
    return 0


def _levels(text: str) -> int | str:
    """Return how deep a library is listed, as larknb.toml would say it."""
    return int(text) if text.isdecimal() else text


@command(
    "add",
    option("url"),
    option("--name", about="cli.add.name"),
    option("--table", action="append", dest="tables", metavar="TABLE", about="cli.add.table"),
    option("--view", about="cli.add.view"),
    option("--field", action="append", dest="fields", metavar="COLUMN", about="cli.add.field"),
    option("--drift", choices=("evolve", "raise"), about="cli.add.drift"),
    option("--depth", type=_levels, metavar="LEVELS", about="cli.add.depth"),
    option("--include", nargs="+", metavar="TITLE", about="cli.add.include"),
    option("--exclude", nargs="+", metavar="TITLE", about="cli.add.exclude"),
    option("--kinds", nargs="+", choices=KINDS, about="cli.add.kinds"),
    machine=True,
)
def _add(args: argparse.Namespace) -> int:
    names = ("tables", "view", "fields", "drift", "depth", "include", "exclude", "kinds")
    options = {name: value for name in names if (value := getattr(args, name)) not in (None, "", [])}
    source = workspace_of(args).add(args.url, args.name, **options)
    if args.json:
        print_result(
            {
                "name": source.name,
                "kind": source.kind or source.library or None,
                "url": source.url,
                "about": dict(source.about),
            }
        )
    else:
        print_added(source)
        tell(say("cli.added.next", name=source.name))
    return 0


@command("remove", NAME)
def _remove(args: argparse.Namespace) -> int:
    workspace_of(args).remove(args.name)
    tell(say("cli.removed", name=args.name))
    return 0


@command(
    "sync",
    *SYNC_OPTIONS,
    option("--quiet", action="store_true", about="cli.quiet"),
    machine=True,
)
def _sync(args: argparse.Namespace) -> int:
    report = workspace_of(args).sync(
        *args.names, kind=args.kind, force=args.force, accept_shrink=args.accept_shrink,
        progress=False if args.quiet or args.json else None,
    )  # fmt: skip
    if not report and not args.json:
        tell(say("sources.none"))
    else:
        print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


# --- one table --------------------------------------------------------------------------------------------------

COLUMNS = option("--columns", nargs="+", metavar="COLUMN", about="cli.columns")
ALL = option("--all", action="store_true", about="cli.all")
TARGET = one_of(
    option("--csv", nargs="?", const="-", metavar="FILE", about="cli.csv"),
    option("--json", nargs="?", const="-", metavar="FILE", about="cli.load.json"),
    option("--parquet", metavar="FILE", about="cli.parquet"),
    option("--xlsx", metavar="FILE", about="cli.xlsx"),
)


@command(
    "load",
    option("name", metavar="NAME"),
    TABLE,
    COLUMNS,
    ALL,
    option("--as-of", metavar="WHEN", about="cli.as_of"),
    TARGET,
)
def _load(args: argparse.Namespace) -> int:
    if args.xlsx and not (args.table or args.columns or args.as_of):
        return _write_workbook(args.name, args)  # a source of several tables is a workbook of several sheets
    load = partial(workspace_of(args).load, args.name, args.table, as_of=args.as_of)
    if args.csv is not None:  # of a table that memory need not hold
        parts = workspace_of(args).load_parts(args.name, args.table, columns=args.columns, as_of=args.as_of)
        pieces = parts_to_csv(parts, lambda names: load(columns=names), excel=args.csv != "-")
        write(args.csv, pieces, visible_lines if is_read_by_people() else None)
        return 0
    return _give(load(columns=args.columns), args)


@command(
    "join",
    option("name", metavar="NAME"),
    option("column", metavar="COLUMN", about="cli.join.column"),
    COLUMNS,
    ALL,
    option("--inner", action="store_true", about="cli.join.inner"),
    TARGET,
)
def _join(args: argparse.Namespace) -> int:
    how: Literal["left", "inner"] = "inner" if args.inner else "left"
    return _give(workspace_of(args).join(args.name, args.column, columns=args.columns, how=how), args)


@command("read", option("name", metavar="URL_OR_NAME"), TABLE, COLUMNS, ALL, TARGET)
def _read(args: argparse.Namespace) -> int:
    frame = workspace_of(args).read(args.name, args.table)
    return _give(_only(frame, args.columns) if args.columns else frame, args)


def _only(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return these columns, each once; NotFound names those that there are."""
    for name in columns:
        if name not in frame.columns:
            source = frame.attrs["larknb"]["source"]
            then = columns_to_see(name, map(str, frame.columns), source)
            raise NotFound(say("column.missing.what", column=name), source=source, next=then)
    return frame[[*dict.fromkeys(columns)]]


def _give(frame: pd.DataFrame, args: argparse.Namespace) -> int:
    if args.csv is not None:
        write(args.csv, to_csv(frame, excel=args.csv != "-"), visible_lines if is_read_by_people() else None)
    elif args.json is not None:
        from larknb.tabular.records import json_records

        write(args.json, json_records(frame), visible_json)
    elif args.parquet is not None:
        with target_file(args.parquet) as file:
            frame.to_parquet(file)
    elif args.xlsx is not None:
        return _write_workbook(frame, args)
    else:
        # Who names columns, or asks for all, gets them all.
        print_frame(frame, whole=args.all or bool(getattr(args, "columns", None)))
    return 0


def _write_workbook(what: str | pd.DataFrame, args: argparse.Namespace) -> int:
    try:
        tell(workspace_of(args).to_excel(what, args.xlsx))
    except OSError as error:
        raise disk.refused(error, args.xlsx, advice=say("cli.disk.next")) from error
    return 0


@command(
    "sql",
    option("query", metavar="QUERY", about="cli.sql.query"),
    option("--as-of", metavar="WHEN", about="cli.as_of"),
    ALL,
    TARGET,
)
def _sql(args: argparse.Namespace) -> int:
    return _give(workspace_of(args).sql(args.query, args.as_of), args)


@command("attachments", NAME, TABLE, option("--as-of", metavar="WHEN", about="cli.as_of"), TARGET)
def _attachments(args: argparse.Namespace) -> int:
    files = workspace_of(args).attachments(args.name, args.table, as_of=args.as_of)
    if any(target is not None for target in (args.csv, args.json, args.parquet, args.xlsx)):
        return _give(files, args)
    told = files.astype(object).where(files.notna(), None)
    rows = [(*row[:5], row.path or row.problem) for row in told.itertuples()]
    names = ("row", "table", "column", "name", "size", "path")
    tell(display.text("", names, rows, say("cli.rows", rows=len(rows))))
    return 0


@command(
    "diff",
    NAME,
    TABLE,
    option("--since", metavar="WHEN", about="cli.since"),
    option("--until", metavar="WHEN", about="cli.until"),
    option("--csv", nargs="?", const="-", metavar="FILE", about="cli.csv"),
    machine=True,
)
def _diff(args: argparse.Namespace) -> int:
    found = workspace_of(args).diff(args.name, args.table, args.since, args.until)
    if args.csv is not None:
        write(args.csv, to_csv(found.to_frame(), excel=args.csv != "-"))
    else:
        print_result(found.to_dict() if args.json else found)
    return 0


@command("check", option("names", nargs="*", metavar="NAME"), machine=True)
def _check(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    report = CheckReport([row for name in args.names or [None] for row in workspace.check(name)])
    print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


@command("schema", NAME, TABLE, machine=True)
def _schema(args: argparse.Namespace) -> int:
    columns = workspace_of(args).schema(args.name, args.table)
    print_result(columns.to_dicts() if args.json else columns)
    return 0


@command(
    "document",
    option("name", metavar="NAME_OR_URL"),
    option("--section", metavar="HEADING", about="cli.section"),
    option("--markdown", nargs="?", const="-", metavar="FILE", about="cli.markdown"),
    machine=True,
)
def _document(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    try:
        found = workspace.document(args.name)
    except WrongKind as error:
        if args.section or args.markdown:
            raise
        return _show_tree(workspace, args, error)
    shown = found[args.section] if args.section else found
    if args.markdown:
        write(args.markdown, [f"{shown.markdown.rstrip()}\n".encode()], visible_lines if is_read_by_people() else None)
    elif args.json:
        print_result(dict(shown) if isinstance(shown, dict) else shown.to_dict())
    else:
        print_result(str(shown))
    return 0


def _show_tree(workspace: Workspace, args: argparse.Namespace, problem: WrongKind) -> int:
    """Print the children of a space or folder; what is neither that nor a document is the ``problem``."""
    try:
        tree = workspace.documents(args.name)
    except (WrongKind, NotFound):
        raise problem from None
    print_result(tree.to_dict() if args.json else tree)
    return 0


@command("paths", NAME, machine=True)
def _paths(args: argparse.Namespace) -> int:
    paths = workspace_of(args).paths(args.name)
    print_result(dict(paths) if args.json else "\n".join(paths.values()))
    return 0


@command("history", NAME, machine=True)
def _history(args: argparse.Namespace) -> int:
    history = workspace_of(args).history(args.name)
    print_result(history.to_dicts() if args.json else history)
    return 0


@command(
    "publish",
    option("target", nargs="?", metavar="TARGET", about="cli.publish.target"),
    option("--history", action="store_true", about="cli.publish.history"),
    option("--every-sync", action=argparse.BooleanOptionalAction, about="cli.publish.every_sync"),
    option("--format", choices=("parquet", "delta"), default="parquet", about="cli.publish.format"),
    machine=True,
)
def _publish(args: argparse.Namespace) -> int:
    report = workspace_of(args).publish(
        args.target, history=args.history, format=args.format, every_sync=args.every_sync
    )
    print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


@command(
    "search",
    option("text", nargs="+"),
    KIND,
    option("--limit", type=int, default=20, about="cli.limit"),
    machine=True,
)
def _search(args: argparse.Namespace) -> int:
    hits = workspace_of(args).search(" ".join(args.text), kind=args.kind, limit=args.limit)
    print_result(hits.to_dicts() if args.json else hits)
    return 0


@command("export-guides", option("folder", metavar="FOLDER"), machine=True)
def _export_guides(args: argparse.Namespace) -> int:
    report = workspace_of(args).export_guides(args.folder)
    print_result(report.to_dicts() if args.json else report)
    return 0 if report.ok else 1
