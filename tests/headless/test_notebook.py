"""The notebook file: what is read of it, what is saved, and what is kept of the words past its cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.errors import ConfigError
from larknb.headless.notebook import INJECTED, LOG, Draft, first_line, read
from larknb.results.changes import SUMMARY
from larknb.results.runs import RunResult

make: Any = nbformat.v4


def code(source: str = "", **more: Any) -> Any:
    return make.new_code_cell(source, **more)


def draft(folder: Path, *cells: Any, redact: Any = str) -> Draft:
    return Draft(make.new_notebook(cells=list(cells)), folder / "1.ipynb", redact)


def result(path: Path, status: Any = "ok") -> RunResult:
    return RunResult("n.ipynb", str(path), status, started_at=0.0)


def saved(folder: Path) -> Any:
    return json.loads((folder / "1.ipynb").read_text(encoding="utf-8"))


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_notebook_is_read_without_its_last_run(tmp_path: Path) -> None:
    """No output, no number, no time of an earlier run; sources, tags and texts stay, and so does the file."""
    output = make.new_output("stream", name="stdout", text="old")
    told = {"tags": ["parameters"], "execution": {"iopub.status.busy": "x"}}
    cell = code("a = 1", outputs=[output], execution_count=7, metadata=told)
    path = tmp_path / "n.ipynb"
    path.write_text(make.writes_json(make.new_notebook(cells=[make.new_markdown_cell("# t"), cell])), encoding="utf-8")
    before = path.read_bytes()
    text, found = read(path).cells
    assert (text.source, found.source, found.outputs, found.execution_count) == ("# t", "a = 1", [], None)
    assert found.metadata == {"tags": ["parameters"]}
    assert path.read_bytes() == before


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    """The error names the path, and its reason fits a line."""
    with pytest.raises(ConfigError, match="not a notebook") as caught:
        read(tmp_path)
    assert str(tmp_path) in caught.value.what
    assert "\n" not in caught.value.what


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", ""),
        ("  \n\n", ""),
        ("\n  x = 1  \ny", "x = 1"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_the_first_line_of_a_cell(source: str, line: str) -> None:
    """The first that says something, at most sixty letters of it."""
    assert first_line(code(source)) == line


# --- saving -----------------------------------------------------------------------------------------------------------


def test_what_was_put_in_is_redacted_and_what_was_written_is_not(tmp_path: Path) -> None:
    """Parameters come from outside; the author's own source is not ours to change, nor is the notebook in memory."""
    put_in = code("p = 'secret'", metadata={"tags": [INJECTED]})
    one = draft(tmp_path, code("x = 'secret'"), put_in, redact=lambda text: text.replace("secret", "****"))
    one.save(result(one.output))
    assert ["secret" in "".join(cell["source"]) for cell in saved(tmp_path)["cells"]] == [True, False]
    assert "secret" in put_in.source


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("image/png", True), ("video/mp4", True), ("audio/wav", True), ("application/pdf", True),
        ("image/svg+xml", False), ("text/html", False), ("application/json", False),
    ],
)  # fmt: skip
def test_what_is_binary_stays(tmp_path: Path, kind: str, kept: bool) -> None:
    """A picture is no text; a drawing in XML is one."""
    output = make.new_output("display_data", data={kind: "secret"})
    one = draft(tmp_path, code(outputs=[output]), redact=lambda text: text.replace("secret", "****"))
    one.save(result(one.output))
    assert ("secret" in (tmp_path / "1.ipynb").read_text(encoding="utf-8")) is kept


def test_the_last_summary_counts(tmp_path: Path) -> None:
    """A cell that was run in a loop told several; without one there is none."""
    outputs = [make.new_output("display_data", data={SUMMARY: {"failed": n}}) for n in range(2)]
    plain = make.new_output("stream", name="stdout", text="x")
    one = draft(tmp_path, make.new_markdown_cell("t"), code(outputs=[outputs[0]]), code(outputs=[outputs[1], plain]))
    assert one.summary() == {"failed": 1}
    assert draft(tmp_path, code(outputs=[plain])).summary() is None


def test_a_partly_saved_notebook_has_no_record(tmp_path: Path) -> None:
    """While it runs the notebook alone is brought up to date; a disk that is full now stops nobody."""
    one = draft(tmp_path, code("1"))
    one.save_partly()
    assert [path.name for path in tmp_path.iterdir()] == ["1.ipynb"]
    (tmp_path / "file").touch()
    draft(tmp_path / "file", code("1")).save_partly()


def test_a_failed_run_stays_failed_where_nothing_can_be_saved(tmp_path: Path) -> None:
    """Only a run that ended well becomes an unsaved one: the first reason is the one that counts."""
    (tmp_path / "file").touch()
    for status, told in (("ok", "unsaved"), ("failed", "failed")):
        one = draft(tmp_path / "file", code("1"))
        one.finish(end := result(one.output, status))
        assert end.status == told


# --- past the cells ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", " \n\n"])
def test_a_log_without_words_goes(tmp_path: Path, words: str) -> None:
    """And where there is none, nothing is missed."""
    one = draft(tmp_path)
    one.close_log()
    one.log_file.write_text(words, encoding="utf-8")
    one.close_log()
    assert not one.log_file.exists()


@pytest.mark.parametrize(("extra", "cut"), [(0, False), (1, True)])
def test_of_a_long_log_the_ends_stay(tmp_path: Path, extra: int, cut: bool) -> None:
    """Up to the bound all of it; past it the beginning, the end, and a word about what is between."""
    one = draft(tmp_path, redact=lambda text: text.replace("secret", "****"))
    one.log_file.write_bytes(b"secret" + b"a" * (LOG - 6) + b"b" * extra + b"c" * LOG)
    one.close_log()
    text = one.log_file.read_text(encoding="utf-8")
    assert text.startswith("****aaa")
    assert ("\n… 1 B left out here …\nccc" in text) is cut
    assert text.count("c" * 1000) == LOG // 1000
    assert "b" not in text
