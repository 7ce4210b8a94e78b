"""The nouns that travel: what identifies a source, and how long a cache is good."""

from __future__ import annotations

from larknb.model import Policy, Source


def test_what_identifies_a_source() -> None:
    """Its token and the part of its address; what it is called, and what a wiki page stands for, do not."""
    source = Source("a", "u", None, "Wik1", wiki=True, about={"title": "t"})
    assert (source.key, source.target) == ("Wik1", "Wik1")
    part = Source("b", "u", "bitable", "Wik1", part="tbl1", obj_token="App1")
    assert (part.key, part.target) == ("Wik1/tbl1", "App1")
    assert source == Source("a", "u", None, "Wik1", wiki=True, about={"title": "other"})
    assert "title" not in repr(source)


def test_how_a_source_shows_itself() -> None:
    """By what is known of it: what is as usual only disturbs in a notebook."""
    source = Source("a", "u", "bitable", "App1", options={"view": "v"})
    assert repr(source) == "Source(name='a', url='u', kind='bitable', token='App1', options={'view': 'v'})"


def test_how_long_a_cache_is_good() -> None:
    """Without a word in the settings: an hour, a day, ninety days."""
    assert Policy() == Policy(3600, 24 * 3600, 90 * 24 * 3600)
