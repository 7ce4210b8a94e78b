"""The search for secrets that got out: it must be able to find one."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from larknb.sandbox import Sandbox
from tests.browser.conftest import Seat
from tests.browser.lab import find_secrets


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_secret_that_was_printed_is_found(seat: Seat) -> None:
    """In the saved notebook and its checkpoint; in its own file it may stand."""
    assert seat.leaks() == []
    seat.open(f"print({seat.box.app_secret!r})").run(0)
    assert {leak.partition(":")[0] for leak in seat.leaks()} == {"a.ipynb", "a-checkpoint.ipynb"}
    assert find_secrets(seat.workspace.root / "work", seat.box) == []


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_secret_in_another_form_is_found(tmp_path: Path, box: Sandbox, before: str) -> None:
    """In an address, in JSON, in Base64 wherever it begins."""
    secret = box.accounts.secret('one "secret" & more')
    coded = base64.b64encode((before + secret + "z").encode()).decode()
    for name, form in {"address": quote(secret), "json": json.dumps(secret), "base64": coded}.items():
        (tmp_path / name).write_text(form, encoding="utf-8")
    assert {leak.partition(":")[0] for leak in find_secrets(tmp_path, box)} == {"address", "json", "base64"}
