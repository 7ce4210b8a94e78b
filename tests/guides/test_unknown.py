"""What a payload says that nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.guides.unknown import Piece, Texts, pieces_in

ELEMENTS = [{"text_run": {"content": "字"}}]


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"title": "甲", "url": "https://e.com"}, [Piece("甲", "https://e.com")]),
        ({"text": "乙", "title": "甲"}, [Piece("甲"), Piece("乙")]),
        ({"fileToken": "T"}, [Piece("T", is_token=True)]),
        ({"elements": ELEMENTS, "title": "甲"}, [Texts({"elements": ELEMENTS}), Piece("甲")]),
        ({"content": {"elements": ELEMENTS}}, [Texts({"elements": ELEMENTS})]),
        ({"a": [["深", {"b": "里"}]]}, [Piece("深"), Piece("里")]),
        ({"a": {"text": "同"}, "b": {"text": "同"}}, [Piece("同")]),
        ({"src": "http%3A%2F%2Fe.com"}, [Piece("http://e.com", "http://e.com")]),
        ({"record": '[{"name": "里"}]'}, [Piece("里")]),
        ({"record": "[没有 JSON"}, [Piece("[没有 JSON")]),
        ({"id": "7", "cardId": "7", "x_ids": ["7"], "x_id": "7", "by": "ou_12", "mode": "Card", "n": 1, "t": True}, []),
        ({"style": {"font": "Arial", "align": "left", "sequence": "auto"}, "title": "  "}, []),
        ({"style": {"note": "见附录"}, "text_element_style": {"link": {"url": "https://e.com"}}},
         [Piece("见附录"), Piece("https://e.com", "https://e.com")]),
        ("正文", [Piece("正文")]),
        (None, []),
        (7, []),
    ],
)  # fmt: skip
def test_members_tell_by_their_names_what_they_are(payload: Any, found: list[Piece | Texts]) -> None:
    """A title comes first and leads to the address beside it; ids, switches and words of the platform say nothing."""
    assert pieces_in(payload) == found


def test_what_is_read_elsewhere_is_left_out() -> None:
    """Of a known payload there are the members that its kind does not have."""
    shape = {"token": str, "caption": {"content": str}, "elements": [{"text_run": {}}]}
    payload = {"token": "T", "caption": {"content": "测点", "by": "甲"}, "alt": "乙", "elements": ELEMENTS}
    assert pieces_in(payload, shape) == [Piece("乙"), Piece("甲")]


def test_a_payload_may_nest_without_end() -> None:
    """What lies too deep is not looked for; nothing breaks."""
    payload: Any = "底"
    for _ in range(5000):
        payload = [payload]
    assert pieces_in({"title": "甲", "deep": payload}) == [Piece("甲")]
