"""An app that is being made, from its link to its pair, with a clock that moves when it waits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.auth.creation import AppCreation, Kept, kept_creation
from larknb.auth.registration import Made, Offer, Site
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, told

Browser = Callable[[str], requests.Response]
Start = Callable[..., AppCreation]


@pytest.fixture
def lark(clock: Clock, box: Sandbox) -> Iterator[Sandbox]:
    """The host of the other brand."""
    with Sandbox(clock=clock) as lark:
        lark.registrations = box.registrations
        box.serves, lark.serves = "feishu", "lark"
        yield lark


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work" / "app_registration.json"


@pytest.fixture
def kept() -> list[tuple[Made, str]]:
    return []


@pytest.fixture
def start(box: Sandbox, file: Path, clock: Clock, kept: list[tuple[Made, str]]) -> Start:
    def start(other: Sandbox | None = None, keep: Callable[..., object] | None = None) -> AppCreation:
        lark = Site("lark", (other or box).url, (other or box).url)
        return AppCreation(file, Site("feishu", box.url, box.url), lark,
                           keep or (lambda *made: kept.append(made)), clock=clock, sleep=clock.sleep)  # fmt: skip

    return start


def test_it_asks_until_the_person_confirmed(
    start: Start, box: Sandbox, clock: Clock, file: Path, browser: Browser, kept: list[Any]
) -> None:
    """The first question goes out at once, the others as far apart as the platform wants; the file goes at the end."""
    creation = start()
    assert creation.look() is None
    browser(creation.offer.url)
    made = creation.wait()
    assert (made.app.app_id, made.app.app_secret) == (box.app_id, box.app_secret)
    assert kept == [(made, "feishu")]
    assert clock.slept == [5.0]
    assert not file.exists()
    assert creation.look() is made


@pytest.mark.parametrize(
    ("fault", "times", "waits"),
    [
        (Fault.reply(400, {"error": "slow_down"}), 3, [10.0, 15.0, 20.0]),
        (Fault.reply(400, {"error": "slow_down"}), 13, [*map(float, range(10, 61, 5)), 60.0, 60.0]),
        (Fault.drop(), 3, [6.0, 7.0, 8.0]),
        (Fault.html(), 2, [6.0, 7.0]),
        (Fault.reply(200, {"client_id": "cli_x"}), 2, [5.0, 5.0]),
    ],
)
def test_how_it_waits(
    start: Start, box: Sandbox, clock: Clock, browser: Browser, fault: Fault, times: int, waits: list[float]
) -> None:
    """Five seconds more when told to slow down, one more after a network failure, never more than a minute."""
    creation = start()
    browser(creation.offer.url)
    box.faults.add(fault, endpoint="registration", times=times)
    assert creation.wait()
    assert clock.slept == waits


@pytest.mark.parametrize("word", ["access_denied", "expired_token", "invalid_grant", "anything"])
def test_an_end_leaves_no_file_behind(start: Start, box: Sandbox, file: Path, word: str, kept: list[Any]) -> None:
    """Refused or over: nothing stays, and nothing was kept."""
    creation = start()
    box.faults.add(Fault.reply(400, {"error": word, "code": 5}), endpoint="registration")
    with pytest.raises(ApiError):
        creation.wait()
    assert (file.exists(), kept) == (False, [])


def test_a_code_that_nobody_scans_ends(start: Start, clock: Clock, file: Path) -> None:
    """After its life nobody asks any more."""
    with pytest.raises(ApiError, match="not confirmed in time"):
        start().wait()
    assert clock.now >= NOON + 600
    assert not file.exists()


def test_it_is_taken_up_again(start: Start, box: Sandbox, file: Path, browser: Browser) -> None:
    """After a restart the same code goes on, and what was confirmed meanwhile counts; the file is its owner's alone."""
    first = start()
    first.look()
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600
    browser(first.offer.url)
    second = start()
    assert second.offer == first.offer
    box.clock.advance(5)  # type: ignore[attr-defined]
    assert second.look()
    assert len(box.registrations.by_code) == 1


