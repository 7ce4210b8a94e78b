"""larknb: Feishu/Lark data in notebooks.

::

    import larknb as lk
    lk.login()                               # once; the login renews itself afterwards
    lk.add("https://example.feishu.cn/base/…")
    lk.sync()                                # progress, then a table: what changed, what it cost
    staff = lk.load("功能安全部人力盘点/人员")    # a typed DataFrame, offline, in milliseconds

The path of one sync: ``larknb.toml`` becomes settings and sources (`config`, `links`), the token file a login that
renews itself (`auth`), both a client (`api`). A reader looks at a source and yields batches (`sources`), the cache
writes them into a snapshot and flips its manifest (`cache`); `sync` tells that story, and `workspace` ties the rooms
together. The functions here are the same-named methods of the workspace that the current folder belongs to.
"""

from __future__ import annotations

import sys
from types import ModuleType
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
    "cells",
    "document",
    "get_user_access_token",
    "load",
    "login",
    "logout",
    "paths",
    "preview",
    "read",
    "remove",
    "run",
    "runs",
    "schema",
    "search",
    "sources",
    "status",
    "sync",
    "tables",
    "whoami",
]

if TYPE_CHECKING:  # what editors and type checkers see; at run time everything comes when it is first asked for
    from larknb.errors import (
        AccessDenied,
        ApiError,
        BudgetSpent,
        Busy,
        ChooseTable,
        ConfigError,
        LarkError,
        LoginRequired,
        NotebookFailed,
        NotFound,
        NotSynced,
        WrongKind,
    )
    from larknb.workspace import Workspace

    _here = Workspace()
    add = _here.add
    cells = _here.cells
    document = _here.document
    get_user_access_token = _here.get_user_access_token
    load = _here.load
    login = _here.login
    logout = _here.logout
    paths = _here.paths
    preview = _here.preview
    read = _here.read
    remove = _here.remove
    run = _here.run
    runs = _here.runs
    schema = _here.schema
    search = _here.search
    sources = _here.sources
    status = _here.status
    sync = _here.sync
    tables = _here.tables
    whoami = _here.whoami


class _Face(ModuleType):
    """A package whose calls stay calls: importing the module ``larknb.sync`` must not hide ``lk.sync``."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from larknb import errors
    from larknb.workspace import Workspace

    classes = {**vars(errors), "Workspace": Workspace}
    found = classes[name] if name in classes else _call(name)
    globals()[name] = found
    return found


def _call(name: str) -> Any:
    """Return a function that calls the method of the workspace the current folder belongs to."""
    import inspect
    from functools import wraps

    from larknb.workspace import Workspace

    method = getattr(Workspace, name)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(Workspace(), name)(*args, **kwargs)

    signature = inspect.signature(method)
    call.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    call.__qualname__, call.__module__ = name, __name__
    return call


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
