"""What there is to search in: passages, blocks of them, and a guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from larknb.guides.schema import Guide
from larknb.model import Kind
from larknb.results.search import SearchHits
from larknb.scan import search as scan
from larknb.scan.folding import END
from larknb.scan.passages import Block, Passage, Passages, joined, passage_of
from larknb.scan.passages import blocks_of as blocks_in


def passage(text: str, *path: str, title: str = "guide", url: str = "https://example.com/d") -> Passage:
    return Passage("document", "source", title, path, text, url)


def together(passages: Iterable[Passage]) -> list[Passages]:
    """Join passages as the rooms of tables and guides do."""
    found = []
    for (kind, source, title), some in groupby(passages, lambda each: each[:3]):
        listed = list(some)
        data = "".join(joined(each.path, each.text) for each in listed).encode("utf-8", "surrogatepass")
        found.append(Passages(kind, source, title, listed[0].url, data, [each.url for each in listed]))
    return found


def blocks_of(passages: Iterable[Passages]) -> list[Block]:
    """Return blocks in memory."""
    return [block for some in passages for block in blocks_in(some)]


def apart(passages: Passages) -> Iterator[Passage]:
    """Yield passages as they were written, one by one."""
    for block in blocks_of([passages]):
        at = 0
        for number, data in enumerate(block.folded().split(END.encode())[:-1]):
            yield passage_of(block, number, at, data)
            at += len(data) + 1


def search(passages: Iterable[Passage], text: str, kind: Kind | None = None, limit: int = 20) -> SearchHits:
    """Search in passages."""
    wanted = [each for each in passages if kind in (None, each.kind)]
    return scan.search(blocks_of(together(wanted)), text, limit)


def guide(**changes: Any) -> Guide:
    """A guide with no more in it than a search looks at."""
    sections = [
        {"index": 0, "path": ["指引"], "block_id": "DocId", "text": "开头", "tables": [], "assets": []},
        {
            "index": 1,
            "path": ["指引", "步骤", "检查"],
            "block_id": "blk1",
            "text": "测量",
            "tables": [0, 1, 2],
            "assets": [0, 1],
        },
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
    parts = {"sections": sections, "tables": tables, "assets": assets, "links": []}
    found: Any = {"title": "指引", "url": url} | parts | changes
    whole: Guide = found
    return whole
