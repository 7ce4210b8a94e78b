"""The calls of the month, and the budget."""

from __future__ import annotations

import pytest

from tests.conftest import Lab
from tests.services.seeding import edit_settings


@pytest.mark.soak
@pytest.mark.parametrize(("budget", "level"), [(100_000, "ok"), (20, "note"), (8, "fault")])
def test_the_budget_is_compared_with_use_and_pace(budget: int, level: str, synced: Lab) -> None:
    """Spent is a fault; what will be spent at this pace is a note."""
    edit_settings(synced, "[app]", f"[budget]\nmonthly_calls = {budget}\n[app]")
    synced.later(600)
    told = [each.level for each in synced.workspace.doctor() if each.check == "quota"]
    assert told == [level]
