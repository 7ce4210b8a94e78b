"""How hits show themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.results.search import Hit, SearchHits
from tests.results.samples import HITS


def test_the_frame_is_for_work() -> None:
    """It has the snippet without marks, and where it is in parts."""
    frame = HITS.to_frame()
    assert [*frame.columns] == ["kind", "source", "title", "path", "snippet", "url"]
    assert frame["snippet"][1] == "过温过温"


def test_the_text_has_words_between_asterisks() -> None:
    """Two marks side by side read as one."""
    assert HITS[1].marked_text == "**过温过温**"
    assert repr(HITS).splitlines()[3].split(maxsplit=1) == ["s", "people > row 7  **过温过温**"]


def test_the_page_marks_the_words_and_links_to_their_place() -> None:
    """Each word is marked on its own; an address that would run code is no link."""
    page = HITS._repr_html_()
    assert "先查<mark>过温</mark> &lt;img" in page
    assert '<a href="https://example.feishu.cn/docx/D#b"' in page
    assert "s &gt; people &gt; row 7<div><mark>过温</mark><mark>过温</mark></div>" in page


def hit(**more: Any) -> Hit:
    given: dict[str, Any] = {
        "kind": "document", "source": "s", "title": "t", "path": "p", "snippet": "a word here", "url": "https://x/1",
    }  # fmt: skip
    return Hit(**given | more)


@pytest.mark.parametrize(
    ("title", "path", "place"),
    [("t", "p", "t > p"), ("s", "p", "p"), ("t", "", "t"), ("", "p", "p"), ("s", "s", ""), ("", "", "")],
)
def test_where_a_hit_is(title: str, path: str, place: str) -> None:
    """What the source is called is told already."""
    assert hit(title=title, path=path).place == place


@given(st.text(max_size=20), st.lists(st.integers(0, 20), max_size=6))
def test_marks_lose_no_letter(snippet: str, places: list[int]) -> None:
    """Whatever is marked: without the marks it is the snippet again."""
    ends = sorted(place for place in places if place <= len(snippet))
    marks = tuple(zip(ends[::2], ends[1::2], strict=False))
    marked = hit(snippet=snippet, marks=marks).marked(str, "\0{}\1".format)
    assert marked.replace("\0", "").replace("\1", "") == snippet.replace("\0", "").replace("\1", "")
    assert marked.count("\0") - snippet.count("\0") == len(marks)


def test_a_hit_as_html() -> None:
    """Everything from outside is escaped; only a web address becomes a link."""
    evil = hit(source="<b>", title="<i>", path="", snippet="<u> & word", marks=((6, 10),), url='https://x/"1')
    assert evil.html() == (
        '<div style="margin:6px 0"><a href="https://x/&quot;1" target="_blank" rel="noopener noreferrer">'
        "&lt;b&gt; &gt; &lt;i&gt;</a><div>&lt;u&gt; &amp; <mark>word</mark></div></div>"
    )
    for url in ("javascript:alert(1)", "", "data:text/html,x", "ftp://x"):
        assert "href" not in hit(url=url).html()
    assert 'href="http://x"' in hit(url="http://x").html()


def test_hits_tell_how_many_there_were() -> None:
    """By kind, also those that the limit left out; two marks side by side read as one."""
    hits = SearchHits([hit(snippet="ab cd", marks=((0, 1), (1, 2), (3, 5)))], {"document": 3, "bitable": 4})
    assert hits.footer() == "1 of 7 hits: document 3, Bitable 4."
    assert hits.found == 7
    assert hits.shown() == (["Source", "Where", "Passage"], [["s", "t > p", "**ab** **cd**"]])
    assert SearchHits([hit()]).footer() == "1 hit: document 1."
    assert "<mark>" in hits._repr_html_()


def test_where_nothing_is_found_the_nearest_texts_are_told() -> None:
    """In a terminal and, escaped, in a notebook; without any it says just that."""
    assert SearchHits().footer().startswith("Nothing found")
    hits = SearchHits(near=["电机过热", "<img>"])
    assert hits.near == ("电机过热", "<img>")
    assert "Did you mean 电机过热, <img>?" in repr(hits)
    assert "&lt;img&gt;" in hits._repr_html_()
    assert "<img>" not in hits._repr_html_()
