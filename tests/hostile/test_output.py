"""What programs read of a command, when the data or the machine is hostile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from larknb.cli import main
from tests.cli.conftest import home
from tests.cli.running import run
from tests.conftest import Lab, text

__all__ = ["home"]  # a fixture


@pytest.mark.parametrize("number", [1e-12, 1 / 3, 0.1 + 0.2, 2.0**53, 1e300, -5e-324])
def test_programs_get_every_digit(home: Lab, number: float, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """On the screen, in a file, and in the files that a sync keeps for other programs."""
    file = home.workspace.root / "larknb.toml"
    formats = '\n[cache]\nformats = ["parquet", "json"]\n[['
    file.write_text(file.read_text(encoding="utf-8").replace("\n\n[[", formats, 1), encoding="utf-8")
    home.people.add({"name": text("小数"), "age": number})
    main(["sync", "--quiet"])
    target = tmp_path / "out.json"
    run(capsys, "load", "s1/people", "--json", str(target))
    kept = Path(home.workspace.paths("s1")["people"]).with_suffix(".json").read_text(encoding="utf-8")
    for told in (run(capsys, "load", "s1/people", "--json")[1], target.read_text(encoding="utf-8"), kept):
        assert [row["age"] for row in json.loads(told) if row["name"] == "小数"] == [number]
