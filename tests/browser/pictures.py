"""Pictures in both languages, light and dark: the login card in every state for docs/login, results for docs/frames.

It is run by hand::

    python -m pip install -e ".[browser]" segno pillow duckdb
    python -m tests.browser.pictures            # or only some: python -m tests.browser.pictures waiting diff

Look at each of them before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from larknb.sandbox import Sandbox
from tests.browser.conftest import Seat
from tests.browser.lab import CHROMIUM, FLAGS, PATIENCE, Notebook, Server
from tests.conftest import Clock, sign_in, text, write_settings
from tests.week import DAY, week_of_work

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

DOCS = Path(__file__).parents[2] / "docs"
FOLDER, RESULTS = DOCS / "login", DOCS / "frames"
WIDE, NARROW, TALL = 760, 420, 900  # pixels of the window
RESULT_WIDE, RESULT_NARROW = 1280, 700
MARGIN = 16  # pixels that stay beside what is seen
COLOURS = 64  # more than a card has; the files stay small
FIRST_PORT = 8765  # of the redirect URLs: one for each card
SOURCES = """
[[sources]]
name = "功能安全部人力盘点"
url = "{box.url}/base/AppStaff000000000000000001"
[[sources]]
name = "产线日报"
url = "{box.url}/sheets/ShtDaily00000000000000001"
"""

Prepare = Callable[[Seat], object]
Act = Callable[[Notebook, int], object]


class Scene(NamedTuple):
    """What a card needs before it is shown, the call that shows it, and what a person does then."""

    prepare: Prepare
    call: str
    act: Act


def nothing(seat: Seat) -> None:
    pass


def signed_in(seat: Seat) -> None:
    sign_in(seat.workspace, seat.box)


def long_name(seat: Seat) -> None:
    seat.box.tenant.users[0].name = "欧阳" * 30
    signed_in(seat)


def without_sheets(seat: Seat) -> None:
    seat.box.withheld = {scope for scope in seat.box.scopes if scope.startswith(("sheets:", "drive:"))}
    signed_in(seat)
    seat.box.withheld = set()


def app_without_sheets(seat: Seat) -> None:
    seat.box.scopes = {scope for scope in seat.box.scopes if not scope.startswith(("sheets:", "drive:"))}


def see(selector: str) -> Act:
    return lambda notebook, cell: notebook.wait_for(cell, selector)


def set_up_wrong(notebook: Notebook, cell: int) -> None:
    notebook.fill(cell, ".widget-text input >> nth=0", "cli_sandbox0000000001")
    notebook.fill(cell, "input[type=password]", "not the secret")
    notebook.click(cell, ".widget-button >> nth=-1")  # the one above is for the scan
    notebook.wait_for(cell, "[data-mood=bad]")


def scan(notebook: Notebook, cell: int) -> None:
    notebook.click(cell, ".widget-button >> nth=0")
    notebook.wait_for(cell, "svg")


def paste_wrong(notebook: Notebook, cell: int) -> None:
    notebook.fill(cell, "input", "http://localhost:8765/callback?code=wrong&state=wrong")
    notebook.click(cell, ".widget-button")
    notebook.wait_for(cell, "[style*=error]")


def refuse(notebook: Notebook, cell: int) -> None:
    tab = notebook.follow(cell, ".larknb-link")
    tab.click("button[value=refuse]")
    notebook.wait_for(cell, "[data-mood=bad]")
    tab.close()


def sign_out(notebook: Notebook, cell: int) -> None:
    notebook.click(cell, ".widget-button >> nth=-1")  # the one above belongs to the paste box
    notebook.wait_for(cell, "[data-mood=open]")


LATE = "LoginWidget(workspace_login({}.context), patience=0).show()"
STUCK = "LoginWidget(replace(workspace_login({}.context), begin=lambda user: Event().wait())).show()"
START = """
import os; os.environ["LARKNB_LANG"] = "{lang}"
import larknb as lk, larknb.console
larknb.console.is_remote = lambda: False  # in a container the paste box would be open
from dataclasses import replace
from threading import Event
from larknb.screens.login import LoginWidget
from larknb.services.account import workspace_login
"""
LINK = see(".larknb-link")
SCENES = {
    "setup": Scene(Seat.empty, "{}.login()", see("input[type=password]")),
    "setup-wrong": Scene(Seat.empty, "{}.login()", set_up_wrong),
    "scan": Scene(Seat.empty, "{}.login()", scan),
    "waiting": Scene(nothing, "{}.login()", LINK),
    "waiting-late": Scene(nothing, LATE, see("text=20029")),
    "waiting-pasted-wrong": Scene(nothing, "{}.login('paste')", paste_wrong),
    "device": Scene(nothing, "{}.login('device')", LINK),
    "refused": Scene(nothing, "{}.login()", refuse),
    "signed-in": Scene(signed_in, "{}.login()", see("[data-mood=good]")),
    "signed-in-long-name": Scene(long_name, "{}.login()", see("[data-mood=good]")),
    "signed-in-force": Scene(signed_in, "{}.login(force=True)", LINK),
    "signed-out": Scene(signed_in, "{}.login(force=True)", sign_out),
    "more-scopes": Scene(without_sheets, "{}.login()", LINK),
    "app-lacks-scope": Scene(app_without_sheets, "{}.login()", LINK),
    "preparing": Scene(nothing, STUCK, see("[data-mood=waiting]")),  # the last one: the others would wait for it
}
SHOWN = {  # what shows itself, on the sample workspace after a week of work
    "diff": 'lk.diff("功能安全业务数据/缺陷", since="7d")',
    "diff-guide": 'lk.diff("故障定位指引文档3")',
    "show": 'lk.show("功能安全业务数据/缺陷", 8)',
    "search": 'lk.search("P0A1F", limit=6)',
    "sync": 'lk.sync("功能安全部人力盘点", "功能安全业务数据", force=True, progress=False)',
    "history": 'lk.history("功能安全业务数据")',
}
NARROWED = ("setup", "waiting", "waiting-pasted-wrong", "signed-in")


def main(states: Collection[str]) -> None:
    """Take the pictures of these states, or of all."""
    from playwright.sync_api import sync_playwright

    scenes = {name: scene for name, scene in SCENES.items() if not states or name in states}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        context = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_context()
        context.set_default_timeout(PATIENCE * 1000)
        server = Server(Path(folder))
        stack.callback(server.close)
        for lang in ("zh", "en"):
            if scenes:
                photograph(scenes, lang, server, context, stack)
        if shown := {name: call for name, call in SHOWN.items() if not states or name in states}:
            for lang in ("zh", "en"):  # a week for each: the sync of one would be seen in the history of the other
                with week_of_work(server.root / f"week-{lang}", Clock(time.time() - 9 * DAY)) as box:
                    go_on(box)
                    photograph_results(shown, lang, server, context)


def go_on(box: Sandbox) -> None:
    """Work a little, so that the next sync has something to tell."""
    defects = box.tenant.base("功能安全业务数据").table("缺陷")
    first, *_, last = defects.rows
    defects.edit(first, {"解决进度": 0.5})
    defects.delete(last)
    defects.add({"标题": text("雨刮低速档卡滞")})


def photograph(scenes: dict[str, Scene], lang: str, server: Server, context: BrowserContext, stack: ExitStack) -> None:
    """Show every state in a cell of one notebook, and take its picture in both themes."""
    cells = [START.format(lang=lang)]
    for port, (name, scene) in enumerate(scenes.items(), FIRST_PORT):
        box = stack.enter_context(Sandbox(redirect_uris=[f"http://localhost:{port}/callback"]))
        box.approve = "page"
        workspace = write_settings(server.root / lang / name, box, more=SOURCES.format(box=box))
        scene.prepare(Seat(server, context, box, workspace))
        cells.append(scene.call.format(f"lk.Workspace({str(workspace.root)!r})"))
    notebook = Notebook.write(server, server.root / f"{lang}.ipynb", context, *cells)
    notebook.run(0)
    for cell, scene in enumerate(scenes.values(), 1):
        notebook.run(cell)
        scene.act(notebook, cell)
    notebook.run(0)  # no longer marks the last cell as the active one
    notebook.page.set_viewport_size({"width": WIDE, "height": TALL})
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        for cell, name in enumerate(scenes, 1):
            take(notebook, cell, FOLDER / f"{name}-{lang}-{theme}.png")
    notebook.set_theme("light")
    notebook.page.set_viewport_size({"width": NARROW, "height": TALL})
    for cell, name in enumerate(scenes, 1):
        if name in NARROWED:
            take(notebook, cell, FOLDER / f"{name}-narrow-{lang}-light.png")
    server.forget_kernels()  # the ports are free again


def photograph_results(shown: dict[str, str], lang: str, server: Server, context: BrowserContext) -> None:
    """Show every result in a cell, and take its picture in both themes, wide and narrow."""
    notebook = Notebook.write(
        server, server.root / f"week-{lang}" / "results.ipynb", context, START.format(lang=lang), *shown.values()
    )
    notebook.run_all()
    notebook.run(0)  # no longer marks the last cell as the active one
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        for suffix, width in (("", RESULT_WIDE), ("-narrow", RESULT_NARROW)):
            notebook.page.set_viewport_size({"width": width, "height": TALL})
            for cell, name in enumerate(shown, 1):
                take(notebook, cell, RESULTS / f"{name}{suffix}-{lang}-{theme}.png")
    server.forget_kernels()


def take(notebook: Notebook, cell: int, path: Path) -> None:
    """Save the picture of a cell's output."""
    notebook.page.mouse.move(0, 0)
    notebook.screenshot(cell, path)
    crop(path)
    reduce_colours(path)


def crop(path: Path) -> None:
    """Save a picture anew without what is empty at its right."""
    from PIL import Image, ImageChops

    image = Image.open(path).convert("RGB")
    blank = Image.new("RGB", image.size, image.getpixel((image.width - 1, 0)))
    seen = ImageChops.difference(image, blank).getbbox() or (0, 0, *image.size)
    image.crop((0, 0, min(seen[2] + MARGIN, image.width), image.height)).save(path)


def reduce_colours(path: Path, colours: int = COLOURS) -> None:
    """Save a picture anew with few colours: it takes a fraction of the room."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
