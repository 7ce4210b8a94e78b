"""One walk: from an empty folder to a typed frame by scan alone, without the platform's console.

It is walked by `test_first_walk`, and photographed by `pictures` for docs/walk.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from larknb.messages import say, speaking
from larknb.sandbox import Field, Sandbox
from tests.browser.conftest import Seat
from tests.browser.lab import Notebook
from tests.terminal import Terminal, larknb

if TYPE_CHECKING:
    import requests

__all__ = ["BASE", "TYPES", "Typed", "at_a_terminal", "furnish", "in_jupyter"]

BASE = "AppStaff000000000000000001"
GREEN, LINK = ".larknb-head[data-mood=good]", ".larknb-link"
PAGE = r"http://127\.0\.0\.1:\d+/page/launcher\S+"
DEVICE = r"http://127\.0\.0\.1:\d+/oauth/v1/device/verify\S+"
COLUMNS = 120
NAMES = {
    "en": ("Headcount", "People", ("Name", "Team", "Since", "Hours"), ("Functional safety", "Controls")),
    "zh": ("人力盘点", "人员", ("姓名", "部门", "入职日期", "工时"), ("功能安全部", "电控部")),
}
PEOPLE = {"en": ("Wang Min", "Li Lei", "Han Mei"), "zh": ("王敏", "李雷", "韩梅")}
DAY = 86_400_000  # milliseconds
FIRST_DAY = 19_700 * DAY - DAY // 3  # midnight in Shanghai
TYPES = ("category", "datetime64", "float64")

Look = Callable[[str, Notebook, int], object]


class Typed(NamedTuple):
    """One command that was typed at a terminal, and what it showed."""

    command: str
    shown: str


def furnish(box: Sandbox, lang: str) -> str:
    """Put a base of one table into the stand-in, let the doors be asked every second, and return the table's name."""
    box.registration_interval = box.device_interval = 1
    source, table, (name, team, since, hours), teams = NAMES[lang]
    fields = [
        Field(name, 1, is_primary=True),
        Field(team, 3, property={"options": [{"id": f"opt{n}", "name": one} for n, one in enumerate(teams)]}),
        Field(since, 5),
        Field(hours, 2),
    ]
    people = box.tenant.add_base(source, app_token=BASE).add_table(table, fields)
    people.add_many(
        {name: [{"type": "text", "text": who}], team: teams[n % 2], since: FIRST_DAY + n * DAY, hours: 40 - n / 2}
        for n, who in enumerate(PEOPLE[lang])
    )
    return f"{source}/{table}"


def in_jupyter(seat: Seat, lang: str, look: Look = lambda name, notebook, cell: None) -> Notebook:
    """Walk in JupyterLab: the set-up as a card, then three calls; ``look`` is called where one may take a picture."""
    table = furnish(seat.box, lang)
    notebook = seat.empty().open(
        f"%env LARKNB_LANG={lang}",
        "import larknb as lk\n\nlk.init()",
        f'lk.add("{seat.box.url}/base/{BASE}")',
        "lk.sync()",
        f'people = lk.load("{table}")\npeople',
        "people.dtypes",
    )
    notebook.run(0)
    notebook.run(1)
    with speaking(lang):
        for label in ("init.choice.feishu", "init.choice.scan", "card.init.answer"):
            _press(notebook, say(label))
        notebook.wait_for(1, LINK)
        look("scan", notebook, 1)
        _approve(notebook)
        _press(notebook, say("init.choice.folder"))
    _approve(notebook)
    notebook.wait_for(1, GREEN)
    look("signed-in", notebook, 1)
    for cell in (2, 3, 4, 5):
        notebook.run(cell)
    notebook.wait_for(5, "text=datetime64")
    return notebook


def _press(notebook: Notebook, label: str) -> None:
    notebook.click(1, f"button:text-is('{label}')")


def _approve(notebook: Notebook) -> None:
    """Follow the card's link and approve on the platform's page, whose tab stays open as it does for people."""
    notebook.follow(1, LINK).click("button[value=approve]")


def at_a_terminal(
    root: Path, box: Sandbox, lang: str, browser: Callable[[str], requests.Response], **env: str
) -> list[Typed]:
    """Walk at a terminal: ``larknb init``, then three commands; the browser is on another device."""
    table = furnish(box, lang)
    env = {"LARKNB_LANG": lang, **env}
    root.mkdir(parents=True)
    init = larknb(root, "init", "--open-base", box.url, "--accounts-base", box.url, columns=COLUMNS, **env)
    with speaking(lang):
        for key, answer in (("brand", ""), ("app_id", "scan"), ("source", "")):
            _answer(init, key, answer)
        browser(init.wait_for(PAGE))
        _answer(init, "token_file", "")
    browser(init.wait_for(DEVICE))
    typed = [_typed("larknb init", init)]
    typed += [
        _typed(" ".join(("larknb", *command)), larknb(root, *command, columns=COLUMNS, **env))
        for command in (["add", f"{box.url}/base/{BASE}"], ["sync"], ["load", table])
    ]
    code = f"import larknb as lk; print(lk.load({table!r}).dtypes)"
    python = Terminal(sys.executable, "-c", code, cwd=root, columns=COLUMNS, **env)
    return [*typed, _typed(f'python -c "{code}"', python)]


def _typed(command: str, terminal: Terminal) -> Typed:
    assert terminal.end() == 0, terminal.shown
    return Typed(command, terminal.shown)


def _answer(terminal: Terminal, key: str, answer: str) -> None:
    """Answer a question once it is asked."""
    terminal.wait_for(f"(?s){re.escape(say(f'init.ask.{key}').strip())}.*[:：] ?$")
    terminal.type(answer)
