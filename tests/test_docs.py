"""The READMEs and the pages of docs/: their links lead somewhere, what they show works, no language lacks a part."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import larknb
from larknb.cli import main
from larknb.cli.parsing import parse
from larknb.config.settings import settings_of
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in
from tests.week import DAY, week_of_work

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
READMES = (ROOT / "README.zh-CN.md", ROOT / "README.md")
PAGES = sorted([*READMES, *DOCS.rglob("*.md")])
PAIRS = [READMES, *((DOCS / "zh" / path.name, path) for path in sorted((DOCS / "en").glob("*.md")))]
GENERATED = ("calls.md", "codes.md", "commands.md", "settings.md")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
SOURCE = '[[sources]]\nurl = "https://example.feishu.cn/base/FsQd7Vm4cXn2RtKyBw6pZjHgUaE"\n'  # what a part belongs to
OFFLINE = ("status", "sources", "load", "join", "sql", "diff", "history", "check", "schema", "paths", "search",
           "document", "attachments", "whoami", "runs", "sync")  # fmt: skip

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
every_pair = pytest.mark.parametrize(("zh", "en"), PAIRS, ids=lambda path: path.stem)


def prose(page: Path) -> str:
    """Return a page without what stands in fences, where a # is no heading and brackets are no links."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    return FENCE.findall(page.read_text(encoding="utf-8"))


# --- links and references ---------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Return the addresses of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in headings(page)}


@every_page
def test_a_link_leads_somewhere(page: Path) -> None:
    """Every picture, page and heading that a page points to is in the repository."""
    targets = re.findall(r"\]\(([^()\s]+)\)", prose(page))
    for target in (each for each in targets if not re.match(r"\w+:", each)):
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not heading or heading in anchors(there), target


def test_the_references_are_those_of_the_code() -> None:
    """After a change of a key, a call or an option: python docs/make.py."""
    made = runpy.run_path(str(DOCS / "make.py"))
    assert made["missing"]() == [], "docs/texts.toml lacks their Chinese texts"
    stale = [str(path) for path, text in made["pages"]().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python docs/make.py"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_names_every_call(readme: Path) -> None:
    """The table of calls is whole."""
    named = set(re.findall(r"`lk\.(\w+)\(\)`", readme.read_text(encoding="utf-8")))
    assert {name for name in larknb.__all__ if not name[0].isupper()} - named == set()


@every_page
def test_a_page_speaks_of_calls_that_there_are(page: Path) -> None:
    """What a page calls is a call."""
    named = re.findall(r"\blk\.(\w+)\(", page.read_text(encoding="utf-8"))
    assert {*named} - {*larknb.__all__} == set()


# --- two languages ----------------------------------------------------------------------------------------------------


@every_pair
def test_both_languages_have_the_same_parts(zh: Path, en: Path) -> None:
    """Heading for heading, the same levels; fence for fence, the same code but for comments."""
    assert [level for level, _ in headings(zh)] == [level for level, _ in headings(en)]
    if en.name not in GENERATED:
        assert [without_words(*each) for each in blocks(zh)] == [without_words(*each) for each in blocks(en)]


def without_words(language: str, code: str) -> tuple[str, list[str]]:
    """Return a snippet without its comments; of a plain text, which is in the language of the page, nothing is left."""
    return language, [re.sub(r"\s*#.*", "", line) for line in code.splitlines() if language != "text"]


def test_no_page_is_in_one_language_alone() -> None:
    """docs/zh and docs/en hold the same names."""
    zh, en = ({path.name for path in (DOCS / lang).glob("*.md")} for lang in ("zh", "en"))
    assert zh == en


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_is_short(readme: Path) -> None:
    """Whoever arrives reads it to its end."""
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 120


in_chinese = pytest.mark.parametrize(
    "page", [READMES[0], *sorted((DOCS / "zh").glob("*.md"))], ids=lambda path: path.name
)


@in_chinese
def test_chinese_has_no_blanks_of_line_ends(page: Path) -> None:
    """A paragraph is one line: a browser shows the end of a line as a blank, which Chinese does not have."""
    plain = r"(?![#|>!\s]|- |\d+\. |$)"
    assert re.findall(rf"^(?![#|>!\s]).+\n{plain}.+", prose(page), re.MULTILINE) == []


@in_chinese
def test_chinese_has_its_own_signs(page: Path) -> None:
    """No blank after a Chinese full stop, one word for a source, and Notebook spelled one way."""
    text = re.sub(r"`[^`\n]*`|\]\([^)]*\)|^    .*$", "…", prose(page), flags=re.MULTILINE)
    assert re.findall(r"[。，；：？！] (?!\|).{10}", text) == []
    assert re.findall(r"(?<!数据)来源|\bnotebooks?\b|NoteBook|笔记本", text) == []


# --- what they show works ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """The sample workspace after a week of work; its platform is there as long as the tests of this file run."""
    root = tmp_path_factory.mktemp("docs") / "week"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LARKNB_LANG", "en")
        patch.setenv("LARKNB_SETTLE", "0")
        with week_of_work(root, Clock(time.time() - 8 * DAY - 300)) as box:  # it ends now: pages have no clock of ours
            yield root, box


@pytest.fixture
def here(week: tuple[Path, Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a copy of that workspace, which a page may change."""
    root, box = week
    shutil.copytree(root, tmp_path / "ws")
    sign_in(Workspace(tmp_path / "ws"), box)
    monkeypatch.chdir(tmp_path / "ws")


# Of one language: the other one has the same code, as is tested above.
SHOWING = [
    page
    for page in (READMES[0], *sorted((DOCS / "zh").glob("*.md")))
    if any(language in ("python", "shell") for language, _ in blocks(page))
]


@pytest.mark.parametrize("page", SHOWING, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_shows_works(page: Path, here: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Its snippets run one after the other; its commands are understood, and those that only read are run."""
    pytest.importorskip("duckdb")
    names = {"lk": larknb}
    for language, code in blocks(page):
        if language == "python":
            exec(compile(code, str(page), "exec"), names)
        elif language == "shell":
            for line in code.splitlines():
                run(line)


def run(line: str) -> None:
    """Let the command line understand a line that is its own, and carry it out where that needs nobody."""
    words = shlex.split(line, comments=True)
    if words[:1] != ["larknb"]:
        return
    words = words[1 : next((at for at, word in enumerate(words) if word in "<>|&&"), None)]
    assert parse(words)
    if words[0] in OFFLINE and not {"--csv", "--xlsx", "--parquet"} & {*words}:
        assert main(words) == 0, line


@every_page
def test_a_page_shows_settings_that_are_accepted(page: Path, tmp_path: Path) -> None:
    """What a page says of larknb.toml can be pasted into one."""
    for language, code in blocks(page):
        if language == "toml":
            whole = SOURCE + code if code.startswith(("[[sources.", "[sources.")) else code
            assert settings_of(tomllib.loads(whole), tmp_path, {})
