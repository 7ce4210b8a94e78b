"""What changed since somebody looked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from larknb.model import Outcome
from larknb.results.changes import SUMMARY, Changed, Changes, Summary, changed_in_brief
from larknb.results.sync import SyncReport, SyncRow
from tests.results.samples import CHANGES


def test_changes_show_themselves_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Static escaped HTML and text; what failed is counted."""
    report = SyncReport([
        SyncRow("表 <1>", "bitable", "人员", "fetched", 5, added=2, removed=1, calls=3),
        SyncRow("指引", "document", "指引", "fetched", None, changed=4),
        SyncRow("坏", "bitable", "", "failed"),
        SyncRow("旧", "bitable", "表", "unchanged", 9),
    ])  # fmt: skip
    earlier = Changed("旧", "bitable", "表", 0, 1, 0)
    changes = Changes.of(report, [earlier])
    assert changes.headline().endswith("2 sources changed, rows +2 ~1 -1; 1 document edited; 1 source failed")
    assert "表 &lt;1&gt;" in changes._repr_html_()
    assert list(changes.to_frame()["changed"]) == [1, 0, 4]
    monkeypatch.setenv("LARKNB_LANG", "zh")
    assert changes.headline() == "首次运行：2 个数据源有变更，行数 +2 ~1 -1；1 篇文档被编辑；1 个数据源失败"


def test_a_page_with_another_front_end_gets_the_summary() -> None:
    """The runner takes it into the record of the run: this run's own changes, not those of earlier ones."""
    report = SyncReport([SyncRow("s", "bitable", "t", "fetched", 5, added=2)])
    earlier = Changed("old", "bitable", "t", 0, 1, 0)
    summary = json.loads(json.dumps(Changes.of(report, [earlier])._repr_mimebundle_()))[SUMMARY]
    assert [row["source"] for row in summary["rows"]] == ["s"]
    assert summary["failed"] == 0


def test_cost_and_login_stand_below() -> None:
    """As sentences, where there are any."""
    assert CHANGES.footer() == "9 requests. It ends soon."
    assert Changes().footer() == ""


def row(action: Outcome, added: int = 0, changed: int = 0, removed: int = 0, **more: Any) -> SyncRow:
    return SyncRow(**{"source": "s", "kind": "bitable", "table": "t", "action": action, "added": added,
                      "changed": changed, "removed": removed, **more})  # fmt: skip


@pytest.mark.parametrize("counts", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_a_table_that_was_fetched_and_differs_is_news(counts: tuple[int, int, int]) -> None:
    """Whichever way it differs; one that reads the same, or that failed, is none."""
    changes = Changes.of(SyncReport([row("fetched", *counts), row("fetched", table="same"), row("failed", *counts)]))
    assert [*changes] == [*changes.fresh] == [Changed("s", "bitable", "t", *counts)]
    assert changes.failed == 1


def test_what_earlier_runs_told_is_added() -> None:
    """By table, earlier ones first; the record of this run keeps what it brought itself."""
    earlier = [Changed("s", "bitable", "u", 1, 0, 0), Changed("s", "bitable", "t", 1, 2, 3)]
    report = SyncReport([row("fetched", 10, 20, 30), row("not tried", source="x"), row("failed", source="x")])
    changes = Changes.of(report, earlier, cost="It took 1.", login="It renews.")
    assert [*changes] == [Changed("s", "bitable", "u", 1, 0, 0), Changed("s", "bitable", "t", 11, 22, 33)]
    assert changes.summary() == Summary((Changed("s", "bitable", "t", 10, 20, 30),), 1)
    assert changes._repr_mimebundle_() == {SUMMARY: changes.summary().to_dict()}
    assert changes.footer() == "It took 1. It renews."
    assert changes.headline().startswith("First run: 1 source changed")
    assert Changes(since=0.1).headline().startswith("Since your last look (")
    assert Changes([Changed("s", "document", "t", 0, 2, 0)]).shown()[1] == [["s", "document", "t", "", 2, ""]]


@pytest.mark.parametrize(
    ("rows", "failed", "told"),
    [
        ([], 0, "nothing changed"),
        ([("a", "bitable", 1, 2, 3), ("a", "spreadsheet", 1, 0, 0)], 0, "1 source changed, rows +2 ~2 -3"),
        ([("a", "document", 9, 9, 9), ("a", "document", 1, 0, 0)], 0, "1 document edited"),
        ([], 2, "2 sources failed"),
        ([("a", "bitable", 1, 0, 0), ("b", "document", 1, 0, 0)], 1,
         "1 source changed, rows +1 ~0 -0; 1 document edited; 1 source failed"),
    ],
)  # fmt: skip
def test_a_run_in_one_phrase(rows: list[tuple[Any, ...]], failed: int, told: str) -> None:
    """Rows of tables, documents by their number, and what failed; blocks are no rows."""
    changed = tuple(Changed(source, kind, "t", *counts) for source, kind, *counts in rows)
    assert changed_in_brief(Summary(changed, failed)) == told
    assert changed_in_brief(None) == ""


def test_the_record_keeps_what_this_run_brought() -> None:
    """What earlier runs brought is shown again, yet it is in their own records."""
    report = SyncReport([SyncRow("s", "bitable", "t", "fetched", 5, added=2), SyncRow("u", "bitable", "", "failed")])
    changes = Changes.of(report, [Changed("s", "bitable", "t", 7, 0, 0)])
    assert [row.added for row in changes] == [9]
    assert changes.summary() == Summary((Changed("s", "bitable", "t", 2, 0, 0),), 1)
    row = {"source": "s", "kind": "bitable", "table": "t", "added": 2, "changed": 0, "removed": 0}
    assert changes._repr_mimebundle_()[SUMMARY] == {"rows": [row], "failed": 1, "lines": []}
