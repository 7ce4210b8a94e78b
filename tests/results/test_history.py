"""How the history of a source shows itself."""

from __future__ import annotations

import pandas as pd

from larknb.results.history import History, SnapshotRow

HISTORY = History(
    [
        SnapshotRow("20260116T103000Z", "2026-01-16T10:30:00+0000", 7, 30, 1, 0, 2, 12_345, 3, "王敏", "current"),
        SnapshotRow("20260115T103000Z", "2026-01-15T10:30:00+0000", None, None, 0, 0, 0, 0, 0, "", "<b>\x1b[31m"),
    ],
    "人员\x1b[31m",
)


def test_the_frame_has_the_columns_of_the_design() -> None:
    """The newest is the first; a document has no rows, and the others stay whole numbers."""
    frame = HISTORY.to_frame()
    assert " ".join(frame.columns) == (
        "snapshot synced_at revision rows added changed removed bytes calls identity note"
    )
    assert frame["rows"].to_list() == [30, pd.NA]


def test_it_shows_itself_without_acting() -> None:
    """Sizes are for people, whoever read it comes last, since it is long; nothing of a name is HTML or an escape."""
    assert repr(HISTORY).splitlines()[0] == "History of 人员\\x1b[31m"
    assert "12.3 KB" in repr(HISTORY)
    assert repr(HISTORY).splitlines()[1].endswith("Identity")
    assert "&lt;b&gt;" in HISTORY._repr_html_()
    assert "\x1b" not in repr(HISTORY) + HISTORY._repr_html_()


def test_an_empty_history_says_so() -> None:
    """As after the first look that found nothing."""
    assert "Nothing is kept yet." in repr(History([], "s"))
