"""How sources, columns and files are listed."""

from __future__ import annotations

import pickle

import pytest

from larknb.model import Source
from larknb.results.sources import Column, Columns, Paths, SourceList
from tests.results.samples import COLUMNS, SOURCES


def test_an_empty_list_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sources: the text names the next command."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    assert "larknb add URL" in repr(SourceList([]))


def test_a_wiki_link_that_nobody_followed() -> None:
    """Its kind is not known yet: None for programs, in words for people."""
    assert SOURCES.to_dicts()[1]["kind"] is None
    assert "wiki page" in repr(SOURCES)
    assert SOURCES.footer() == ""


def test_the_columns_of_a_table() -> None:
    """All options are in the frame, the first of them on the screen; the empty share is a percentage there."""
    frame = COLUMNS.to_frame()
    assert [*frame.columns] == ["name", "field_id", "type", "dtype", "description", "options", "empty"]
    assert len(frame["options"][0]) == 20_000
    assert repr(COLUMNS).splitlines()[2].split("category")[1].split()[-3:] == ["…", "(20000)", "26%"]


def test_the_folder_travels_with_its_paths() -> None:
    """Files by table, and the folder that holds them all, also in another process."""
    paths = Paths(people="/work/people.parquet")
    paths.folder = "/work"
    again = pickle.loads(pickle.dumps(paths))
    assert (again, again.folder) == ({"people": "/work/people.parquet"}, "/work")


def test_a_source_without_a_kind_is_a_wiki_page() -> None:
    """As long as nobody asked what it holds; an empty list says how to begin."""
    shown = SourceList([Source("a", "u1", None, "W"), Source("b", "u2", "document", "D", identity="tenant")]).shown()
    assert shown[1] == [["a", "wiki page", "u1", "user"], ["b", "document", "u2", "tenant"]]
    assert SourceList().footer().startswith("No sources yet")
    assert SourceList([Source("a", "u", None, "W")]).footer() == ""


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (1, "o0"), (8, "o0, o1, o2, o3, o4, o5, o6, o7"),
                                              (9, "o0, o1, o2, o3, o4, o5, o6, o7 … (9)")])  # fmt: skip
def test_eight_options_are_enough(count: int, shown: str) -> None:
    """A select may have 20,000 of them; how many there are is told."""
    columns = Columns([Column("c", "f", "t", "d", "", tuple(f"o{n}" for n in range(count)), None)])
    assert columns.shown()[1][0][5] == shown


@pytest.mark.parametrize(("empty", "shown"), [(None, ""), (0.0, "0%"), (0.126, "13%"), (1.0, "100%")])
def test_the_share_of_empty_cells(empty: float | None, shown: str) -> None:
    """In whole percent; what is not known is no zero."""
    assert Columns([Column("c", "f", "t", "d", "", (), empty)]).shown()[1][0][6] == shown
