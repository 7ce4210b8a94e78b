"""The list of what of a document is not there."""

from __future__ import annotations

from larknb.results.unread import Unread, UnreadPart


def test_each_part_has_its_reason_and_its_link() -> None:
    """In a frame, in a terminal and in a notebook, where foreign text is escaped."""
    found = Unread([UnreadPart("mindnote", "<b>Tok", "not open", "https://example.feishu.cn/docx/D#b")])
    assert found.to_frame().iloc[0].tolist() == ["mindnote", "<b>Tok", "not open", "https://example.feishu.cn/docx/D#b"]
    assert "not open" in repr(found)
    assert "&lt;b&gt;Tok" in found._repr_html_()


def test_nothing_is_missing() -> None:
    """That is said in a sentence."""
    assert "Everything of this document is here" in repr(Unread())
