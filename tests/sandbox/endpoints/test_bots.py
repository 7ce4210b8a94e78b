"""Custom bots: what their guide says of webhook, signature, keywords, size and rate."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
import requests

from larknb.sandbox import Sandbox

from ..conftest import Clock, outcome

CARD = {"header": {"title": {"tag": "plain_text", "content": "更新提醒"}}, "elements": []}


def signed(key: str, at: float) -> dict[str, Any]:
    """Return a card with timestamp and signature, as the guide's own example makes them."""
    stamp = str(int(at))
    digest = hmac.new(f"{stamp}\n{key}".encode(), digestmod=hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode(), "msg_type": "interactive", "card": CARD}


def send(url: str, body: object) -> requests.Response:
    return requests.post(url, json=body, timeout=10)


def test_a_card_arrives(box: Sandbox) -> None:
    """It needs no bearer, only the address; the answer has the fields of both versions."""
    bot, url = box.add_bot()
    answer = send(url, {"msg_type": "interactive", "card": CARD})
    assert answer.json() == {
        "code": 0, "msg": "success", "data": {}, "Extra": None, "StatusCode": 0, "StatusMessage": "success"
    }  # fmt: skip
    assert bot.cards == [CARD]
    assert box.journal.endpoints() == ["hook"]


def test_a_signature_is_checked(box: Sandbox, clock: Clock) -> None:
    """Right key, and a timestamp within one hour either way; else 19021, and nothing arrives."""
    bot, url = box.add_bot(key="k-sandbox")
    for body, code in [
        (signed("k-sandbox", clock()), 0),
        (signed("k-sandbox", clock() - 3600), 0),
        (signed("k-sandbox", clock() - 3602), 19021),
        (signed("k-sandbox", clock() + 3602), 19021),
        (signed("other", clock()), 19021),
        ({"msg_type": "interactive", "card": CARD}, 19021),
    ]:
        assert outcome(send(url, body)) == (200, code)
    assert len(bot.cards) == 2


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"msg_type": "interactive"},
        {"msg_type": "interactive", "card": "x"},
        {"msg_type": "nonsense", "card": CARD},
        {"msg_type": "interactive", "card": {"elements": ["x" * 20_480]}},
    ],
)
def test_what_is_no_message_is_refused(box: Sandbox, body: object) -> None:
    """A body of another shape, or of more than 20 KB, is 9499."""
    _, url = box.add_bot()
    assert outcome(send(url, body)) == (200, 9499)


def test_the_other_safety_settings(box: Sandbox) -> None:
    """Without a keyword 19024, from another address 19022, and no such bot is 19001."""
    bot, url = box.add_bot(keywords=["larknb"])
    message = {"msg_type": "text", "content": {"text": "larknb: x"}}
    assert outcome(send(url, message)) == (200, 0)
    assert outcome(send(url, {"msg_type": "interactive", "card": CARD})) == (200, 19024)
    bot.is_elsewhere = True
    assert outcome(send(url, message)) == (200, 19022)
    assert outcome(send(url + "x", message)) == (200, 19001)
    assert bot.messages == [message]


def test_five_a_second(box: Sandbox, clock: Clock) -> None:
    """The sixth message of a second is 11232, once rates are enforced."""
    box.rate_limits_on()
    _, url = box.add_bot()
    message = {"msg_type": "text", "content": {"text": "x"}}
    assert [send(url, message).json()["code"] for _ in range(6)] == [0, 0, 0, 0, 0, 11232]
    clock.now += 1
    assert send(url, message).json()["code"] == 0
