"""Words -> the passages that hold them all, and how they are shown."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.results.search import SearchHits
from larknb.scan import Passage, search
from tests.passages import passage


def marked(hits: SearchHits) -> list[str]:
    """The words that were found, as the first snippet marks them."""
    return [hits[0].snippet[start:end] for start, end in hits[0].marks]


# --- what is found --------------------------------------------------------------------------------------------------


@given(
    st.lists(st.text(alphabet="热温过电aAＡb，, ", max_size=12), max_size=8),
    st.text(alphabet="热温过aAＡ，,", min_size=1, max_size=3),
)
def test_recall_is_exact(texts: list[str], word: str) -> None:
    """Every passage that holds the word is found, and no other; width and case do not count."""
    plain = {"Ａ": "a", "A": "a", "，": ","}
    simple = ["".join(plain.get(char, char) for char in text) for text in texts]
    wanted = "".join(plain.get(char, char) for char in word)
    hits = search([passage(text, f"h{n}", title="") for n, text in enumerate(texts)], word, limit=99)
    assert {hit.path for hit in hits} == {f"h{n}" for n, text in enumerate(simple) if wanted in text}


def test_several_words_must_all_be_there() -> None:
    """In any order and at any distance; a heading further up counts, too."""
    passages = [
        passage("先测绝缘，再测温度", "电池包", "检查"),
        passage("只测绝缘", "电机", "检查"),
        passage("温度", "电池包", "别处"),
    ]
    assert [hit.path for hit in search(passages, "温度 绝缘")] == ["电池包 > 检查"]
    assert [hit.path for hit in search(passages, "绝缘\u3000电机")] == ["电机 > 检查"]
    assert not search(passages, "绝缘 制动")


def test_a_title_finds_its_document_once() -> None:
    """The title stands above every section, but only the first passage, which stands for the document, is a hit."""
    passages = [passage("开头", title="电机指引"), passage("步骤", "检查", title="电机指引")]
    hits = search(passages, "电机指引")
    assert [(hit.title, hit.path) for hit in hits] == [("电机指引", "")]


def test_headings_rank_first_then_titles_then_hits() -> None:
    """Ties stay in the order of their sources."""
    passages = [
        passage("过温", "one"),
        passage("过温，过温", "two"),
        passage("过温", "three", title="过温指引"),
        passage("", "过温判据"),
        passage("过温", "five"),
    ]
    hits = search(passages, "过温")
    assert [hit.path for hit in hits] == ["过温判据", "three", "two", "one", "five"]


def test_limit_and_kind() -> None:
    """What is left out is counted; another kind is not looked at."""
    passages = [passage("绝缘", str(n)) for n in range(30)]
    hits = search([*passages, passages[0]._replace(kind="bitable")], "绝缘", kind="document", limit=5)
    assert (len(hits), hits.found) == (5, 30)
    assert search(passages, "绝缘", limit=0).found == 30


@pytest.mark.parametrize("nothing", ["", "   ", "\u3000"])
def test_no_words_find_nothing(nothing: str) -> None:
    """An empty search has no hits instead of all."""
    assert len(search([passage("绝缘")], nothing)) == 0


# --- the snippet ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("报文 ＯＶＥＲ_temp 上报", "over_TEMP", ["ＯＶＥＲ_temp"]),
        ("阻值㎏与②", "kg 2", ["㎏", "②"]),  # one character that folds to two
        ("ﬁlter Straße", "FILTER STRASSE", ["ﬁlter", "Straße"]),
        ("e\u0301tat", "état", ["e\u0301tat"]),  # a letter and its accent fold together
        ("\u1100\u1161\u11a8 x", "각", ["\u1100\u1161\u11a8"]),
        ("xa\u0332\u0301", "á", ["a\u0332\u0301"]),  # the accent passes the line below the letter
        ("过温过温", "过温", ["过温", "过温"]),
        ("aab", "aa ab", ["aa"]),
        ("P0A1F-00 与 p0a1f-00", "P0A1F-00", ["P0A1F-00", "p0a1f-00"]),
    ],
)
def test_the_hit_is_marked_as_it_is_written(text: str, words: str, expected: list[str]) -> None:
    """The marks are in the unfolded text, whatever folding does to lengths."""
    assert marked(search([passage(text)], words)) == expected


letters = st.characters() | st.sampled_from("aeＡﬁ㎏\u0301\u0332\u0327\u1100\u1161\u11a8 \n")


@given(st.text(letters, max_size=200), st.integers(0, 199), st.integers(1, 4))
def test_every_hit_shows_its_mark(text: str, start: int, length: int) -> None:
    """Whatever the text is: a piece of it that is found is marked in the snippet, and the marks are in order."""
    word = text[start : start + length]
    hits = search([passage(text, "heading")], word)
    for hit in hits:
        ends = [0, *(place for mark in hit.marks for place in mark)]
        assert ends == sorted(ends)
        assert hit.marked(str, str) == hit.snippet
        assert hit.marks or unicodedata.combining(text[start]) or len(word.split()) != 1


def test_a_long_text_shows_what_surrounds_its_first_hit() -> None:
    """The snippet is one short line with the hit in it and dots where something was left out."""
    hit = search([passage("前" * 5000 + "\n电机过热\n" + "后" * 5000)], "电机过热")[0]
    assert hit.snippet.startswith("…前")
    assert hit.snippet.endswith("后…")
    assert "前 电机过热 后" in hit.snippet
    assert len(hit.snippet) < 110


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电" + "\u0301" * 50_000 + "机过热", "机过热"),
        ("ﬃ" * 25_000 + "机过热" + "ﬃ" * 25_000, "机过热"),
        ("\u1112\u1161\u11ab" * 10_000 + "机过热", "机过热"),
    ],
)
def test_a_hostile_cell_takes_no_longer_than_another(text: str, shown: str) -> None:
    """As many characters as a cell holds, all of one word and folding together: its hit is shown in a moment."""
    began = time.process_time()
    assert marked(search([passage(text)], shown)) == [shown]
    assert time.process_time() - began < 2


def test_a_hit_in_the_heading_shows_the_heading() -> None:
    """Where the text itself does not hold the word, the snippet begins with the heading that does."""
    hits = search([passage("断开高压", "定位", "过温检查")], "过温")
    assert hits[0].snippet == "过温检查 · 断开高压"
    assert marked(hits) == ["过温"]


# --- how hits show themselves ---------------------------------------------------------------------------------------


def test_hits_as_frame_text_and_html() -> None:
    """The frame is for work, the text has its hits between asterisks, the HTML marks them and links to the place."""
    hits = search([passage("先查过温", "步骤", title="source")], "过温")
    assert list(hits.to_frame().columns) == ["kind", "source", "title", "path", "snippet", "url"]
    assert hits.to_frame()["snippet"].tolist() == ["先查过温"]
    assert "source  步骤   先查**过温**" in repr(hits)
    html = hits._repr_html_()
    assert "先查<mark>过温</mark>" in html
    assert '<a href="https://example.com/d"' in html
    assert "Nothing found" in repr(search([], "x"))


def test_hostile_text_injects_no_html() -> None:
    """Titles, headings, texts, sources and addresses come from outside."""
    evil = '<img src=x onerror="alert(1)">'
    bad = Passage("document", evil, evil, (evil,), f"{evil} 过温 \x1b[31m", 'https://x/"onclick="alert(1)')
    script = bad._replace(url="javascript:alert(1)")
    for hits in (search([bad, script], "过温"), search([bad, script], "onerror"), search([bad], "<img")):
        html = hits._repr_html_()
        assert "<img" not in html
        assert '"onclick' not in html
        assert "javascript:" not in html
        assert "\x1b" not in repr(hits)
