"""From an empty folder to a typed frame by scan alone, without the platform's console: in JupyterLab, at a terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.browser.conftest import Seat
from tests.browser.lab import find_secrets
from tests.browser.walk import TYPES, at_a_terminal, in_jupyter

pytestmark = [pytest.mark.timeout(300), pytest.mark.parametrize("lang", ["en", "zh"])]


@pytest.mark.browser
def test_in_jupyterlab(seat: Seat, lang: str) -> None:
    """The card asks, its two links are followed, three calls end in a frame with types; no secret is left behind."""
    notebook = in_jupyter(seat, lang)
    assert all(dtype in notebook.text(5) for dtype in TYPES)
    assert "authorize" not in [call.endpoint for call in seat.box.journal.calls]
    assert not notebook.complaints
    assert seat.leaks() == []


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are POSIX")
def test_at_a_terminal(
    tmp_path: Path, live_box: Sandbox, lang: str, browser: Callable[[str], requests.Response]
) -> None:
    """`larknb init` asks, two links are opened elsewhere, and three commands end in a frame with types."""
    root = tmp_path / "my work"
    typed = at_a_terminal(root, live_box, lang, browser)
    assert all(dtype in typed[-1].shown for dtype in TYPES)
    assert len(Workspace(root).load(live_box.tenant.bases[0].name)) == 3
    (tmp_path / "shown.txt").write_text("\n".join(one.shown for one in typed), encoding="utf-8")
    assert find_secrets(tmp_path, live_box) == []
