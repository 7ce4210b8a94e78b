"""Where we run: in a notebook, a text console or a terminal, or with nobody there; and a line to whoever is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Literal, TextIO

from larknb import display
from larknb.env import HEADLESS
from larknb.visible import visible_lines

__all__ = ["Place", "is_driven", "is_remote", "note", "place", "tell"]

Place = Literal["notebook", "console", "terminal", "nobody"]

# Variables and files that only remote machines and containers have.
REMOTE = ("SSH_CONNECTION", "JUPYTERHUB_API_URL", "KUBERNETES_SERVICE_HOST", "CODESPACES", "COLAB_RELEASE_TAG")
CONTAINER = ("/.dockerenv", "/run/.containerenv")
CONSOLES = ("jupyter-console", "jupyter_console", "jupyter-qtconsole", "qtconsole")


def place() -> Place:
    """Say where we run.

    Returns
    -------
    str
        ``notebook``: a page that shows HTML and widgets, with somebody there; ``console``: one that shows text alone;
        ``terminal``: somebody at a terminal; ``nobody``: no answer will come.
    """
    if os.environ.get(HEADLESS):
        return "nobody"
    kernel = _kernel()
    if kernel is not None:
        if "VOILA_KERNEL_ID" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            return "notebook"  # voila forbids stdin although a person is there
        if not _may_ask(kernel):
            return "nobody"
        return "console" if _is_console() else "notebook"
    streams = (sys.stdin, sys.stdout)
    return "terminal" if all(stream is not None and stream.isatty() for stream in streams) else "nobody"


def is_driven() -> bool:
    """Say whether a notebook is what runs us.

    Where `place` says ``nobody``, this tells a notebook that runs alone from a command whose output somebody may read
    all the same, although it goes to a pipe or a file.
    """
    return bool(os.environ.get(HEADLESS)) or _kernel() is not None


def is_remote() -> bool:
    """Say whether the browser probably runs on another machine than this process, so that no loopback page loads."""
    return any(name in os.environ for name in REMOTE) or any(Path(mark).exists() for mark in CONTAINER)


def note(line: str) -> None:
    """Tell the user one line beside the result: in a notebook under the cell, elsewhere on stderr."""
    if place() == "notebook":
        from IPython.display import HTML
        from IPython.display import display as show

        show(HTML(display.soft(line)))
    else:
        _write(sys.stderr, display.plain(line))


def tell(text: object) -> None:
    """Print a text for people."""
    _write(sys.stdout, visible_lines(str(text)))


def _write(stream: TextIO | None, text: str) -> None:
    if stream is not None:  # as it is under pythonw
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def _kernel() -> Any:
    """Return the IPython kernel that we run in, or None; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else getattr(ipython.get_ipython(), "kernel", None)


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
    return any(Path(word).stem in CONSOLES for word in words)
