"""What pyproject.toml promises; `.ci/packages` proves it of the built packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import larknb

FILE = Path(__file__).parents[1] / "pyproject.toml"
TEXT = FILE.read_text(encoding="utf-8")
READ = tomllib.loads(TEXT)
PROJECT, SAYS_IT = READ["project"], READ["tool"]["hatch"]["version"]["path"]
BOUNDED = re.compile(r'^\s*"[\w.\[\],-]+[^";]*(<|==|~=)[^"]*",?(?P<rest>.*)$', re.MULTILINE)


def test_the_version_is_said_once() -> None:
    """In the package; what pip knows is made from that."""
    assert "version" not in PROJECT
    assert f'__version__ = "{larknb.__version__}"' in (FILE.parent / SAYS_IT).read_text(encoding="utf-8")
    assert larknb.__version__ not in TEXT


def test_an_upper_bound_has_a_reason() -> None:
    """It keeps people from what they need beside larknb: a comment on its line says why it must."""
    bounds = list(BOUNDED.finditer(TEXT))
    assert bounds
    assert [match[0] for match in bounds if not match["rest"].strip().startswith("# ")] == []


@pytest.mark.parametrize(
    ("line", "is_bounded"),
    [('    "a<4",', True), ('    "a-b[c]>=1,<4",', True), ('    "a==1.*",', True), ('    "a~=1.0",', True),
     ('    "a>=1",', False), ('    "a; python_version < \'3.12\'",', False), ('    "a",', False)],
)  # fmt: skip
def test_a_bound_is_seen(line: str, is_bounded: bool) -> None:
    """In every form that pip knows; a marker is none."""
    assert bool(BOUNDED.search(line)) is is_bounded


def test_each_python_is_named() -> None:
    """From the oldest that is required on."""
    named = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    assert named[0] == PROJECT["requires-python"].removeprefix(">=")
    tried = re.search(r"for version in ([\d. ]+);", (FILE.parent / ".ci" / "packages").read_text(encoding="utf-8"))
    assert tried is not None
    assert tried[1].split() == named
