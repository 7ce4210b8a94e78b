"""The harness itself, with a button that changes a label."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Desk
from tests.browser.lab import find_secrets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BUTTON = """
import ipywidgets, IPython.display
label, button = ipywidgets.Label("not yet"), ipywidgets.Button(description="Press 按")
button.on_click(lambda _: setattr(label, "value", "pressed"))
IPython.display.display(IPython.display.HTML('<a class="larknb-link" href="{url}" target="_blank">link</a>'))
ipywidgets.VBox([label, button, ipywidgets.Text(placeholder="here")])
"""


def test_a_button_is_pressed(desk: Desk, tmp_path: Path) -> None:
    """Widgets work, in either theme, until the notebook is opened again."""
    page = f"{desk.box.url}/open-apis/authen/v1/authorize"
    notebook = desk.open(BUTTON.replace("{url}", page))
    notebook.run(0)
    notebook.wait_for(0, "text=not yet")
    notebook.click(0, "button:has-text('Press')")
    notebook.wait_for(0, "text=pressed")
    notebook.fill(0, "input", "typed")
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(0, tmp_path / f"{theme}.png")
    assert notebook.follow(0, ".larknb-link").url == page
    notebook.reopen()
    notebook.wait_for(0, ".larknb-link")
    assert "pressed" not in notebook.text(0)
    assert not notebook.complaints


@pytest.mark.parametrize("server", ["plain"], indirect=True)
def test_no_widget_is_shown_without_widgets(desk: Desk, tmp_path: Path) -> None:
    """The other server shows the text of a widget, and plain HTML as ever."""
    notebook = desk.open(BUTTON)
    notebook.run_all()
    notebook.wait_for(0, ".larknb-link")
    assert notebook.output(0).locator("button").count() == 0
    assert "VBox" in notebook.text(0)
    notebook.screenshot(0, tmp_path / "plain.png")


def test_a_kernel_is_started_again(desk: Desk) -> None:
    """A new kernel knows nothing of the old one's names."""
    notebook = desk.open("mine = 1", "print('mine' in globals())")
    notebook.run_all()
    assert notebook.text(1).strip() == "True"
    notebook.restart_kernel()
    notebook.run(1)
    assert notebook.text(1).strip() == "False"


@pytest.mark.parametrize(
    "wrap", ["{}", "https://x/?code={}", "import base64 as b; print(b.b64encode(b'ab{}').decode())"]
)
def test_a_secret_that_was_printed_is_found(desk: Desk, wrap: str) -> None:
    """In the saved notebook, plain or encoded; in its own file it may stand."""
    assert desk.leaks() == []
    line = wrap.format(desk.box.app_secret)
    notebook = desk.open(line if line.startswith("import") else f"print({line!r})")
    notebook.run(0)
    notebook.save()
    assert {leak.partition(":")[0] for leak in desk.leaks()} == {"a.ipynb", "a-checkpoint.ipynb"}
    assert find_secrets(desk.workspace.root / "work", desk.box) == []
