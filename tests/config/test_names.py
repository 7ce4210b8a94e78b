from __future__ import annotations

import pytest

from larknb.config.names import choose, choose_all, free_name
from larknb.errors import NotFound
from larknb.model import Source


def source(name: str, token: str = "") -> Source:
    return Source(name, "https://x.cn/base/t", "bitable", token or f"T{name}")


def test_a_name_means_the_longest_source_it_begins_with() -> None:
    """The whole name comes first; then the longest source name before a slash, and the rest is the table."""
    short, long, other = source("A"), source("A/B"), source("人力（2026）")
    sources = [short, long, other]
    assert choose(sources, "A/B") == (long, None)
    assert choose(sources, "A/C") == (short, "C")
    assert choose(sources, "A/B/C/D") == (long, "C/D")
    assert choose(sources, "A/") == (short, None)
    assert choose(sources, "人力(2026)／人员（内部）") == (other, "人员（内部）")


def test_an_exact_name_wins_over_an_equal_one() -> None:
    """Titles that were filled in may be NFKC-equal; the one that is spelt so is meant."""
    wide, narrow = source("Ａ"), source("A")
    assert choose([wide, narrow], "A") == (narrow, None)
    assert choose([wide, narrow], "Ａ") == (wide, None)


def test_an_unknown_name_gets_near_ones_alone() -> None:
    """Those that are spelt much alike, or that hold the word; else where they are listed, or how to add one."""
    sources = [source(name) for name in ("功能安全部人力盘点", "功能安全业务数据", "故障指引", "zzz")]
    with pytest.raises(NotFound) as caught:
        choose(sources, "功能安全人力盘点")
    assert caught.value.next == "did you mean 功能安全部人力盘点?"
    with pytest.raises(NotFound, match="did you mean 功能安全业务数据 · 功能安全部人力盘点"):
        choose(sources, "功能安全")
    with pytest.raises(NotFound, match="larknb sources lists"):
        choose(sources, "quarterly budget")
    with pytest.raises(NotFound, match="did you mean 过温"):
        choose([source("过温"), source("故障")], "过湿")  # one of two characters
    with pytest.raises(NotFound, match="larknb add"):
        choose([source("", "T1")], "")


def test_several_names_are_chosen_each_once() -> None:
    """Names come back in their order, and two spellings of one source count as one."""
    a, b = source("A"), source("B")
    assert choose_all([a, b], ["B", "A", "Ｂ", "A/x"]) == [(b, None), (a, None), (a, "x")]
    with pytest.raises(NotFound, match="C"):
        choose_all([a, b], ["A", "C"])


def test_a_title_that_is_taken_gets_a_number() -> None:
    """Two bases may be called the same; the next free number tells them apart."""
    assert free_name("A", []) == "A"
    assert free_name("A", ["A", "A 2", "B"]) == "A 3"
