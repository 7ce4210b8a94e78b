from __future__ import annotations

import plistlib
from typing import Any

import pytest

from larknb.headless.units import text
from tests.headless.units.conftest import job


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({"interval": "1min"}, [{}]),
        ({"interval": "30min"}, [{"Minute": 0}, {"Minute": 30}]),
        ({"interval": "12h"}, [{"Hour": 0, "Minute": 0}, {"Hour": 12, "Minute": 0}]),
        ({"at": ["08:30"], "interval": None}, [{"Hour": 8, "Minute": 30}]),
    ],
)
def test_an_agent_says_what_was_asked(options: dict[str, Any], times: list[dict[str, int]]) -> None:
    """The property list holds command, times and log as they are."""
    asked = job(**options)
    agent = plistlib.loads(text("launchd", asked).encode())
    assert agent["ProgramArguments"] == asked.command("--once")
    assert agent["StartCalendarInterval"] == times
    assert agent["StandardErrorPath"] == str(asked.log)
    assert (agent["RunAtLoad"], agent["EnvironmentVariables"]) == (True, {"LARKNB_LANG": "en"})
