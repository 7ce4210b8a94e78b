"""larknb: Feishu/Lark data in notebooks.

Log in once: the login renews itself afterwards. Add what you want to have by its address, and sync it. Then every table
is a typed DataFrame that loads offline, in milliseconds.

>>> import larknb as lk
>>> lk.login()
Logged in as                  王敏 (ou_...)
...
>>> lk.add("https://example.feishu.cn/base/HcPn5Zq2bYk8WdTfRs1vXgLjMeA").name
'功能安全部人力盘点'
>>> lk.sync().ok
True
>>> staff = lk.load("功能安全部人力盘点/人员")
>>> len(staff)
50

The path of one sync: ``larknb.toml`` becomes settings and sources (`config`, `links`), the token file a login that
renews itself (`auth`), both a client (`api`). A reader looks at a source and yields batches (`readers`), the cache
writes them into a snapshot and flips its manifest (`cache`); `syncing` tells that story. What a public call does stands
in `services`; `Workspace` hands over to them, and the functions here are its methods for the workspace that the current
folder belongs to.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "ApiError",
    "BudgetSpent",
    "Busy",
    "ChooseTable",
    "ConfigError",
    "LarkError",
    "LoginRequired",
    "NotFound",
    "NotSynced",
    "NotebookFailed",
    "Workspace",
    "WrongKind",
    "add",
    "attachments",
    "cells",
    "check",
    "connect",
    "diff",
    "doctor",
    "document",
    "documents",
    "export_guides",
    "get_user_access_token",
    "history",
    "init",
    "join",
    "load",
    "login",
    "logout",
    "panel",
    "paths",
    "plot_style",
    "preview",
    "publish",
    "read",
    "remove",
    "run",
    "runs",
    "schema",
    "search",
    "show",
    "sources",
    "sql",
    "status",
    "sync",
    "tables",
    "to_excel",
    "whoami",
]

if TYPE_CHECKING:  # what editors and type checkers see; at run time everything comes when it is first asked for
    from larknb.calls import *
    from larknb.errors import *
    from larknb.workspace import Workspace


def __getattr__(name: str) -> Any:
    if name in ("load_ipython_extension", "unload_ipython_extension"):  # %load_ext larknb looks for them here
        return getattr(import_module("larknb.magics"), name)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "workspace" if name == "Workspace" else "errors" if name[0].isupper() else "calls"
    found = globals()[name] = getattr(import_module(f"larknb.{home}"), name)
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
