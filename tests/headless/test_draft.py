"""The executed notebook on its way to the disk, without secrets, and the record of its run beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.errors import ConfigError
from larknb.headless.draft import Draft
from larknb.headless.notebook import INJECTED
from larknb.headless.redaction import Redact, Redactor
from larknb.headless.runner import run_notebook
from larknb.results.runs import RunResult, RunStatus
from tests.headless.conftest import PID, Bench, posix

make: Any = nbformat.v4
LEAKY = """
import sys
from IPython.display import HTML, JSON, display
print("tok" "en-1234"); print("token", end="-", flush=True); print("1234", file=sys.stdout)
handle = display(HTML("nothing yet"), display_id=True)
display(JSON({"deep": ["token-1234"]}))
display({"image/png": "token-1234"}, raw=True)
"""


def test_no_secret_is_saved(bench: Bench) -> None:
    """Streams, displays, later updates, errors, pictures, sources and the record go through ``redact``."""
    result = bench.run(
        LEAKY, "handle.update(HTML('token-1234'))", "raise ValueError('\\x1b[31mtoken-1234\\x1b[0m')",
        redact=lambda text: text.replace("token-1234", "****"),
    )  # fmt: skip
    saved = bench.output.read_text(encoding="utf-8")
    assert "token-1234" not in saved
    assert result.error is not None
    assert result.error.evalue == "****"
    assert "token-1234" not in bench.output.with_suffix(".json").read_text(encoding="utf-8")


def test_no_secret_is_saved_where_few_would_look(bench: Bench) -> None:
    """A key of a JSON output, its metadata, a parameter: the cells see the value, the file does not."""
    result = bench.run(
        "from IPython.display import display",
        "display({'application/json': {p: [{p: p}]}}, raw=True, metadata={p: 1}); assert p[-1] == '4'",
        parameters={"p": "token-1234"},
        redact=lambda text: text.replace("token-1234", "****"),
    )
    assert result.ok
    assert "token-1234" not in bench.output.read_text(encoding="utf-8")
    assert bench.executed()["cells"][3]["outputs"][0]["data"] == {"application/json": {"****": [{"****": "****"}]}}


@posix
def test_a_full_disk_at_the_end(bench: Bench) -> None:
    """The notebook that was saved last is there and valid, the record tells, and no process is left."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))  # the system refuses to write more into one file
    try:
        result = bench.run(PID, "print('x' * 700_000)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (result.status, result.exit_code) == ("unsaved", 1)
    assert result.error is not None
    assert "Cannot write" in str(result.error)
    assert bench.record()["status"] == "unsaved"
    nbformat.validate(bench.executed())
    assert {path.suffix for path in bench.output.parent.iterdir()} == {".ipynb", ".json"}


def test_an_output_that_cannot_be_written(bench: Bench) -> None:
    """Nothing is run before that is known."""
    bench.write("open('trace', 'w')")
    (bench.root / "runs").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(ConfigError, match="Cannot write"):
        run_notebook(bench.path, bench.output)
    assert not (bench.root / "trace").exists()


def test_an_output_that_is_open_elsewhere(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a program may hold it: the run is kept under another name, and the result tells which."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == bench.output and bench.output.exists():
            raise PermissionError(13, "in use", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    result = bench.run("print('kept')")
    assert result.ok
    assert re.fullmatch(r"1-\d{8}T\d{6}Z\.ipynb", Path(result.output).name)
    assert "kept" in Path(result.output).read_text(encoding="utf-8")


def test_an_output_that_is_open_elsewhere_from_the_start(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record and notebook name the other file, and what the kernel's process writes is redacted all the same."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == bench.output:
            raise PermissionError(13, "in use", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    noise = "import sys; sys.__stderr__.write('token-' '1234')"
    result = bench.run(noise, redact=lambda text: text.replace("token-1234", "****"))
    assert result.output != str(bench.output)
    bench.output = Path(result.output)
    assert bench.record()["output"] == bench.executed()["metadata"]["larknb"]["output"] == result.output
    left = [path.read_text(encoding="utf-8") for path in bench.output.parent.iterdir()]
    assert "****" in left
    assert "token-1234" not in "".join(left)


# --- without a kernel -------------------------------------------------------------------------------------------------


def code(source: str = "", **more: Any) -> Any:
    return make.new_code_cell(source, **more)


def draft(folder: Path, *cells: Any, redact: Redact = str) -> Draft:
    return Draft(make.new_notebook(cells=list(cells)), folder / "1.ipynb", Redactor(redact))


def result(path: Path, status: RunStatus = "ok") -> RunResult:
    return RunResult("n.ipynb", str(path), status, started_at=0.0)


def hidden(text: str) -> str:
    return text.replace("secret", "****")


def test_sources_are_redacted_and_the_notebook_is_not_changed(tmp_path: Path) -> None:
    """What was put in and what its author wrote: the executed notebook is a copy, the one in memory runs on."""
    own, put_in = code("x = 'secret'"), code("p = 'secret'", metadata={"tags": [INJECTED]})
    one = draft(tmp_path, own, put_in, make.new_markdown_cell("secret"), redact=hidden)
    one.save(result(one.output))
    assert "secret" not in one.output.read_text(encoding="utf-8")
    assert (own.source, put_in.source) == ("x = 'secret'", "p = 'secret'")


@pytest.mark.parametrize(
    "kind", ["image/png", "video/mp4", "application/pdf", "image/svg+xml", "text/html", "a/b+json"]
)
def test_every_kind_of_output_is_redacted(tmp_path: Path, kind: str) -> None:
    """Whatever it calls itself."""
    output = make.new_output("display_data", data={kind: "secret"})
    one = draft(tmp_path, code(outputs=[output]), redact=hidden)
    one.save(result(one.output))
    assert "secret" not in one.output.read_text(encoding="utf-8")


def test_a_partly_saved_notebook_has_no_record(tmp_path: Path) -> None:
    """While it runs the notebook alone is brought up to date; a disk that is full now stops nobody."""
    one = draft(tmp_path, code("1"))
    one.save_partly()
    assert [path.name for path in tmp_path.iterdir()] == ["1.ipynb"]
    (tmp_path / "file").touch()
    draft(tmp_path / "file", code("1")).save_partly()


@pytest.mark.parametrize(("status", "told"), [("ok", "unsaved"), ("failed", "failed"), ("stopped", "stopped")])
def test_a_failed_run_stays_failed_where_nothing_can_be_saved(
    tmp_path: Path, status: RunStatus, told: RunStatus
) -> None:
    """Only a run that ended well becomes an unsaved one: the first reason is the one that counts."""
    (tmp_path / "file").touch()
    one = draft(tmp_path / "file", code("1"))
    assert one.finish(result(one.output, status)).status == told
