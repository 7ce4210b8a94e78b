from __future__ import annotations

import re

import nbformat

from tests.headless.conftest import Bench


def test_a_flood_of_prints_is_cut(bench: Bench) -> None:
    """Of 20 MB the beginning and the end stay, and a line between says how much is missing."""
    prints = "for n in range(400_000): print(f'{n:06} ' + 'x' * 43)"
    result = bench.run(f"{prints}\nimport sys; print('late', file=sys.stderr)")
    assert result.ok
    text = bench.text(1)
    assert text.startswith("000000 x")
    assert "399999 x" in text
    assert "\nlate\n" in text
    assert re.search(r"\n… \d\d\.\d MB left out here …\n", text)
    assert bench.output.stat().st_size < 1_200_000
    nbformat.validate(bench.executed())


def test_what_is_flushed_letter_by_letter_stays_whole(bench: Bench) -> None:
    """Below the bound nothing is lost, and streams stay apart."""
    bench.run("import sys\nfor n in range(300):\n    print(n % 10, end='', flush=True)\n    sys.stderr.write('.')")
    assert {o["name"]: "".join(o["text"]) for o in bench.executed()["cells"][1]["outputs"]} == {
        "stdout": "0123456789" * 30,
        "stderr": "." * 300,
    }


def test_a_progress_bar_leaves_its_last_state(bench: Bench) -> None:
    """As a terminal shows it; and a line of 2 MB does not hold the run up."""
    bar = "for n in range(300): print(f'\\r{n}', end='', flush=True)\nprint()"
    result = bench.run(f"{bar}", "print('x' * 2_000_000)", "print('end')")
    assert bench.text(1) == "299\n"
    assert result.seconds < 10
    assert "x\n… 1.1 MB left out here …\n" in bench.text(2)
    assert bench.text(3) == "end\n"


def test_a_flood_of_displays_is_cut(bench: Bench) -> None:
    """What fits stays, one mark tells of the rest; a later update cannot bring the flood in, nor can an error."""
    result = bench.run(
        "handle = display('first', display_id=True)\n"
        "for n in range(30): display({'text/html': 'y' * 300_000}, raw=True)",
        "handle.update('z' * 6_000_000)",
        "raise ValueError('e' * 3_000_000)",
    )
    outputs = bench.executed()["cells"][1]["outputs"]
    assert len(outputs) == 1 + 16 + 1
    assert "left out" in "".join(outputs[0]["data"]["text/plain"])
    assert "left out" in "".join(outputs[-1]["data"]["text/plain"])
    assert result.status == "failed"
    assert bench.output.stat().st_size < 5_200_000
    assert bench.output.with_suffix(".json").stat().st_size < 10_000


def test_what_a_cell_clears_does_not_count(bench: Bench) -> None:
    """A cell that shows its progress by clearing prints as much as it likes."""
    loop = "for n in range(50): clear_output(wait=True); print(n, 'x' * 100_000)"
    assert bench.run(f"from IPython.display import clear_output\n{loop}").ok
    assert bench.text(1) == f"49 {'x' * 100_000}\n"
