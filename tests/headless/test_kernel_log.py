from __future__ import annotations

from tests.headless.conftest import Bench


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
