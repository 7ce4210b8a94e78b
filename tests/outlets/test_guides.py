"""Guides in a folder: what a program gets of them, what stays as it is, and what is nobody's to touch."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import ConfigError
from larknb.outlets.guides import INDEX
from larknb.results.exports import ExportReport
from larknb.sandbox import Sandbox
from larknb.sandbox.blocks import doc, heading, image, link, table, text
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, sign_in, write_settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Desk:
    """Two guides that name each other, one of them in a wiki, and the folder that they are exported to."""

    lab: Lab
    folder: Path

    def export(self) -> ExportReport:
        return self.lab.workspace.export_guides(self.folder)

    def sync(self) -> None:
        self.lab.later()
        self.lab.workspace.sync(progress=False).raise_for_failures()

    def actions(self) -> dict[str, str]:
        return {row.file: row.action for row in self.export()}

    def read(self, file: str) -> str:
        return (self.folder / file).read_text(encoding="utf-8")

    def stamps(self) -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.name != INDEX}

    def rename(self, old: str, new: str) -> None:
        """Call a source otherwise in the settings."""
        file = self.lab.workspace.root / "larknb.toml"
        was, now = (f"name = {json.dumps(name)}" for name in (old, new))
        file.write_text(file.read_text(encoding="utf-8").replace(was, now), encoding="utf-8")

    def only(self, *numbers: int) -> None:
        """Leave some of the sources in the settings."""
        file = self.lab.workspace.root / "larknb.toml"
        head, *blocks = file.read_text(encoding="utf-8").split("\n[[sources]]")
        file.write_text("\n[[sources]]".join([head, *(blocks[n - 1] for n in numbers)]), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path, box: Sandbox, clock: Clock) -> Desk:
    other = box.tenant.add_document("高压 上电", [text("先断电")], "DocOther000000000000000001")
    node = box.tenant.add_wiki_node(other)
    picture = box.tenant.add_media(PNG, "接线图.png", "image/png")
    made = box.tenant.add_document(
        "电机过热",
        [
            heading(1, "现象"),
            text(
                "见 ",
                doc(other),
                "、",
                link("页", f"{box.url}/wiki/{node}#blk"),
                "、",
                link("外", "https://example.com/x"),
            ),
            table([["项", [text(doc(other)), text("乙")]]], merges=[(1, 1, 1, 1)]),
            image(picture),
        ],
        "DocGuide0000000000000000001",
    )
    write_settings(tmp_path / "ws", box, f"{box.url}/docx/{made.document_id}", f"{box.url}/wiki/{node}")
    workspace = Workspace(tmp_path / "ws", clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    clock.advance(60)
    found = Desk(Lab(box, workspace, clock, made), tmp_path / "out" / "guides")
    found.sync()
    return found


def front_matter(text: str) -> dict[str, Any]:
    _, head, _ = text.split("---\n", 2)
    return {name: json.loads(value) for name, value in (line.split(": ", 1) for line in head.splitlines())}


def test_a_guide_is_markdown_with_front_matter(desk: Desk) -> None:
    """What a program should know of it, then its text; a picture beside it."""
    assert desk.export().ok
    found = desk.read("s1.md")
    document = desk.lab.workspace.document("s1")
    told = front_matter(found)
    assert list(told) == ["title", "url", "owner", "edited_at", "source", "revision"]
    assert (told["title"], told["owner"], told["source"]) == ("电机过热", "王敏", "s1")
    assert (told["url"], told["revision"]) == (document.url, document.revision)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["edited_at"])
    assert "\n---\n\n# 电机过热\n\n# 现象\n" in found
    [picture] = re.findall(r"!\[\]\((media/.*?\.png)\)", found)
    assert (desk.folder / picture).read_bytes() == PNG


@pytest.mark.parametrize("name", ['a: "b" # c', "a\\b'", "--- {x}", "\ufeffa", "故障\uffff"])
def test_front_matter_is_yaml_whatever_a_name_holds(desk: Desk, name: str) -> None:
    """Any reader of YAML gets the name of a source, the title and the owner as they are."""
    desk.rename("s1", name)
    desk.lab.made.rename(name)
    known = desk.lab.workspace.root / "work" / "people.json"
    known.write_text(known.read_text(encoding="utf-8").replace('"王敏"', json.dumps(f"{name}\x85\u2028")))
    desk.sync()
    [file] = [row.file for row in desk.export() if row.source == name]
    told = pytest.importorskip("yaml").safe_load(desk.read(file).split("\n---\n")[0])
    assert (told["source"], told["revision"]) == (name, desk.lab.workspace.document(name).revision)
    assert (told["title"], told["owner"]) == (desk.lab.workspace.document(name).title, f"{name}\x85\u2028")


def test_guides_link_to_each_other(desk: Desk) -> None:
    """By document and by wiki page, also within tables; all other links stay."""
    desk.export()
    found = desk.read("s1.md")
    assert found.count("](s2.md)") + found.count('href="s2.md"') == 3
    assert "](https://example.com/x)" in found
    desk.only(1)
    desk.export()
    assert "s2.md" not in desk.read("s1.md")


def test_unchanged_files_are_untouched(desk: Desk) -> None:
    """An export without news writes nothing; one edit writes one guide."""
    assert desk.actions() == {"s1.md": "written", "s2.md": "written"}
    before = desk.stamps()
    assert desk.actions() == {"s1.md": "unchanged", "s2.md": "unchanged"}
    assert desk.stamps() == before
    desk.lab.made.append(text("新"))
    desk.sync()
    assert desk.actions() == {"s1.md": "written", "s2.md": "unchanged"}
    after = desk.stamps()
    assert {name for name in after if after[name] != before[name]} == {"s1.md"}


def test_what_is_no_longer_configured_is_removed(desk: Desk) -> None:
    """With the pictures that no other guide shows; files of others stay."""
    desk.export()
    (desk.folder / "notes.md").write_text("mine")
    (desk.folder / "media" / "mine.png").write_bytes(b"mine")
    desk.only(2)
    assert desk.actions() == {"s2.md": "unchanged", "s1.md": "removed"}
    left = {path.relative_to(desk.folder).as_posix() for path in desk.folder.rglob("*") if path.is_file()}
    assert left == {"s2.md", "notes.md", "media/mine.png", INDEX}


def test_what_somebody_edited_is_not_removed(desk: Desk) -> None:
    """Nor is what somebody put in its place; that Git changed its line ends is no edit."""
    desk.export()
    (desk.folder / "s1.md").write_text("mine", encoding="utf-8")
    (desk.folder / "s2.md").write_bytes((desk.folder / "s2.md").read_bytes().replace(b"\n", b"\r\n"))
    desk.only()
    assert desk.actions() == {"s1.md": "left", "s2.md": "removed"}
    assert desk.read("s1.md") == "mine"
    assert not (desk.folder / "s2.md").exists()


def test_somebody_elses_file_keeps_its_name(desk: Desk) -> None:
    """A guide gets another one, keeps it, and is linked to by it."""
    desk.folder.mkdir(parents=True)
    (desk.folder / "s2.md").write_text("mine", encoding="utf-8")
    for _ in range(2):
        assert {*desk.actions()} == {"s1.md", "s2-2.md"}
    assert desk.read("s2.md") == "mine"
    assert "](s2-2.md)" in desk.read("s1.md")


def test_a_guide_keeps_the_name_of_its_file(desk: Desk) -> None:
    """Whatever its source is called later."""
    desk.export()
    file = desk.lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"s1"', '"改名 #1"'), encoding="utf-8")
    desk.sync()
    assert {*desk.actions()} == {"s1.md", "s2.md"}
    assert front_matter(desk.read("s1.md"))["source"] == "改名 #1"


def test_names_that_an_address_must_write_otherwise(desk: Desk) -> None:
    """Blanks, signs and slashes of a name do not break the links to its file."""
    file = desk.lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"s2"', '"高压 #1/上电 100%"'), encoding="utf-8")
    desk.sync()
    [name] = [row.file for row in desk.export() if row.source != "s1"]
    assert (desk.folder / name).is_file()
    assert "/" not in name
    assert f"]({name.replace('%', '%25').replace('#', '%23').replace(' ', '%20')})" in desk.read("s1.md")


def test_a_guide_that_is_not_cached_is_told_and_stays(desk: Desk) -> None:
    """Its cache is gone: what was exported of it is not removed."""
    desk.export()
    shutil.rmtree(desk.lab.workspace.root / "work" / "fault_diagnosis_cache" / "guides" / "s1")
    report = desk.export()
    assert not report.ok
    assert [row.source for row in report if row.action == "failed"] == ["s1"]
    assert (desk.folder / "s1.md").exists()


ESCAPE = '{"format": 1, "files": {"guide/x": {"file": "../../escape.md", "digest": ""}}}'


@pytest.mark.parametrize("text", ["{", "[]", ESCAPE])
def test_a_list_that_is_none_of_ours_gives_nothing_away(desk: Desk, text: str) -> None:
    """Nothing outside of the folder is touched, and nothing in it that may be somebody's."""
    desk.export()
    escape = desk.folder.parent.parent / "escape.md"
    escape.write_text("mine")
    (desk.folder / INDEX).write_text(text)
    assert {*desk.actions()} == {"s1-2.md", "s2-2.md"}
    assert escape.read_text() == "mine"


def test_a_folder_of_ours_that_became_a_link_is_refused(desk: Desk, tmp_path: Path) -> None:
    """It leads to somebody else's files."""
    (tmp_path / "elsewhere").mkdir()
    desk.folder.mkdir(parents=True)
    (desk.folder / "media").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="media"):
        desk.export()
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_an_export_that_died_is_taken_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left is ours: the next one writes over it, and no guide has two files."""
    rename = Path.replace

    def dying(path: Path, target: Path) -> Path:
        if Path(target).name == INDEX and (desk.folder / "s2.md").exists():
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            desk.export()
    assert {*desk.actions()} == {"s1.md", "s2.md"}
