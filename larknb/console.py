"""Where we run: a notebook, a text console, a terminal, or with nobody there."""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path
from typing import Any, Literal

from larknb.display import SOFT, plain
from larknb.env import HEADLESS

__all__ = [
    "is_driven",
    "is_remote",
    "note",
    "place",
]

# --- where it is shown -------------------------------------------------------------------------------------------

Place = Literal["notebook", "console", "terminal", "nobody"]


def place() -> Place:
    """Say where we run: a notebook with somebody there, a text console on a kernel, a terminal, or nobody to ask."""
    if os.environ.get(HEADLESS):
        return "nobody"
    kernel = getattr(_shell(), "kernel", None)
    if kernel is not None:
        if "VOILA_KERNEL_ID" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            return "notebook"  # voila forbids stdin although a person is there
        if not _may_ask(kernel):
            return "nobody"
        return "console" if _is_console() else "notebook"
    streams = (sys.stdin, sys.stdout)
    return "terminal" if all(stream is not None and stream.isatty() for stream in streams) else "nobody"


def is_driven() -> bool:
    """Say whether a program drives us: a notebook runner, which answers nothing, whoever may watch it."""
    return bool(os.environ.get(HEADLESS)) or getattr(_shell(), "kernel", None) is not None


def is_remote() -> bool:
    """Say whether the browser probably runs on another machine than this process, so that no loopback page loads."""
    return any(name in os.environ for name in _REMOTE) or any(Path(mark).exists() for mark in _CONTAINER)


_REMOTE = ("SSH_CONNECTION", "JUPYTERHUB_API_URL", "KUBERNETES_SERVICE_HOST", "CODESPACES", "COLAB_RELEASE_TAG")
_CONTAINER = ("/.dockerenv", "/run/.containerenv")


def _shell() -> Any:
    """Return the IPython shell, or None; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _may_ask(kernel: Any) -> bool:
    """Say whether the front end of the present request answers ``input()``: nbclient and its kin do not."""
    try:
        content = kernel.get_parent("shell")["content"]
    except (AttributeError, KeyError, TypeError):
        content = {}
    return bool(content.get("allow_stdin", getattr(kernel, "_allow_stdin", False)))


def _is_console() -> bool:
    """Say whether a console that shows text alone started this kernel; its requests look like any other's."""
    import psutil

    try:
        words = [word for parent in psutil.Process().parents()[:2] for word in parent.cmdline()]
    except psutil.Error:
        return False
    return any(Path(word).stem in _CONSOLES for word in words)


_CONSOLES = ("jupyter-console", "jupyter_console", "jupyter-qtconsole", "qtconsole")


def note(line: str) -> None:
    """Tell the user one line beside the result: in a notebook under the cell, elsewhere on stderr."""
    if place() == "notebook":
        from IPython.display import HTML, display

        display(HTML(f'<div style="{SOFT}">{escape(line)}</div>'))
    elif sys.stderr is not None:  # None under pythonw
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(plain(line).encode(encoding, "replace").decode(encoding) + "\n")
