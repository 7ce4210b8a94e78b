"""What the cache keeps of earlier states: each is what it was, and their differences add up."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from larknb.sandbox import Table
from tests.conftest import Lab, text


def edit(table: Table, dice: random.Random) -> None:
    """Change, add and delete a few rows, in whatever order."""
    for _ in range(dice.randrange(1, 6)):
        rows = list(table.rows)
        what = dice.choice(("edit", "edit", "add", "delete", "clear"))
        if what == "add" or len(rows) < 20:
            table.add({"name": text(f"新 {dice.randrange(1000)}"), "age": dice.randrange(90)})
        elif what == "delete":
            table.delete(dice.choice(rows))
        else:
            table.edit(dice.choice(rows), {"age": None if what == "clear" else dice.randrange(90) / 2})


def plain(frame: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Return what a frame holds but for the columns of the system, by key; None where a cell is empty."""
    names = [name for name in frame.columns if not str(name).startswith("_")]
    return {
        key: {
            str(name): None if not isinstance(row[name], tuple) and pd.isna(row[name]) else row[name] for name in names
        }
        for key, row in frame.iterrows()
    }


@pytest.mark.parametrize("seed", range(3))
def test_states_are_what_they_were_and_differences_add_up(synced: Lab, seed: int) -> None:
    """After many edits every state loads as it did then, and what changed makes the later one of the earlier one."""
    dice, workspace = random.Random(seed), synced.workspace
    states = [plain(workspace.load("s1/people"))]
    for _ in range(5):
        edit(synced.people, dice)
        synced.later(7200).workspace.sync(progress=False).raise_for_failures()
        states.append(plain(workspace.load("s1/people")))
    count = len(states)
    for at, state in enumerate(states):
        assert plain(workspace.load("s1/people", as_of=at - count)) == state
    for since, until in ((0, count - 1), (1, 3), (count - 1, 0), (count - 2, count - 1)):
        found = workspace.diff("s1/people", since=since - count, until=until - count)
        assert found.added is not None and found.removed is not None
        rows = {key: dict(row) for key, row in states[since].items() if key not in found.removed.index}
        for cell in found.parts[0].cells:
            rows[cell.key][cell.column] = cell.after
        assert rows | plain(found.added) == states[until]
