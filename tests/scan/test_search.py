"""Words -> the passages that hold them all, the best of each kind, and what was perhaps meant."""

from __future__ import annotations

import random
from functools import partial
from itertools import count
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.model import Kind
from larknb.scan.folding import fold
from larknb.scan.passages import Passage, passage_of
from larknb.scan.ranking import rank
from larknb.scan.search import search as search_blocks
from tests.passages import blocks_of, passage, search, together

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


def test_five_hundred_searches_find_what_a_plain_scan_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one to six characters, taken from what there is and not, in documents and tables, over many blocks."""
    monkeypatch.setattr("larknb.scan.passages.BLOCK", 1500)
    monkeypatch.setattr("larknb.scan.search.BLOCK", 4000)
    chance = random.Random(1)
    letters = "电机过热绝缘的一二三ＡＢＣabc012３４℃…é，。 "
    titles = [("document", "电机指引"), ("document", "ABC"), ("bitable", "缺陷表1"), ("spreadsheet", "")]
    passages = []
    for number in range(600):
        kind, title = titles[number // 30 % 4]
        text = "".join(chance.choices(letters, k=chance.randrange(60)))
        passages.append(passage(text, f"h{number}", title=title)._replace(kind=cast("Kind", kind)))
    blocks = blocks_of(together(passages))
    assert len(blocks) >= 40
    plain = [(fold(f"{each.path[0]}\0{each.text}"), each.path[0], fold(each.title)) for each in passages]
    whole = [(block, block.folded()) for block in blocks]
    for _ in range(500):
        text, length = chance.choice(plain)[0] if chance.random() < 0.8 else letters, chance.randrange(1, 7)
        start = chance.randrange(max(1, len(text) - length))
        words = fold(text[start : start + length]).replace("\0", " ").split()
        wanted = {name for text, name, title in plain if words and _holds(text, title, words)}
        ranked = [rank(whole[at : at + 4], words, 999)[0] for at in range(0, len(whole), 4)] if words else []
        names = [passage_of(each.block, each.number, each.at, each.data).path[0] for some in ranked for each in some]
        assert (len(names), {*names}) == (len(wanted), wanted), words
        assert search_blocks(blocks, " ".join(words), limit=1, clock=count(step=100).__next__).found == len(wanted)


def test_what_is_kept_of_a_block_is_for_all_of_it() -> None:
    """A second search finds the same, and so does one for near misses, which looks at some of its passages alone."""
    passages = together(passage(f"第 {number} 台 {'过热' * (number % 50 == 1)}", str(number)) for number in range(300))
    (block,), fresh = blocks_of(passages), partial(blocks_of, passages)
    block.keeps = lambda _: True
    for text in ("过热", "台", "过惹", "台 过热", "过热 第", "过惹 第"):
        again, once = search_blocks([block], text), search_blocks(fresh(), text)
        assert ([*again], again.found, again.near) == ([*once], once.found, once.near)
        assert again.found or again.near
    layout = block.layout(block.folded())
    assert block.layout(block.folded()) is layout
    assert fresh()[0].layout(block.folded()) is not layout


def _holds(text: str, title: str, words: list[str]) -> bool:
    return all(word in text or word in title for word in words) and any(word in text for word in words)


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


def test_nearness_breaks_a_tie() -> None:
    """As many hits, in another order and at another distance; what stands between them counts, not their order."""
    passages = [
        passage("过热的可能是电池、线束或者电机", "far"),
        passage("过热电机", "beside"),
        passage("电机的过热", "near"),
        passage("过热" + "热" * 30 + "电机", "farther"),
        passage("电机" + "热" * 300 + "过热" + "电机" + "很" * 300 + "过热" + "过", "often"),
    ]
    hits = search(passages, "电机 过热")
    assert [hit.path for hit in hits] == ["often", "beside", "near", "far", "farther"]


def test_limit_and_kind() -> None:
    """What is left out is counted; another kind is not looked at."""
    passages = [passage("绝缘", str(n)) for n in range(30)]
    hits = search([*passages, passages[0]._replace(kind="bitable")], "绝缘", kind="document", limit=5)
    assert (len(hits), hits.found, hits.counts) == (5, 30, {"document": 30})
    assert search(passages, "绝缘", limit=0).found == 30


def test_many_rows_hide_no_guide() -> None:
    """The best of each kind in turns, that first which fits best; all are counted, by kind."""
    rows = [passage("过温 过温", f"row {n}")._replace(kind="bitable") for n in range(54)]
    cells = [passage("过温", f"cell {n}")._replace(kind="spreadsheet") for n in range(2)]
    hits = search([*rows, *cells, passage("见下", "过温"), passage("过温", "b")], "过温", limit=8)
    assert [hit.path for hit in hits] == ["过温", "row 0", "cell 0", "b", "row 1", "cell 1", "row 2", "row 3"]
    assert hits.counts == {"document": 2, "spreadsheet": 2, "bitable": 54}
    assert [hit.kind for hit in search([*rows, passage("过温", "a")], "过温", limit=2)] == ["bitable", "document"]


@pytest.mark.parametrize("nothing", ["", "   ", "\u3000"])
def test_no_words_find_nothing(nothing: str) -> None:
    """An empty search has no hits instead of all."""
    assert len(search([passage("绝缘")], nothing)) == 0


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
