"""What changed since somebody looked."""

from __future__ import annotations

import json

import pytest

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
    assert changes.headline().endswith("2 source(s) changed, rows +2 ~1 -1; 1 document(s) edited; 1 source(s) failed")
    assert "表 &lt;1&gt;" in changes._repr_html_()
    assert list(changes.to_frame()["changed"]) == [1, 0, 4]
    monkeypatch.setenv("LARKNB_LANG", "zh")
    assert changes.headline() == "首次查看：2 个来源有变更，行数 +2 ~1 -1；1 篇文档被编辑；1 个来源失败"


def test_a_page_with_another_front_end_gets_the_summary() -> None:
    """The runner takes it into the record of the run: this run's own changes, not those of earlier ones."""
    report = SyncReport([SyncRow("s", "bitable", "t", "fetched", 5, added=2)])
    earlier = Changed("old", "bitable", "t", 0, 1, 0)
    summary = json.loads(json.dumps(Changes.of(report, [earlier])._repr_mimebundle_()))[SUMMARY]
    assert [row["source"] for row in summary["rows"]] == ["s"]
    assert summary["failed"] == 0


def test_changes_of_one_table_are_summed() -> None:
    """What several runs changed is one row, as a person counts it."""
    report = SyncReport([SyncRow("s", "bitable", "t", "fetched", 5, added=2)])
    earlier = Changed("s", "bitable", "t", 3, 1, 0)
    (row,) = Changes.of(report, [earlier])
    assert (row.added, row.changed, row.removed) == (5, 1, 0)


def test_cost_and_login_stand_below() -> None:
    """As sentences, where there are any."""
    assert CHANGES.footer() == "9 requests. It ends soon."
    assert Changes().footer() == ""


def test_a_run_that_told_nothing_is_blank() -> None:
    """A notebook without a sync has no summary; one whose sync changed nothing says so."""
    assert changed_in_brief(None) == ""
    assert changed_in_brief(Summary((), 0)) == "nothing changed"


def test_the_record_keeps_what_this_run_brought() -> None:
    """What earlier runs brought is shown again, yet it is in their own records."""
    report = SyncReport([SyncRow("s", "bitable", "t", "fetched", 5, added=2), SyncRow("u", "bitable", "", "failed")])
    changes = Changes.of(report, [Changed("s", "bitable", "t", 7, 0, 0)])
    assert [row.added for row in changes] == [9]
    assert changes.summary() == Summary((Changed("s", "bitable", "t", 2, 0, 0),), 1)
    row = {"source": "s", "kind": "bitable", "table": "t", "added": 2, "changed": 0, "removed": 0}
    assert changes._repr_mimebundle_()[SUMMARY] == {"rows": [row], "failed": 1}
