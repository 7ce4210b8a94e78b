"""A heading with what stands below it, and a table by its word."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from larknb.errors import ChooseTable, NotFound
from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from larknb.sandbox import Tenant, blocks


def document(*parts: Any) -> Document:
    made = Tenant().add_document("过温指引", [*parts])
    info = {"document_id": made.document_id, "revision_id": 1, "title": made.title}
    record = {"document": info, "blocks": made.blocks, "url": "https://x.feishu.cn/docx/d"}
    return Document(to_guide(record), record=lambda: record)


@pytest.fixture
def guide() -> Document:
    return document(
        blocks.text("序"),
        blocks.heading(1, "1 故障现象"),
        blocks.text("报码"),
        blocks.heading(1, "2 定位步骤"),
        blocks.heading(2, "2.1 静态检查"),
        blocks.text("表 1 阻值"),
        blocks.table([["部位", "阻值"], ["定子", "100"]], header_row=True),
        blocks.heading(2, "2.2 记录"),
        blocks.table([["日期", "结论"], ["1/2", "好"]], header_row=True),
        blocks.heading(1, "3 附件"),
        blocks.heading(2, "记录表"),
        blocks.table([["甲"], ["1"]], header_row=True),
        blocks.table([["乙"], ["2"]], header_row=True),
    )


def test_a_heading_with_all_below_it(guide: Document) -> None:
    """Down to the next heading of its level; the keys are those of a section."""
    part = guide["2 定位步骤"]
    assert part.markdown.startswith("# 2 定位步骤")
    assert "2.2 记录" in part.text
    assert "附件" not in part.text
    assert (part["heading"], part["level"], part["markdown"]) == ("2 定位步骤", 1, part.markdown)
    assert part.url == f"https://x.feishu.cn/docx/d#{part['block_id']}"
    assert [len(frame) for frame in part.tables] == [1, 1]


@pytest.mark.parametrize("name", ["2.1 静态检查", "２.１  静态检查", "静态检查", "静态", "2 定位步骤/2.1 静态检查",
                                  "2 定位步骤 > 2.1 静态检查", "过温指引/2 定位步骤/2.1 静态检查"])  # fmt: skip
def test_the_words_of_a_reader(guide: Document, name: str) -> None:
    """Width, blanks and the number do not count; the headings above may stand before it."""
    assert guide[name].heading == "2.1 静态检查"


def test_a_heading_that_is_not_there(guide: Document) -> None:
    """The nearest ones are named."""
    with pytest.raises(NotFound) as caught:
        guide["3 附录"]
    assert "3 附件" in caught.value.next
    assert "2.1 静态检查" not in caught.value.next


def test_a_heading_that_is_far_from_all(guide: Document) -> None:
    """None is offered as what was meant; some of those that there are are listed instead, if there are any."""
    with pytest.raises(NotFound) as caught:
        guide["quarterly revenue"]
    assert caught.value.next.startswith("there is, for example: ")
    assert "2.1 静态检查" in caught.value.next
    with pytest.raises(NotFound) as caught:
        Document(document(blocks.text("无标题")).to_dict())["quarterly revenue"]
    assert caught.value.next == ""


def test_several_headings_of_one_name() -> None:
    """Which one is meant must be said; what is above tells them apart."""
    twice = document(
        blocks.heading(1, "A"), blocks.heading(2, "步骤"), blocks.heading(1, "B"), blocks.heading(2, "步骤")
    )
    with pytest.raises(NotFound) as caught:
        twice["步骤"]
    assert "A/步骤" in caught.value.next
    assert twice["B/步骤"].heading == "步骤"


def test_a_part_shows_itself(guide: Document) -> None:
    """In a terminal its Markdown, in a notebook its own content alone."""
    assert f"{guide['故障现象']}\n" == guide["故障现象"].markdown
    html = guide["故障现象"]._repr_html_()
    assert "报码" in html
    assert "静态检查" not in html
    assert "定子" in guide["定位步骤"]._repr_html_()


@pytest.mark.parametrize(
    ("word", "column"),
    [("2.2 记录", "日期"), ("记录", "日期"), ("表 1 阻值", "部位"), ("阻值", "部位"), ("静态检查", "部位")],
)
def test_a_table_by_heading_or_caption(guide: Document, word: str, column: str) -> None:
    """The line above it or the heading that it stands under, with or without the number."""
    assert guide.tables[word].columns[0] == column


def test_tables_are_still_a_list(guide: Document) -> None:
    """In order, by their places."""
    assert [frame.columns[0] for frame in guide.tables] == ["部位", "日期", "甲", "乙"]
    assert guide.tables[-1].equals(guide.tables[3])
    assert [frame.columns[0] for frame in guide.tables[1:3]] == ["日期", "甲"]


@pytest.mark.parametrize(("word", "error"), [("记录表", ChooseTable), ("无此表", NotFound)])
def test_a_word_that_is_not_enough(guide: Document, word: str, error: type[Exception]) -> None:
    """Two tables below one heading are told by their places; of a word that means none the nearest are named."""
    with pytest.raises(error):
        _ = guide.tables[word]


def test_an_embedded_table_by_its_own_name() -> None:
    """A worksheet or a table of a base is called what it is called on the platform."""
    made = document(blocks.heading(1, "附表"), blocks.other(30, "sheet", {"token": "ShtDemo_aaaaaa"}))
    named = Document(made.to_dict(), names={"ShtDemo_aaaaaa": "台账"})
    assert isinstance(named.tables["台账"], pd.DataFrame)
    assert isinstance(named.tables["附表"], pd.DataFrame)


def test_a_document_is_no_sequence(guide: Document) -> None:
    """It has no first element, and cannot be walked through by mistake."""
    with pytest.raises(TypeError):
        _ = [*guide]  # type: ignore[misc]
    assert "2 定位步骤" in guide._ipython_key_completions_()
