"""After a damage, the next sync makes or fetches what is missing: also one that is not forced and finds nothing new."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.store import Cache
from larknb.cache.verify import verify
from larknb.errors import LarkError
from larknb.results.sync import SyncReport
from larknb.sandbox import Fault, Field, Sandbox, blocks
from larknb.workspace import Workspace
from tests.conftest import PEOPLE, TEAMS, Clock, sign_in, text, write_settings

from .test_cache_damage import DAMAGES, flipped

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(frozen=True)
class Company:
    """A workspace with a base, a spreadsheet and a document, synced once."""

    workspace: Workspace
    clock: Clock
    box: Sandbox

    @property
    def cache(self) -> Cache:
        return Cache(self.workspace.settings.cache_dir)

    def source(self, kind: str) -> SourceCache:
        return next(each for each in self.cache.sources.values() if each.manifest.kind == kind)

    def sync(self, **options: Any) -> SyncReport:
        self.box.journal.clear()
        return self.workspace.sync(progress=False, **options)

    def told(self) -> dict[str, Any]:
        """Return what the sources say."""
        home = self.workspace
        tables = {f"{name}/{key}": frame.to_dict() for name in ("s1", "s2") for key, frame in home.tables(name).items()}
        page = home.document("s3")
        inside = {key: frame.to_dict() for key, frame in home.tables("s3").items()}
        pictures = [path.read_bytes() for path in page.images]
        words = re.sub(r"-[0-9a-f]{8}\.png", ".png", page.markdown)  # a picture whose place was taken has another name
        return tables | inside | {"page": words, "pictures": pictures}


@pytest.fixture
def company(tmp_path: Path, box: Sandbox, clock: Clock) -> Company:
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    teams = base.add_table("teams", TEAMS, table_id="tblTeams")
    ids = teams.add_many([{"title": text(f"team {n}")} for n in range(2)])
    people = base.add_table("people", PEOPLE, table_id="tblPeople")
    people.add_many([{"name": text(f"p{n}"), "age": n, "team": {"link_record_ids": [ids[0]]}} for n in range(5)])
    book = box.tenant.add_spreadsheet("book", token="ShtBook0000000000000000001")
    book.add_sheet("data", [["name", "size"], ["a", 1]], "sheet1")
    page = document(box)
    urls = [f"{box.url}/base/{base.app_token}", f"{box.url}/sheets/{book.token}", f"{box.url}/docx/{page}"]
    sign_in(write_settings(tmp_path, box, *urls), box)
    clock.advance(60)
    made = Company(Workspace(tmp_path, clock=clock, sleep=clock.sleep), clock, box)
    made.sync().raise_for_failures()
    return made


def document(box: Sandbox) -> str:
    picture = box.tenant.add_media(PNG, "a.png", "image/png", "MedPicture00000000000000001")
    inner = box.tenant.add_spreadsheet("inner", token="ShtInner000000000000000001", embedded=True)
    limits = inner.add_sheet("limits", [["part", "most"], ["stator", 150]], "limits")
    faults = box.tenant.add_base("faults", app_token="AppInner000000000000000001", embedded=True)
    table = faults.add_table("faults", [Field("fault", 1, field_id="fldF", is_primary=True)], table_id="tblInner")
    table.add({"fault": text("coolant")})
    written = [blocks.text("words"), blocks.image(picture), blocks.sheet(limits), blocks.bitable(faults, table)]
    box.tenant.add_document("guide", written, document_id="DocGuide0000000000000000001")
    return "DocGuide0000000000000000001"


def current(source: SourceCache) -> list[str]:
    """Return the files of the present state, by their place in the source's folder."""
    return sorted(source.checks())


def flip(path: Path) -> None:
    path.write_bytes(flipped(path.read_bytes(), 8 * (path.stat().st_size // 2)))


HARM: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    **{name: DAMAGES[name] for name in ("missing", "cut in half", "empty", "zeros", "words", "a folder with a file")},
}
KINDS = ("bitable", "spreadsheet", "document")


def heal(company: Company, kind: str, harm: str, **options: Any) -> None:
    """Damage each file of the present state of a source, sync, and look whether all is right again."""
    before = company.told()
    for name in {Path(path).name for path in current(company.source(kind))}:
        source = company.source(kind)
        HARM[harm](source.folder / next(path for path in current(source) if Path(path).name == name))
        company.sync(**options).raise_for_failures()
        assert company.source(kind).check() == frozenset(), name
        assert company.told() == before, name


@pytest.mark.parametrize("kind", ["bitable", "document"])
def test_an_unforced_sync_heals(company: Company, kind: str) -> None:
    """One bit of each file of the present state, however young the cache is."""
    heal(company, kind, "flipped")


@pytest.mark.soak
@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("kind", KINDS)
def test_a_forced_sync_heals(company: Company, kind: str, harm: str) -> None:
    """As the error says: whatever became of the file."""
    heal(company, kind, harm, force=True)


@pytest.mark.soak
@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("kind", KINDS)
def test_an_unforced_sync_heals_all_harm(company: Company, kind: str, harm: str) -> None:
    """The same without force."""
    heal(company, kind, harm)


def test_all_files_at_once(company: Company) -> None:
    """Every file of every source is gone: one sync brings all of it back."""
    before = company.told()
    for kind in KINDS:
        source = company.source(kind)
        for name in current(source):
            (source.folder / name).unlink()
    with pytest.raises(LarkError, match="sync s1 --force"):
        company.workspace.load("s1/people")
    company.sync().raise_for_failures()
    assert company.told() == before


def test_a_friendly_file_costs_no_read(company: Company) -> None:
    """It is made again of the raw one: nothing is asked but whether something changed."""
    source = company.source("bitable")
    flip(source.folder / source.tables["tblPeople"].friendly)
    company.sync().raise_for_failures()
    assert [call.endpoint for call in company.box.journal.calls] == ["metas", "tables"]
    assert verify(company.source("bitable")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_manifest_heals(company: Company, kind: str) -> None:
    """Everything of that source is read again, and its history is longer by nothing or one."""
    before, source = company.told(), company.source(kind)
    (source.folder / "manifest.json").write_bytes(b"\x00" * 100)
    assert company.told() == before
    rows = [row for row in company.workspace.status() if row.source == source.name]
    assert {row.state for row in rows} == {"failed"}
    assert all("rebuilt" in row.last_error for row in rows)
    company.sync().raise_for_failures()
    again = company.source(kind)
    assert (again.rebuilt, again.manifest.problem, company.told()) == (False, "", before)
    assert source.manifest.snapshots.keys() <= again.manifest.snapshots.keys()


def test_a_sync_that_fails_after_the_damage_loses_nothing(company: Company) -> None:
    """Nobody is logged in: what is there can be read, before and after, and all states are kept."""
    before, source = company.told(), company.source("bitable")
    (source.folder / "manifest.json").write_bytes(b"{")
    company.workspace.settings.token_file.unlink()
    for _ in range(2):
        with pytest.raises(LarkError):
            company.sync()
        assert company.told() == before
    assert source.manifest.snapshots.keys() == company.source("bitable").manifest.snapshots.keys()


def test_a_raw_file_that_nobody_may_read_again_keeps_its_friendly_form(company: Company) -> None:
    """The platform refuses the table: what was cached of it is shown as before."""
    before, source = company.told(), company.source("bitable")
    flip(source.folder / source.tables["tblPeople"].raw)
    company.box.faults.add(Fault.reply(None, 1254302), endpoint="search", times=20)
    assert not company.sync().ok
    assert company.told() == before
