"""A person at a terminal."""

from __future__ import annotations

import codecs
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

__all__ = ["Terminal", "larknb"]


class Terminal:
    """A command on a pseudo terminal of its own."""

    def __init__(self, *command: str, cwd: Path | None = None, columns: int = 0, **env: str) -> None:
        import pty
        import termios

        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (0, columns))
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave, close_fds=True,
            env={**os.environ, "BROWSER": "", "DISPLAY": "", "TERM": "dumb", **env},
            start_new_session=True,  # else a hidden question goes to the terminal in which the tests run
        )  # fmt: skip
        os.close(slave)
        self.shown = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # a chunk may end within a character
        while True:
            try:
                chunk = os.read(self.master, 4096)
            except OSError:
                return
            self.shown += decode(chunk)

    def wait_for(self, pattern: str) -> str:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if found := re.search(pattern, self.shown):
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} was not shown:\n{self.shown}")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode() + b"\n")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.type("")  # a question that is about to wait would notice the signal only with the next key

    def end(self) -> int:
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end:\n{self.shown}") from None
        self.reader.join(1)
        os.close(self.master)
        return code


def larknb(root: Path, *command: str, columns: int = 0, **env: str) -> Terminal:
    """Run a larknb command on a terminal."""
    return Terminal(sys.executable, "-m", "larknb", "--home", str(root), *command, cwd=None, columns=columns, **env)
