from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from larknb.config.edit import add_source, create, remove_source, save_app
from larknb.config.settings import load_settings
from larknb.errors import ConfigError, LarkError, NotFound

from .conftest import BASE, GUIDE, WIKI, Load


def test_the_first_write_makes_a_workspace_once(tmp_path: Path) -> None:
    """A new folder gets a commented larknb.toml and a .gitignore for work/; what is there is left alone."""
    root = tmp_path / "new folder"
    assert create(root)
    assert load_settings(root, {}) == replace(load_settings(tmp_path / "none", {}), root=root, exists=True,
        cache_dir=root / "work", token_file=root / "work" / "fault_diagnosis_token_cache.json")  # fmt: skip
    (root / "larknb.toml").write_text('[app]\napp_id = "cli_mine"\n', encoding="utf-8")
    assert not create(root)
    assert load_settings(root, {}).app_id == "cli_mine"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_comments_of_a_new_file_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Taking the # away from every example gives a file that loads, with the defaults where it says so."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    create(tmp_path)
    file = tmp_path / "larknb.toml"
    text = re.sub(r"^# (?=\[\[|\w+ = )", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace("/base/…", "/base/T").replace("…", "A"), encoding="utf-8")
    settings, plain = load_settings(tmp_path, {}), load_settings(tmp_path / "none", {})
    assert (settings.app_id, settings.monthly_calls, len(settings.sources)) == ("cli_example", 10000, 1)
    for name in ("brand", "redirect_uris", "login", "identity", "policy", "formats", "settle"):
        assert getattr(settings, name) == getattr(plain, name)
    assert settings.token_file.name == plain.token_file.name


OWN_FILE = f"""# my notes
[app]
app_id = "cli_example"  # ask Wang

# staff
[[sources]]  # first
name = "人力盘点"
url = "{BASE}"
tables = [
  "人员",  # the big one
  "部门",
]
[sources.filter]
conjunction = "and"
[[sources.filter.conditions]]
field_name = "状态"
operator = "is"
value = ["在职"]

# money
[budget]
monthly_calls = 500

# the guide
[[sources]]
name = "指引"
url = "{GUIDE}"
# end of file
"""


def test_tomlkit_alone_would_lose_what_people_wrote() -> None:
    """Why lines are edited here: tomlkit moves a section that stands between two sources, and drops comments."""
    assert tomlkit.dumps(tomlkit.parse(OWN_FILE)) != OWN_FILE
    document = tomlkit.parse(OWN_FILE)
    del document["sources"][0]
    assert "# money" not in tomlkit.dumps(document)


