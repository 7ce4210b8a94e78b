"""The guide of a document: its text, and what is listed beside it."""

from __future__ import annotations

import calendar
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from larknb.guides.guide import block_hashes, rows_of, same_content, to_guide
from tests.guides.builders import MEDIA, embedded, link, other, para, record, run, table, text


def test_the_constructed_guide_is_the_expected_one() -> None:
    """Markdown and JSON are those of the contract, to the byte."""
    contract = os.environ.get("LARKNB_CONTRACT")
    if not contract:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    folder = Path(contract) / "examples" / "docx"
    pages = [json.loads((folder / f"guide.blocks.page{n}.constructed.json").read_bytes()) for n in (1, 2, 3)]
    expected = json.loads(as_it_is_now((folder / "guide.expected-cache.json").read_text(encoding="utf-8")))
    info = json.loads((folder / "guide.documents_get.constructed.json").read_bytes())["data"]["document"]
    guide = to_guide(
        {"document": info, "blocks": [block for page in pages for block in page["data"]["items"]],
         "url": expected["url"], "wiki": None, "latest_modify_time": "1767000000", "people": {"ou_demo0001": "张三"}},
        {asset["token"]: {"file": asset["file"]} for asset in expected["assets"]},
        fetched_at=calendar.timegm(time.strptime(expected["fetched_at"], "%Y-%m-%dT%H:%M:%SZ")),
    )  # fmt: skip
    assert guide["markdown"] == as_it_is_now((folder / "guide.expected.md").read_text(encoding="utf-8"))
    section = expected["sections"][-1]
    section["tables"].append(len(expected["tables"]))
    base: Any = {"index": len(expected["tables"]), "source": "bitable", "app_token": "AppToken0000000000000000001",
                 "table_id": "tblDemo00000001", "block_id": "GuideBlk0000000000000000067",
                 "section": section["index"], "status": "not_fetched", "rows": None}  # fmt: skip
    expected["tables"].append(base)
    del expected["unsupported"]["53"]
    expected["mentions"][0]["name"] = "张三"
    expected["content_sha256"] = hashlib.sha256(guide["markdown"].encode()).hexdigest()
    expected["warnings"] = guide["warnings"]
    assert orjson.dumps(guide, option=orjson.OPT_INDENT_2) == orjson.dumps(expected, option=orjson.OPT_INDENT_2)


def as_it_is_now(text: str) -> str:
    """What the contract expects, from before names of persons and tables of block 53 could be had."""
    base = "[嵌入多维表格](feishu-bitable:AppToken0000000000000000001/tblDemo00000001)"
    return text.replace("@ou_demo0001", "@张三").replace("<!-- feishu:unsupported block_type=53 -->", base)


def test_sections_follow_the_headings() -> None:
    """Each heading opens one with its path; what stands before the first is section 0."""
    guide = to_guide(record(para("前言"), text(3, "一", para("甲")), text(5, "一点一"), text(3, "二")))
    assert [section["path"] for section in guide["sections"]] == [
        ["标题"], ["标题", "一"], ["标题", "一", "一点一"], ["标题", "二"],
    ]  # fmt: skip
    assert [section["text"] for section in guide["sections"]] == ["前言", "甲", "", ""]
    assert [entry["level"] for entry in guide["outline"]] == [1, 3, 1]
    assert "\n".join(["# 标题\n", *(section["markdown"] for section in guide["sections"])]) == guide["markdown"]


def test_headings_in_boxes_open_no_section() -> None:
    """Inside a table, quote, callout, grid or list a heading is text of the section around it."""
    boxed = text(3, "内")
    quote, callout = other(34, "quote_container", {}, boxed), other(19, "callout", {}, boxed)
    grid = other(24, "grid", {}, other(25, "grid_column", {}, boxed))
    guide = to_guide(record(quote, callout, grid, table([[[boxed]]]), text(12, "项", boxed), text(3, "外")))
    assert [entry["text"] for entry in guide["outline"]] == ["外"]
    assert guide["sections"][0]["text"].count("内") == 5


