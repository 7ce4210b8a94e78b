"""The login as a person meets it: JupyterLab, the card, and the platform's page in a tab of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from larknb.sandbox import Field
from tests.browser.conftest import Seat
from tests.browser.lab import Notebook
from tests.conftest import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LOGIN = "import larknb as lk; lk.login({})"
LINK, GREEN, RED = ".larknb-link", ".larknb-head[data-mood=good]", ".larknb-head[data-mood=bad]"
PASTE = "input[placeholder^='Paste the address']"


def decide(notebook: Notebook, decision: str = "approve") -> Page:
    """Follow the card's link, press a button on the platform's page, and return the tab."""
    tab = notebook.follow(0, LINK)
    tab.click(f"button[value={decision}]")
    return tab


def press(notebook: Notebook, label: str) -> None:
    notebook.click(0, f"button:text-is('{label}')")


def set_up(notebook: Notebook, app_id: str, secret: str) -> None:
    notebook.fill(0, ".widget-text:has-text('App ID') input", app_id)
    notebook.fill(0, "input[type=password]", secret)
    press(notebook, "Save and continue")


def test_first_set_up(seat: Seat) -> None:
    """In an empty folder: what to register can be copied, a wrong secret is told, the right one leads to the link."""
    wrong, (uri,) = seat.box.accounts.secret("wrong-but-secret-all-the-same"), seat.box.redirect_uris
    notebook = seat.empty().open(LOGIN.format(""))
    notebook.run(0)
    notebook.click(0, f"textarea:text-is('{uri}') + button")
    notebook.wait_for(0, "button:text-is('Copied')")
    notebook.page.wait_for_function("async (uri) => await navigator.clipboard.readText() === uri", arg=uri)
    set_up(notebook, seat.box.app_id, wrong)
    notebook.wait_for(0, RED)
    set_up(notebook, seat.box.app_id, seat.box.app_secret)
    decide(notebook)
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_from_one_scan_to_a_frame(seat: Seat) -> None:
    """From a folder without an app to a typed frame by one scan, without the console: both pages stay open."""
    seat.box.registration_interval = seat.box.device_interval = 1
    base = seat.box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    base.add_table("people", [Field("age", 2, is_primary=True)]).add_many([{"age": 30 + n} for n in range(3)])
    add = f"lk.add({f'{seat.box.url}/base/{base.app_token}'!r}); lk.sync(); lk.load('staff/people').dtypes"
    notebook = seat.empty().open("import larknb as lk; lk.login()", add)
    notebook.run(0)
    press(notebook, "Scan to create an app")
    decide(notebook)
    notebook.wait_for(0, "text=Authorize in Feishu")
    decide(notebook)
    notebook.wait_for(0, GREEN)
    notebook.run(1)
    notebook.wait_for(1, "text=float64")
    assert seat.leaks() == []


def test_the_set_up_by_scan_in_a_card(seat: Seat) -> None:
    """lk.init asks as the terminal does; the saved notebook holds no secret, and no dead widget."""
    seat.box.registration_interval = seat.box.device_interval = 1
    notebook = seat.empty().open("import larknb as lk; lk.init()")
    notebook.run(0)
    press(notebook, "Feishu")
    press(notebook, "Scan to create an app")
    notebook.wait_for(0, "text=Address of")
    press(notebook, "Continue")
    decide(notebook)
    press(notebook, "This folder only")
    decide(notebook)
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []
    notebook.reopen()
    notebook.wait_for(0, GREEN)
    assert "Error displaying widget" not in notebook.page.content()


@pytest.mark.parametrize(
    ("server", "below"),
    [("widgets", ".jupyter-widgets"), ("plain", "text=Fields and buttons")],
    indirect=["server"],
    ids=["widgets", "plain"],
)
def test_the_browser_door(seat: Seat, below: str) -> None:
    """The card turns green by itself, the next cell works, and the saved notebook shows no dead widget."""
    notebook = seat.open(LOGIN.format(""), "lk.whoami()")
    notebook.run(0)
    notebook.wait_for(0, below)
    decide(notebook).wait_for_selector("text=Approval received")
    notebook.wait_for(0, GREEN)
    notebook.run(1)
    notebook.wait_for(1, "text=王敏")
    notebook.reopen()
    notebook.wait_for(0, GREEN)
    assert "Error displaying widget" not in notebook.page.content()
    assert "widget-view" not in notebook.path.read_text(encoding="utf-8")
    assert not notebook.complaints
    assert seat.leaks() == []


def test_a_refusal_and_another_try(seat: Seat) -> None:
    """Refused, the card says so and offers to begin again."""
    notebook = seat.open(LOGIN.format(""))
    notebook.run(0)
    decide(notebook, "refuse")
    notebook.wait_for(0, RED)
    press(notebook, "Sign in")
    decide(notebook)
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_the_paste_door_wrong_then_right(seat: Seat) -> None:
    """The browser ends on a page that does not load; its address signs in, another one is told."""
    notebook = seat.open(LOGIN.format("'paste'"))
    notebook.run(0)
    with notebook.page.context.expect_event("requestfailed", lambda request: "code=" in request.url) as failed:
        decide(notebook)
    notebook.fill(0, PASTE, "http://127.0.0.1:1/callback?code=wrong&state=wrong")
    press(notebook, "Finish sign-in")
    notebook.wait_for(0, "text=belongs to another login")
    notebook.fill(0, PASTE, failed.value.url)
    press(notebook, "Finish sign-in")
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_the_device_door(seat: Seat) -> None:
    """The card shows the code that the page shows."""
    seat.box.device_interval = 1
    notebook = seat.open(LOGIN.format("'device'"))
    notebook.run(0)
    tab = notebook.follow(0, LINK)
    (device,) = seat.box.accounts.devices.values()
    assert tab.inner_text("b") == device.user_code
    assert device.user_code in notebook.text(0)
    tab.click("button[value=approve]")
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_signing_out_and_in_again(seat: Seat) -> None:
    """A card with ``force`` signs out and in again, and a cell signs out, too."""
    sign_in(seat.workspace, seat.box)
    notebook = seat.open(LOGIN.format("force=True"), "lk.logout(); lk.get_user_access_token(required=False) is None")
    notebook.run(0)
    press(notebook, "Sign out")
    notebook.wait_for(0, "text=Signed out")
    press(notebook, "Sign in")
    decide(notebook)
    notebook.wait_for(0, GREEN)
    notebook.run(1)
    notebook.wait_for(1, "text=True")
    assert seat.leaks() == []


def test_a_kernel_restart_while_it_waits(seat: Seat) -> None:
    """The cell is run again: a new link, whose answer finds the port free."""
    notebook = seat.open(LOGIN.format(""))
    notebook.run(0)
    old = notebook.wait_for(0, LINK).get_attribute("href")
    notebook.restart_kernel()
    notebook.run(0)
    notebook.wait_for(0, f"{LINK}:not([href='{old}'])")
    decide(notebook)
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_two_cards_turn_green_at_once(seat: Seat) -> None:
    """Both show one sign-in, which takes the only port."""
    notebook = seat.open(LOGIN.format(""), LOGIN.format(""))
    notebook.run_all()
    notebook.wait_for(1, LINK)
    decide(notebook)
    for cell in (0, 1):
        notebook.wait_for(cell, GREEN)
    assert seat.leaks() == []


def test_a_login_made_elsewhere(seat: Seat) -> None:
    """Another process signs in: the card turns green."""
    notebook = seat.open(LOGIN.format(""))
    notebook.run(0)
    notebook.wait_for(0, LINK)
    sign_in(seat.workspace, seat.box)
    notebook.wait_for(0, GREEN)
    assert seat.leaks() == []


def test_run_all(seat: Seat) -> None:
    """With ``wait`` the cell runs until somebody approved, and the next one finds them signed in."""
    notebook = seat.open(LOGIN.format("wait=240"), "lk.whoami().name")
    notebook.run_all(wait=False)
    decide(notebook)
    notebook.wait_for(0, GREEN)
    notebook.wait_for(1, "text=王敏")
    assert seat.leaks() == []
