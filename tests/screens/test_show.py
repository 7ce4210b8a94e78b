"""The head of a frame for people."""

from __future__ import annotations

import pandas as pd
import pytest

from larknb.screens.show import FrameView

IDS = pd.Index(["rec0", "rec1", "rec2"], name="_record_id")
FRAME = pd.DataFrame(
    {
        "标题": ["电机过热", "<b>漏</b>" + "长" * 200, None],
        "状态": pd.Categorical(["未关闭", "已关闭", None]),
        "标签": [("甲", "乙"), None, ()],
        "报告": ["检测", "坏", None],
        "报告.link": ["https://example.com/r", "javascript:alert(1)", None],
        "日期": pd.Series(["2024-01-05", "2024-02-01", None], IDS).astype("datetime64[ms]"),
        "时间": pd.Series(["2024-01-05T08:30", "2024-02-01", None], IDS).astype("datetime64[ms]"),
        "费用": [1234.5, 1e9, float("nan")],
        "好": [True, False, True],
        "_created_by": ["周", "周", "周"],
    },
    index=IDS,
)


def shown(view: FrameView) -> str:
    """Return what a notebook shows."""
    return view._repr_html_()


@pytest.fixture
def html() -> str:
    view = FrameView(
        FRAME, 2, colours={"状态": {"未关闭": 0, "已关闭": 3}, "标签": {"甲": 1}}, badges=("故障 / 记录", "5 min")
    )
    return view._repr_html_()


def test_what_others_wrote_is_no_markup(html: str) -> None:
    """Cells and names are escaped; an address that runs something is no link."""
    assert "<b>漏" not in html and "&lt;b&gt;漏" in html
    assert "javascript:" not in html


def test_options_have_their_colours(html: str) -> None:
    """Single and multiple selects are pills, one per option."""
    assert html.count("border-radius:9px;background") == 4
    assert "hsla(0," in html and "hsla(90," in html and "hsla(30," in html


def test_links_lead_there_and_need_no_column(html: str) -> None:
    """The text is the link; system columns and addresses have no column of their own."""
    assert 'href="https://example.com/r"' in html
    assert ".link" not in html and "_created_by" not in html and "rec0" not in html


def test_dates_are_short_and_numbers_readable(html: str) -> None:
    """A column of days shows days, one of times minutes; thousands are set apart, numbers stand on the right."""
    assert ">2024-01-05<" in html and ">2024-01-05 08:30<" in html
    assert ">1,234.5<" in html and ">1,000,000,000<" in html and "text-align:right" in html


def test_long_texts_are_cut_and_there_on_demand(html: str) -> None:
    """Names and cells stay on one line."""
    assert "…</span>" in html and 'title="' in html and "white-space:nowrap" in html


def test_where_it_comes_from_and_how_much_there_is(html: str) -> None:
    """Badges above, the number of rows below."""
    assert "故障 / 记录" in html and "2 of 3" in html
    assert "3 rows" in shown(FrameView(FRAME))


def test_a_terminal_shows_the_same() -> None:
    """As aligned text, on one line per row."""
    text = repr(FrameView(FRAME, badges=("故障",)))
    assert text.splitlines()[0] == "故障" and "甲; 乙" in text and "nan" not in text
    assert len([line for line in text.splitlines() if "2024-" in line]) == 2


@pytest.mark.parametrize("frame", [pd.DataFrame(), FRAME.iloc[:0], pd.DataFrame({0: [1]})])
def test_any_frame_can_be_shown(frame: pd.DataFrame) -> None:
    """Without rows, without columns, with numbers for names."""
    assert shown(FrameView(frame)) and repr(FrameView(frame))