def test_a_lark_company_is_followed(
    start: Start, box: Sandbox, lark: Sandbox, clock: Clock, browser: Browser, kept: list[Any]
) -> None:
    """At the first word of it the same code is asked at the other host, at once and once; that host is the app's."""
    box.scan_brand = "lark"
    creation = start(lark)
    browser(creation.offer.url)
    made = creation.wait()
    assert clock.slept == [0.0]
    assert (made.app.open_base, kept[0][1]) == (lark.url, "lark")
    assert made.app.app_id == lark.app_id != box.app_id


def test_one_host_for_both_brands(start: Start, box: Sandbox, browser: Browser, kept: list[Any], clock: Clock) -> None:
    """With hosts of one's own nothing goes elsewhere, and the same host is not asked twice at once."""
    box.scan_brand = "lark"
    creation = start()
    browser(creation.offer.url)
    assert creation.wait().app.open_base == box.url
    assert (clock.slept, kept[0][1]) == ([5.0], "lark")


def test_a_brand_that_changes_its_mind(start: Start, box: Sandbox, lark: Sandbox) -> None:
    """Lark and then Feishu is an error."""
    box.faults.add(Fault.reply(200, {"user_info": {"tenant_brand": "lark"}}), endpoint="registration", after=2)
    lark.faults.add(Fault.reply(200, {"user_info": {"tenant_brand": "feishu"}}), endpoint="registration")
    with pytest.raises(ApiError, match="first on Lark"):
        start(lark).wait()


def test_what_could_not_be_kept_is_kept_later(start: Start, box: Sandbox, browser: Browser, file: Path) -> None:
    """The pair comes once: a disk that refuses it may be mended, and another look keeps it without a question."""
    kept = []

    def keep(*made: Any) -> None:
        kept.append(made)
        if len(kept) == 1:
            raise ConfigError("full")

    creation = start(keep=keep)
    browser(creation.offer.url)
    with pytest.raises(ConfigError):
        creation.look()
    box.journal.clear()
    assert creation.look()
    assert (len(kept), box.journal.count("registration")) == (2, 0)


def test_nothing_begins_where_nothing_can_be_kept(start: Start, file: Path) -> None:
    """What is somebody else's under that name is left alone, and told before a person scans."""
    file.write_text('{"mine": 1}', encoding="utf-8")
    with pytest.raises(ConfigError, match="app_registration"):
        start()
    assert file.read_text(encoding="utf-8") == '{"mine": 1}'


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://evil.example/page/launcher"},
        {"accounts_base": "https://evil.example"},
        {"ends_at": NOON - 1},
        {"ends_at": NOON + 10**6},
        {"format": 2},
        {"device_code": 5},
    ],
)
def test_what_is_not_taken_up(file: Path, change: dict[str, Any]) -> None:
    """A page or a host of somebody else, a code that is over or lives for ever, another format."""
    site = Site("feishu", "https://open.example", "https://accounts.example")
    whole = {"format": 1, "accounts_base": site.accounts_base, "device_code": "rdc1", "user_code": "A",
             "url": "https://open.example/page", "ends_at": NOON + 600, "interval": 5.0}  # fmt: skip
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert kept_creation(file, site, NOON)
    file.write_text(json.dumps(whole | change), encoding="utf-8")
    assert kept_creation(file, site, NOON) is None


def test_giving_up_forgets_it(start: Start, file: Path) -> None:
    """Whoever has an app already leaves no code behind."""
    start().give_up()
    assert not file.exists()


def test_no_secret_is_shown(start: Start, box: Sandbox, browser: Browser) -> None:
    """Neither by what is passed on, nor by an error on the way."""
    creation = start(keep=lambda *_: (_ for _ in ()).throw(ConfigError("full")))
    browser(creation.offer.url)
    with pytest.raises(LarkError) as caught:
        creation.look()
    offer = Offer(Secret("rdc1"), "A", "u", 1.0, 1.0)
    site = Site("feishu", box.url, box.url)
    shown = f"{told(caught.value)} {creation.offer!r} {Kept.of(site, offer)!r}"
    assert not [secret for secret in {"rdc1", *box.secrets()} if secret in shown]