def test_tomlkit_alone_would_part_a_comment_from_its_section() -> None:
    """Why a new key is placed here: tomlkit puts it behind the comment that speaks of the next section."""
    document = tomlkit.parse('[app]\n# brand = "lark"  # ours\n\n# how fresh\n[cache]\n')
    document["app"]["brand"] = "feishu"
    assert tomlkit.dumps(document).endswith('# how fresh\nbrand = "feishu"\n[cache]\n')


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_source_is_added_and_removed_without_a_trace(load: Load, tmp_path: Path, mark: bytes, newline: str) -> None:
    """Adding keeps every byte of the file, comments, order, mark and line ends; removing brings the old file back."""
    before = mark + OWN_FILE.replace("\n", newline).encode()
    load(before)
    filters = {"conjunction": "or", "conditions": [{"field_name": "A", "operator": "is", "value": ["x"]}]}
    fields = {"name": '新"来\\源', "url": WIKI, "tables": ["缺陷", "a"], "filter": filters, "view": None}
    add_source(tmp_path, fields)
    after = (tmp_path / "larknb.toml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(newline.encode())
    added = load().sources[-1]
    assert (added.name, added.wiki) == ('新"来\\源', True)
    assert added.options == {"tables": ("缺陷", "a"), "filter": filters}
    remove_source(tmp_path, '新"来\\源')
    assert (tmp_path / "larknb.toml").read_bytes() == before


def test_removing_the_first_of_two_leaves_the_rest(load: Load, tmp_path: Path) -> None:
    """Only the block itself goes, with the tables inside it; comments and what stands between stay in their order."""
    load(OWN_FILE)
    remove_source(tmp_path, "人力盘点")
    text = (tmp_path / "larknb.toml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line] == [
        "# my notes", "[app]", 'app_id = "cli_example"  # ask Wang', "# staff", "# money", "[budget]",
        "monthly_calls = 500", "# the guide", "[[sources]]", 'name = "指引"', f'url = "{GUIDE}"', "# end of file",
    ]  # fmt: skip
    remove_source(tmp_path, "指引")
    assert load().sources == ()


def test_a_comment_does_not_move_to_the_source_above(load: Load, tmp_path: Path) -> None:
    """What follows a removed block at once stays apart from the block before it."""
    load(f'[[sources]]\nname = "A"\nurl = "{BASE}"\n\n[[sources]]\nname = "B"\nurl = "{WIKI}"\n# of B\n')
    remove_source(tmp_path, "B")
    text = f'[[sources]]\nname = "A"\nurl = "{BASE}"\n\n# of B\n'
    assert (tmp_path / "larknb.toml").read_text(encoding="utf-8") == text


def test_a_last_line_without_an_end_is_ended(load: Load, tmp_path: Path) -> None:
    """A block is added below a file whose last line has no line end, and can be removed again."""
    load('[app]\napp_id = "cli_example"')
    add_source(tmp_path, {"name": "A", "url": BASE})
    assert (load().app_id, len(load().sources)) == ("cli_example", 1)
    remove_source(tmp_path, "A")
    assert (tmp_path / "larknb.toml").read_text(encoding="utf-8").strip() == '[app]\napp_id = "cli_example"'


def test_a_nameless_source_is_removed_by_url_or_key(load: Load, tmp_path: Path) -> None:
    """A source that was given no name is told apart by its address or its key."""
    load(f'[[sources]]\nurl = "{BASE}?table=tblA"\n\n[[sources]]\nurl = "{WIKI}"\n')
    with pytest.raises(NotFound):
        remove_source(tmp_path, "staff")
    remove_source(tmp_path, WIKI)
    remove_source(tmp_path, "DemoStaff00000000000000001A/tblA")
    assert load().sources == ()


def test_adding_makes_the_workspace(tmp_path: Path) -> None:
    """In an empty folder the file is made first."""
    add_source(tmp_path, {"url": BASE})
    assert [source.url for source in load_settings(tmp_path, {}).sources] == [BASE]
    assert (tmp_path / "work" / ".gitignore").exists()


@pytest.mark.parametrize(
    "fields",
    [{"url": "https://x.feishu.cn/file/abc"}, {"url": BASE, "tabels": ["A"]}, {"url": f"{WIKI}", "name": "指引"},
     {"url": GUIDE}, {"name": "A"}],
)  # fmt: skip
def test_a_wrong_source_is_not_written(load: Load, tmp_path: Path, fields: Mapping[str, Any]) -> None:
    """What would not load is refused before the file is touched, and makes no file."""
    load(OWN_FILE)
    with pytest.raises(ConfigError):
        add_source(tmp_path, fields)
    assert (tmp_path / "larknb.toml").read_bytes() == OWN_FILE.encode()
    with pytest.raises(ConfigError):
        add_source(tmp_path / "empty", {"url": "https://x.feishu.cn/file/abc"})
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize(
    "text",
    [
        f'sources = [{{ name = "A", url = "{BASE}" }}]\n',
        f'[["sources"]]\nname = "A"\nurl = "{BASE}"\n',
        f'[[sources]]\nurl = "{WIKI}"\n[sources.filter]\nconjunction = "and"\nconditions = [\n{{ field_name = "B", '
        f'operator = "is", value = ["""\n[[sources]]\n"""] }}]\n[[sources]]\nname = "A"\nurl = "{BASE}"\n',
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(load: Load, tmp_path: Path, text: str) -> None:
    """A file written in another way loads, but is never damaged by an edit that would not mean what was asked."""
    assert load(text).sources[-1].name == "A"
    with pytest.raises(ConfigError, match="by hand"):
        remove_source(tmp_path, "A")
    assert (tmp_path / "larknb.toml").read_bytes() == text.encode()


def test_a_failed_write_keeps_the_old_file(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an error that says so and names the file, which stays whole."""
    load(OWN_FILE)
    create(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LarkError, match=r"larknb\.toml.*disk is full"):
        add_source(tmp_path, {"url": WIKI})
    assert (tmp_path / "larknb.toml").read_bytes() == OWN_FILE.encode()


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
def test_an_edit_keeps_the_permissions(load: Load, tmp_path: Path) -> None:
    """A file that only its owner could read stays so."""
    load(OWN_FILE)
    (tmp_path / "larknb.toml").chmod(0o600)
    add_source(tmp_path, {"url": WIKI})
    assert stat.S_IMODE((tmp_path / "larknb.toml").stat().st_mode) == 0o600


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(str.strip)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_any_name_survives_the_file(tmp_path_factory: pytest.TempPathFactory, name: str, tables: list[str]) -> None:
    """Whatever a source and its tables are called is read back as it was written, and removed by that name."""
    root = tmp_path_factory.mktemp("workspace")
    add_source(root, {"name": name, "url": BASE, "tables": tables})
    (read,) = load_settings(root, {}).sources
    assert (read.name, read.options["tables"]) == (name.strip(), tuple(tables))
    remove_source(root, name)
    assert "sources" not in tomllib.loads((root / "larknb.toml").read_text(encoding="utf-8"))


def test_an_app_takes_the_place_of_the_examples(load: Load, tmp_path: Path) -> None:
    """In a new file each commented example becomes the key, with its comment, and nothing else changes."""
    create(tmp_path)
    before = (tmp_path / "larknb.toml").read_text(encoding="utf-8").splitlines()
    save_app(tmp_path, {"app_id": "cli_a", "token_file": "user", "identity": None})
    after = (tmp_path / "larknb.toml").read_text(encoding="utf-8").splitlines()
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert [new.split()[:3] for _, new in changed] == [["app_id", "=", '"cli_a"'], ["token_file", "=", '"user"']]
    assert [old.index("# ", 2) for old, _ in changed] == [new.index("# ") for _, new in changed]
    assert load().app_id == "cli_a"


def test_a_key_changes_where_it_stands(load: Load, tmp_path: Path) -> None:
    """A value of several lines is replaced as a whole; comments behind and around it, and other keys, stay."""
    start, end = "#1\n [app] # 2\n # 3\n ", "# 4\nbrand='lark'#5\n#6\n[cache]\n"
    load(f"{start}'redirect_uris' = [\n 'http://localhost:1024/a', # x\n] {end}")
    save_app(tmp_path, {"redirect_uris": ("http://localhost:8765/b",), "brand": "lark"})
    expected = f'{start}redirect_uris = ["http://localhost:8765/b"]  {end}'
    assert (tmp_path / "larknb.toml").read_text() == expected


@pytest.mark.parametrize("values", [{"app_id": "cli a"}, {"brand": "x"}, {"redirect_uris": ["http://a.example:1024/b"]},
                                    {"open_base": "https://a.example", "accounts_base": "https://a.example"},
                                    {"app_secret": "hidden"}, {"max_age": "1h"}])  # fmt: skip
def test_a_wrong_app_is_not_written(tmp_path: Path, values: Mapping[str, Any]) -> None:
    """What reading would refuse is refused before anything is written."""
    with pytest.raises(ConfigError) as refused:
        save_app(tmp_path, values, {"LARKNB_APP_ID": "cli_right", "LARKNB_BRAND": "lark"})
    assert "[app]" in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert not (tmp_path / "larknb.toml").exists()


def test_a_private_host_is_written_once_it_is_trusted(load: Load, tmp_path: Path) -> None:
    """The environment alone says which hosts may get the secret; the file only names one."""
    base, trust = "https://lark.example.com", {"LARKNB_TRUSTED_HOSTS": "lark.example.com"}
    save_app(tmp_path, {"open_base": base, "accounts_base": base}, trust)
    assert load(**trust).open_base == base


@pytest.mark.parametrize(
    "text",
    [
        'app.app_id = "cli_b"\n',
        'app = { brand = "lark" }\n',
        f'[[sources]]\nurl = "{BASE}"\nfilter = {{ conjunction = "and", conditions = [{{ field_name = "A", '
        'operator = "is", value = ["""\n[app]\n"""] }] }\n',
    ],
)
def test_an_app_that_cannot_be_edited_is_left_alone(load: Load, tmp_path: Path, text: str) -> None:
    """Keys in another form than a section are not damaged: the error says to edit them by hand."""
    load(text)
    with pytest.raises(ConfigError, match="by hand"):
        save_app(tmp_path, {"app_id": "cli_a"})
    assert (tmp_path / "larknb.toml").read_text() == text


APP = {
    "app_id": st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    "brand": st.sampled_from(["feishu", "lark"]),
    "identity": st.sampled_from(["user", "tenant"]),
    "token_file": st.just("user") | NAMES,
    "redirect_uris": st.lists(st.integers(11000, 65535).map("http://localhost:{}/a".format), min_size=1, max_size=3),
}
APPS = st.fixed_dictionaries({}, optional=APP)
BOM = b"\xef\xbb\xbf"
NOTES = st.lists(
    st.sampled_from(["", "# 备注", "  # brand = what we are", '# app_id = "cli_old"  # 示例', "#token_file='a#b'"])
)
FRAMES = [
    "# mine\n{}",
    "{}[cache]\ndir = 'a'\n",
    "[cache] # c\n\n{}",
    f"[[sources]]\nurl = '{BASE}'\n\n{{}}\n# end",
]  # with the section alone, first, last, or missing


@given(APPS, APPS, NOTES, st.sampled_from(FRAMES), st.sampled_from(["\n", "\r\n"]), st.sampled_from([b"", BOM]))
def test_any_app_survives_any_file(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, Any], new: dict[str, Any], notes: list[str], frame: str,
    newline: str, mark: bytes,
) -> None:  # fmt: skip
    """The file says what was asked and what it said before, in its own form, and no line that is not meant changes."""
    root = tmp_path_factory.mktemp("workspace")
    app = "".join(f"{line}\n" for line in ["[app]", *tomlkit.dumps(old).splitlines(), *notes]) if old or notes else ""
    text = frame.format(app)
    (root / "larknb.toml").write_bytes(mark + text.replace("\n", newline).encode())
    save_app(root, new)
    written = (root / "larknb.toml").read_bytes()
    assert written.startswith(mark)
    assert written.count(b"\r\n") == (written.count(b"\n") if newline == "\r\n" else 0)
    after = written.decode("utf-8-sig").replace("\r\n", "\n")
    before = tomllib.loads(text)
    assert {"app": {}, **tomllib.loads(after)} == {**before, "app": {**old, **new}}
    lost = [line for line in text.split("\n") if line not in after.split("\n")]
    assert all(line.lstrip("# ").startswith(tuple(new)) for line in lost)
