"""What is expected of a source, when it is synced and when it is asked."""

from __future__ import annotations

import pytest

from larknb.cli import main
from larknb.errors import LarkError
from tests.conftest import Lab, text

CHECKS = """
[[sources.checks]]
table = "people"
column = "name"
unique = true

[[sources.checks]]
min_rows = 2
"""


@pytest.fixture
def checked(lab: Lab) -> Lab:
    settings = lab.workspace.root / "larknb.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + CHECKS, encoding="utf-8")
    return lab


def test_a_sync_checks_what_it_fetched(checked: Lab) -> None:
    """As long as all is well the report says no word of it; what was not read again is not checked again."""
    report = checked.workspace.sync(progress=False)
    assert report.ok and [(row.table, row.check) for row in report.checks] == [
        ("people", "unique"), ("teams", "min_rows 2"), ("people", "min_rows 2"),
    ]  # fmt: skip
    assert len(checked.later().workspace.sync(progress=False).checks) == 0


def test_what_does_not_meet_its_checks_is_kept_and_told(checked: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data is there, the sync has failed, and the rows are named."""
    checked.workspace.sync(progress=False)
    checked.people.add({"name": text("person 1")})
    checked.later()
    monkeypatch.chdir(checked.workspace.root)
    report = checked.workspace.sync(progress=False)
    assert not report.ok and "1 check failed" in repr(report)
    assert len(checked.workspace.load("s1/people")) == 31
    with pytest.raises(LarkError, match=r"people name unique.*larknb check s1"):
        report.raise_for_failures()
    asked = checked.workspace.check("s1/people")
    assert [row.failed for row in asked] == [2, 0] and "person 1" in repr(asked)
    assert main(["check", "s1"]) == 1 and main(["check", "s1/teams"]) == 0


@pytest.mark.parametrize(
    "check", ['table = "nope"\nmin_rows = 1', 'table = "people"\ncolumn = "nope"\nunique = true', 'max_age = "1h"']
)
def test_what_is_not_there_meets_nothing(checked: Lab, check: str) -> None:
    """A table or column that is gone, and data that is too old, fail their checks instead of the call."""
    settings = checked.workspace.root / "larknb.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + f"[[sources.checks]]\n{check}\n", encoding="utf-8")
    checked.workspace.sync(progress=False)
    checked.later(7200)
    assert not checked.workspace.check().ok
