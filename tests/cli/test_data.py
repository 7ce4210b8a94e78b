"""The commands about sources and their data."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from larknb.cli import main
from larknb.sandbox import Field, blocks
from tests.conftest import Lab, text

from .running import run


def test_parquet_and_screen(home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--parquet writes the frame; --csv without a file goes to the screen."""
    main(["sync", "--quiet"])
    target = tmp_path / "out.parquet"
    run(capsys, "load", "s1/people", "--parquet", str(target))
    assert len(pd.read_parquet(target)) == 30
    assert run(capsys, "load", "s1/people", "--csv", "--columns", "age")[1].startswith("_record_id,age")


def test_add_and_remove(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """add names what it found and what to do next; remove says that the cache stays."""
    base = home.box.tenant.add_base("业务", app_token="AppMore000000000000000001")
    base.add_table("缺陷", [])
    code, out, _ = run(capsys, "add", f"{home.box.url}/base/AppMore000000000000000001")
    assert code == 0
    assert "业务" in out
    assert "缺陷" in out
    assert "larknb sync" in out
    assert "stays" in run(capsys, "remove", "业务")[1]


def test_attachments(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """The head of the frame for people, records for programs."""
    home.people.add_field(Field("文件", 17))
    home.people.add({"文件": [{"file_token": "BoxTest00000000000001", "name": "图.png", "size": 3}]})
    main(["sync", "--quiet", "--force"])
    assert "图.png" in run(capsys, "attachments", "s1", "--table", "people")[1]
    (row,) = json.loads(run(capsys, "attachments", "s1", "--json")[1])
    assert (row["table"], row["column"], row["name"], row["size"], row["path"]) == ("people", "文件", "图.png", 3, None)
    assert "attachments = true" in row["problem"]


def test_what_is_chosen_of_a_base(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """By the names that people see: a view, columns, a table, and what to do when they are changed."""
    base = home.box.tenant.add_base("业务", app_token="AppMore000000000000000001")
    base.add_table("缺陷", [Field("标题", 1), Field("数量", 2)]).add_view("未关闭")
    url = f"{home.box.url}/base/AppMore000000000000000001"
    chosen = ("--table", "缺陷", "--field", "数量", "--drift", "raise")
    assert run(capsys, "add", url, *chosen, "--view", "未关")[0] == 2
    assert run(capsys, "add", url, *chosen, "--view", "未关闭")[0] == 0
    (source,) = [source for source in home.workspace.sources() if source.name == "业务"]
    assert source.options == {"tables": ("缺陷",), "fields": ("数量",), "drift": "raise", "view": "未关闭"}


def test_an_earlier_state_by_its_index(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """-2 is no option; what is no moment is told, with the code of a name that is unknown."""
    main(["sync", "--quiet"])
    home.people.add({"name": text("new"), "age": 99})
    main(["sync", "--quiet", "--force"])
    counts = [run(capsys, "load", "s1/people", *when, "--csv")[1].count("\n")
              for when in (("--as-of", "-2"), ("--as-of=-2",), ("--as-of", "-1"), ("--as-of", "today"))]  # fmt: skip
    assert counts == [31, 31, 32, 32]
    code, _, told = run(capsys, "load", "s1/people", "--as-of", "-9")
    assert code == 2
    assert "of 2 snapshots" in told


def test_history(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A row per snapshot for people; for programs the columns of the frame."""
    main(["sync", "--quiet"])
    code, out, _ = run(capsys, "history", "s1")
    assert code == 0
    assert "History of s1" in out
    rows = json.loads(run(capsys, "history", "s1", "--json")[1])
    assert [(row["rows"], row["note"]) for row in rows] == [(32, "current")]


def test_a_space_on_the_command_line(home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """add takes how much of it, sync reads it, document shows its tree, a child, and a part of one as Markdown."""
    tenant = home.box.tenant
    space = tenant.add_wiki_space("指引库", "7000000000000000009")
    guide = tenant.add_document(
        "过温", [blocks.heading(1, "1 现象"), blocks.heading(1, "2 定位步骤"), blocks.text("测量")]
    )
    space.add_node(guide)
    space.add_node(tenant.add_document("草稿"))
    space.add_node(tenant.add_other("mindnote", "脑图"))
    url = f"{home.box.url}/wiki/settings/7000000000000000009"
    assert "wiki space" in run(capsys, "add", url, "--exclude", "草稿*", "--depth", "2")[1]
    assert run(capsys, "sync", "指引库", "--quiet")[0] == 0
    tree = run(capsys, "document", "指引库")[1]
    assert "过温" in tree
    assert "mindnote" in tree
    assert "草稿" not in tree
    told = json.loads(run(capsys, "document", "指引库", "--json")[1])
    assert [each["state"] for each in told["documents"]] == ["fresh", "unread"]
    assert run(capsys, "document", "指引库/过温", "--section", "定位步骤")[1] == "# 2 定位步骤\n\n测量\n"
    target = tmp_path / "guide.md"
    assert run(capsys, "document", f"{home.box.url}/docx/{guide.token}", "--markdown", str(target))[0] == 0
    assert target.read_text(encoding="utf-8").startswith("# 过温")
    assert json.loads(run(capsys, "document", "指引库/过温", "--json")[1])["title"] == "过温"
    assert "1 现象" in run(capsys, "document", "指引库/过温")[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("s1",), 2), (("没有",), 2), (("s1", "--section", "x"), 2), (("s1", "--markdown"), 2)],
)
def test_documents_that_are_none(
    home: Lab, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    """A base is told to be one, an unknown name to be unknown."""
    main(["sync", "--quiet"])
    assert run(capsys, "document", *arguments)[0] == code


def test_export_guides(home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A row per guide; one that is configured and was never synced is a failure."""
    assert run(capsys, "export-guides", str(tmp_path / "out"), "--json")[:2] == (0, "[]\n")
    assert "No documents are configured" in run(capsys, "export-guides", str(tmp_path / "out"))[1]
    guide = home.box.tenant.add_document("指引", [], "DocGuide0000000000000000001")
    run(capsys, "add", f"{home.box.url}/docx/{guide.document_id}")
    assert run(capsys, "export-guides", str(tmp_path / "out"))[0] == 1
    main(["sync", "--quiet"])
    code, out, _ = run(capsys, "export-guides", str(tmp_path / "out"), "--json")
    assert (code, [row["file"] for row in json.loads(out)]) == (0, ["指引.md"])
