"""What is told of the login."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from larknb import display
from larknb.results.user import User

PERSON = User(
    "王 <b>", "ou_1", "tenant1", "cli_a", "open.feishu.cn", access_ends_at=1_768_000_000.0,
    refresh_ends_at=1_768_500_000.0, scopes=("a:b",),
)  # fmt: skip
APP = User("", "", "", "cli_a", "open.feishu.cn", "tenant", access_ends_at=1_768_000_000.0)


@pytest.mark.parametrize(
    ("user", "label"),
    [(PERSON, "王 <b> (ou_1)"), (replace(PERSON, name=""), "ou_1"), (replace(PERSON, open_id=""), ""), (APP, "cli_a")],
)
def test_who_it_is(user: User, label: str) -> None:
    """A person has a name and an id, which tells two of one name apart; the app has its id."""
    assert user.label == label


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
