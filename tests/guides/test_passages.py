"""The sections of a guide as passages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from larknb.guides.guide import to_guide
from larknb.guides.passages import passages_of_guide
from larknb.sandbox import sample_workspace
from larknb.scan.passages import Passage
from tests.passages import apart, guide, search


def test_a_guide_is_one_passage_per_section() -> None:
    """With its heading path, a link to its block, and what its text leaves out: names, captions, many rows."""
    first, second = apart(passages_of_guide(guide(), "s"))
    assert first == Passage("document", "s", "指引", (), "开头", "https://example.feishu.cn/docx/DocId#old")
    assert (second.path, second.heading) == (("步骤", "检查"), "检查")
    assert second.url == "https://example.feishu.cn/docx/DocId#blk1"
    assert second.text.splitlines() == ["测量", "转子 | 12", " | 开路", "测量点", "标定.xlsx"]


def test_the_contract_guide_is_searchable() -> None:
    """Words of text, tables, code, captions and file names are found under the right headings."""
    contract = os.environ.get("LARKNB_CONTRACT")
    if not contract:
        pytest.skip("LARKNB_CONTRACT names no folder")
    path = Path(contract) / "examples" / "docx" / "guide.expected-cache.json"
    passages = list(apart(passages_of_guide(json.loads(path.read_text(encoding="utf-8")), "s")))
    for word, heading in [
        ("ntc 阻值", "2 定位步骤 > 2.1 静态检查"),
        ("传感器开路", "2 定位步骤 > 2.2 数据判读"),
        ("candump", "2 定位步骤 > 2.1 静态检查"),
        ("测量点", "2 定位步骤 > 2.1 静态检查"),
        ("标定数据", "3 附件与参考"),
        ("over_temp", "1 故障现象"),
    ]:
        assert search(passages, word)[0].path == heading


def test_the_sample_guides_are_searchable() -> None:
    """What an engineer looks for is found under its heading, and by all the guides that speak of it."""
    passages: list[Passage] = []
    for document in sample_workspace(rows=1).guides:
        info = {"document_id": document.document_id, "title": document.title}
        record = {"document": info, "blocks": document.blocks, "url": f"https://x/docx/{document.document_id}"}
        passages += apart(passages_of_guide(to_guide(record), document.title))
    found = {
        word: {(hit.source[-1], hit.path) for hit in search(passages, word, limit=99)}
        for word in ("电机过热", "过温", "p0a1f-00", "绝缘")
    }
    assert ("1", "1 故障现象 > 1.1 故障码") in found["电机过热"] & found["过温"] & found["p0a1f-00"]
    assert {guide for guide, _ in found["电机过热"]} == {"1", "4"}
    assert {guide for guide, _ in found["p0a1f-00"]} == {"1"}
    assert ("2", "2 定位步骤 > 2.1 分段隔离") in found["绝缘"]
