import ast
import re
import string
from pathlib import Path

import pytest

import larknb
from larknb.messages import CATALOGUE, language, say

PACKAGE = Path(larknb.__file__).parent


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same(key: str) -> None:
    """Every text exists in both languages and shows the same values."""
    english, chinese = CATALOGUE[key]
    assert placeholders(english) == placeholders(chinese)
    assert bool(english) == bool(chinese)


def test_every_text_that_is_asked_for_exists() -> None:
    """A literal key in the code is in the catalogue, also one that ends in a variable part."""
    asked: set[str] = set()
    patterns: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parts[-2] == "sandbox":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say":
                if isinstance(node.args[0], ast.Constant):
                    asked.add(str(node.args[0].value))
                elif isinstance(node.args[0], ast.JoinedStr):
                    parts = [
                        re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".*" for v in node.args[0].values
                    ]
                    patterns.add("".join(parts))
    assert asked <= CATALOGUE.keys()
    assert all(any(re.fullmatch(pattern, key) for key in CATALOGUE) for pattern in patterns)


def test_every_text_is_given_what_it_shows() -> None:
    """A literal call of ``say`` names the placeholders of its text, no fewer."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say"
            if not called or not isinstance(node.args[0], ast.Constant) or any(k.arg is None for k in node.keywords):
                continue
            given = {str(keyword.arg) for keyword in node.keywords}
            assert set(placeholders(CATALOGUE[str(node.args[0].value)][0])) <= given, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LARKNB_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LARKNB_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LARKNB_LANG": "Chinese (Simplified)_China"}, "zh"),
    ],
)
def test_the_language_follows_the_environment(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LARKNB_LANG goes before the locale; Windows' own spelling of Chinese is understood."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_an_argument_goes_before_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """``login(lang="zh")`` speaks Chinese on an English machine."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    assert say("report.title", "zh") == "同步结果"
