"""``larknb demo``: the main job on a sample workspace, with no account and no network beyond loopback.

It starts the stand-in platform, signs in through the real OAuth code (a plain HTTP client plays the browser), syncs,
and leaves a folder that works on: ``larknb status``, ``larknb load``, a notebook.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import time
from itertools import islice
from pathlib import Path

import requests

from larknb.env import LANG, PREFIXES
from larknb.errors import ConfigError
from larknb.files import is_there
from larknb.messages import say
from larknb.sandbox import Sandbox, sample_workspace
from larknb.screens.lab import open_lab
from larknb.workspace import Workspace

__all__ = ["demo"]

MARK = "# made by larknb demo"
README = "README.md"
QUESTION = "电机过热"
EDITED = "功能安全业务数据"  # the source whose changes the scheduled run tells


def demo(folder: str, *, lab: bool = False) -> int:
    """Run the demo in ``folder`` and return the exit code; ``lab`` opens JupyterLab on it afterwards."""
    root = Path(folder).absolute()
    _check(root, lab=lab)
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        if name != LANG:
            del os.environ[name]  # a real app's settings have no business with the stand-in
    began = time.monotonic()
    redirect_uri = f"http://127.0.0.1:{_free_port()}/callback"
    with Sandbox(sample_workspace(), redirect_uris=(redirect_uri,)) as box:
        print(say("demo.serving", url=box.url))
        _write_settings(root, box, redirect_uri)
        workspace = Workspace(root)
        for name, url in box.sources():  # before the login, which asks for the scopes that the sources need
            workspace.add(url, name)
        user = workspace.sign_in(_visit, wait=30)
        print(say("demo.signed_in", name=user.name))
        box.journal.clear()
        workspace.sync(EDITED, progress=False)
        _edit(box)
        code = workspace.schedule(parameters={"force": True}, once=True)
        requests_made = box.journal.count()
        print(workspace.status())
        _account(workspace, folder, requests_made, time.monotonic() - began)
        if lab and code == 0:
            print(say("demo.lab"), flush=True)
            return open_lab(root, README)
    return code


def _edit(box: Sandbox) -> None:
    """Do what colleagues do between two syncs."""
    table = next(table for base in box.tenant.bases for table in base.tables if table.name == "缺陷")
    first, second, third = islice(table.rows, 3)
    table.edit(first, {"状态": "修复中"})
    table.edit(second, {"状态": "已关闭", "解决进度": 1.0})
    table.edit(third, {"标题": [{"type": "text", "text": "转向助力偶发看门狗复位"}]})


def _account(workspace: Workspace, folder: str, requests_made: int, seconds: float) -> None:
    """Tell what was done, where it lies, and what to try next."""
    status = workspace.status()
    rows = sum(row.rows or 0 for row in status)
    sources = list(dict.fromkeys(row.source for row in status))
    print(say("demo.account", rows=rows, sources=len(sources), requests=requests_made, seconds=f"{seconds:.0f}",
              files=workspace.root / "work"))  # fmt: skip
    print(workspace.search(QUESTION, kind="document", limit=3))
    first = next(row for row in status if row.kind == "bitable")
    print(say("demo.next", folder=folder, name=first.source, table=first.table, question=QUESTION))


def _check(root: Path, *, lab: bool) -> None:
    """Refuse a folder that holds somebody's real settings, and to open what is not installed."""
    if lab and importlib.util.find_spec("jupyterlab") is None:
        raise ConfigError(say("demo.no_lab.what"), next=say("demo.no_lab.next"))
    file = root / "larknb.toml"
    if file.exists() and not file.read_text(encoding="utf-8-sig").startswith(MARK):
        raise ConfigError(say("demo.occupied.what", path=file), next=say("demo.occupied.next"))


def _write_settings(root: Path, box: Sandbox, redirect_uri: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "larknb.toml").write_text(
        f"{MARK}\n{say('demo.comment')}\n[app]\n"
        f'app_id = "{box.app_id}"\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\n'
        f'redirect_uris = ["{redirect_uri}"]\n\n[cache]\nsettle = "0s"\n',
        encoding="utf-8",
    )
    if not is_there(root / README):
        (root / README).write_text(say("demo.readme"), encoding="utf-8")
    Workspace(root).save_secret(box.app_secret)


def _visit(url: str) -> None:
    """Do what a browser does with the link: follow it to the accounts page, and from there back to us."""
    with requests.Session() as browser:
        browser.trust_env = False  # loopback never goes through a proxy
        browser.get(url, timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
