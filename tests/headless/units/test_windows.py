from __future__ import annotations

from collections.abc import Callable
from pathlib import PureWindowsPath
from typing import Any
from xml.etree import ElementTree as ET

from larknb.headless.units import text
from tests.headless.units.conftest import job

NS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def task_of(root: str, **options: Any) -> Callable[[str], list[str | None]]:
    """Return what finds the texts of a task's elements, as Windows reads the file."""
    unit = text("windows", job(PureWindowsPath(root), r"C:\Program Files\Python\python.exe", **options))
    tree = ET.fromstring(unit.encode("utf-16"))
    return lambda path: [found.text for found in tree.findall("/".join(NS + name for name in path.split("/")))]


def test_a_task_says_what_was_asked() -> None:
    """Without a window, in the person's session, a missed time made up for, never two at once, and no end of it."""
    find = task_of(r"\\server\共享 盘\larknb & co", force=True)
    assert find("Actions/Exec/Command") == [r"C:\Program Files\Python\pythonw.exe"]
    assert find("Actions/Exec/WorkingDirectory") == [r"\\server\共享 盘\larknb & co"]
    (arguments,) = find("Actions/Exec/Arguments")
    assert arguments == (
        r'-P -m larknb --home "\\server\共享 盘\larknb & co" schedule'
        " --notebook scheduled_sync --interval 1h --force --once"
    )
    settings = {name: find(f"Settings/{name}") for name in ("StartWhenAvailable", "MultipleInstancesPolicy")}
    assert settings == {"StartWhenAvailable": ["true"], "MultipleInstancesPolicy": ["IgnoreNew"]}
    assert find("Principals/Principal/LogonType") == ["InteractiveToken"]
    assert "logged on" in text("windows", job())


def test_the_times_of_a_task() -> None:
    """An interval is one trigger that repeats all day; times of the day are one trigger each."""
    start, again = "Triggers/CalendarTrigger/StartBoundary", "Triggers/CalendarTrigger/Repetition/Interval"
    find = task_of("C:\\x", interval="5min")
    assert (find(start), find(again)) == (["2026-01-01T00:00:00"], ["PT5M"])
    find = task_of("C:\\x", at=["08:30", "18:00"], interval=None)
    assert (find(start), find(again)) == (["2026-01-01T08:30:00", "2026-01-01T18:00:00"], [])
    assert task_of("C:\\x", interval="1d")(again) == []
