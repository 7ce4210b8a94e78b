"""The doctor: each seeded fault alone is found, and a healthy folder has none."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from larknb.results.doctor import DoctorReport, Finding
from larknb.sandbox import Fault
from larknb.services.doctor import doctor
from larknb.workspace import Workspace
from tests.conftest import Lab, find_port, sign_in


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no bundle of the machine reaches a test."""
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name)


def faults(lab: Lab, **options: Any) -> list[Finding]:
    return [*lab.workspace.doctor(**options).faults]


def edit_login(lab: Lab, **changed: Any) -> None:
    file = lab.workspace.settings.token_file
    known = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**known, **changed}), encoding="utf-8")


def test_a_healthy_folder_has_no_fault(synced: Lab) -> None:
    """Everything is fine or a note, in both forms that people and programs see."""
    report = synced.workspace.doctor()
    assert report.faults == ()
    assert report.ok
    print(report)
    assert {"clock", "hosts", "secret", "app", "redirect", "login", "refresh", "scopes", "sources", "quota", "cache",
            "disk", "permissions", "schedule", "versions"} <= {each.check for each in report if each.level == "ok"}
