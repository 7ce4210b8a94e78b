"""The head of a worksheet beside what became of it."""

from __future__ import annotations

from larknb.tabular.preview import preview
from tests.tabular.grids import record_of


def test_preview() -> None:
    """The head as it stands in the sheet, under the names and types that come of it."""
    record = record_of([["台账", None], [None, None], ["名", "数"], ["甲", 1], [None, None], ["乙", 2]])
    shown = preview(record)
    assert shown.to_frame().columns.tolist() == ["row", "use", "A", "B"]
    assert shown.rows() == [
        (None, "name", "名", "数"),
        (None, "type", "Text", "Integer"),
        (1, "above", "台账", ""),
        (2, "above", "", ""),
        (3, "header", "名", "数"),
        (4, "data", "甲", "1"),
        (5, "blank", "", ""),
        (6, "data", "乙", "2"),
    ]
    assert "明细" in repr(shown)
    assert "header" in repr(shown)


def test_preview_of_another_header() -> None:
    """Options are tried out without a request."""
    record = record_of([["a", "b"], ["c", "d"], [1, 2]])
    assert preview(record, {"header": 2}).rows()[0] == (None, "name", "c", "d")
    assert preview(record, {"header": "none"}).rows()[2] == (1, "data", "a", "b")


def test_preview_is_short_and_harmless() -> None:
    """Wide and long sheets, long cells and hostile text stay a small, escaped table."""
    rows = [[f"<script>{n}</script>" + "长" * 100 for n in range(40)] for _ in range(300)]
    html = preview(record_of(rows))._repr_html_()
    assert "<script>" not in html
    assert len(html) < 40_000
    assert preview(record_of(rows)).to_frame().shape == (11, 42)
