"""Versions and fonts of the machine."""

from __future__ import annotations

import importlib.metadata

import pytest

from larknb.services.doctoring import machine
from larknb.services.doctoring.examination import Examination
from tests.conftest import Lab


@pytest.mark.parametrize(("found", "level"), [("2.2.3", "ok"), ("3.9.0", "ok"), ("2.1.0", "note"), ("4.0.0", "note")])
def test_a_pandas_that_was_never_tried_is_a_note(
    found: str, level: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The versions themselves are told in any case."""
    monkeypatch.setattr(
        machine, "version", lambda name: found if name == "pandas" else importlib.metadata.version(name)
    )
    told = machine.check_versions(Examination(lab.workspace.context))
    assert (told[-1].level, f"pandas {found}" in told[0].what) == (level, True)


def test_fonts_are_no_fault(lab: Lab) -> None:
    """A machine without a Chinese font, or without matplotlib, can do everything else."""
    assert {each.level for each in machine.check_fonts(Examination(lab.workspace.context))} <= {"ok", "note"}
