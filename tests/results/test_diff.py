"""How what changed shows itself."""

from __future__ import annotations

import pickle
import re

import pandas as pd
import pytest

from larknb.results.diff import BlockChange, Cell, ColumnChange, Diff, Part

ROWS = pd.DataFrame({"标题": ["漏液"]}, index=pd.Index(["rec9"], name="_record_id"))
TABLE = Part(
    "故障",
    added=ROWS,
    removed=ROWS.iloc[:0],
    cells=(
        Cell("rec1", "状态", "未关闭", "已关闭"),
        Cell("rec1", "标签", ("甲",), None),
        Cell("rec2", "费用", 1.5, 2.5),
    ),
    columns=(ColumnChange("renamed", "费用", "金额", "费用"), ColumnChange("retyped", "数", "Number", "Text")),
    names={"rec9": "漏液", "rec1": "<b>电机</b>"},
)
GUIDE = Part("指引", blocks=(BlockChange("changed", "blk1", ("1 现象", "1.1 步骤"), "先停机。", "先断电停机。"),))


def test_a_frame_has_a_row_for_each_change() -> None:
    """Added and removed rows by key, changed cells with both values as they are."""
    frame = Diff([TABLE], source="s").to_frame()
    assert list(frame.columns) == ["change", "key", "column", "before", "after"]
    assert frame["change"].tolist() == ["added", "changed", "changed", "changed"]
    assert frame.iloc[1].tolist() == ["changed", "rec1", "状态", "未关闭", "已关闭"]
    assert frame.iloc[2]["before"] == ("甲",) and frame.iloc[0]["key"] == "rec9"


def test_several_tables_are_told_apart() -> None:
    """Then the first column names the table."""
    found = Diff([TABLE, GUIDE], source="s")
    assert list(found.to_frame()["table"]) == ["故障"] * 4 + ["指引"]
    assert found.added is None and Diff([TABLE], source="s").added is ROWS


def test_people_see_names_counts_and_columns() -> None:
    """The first screen: how much, which row by its name, what it said and says, what became of the columns."""
    text = repr(Diff([TABLE], source="s", since=0.0, until=3600.0))
    assert "1 added, 0 removed, 2 changed" in text
    assert "Column 金额 was renamed to 费用." in text and "Column 数 changed its type from Number to Text." in text
    assert "漏液" in text and "未关闭" in text


def test_html_marks_what_changed_and_nothing_else() -> None:
    """Only the words that differ are marked, on both sides; what others wrote is no markup."""
    html = Diff([TABLE, GUIDE], source="s")._repr_html_()
    assert ">断电</span>" in html and "停机。" in html
    assert "<b>电机" not in html and "&lt;b&gt;电机" in html
    assert "1 现象 › 1.1 步骤" in html


def test_the_first_screen_is_short() -> None:
    """Thousands of changes are counted, and had from the frame."""
    found = Diff([Part("t", cells=tuple(Cell(f"r{n}", "X", n, n + 1) for n in range(500)))], source="s", since=1.0)
    assert len(repr(found).splitlines()) < 50 and "460 more" in repr(found)
    assert len(found.to_frame()) == len(found) == 500


def test_nothing_changed() -> None:
    """It is said, and counts as no."""
    found = Diff([Part("t")], source="s", since=1.0)
    assert not found and "nothing changed" in repr(found) and found.to_frame().empty
    assert Diff([Part("t", columns=(ColumnChange("added", "X"),))], source="s")


def test_there_may_be_nothing_to_compare_with() -> None:
    """Then no times are told."""
    assert repr(Diff([Part("t")], source="s")) == "s: nothing changed in the time that the cache covers"


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (Part("人员", cells=(Cell("r1", "部门", "甲", "乙"),), names={"r1": "王敏"}), "~ 人员 · 王敏 · 部门: 甲 → 乙"),
        (Part("人员", cells=(Cell("r1", "部门", None, ("甲", "乙")),)), "~ 人员 · r1 · 部门:  → 甲; 乙"),
        (Part("人员", cells=(Cell(4, "备注", "a\nb", ""),)), "~ 人员 · 4 · 备注: a b → "),
        (Part("人员", added=pd.DataFrame(index=["r1"]), names={"r1": "王敏"}), "+ 人员 · 王敏"),
        (Part("人员", removed=pd.DataFrame(index=[7])), "- 人员 · 7"),
        (Part("人员", columns=(ColumnChange("renamed", "B", "A", "B"),)), "~ 人员: Column A was renamed to B."),
        (Part("指引", blocks=(BlockChange("added", "b", ("1 步骤", "1.1"), "", "断电"),)),
         "+ 指引 · 1 步骤 › 1.1: 断电"),
        (Part("指引", blocks=(BlockChange("removed", "b", (), "断电"),)), "- 指引: 断电"),
        (Part("指引", blocks=(BlockChange("changed", "b", (), "长" * 80 + "甲。", "长" * 80 + "乙。"),)),
         "~ 指引: …甲… → …乙…"),
    ],
)  # fmt: skip
def test_a_change_in_one_line(part: Part, told: str) -> None:
    """What a message can carry; of long texts what differs."""
    assert [*Diff([part], source="s").sentences()] == [told]


def test_a_line_is_cut_after_secrets_are_out() -> None:
    """Half of a secret would not be known as one."""
    secret, found = "u-" + "s" * 90, Diff([Part("t", cells=(Cell("r", "X", "", "u-" + "s" * 90),))], source="s")
    assert [*found.sentences(lambda text: text.replace(secret, "****"))] == ["~ t · r · X:  → ****"]


def test_stamps_are_not_shown_beside_what_they_stamp() -> None:
    """Who edited a row is no news beside the edit itself; the frame has it all the same."""
    cells = [Cell("r1", "状态", "开", "关"), Cell("r1", "修改人", "甲", "乙"), Cell("r2", "修改人", "甲", "丙")]
    found = Diff([Part("t", cells=tuple(cells), stamps=frozenset({"修改人"}))], source="s")
    assert [line.split()[1] for line in repr(found).splitlines()[2:]] == ["r1", "r2"]
    assert [line.split(" · ")[1] for line in found.sentences()] == ["r1", "r2"]
    assert len(found.to_frame()) == 3


def test_a_document_has_headings() -> None:
    """Alone it needs no column for rows; beside a table it stays apart."""
    assert repr(Diff([GUIDE], source="s")).splitlines()[1].split() == ["change", "heading", "before", "after"]
    assert "row" in repr(Diff([TABLE, GUIDE], source="s")).splitlines()[1].split()


def test_numbers_are_marked_whole() -> None:
    """Of a text the words that differ, of a number all of it."""
    page = Diff(
        [Part("t", cells=(Cell("r", "X", 0.25, 1.0), Cell("r", "Y", "甲 乙", "甲 丙")))], source="s"
    )._repr_html_()
    assert [*re.findall(r"padding:0 2px\">(.*?)</span>", page)] == ["0.25", "1.0", "乙", "丙"]


def test_it_can_be_kept() -> None:
    """A difference survives a pickle."""
    again = pickle.loads(pickle.dumps(Diff([TABLE, GUIDE], source="s", since=1.0)))
    assert repr(again) == repr(Diff([TABLE, GUIDE], source="s", since=1.0))
