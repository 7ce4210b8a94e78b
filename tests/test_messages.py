import ast
import re
import string
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import larknb
from larknb.messages import CATALOGUE, joined, language, quoted, say, speaking

from .test_imports import HEIGHT

PACKAGE = Path(larknb.__file__).parent
ROOMS = {path.stem: path for path in (PACKAGE / "messages").glob("*.py") if path.stem != "__init__"}
FAMILIES = {key.partition(".")[0] for key in CATALOGUE}
FILE_ENDINGS = (".json", ".lock", ".log", ".md", ".owner")  # what else has a dot, such as guide.json


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


CODE = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if room_of(path) not in ("messages", "sandbox")  # the stand-in says nothing of ours
}


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    for path, tree in CODE.items():
        for node in ast.walk(tree):
            yield path, node


def literals() -> Iterator[tuple[Path, str]]:
    """Yield every text of the code that is whole, no part of an f-string."""
    parts = {id(part) for _, node in nodes() if isinstance(node, ast.JoinedStr) for part in node.values}
    for path, node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield path, node.value


def patterns() -> Iterator[tuple[Path, str]]:
    """Yield every f-string that makes a key, as a pattern: one part of the key for each word that is filled in."""
    for path, node in nodes():
        if isinstance(node, ast.JoinedStr):
            texts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "([^.]*)" for part in node.values
            ]
            if texts[0].partition("\\.")[0] in FAMILIES and "\\." in texts[0]:
                yield path, "".join(texts)


def words() -> set[str]:
    """Return what may be filled into a key: the texts, the fields and the keywords of the code."""
    fields = {
        node.target.id for _, node in nodes() if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    keywords = {node.arg for _, node in nodes() if isinstance(node, ast.keyword) and node.arg}
    return {text for _, text in literals()} | fields | keywords


def says() -> dict[str, set[str]]:
    """Return which rooms say each key: by its literal, or by an f-string and words that the code has."""
    rooms: dict[str, set[str]] = {key: set() for key in CATALOGUE}
    known = words()
    for path, text in literals():
        if text in rooms:
            rooms[text].add(room_of(path))
    for path, pattern in patterns():
        for key in rooms:
            if (match := re.fullmatch(pattern, key)) and known.issuperset(match.groups()):
                rooms[key].add(room_of(path))
    return rooms


def literal_calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield the place, the node and the key of every ``say("...")`` in the code."""
    for path, node in nodes():
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name == "say" and isinstance(node.args[0], ast.Constant):
            yield f"{path.name}:{node.lineno}", node, str(node.args[0].value)


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same(key: str) -> None:
    """Every text exists in both languages and shows the same values."""
    english, chinese = CATALOGUE[key]
    assert placeholders(english) == placeholders(chinese)
    assert bool(english) == bool(chinese)


@pytest.mark.parametrize("key", CATALOGUE)
def test_chinese_is_written_as_people_write_it(key: str) -> None:
    """No blank after a full stop, one word for a source, one spelling of Notebook; commands keep their own."""
    chinese = CATALOGUE[key][1]
    assert not re.search("[。！？；] +(?!#)", chinese)
    assert not re.search("(?<!数据)来源|数据来源|无界面", chinese)
    assert not re.search(r"(?<![{\w/])notebook(?![}\w])|NOTEBOOK|笔记本", chinese)


@pytest.mark.parametrize("key", CATALOGUE)
def test_english_counts_as_people_do(key: str) -> None:
    """A number of things is in the singular or plural, never "source(s)"."""
    assert "(s)" not in CATALOGUE[key][0]


def test_no_text_is_dead() -> None:
    """Every text is said somewhere, by its key or by an f-string such as ``trouble.{name}.what``."""
    assert [key for key, rooms in says().items() if not rooms] == []


def test_a_text_stands_where_it_is_said() -> None:
    """The file of a text is that of the room that says it, and of the lowest one where there are several."""
    said = says()
    for room in ROOMS:
        for key in import_module(f"larknb.messages.{room}").TEXTS:
            assert room in said[key], (key, said[key])
            assert HEIGHT[room] == min(HEIGHT[other] for other in said[key]), (key, said[key])


def test_no_key_stands_twice() -> None:
    """No file hides a text of another one."""
    assert sum(len(import_module(f"larknb.messages.{room}").TEXTS) for room in ROOMS) == len(CATALOGUE)


def test_every_text_that_is_asked_for_exists() -> None:
    """What ``say`` is given is in the catalogue, and so is every other text of the code that looks like a key."""
    assert [place for place, _, key in literal_calls() if key not in CATALOGUE] == []
    for path, text in literals():
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text) and text.partition(".")[0] in FAMILIES:
            assert text in CATALOGUE or text.endswith(FILE_ENDINGS), (path, text)


def test_every_key_that_is_put_together_exists() -> None:
    """An f-string that makes a key matches one at least."""
    for path, pattern in patterns():
        assert any(re.fullmatch(pattern, key) for key in CATALOGUE), (path, pattern)


def test_every_text_is_given_what_it_shows() -> None:
    """A literal call of ``say`` names the placeholders of its text, no fewer."""
    for place, call, key in literal_calls():
        given = {keyword.arg for keyword in call.keywords}
        assert None in given or set(placeholders(CATALOGUE[key][0])) <= given, place


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


def test_a_block_speaks_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside `speaking` every text is in its language, afterwards in that of before; None changes nothing."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    with speaking("zh"), speaking(None):
        assert say("report.title") == "同步结果"
    assert say("report.title") == "Sync"


@pytest.mark.parametrize(("count", "told"), [(0, "0 sources"), (1, "1 source"), ("1,234", "1,234 sources")])
def test_a_noun_follows_its_number(count: object, told: str) -> None:
    """In English; Chinese knows no plural."""
    assert say("report.ok", "en", sources=count, calls=1) == f"{told}, 1 request."
    assert say("report.ok", "zh", sources=count, calls=1) == f"{count} 个数据源，1 次请求。"


@pytest.mark.parametrize(("lang", "told"), [("en", "甲。 乙。"), ("zh", "甲。乙。")])
def test_sentences_are_joined_as_the_language_does(lang: str, told: str) -> None:
    """A blank between them in English alone; what is empty leaves no gap."""
    with speaking(lang):
        assert joined("甲。", "", "乙。") == told


def test_a_quoted_value_is_short_and_harmless() -> None:
    """A value that a text quotes is one line of at most 100 characters, without the password of an address."""
    assert quoted("一\n二") == '"一\\n二"'
    assert len(quoted("x" * 1000)) == 100
    assert "hunter2" not in quoted("https://me:hunter2@example.com/")
