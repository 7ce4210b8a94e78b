"""Many passages folded at once are what each is by itself, and nothing of how they were written is lost."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from larknb.scan.folding import END, fold, fold_all, fold_char, without_marks

HARD = (
    "aAＡé\u0301\u0332\u0327ﬁ㎏℃…ßẞﾞｶ\u3099か①⑩½각\u1100\u1161\u11a8\uffa1\uffc2\u09c7\u09be\u0345\n ，。"
    "\U0001f600\U0001d400\U0002f800\ud83d"
)
texts = st.lists(st.text(st.sampled_from(HARD) | st.characters(exclude_characters=END), max_size=8), max_size=8)


@given(texts)
def test_passages_fold_as_each_by_itself(passages: list[str]) -> None:
    """Whatever joins, passes or becomes what in them."""
    folded = fold_all("".join(passage + END for passage in passages))
    assert folded.data.decode("utf-8", "surrogatepass") == "".join(fold(passage) + END for passage in passages)


def test_every_character_folds_as_by_itself() -> None:
    """All that there are, one after the other."""
    chars = [chr(point) for point in range(0x110000) if chr(point) != END and not 0x30000 <= point < 0xE0000]
    folded = fold_all("".join(char + END for char in chars)).data.decode("utf-8", "surrogatepass").split(END)
    assert [char for char, found in zip(chars, folded[:-1], strict=True) if fold(char) != found] == []


def test_what_joins_the_character_before_it_is_known() -> None:
    """All that composes with an earlier one, by this Python's own table, is taken for joining."""
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            assert fold_char(chr(int(parts[1], 16)))[1], hex(point)
    assert [fold_char(char)[1] for char in "\u0301ﾞ\u1161\u11a8Aé热각"] == [True] * 4 + [False] * 4


def test_most_passages_need_no_copy() -> None:
    """A character that folds to one is kept by its place; only where that is not so, the passage as it was."""
    folded = fold_all(f"电机，过热{END}5℃{END}ABC{END}")
    assert folded.data.decode() == f"电机,过热{END}5°c{END}abc{END}"
    assert folded.odd == {1: "5℃"}
    assert [chr(char) for char in folded.chars] == ["，", "A", "B", "C"]
    assert [folded.data[at : at + 1] for at in folded.at] == [b",", b"a", b"b", b"c"]


def test_our_own_marks_become_blanks() -> None:
    """They would cut a passage in two."""
    assert without_marks("a\x1db\x1ec\x1fd\x1ce") == "a b c d\x1ce"
