"""A disk that fails under a login: what is done with one, and a process that dies while it does that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import larknb
from larknb.auth.app import App
from larknb.auth.grant import Grant
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret

from .faults import Disk, broken

__all__ = ["DEEDS", "Mortal", "failing", "perform"]

DEEDS = ("renewal", "sign in", "logout")


@contextmanager
def failing(folder: Path, error: int = 0, at: int = 0, *, lasts: bool = False, kill: bool = False) -> Iterator[Disk]:
    """Give the folder of a login a disk that fails (`broken`), also where a file is cut or closed."""
    with broken(folder, error, at, lasts=lasts, kill=kill) as disk:
        close = os.close

        def closed(handle: int) -> None:
            close(handle)  # which is done also where it is told that something did not come to the disk
            disk.on_handle(lambda _: None, "fsync")(handle)

        cut = disk.on_handle(os.ftruncate, "fsync")
        with mock.patch.multiple(os, ftruncate=cut, close=closed):
            yield disk


def perform(store: TokenStore, deed: str, grant: Grant) -> None:
    """Renew a login, sign in with a grant, or log out."""
    if deed == "renewal":
        store.renew(store.load().access_token)
    elif deed == "sign in":
        store.sign_in(lambda: grant)
    else:
        store.forget()


class Mortal:
    """A process that does what it is told in a child of its own, which dies at one operation."""

    def __init__(self) -> None:
        root = Path(larknb.__file__).parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.hostile.faults_login import serve; serve()"], cwd=root, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def perform(self, store: TokenStore, deed: str, grant: Grant, at: int) -> bool:
        """Say whether it reached the end of its deed before the operation at which it would die."""
        app = store.app
        order = {
            "path": str(store.path), "app": [app.app_id, str(app.app_secret), app.open_base, app.accounts_base],
            "deed": deed, "grant": vars(grant), "at": at,
        }  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline() == "0\n"

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def serve() -> None:
    """Do what each line of the input tells, in a child, and print how that ended."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _act(json.loads(line))
            return
        print(os.waitpid(child, 0)[1], flush=True)


def _act(order: Mapping[str, Any]) -> None:
    app_id, secret, *bases = order["app"]
    tokens = {name: Secret(order["grant"][name]) for name in ("access_token", "refresh_token")}
    path = Path(order["path"])
    store = TokenStore(path, App(app_id, Secret(secret), *bases), own_place=True)
    with failing(path.parent, at=order["at"], kill=True):
        perform(store, order["deed"], Grant(**{**order["grant"], **tokens}))
