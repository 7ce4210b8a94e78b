"""How hits show themselves."""

from __future__ import annotations

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


def test_a_document_is_named_once() -> None:
    """Its title is mostly the source's name, which stands beside it."""
    hit = Hit("document", "guide", "guide", "步骤 > 过温", "", "")
    assert hit.place == "步骤 > 过温"


def test_the_number_of_hits_stands_below() -> None:
    """Those that the limit left out are counted, too; a search that found nothing says so."""
    assert HITS.footer() == "2 of 30 hit(s)."
    assert SearchHits().footer() == "Nothing found in the cached documents and tables."
