"""Frames for people's eyes."""

from __future__ import annotations

import pandas as pd

from tests.conftest import Lab


def test_a_table_is_shown_with_where_it_comes_from(synced: Lab) -> None:
    """By name, or some rows of it; source, age and revision stand above."""
    synced.clock.advance(7200)
    some = synced.workspace.load("s1/people").head(3)
    for view in (synced.workspace.show("s1/people", n=3), synced.workspace.show(some)):
        assert repr(view).startswith("s1 / people · synced 2 h ago · revision")


def test_any_frame_is_shown(synced: Lab) -> None:
    """One that came from elsewhere has no badges; one whose table is gone has them still."""
    assert "synced" not in repr(synced.workspace.show(pd.DataFrame({"a": [1]})))
    frame = synced.workspace.load("s1/people")
    synced.workspace.remove("s1")
    assert "s1 / people" in repr(synced.workspace.show(frame))
