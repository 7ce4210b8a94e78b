"""docs/engines.md, run as it stands: each engine reads what was published to a real store."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, people_and_teams, sync
from tests.s3 import environment
from tests.seaweed import seaweed
from tests.stores import need

DOCUMENT = (Path(__file__).parents[1] / "docs/engines.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", DOCUMENT, re.S | re.M))
BLOCK = re.compile(r"```python\n(.*?)```", re.S)
EXAMPLES = [(engine, code) for engine, text in SECTIONS.items() for code in BLOCK.findall(text)]
NEEDS = {"pandas": (), "Polars": ("polars",), "DuckDB": ("duckdb",), "Dask": ("dask", "distributed", "s3fs"),
         "Delta": ("deltalake",), "Spark": ("pyspark",)}  # fmt: skip

pytestmark = [pytest.mark.stores, pytest.mark.timeout(1000)]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Two states of a source called staff, in a real store and in a folder; the environment of its readers."""
    need("deltalake")
    root, clock = tmp_path_factory.mktemp("engines"), Clock()
    with (
        seaweed(tmp_path_factory.mktemp("seaweed")) as url,
        Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box,
        pytest.MonkeyPatch.context() as patch,
    ):
        env = {**environment(url), "AWS_ALLOW_HTTP": "true", "XDG_CACHE_HOME": str(root / "elsewhere")}
        for name, value in env.items():
            patch.setenv(name, value)
        lab = people_and_teams(root / "ws", box, clock)
        file = lab.workspace.root / "larknb.toml"
        file.write_text(file.read_text(encoding="utf-8").replace('"s1"', '"staff"'), encoding="utf-8")
        for age in (40, 41):
            lab.later().people.edit(next(iter(lab.people.rows)), {"age": age})
            sync(lab, force=True).raise_for_failures()
            Workspace(lab.workspace.root).publish("s3://bucket/team", format="delta")
        Workspace(lab.workspace.root).publish(root / "team")
        yield {**os.environ, **env, "FOLDER": str(root / "team")}


def run(code: str, env: dict[str, str], cwd: Path) -> str:
    """Run some lines in a process of their own, and return what they print."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_engine_has_its_example() -> None:
    """None is described without being run."""
    assert {engine for engine, _ in EXAMPLES} == NEEDS.keys()


@pytest.mark.parametrize(("engine", "code"), EXAMPLES, ids=[engine for engine, _ in EXAMPLES])
def test_an_engine_reads_what_was_published(engine: str, code: str, published: dict[str, str], tmp_path: Path) -> None:
    """The lines of the page, word by word, count the 30 people by age."""
    if engine == "Spark" and shutil.which("java") is None:
        pytest.skip("Spark needs a Java runtime")
    need(*NEEDS[engine])
    told = run(code.replace("/mnt/team", published["FOLDER"]), published, tmp_path)
    assert "41" in told
    assert ("False" in told) == (engine == "Delta")  # the version before differs


def test_dask_reads_a_folder_with_two_workers(published: dict[str, str], tmp_path: Path) -> None:
    """The same lines over a shared folder."""
    need("distributed")
    (code,) = BLOCK.findall(SECTIONS["Dask"])
    assert "41.0" in run(code.replace("s3://bucket/team", published["FOLDER"]), published, tmp_path)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two workers are no faster than one on one core")
def test_dask_groups_ten_million_rows(published: dict[str, str]) -> None:
    """Out of the store, with two workers in less time than with one, each within its memory limit."""
    need("distributed", "s3fs")
    command = [sys.executable, "benchmarks/engines.py", "--target", "s3://bucket/big"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=published, cwd=Path(__file__).parents[1], check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["rows"] == 10_000_000
    assert found["two"] < found["one"]
    assert found["peak"] < found["limit"]
