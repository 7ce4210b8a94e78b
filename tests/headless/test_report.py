from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

from larknb.cli import main
from larknb.errors import ConfigError
from larknb.headless.report import write_report
from larknb.headless.runner import run_notebook
from larknb.workspace import Workspace
from tests.headless.conftest import Bench

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SHOWS = f"""
from IPython.display import HTML, display
display(HTML("<table><tr><td>表格 &lt;1&gt;</td></tr></table>"))
display({{"image/png": {PICTURE!r}}}, raw=True)
print("secret" "-1234")
"""


def redact(text: str) -> str:
    return text.replace("secret-1234", "****")


def make(bench: Bench, *cells: str) -> str:
    bench.run(*cells, redact=redact)
    return write_report(bench.output, redact).read_text(encoding="utf-8")


def test_it_shows_results_without_code(bench: Bench) -> None:
    """Text, tables, pictures and errors of a run, in one file beside the executed notebook."""
    page = make(bench, SHOWS, "raise ValueError('坏了')")
    assert "<h1" in page
    assert "标题" in page
    assert "表格 &lt;1&gt;" in page
    assert f"data:image/png;base64,{PICTURE}" in page
    assert "坏了" in page
    assert "import HTML" not in page.partition("<pre>")[0]
    assert bench.output.with_suffix(".html").is_file()


def test_it_needs_no_network(bench: Bench) -> None:
    """No script, style, font or picture comes from elsewhere, and the page itself forbids that."""
    page = make(bench, SHOWS, "display({'application/javascript': 'alert(1)'}, raw=True)")
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page) == []
    assert "cdn" not in page
    assert "default-src 'none'" in page
    assert "script-src" not in page


def test_no_secret_is_in_it(bench: Bench) -> None:
    """Neither of what was printed nor of what was written between."""
    path = bench.write("print('secret' '-1234')")
    content = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    content.cells[0].source = "# secret-1234"
    nbformat.write(content, path)  # type: ignore[no-untyped-call]
    run_notebook(path, bench.output, redact=redact)
    assert "secret-1234" not in write_report(bench.output, redact).read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LARKNB_HOME", str(tmp_path))
    (tmp_path / "larknb.toml").write_text("[schedule]\nreport = true\n")
    return tmp_path


def test_the_command_line_writes_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the executed notebook, and says where; a schedule does so where larknb.toml asks for it."""
    path = str(Bench(home).write("print('in the report')"))
    assert main(["run", path, "--report"]) == 0
    told = Path(capsys.readouterr().out.splitlines()[-1])
    assert "in the report" in told.read_text(encoding="utf-8")
    assert main(["schedule", "--once", "--notebook", path]) == 0
    assert len([*told.parent.glob("*.html")]) == 2


def test_it_is_an_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without nbconvert the error says what to install, before anything runs."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install .larknb\[report\]."):
        Workspace(home).run(Bench(home).write("open('trace', 'w')"), report=True)
    assert not [*home.rglob("trace")]


def test_a_report_that_fails_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run is what it was, and the user is told."""
    blocks = "import pathlib, sys\nfor path in pathlib.Path('..').rglob('*.running'): path.with_suffix('.html').mkdir()"
    result = Workspace(home).run(Bench(home).write(blocks), report=True)
    assert (result.ok, result.report) == (True, "")
    assert "No report was written" in capsys.readouterr().err
