"""JupyterLab on a folder: it shows the folder, and however it is ended, nothing of it is left."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import PATIENCE, ShownFolder, wait_for

pytest.importorskip("jupyterlab", reason="the extra [lab] is installed where the browser tests run")
pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ShownFolder]:
    shown = ShownFolder(tmp_path)
    yield shown
    shown.end()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(lab: ShownFolder, how: signal.Signals) -> None:
    """Neither a server nor a file, after Ctrl-C, a polite end and a kill."""
    wait_for(lab.answers)
    lab.process.send_signal(how)
    lab.process.wait(PATIENCE)
    wait_for(lambda: not lab.answers() and not [*lab.scratch.iterdir()])
    assert not [*lab.home.rglob("*jupyter*")]
    assert sorted(path.name for path in lab.folder.iterdir()) == ["README.md", "notes.md"]
