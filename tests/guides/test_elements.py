"""Text elements: persons by their names, and those elements that nobody knows."""

from __future__ import annotations

import pytest

from larknb.guides.blocks import read_tree
from larknb.guides.guide import to_guide
from larknb.guides.relinked import relinked
from tests.guides.builders import Block, other, para, record, run, table, text

USER: Block = {"mention_user": {"user_id": "ou_a1"}}


@pytest.mark.parametrize(("lang", "shown"), [("zh", "@未知成员"), ("en", "@unnamed")])
def test_a_person_without_a_name_is_no_id(lang: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cannot be named is so called in all that people read; the id is in the JSON."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    whole = record(
        para("找 ", USER), text(3, USER), table([["负责", [para(USER)]]]), other(90, "later", {"elements": [USER]})
    )
    guide = to_guide(whole)
    assert guide["markdown"].count(shown) == 4
    assert "ou_a1" not in guide["markdown"] + "".join(section["text"] for section in guide["sections"])
    assert guide["mentions"] == [{"user_id": "ou_a1", "name": None}]


def test_a_person_goes_by_the_name_that_was_found() -> None:
    """In the text and in the JSON; a name of several lines is one, and is no markup."""
    guide = to_guide(record(para(USER), people={"ou_a1": "张*三\n"}))
    assert "@张\\*三\n" in guide["markdown"]
    assert guide["mentions"] == [{"user_id": "ou_a1", "name": "张*三"}]


def test_elements_that_nobody_knows_are_counted_by_name() -> None:
    """One warning tells of all of a kind."""
    guide = to_guide(record(para({"soon": {"title": "甲"}}, {"soon": {}}, {"later": {"url": "https://e.com"}})))
    assert guide["unsupported"] == {"later": 1, "soon": 2}
    assert guide["warnings"] == ["text element soon is unknown", "text element later is unknown"]
    assert guide["links"][0]["url"] == "https://e.com"


@pytest.mark.parametrize("member", ["soon", "text_run"])
def test_texts_within_texts_have_an_end(member: str) -> None:
    """Nobody can exhaust the stack; what lies too deep is in the list of what is not here."""
    element: Block = run("底")
    for _ in range(250):
        element = {member: {"elements": [element], "title": "层"}}
    whole = record(para(element), other(90, "later", {"elements": [element]}))
    guide = to_guide(relinked(whole, str))
    assert "层" in guide["markdown"]
    assert "what is nested too deep in a text was left out" in guide["warnings"]
    assert "unreadable" in {lack.reason for lack in read_tree(whole).lacks}
