"""What an export tells."""

from __future__ import annotations

from larknb.results.exports import ExportReport, ExportRow


def test_a_guide_that_failed_is_told() -> None:
    """One that was left alone is no failure."""
    report = ExportReport([ExportRow("s1", "s1.md", "written"), ExportRow("", "s2.md", "left", "edited")])
    assert report.ok
    assert "left alone" in repr(report)
    assert not ExportReport([ExportRow("s1", "", "failed", "why")]).ok
    assert report.to_frame().columns.tolist() == ["source", "file", "action", "problem"]
