"""A card in a folder that has no app: one scan makes one, and its first login follows at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.config.settings import load_settings
from larknb.errors import LarkError
from larknb.sandbox import Fault, Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock
from tests.screens.test_conversation import Page

Browser = Callable[[str], requests.Response]
SHEET = "sheets/ShtBook000000000000000001"


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    """A folder that knows its platform and one source, and no app."""
    root = tmp_path / "共享 盘"
    root.mkdir()
    text = f'[app]\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\n\n[[sources]]\nurl = "{box.url}/{SHEET}"\n'
    (root / "larknb.toml").write_text(text, encoding="utf-8")
    return Workspace(root, clock=clock, sleep=clock.sleep)


class Scanning(Page):
    """A page at which somebody scans; ``auto`` is how a login begins that names no way."""

    def scan(self) -> str:
        """Click the scan; return the text of the card that shows the code."""
        assert "Connect larknb" in self.next()
        self.rows[0].click()
        self.talk.start()
        assert "One moment" in self.next()
        return self.next()


@pytest.fixture
def page(workspace: Workspace) -> Scanning:
    return Scanning(workspace, method="auto")


def link(box: Sandbox, text: str, path: str = "launcher") -> str:
    return next(word for word in text.split() if word.startswith(f"{box.url}/page/{path}"))


def approve_device(box: Sandbox, browser: Browser, text: str) -> None:
    browser(next(word for word in text.split() if "/oauth/v1/device/verify" in word))


def test_both_doors_stand_beside_each_other(page: Scanning) -> None:
    """The scan, and the steps and fields for an app that somebody has."""
    text = page.next()
    assert "Scan to create an app" in text
    assert "App ID and App Secret" in text
    labels = ["Scan to create an app", "App ID", "App Secret", "Platform", "Save and continue"]
    assert [row.description for row in page.rows] == labels


def test_from_one_scan_to_a_login(page: Scanning, workspace: Workspace, box: Sandbox, clock: Clock,
                                  browser: Browser) -> None:  # fmt: skip
    """The page begins with the scopes of the sources; the secret goes into its file alone; a device login follows."""
    box.device_interval = 1
    text = page.scan()
    (made,) = box.registrations.by_code.values()
    assert made.user_code in text
    browser(link(box, text))
    assert made.addons is not None
    assert {"offline_access", "sheets:spreadsheet:readonly"} <= {*made.addons["scopes"]["user"]}
    clock.advance(5)
    assert "One moment" in page.next()
    waiting = page.next()
    approve_device(box, browser, waiting)
    clock.advance(6)
    done = page.next()
    assert "Signed in as" in done
    assert f"{box.url}/app/{box.app_id}" in done
    settings = load_settings(workspace.root)
    assert (settings.app_id, settings.app_secret, settings.login) == (box.app_id, box.app_secret, "device")
    assert not (workspace.root / "work" / "app_registration.json").exists()
    file = (workspace.root / "larknb.toml").read_text(encoding="utf-8")
    assert not [secret for secret in box.secrets() if secret in file + text + waiting + done]


def test_it_is_taken_up_after_a_restart(
    page: Scanning, workspace: Workspace, box: Sandbox, clock: Clock, browser: Browser
) -> None:
    """Another kernel shows the same code at once, and what was confirmed meanwhile counts."""
    browser(link(box, page.scan()))
    page.talk.state = "ended"  # its kernel is gone
    again = Scanning(workspace, method="auto")
    again.talk.start()
    assert "One moment" in again.next()
    assert next(iter(box.registrations.by_code.values())).user_code in again.next()
    clock.advance(5)
    assert "One moment" in again.next()
    assert load_settings(workspace.root).app_id == box.app_id


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault.html(404), "developer console"),
        (Fault.reply(400, {"error": "invalid_request", "error_description": "not for you"}), "not for you"),
    ],
)
def test_a_platform_that_does_not_offer_it(page: Scanning, workspace: Workspace, box: Sandbox, fault: Fault,
                                           says: str) -> None:  # fmt: skip
    """The manual door opens with what was learned, and nothing is left behind."""
    box.faults.add(fault, endpoint="registration", times=None)
    text = page.scan()
    assert says in text
    assert "App ID and App Secret" in text
    assert page.talk.state == "setup"
    assert not [*workspace.root.rglob("app_*")]


@pytest.mark.parametrize("word", ["access_denied", "expired_token", "invalid_grant", "quota"])
def test_an_end_opens_both_doors_again(page: Scanning, workspace: Workspace, box: Sandbox, clock: Clock,
                                       word: str) -> None:  # fmt: skip
    """Refused or too late: it is said, and another scan may follow."""
    page.scan()
    box.faults.add(Fault.reply(400, {"error": word, "code": 9}), endpoint="registration")
    clock.advance(5)
    assert "Scan to create an app" in page.next()
    assert not [*workspace.root.rglob("app_*")]
    page.rows[0].click()
    assert "One moment" in page.next()
    assert link(box, page.next())
    assert len(box.registrations.by_code) == 2


def test_whoever_has_an_app_goes_back(page: Scanning, workspace: Workspace) -> None:
    """The fields come back, and the code is forgotten."""
    page.scan()
    page.rows[-1].click()
    assert "App ID and App Secret" in page.next()
    assert not [*workspace.root.rglob("app_*")]


def test_no_scan_where_there_is_an_app(workspace: Workspace, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where only a variable knows its secret."""
    monkeypatch.setenv("LARKNB_APP_SECRET", "x" * 32)
    page = Scanning(workspace)
    assert "Scan to create" not in page.next()
    assert len(page.rows) == 4


