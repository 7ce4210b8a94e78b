"""A document with other addresses in it."""

from __future__ import annotations

from larknb.guides.guide import to_guide
from larknb.guides.relinked import relinked
from tests.guides.builders import link, other, para, record


def test_every_address_is_asked_for() -> None:
    """Of links, mentions, pages and blocks that nobody knows, decoded; the rest of the document stays as it is."""
    whole = record(
        para(link("甲", "https%3A%2F%2Fe.com%2F1"), {"mention_doc": {"title": "乙", "url": "https://e.com/2"}}),
        other(90, "later", {"title": "丙", "url": "https://e.com/3"}), url="https://e.com/own",
    )  # fmt: skip
    asked: list[str] = []
    changed = relinked(whole, lambda url: asked.append(url) or f"{url[-1]}.md")  # type: ignore[func-returns-value]
    assert asked == ["https://e.com/1", "https://e.com/2", "https://e.com/3"]
    assert to_guide(changed)["markdown"].count(".md)") == 3
    assert changed["url"] == "https://e.com/own"
    assert to_guide(whole)["links"][0]["url"] == "https://e.com/1"
