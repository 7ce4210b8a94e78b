"""The payload of a block, read without trust."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.guides.payloads import (
    blocks_by_id,
    emoji_of,
    language_of,
    marks_of,
    payload_of,
    read_id,
    read_list,
    read_mapping,
    read_number,
    read_url,
    type_of,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (-5, -5), ("12", 12), ("-3", -3), (True, 7), (1.5, 7), ("1e3", 7), ("9" * 19, 7), (None, 7), ([5], 7)],
)
def test_numbers_may_be_written_as_text(value: Any, number: int) -> None:
    """What is no whole number counts as absent; neither True nor a number without end is one."""
    assert read_number(value, 7) == number


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https%3A%2F%2Fe.com%2F%3Fa%3D1%2B2", "https://e.com/?a=1+2"),
        (" https://e.com/100%25+1 ", "https://e.com/100%25+1"),
        ("HTTPS%3a//e.com", "HTTPS://e.com"),
        ("https%3A//e.com/%00a", "https://e.com/a"),
        (None, ""),
        (["https://e.com"], ""),
    ],
)
def test_addresses_may_be_encoded_as_a_whole(value: Any, url: str) -> None:
    """One that is not stays as it is, and none smuggles a control character in."""
    assert read_url(value) == url


def test_an_id_can_stand_in_a_comment() -> None:
    """Nothing in it ends the HTML comment that it stands in."""
    assert read_id("blk-1_a--><script>") == "blk-1_a-script"
    assert read_id("乙") == read_id(None) == ""


def test_what_is_of_another_type_is_absent() -> None:
    """A list is no mapping, a text no list, and blocks without an id are none."""
    assert read_mapping([1]) == {} and read_mapping({"a": 1}) == {"a": 1}
    assert read_list("ab") == [] and read_list([1]) == [1]
    assert blocks_by_id([{"block_id": "a"}, {"block_id": 5}, "b", {}]) == {"a": {"block_id": "a"}}
    assert blocks_by_id({"block_id": "a"}) == {}


def test_a_payload_is_that_of_the_type() -> None:
    """Stray keys of other types are ignored; a type that nobody knows has the payload with text in it."""
    text, stray = {"elements": [1]}, {"elements": [2]}
    assert payload_of({"block_type": 2, "heading1": stray, "text": text}) is text
    assert payload_of({"block_type": 999, "undefined": {}, "later": text}) is text
    assert payload_of({"block_type": 2, "text": None}) == {}
    assert (type_of({"block_type": "31"}), type_of({"block_type": 999}), type_of({})) == ("table", "", "")


def test_marks_are_what_the_server_says_for_sure() -> None:
    """Only true is true; the address of a link is decoded."""
    marks = marks_of({"text_element_style": {"bold": True, "italic": 1, "link": {"url": "https%3A%2F%2Fe.com"}}})
    assert (marks.bold, marks.italic, marks.link) == (True, False, "https://e.com")
    assert not any(marks_of({"text_element_style": "bold"}))


@pytest.mark.parametrize(("language", "name"), [(49, "python"), ("49", "python"), (1, ""), (999, ""), (None, "")])
def test_languages_have_the_names_of_fences(language: Any, name: str) -> None:
    """Plain text and what nobody knows have none."""
    assert language_of({"style": {"language": language}}) == name


def test_an_unknown_emoji_is_told_by_its_name() -> None:
    """Without a name there is none."""
    assert (emoji_of({"emoji_id": "bulb"}), emoji_of({"emoji_id": "no such"}), emoji_of({})) == ("💡", ":nosuch:", "")
