"""A person in front of JupyterLab: two servers, one browser, and a workspace whose platform is the stand-in."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pytest

from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.browser.lab import CHROMIUM, FLAGS, PATIENCE, Notebook, Server, find_secrets
from tests.conftest import write_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without it, Playwright or JupyterLab the tests are skipped, but not in CI."""
    missing = [name for name in ("playwright", "jupyterlab") if importlib.util.find_spec(name) is None]
    missing += [] if CHROMIUM.exists() else [str(CHROMIUM)]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Return the server that is called ``widgets``, or the one that is called ``plain`` and loads no widget scripts."""
    running: dict[str, Server] = {}

    def server(name: str) -> Server:
        if name not in running:
            running[name] = Server(tmp_path_factory.mktemp(name), widgets=name == "widgets")
        return running[name]

    yield server
    for one in running.values():
        one.close()


@pytest.fixture
def server(request: pytest.FixtureRequest, chromium: Browser, servers: Callable[[str], Server]) -> Server:
    """The server with widgets, unless the test asks for the other one by an indirect parameter."""
    return servers(getattr(request, "param", "widgets"))


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """One window for all tests: JupyterLab's scripts are loaded once."""
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def context(window: BrowserContext) -> Iterator[BrowserContext]:
    """The window, without a tab."""
    yield window
    for page in window.pages:
        page.close()


@dataclass
class Seat:
    """A stand-in, a workspace that points at it, and a notebook that is open in the workspace's folder."""

    server: Server
    context: BrowserContext
    box: Sandbox
    workspace: Workspace
    notebook: Notebook | None = None

    def empty(self) -> Self:
        """Take from the settings who the app is; where the platform is stays."""
        bases = f'open_base = "{self.box.url}"\naccounts_base = "{self.box.url}"\n'
        settings = f"[app]\n{bases}redirect_uris = {json.dumps(self.box.redirect_uris)}\n"
        (self.workspace.root / "larknb.toml").write_text(settings, encoding="utf-8")
        (self.workspace.root / "work" / "app_secret.json").unlink()
        return self

    def open(self, *cells: str) -> Notebook:
        """Open a notebook with these cells."""
        self.notebook = Notebook.write(self.server, self.workspace.root / "a.ipynb", self.context, *cells)
        return self.notebook

    def leaks(self) -> list[str]:
        """Save the notebook, and return where secrets got out: the workspace's folder, and the server's log."""
        if self.notebook:
            self.notebook.save()
        return find_secrets(self.workspace.root, self.box, self.server.log_file)


@pytest.fixture
def seat(request: pytest.FixtureRequest, server: Server, context: BrowserContext, free_port: int) -> Iterator[Seat]:
    """A seat at which nobody is logged in; the person in front of the accounts page presses its buttons."""
    with Sandbox(redirect_uris=(f"http://127.0.0.1:{free_port}/callback",)) as box:
        box.approve = "page"
        root = server.root / str(free_port) / "my work"
        yield Seat(server, context, box, write_settings(root, box))
        server.forget_kernels()
