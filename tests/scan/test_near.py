"""What is offered where nothing is found: texts that are there, and differ by little."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.scan import search as scan
from tests.passages import blocks_of, passage, search, together

TEXT = "驱动电机过热，见 P0A1F-00；ＯＶＥＲ_temp 上报，绝缘电阻偏低"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("电机过惹", "电机过热"),  # another character
        ("电过热", "电机过热"),  # one that is missing
        ("电机机过热", "电机过热"),  # one too many
        ("电机热过", "电机过热"),  # two exchanged
        ("过热电机", "电机过热"),  # its parts in another order
        ("P0A1G-00", "P0A1F-00"),
        ("PA01F-00", "P0A1F-00"),
        ("over_tmep", "ＯＶＥＲ_temp"),  # as it is written
        ("ｏｖｅｒtemp", "ＯＶＥＲ_temp"),
        ("过惹", "过热"),
        ("见P0A1F", "见 P0A1F"),  # a blank is a character, too
        ("temp_上报", "temp 上报"),
        ("电机 绝缘电租", "电机 绝缘电阻"),  # one of two words
        ("电击 绝缘电租", "电机 绝缘电阻"),  # both, and no other choice
        ("过热绝缘", "过热 绝缘"),  # its parts apart
    ],
)
def test_what_is_near_is_offered(typed: str, offered: str) -> None:
    """By one character, or the order of its parts; searched for, it is found."""
    passages = [passage("前面没有"), passage(TEXT, "步骤"), passage("后面也没有")]
    hits = search(passages, typed)
    assert (len(hits), hits.near[:1]) == (0, (offered,))
    assert [hit.path for hit in search(passages, hits.near[0])] == ["步骤"]


@pytest.mark.parametrize("typed", ["", "热", "毫无关系", "电xy过热", "过热 毫无关系", "\ud83d", "长" * 500, "a\\b[c.*"])
def test_what_is_not_near_is_not_offered(typed: str) -> None:
    """Also not for a single character, which is near to all others, and for what is no text."""
    assert search([passage(TEXT.replace("过热", "过惹"), "步骤")], typed).near == ()


def test_words_in_titles_and_headings_are_offered() -> None:
    """They are found there, too."""
    passages = [passage("", title="电机指引"), passage("测量", "定位步骤", title="电机指引")]
    assert search(passages, "电机指印").near == ("电机指引",)
    assert search(passages, "定为步骤").near == ("定位步骤",)
    assert search(passages, "电机指印 测量").near == ("电机指引 测量",)


def test_the_most_frequent_comes_first() -> None:
    """Five at most."""
    words = ["过热", "过温", "过压", "过流", "过载", "过充"]
    passages = [
        passage(f"{word}{number}", f"{word} {number}") for number, word in enumerate(words) for _ in range(number + 1)
    ]
    assert search(passages, "过低").near == ("过充", "过载", "过流", "过压", "过温")


def test_the_right_number_is_found_among_thousands() -> None:
    """What was typed right stays as it is, however many are near to it."""
    passages = [passage(f"person {number}", str(number)) for number in range(3000)]
    assert search(passages, "persan 2817").near == ("person 2817",)


def test_a_search_that_finds_something_offers_nothing() -> None:
    """There is no need."""
    assert search([passage(TEXT)], "过热").near == ()


@given(st.lists(st.text("甲乙丙a ", max_size=8), max_size=6), st.text("甲乙丙丁a ", min_size=1, max_size=6))
def test_what_is_offered_is_found(texts: list[str], typed: str) -> None:
    """Always, and it is not what was typed."""
    passages = [passage(text, title="") for text in texts]
    for offered in search(passages, typed).near:
        assert search(passages, offered).found
        assert offered.split() != typed.split()


def test_the_time_is_bounded() -> None:
    """By a clock: when it is over, what was found until then is offered."""
    passages = [passage(f"文{number} 电机过热" + "。" * 3000, str(number)) for number in range(900)]
    blocks = blocks_of(together(passages))
    assert len(blocks) > 5
    times = iter([0.0, 0.1, *[99.0] * 99])
    assert scan.search(blocks, "电机过惹", clock=lambda: next(times)).near == ("电机过热",)
    late = iter([0.0, *[99.0] * 99])
    began = time.process_time()
    assert scan.search(blocks, "电机过惹", clock=lambda: next(late)).near == ()
    assert time.process_time() - began < 2
