"""What is told of the login."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from larknb import display
from larknb.results.user import User

PERSON = User(
    "王 <b>", "ou_1", "tenant1", "cli_a", "open.feishu.cn", access_ends_at=1_768_000_000.0,
    refresh_ends_at=1_768_500_000.0, scopes=("a:b",),
)  # fmt: skip


def test_only_what_is_known_is_told() -> None:
    """A login without a consent date has no line for it."""
    assert "2026" in repr(PERSON)
    assert len(repr(PERSON).splitlines()) == 4
    assert display.moment(1_768_500_000.0) in repr(PERSON)


def test_the_page_is_harmless() -> None:
    """A person's name is text."""
    assert "王 &lt;b&gt; (ou_1)" in PERSON._repr_html_()


def test_a_user_for_programs() -> None:
    """JSON takes it, and a pickle brings it to another process."""
    assert json.loads(json.dumps(PERSON.to_dict()))["scopes"] == ["a:b"]
    assert pickle.loads(pickle.dumps(PERSON)) == PERSON


@pytest.mark.parametrize(
    ("who", "label"),
    [
        ({"name": "王敏", "open_id": "ou_1"}, "王敏 (ou_1)"),
        ({"name": "", "open_id": "ou_1"}, "ou_1"),
        ({"name": "王敏", "open_id": ""}, ""),
        ({"name": "王敏", "open_id": "ou_1", "identity": "tenant"}, "cli_1"),
    ],
)
def test_what_somebody_is_called(who: dict[str, Any], label: str) -> None:
    """A name alone identifies nobody."""
    assert User(**{"tenant_key": "", "app_id": "cli_1", "host": "h", **who}).label == label


def test_the_facts_of_a_login() -> None:
    """Only what is known, dates to the minute; a login that cannot renew itself says so."""
    user = User("王敏", "ou_1", "", "cli_1", "open.feishu.cn")
    assert dict(user.lines()) == {"Logged in as": "王敏 (ou_1)", "App": "cli_1 · open.feishu.cn"}
    last = User("", "", "t1", "cli_1", "h", access_ends_at=0.0, beside="the app")
    assert [label for label, _ in last.lines()] == [
        "Logged in as", "Other sources are read by", "App", "Access until (cannot renew itself)",
    ]  # fmt: skip
    assert dict(last.lines())["App"] == "cli_1 · h · t1"
    assert dict(last.lines())["Logged in as"] == "not known before the first request"
    living = User("", "", "", "c", "h", access_ends_at=1.0, refresh_ends_at=2.0, consent_ends_at=3.0)
    assert [label for label, _ in living.lines()][2:] == [
        "Access until (renews itself)", "Log in again before", "Consent ends",
    ]  # fmt: skip
    assert dict(User("", "", "", "c", "h", "tenant").lines())["Logged in as"] == "the app itself (tenant identity)"


def test_a_login_as_a_dict() -> None:
    """Every field, and what JSON knows."""
    told = User("n", "o", "t", "a", "h", scopes=("s1", "s2")).to_dict()
    assert told["scopes"] == ["s1", "s2"]
    assert told.keys() == {
        "name", "open_id", "tenant_key", "app_id", "host", "identity", "access_ends_at", "refresh_ends_at",
        "refresh_is_estimated", "consent_ends_at", "scopes", "beside", "renewable", "status_message",
    }  # fmt: skip
