"""What lies on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.sandbox import Base
from tests.conftest import Lab, sync, text
from tests.services.seeding import spoil


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "level"), [("people.parquet", "fault"), ("people.raw.parquet", "fault"), ("manifest.json", "fault")]
)
def test_damage_is_told_with_what_heals_it(name: str, level: str, synced: Lab) -> None:
    """A sync heals it, and then nothing is wrong any more."""
    spoil(synced, name)
    [told] = [each for each in synced.workspace.doctor() if each.check == "cache"]
    assert (told.level, name in told.what, "sync" in told.next) == (level, True, True)
    synced.workspace.sync(force=True, progress=False)
    assert synced.workspace.doctor().ok


def test_damage_of_the_past_is_a_note(synced: Lab) -> None:
    """The present state is whole."""
    assert isinstance(synced.made, Base)
    old = next(path for path in synced.workspace.root.rglob("people.raw.parquet"))
    synced.later()
    synced.people.add({"name": text("one more")})
    synced.later()
    sync(synced, force=True)
    old.write_bytes(b"x")
    [told] = [each for each in synced.workspace.doctor() if each.check == "cache"]
    assert (told.level, "earlier states" in told.what) == ("note", True)


def test_what_was_never_synced_is_a_note(lab: Lab) -> None:
    """A folder that was just set up has no fault."""
    report = lab.workspace.doctor()
    assert report.ok
    assert [each.what for each in report if each.check == "cache"] == ["1 source never synced: s1"]


def test_the_children_of_a_space_are_looked_at(synced: Lab) -> None:
    """A space has no cache of its own, its children have: one that is damaged is told, by its name."""
    space = synced.box.tenant.add_wiki_space("guides")
    space.add_node(synced.box.tenant.add_document("heat"))
    synced.workspace.add(f"{synced.box.url}/wiki/space/{space.space_id}")
    synced.workspace.sync("guides", progress=False).raise_for_failures()
    assert "ok" in {each.level for each in synced.workspace.doctor() if each.check == "cache"}
    Path(synced.workspace.paths("guides/heat")["guide.md"]).parent.joinpath("manifest.json").write_bytes(b"{")
    assert [each.source for each in synced.workspace.doctor().faults] == ["guides/heat"]