def test_tables_assets_links_know_their_section() -> None:
    """What a program looks for is listed beside the text, with the place where it is."""
    mention = {"mention_user": {"user_id": "ou_1"}}
    links = para(run("链", link={"url": "https://e.com"}, bold=True), link("接", "https://e.com"), mention, mention)
    parts = [text(3, "一"), other(27, "image", {"token": "tok"}), text(3, "二"), table([["a"]]), links]
    guide = to_guide(record(*parts), MEDIA)
    assert (guide["assets"][0]["section"], guide["tables"][0]["section"]) == (1, 2)
    assert guide["sections"][1]["assets"] == [0]
    assert guide["links"] == [{"kind": "link", "text": "链接", "url": "https://e.com", "section": 2}]
    assert guide["mentions"] == [{"user_id": "ou_1", "name": None}]


# --- embedded tables ------------------------------------------------------------------------------------------------


def test_rows_of_an_embedded_table_follow_its_link() -> None:
    """The JSON has all of them, the text the first 200 and how many are left out."""
    rows: list[list[Any]] = [["编号", "备|注"], *([n, None] for n in range(205))]
    guide = embedded(rows)
    assert "[嵌入电子表格](feishu-sheet:Sht/id)\n\n| 编号 | 备\\|注 |\n| --- | --- |\n| 0 |  |" in guide["markdown"]
    assert guide["markdown"].endswith("| 199 |  |\n\n（另有 5 行）\n")
    assert guide["tables"][0]["rows"] == rows
    assert "199 |" in guide["sections"][0]["text"]


def test_an_embedded_table_that_was_not_read_says_why() -> None:
    """The link line stands, status and warning tell the reason."""
    guide = embedded(None, "forbidden", problem="This identity may not read it.")
    assert guide["markdown"] == "# 标题\n\n[嵌入电子表格](feishu-sheet:Sht/id)\n"
    assert (guide["tables"][0]["status"], guide["tables"][0]["rows"]) == ("forbidden", None)
    assert guide["warnings"] == ["sheet Sht_id was not read: This identity may not read it."]


def test_rows_of_a_frame_are_plain_values() -> None:
    """What JSON cannot hold becomes text; a day is a day, a gap is null."""
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], "Int64"),
            "x": [1.5, np.nan],
            "s": pd.Categorical(["a", None]),
            "b": [True, False],
            "d": pd.to_datetime(["2026-01-16 00:00", "2026-01-16 10:30"]),
            "l": [np.array(["x", "y"]), None],
            "_created_by": ["somebody", "somebody"],
        }
    )
    rows = rows_of(frame)
    assert orjson.loads(orjson.dumps(rows)) == rows
    assert rows == [
        ["n", "x", "s", "b", "d", "l"],
        [1, 1.5, "a", True, "2026-01-16", ["x", "y"]],
        [None, None, None, False, "2026-01-16 10:30:00", None],
    ]


# --- what changed ---------------------------------------------------------------------------------------------------


def test_what_only_moved_the_revision_is_the_same_content() -> None:
    """A comment is no new content; a word, or a row of an embedded table, is."""
    before = to_guide(record(para("甲")), fetched_at=0.0)
    commented = record(para("甲"))
    commented["document"]["revision_id"] = 8
    assert same_content(before, to_guide(commented, fetched_at=60.0))
    assert not same_content(before, to_guide(record(para("乙"))))
    assert not same_content(embedded([["a"], [1]]), embedded([["a"], [2]]))
    boards = [to_guide(record(other(43, "board", {"token": "b"})), {"b": {"file": "media/b.png", "sha256": sha}})
              for sha in ("1", "2")]  # fmt: skip
    assert not same_content(*boards)


def test_blocks_are_compared_by_their_ids() -> None:
    """Hashes tell what was added, removed and changed."""
    before, after = (
        block_hashes(record(para("甲"), para("乙"))),
        block_hashes(record(para("甲"), para("丙"))),
    )
    assert before.keys() == after.keys()
    assert [key for key in before if before[key] != after[key]] == ["blk2"]
