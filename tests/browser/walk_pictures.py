"""Pictures of the walk for docs/walk: from an empty folder to a typed frame, in JupyterLab and at a terminal.

It is run by hand, with what `pictures` needs::

    python -m tests.browser.walk_pictures       # or only one: python -m tests.browser.walk_pictures terminal

Look at each of them before it is committed.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from larknb.config.secrets import secret_file
from larknb.messages import say, speaking
from larknb.sandbox import Sandbox
from tests.browser.conftest import Seat
from tests.browser.lab import CHROMIUM, FLAGS, PATIENCE, Notebook, Server
from tests.browser.pictures import DOCS, reduce_colours
from tests.browser.walk import COLUMNS, Typed, at_a_terminal, in_jupyter
from tests.conftest import find_port, write_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = DOCS / "walk"
WINDOW = {"width": 1380, "height": 1500}  # pixels
ZONE = "Asia/Shanghai"  # of the stand-in's base: its times and the machine's are one
COLOURED = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")  # what takes two columns of a terminal
PAPER = """<meta charset="utf-8"><style>
pre {{ font: 13.29px/15px "DejaVu Sans Mono"; margin: 0; padding: 12px; width: max-content;
       background: #1b1f24; color: #e6e6e6; }}
i {{ display: inline-block; width: 2ch; font-style: normal; text-align: center; }}
</style><pre>{code}</pre>"""


def main(places: Sequence[str]) -> None:
    """Take the pictures of these places, or of both."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    os.environ["TZ"] = ZONE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for lang in ("zh", "en"):
            for place, photograph in PLACES.items():
                if not places or place in places:
                    photograph(browser, lang)


def photograph_jupyter(browser: Browser, lang: str) -> None:
    """Show the two cards on the way, and the cells after them."""
    context = browser.new_context(viewport=WINDOW)
    context.set_default_timeout(PATIENCE * 1000)
    with tempfile.TemporaryDirectory() as folder, Sandbox(redirect_uris=[_address()]) as box:
        box.approve = "page"
        server = Server(Path(folder))
        try:
            seat = Seat(server, context, box, write_settings(server.root / "work", box))
            notebook = in_jupyter(seat, lang, lambda name, at, cell: _take_cells(at, cell, cell, f"{name}-{lang}"))
            _take_cells(notebook, 2, 5, f"frame-{lang}")
        finally:
            server.close()


def _address() -> str:
    return f"http://127.0.0.1:{find_port()}/callback"


def _take_cells(notebook: Notebook, first: int, last: int, name: str) -> None:
    """Save a picture of some cells, one below the other."""
    notebook.run(0)  # no longer marks the last cell as the active one
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    notebook.page.mouse.move(0, 0)
    top, bottom = cells.nth(first).bounding_box(), cells.nth(last).bounding_box()
    assert top is not None and bottom is not None
    height = bottom["y"] + bottom["height"] - top["y"]
    path = FOLDER / f"jupyter-{name}.png"
    notebook.page.screenshot(
        path=path, clip={"x": top["x"], "y": top["y"], "width": top["width"], "height": height}, animations="disabled"
    )
    reduce_colours(path)


def photograph_terminal(browser: Browser, lang: str) -> None:
    """Show the scan, the login, and the commands after them."""
    import requests

    with tempfile.TemporaryDirectory(prefix="larknb-") as folder, Sandbox() as box, requests.Session() as session:
        session.trust_env = False
        root = Path(folder) / "work"
        typed = at_a_terminal(root, box, lang, lambda url: session.get(url, timeout=10), **COLOURED)
        with speaking(lang):
            made = say("init.made", app_id=box.app_id, file=secret_file(root))
    first, *others = [Typed(one.command, _settled(one.shown)) for one in typed]
    before, after = first.shown.split(made)
    pictures = {"scan": f"$ {first.command}\n{before}", "signed-in": f"{made}{after}"}
    pictures["frame"] = "\n".join(f"$ {one.command}\n{one.shown}" for one in others)
    page = browser.new_page(viewport=WINDOW)
    for name, text in pictures.items():
        page.set_content(PAPER.format(code=_html(text.rstrip())))
        path = FOLDER / f"terminal-{name}-{lang}.png"
        page.locator("pre").screenshot(path=path)
        reduce_colours(path, 256)  # with fewer a rare one would be lost among the greys


def _settled(shown: str) -> str:
    """Return what a terminal shows in the end: without lines that were drawn over."""
    text = re.sub(r"\x1b\[\?25[lh]", "", shown.replace("\r\n", "\n"))
    text = re.sub(r"[^\n]*\r\x1b\[2K", "", text)
    return re.sub(r"[^\n]*\n\r?\x1b\[1A\x1b\[2K", "", text)


def _html(text: str) -> str:
    """Return a coloured text as HTML in which a wide character is as wide as two others."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(text))
    html = console.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")
    return WIDE.sub(lambda found: f"<i>{found[0]}</i>", html)


PLACES: dict[str, Callable[[Browser, str], None]] = {"jupyter": photograph_jupyter, "terminal": photograph_terminal}


if __name__ == "__main__":
    main(sys.argv[1:])
