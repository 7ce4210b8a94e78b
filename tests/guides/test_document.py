"""The document in hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from larknb.guides import document
from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from tests.guides.builders import Nested, other, para, record, table, text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
KNOWN = {
    "tok": {"file": "media/tok.png", "name": "a.png", "mime": "image/png"},
    "tok2": {"file": "media/tok2.png", "name": "b.png", "mime": "image/png"},
    "fil": {"file": "media/fil.xlsx", "name": "标定.xlsx"},
}


def picture(file: str, most: int) -> bytes | None:
    """Return what a cache gives of a picture's file."""
    return PNG if file.endswith(".png") and len(PNG) <= most else None


def sample(folder: Path, *parts: Nested, **more: Any) -> Document:
    whole = record(
        para("前言"),
        text(3, "电机过热"),
        table([["部位", "阻值", "阻值"], ["定子", "> 100", "1"]]),
        other(27, "image", {"token": "tok", "caption": {"content": "测点"}}),
        other(23, "file", {"token": "fil", "name": "标定.xlsx"}),
        other(30, "sheet", {"token": "Sht_id"}),
        other(53, "reference_base"),
        *parts,
        title="过温指引",
    ) | {"url": "https://example.feishu.cn/docx/Doc"}
    rows = {"Sht_id": {"status": "ok", "rows": [["编号"], [1], [2]]}}
    guide = to_guide(whole, KNOWN, rows, fetched_at=1_768_000_000.0)
    return Document(guide, folder, record=lambda: whole, media=picture, **more)


def test_a_document_has_its_parts(tmp_path: Path) -> None:
    """Title, address, revision, time, outline, sections, tables and pictures are attributes."""
    document = sample(tmp_path)
    assert (document.title, document.revision, document.synced_at) == ("过温指引", 7, "2026-01-09T23:06:40Z")
    assert document.url == "https://example.feishu.cn/docx/Doc"
    assert document.markdown.startswith("# 过温指引\n\n前言\n")
    assert [entry["text"] for entry in document.outline] == ["电机过热"]
    assert document.sections[1]["path"] == ["过温指引", "电机过热"]
    assert document.images == [tmp_path / "media" / "tok.png"]
    assert document.to_dict()["schema"] == "larknb.guide/1"
    first, second = document.tables
    assert [*first.columns] == ["部位", "阻值", "阻值.2"]
    assert first.iloc[0].tolist() == ["定子", "> 100", "1"]
    assert second["编号"].tolist() == [1, 2]


def test_an_embedded_table_has_the_types_of_load(tmp_path: Path) -> None:
    """Where the cache gives its frame, that is the table."""
    frames = {"Sht_id": pd.DataFrame({"编号": pd.array([1, 2], "Int64")})}
    assert sample(tmp_path, frame=frames.__getitem__).tables[1] is frames["Sht_id"]


def test_a_document_finds_its_passages(tmp_path: Path) -> None:
    """``find`` is the search of one document."""
    hits = sample(tmp_path).find("定子")
    assert [hit.path for hit in hits] == ["电机过热"]
    assert hits[0].url == "https://example.feishu.cn/docx/Doc#blk2"
    assert not sample(tmp_path).find("没有")


def test_a_document_in_a_notebook(tmp_path: Path) -> None:
    """Readable HTML: headings, ruled tables, the picture, words for what cannot be shown, the theme's colours."""
    html = sample(tmp_path)._repr_html_()
    assert '<a href="https://example.feishu.cn/docx/Doc"' in html
    assert "<h1>电机过热</h1>" in html
    assert "<td style=" in html
    assert '<img src="data:image/png;base64,' in html
    assert "标定.xlsx" in html
    assert "unsupported block_type=53" in html
    assert "var(--jp-" in html
    assert "<script" not in html


def test_large_pictures_stay_out_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A saved notebook is not burdened with them: their caption and their file are named instead."""
    monkeypatch.setattr(document, "PICTURE_BYTES", 10)
    html = sample(tmp_path)._repr_html_()
    assert "<img" not in html
    assert "测点" in html
    assert "tok.png" in html


def test_all_pictures_together_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that come after the limit are named, like a large one."""
    second = other(27, "image", {"token": "tok2"})
    assert sample(tmp_path, second)._repr_html_().count("<img") == 2
    monkeypatch.setattr(document, "PICTURES_BYTES", 2 * len(PNG) - 1)
    html = sample(tmp_path, second)._repr_html_()
    assert html.count("<img") == 1
    assert "tok2.png" in html


def test_a_state_that_was_thinned_out_still_shows_its_text(tmp_path: Path) -> None:
    """A later sync may delete the blocks of a document in hand: its Markdown is there."""

    def gone() -> Mapping[str, Any]:
        raise FileNotFoundError

    document = Document(to_guide(record(para("<b>正文"))), tmp_path, record=gone)
    assert "<pre># 标题\n\n\\&lt;b&gt;正文" in document._repr_html_()


def test_an_embedded_table_shows_its_rows_in_a_notebook(tmp_path: Path) -> None:
    """The rows are a table below its name, which leads nowhere."""
    html = sample(tmp_path)._repr_html_()
    assert "<p>嵌入电子表格</p><table" in html
    assert ">编号</th>" in html


def test_a_document_in_a_terminal(tmp_path: Path) -> None:
    """Title, facts and text, with nothing that could rewrite the terminal."""
    shown = repr(sample(tmp_path))
    assert shown.startswith("过温指引\nhttps://example.feishu.cn/docx/Doc\nrevision 7")
    assert "定子 | > 100 | 1" in shown
    whole = record(*(para(f"第 {n} 步\x9b31m") for n in range(100)))
    long = repr(Document(to_guide(whole)))
    assert "\x9b" not in long
    assert "第 59 步" in long
    assert "第 60 步" not in long
    assert "the rest is in its markdown" in long


def test_what_is_not_there_is_listed_with_reason_and_link() -> None:
    """Unknown and unreadable blocks, pictures, tables, synced blocks: each with what can be told of it."""
    whole = record(
        other(90, "later", {"title": "看板"}), other(29, "mindnote", {"token": "Mind1"}),
        other(27, "image", {"token": "gone"}), other(18, "bitable", {"token": "App_tbl"}),
        other(50, "reference_synced", {"source_document_id": "D", "source_block_id": "b"}),
        other(78, "minutes", {"token": "ob1"}), para({"soon": {"text": "新"}}),
        table([["a", "藏"]], merges={0: (1, 2)}),
    ) | {"url": "https://e.com/docx/D?x=1#old"}  # fmt: skip
    guide = to_guide(whole, {"gone": {"error": "no right"}})
    unread = Document(guide, record=lambda: whole).unread
    assert [(part.kind, part.what) for part in unread] == [
        ("later", "看板"), ("mindnote", "Mind1"), ("image", "gone"), ("bitable", "App_tbl"),
        ("reference_synced", "D/b"), ("minutes", "ob1"), ("soon", "新"), ("table_cell", "藏"),
    ]  # fmt: skip
    assert unread[2].reason == "no right"
    assert unread[1].url == "https://e.com/docx/D?x=1#blk2"
    assert [part.kind for part in Document(guide).unread] == ["image", "bitable"]
