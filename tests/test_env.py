import ast
import re
from collections.abc import Iterator
from pathlib import Path

import larknb
from larknb import env
from larknb.config.settings import load_settings, variable_of
from larknb.messages import CATALOGUE

PACKAGE = Path(larknb.__file__).parent
NAMES = {value for name, value in vars(env).items() if name.isupper() and isinstance(value, str)}
SPELT = re.compile(r"(?:LARKNB|LARKSUITE)_[A-Z_]*")


def spelt(path: Path) -> Iterator[str]:
    """Yield the variables that a file spells in its code; docstrings may name them, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from SPELT.findall(node.value)


def test_every_name_is_spelt_once() -> None:
    """No other file of the code spells the name of a variable, apart from the stand-in, which imports nothing."""
    apart = {PACKAGE / "env.py", *(PACKAGE / "messages").glob("*"), *(PACKAGE / "sandbox").rglob("*")}
    files = [path for path in PACKAGE.rglob("*.py") if path not in apart]
    assert {str(path.relative_to(PACKAGE)): [*spelt(path)] for path in files if [*spelt(path)]} == {}


def test_every_name_is_used() -> None:
    """There is no variable that nobody reads or sets."""
    imported = {
        alias.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "larknb.env"
        for alias in node.names
    }
    assert set(env.__all__) - imported == set()


def test_a_text_names_variables_that_there_are() -> None:
    """What a message tells a person to set is a variable that larknb reads."""
    named = {key: SPELT.findall(f"{english} {chinese}") for key, (english, chinese) in CATALOGUE.items()}
    assert {key: names for key, names in named.items() if not NAMES.issuperset(names)} == {}


def test_every_name_is_told_from_other_tools() -> None:
    """By the prefixes alone the variables of larknb are known among all others."""
    assert all(name.startswith(env.PREFIXES) for name in NAMES)


def test_a_key_has_a_variable_of_its_own_name(tmp_path: Path) -> None:
    """The variable that is called like a key of larknb.toml goes before it, where no other is documented."""
    assert env.variable_for("max_age") == "LARKNB_MAX_AGE"
    settings = load_settings(tmp_path, {"LARKNB_MAX_AGE": "5min", "LARKNB_CACHE_DIR": "elsewhere"})
    assert (settings.policy.max_age, settings.cache_dir) == (300.0, tmp_path / "elsewhere")
    assert variable_of("dir", {"LARKNB_DIR": "x"}) == ""
