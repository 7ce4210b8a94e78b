import ast
import re
import string
from collections.abc import Iterator
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


def asked_for() -> tuple[set[str], set[str]]:
    """Return the literal keys of the code, and patterns of those that end in a variable part."""
    asked: set[str] = set()
    patterns: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in node.values]
                patterns.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                asked.add(node.value)
    return asked, {pattern for pattern in patterns if re.match(r"[a-z_]+\\\.", pattern)}


def test_no_text_is_dead() -> None:
    """Every text is asked for somewhere, by its key or by a pattern such as ``trouble.{name}.what``."""
    asked, patterns = asked_for()
    dead = [k for k in CATALOGUE if k not in asked and not any(re.fullmatch(pattern, k) for pattern in patterns)]
    assert dead == []


def literal_calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield the place and the node of every ``say("...")`` in the code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "say":
                continue
            if isinstance(node.args[0], ast.Constant):
                yield f"{path.name}:{node.lineno}", node


def key_of(call: ast.Call) -> str:
    return str(getattr(call.args[0], "value", ""))


def test_every_text_that_is_asked_for_exists() -> None:
    """A literal key of ``say`` is in the catalogue."""
    assert [place for place, call in literal_calls() if key_of(call) not in CATALOGUE] == []


def test_every_text_is_given_what_it_shows() -> None:
    """A literal call of ``say`` names the placeholders of its text, no fewer."""
    for place, call in literal_calls():
        given = {keyword.arg for keyword in call.keywords}
        assert None in given or set(placeholders(CATALOGUE[key_of(call)][0])) <= given, place


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
