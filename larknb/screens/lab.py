"""JupyterLab on a folder, for as long as this process lives.

The server runs in a process of its own and ends itself, with its kernels, once the pipe from here is closed: also when
this process is killed. What Jupyter writes for itself lies in a folder that goes with it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

__all__ = ["open_lab"]

FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}
SETTINGS = {
    "docmanager-extension/plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


def open_lab(root: Path, page: str, *, browser: bool = True) -> int:
    """Show a folder in JupyterLab, with one of its pages open, until it is shut down; return its exit code.

    Markdown is shown as it is meant to be read. Ctrl-C here ends the server.
    """
    place = Path(tempfile.mkdtemp(prefix="larknb-lab-"))
    for plugin, values in SETTINGS.items():
        file = place / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    environment = os.environ | {name: str(place / folder) for name, folder in FOLDERS.items()}
    options = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{page}", "--log-level=WARN"]
    options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    options += [] if browser else ["--no-browser"]
    server = subprocess.Popen(  # noqa: S603  this Python, and a path as one argument
        [sys.executable, "-m", "larknb.screens.lab", str(place), *options], cwd=root, env=environment,
        stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        if server.stdin is not None:
            server.stdin.close()
        server.wait()
        shutil.rmtree(place, ignore_errors=True)  # where the server could not


def _serve(place: str, options: list[str]) -> None:
    """Be the server, until the pipe from who asked for it is closed; then nothing of it is left."""
    from jupyterlab.labapp import main

    def end() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)  # to the process: raised in this thread, it would not wake the other

    threading.Thread(target=end, name="larknb-lab", daemon=True).start()
    try:
        main(options)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2:])
