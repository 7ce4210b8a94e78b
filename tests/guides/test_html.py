"""The HTML of a document, in its Markdown and in a notebook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from tests.guides.builders import (
    HOSTILE,
    MEDIA,
    Tags,
    everywhere,
    link,
    markdown,
    other,
    para,
    record,
    run,
    table,
    text,
)


def test_a_table_with_more_than_text_is_html() -> None:
    """Lists, pictures, code and links in cells are kept, one row on a line."""
    lists = [text(12, "甲", text(13, "子")), text(17, "做", done=True)]
    rows: list[list[Any]] = [
        ["a & b", [para(run("粗", bold=True), link("链", "https://e.com/?a=1&b=2"))]],
        [lists, [text(14, "x\n<y>"), other(27, "image", {"token": "tok"})]],
    ]
    assert markdown(table(rows), media=MEDIA) == (
        "<table>\n"
        '<tr><th>a &amp; b</th><th><b>粗</b><a href="https://e.com/?a=1&amp;b=2">链</a></th></tr>\n'
        '<tr><td><ul><li>甲<ol><li value="1">子</li></ol></li></ul><ul><li>☑ 做</li></ul></td>'
        '<td><pre><code>x&#10;&lt;y&gt;</code></pre><img src="media/tok.png" alt=""></td></tr>\n'
        "</table>"
    )


def test_merged_cells_keep_their_spans_and_fill_the_rows() -> None:
    """Covered cells are left out of the HTML and repeat the anchor's text in the JSON."""
    guide = to_guide(record(table([["a", "b"], ["c", ""], ["", "d"]], merges={2: (2, 1), 0: (1, 1)})))
    assert '<td rowspan="2">c</td><td></td>' in guide["markdown"]
    [merged] = guide["tables"]
    assert merged["rows"] == [["a", "b"], ["c", ""], ["c", "d"]]
    assert merged["source"] == "table"
    assert merged["merges"] == [{"row": 1, "col": 0, "row_span": 2, "col_span": 1}]


OURS = {"a", "b", "blockquote", "br", "code", "div", "h1", "h2", "hr", "i", "img", "li", "ol", "p", "pre", "s", "span",
        "table", "td", "th", "tr", "u", "ul"}  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_no_html(words: str, tmp_path: Path) -> None:
    """In a notebook there are our tags alone, no event handler, and no address that runs something."""
    whole = everywhere(words)
    guide = to_guide(whole, whole["known"], whole["tables"])
    tags = Tags(Document(guide, tmp_path, record=lambda: whole)._repr_html_())
    assert tags.found <= OURS
    assert tags.attributes <= {"alt", "class", "colspan", "href", "rel", "rowspan", "src", "style", "target", "value"}
    assert not any(
        re.match(r"\s*(javascript|vbscript|data:text)", address, re.IGNORECASE) for address in tags.addresses
    )
