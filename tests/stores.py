"""What the tests of published stores share: states that one can tell apart, and a reader elsewhere."""

from __future__ import annotations

import importlib.metadata
import os
from contextlib import suppress
from pathlib import Path

import pytest

from larknb.workspace import Workspace
from tests.conftest import Lab, sync, text


def need(*packages: str) -> None:
    """Skip where a package is not installed; `.ci/run` installs all of them, so there it is a failure."""
    missing = {*packages}
    for each in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            importlib.metadata.distribution(each)
            missing.remove(each)
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(sorted(missing))}")


def live_elsewhere(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Be another person: another home, without a token."""
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        patch.setenv(name, str(home))


def change(lab: Lab, number: int) -> None:
    """Bring both tables of the lab into a state of this number, and sync it."""
    lab.later()
    lab.people.edit(next(iter(lab.people.rows)), {"age": number})
    lab.teams.edit(next(iter(lab.teams.rows)), {"title": text(f"team {number}")})
    lab.clock.advance(60)
    sync(lab, force=True).raise_for_failures()


def state_of(workspace: Workspace) -> tuple[int, int]:
    """Return the numbers of the state that both tables are in: two that differ are a mixed state."""
    tables = workspace.tables("s1")
    return int(tables["people"]["age"].iloc[0]), int(str(tables["teams"]["title"].iloc[0]).removeprefix("team "))


def reader(lab: Lab, address: object) -> Workspace:
    """Return the published store as somebody else opens it."""
    return Workspace(str(address), clock=lab.clock, sleep=lab.clock.sleep)
