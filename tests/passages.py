"""What there is to search in: a passage, and a guide."""

from __future__ import annotations

from typing import Any

from larknb.guides.schema import Guide
from larknb.scan import Passage


def passage(text: str, *path: str, title: str = "guide", url: str = "https://example.com/d") -> Passage:
    return Passage("document", "source", title, path, text, url)


def guide(**changes: Any) -> Guide:
    """A guide with no more in it than a search looks at."""
    sections = [
        {"path": ["指引"], "block_id": "DocId", "text": "开头", "tables": [], "assets": []},
        {"path": ["指引", "步骤", "检查"], "block_id": "blk1", "text": "测量", "tables": [0, 1, 2], "assets": [0, 1]},
    ]
    tables = [
        {"source": "table", "rows": [["只在正文中"]]},
        {
            "source": "sheet",
            "rows": [["部位", "阻值"], *[["定子", n] for n in range(200)], ["转子", 12.0], [None, "开路"]],
        },
        {"source": "bitable", "rows": None},
    ]
    assets = [{"caption": "测量点", "name": "标定.xlsx"}, {"caption": None, "name": None}]
    url = "https://example.feishu.cn/docx/DocId#old"
    found: Any = {"title": "指引", "url": url, "sections": sections, "tables": tables, "assets": assets} | changes
    whole: Guide = found
    return whole
