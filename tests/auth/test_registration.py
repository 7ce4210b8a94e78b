"""Each row of the registration of an app, asked through HTTP."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from larknb.auth.registration import Made, Offer, Site, Waiting, begin, is_page, lark_page, poll, prefilled
from larknb.config.addresses import BRANDS
from larknb.config.secrets import Secret
from larknb.errors import ApiError
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, leaked, told

FEISHU, LARK = (Site(brand, **BRANDS[brand]) for brand in ("feishu", "lark"))
BEGUN = {"device_code": "rdc1", "user_code": "ABCD-EFGH", "expire_in": 600, "interval": 5}
CODE = Secret("rdc1")
PAIR = {"client_id": "cli_new", "client_secret": "s" * 32}


@pytest.fixture
def site(box: Sandbox) -> Site:
    return Site("feishu", box.url, box.url)


def offer(site: Site, clock: Clock) -> Offer:
    return begin(site, clock=clock, sleep=lambda _: None)


def answer(box: Sandbox, status: int, body: Any, *, after: int = 0, times: int | None = 1) -> None:
    box.faults.add(Fault.reply(status, body), endpoint="registration", after=after, times=times)


# --- begin -----------------------------------------------------------------------------------------------------------


def test_what_begin_asks_and_gets(site: Site, box: Sandbox, clock: Clock) -> None:
    """The method is asked for first; then the fields of the contract, as a form."""
    found = offer(site, clock)
    init, begun = (dict(call.body) for call in box.journal.calls)
    assert init == {"action": "init"}
    assert begun == {"action": "begin", "archetype": "PersonalAgent", "auth_method": "client_secret",
                     "request_user_info": "open_id tenant_brand"}  # fmt: skip
    assert found.url.startswith(f"{box.url}/page/launcher?user_code=")
    assert (found.ends_at, found.interval) == (NOON + 600, 5.0)
    assert str(found.device_code) not in repr(found)


@pytest.mark.parametrize(
    ("more", "life", "interval"),
    [
        ({"expire_in": 300, "interval": 7}, 300, 7),
        ({"expire_in": None, "expires_in": 300}, 300, 5),
        ({"expire_in": "120", "interval": "6"}, 120, 6),
        ({"expire_in": 0, "interval": 0}, 600, 5),
        ({"expire_in": -1, "interval": -1}, 600, 5),
        ({"expire_in": None, "interval": None}, 600, 5),
        ({"expire_in": True, "interval": False}, 600, 5),
        ({"expire_in": "NaN", "interval": "Infinity"}, 600, 5),
        ({"expire_in": 10**18, "interval": 10**18}, 3600, 60),
        ({"expire_in": None, "expires_in": 10**6}, 3600, 5),
    ],
)
def test_numbers_of_the_beginning(
    site: Site, box: Sandbox, clock: Clock, more: dict[str, Any], life: float, interval: float
) -> None:
    """Either name of the life; what makes no sense is as if it were missing, and both have a cap."""
    body = {**BEGUN, "verification_uri_complete": f"{box.url}/page/launcher?user_code=A", **more}
    answer(box, 200, json.loads(json.dumps(body)), after=1)
    found = offer(site, clock)
    assert (found.ends_at, found.interval) == (NOON + life, interval)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (404, {}, "404"),
        (404, {"code": 99991201, "msg": "no such path"}, "99991201"),
        (400, {"error": "invalid_request", "error_description": "no agents here"}, "no agents here"),
        (200, {"error": "unsupported"}, "unsupported"),
        (403, {"code": 1, "error": "forbidden", "error_description": "ask your admin"}, "ask your admin"),
        (200, {**BEGUN, "device_code": ""}, "Cannot create an app"),
        (200, {**BEGUN, "verification_uri_complete": "https://evil.example/page"}, "evil.example"),
        (200, {**BEGUN, "verification_uri_complete": "javascript:alert(1)"}, "does not belong to the platform"),
        (200, BEGUN, "does not belong to the platform"),
    ],
)
def test_begin_that_leads_nowhere(
    site: Site, box: Sandbox, clock: Clock, status: int, body: dict[str, Any], says: str
) -> None:
    """Refused, unknown, or a page of somebody else: said in words, with the manual way as the next step."""
    answer(box, status, body, after=1, times=None)
    with pytest.raises(ApiError, match=says) as caught:
        offer(site, clock)
    assert "developer console" in str(caught.value)


def test_a_host_without_the_endpoint(site: Site, box: Sandbox, clock: Clock) -> None:
    """The page of some proxy instead of an answer."""
    box.faults.add(Fault.html(404), endpoint="registration", times=None)
    with pytest.raises(ApiError, match="developer console"):
        offer(site, clock)


@pytest.mark.parametrize(
    ("status", "body", "is_offered"),
    [
        (200, {"supported_auth_methods": ["private_key_jwt"]}, False),
        (200, {"supported_auth_methods": []}, False),
        (200, {"supported_auth_methods": ["x", "client_secret"]}, True),
        (200, {"nonce": "n"}, True),
        (404, {}, True),
        (400, {"error": "invalid_request"}, True),
    ],
)
def test_init_row(site: Site, box: Sandbox, clock: Clock, status: int, body: dict[str, Any], is_offered: bool) -> None:
    """A list without our method ends it; a host that does not know the question is asked to begin."""
    answer(box, status, body)
    if is_offered:
        assert offer(site, clock)
    else:
        with pytest.raises(ApiError, match="other proofs of identity"):
            offer(site, clock)
        assert box.journal.count("registration") == 1


@pytest.mark.parametrize(
    ("site", "page", "is_shown"),
    [
        (FEISHU, "https://open.feishu.cn/page/launcher?user_code=A", True),
        (FEISHU, "https://accounts.feishu.cn/x", True),
        (FEISHU, "https://open.larksuite.com/page/launcher", True),
        (FEISHU, "http://open.feishu.cn/page/launcher", False),
        (FEISHU, "https://open.feishu.cn.evil.example/page", False),
        (FEISHU, "https://open.feishu.cn@evil.example/page", False),
        (FEISHU, "https://[::1", False),
        (FEISHU, "https://open.feishu.cn/a b", False),
        (FEISHU, "", False),
        (Site("feishu", "https://a.example", "https://b.example"), "https://open.feishu.cn/page", False),
        (Site("feishu", "http://127.0.0.1:8", "http://127.0.0.1:9"), "http://127.0.0.1:8/page", True),
        (Site("feishu", "http://127.0.0.1:8", "http://127.0.0.1:9"), "http://127.0.0.1:7/page", False),
        (Site("feishu", "http://127.0.0.1:8", "http://127.0.0.1:9"), "http://127.0.0.1:88/page", False),
    ],
)
def test_pages_that_may_be_shown(site: Site, page: str, is_shown: bool) -> None:
    """Of the platform's hosts, over https; with hosts of one's own of these alone."""
    assert is_page(site, page) is is_shown


# --- the link --------------------------------------------------------------------------------------------------------


def test_the_link_carries_the_scopes() -> None:
    """As the platform's own tools write them: JSON, gzip, base64url without padding; the code stays."""
    url = prefilled("https://open.feishu.cn/page/launcher?user_code=A-B", ("offline_access", "x:y"), ("x:y",))
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    addons = query.pop("addons")
    assert "=" not in addons
    packed = base64.urlsafe_b64decode(addons + "=" * (-len(addons) % 4))
    assert json.loads(gzip.decompress(packed)) == {"scopes": {"user": ["offline_access", "x:y"], "tenant": ["x:y"]}}
    assert query == {"user_code": "A-B", "from": "sdk", "tp": "sdk", "source": "python-sdk/larknb",
                     "name": "larknb {user}"}  # fmt: skip


