"""The command line of the stand-in."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import main, sample
from larknb.sandbox.world.dump import Dump


def settings_of(text: str) -> dict[str, Any]:
    """Return the larknb.toml that was printed."""
    return tomllib.loads(text.partition("# larknb.toml\n")[2].partition("\nexport ")[0].partition("\n$env:")[0])


def test_it_prints_what_a_client_needs(capsys: pytest.CaptureFixture[str]) -> None:
    """Base URL, app, secret, document links and a settings file that can be copied."""
    assert main(["--for", "0", "--rows", "3"]) == 0
    text = capsys.readouterr().out
    settings = settings_of(text)
    assert settings["app"]["open_base"] == settings["app"]["accounts_base"]
    assert f"/base/{sample.STAFF_BASE}" in text
    assert f"/wiki/{sample.WIKI_NODE}" in text
    names = [source["name"] for source in settings["sources"]]
    guides = [f"故障定位指引文档{number}" for number in range(1, 6)]
    assert names == ["功能安全部人力盘点", "功能安全业务数据", "在线表格示例", *guides]
    urls = [source["url"] for source in settings["sources"]]
    assert urls[2].endswith(f"/sheets/{sample.BOOK}")
    assert urls[5].endswith(f"/wiki/{sample.GUIDE_NODE}")
    assert f"/docx/{sample.GUIDES[2]}" in text
    assert "LARKNB_APP_SECRET" in text


def test_a_program_gets_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Addresses, app, a login that works, the sources: as JSON and nothing else."""
    assert main(["--for", "0", "--rows", "3", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    facts = json.loads(line)
    assert facts["open_base"] == facts["accounts_base"] == facts["url"]
    assert {"app_id", "app_secret", "redirect_uris", "documents"} <= facts.keys()
    assert facts["login"]["access_token"] and facts["login"]["refresh_token"]
    assert facts["sources"][0]["name"] == "功能安全部人力盘点"


def test_an_empty_one(capsys: pytest.CaptureFixture[str]) -> None:
    """--empty serves no documents; port, latency and approval are options."""
    assert main(["--for", "0", "--empty", "--latency", "5", "--approve", "page"]) == 0
    assert "/base/" not in capsys.readouterr().out


def test_recorded_documents_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole documents are served, pages that lie in files of their own belong to theirs, the rest is passed over."""
    root = {"block_id": "GuideOfTheTests000000000001", "block_type": 1, "parent_id": "", "children": ["b1", "b2"]}
    title = {"elements": [{"text_run": {"content": '带"引号"的标题'}}]}
    files = {
        "a.page1.json": {"code": 0, "data": {"items": [root | {"page": title}, {"block_id": "b1", "block_type": 2}]}},
        "a.page2.json": {"code": 0, "data": {"items": [{"block_id": "b2", "block_type": 2}]}},
        "a.info.json": {"data": {"document": {"document_id": "GuideOfTheTests000000000001", "revision_id": 7}}},
        "children.json": [{"block_id": "elsewhere", "block_type": 2}],
        "nodes.json": {"data": {"items": [{"node_token": "n"}]}},
        "numbers.json": [1, 2],
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert main(["--for", "0", "--empty", "--docx", str(tmp_path)]) == 0
    settings = settings_of(capsys.readouterr().out)
    (source,) = settings["sources"]
    assert (source["name"], source["url"][-27:]) == ('带"引号"的标题', "GuideOfTheTests000000000001")
    (dump,) = Dump.read_folder(tmp_path)
    assert ([item["block_id"] for item in dump.blocks][1:], dump.document["revision_id"]) == (["b1", "b2"], 7)


def test_it_survives_a_narrow_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the console cannot show becomes escapes, and the settings still read the same."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["--for", "0", "--rows", "0"]) == 0
    out.seek(0)
    settings = settings_of(out.read())
    assert settings["sources"][0]["name"] == "功能安全部人力盘点"


def test_ctrl_c_ends_it_politely(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """KeyboardInterrupt is the usual end, with exit code 0."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("larknb.sandbox.serve.time.sleep", interrupt)
    assert main(["--empty"]) == 0
    assert "stopped" in capsys.readouterr().out


def test_bad_options_are_a_usage_error() -> None:
    """Argparse's exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["--approve", "perhaps"])
    assert stopped.value.code == 2


def test_the_module_runs_and_imports_nothing_of_the_client() -> None:
    """``python -m larknb.sandbox`` works without warnings, and the package needs nothing of the client."""
    command = [sys.executable, "-W", "error", "-m", "larknb.sandbox", "--for", "0", "--empty"]
    assert b"127.0.0.1" in subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    check = (
        "import sys, larknb.sandbox; "
        "print([n for n in sys.modules if n.split('.')[0] in ('requests', 'pandas', 'pyarrow', 'ipywidgets')"
        " or (n.startswith('larknb.') and not n.startswith('larknb.sandbox'))])"
    )
    done = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, timeout=60)
    assert done.stdout.strip() == b"[]"
