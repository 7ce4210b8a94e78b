"""The login card in a real kernel, with a page in front of it that shows, types and clicks."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.sandbox import Fault, Sandbox
from larknb.workspace import Workspace
from tests.conftest import find_port, sign_in, write_settings
from tests.frontend import FrontEnd, Output, front_end

Browser = Callable[[str], requests.Response]
PASTE = "Paste the address of the page that failed to load"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A stand-in with the machine's clock: the kernel has it, too."""
    with Sandbox(redirect_uris=[f"http://127.0.0.1:{find_port()}/callback" for _ in range(2)]) as running:
        running.device_interval = 1
        yield running


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox) -> Workspace:
    return write_settings(tmp_path / "共享 盘", box, f"{box.url}/base/AppStaff000000000000000001")


@pytest.fixture(scope="module")
def kernel() -> Iterator[FrontEnd]:
    with front_end({"LARKNB_LANG": "en"}) as page:
        yield page


@pytest.fixture
def page(kernel: FrontEnd) -> FrontEnd:
    """An empty page; its kernel has seen other workspaces, as a kernel has."""
    kernel.clear()
    return kernel


def login(page: FrontEnd, workspace: Workspace, arguments: str = "", more: str = "") -> list[Output]:
    return page.run(f"import larknb as lk; w = lk.Workspace({str(workspace.root)!r}).login({arguments}){more}")


def link(page: FrontEnd) -> str:
    """The address behind the button of the card."""
    page.wait_for(lambda: 'class="larknb-link"' in page.html())
    return shown_link(page)


def shown_link(page: FrontEnd) -> str:
    """The same while somebody else takes in what the kernel sends."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := re.search(r'class="larknb-link"[^>]*href="([^"]+)"', page.html()):
            return unescape(found[1])
        time.sleep(0.05)
    raise AssertionError("no link came")


def is_green(page: FrontEnd) -> bool:
    return 'data-mood="good"' in page.html()


def ended_on(browser: Browser, url: str) -> str:
    """The address that the browser ends on when nobody listens there."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, allow_redirects=False, timeout=10).headers["Location"]


