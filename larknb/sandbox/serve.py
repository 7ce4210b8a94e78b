"""Command line of the stand-in: ``larknb sandbox``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import orjson

from .box import Sandbox
from .sample import sample_workspace
from .world.document import Document
from .world.dump import Dump
from .world.tenant import Tenant

TICK = 0.2  # seconds between two looks at the clock, so that Ctrl-C is heard soon, on Windows too


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the sample workspace until Ctrl-C, and print what is needed to connect to it."""
    options = _parser().parse_args(argv)
    tenant = Tenant() if options.empty else sample_workspace(options.rows)
    for dump in Dump.read_folder(options.docx) if options.docx else []:
        tenant.add_dump(dump)
    box = Sandbox(tenant, port=options.port, latency=options.latency / 1000)
    box.approve = options.approve
    with box:
        _show(_facts(box) if options.json else _welcome(box))
        end = None if options.seconds is None else time.monotonic() + options.seconds
        try:
            while end is None or time.monotonic() < end:
                time.sleep(TICK if end is None else max(0.0, min(TICK, end - time.monotonic())))
        except KeyboardInterrupt:
            _show("\nstopped")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="larknb sandbox", description="Serve a stand-in of the Feishu/Lark platform on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one (default)")
    parser.add_argument("--rows", type=int, default=2400, metavar="N", help="rows of the largest table (default 2400)")
    parser.add_argument("--empty", action="store_true", help="serve no data at all")
    help_docx = "serve the recorded documents (*.json) of a folder too"
    parser.add_argument("--docx", type=Path, metavar="FOLDER", help=help_docx)
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="milliseconds before each answer")
    answers = ("auto", "page", "deny")
    parser.add_argument("--approve", choices=answers, default="auto", help="what the accounts page does (default auto)")
    help_json = "print addresses, app and a first login as one line of JSON, for programs"
    parser.add_argument("--json", action="store_true", help=help_json)
    parser.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help="stop by itself after this time")
    return parser


def _links(box: Sandbox) -> list[str]:
    """Return the addresses of all documents."""
    tenant = box.tenant
    documents: list[Document] = [*tenant.bases, *tenant.spreadsheets, *tenant.guides]
    links = [f"{box.url}/{document.path}/{document.token}" for document in documents]
    return links + [f"{box.url}/wiki/{node.token}" for node in tenant.wiki_nodes]


def _facts(box: Sandbox) -> str:
    """Return what a program needs to connect, on one line."""
    facts = {
        "url": box.url, "open_base": box.url, "accounts_base": box.url,
        "app_id": box.app_id, "app_secret": box.app_secret, "redirect_uris": [*box.redirect_uris],
        "login": box.sign_in(), "documents": _links(box),
        "sources": [{"name": name, "url": link} for name, link in box.sources()],
    }  # fmt: skip
    return orjson.dumps(facts).decode()


def _welcome(box: Sandbox) -> str:
    links = _links(box)
    export = '$env:LARKNB_APP_SECRET = "{}"' if sys.platform == "win32" else "export LARKNB_APP_SECRET={}"
    uris = ", ".join(f'"{uri}"' for uri in box.redirect_uris)
    lines = [
        f"Stand-in of the Feishu/Lark platform: {box.url}",
        f"app id      {box.app_id}",
        f"app secret  {box.app_secret}",
        *[f"document    {link}" for link in links],
        "",
        "# larknb.toml",
        "[app]",
        f'app_id = "{box.app_id}"',
        f'open_base = "{box.url}"',
        f'accounts_base = "{box.url}"',
        f"redirect_uris = [{uris}]",
        *[f"\n[[sources]]\nname = {_quoted(name)}\nurl = {_quoted(link)}" for name, link in box.sources()],
        "",
        export.format(box.app_secret),
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Text as TOML and JSON alike write it."""
    return orjson.dumps(text).decode()


def _show(text: str) -> None:
    """Print, whatever the code page: what it lacks becomes an escape that TOML reads just as well."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
