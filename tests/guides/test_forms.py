"""The nodes of a document, and their text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.guides.forms import (
    SHOWN_ROWS,
    Asset,
    Cell,
    Code,
    Divider,
    Embedded,
    Heading,
    Item,
    Line,
    Marker,
    Marks,
    Math,
    Node,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    clean,
    lines,
    one_line,
    plain,
    rows,
    value_text,
    walk,
)


def asset(kind: Any = "image", file: str | None = None) -> Asset:
    return Asset(kind, "tok", "图.png", None, "blk1", file, "downloaded")


def para(text: str) -> Paragraph:
    return Paragraph([Span(text)])


def table(*cells: list[Cell]) -> Table:
    return Table("blk1", cells, header_row=True, header_column=False)


def cell(*texts: str, **merged: Any) -> Cell:
    return Cell([para(text) for text in texts], **merged)


# --- foreign text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("正文\t🙂\n", "正文\t🙂\n"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("\x00a\x1b[31mb\x7f\x9b\ud800", "a[31mb"),
        (7, "7"),
        (1.5, "1.5"),
        (None, ""),
        (["a"], ""),
        ({"a": 1}, ""),
        (b"a", ""),
    ],
)
def test_foreign_text_is_cleaned(value: Any, text: str) -> None:
    """Its line breaks are plain, and what neither a file nor a terminal holds is gone; what is no text is none."""
    assert clean(value) == text


@given(st.text())
def test_clean_text_can_be_written(text: str) -> None:
    """Every file takes it, no terminal obeys it, and cleaning it again changes nothing."""
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert not [letter for letter in cleaned if not letter.isprintable() and ord(letter) < 160 and letter not in "\t\n"]
    assert clean(cleaned) == cleaned


def test_text_on_one_line() -> None:
    """Breaks and runs of blanks are one blank, and none is at an end."""
    assert one_line(" a \r\n\u2028 b\tc ") == "a b c"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (1e20, "100000000000000000000"),
        (2.5, "2.5"),
        (float("inf"), "inf"),
        (0, "0"),
        (True, "True"),
        (None, ""),
        ("a\nb", "a b"),
        (["x", 2.0, None, ("y", 1)], "x, 2, , y, 1"),
    ],
)
def test_a_value_as_people_read_it(value: Any, text: str) -> None:
    """On one line, a whole number without its point, a list with commas."""
    assert value_text(value) == text


# --- assets and spans -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "label", "target"),
    [
        ("image", "图片", "feishu-media:tok"),
        ("file", "附件", "feishu-media:tok"),
        ("board", "画板", "feishu-board:tok"),
    ],
)
def test_an_asset_has_a_word_and_an_address(kind: Any, label: str, target: str) -> None:
    """Where it was downloaded, that of its file; else one of our own."""
    assert (asset(kind).label, asset(kind).target) == (label, target)
    assert asset(kind, "media/tok.png").target == "media/tok.png"


@pytest.mark.parametrize(
    ("span", "is_text"),
    [
        (Span("a"), True),
        (Span("a", Marks(bold=True, link="https://e")), True),
        (Span("a", math=True), False),
        (Span("a", user="ou_1"), False),
        (Span("a", doc={"token": ""}), False),
        (Span("a", asset=asset()), False),
    ],
)
def test_text_alone_may_be_merged(span: Span, is_text: bool) -> None:
    """What is a formula, a mention or a file, stays apart, also where nothing is known of it."""
    assert span.is_text is is_text


def test_text_without_its_marks() -> None:
    """Piece after piece, with nothing between."""
    assert plain([Span("a", Marks(bold=True)), Span(" b"), Span("x+1", math=True)]) == "a bx+1"


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (para("一 \n\n  二"), ["一", "  二"]),
        (Heading(2, [Span("标题")], "blk1", opens=False), ["标题"]),
        (Item("bullet", [Span("甲\n乙")], [para("内"), Item("todo", [Span("丙")], [])]), ["甲", "乙", "内", "丙"]),
        (Code("a = 1\n\nb", "python", [Span("not this")]), ["a = 1", "b"]),
        (Math("x\ny"), ["x", "y"]),
        (Quote([para("引"), Quote([para("用")], "💡")]), ["引", "用"]),
        (Line("网页"), ["网页"]),
        (Line("网页", "https://e"), []),
        (Picture(asset()), []),
        (Marker("feishu:unsupported"), []),
        (Divider(), []),
        (table([cell("a", "b"), cell("c")], [cell("d"), cell("")]), ["a b | c", "d |"]),
    ],
)
def test_the_lines_of_a_node(node: Node, found: list[str]) -> None:
    """All of its text and no blank line; labels of what is listed beside the text are none of it."""
    assert lines([node]) == found


def test_the_lines_of_an_embedded_table() -> None:
    """The names of its columns and as many rows as the Markdown shows; one that was not read has none."""
    many: list[list[Any]] = [["名", "数"], *([f"n{n}", float(n)] for n in range(SHOWN_ROWS + 5))]
    found = lines([Embedded("sheet", "Sht", "id", "blk1", "ok", many)])
    assert (found[:2], found[-1], len(found)) == (["名 | 数", "n0 | 0"], "n199 | 199", SHOWN_ROWS + 1)
    assert lines([Embedded("bitable", "App", "tbl", "blk1", "forbidden")]) == []


# --- tables -----------------------------------------------------------------------------------------------------------


def test_merged_cells_repeat_their_text() -> None:
    """The rows stay rectangular: whoever reads one row has all that belongs to it."""
    covered = {"anchor": (0, 0)}
    merged = table(
        [cell("a", "b", row_span=2, col_span=2), cell(**covered), cell("c")],
        [cell(**covered), cell("hidden", **covered), cell("d")],
    )
    assert rows(merged) == [["a\nb", "a\nb", "c"], ["a\nb", "a\nb", "d"]]
    assert [[each.is_single for each in row] for row in merged.cells] == [[False, False, True]] * 2


def test_an_embedded_table_is_named_by_its_kind() -> None:
    """In a word that stands where its rows cannot."""
    assert Embedded("sheet", "S", "i", "b", "failed").label == "嵌入电子表格"
    assert Embedded("bitable", "A", "t", "b", "failed").label == "嵌入多维表格"


def test_a_walk_reaches_every_node() -> None:
    """What is nested in items, quotes and cells comes after what it is nested in."""
    inner, item = para("inner"), para("item")
    quote = Quote([Item("ordered", [Span("1")], [item])])
    within = Table("blk1", [[Cell([inner]), Cell([quote])]], header_row=False, header_column=False)
    assert [*walk([within, Divider()])] == [within, inner, quote, quote.children[0], item, Divider()]