def test_the_browser_door(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """The cell ends at once; the approval turns the card green without another touch, and no widget is left."""
    login(page, workspace)
    browser(link(page))
    page.wait_for(lambda: is_green(page))
    assert workspace.whoami().name in page.html()
    assert not page.wait_for(lambda: not page.widgets()).widgets()
    assert "widget-view" not in json.dumps(list(page.displays.values()))


def test_the_cards_own_cell_shows_it_once(page: FrontEnd, workspace: Workspace) -> None:
    """The widget as the value of its cell is no second card; in another cell it is one."""
    outputs = login(page, workspace, more="\nw")
    assert sum("larknb-head" in str(output.get("data")) for output in outputs) == 1
    assert "execute_result" not in [output["type"] for output in outputs]
    assert any("larknb-head" in str(output.get("data")) for output in page.run("w"))


def test_a_page_without_widgets_or_html_can_follow(page: FrontEnd, workspace: Workspace, browser: Browser) -> None:
    """The text twin holds the link and says what to do; the answer replaces it."""
    login(page, workspace)
    url = link(page)
    assert url in page.text()
    browser(url)
    page.wait_for(lambda: "Signed in as" in page.text())


def test_waiting_for_run_all(page: FrontEnd, workspace: Workspace, browser: Browser) -> None:
    """With ``wait`` the cell goes on when the approval is there, and the next one works."""
    approve = threading.Thread(target=lambda: browser(shown_link(page)), daemon=True)
    approve.start()
    outputs = login(page, workspace, "wait=30", more="; print(w.user.name)")
    approve.join(10)
    assert workspace.whoami().name in "".join(output.get("text", "") for output in outputs)


def test_waiting_has_an_end(page: FrontEnd, workspace: Workspace) -> None:
    """Nobody approves: the cell ends with LoginRequired, and the card goes on waiting."""
    outputs = login(page, workspace, "wait=0.5")
    assert "LoginRequired" in [output.get("ename") for output in outputs]
    assert 'data-mood="waiting"' in page.html()


def test_a_refusal_and_another_try(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """Refused: the card says so and offers to begin again, which works."""
    box.approve = "deny"
    login(page, workspace)
    browser(link(page))
    page.wait_for(lambda: "refused" in page.html())
    box.approve = "auto"
    page.click("Sign in")
    page.wait_for(lambda: 'data-mood="waiting"' in page.html())
    browser(link(page))
    page.wait_for(lambda: is_green(page))


def test_the_paste_door_wrong_then_right(page: FrontEnd, workspace: Workspace, browser: Browser) -> None:
    """A wrong address is told in the card and may be corrected; the field is empty at once."""
    login(page, workspace, "'paste'")
    url = link(page)
    page.wait_for(lambda: page.shows(PASTE))
    page.type(PASTE, "http://127.0.0.1:1/callback?code=wrong&state=wrong")
    page.click("Finish sign-in")
    page.wait_for(lambda: "another login" in page.html() and page.shows(PASTE))
    assert not any(state.get("value") for state in page.models.values() if state.get("placeholder") == PASTE)
    page.type(PASTE, ended_on(browser, url))
    page.click("Finish sign-in")
    page.wait_for(lambda: is_green(page))


def test_busy_ports_are_named(page: FrontEnd, workspace: Workspace, box: Sandbox) -> None:
    """Where every registered port is taken the paste door is open, and the card says why."""
    holders = [socket.create_server(("127.0.0.1", int(uri.split(":")[2].split("/")[0]))) for uri in box.redirect_uris]
    login(page, workspace)
    link(page)
    for holder in holders:
        holder.close()
    assert all(uri in page.html() for uri in box.redirect_uris)
    page.wait_for(lambda: page.shows(PASTE))


def test_an_answer_that_does_not_come(page: FrontEnd, workspace: Workspace, box: Sandbox) -> None:
    """After a while the card says what the platform's page may show, and what to fix where."""
    page.run("import larknb as lk; from larknb.screens.login import LoginWidget")
    page.run("from larknb.services.account import workspace_login")
    page.run(f"LoginWidget(workspace_login(lk.Workspace({str(workspace.root)!r}).context), patience=0.5).show()")
    page.wait_for(lambda: "20029" in page.html())
    assert "20027" in page.html()
    assert f"{box.url}/app/{box.app_id}" in page.html()
    assert box.redirect_uris[0] in page.text()
    assert 'data-mood="waiting"' in page.html()


def test_the_device_door(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """The card shows the code that the page shows; approved there, it turns green."""
    box.approve = "page"
    login(page, workspace, "'device'")
    url = link(page)
    (device,) = box.accounts.devices.values()
    assert device.user_code in page.html()
    box.approve = "auto"
    browser(url)
    page.wait_for(lambda: is_green(page))
    assert not list(workspace.settings.work.glob("*.device"))


def test_a_device_login_is_taken_up_again(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """After a restart of the kernel the same code goes on, and the approval given meanwhile counts."""
    box.approve = "page"
    login(page, workspace, "'device'")
    url = link(page)
    page.restart()
    box.approve = "auto"
    browser(url)
    page.displays.clear()
    login(page, workspace, "'device'")
    page.wait_for(lambda: is_green(page))
    assert len(box.accounts.devices) == 1


def test_first_set_up(page: FrontEnd, tmp_path: Path, box: Sandbox, browser: Browser) -> None:
    """An empty folder: console link, redirect URLs and scopes to copy; a wrong secret is told, a right one leads on."""
    uris = json.dumps(box.redirect_uris)
    (tmp_path / "larknb.toml").write_text(
        f'# mine\n[app]\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\nredirect_uris = {uris}\n',
        encoding="utf-8",
    )
    workspace = Workspace(tmp_path)
    login(page, workspace)
    assert all(f">{uri}</textarea>" in page.html() for uri in box.redirect_uris)
    assert "&quot;docx:document:readonly&quot;" in page.html()
    for secret in ("not the secret", box.app_secret):
        page.wait_for(lambda: page.shows("App Secret"))
        page.type("App ID", box.app_id)
        page.type("App Secret", secret)
        page.click("Save and continue")
        page.wait_for(lambda: "is wrong" in page.html() or 'class="larknb-link"' in page.html())
    browser(link(page))
    page.wait_for(lambda: is_green(page))
    assert (tmp_path / "larknb.toml").read_text(encoding="utf-8").startswith("# mine")


def test_a_login_made_elsewhere(page: FrontEnd, workspace: Workspace, box: Sandbox) -> None:
    """Somebody signs in from a terminal: the waiting card turns green."""
    login(page, workspace)
    link(page)
    sign_in(workspace, box)
    page.wait_for(lambda: is_green(page))


def test_two_cards_do_not_disturb_each_other(page: FrontEnd, workspace: Workspace, browser: Browser) -> None:
    """Both show one sign-in, which takes one port, and both turn green."""
    login(page, workspace)
    first = link(page)
    login(page, workspace)
    page.wait_for(lambda: page.html().count('class="larknb-link"') == 2)
    assert page.html().count(f'href="{first.replace("&", "&amp;")}"') == 2
    browser(first)
    page.wait_for(lambda: page.html().count('data-mood="good"') == 2)


def test_logged_in_already(page: FrontEnd, workspace: Workspace, box: Sandbox) -> None:
    """The state is there at once, as static HTML, without a request."""
    sign_in(workspace, box)
    box.journal.clear()
    outputs = login(page, workspace)
    assert [output["type"] for output in outputs if "data" in output and "comm" not in output["type"]] == [
        "display_data"
    ]
    assert is_green(page)
    assert len(box.journal) == 0


def test_signing_out_and_in_again(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """``force`` shows who is in, with a button that signs out; from there a new login begins."""
    sign_in(workspace, box)
    login(page, workspace, "force=True")
    page.wait_for(lambda: page.shows("Sign out"))
    page.click("Sign out")
    page.wait_for(lambda: "Signed out" in page.html() and page.shows("Sign in"))
    assert not workspace.settings.token_file.exists()
    page.click("Sign in")
    page.wait_for(lambda: 'data-mood="waiting"' in page.html())
    browser(link(page))
    page.wait_for(lambda: is_green(page))


def test_it_speaks_chinese(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """``lang`` holds for the card, for the page that the browser ends on, and for an error."""
    box.approve = "deny"
    login(page, workspace, "lang='zh'")
    assert "在飞书中授权" in (page.html() if link(page) else "")
    answer = browser(link(page))
    answer.encoding = "utf-8"
    assert "未授权" in answer.text
    page.wait_for(lambda: "授权被拒绝" in page.html())


def test_nothing_of_it_is_saved(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """No message to the page holds a secret of the platform, whichever door was taken."""
    login(page, workspace, "'paste'")
    address = ended_on(browser, link(page))
    page.type(PASTE, address)
    page.click("Finish sign-in")
    page.wait_for(lambda: is_green(page))
    login(page, workspace, "force=True")
    browser(link(page))
    page.wait_for(lambda: page.html().count('data-mood="good"') == 2)
    sent = json.dumps([message["content"] for message in page.messages], ensure_ascii=False, default=str)
    code = address.partition("code=")[2].partition("&")[0]
    # What was typed into the paste box comes back from the page itself; the kernel repeats none of it.
    assert not [secret[:8] for secret in box.secrets() if secret in sent and secret != code]


def test_foreign_names_are_escaped(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """A person who is called like a tag is shown, not run."""
    box.tenant.users[0].name = "<img src=x onerror=alert(1)>"
    login(page, workspace)
    browser(link(page))
    page.wait_for(lambda: is_green(page))
    assert "<img" not in page.html()
    assert "&lt;img" in page.html()


def test_a_source_that_needs_more(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """Logged in, but a new source lacks a scope: the card asks for that one alone, and is content afterwards."""
    workspace.sign_in(browser, wait=10)
    workspace.add(f"{box.url}/sheets/ShtBook000000000000000001", "book")
    login(page, workspace)
    asked = parse_qs(urlsplit(link(page)).query)["scope"]
    assert asked == ["offline_access sheets:spreadsheet:readonly"]
    assert "Sources need scopes that were not granted: sheets:spreadsheet:readonly\n" in page.text()
    browser(link(page))
    page.wait_for(lambda: is_green(page))
    page.clear()
    login(page, workspace)
    assert is_green(page)


def test_what_the_app_lacks_is_told(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """A scope that the app has not enabled is not asked for: the card names the source and the console before."""
    box.scopes -= {"base:record:retrieve", "bitable:app:readonly", "bitable:app"}
    login(page, workspace)
    assert "base:record:retrieve" not in link(page)
    assert "s1: " in page.text()
    assert f'href="{box.url}/app/{box.app_id}/auth?q=' in page.html()


def test_what_was_not_granted_is_told(page: FrontEnd, workspace: Workspace, box: Sandbox, browser: Browser) -> None:
    """The green card names the person and what they left out, however long the platform takes to say who it is."""
    box.withheld = {"base:record:retrieve"}
    box.faults.add(Fault.call(lambda _: time.sleep(1.0)), endpoint="user_info")
    login(page, workspace)
    browser(link(page))
    page.wait_for(lambda: is_green(page))
    assert f"Signed in as {workspace.whoami().name}" in page.text()
    assert "Not granted: base:record:retrieve" in page.text()


def test_waiting_ends_where_the_app_is_wrong(page: FrontEnd, workspace: Workspace) -> None:
    """A wrong secret ends the wait at once, with what to fix; the card offers to set the app up."""
    workspace.save_secret("not the secret")
    outputs = login(page, workspace, "wait=300")
    assert "ConfigError" in [output.get("ename") for output in outputs]
    page.wait_for(lambda: page.shows("App Secret"))
