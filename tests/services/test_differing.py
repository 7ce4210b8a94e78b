"""What changed between two states that the cache keeps."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from larknb.cli import main
from larknb.errors import NotFound
from larknb.sandbox import Field
from tests.conftest import Lab, text


@pytest.fixture
def edited(synced: Lab) -> Lab:
    """A base after an edit, a new row and a deleted one."""
    (first, second, *_) = synced.people.rows
    synced.people.edit(first, {"age": 99})
    synced.people.delete(second)
    synced.people.add({"name": text("新人"), "age": 1})
    synced.later(7200).workspace.sync(progress=False).raise_for_failures()
    return synced


def told(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.drop(columns="key").itertuples(index=False)]


def test_what_changed_since_the_state_before(edited: Lab) -> None:
    """Offline: added and removed rows by what people call them, cells with both values."""
    edited.box.stop()
    found = edited.workspace.diff("s1/people")
    assert told(found.to_frame()) == [
        ("removed", None, "person 1", None), ("added", None, None, "新人"), ("changed", "age", 0.0, 99.0),
    ]  # fmt: skip
    assert found.added is not None and found.added["name"].tolist() == ["新人"]
    assert "1 added, 1 removed, 1 changed" in repr(found)


def test_a_whole_source_is_compared_table_by_table(edited: Lab) -> None:
    """Only tables in which something changed are told."""
    frame = edited.workspace.diff("s1").to_frame()
    assert set(frame["change"]) == {"added", "removed", "changed"} and "table" not in frame


def test_states_are_named_as_in_load(edited: Lab) -> None:
    """An index, and both ends; the other way round what came is what went."""
    assert len(edited.workspace.diff("s1/people", since=-2)) == 3
    assert len(edited.workspace.diff("s1/people", since=-1)) == 0
    back = edited.workspace.diff("s1/people", since=-1, until=-2)
    assert back.removed is not None and back.removed["name"].tolist() == ["新人"]
    with pytest.raises(NotFound):
        edited.workspace.diff("s1/people", since=-9)


def test_nothing_but_one_state_is_no_change(synced: Lab) -> None:
    """After the first sync there is nothing to compare with."""
    found = synced.workspace.diff("s1/people")
    assert not found and "nothing changed" in repr(found)


def test_a_renamed_column_is_told_as_such(synced: Lab) -> None:
    """Not as one that went and one that came."""
    synced.people.rename_field("fldAge", "年龄")
    synced.people.add_field(Field("新列", 1))
    synced.later(7200).workspace.sync(progress=False).raise_for_failures()
    changes = synced.workspace.diff("s1/people", since=-2).column_changes
    assert [(each.change, each.before, each.column) for each in changes] == [
        ("renamed", "age", "年龄"), ("added", "", "新列"),
    ]  # fmt: skip


def test_changed_links_are_told_by_their_texts(synced: Lab) -> None:
    """A renamed team changes what its people show, though none of their rows was edited."""
    team = next(iter(synced.teams.rows))
    synced.teams.edit(team, {"title": text("改名")})
    synced.later(7200).workspace.sync(progress=False).raise_for_failures()
    found = synced.workspace.diff("s1/people", since=-2).to_frame()
    assert set(found["column"]) == {"team"} and len(found) == 15


def test_the_command_line_tells_it(
    edited: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people, as JSON, as CSV."""
    monkeypatch.chdir(edited.workspace.root)
    assert main(["diff", "s1/people"]) == 0
    assert "person 1" in capsys.readouterr().out
    assert main(["diff", "s1/people", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 3
    assert main(["diff", "s1/people", "--csv"]) == 0
    assert capsys.readouterr().out.startswith("change,key,column,before,after\n")
