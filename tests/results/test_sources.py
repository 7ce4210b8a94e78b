"""How sources, columns and files are listed."""

from __future__ import annotations

import pickle

import pytest

from larknb.results.sources import Paths, SourceList
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