def test_the_page_that_works_on_lark() -> None:
    """Of the host of that brand, with the code and no more."""
    assert lark_page(LARK, "A-B") == "https://open.larksuite.com/page/cli?user_code=A-B&from=cli"


# --- poll ------------------------------------------------------------------------------------------------------------

LARK_USER = {"user_info": {"open_id": "ou_1", "tenant_brand": "lark"}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "authorization_pending", "error_description": "", "code": 20094}, Waiting()),
        (200, {"error": "authorization_pending"}, Waiting()),
        (400, {"error": "authorization_pending", "code": 20094, **LARK_USER}, Waiting(brand="lark")),
        (200, LARK_USER, Waiting(brand="lark")),
        (400, {"error": "slow_down", "code": 1}, Waiting(5.0)),
        (200, {"client_id": "cli_new"}, Waiting()),
        (200, {"client_id": "cli_new", "client_secret": ""}, Waiting()),
        (200, {"client_secret": "s" * 32}, Waiting()),
        (200, {"user_info": "odd"}, Waiting()),
        (429, {"code": 99991400}, Waiting(1.0)),
        (500, {"code": 20050}, Waiting(1.0)),
        (502, {}, Waiting(1.0)),
    ],
)
def test_answers_that_mean_wait(site: Site, box: Sandbox, status: int, body: dict[str, Any], expected: Waiting) -> None:
    """Ask again, and how much slower; the brand may come before the pair, beside a word or alone."""
    answer(box, status, body)
    assert poll(site, CODE) == expected


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.drop_after(), Fault.truncate(), Fault.html(), Fault.html(404),
                                   Fault.invalid_json(), Fault.reply(200, {})])  # fmt: skip
def test_no_answer_means_wait(site: Site, box: Sandbox, fault: Fault) -> None:
    """A network that fails, and what is no JSON."""
    box.faults.add(fault, endpoint="registration")
    assert poll(site, CODE) == Waiting(1.0)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, {"error": "access_denied", "code": 1}, "declined on the page"),
        (400, {"error": "expired_token", "code": 1}, "not confirmed in time"),
        (400, {"error": "invalid_grant", "code": 1}, "not confirmed in time"),
        (400, {"error": "quota", "error_description": "too many apps", "code": 7}, "too many apps"),
        (200, {"error": "quota"}, "quota"),
        (403, {"code": 12345, "msg": "no"}, "No app was created"),
        (200, {**PAIR, "client_id": "../x"}, "cannot be used"),
        (200, {**PAIR, "client_id": 5}, "cannot be used"),
        (200, {**PAIR, "client_secret": 5}, "cannot be used"),
        (200, {**PAIR, "client_secret": "a\nb"}, "cannot be used"),
    ],
)
def test_answers_that_end_it(site: Site, box: Sandbox, status: int, body: dict[str, Any], says: str) -> None:
    """By the word, in the platform's words where it has any; no answer shows a secret."""
    answer(box, status, body)
    with pytest.raises(ApiError, match=says) as caught:
        poll(site, CODE)
    assert PAIR["client_secret"] not in told(caught.value)


def test_the_pair(site: Site, box: Sandbox, clock: Clock) -> None:
    """The host that gave it is the host of the app; the secret is masked from the first moment."""
    answer(box, 200, {**PAIR, "user_info": {"open_id": "ou_1", "tenant_brand": "feishu"}, "auth_method": "x"})
    made = poll(site, CODE)
    assert isinstance(made, Made)
    assert (made.app.app_id, made.app.app_secret, made.brand) == ("cli_new", PAIR["client_secret"], "feishu")
    assert made.app.open_base == box.url
    assert not leaked(repr(made), box, PAIR["client_secret"])
