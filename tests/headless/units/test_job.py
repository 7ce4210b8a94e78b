from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import pytest

from larknb.errors import ConfigError
from larknb.headless.units import System, text
from tests.headless.units.conftest import DATA, ODD, SYSTEMS, job


def test_the_command_gives_the_options_again() -> None:
    """Names, values, switches and repeated options; what is off or unset is left out."""
    options: dict[str, Any] = {"names": ["人力", "b c"], "kind": None, "force": True, "accept_shrink": False}
    command = job(DATA, **options, keep_runs=5, x=[1, 2]).command("--once")
    assert command[:7] == ["/usr/bin/python3", "-P", "-m", "larknb", "--home", "/data", "schedule"]
    assert " ".join(command[7:]) == (
        "--notebook scheduled_sync --interval 1h --force --keep-runs 5 --x 1 --x 2 --once -- 人力 b c"
    )


def test_a_unit_is_named_by_workspace_and_notebook() -> None:
    """The same twice, another for another folder or notebook, and in letters that every system takes."""
    names = [job().name, job().name, job(PurePosixPath("/other") / ODD).name, job(notebook="b").name]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"larknb-[A-Za-z0-9-]+-[0-9a-f]{8}", name) for name in names)
    assert re.fullmatch(r"larknb-[0-9a-f]{8}", job(PurePosixPath("/共享")).name)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"interval": "1h"}, ["0 *"]),
        ({"interval": "1"}, ["0 *"]),
        ({"interval": "1min"}, ["* *"]),
        ({"interval": "15min"}, ["0,15,30,45 *"]),
        ({"interval": "6h"}, ["0 0,6,12,18"]),
        ({"interval": "1d"}, ["0 0"]),
        ({"interval": "8h"}, ["0 0,8,16"]),
        ({"interval": "1h30min"}, ["0 0,3,6,9,12,15,18,21", "30 1,4,7,10,13,16,19,22"]),
        ({"at": ["08:30", "18:30"], "interval": None}, ["30 8,18"]),
        ({"at": ["8:30", "12:00"], "interval": None}, ["30 8", "0 12"]),
        ({"at": ["08:30"], "interval": "12h"}, ["0 0,12", "30 8"]),
    ],
)
def test_the_times_of_a_day(options: dict[str, Any], fields: list[str]) -> None:
    """An interval counts from midnight, as the schedule itself does; times that share their hours share a line."""
    lines = text("cron", job(**options)).splitlines()
    assert [" ".join(line.split()[:2]) for line in lines] == fields
    assert all(line.split()[2:5] == ["*", "*", "*"] for line in lines)


@pytest.mark.parametrize("system", ["cron", "windows", "launchd"])
@pytest.mark.parametrize("interval", ["7h", "50min", "90s", "30s", "2d", "0s"])
def test_an_interval_that_no_calendar_has(system: System, interval: str) -> None:
    """It is refused, and systemd recommended, which keeps our own clock running."""
    with pytest.raises(ConfigError, match="systemd"):
        text(system, job(interval=interval))
    assert interval in text("systemd", job(interval=interval))


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_path_that_no_unit_can_name(system: System) -> None:
    """A line feed would end the line, and what follows would be a setting or a command of its own."""
    with pytest.raises(ConfigError, match="rename"):
        text(system, job(DATA / "a\nExecStartPre=b"))
