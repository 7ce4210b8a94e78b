"""What a kernel's process itself writes, past the outputs of its cells."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from larknb.headless.kernel_log import KEPT, clean_log, keep_log, open_sink
from tests.headless.conftest import Bench, posix


def test_what_the_process_writes_is_kept_apart(bench: Bench) -> None:
    """What comes past the cells, here the kernel's own log, is in a file beside the notebook, redacted."""
    noise = "from traitlets.config import Application; Application.instance().log.error('token-1234 went wrong')"
    assert bench.run(noise, redact=lambda text: text.replace("token-1234", "****")).ok
    assert "**** went wrong" in bench.output.with_suffix(".log").read_text(encoding="utf-8")
    assert bench.text(1) == ""


def test_a_flood_past_the_cells_is_cut(bench: Bench) -> None:
    """The log keeps its beginning and its end."""
    flood = "import sys\nfor n in range(30_000): sys.__stderr__.write(f'{n:06} ' + 'x' * 100 + '\\n')"
    assert bench.run(flood).ok
    assert bench.log().startswith("000000 x")
    assert bench.log().rstrip("x\n").endswith("029999 ")
    assert "2.2 MB left out" in bench.log()
    assert len(bench.log()) < 1_001_000


@pytest.mark.parametrize("words", ["", " \n\n"])
def test_a_log_without_words_goes(tmp_path: Path, words: str) -> None:
    """And where there is none, nothing is missed."""
    file = tmp_path / "1.log"
    clean_log(file, str)
    file.write_text(words, encoding="utf-8")
    clean_log(file, str)
    assert not file.exists()


@pytest.mark.parametrize(("extra", "cut"), [(0, False), (1, True)])
def test_of_a_long_log_the_ends_stay(tmp_path: Path, extra: int, cut: bool) -> None:
    """Up to the bound all of it; past it the beginning, the end, and a word about what is between."""
    file = tmp_path / "1.log"
    file.write_bytes(b"secret" + b"a" * (KEPT - 7) + b"\n" + b"b" * extra + b"\n" + b"c" * (KEPT - 1))
    clean_log(file, lambda text: text.replace("secret", "****"))
    text = file.read_text(encoding="utf-8")
    assert text.startswith("****aaa")
    assert ("\n… 1 B left out here …\nccc" in text) is cut
    assert text.count("c" * 100) == KEPT // 100 - 1
    assert "b" not in text


@posix
def test_the_log_has_no_name_as_it_comes(tmp_path: Path) -> None:
    """A runner that is killed leaves nothing of it; only what was redacted lies in the folder."""
    sink = open_sink(tmp_path)
    sink.write(b"token-1234")
    sink.flush()
    assert [*tmp_path.iterdir()] == []
    keep_log(sink, tmp_path / "1.log", lambda text: text.replace("token-1234", "****"))
    assert (tmp_path / "1.log").read_text(encoding="utf-8") == "****"


def test_a_log_goes_nowhere_where_no_disk_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on without it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    sink = open_sink(tmp_path / "missing")
    sink.write(b"x")
    keep_log(sink, tmp_path / "1.log", str)
    assert [*tmp_path.iterdir()] == []
