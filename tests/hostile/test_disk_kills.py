"""A sync that is killed at a file operation, whichever it is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.hostile.dying import Dying, dying
from tests.hostile.labs import KINDS, Case, cases

pytestmark = [pytest.mark.crash, pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    """A case of each kind, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LARKNB_LANG", "en")
        patch.setenv("LARKNB_SETTLE", "0")
        with cases(tmp_path_factory.mktemp("disk")) as found:
            yield found


@pytest.fixture(scope="module")
def forks(made: dict[str, Case]) -> Iterator[Dying]:
    """What forks a sync to be killed."""
    with dying() as process:
        yield process


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sync_may_be_killed_at_any_file_operation(made: dict[str, Case], forks: Dying, kind: str) -> None:
    """Afterwards the old state reads or the new one, nothing waits for the dead, and the next sync heals it."""
    case, at, outcomes = made[kind], 1, []
    workspace = case.again()
    while forks.sync(workspace.root, at, case.now):
        state = case.state(workspace)
        assert state in (case.old, case.new), at
        outcomes.append(state == case.new)
        workspace.sync(progress=False).raise_for_failures()
        assert case.state(workspace) == case.new, at
        assert not [*workspace.root.rglob(".manifest*.tmp")], at
        workspace, at = case.again(), at + 1
    assert outcomes == sorted(outcomes), "a state came back"
    assert len(outcomes) > 20
    assert {*outcomes} == {False, True}
