"""Which source, table and state a call is about."""

from __future__ import annotations

import pytest

from larknb.errors import ChooseTable, NotFound, NotSynced
from tests.conftest import Lab


def test_a_table_can_be_named_in_many_ways(synced: Lab) -> None:
    """By name, by table_id, behind the source's name; an unknown one lists what there is."""
    for args in (("s1", "people"), ("s1/people",), ("s1", "tblPeople"), ("ｓ１／people",)):
        assert len(synced.workspace.load(*args)) == 30
    with pytest.raises(ChooseTable, match="people") as caught:
        synced.workspace.load("s1")
    assert set(caught.value.tables) == {"people", "teams"}
    with pytest.raises(NotFound, match="teams"):
        synced.workspace.load("s1", "nope")
    with pytest.raises(NotFound, match="nope"):
        synced.workspace.load("nope")


def test_never_synced_says_how_to(lab: Lab) -> None:
    """Configured but never synced."""
    with pytest.raises(NotSynced, match="larknb sync"):
        lab.workspace.load("s1")
