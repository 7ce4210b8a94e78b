"""What a sync that kept everything says."""

from __future__ import annotations

from tests.conftest import Lab, text


def test_a_sync_that_kept_everything_offers_the_last_report(lab: Lab) -> None:
    """One line, no rows; the report of the sync that read is beside it, and unfolds in a notebook."""
    first = lab.workspace.sync(progress=False)
    kept = lab.workspace.sync(progress=False)
    assert kept.kept_all
    assert repr(kept).splitlines()[1].startswith("All caches are still fresh (1 source); nothing was checked. Last")
    assert len(repr(kept).splitlines()) == 2
    assert kept.last is not None
    assert [*kept.last] == [*first]
    assert "<details><summary>Last report</summary>" in kept._repr_html_()
    assert len(kept.to_frame()) == len(first)


def test_a_later_sync_replaces_the_last_report(lab: Lab) -> None:
    """The one that looked last is offered, whatever it found; a report of its own has none."""
    lab.workspace.sync(progress=False)
    lab.people.add({"name": text("new")})
    lab.later(7200)
    looked = lab.workspace.sync(progress=False)
    assert looked.last is None
    last = lab.workspace.sync(progress=False).last
    assert last is not None
    assert [*last] == [*looked]


def test_a_damaged_last_report_is_left_out(lab: Lab) -> None:
    """Nobody needs it: the sync says that everything was kept, and no more."""
    lab.workspace.sync(progress=False)
    (lab.workspace.root / "work" / "last_sync.json").write_text("{", encoding="utf-8")
    kept = lab.workspace.sync(progress=False)
    assert (kept.kept_all, kept.last) == (True, None)
