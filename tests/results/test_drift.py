"""What people did to a base, in one line each, in the language of the person."""

from __future__ import annotations

from typing import get_args

import pytest

from larknb.model import Drift, DriftKind
from larknb.results.drift import SHOWN, DriftLine, drift_footer
from larknb.results.sync import SyncReport


@pytest.mark.parametrize("kind", get_args(DriftKind))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_change_is_one_line(kind: DriftKind, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the source, and names what there is to name."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    table = "" if kind == "base_moved" else "表"
    told = str(DriftLine("源", Drift(kind, table, "列", "旧", "新")))
    assert told.startswith("源 / 表: " if table else "源: ") and "\n" not in told and "{" not in told
    named = {"table_renamed": "旧", "table_added": "", "table_removed": "", "column_renamed": "新", "base_moved": "新"}
    assert all(word in told for word in named.get(kind, "列"))


def test_very_many_changes_do_not_fill_the_screen() -> None:
    """All of them are in the report."""
    lines = [DriftLine("s", Drift("column_added", "t", f"c{n}")) for n in range(SHOWN + 5)]
    footer = drift_footer(lines)
    assert len(footer) == SHOWN + 1 and "5 more" in footer[-1]
    report = SyncReport(drift=lines)
    assert (len(report.drift), len(report.to_dict()["drift"])) == (SHOWN + 5, SHOWN + 5)  # type: ignore[arg-type]


def test_a_report_without_drift_says_nothing_of_it() -> None:
    """Neither to people nor to programs."""
    assert "drift" not in SyncReport().to_dict() and drift_footer([]) == []
