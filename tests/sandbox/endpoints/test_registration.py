"""The stand-in's side of an app that is made by one scan, asked without any of our client."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from larknb.sandbox import Sandbox
from tests.sandbox.conftest import Clock
from tests.sandbox.signing_in import open_page, start_device

BEGIN = {"archetype": "PersonalAgent", "auth_method": "client_secret", "request_user_info": "open_id tenant_brand"}


def ask(box: Sandbox, action: str, **form: str) -> requests.Response:
    url = f"{box.url}/oauth/v1/app/registration"
    return requests.post(url, data={"action": action, **form}, timeout=10)


def begin(box: Sandbox, **form: str) -> dict[str, Any]:
    answer: dict[str, Any] = ask(box, "begin", **{**BEGIN, **form}).json()
    return answer


def poll(box: Sandbox, begun: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    response = ask(box, "poll", device_code=begun["device_code"])
    return response.status_code, response.json()


def scan(box: Sandbox, begun: dict[str, Any], **prefills: str) -> requests.Response:
    return requests.get(begun["verification_uri_complete"], params=prefills, timeout=10)


def packed(addons: Any) -> str:
    return base64.urlsafe_b64encode(gzip.compress(json.dumps(addons).encode(), mtime=0)).rstrip(b"=").decode()


@pytest.fixture
def lark(box: Sandbox, clock: Clock) -> Iterator[Sandbox]:
    """The other host of the same platform."""
    with Sandbox(clock=clock) as lark:
        lark.registrations = box.registrations
        box.serves, lark.serves = "feishu", "lark"
        yield lark


def test_an_app_is_made_by_one_scan(box: Sandbox, clock: Clock) -> None:
    """Pending until somebody confirmed; then the pair comes once, and the stand-in knows the new app."""
    begun = begin(box)
    assert (begun["expire_in"], begun["interval"]) == (600, 5)
    pending = {"error": "authorization_pending", "error_description": "", "code": 20094}
    assert poll(box, begun) == (400, pending)
    assert "20001" not in scan(box, begun).text
    clock.now += 5
    status, made = poll(box, begun)
    assert (status, made["user_info"]["tenant_brand"]) == (200, "feishu")
    assert (box.app_id, box.app_secret) == (made["client_id"], made["client_secret"])
    assert len(made["client_secret"]) == 32
    clock.now += 5
    assert poll(box, begun)[1]["error"] == "invalid_grant"
    assert {begun["device_code"], made["client_secret"]} <= box.secrets()


def test_the_new_app_has_no_redirect_url(box: Sandbox) -> None:
    """The authorize page shows 20029; the device flow takes the app."""
    begun = begin(box)
    scan(box, begun, addons=packed({"scopes": {"user": ["offline_access"]}}))
    poll(box, begun)
    assert "20029" in open_page(box, scope="offline_access").text
    assert start_device(box, scope="offline_access").status_code == 200


def test_asking_too_often_slows_down(box: Sandbox, clock: Clock) -> None:
    """Each time the interval grows by five seconds."""
    begun = begin(box)
    poll(box, begun)
    assert poll(box, begun)[1]["error"] == "slow_down"
    clock.now += 9
    assert poll(box, begun)[1]["error"] == "slow_down"
    clock.now += 15
    assert poll(box, begun)[1]["error"] == "authorization_pending"


def test_ways_to_end_badly(box: Sandbox, clock: Clock) -> None:
    """Refused, too late, or a code that nobody knows; a page that was used shows so."""
    box.approve = "deny"
    refused, late = begin(box), begin(box)
    scan(box, refused)
    assert poll(box, refused)[1]["error"] == "access_denied"
    assert "expired" in scan(box, refused).text
    clock.now += 600
    assert poll(box, late)[1]["error"] == "expired_token"
    assert "expired" in scan(box, late).text
    assert poll(box, {"device_code": "x"})[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("form", [{"archetype": "x"}, {"auth_method": "private_key_jwt"}, {"request_user_info": ""}])
def test_what_begin_refuses(box: Sandbox, form: dict[str, str]) -> None:
    """Another kind of app or proof, or no word about who makes it."""
    assert begin(box, **form)["error"] == "invalid_request"
    assert ask(box, "finish").json()["error"] == "invalid_request"


def test_init_tells_the_methods(box: Sandbox) -> None:
    """By default the one that a program can use."""
    assert ask(box, "init").json() == {"supported_auth_methods": ["client_secret"], "nonce": "n-1"}


def test_a_lark_company_is_told_before_its_app(box: Sandbox, lark: Sandbox, clock: Clock) -> None:
    """The first host names the brand and never gives the pair; the other one gives it, to the same code."""
    box.scan_brand = "lark"
    begun = begin(box)
    scan(box, begun)
    for _ in range(2):
        status, answer = poll(box, begun)
        assert (status, answer["user_info"]) == (400, {"tenant_brand": "lark"})
        clock.now += 5
    assert poll(lark, begun)[1]["client_id"] == lark.app_id != box.app_id


@pytest.mark.parametrize("is_released", [True, False])
def test_addons_are_decoded_and_unknown_scopes_dropped(box: Sandbox, is_released: bool) -> None:
    """Where the platform has released them; else they are ignored without a word."""
    box.addons_released = is_released
    begun = begin(box)
    addons = {"scopes": {"user": ["docx:document:readonly", "no:such:scope"]}}
    scan(box, begun, addons=packed(addons), name="larknb")
    (made,) = box.registrations.by_code.values()
    assert (made.addons, made.prefills["name"]) == (addons, ["larknb"])
    poll(box, begun)
    assert ("docx:document:readonly" in box.scopes, "no:such:scope" in box.scopes) == (is_released, False)


@pytest.mark.parametrize("addons", ["", "x", "%", packed([]), packed({"scopes": 1}), packed({}) + "="])
def test_addons_that_are_none(box: Sandbox, addons: str) -> None:
    """They are ignored without a word."""
    begun = begin(box)
    assert scan(box, begun, addons=addons).status_code == 200
    assert poll(box, begun)[0] == 200


def test_a_page_with_buttons(box: Sandbox) -> None:
    """It shows the code, the name and the scopes; the app is made by a click, or not."""
    box.approve = "page"
    begun = begin(box)
    page = scan(box, begun, name="<b>{user}").text
    assert begun["user_code"] in page
    assert "<b>{" not in page
    assert box.tenant.users[0].name in page
    form = {"user_code": begun["user_code"], "decision": "refuse"}
    assert requests.post(f"{box.url}/sandbox/create", data=form, timeout=10).status_code == 200
    assert poll(box, begun)[1]["error"] == "access_denied"
    assert "unknown" in requests.post(f"{box.url}/sandbox/create", data=form, timeout=10).text
