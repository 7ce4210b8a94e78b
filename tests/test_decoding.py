"""Types that several threads ask for at once: nothing of the process is lost by that."""

from __future__ import annotations

import ast
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

import larknb
from larknb.decoding import PATIENCE, patient_collector, ready

PACKAGE = Path(larknb.__file__).parent

THREADS = """
import sys, threading
import msgspec
from larknb.decoding import ready

sys.setswitchinterval(1e-6)
whole = []
for number in range(100):
    members = [(f"a{each}", "int | None", None) for each in range(30)]
    inner = msgspec.defstruct(f"Inner{number}", members, namespace={"__module__": "__main__"})
    shape = msgspec.defstruct(f"Outer{number}", [("one", inner | None, None), ("all", list[inner], [])])
    barrier = threading.Barrier(4)

    def read(shape=shape, barrier=barrier):
        barrier.wait()
        found = msgspec.convert({"one": {"a1": 1}, "all": [{"a2": 2}]}, SHAPE)
        whole.append((found.one.a1, found.all[0].a2) == (1, 2))

    threads = [threading.Thread(target=read) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
assert whole == [True] * 400
"""


def run(shape: str) -> int:
    """Return how a process ended whose threads all read into a type that nobody has read into before."""
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run([sys.executable, "-c", THREADS.replace("SHAPE", shape)], env=env, check=False).returncode


def test_threads_that_ask_first_at_one_time() -> None:
    """All get what they asked for, and the process lives."""
    assert run("ready(shape)") == 0


def calls(path: Path) -> list[ast.Call]:
    """Return the calls of msgspec in a file that read into a type."""
    found = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [
        call for call in found
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func).startswith("msgspec.")
        and call.func.attr in ("decode", "convert", "Decoder")
    ]  # fmt: skip


def test_every_type_is_named_through_it() -> None:
    """A type that is asked for in another way ends processes, once in thousands of runs."""
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "decoding.py" and "sandbox" not in path.parts]
    found = [(path.name, call) for path in files for call in calls(path)]
    assert len(found) > 10
    for name, call in found:
        types = [keyword.value for keyword in call.keywords if keyword.arg == "type"] or call.args[1:2]
        assert all(ast.unparse(each).startswith("ready(") for each in types), f"{name}: {ast.unparse(call)}"


def test_what_is_ready_is_the_type_itself() -> None:
    """Also one that is none of a class, such as a mapping of lists."""
    assert ready(dict[str, list[float]]) == dict[str, list[float]]
    assert ready(int) is int


def test_the_collector_is_patient_inside_alone() -> None:
    """Also where that ends by an error; whoever is more patient already stays so."""
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="x"), patient_collector():
        assert gc.get_threshold() == (PATIENCE, *before[1:])
        gc.set_threshold(2 * PATIENCE)
        with patient_collector():
            assert gc.get_threshold()[0] == 2 * PATIENCE
        raise ValueError("x")
    assert gc.get_threshold() == before
