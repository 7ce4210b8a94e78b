"""status, sources, add, remove, sync, load, read, schema, paths, search."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from larknb.cli.commands import KIND, SYNC_OPTIONS, command, one_of, option, workspace_of
from larknb.cli.output import parts_to_csv, print_added, print_frame, print_result, target_file, to_csv, write
from larknb.errors import LarkError, NotFound
from larknb.messages import say

if TYPE_CHECKING:
    import pandas as pd

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


@command(
    "add",
    option("url"),
    option("--name", about="cli.add.name"),
    option("--table", action="append", dest="tables", metavar="TABLE", about="cli.add.table"),
    machine=True,
)
def _add(args: argparse.Namespace) -> int:
    options = {"tables": args.tables} if args.tables else {}
    source = workspace_of(args).add(args.url, args.name, **options)
    if args.json:
        print_result({"name": source.name, "kind": source.kind, "url": source.url, "about": dict(source.about)})
    else:
        print_added(source)
        print(say("cli.added.next", name=source.name))
    return 0


@command("remove", NAME)
def _remove(args: argparse.Namespace) -> int:
    workspace_of(args).remove(args.name)
    print(say("cli.removed", name=args.name))
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
        print(say("sources.none"))
    else:
        print_result(report.to_dict() if args.json else report)
    return 0 if report.ok else 1


# --- one table --------------------------------------------------------------------------------------------------

COLUMNS = option("--columns", nargs="+", metavar="COLUMN", about="cli.columns")
TARGET = one_of(
    option("--csv", nargs="?", const="-", metavar="FILE", about="cli.csv"),
    option("--json", nargs="?", const="-", metavar="FILE", about="cli.load.json"),
    option("--parquet", metavar="FILE", about="cli.parquet"),
)


@command(
    "load",
    option("name", metavar="NAME"),
    TABLE,
    COLUMNS,
    option("--as-of", metavar="WHEN", about="cli.as_of"),
    TARGET,
)
def _load(args: argparse.Namespace) -> int:
    load = partial(workspace_of(args).load, args.name, args.table, as_of=args.as_of)
    if args.csv is not None:  # of a table that memory need not hold
        parts = workspace_of(args).load_parts(args.name, args.table, columns=args.columns, as_of=args.as_of)
        write(args.csv, parts_to_csv(parts, lambda names: load(columns=names), excel=args.csv != "-"))
        return 0
    return _give(load(columns=args.columns), args)


@command("read", option("name", metavar="URL_OR_NAME"), TABLE, COLUMNS, TARGET)
def _read(args: argparse.Namespace) -> int:
    frame = workspace_of(args).read(args.name, args.table)
    return _give(_only(frame, args.columns) if args.columns else frame, args)


def _only(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return these columns, each once; NotFound names those that there are."""
    for name in columns:
        if name not in frame.columns:
            what = say("column.missing.what", column=name)
            fields = ", ".join(map(str, frame.columns))
            raise NotFound(what, source=frame.attrs["larknb"]["source"], next=say("field.missing.next", fields=fields))
    return frame[[*dict.fromkeys(columns)]]


def _give(frame: pd.DataFrame, args: argparse.Namespace) -> int:
    if args.csv is not None:
        write(args.csv, to_csv(frame, excel=args.csv != "-"))
    elif args.json is not None:
        from larknb.tabular.records import json_records

        write(args.json, json_records(frame))
    elif args.parquet is not None:
        with target_file(args.parquet) as file:
            frame.to_parquet(file)
    else:
        print_frame(frame)
    return 0


@command("schema", NAME, TABLE, machine=True)
def _schema(args: argparse.Namespace) -> int:
    columns = workspace_of(args).schema(args.name, args.table)
    print_result(columns.to_dicts() if args.json else columns)
    return 0


@command("paths", NAME, machine=True)
def _paths(args: argparse.Namespace) -> int:
    paths = workspace_of(args).paths(args.name)
    print_result(dict(paths) if args.json else "\n".join(paths.values()))
    return 0


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
