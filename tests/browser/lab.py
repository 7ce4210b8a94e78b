"""JupyterLab in Chromium: a server, a notebook that is open in a page, and a search for secrets that got out."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import requests

from larknb.sandbox import Sandbox

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",  # root in a container has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60.0  # seconds; what takes longer on two busy cores does not come at all

_SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # else cells out of sight are not in the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


class Server:
    """A JupyterLab of its own on 127.0.0.1; nothing of the machine's Jupyter reaches it.

    Parameters
    ----------
    folder : path
        Takes its settings and its log, and the notebooks under ``root``.
    widgets : bool
        False: widget scripts do not load, as in an editor that lacks them.
    """

    def __init__(self, folder: Path, *, widgets: bool = True) -> None:
        self.root, self.log_file, self._runtime = folder / "root", folder / "server.log", folder / "runtime"
        self.root.mkdir(parents=True)
        disabled = {} if widgets else {"@jupyter-widgets/jupyterlab-manager": True}
        _write_json(folder / "config" / "labconfig" / "page_config.json", {"disabledExtensions": disabled})
        for name, settings in _SETTINGS.items():
            _write_json(folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings", settings)
        options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
        options += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
        options += ["--LabApp.expose_app_in_browser=True", f"--notebook-dir={self.root}"]
        with self.log_file.open("wb") as log:
            command = [sys.executable, "-m", "jupyterlab", *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=_environment(folder))
        self.url = self._wait()

    def _wait(self) -> str:
        """Return the address, once it answers."""
        info, end = self._runtime / f"jpserver-{self._process.pid}.json", time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                url = str(json.loads(info.read_text())["url"])
                if _local().get(f"{url}api/status", timeout=5).ok:
                    return url
            except (OSError, ValueError):  # not yet, or half written
                time.sleep(0.1)
        self.close()
        raise AssertionError(f"JupyterLab did not start:\n{self.log_file.read_text()}")

    def forget_kernels(self) -> None:
        """Shut down every kernel, as a server does that is started again."""
        with _local() as session:
            for one in session.get(f"{self.url}api/sessions", timeout=PATIENCE).json():
                assert session.delete(f"{self.url}api/sessions/{one['id']}", timeout=PATIENCE).ok

    def close(self) -> None:
        """End it and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LARKNB_", "JUPYTER", "JPY_"))}
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return (
        kept | {name: str(folder / value) for name, value in own.items()} | {"LARKNB_LANG": "en", "LARKNB_SETTLE": "0"}
    )


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def _local() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@dataclass
class Notebook:
    """A notebook that is open in a page. Cells count from 0; selectors are Playwright's: CSS, or ``text=…``.

    Every wait ends when what it waits for is there, or fails after `PATIENCE`.
    """

    server: Server
    path: Path
    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def write(cls, server: Server, path: Path, context: BrowserContext, *cells: str) -> Notebook:
        """Write a notebook with these code cells, and open it."""
        empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        made = [{**empty, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        _write_json(path, {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})
        notebook = cls(server, path, context.new_page())
        notebook.page.on("pageerror", lambda error: notebook.complaints.append(str(error)))
        notebook.open()
        return notebook

    def open(self) -> None:
        """Open it in the page, or open it again as it was saved."""
        place = quote(self.path.relative_to(self.server.root).as_posix())
        self.page.goto(f"{self.server.url}doc/tree/{place}?reset")
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self._do("await panel.context.ready; await panel.sessionContext.ready")

    def reopen(self) -> None:
        """Save, shut the kernel down, and open the saved notebook with a new one."""
        self.save()
        self.page.goto("about:blank")
        self.server.forget_kernels()
        self.open()

    def run(self, cell: int) -> None:
        self._do(f"panel.content.activeCellIndex = {cell}; await app.commands.execute('notebook:run-cell')")

    def run_all(self, *, wait: bool = True) -> None:
        """Run every cell; ``wait=False`` returns while they may still run."""
        self._do(f"{'await ' if wait else ''}app.commands.execute('notebook:run-all-cells')")

    def save(self) -> None:
        self._do("await app.commands.execute('docmanager:save')")

    def restart_kernel(self) -> None:
        self._do("await panel.sessionContext.session.kernel.restart()")

    def set_theme(self, theme: Literal["light", "dark"]) -> None:
        name = f"JupyterLab {theme.capitalize()}"
        self._do(f"await app.commands.execute('apputils:change-theme', {{ theme: '{name}' }})")
        self.page.locator(f'body[data-jp-theme-light="{str(theme == "light").lower()}"]').wait_for(state="attached")

    def output(self, cell: int) -> Locator:
        """Return what a cell shows."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-Cell-outputWrapper")

    def text(self, cell: int) -> str:
        return str(self.output(cell).inner_text())

    def wait_for(self, cell: int, selector: str) -> Locator:
        """Return the first of what is found in the output of a cell, once it can be seen there."""
        found = self.output(cell).locator(selector).first
        found.wait_for(state="visible")
        return found

    def click(self, cell: int, selector: str) -> None:
        self.wait_for(cell, selector).click()

    def fill(self, cell: int, selector: str, text: str) -> None:
        self.wait_for(cell, selector).fill(text)

    def follow(self, cell: int, selector: str) -> Page:
        """Click on a link and return the tab that it opened."""
        with self.page.context.expect_page() as opened:
            self.click(cell, selector)
        opened.value.wait_for_load_state()
        return opened.value

    def screenshot(self, cell: int, path: Path) -> None:
        """Save a picture of what a cell shows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.output(cell).screenshot(path=path, animations="disabled")

    def _do(self, script: str) -> None:
        """Run a script in the page that knows JupyterLab's ``app`` and the notebook's ``panel``."""
        self.page.evaluate(
            f"async () => {{ const app = window.jupyterapp; const panel = app.shell.currentWidget; {script} }}"
        )


def find_secrets(folder: Path, box: Sandbox, *more: Path) -> list[str]:
    """Return each file below a folder, or of ``more``, that holds a secret of the stand-in, and which.

    The files that are there for secrets may hold their own: the token file, and that of the app's secret.
    """
    files = [*(path for path in folder.rglob("*") if path.is_file()), *more]
    return [f"{path.name}: {secret[:8]}…" for path in files for secret in _held(path, box)]


def _held(path: Path, box: Sandbox) -> Iterator[str]:
    content = path.read_bytes()
    for secret in box.secrets():
        own = {"app_secret.json"} if secret == box.app_secret else {"fault_diagnosis_token_cache.json"}
        if path.name not in own and any(form in content for form in _forms(secret)):
            yield secret


def _forms(secret: str) -> Iterator[bytes]:
    """Yield the bytes by which a secret shows: plain, in an address, in JSON, in Base64 wherever it begins."""
    plain = secret.encode()
    yield from (plain, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode())
    for before in range(3):  # the first and last characters also depend on what stands beside it
        yield base64.b64encode(b"\0" * before + plain)[4 if before else 0 : -4]


SERVE = (
    "import sys; from pathlib import Path; from larknb.screens.lab import open_lab; "
    "open_lab(Path(sys.argv[1]), 'README.md', browser=False)"
)


def wait_for(found: Callable[[], Any]) -> Any:
    ends = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < ends
        time.sleep(0.05)
    return value


class ShownFolder:
    """A process that shows a folder, in a home of its own."""

    def __init__(self, place: Path) -> None:
        self.folder, self.log = place / "示例 folder", place / "log"
        self.home, self.scratch = place / "home", place / "scratch"
        for folder in (self.folder, self.home, self.scratch):
            folder.mkdir()
        (self.folder / "README.md").write_text("[notes](notes.md)", encoding="utf-8")
        (self.folder / "notes.md").write_text("# Notes", encoding="utf-8")
        environment = os.environ | {"HOME": str(self.home), "TMPDIR": str(self.scratch)}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        with self.log.open("wb") as log:
            command = [sys.executable, "-c", SERVE, str(self.folder)]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.url = str(wait_for(self._address))

    def _address(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab/tree/README\.md\?token=\w+", self.log.read_text())
        return found[0] if found else ""

    def answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=5).ok
        except requests.RequestException:
            return False

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
