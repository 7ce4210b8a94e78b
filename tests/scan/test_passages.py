"""Passages in blocks, and as they were written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from larknb.scan.folding import without_marks
from larknb.scan.passages import Passage, folded_of, pieces_of
from tests.passages import apart, blocks_of, passage, together

HARD = "aAＡé\u0301ﬁ℃…ﾞｶ각\u1161，。\x1d\x1e\x1f\ud83d\U0001f600\n"
hard = st.text(st.sampled_from(HARD) | st.characters(), max_size=12)


@given(st.lists(st.tuples(st.lists(hard.filter(bool), max_size=3), hard), max_size=6))
def test_passages_come_apart_as_they_were(written: list[tuple[list[str], str]]) -> None:
    """Headings, text and address, whatever folding did to them; but for marks of our own, and a first line end."""
    passages = [passage(text, *path, url=f"u{number}") for number, (path, text) in enumerate(written)]
    plain = [
        each._replace(path=tuple(map(without_marks, each.path)), text=without_marks(each.text).removeprefix("\n"))
        for each in passages
    ]
    assert [each for some in together(passages) for each in apart(some)] == plain


def test_many_passages_make_many_blocks() -> None:
    """Each ends with a passage, and none is lost, not even one that is larger than a block."""
    passages = [passage("热" * size, str(number)) for number, size in enumerate([10, 900_000, *[1000] * 2000, 0])]
    (some,) = together(passages)
    pieces = [*pieces_of(some)]
    assert len(pieces) > 4
    assert b"".join(piece.joined for piece in pieces) == some.joined
    assert [each.text for each in apart(some)] == [each.text for each in passages]


def test_a_block_knows_its_table() -> None:
    """What all its passages have in common is said once; without addresses of their own they have that of the table."""
    (block,) = blocks_of([together([passage("a", "b", title="表Ａ")])[0]._replace(urls=())])
    assert (block.folded_title, block.size) == ("表a", len(block.folded()))
    assert folded_of(next(pieces_of(together([passage("甲")])[0])))[1].odd == {}
    assert [*apart(together([passage("a", "b", title="表Ａ")])[0]._replace(urls=()))] == [
        Passage("document", "source", "表Ａ", ("b",), "a", "https://example.com/d")
    ]
