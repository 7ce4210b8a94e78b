"""A disk that refuses one file operation of a sync, or all from there on, whichever it is."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress

import pytest

from larknb.cli import main
from larknb.errors import LarkError, NotSynced
from larknb.visit import UnexpectedError
from larknb.workspace import Workspace
from tests.hostile.faults import ERRORS, broken, limited
from tests.hostile.labs import KINDS, Case, cases

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the faults are those of POSIX")

CODES = {errno.errorcode[error]: error for error in ERRORS}
# What is said of a file whose errors are not told: cached data must open without it.
SECRET = "The secret of app"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    """A case of each kind, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LARKNB_LANG", "en")
        patch.setenv("LARKNB_SETTLE", "0")
        with cases(tmp_path_factory.mktemp("disk")) as found:
            yield found


def badly_told(workspace: Workspace) -> list[str]:
    """Sync, and return what is wrong with how that failed; nothing if it did not fail."""
    try:
        errors = [*workspace.sync(progress=False).errors.values()]
    except LarkError as error:
        errors = [error]
    return [
        str(error)
        for error in errors
        if isinstance(error, UnexpectedError)
        or "Next:" not in str(error)
        or not (str(workspace.root) in str(error) or SECRET in str(error))
    ]


def wrong_after(case: Case, error: int, at: int, *, lasts: bool) -> list[str]:
    """Let one operation fail, and return what is not as it should be after it and after the next sync."""
    workspace = case.again()
    with broken(workspace.root, error, at, lasts=lasts) as disk:
        wrong = badly_told(workspace)
    if case.state(workspace) not in (case.old, case.new):
        wrong.append("the state is neither the old nor the new one")
    workspace.sync(progress=False).raise_for_failures()
    if case.state(workspace) != case.new:
        wrong.append("the next sync does not heal it")
    return [f"{errno.errorcode[error]}, {disk.done[at - 1]}: {each}" for each in wrong]


def operations(case: Case, error: int) -> int:
    """Return how many operations a sync takes that may fail so."""
    workspace = case.again()
    with broken(workspace.root, error) as disk:
        workspace.sync(progress=False).raise_for_failures()
    return len(disk.done)


def tries(case: Case, errors: dict[str, int], step: int = 1) -> Iterator[tuple[int, int, bool]]:
    """Yield each operation for each error, once to fail alone and once with all that follow, in turn."""
    for number, error in enumerate(errors.values()):
        for at in range(1 + number % step, operations(case, error) + 1, step):
            yield error, at, bool((at + number) // step % 2)


@pytest.mark.parametrize("kind", KINDS)
def test_an_operation_of_a_sync_may_fail(made: dict[str, Case], kind: str) -> None:
    """A result or an error that names the file, the old or the new state, and the next sync heals it: a sample."""
    case, sample = made[kind], {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
    found = [wrong_after(case, error, at, lasts=lasts) for error, at, lasts in tries(case, sample, 61)]
    assert len(found) > 1
    assert [each for wrong in found for each in wrong] == []


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_any_operation_of_a_sync_may_fail(made: dict[str, Case], kind: str) -> None:
    """The same for every operation; each error in turn where several are possible. LARKNB_EXPLORE=1 tries them all."""
    case = made[kind]
    step = 1 if os.environ.get("LARKNB_EXPLORE") else 4
    found = [wrong_after(case, error, at, lasts=lasts) for error, at, lasts in tries(case, CODES, step)]
    assert [each for wrong in found for each in wrong] == []


def as_new(case: Case) -> Workspace:
    """Return the workspace as it is before its first sync."""
    workspace = case.again()
    for path in (workspace.root / "work").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in ("app_secret.json", workspace.settings.token_file.name):
            path.unlink()
    return workspace


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("kind", KINDS)
def test_any_operation_of_a_first_sync_may_fail(made: dict[str, Case], kind: str, name: str) -> None:
    """Nothing is there, or all of it; and the next sync goes on."""
    case = made[kind]
    with broken((workspace := as_new(case)).root, CODES[name]) as disk:
        workspace.sync(progress=False).raise_for_failures()
    for at in range(1, len(disk.done) + 1, 8):
        workspace = as_new(case)
        with broken(workspace.root, CODES[name], at, lasts=bool(at % 16 == 1)):
            assert badly_told(workspace) == []
        with suppress(NotSynced):
            assert case.state(workspace) == case.new, disk.done[at - 1]
        workspace.sync(progress=False).raise_for_failures()
        assert case.state(workspace) == case.new, disk.done[at - 1]


@pytest.mark.parametrize("size", [1, 700, 3000])
@pytest.mark.parametrize("kind", KINDS)
def test_the_system_itself_may_refuse_to_write(made: dict[str, Case], kind: str, size: int) -> None:
    """No file may grow beyond some bytes: a real refusal, also of what C libraries write."""
    case = made[kind]
    workspace = case.again()
    with limited(size):
        assert badly_told(workspace) == []
        assert case.state(workspace) in (case.old, case.new)
    workspace.sync(progress=False).raise_for_failures()
    assert case.state(workspace) == case.new


# --- a workspace that cannot be written -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_workspace_that_cannot_be_written_can_be_read(made: dict[str, Case], kind: str) -> None:
    """Load, schema, document, search and status work; a sync says in one sentence that it cannot write."""
    case = made[kind]
    workspace = case.again()
    with broken(workspace.root, errno.EROFS, 1, lasts=True):
        assert case.state(workspace) == case.old
        assert workspace.search("a o 1") is not None
        assert [row.state for row in workspace.status()] == ["stale"] * len(workspace.status())
        assert workspace.paths("s1")
        with pytest.raises(LarkError, match="read-only") as caught:
            workspace.sync(progress=False)
    assert str(workspace.root) in str(caught.value)


@pytest.mark.parametrize("name", CODES)
def test_a_command_on_a_broken_disk_ends_with_1(
    made: dict[str, Case], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And with one sentence, not with a traceback."""
    workspace = made["spreadsheet"].again()
    with broken(workspace.root, CODES[name], 1, lasts=True):
        assert main(["--home", str(workspace.root), "sync"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("larknb: ")
    assert os.strerror(CODES[name]) in told
    assert "Traceback" not in told
