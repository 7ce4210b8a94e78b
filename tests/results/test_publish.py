"""What a publish tells."""

from __future__ import annotations

import pytest

from larknb.errors import LarkError
from larknb.results.publish import PublishReport, PublishRow

SENT = PublishRow("s1", "bitable", "published", 3, 1_500_000)
FAILED = PublishRow("s2", "document", "failed", problem="The file x is damaged.")


def test_a_report_tells_what_was_sent_and_where_to() -> None:
    """One row for each source, and a line for the whole."""
    report = PublishReport([SENT, PublishRow("s2", "bitable", "unchanged")], "s3://bucket/team")
    assert report.ok
    assert report.line() == "s3://bucket/team: 3 file(s), 1.5 MB sent."
    assert "published" in repr(report)
    assert report.to_dict()["rows"] == report.to_dicts()


def test_a_source_that_failed_is_no_success() -> None:
    """The report says so, and raises when asked."""
    report = PublishReport([SENT, FAILED], "team")
    assert not report.ok
    with pytest.raises(LarkError, match="damaged"):
        report.raise_for_failures()


def test_an_empty_report_says_what_to_do() -> None:
    """There are no sources yet."""
    assert "larknb add" in repr(PublishReport())
