"""Processes of their own that share a token file with the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import larknb
from larknb.auth.store import TokenStore

WORKER = """
import json, os, signal, sys, time
from pathlib import Path
from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
spec = json.loads(sys.stdin.readline())
app = App(spec["app_id"], Secret(spec["secret"]), spec["url"], spec["url"])
ahead = 0.0
store = TokenStore(Path(spec["path"]), app, in_keychain=spec["keychain"], clock=lambda: time.time() + ahead)
dead = store.load().access_token
print("ready", flush=True)
sys.stdin.readline()
"""


class Process:
    """One process with a store of the same file; it does its ``work`` once it is told to `go`."""

    def __init__(self, store: TokenStore, work: str, **env: str) -> None:
        root = Path(larknb.__file__).parents[1]
        python_path = os.pathsep.join([str(root), str(Path(__file__).parent)])
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER + work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": python_path, "PYTHONHASHSEED": "0", **env},
        )  # fmt: skip
        app = store.app
        spec = {
            "app_id": app.app_id, "secret": app.app_secret, "url": app.open_base, "path": str(store.path),
            "keychain": store.in_keychain,
        }  # fmt: skip
        self.say(json.dumps(spec))

    def say(self, line: str = "go") -> None:
        """Send the process a line."""
        _pipe(self._process.stdin).write(line + "\n")
        _pipe(self._process.stdin).flush()

    def hear(self) -> str:
        """Return the next line that it prints."""
        return _pipe(self._process.stdout).readline().rstrip()

    def wait(self) -> int:
        """Return how it ended."""
        return self._process.wait(60)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe


@contextmanager
def processes(store: TokenStore, count: int, work: str, **env: str) -> Iterator[list[Process]]:
    """Start processes that are ready for their work; none is left behind."""
    started = [Process(store, work, **env) for _ in range(count)]
    try:
        assert [process.hear() for process in started] == ["ready"] * count
        yield started
    finally:
        for process in started:
            process.kill()


def at_once(store: TokenStore, count: int, work: str) -> list[str]:
    """Let processes do some work at the same moment, and return what each of them printed."""
    with processes(store, count, work) as started:
        for process in started:
            process.say()
        return [process.hear() for process in started]