def test_a_secret_in_the_wrong_field_is_not_repeated(page: Scanning, workspace: Workspace, box: Sandbox) -> None:
    """Pasted as the App ID: refused without a word of it, and not written anywhere."""
    page.next()
    page.talk.start()
    app_id, secret, _, save = page.rows[1:]
    app_id.value, secret.value = box.app_secret, "x"
    save.click()
    text = page.next()
    assert "This is not an App ID" in text
    assert box.app_secret not in text
    files = [path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()]
    assert not [content for content in files if box.app_secret.encode() in content]
    assert app_id.value == ""


def test_a_disk_that_refuses_the_pair(page: Scanning, workspace: Workspace, box: Sandbox, clock: Clock,
                                      browser: Browser) -> None:  # fmt: skip
    """The new app is not lost: once its place is free again, another click keeps it."""
    place = workspace.root / "work" / "app_secret.json"
    browser(link(box, page.scan()))
    place.write_text(json.dumps({"mine": 1}), encoding="utf-8")
    clock.advance(5)
    assert "App ID cli_" in page.next()
    with pytest.raises(LarkError):
        page.talk.wait(0)
    place.unlink()
    page.rows[-1].click()
    page.next()
    assert "One moment" in page.next()
    assert load_settings(workspace.root).app_secret == box.app_secret


def test_every_page_of_both_platforms_is_offered(page: Scanning, box: Sandbox) -> None:
    """Which one the company is on is not known: the launcher, and the page that works on Lark."""
    text: Any = page.scan()
    assert link(box, text, "launcher")
    assert "from=cli" in link(box, text, "cli")


def test_two_cards_wait_for_one_app(
    page: Scanning, workspace: Workspace, box: Sandbox, clock: Clock, browser: Browser
) -> None:
    """The pair comes to one of them; the other one finds the folder set up, and goes on to the login, too."""
    box.faults.add(Fault.reply(400, {"error": "slow_down"}), endpoint="registration", after=3)  # for the other one
    text, end = page.scan(), time.monotonic() + 10
    while box.journal.count("registration") < 3 and time.monotonic() < end:
        time.sleep(0.01)
    other = Scanning(workspace, method="auto")
    other.talk.start()
    assert "One moment" in other.next()
    assert link(box, other.next())
    while box.journal.count("registration") < 4 and time.monotonic() < end:
        time.sleep(0.01)
    browser(link(box, text))
    clock.advance(5)
    assert "One moment" in page.next()
    clock.advance(6)
    assert "One moment" in other.next()
    assert len(box.registrations.by_code) == 1


def test_a_late_click_finds_the_app(page: Scanning, workspace: Workspace, box: Sandbox) -> None:
    """Set up elsewhere in the meantime: the scan is not begun, and the login goes on."""
    page.next()
    workspace.set_up({"app_id": box.app_id}, secret_from=StringIO(f"{box.app_secret}\n"))
    page.rows[0].click()
    page.talk.start()
    assert "One moment" in page.next()
    assert "One moment" in page.next()
    assert box.registrations.by_code == {}
