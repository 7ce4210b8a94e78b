"""Guide documents end to end, and a whole workspace of three kinds: what it costs, what one broken source harms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.errors import NotSynced, WrongKind
from larknb.sandbox import Fault, Sandbox, sample_workspace
from larknb.sandbox.blocks import bullet, code, heading, image, table, text
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, sign_in, write_settings

HOUR, DAY = 3600.0, 86400.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def guide(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """One guide with a heading, a list, code, a table and a picture."""
    picture = box.tenant.add_media(PNG, "接线图.png", "image/png")
    document = box.tenant.add_document(
        "电机过热故障定位指引",
        [
            heading(1, "现象"),
            text("报出 P0A1F-00，电机过热。").named("blkPhenomenon"),
            heading(1, "步骤"),
            bullet("检查冷却液"),
            code("ping 10.0.0.1"),
            table([["项", "值"], ["温度", "150"]]),
            image(picture),
        ],
        document_id="DocGuide0000000000000000001",
    )
    return open_lab(tmp_path, box, clock, f"{box.url}/docx/DocGuide0000000000000000001", document)


def sync(lab: Lab, **options: Any) -> None:
    lab.workspace.sync(progress=False, **options).raise_for_failures()


def test_a_guide_becomes_a_document(guide: Lab) -> None:
    """Title, Markdown, outline, tables, images; and files for other programs."""
    sync(guide)
    document = guide.workspace.document("s1")
    assert document.title == "电机过热故障定位指引"
    assert "报出 P0A1F-00，电机过热。" in document.markdown
    assert [entry["text"] for entry in document.outline] == ["现象", "步骤"]
    assert document.tables[0].values.tolist() == [["温度", "150"]]
    assert document.images[0].read_bytes() == PNG
    folder = guide.workspace.root / "work" / "fault_diagnosis_cache" / "guides" / "s1"
    assert (folder / "guide.md").read_text(encoding="utf-8") == document.markdown
    assert (folder / "guide.json").exists()
    assert guide.workspace.paths("s1")["guide.md"] == str(folder / "guide.md")
    with pytest.raises(WrongKind, match="document"):
        guide.workspace.load("s1")
    assert "电机过热" in document._repr_html_()


def test_what_a_look_costs(guide: Lab) -> None:
    """Unchanged: the gate. Touched: + info. Changed: + info, blocks, info, and new media alone."""
    sync(guide)
    assert guide.requests() == ["metas", "document", "blocks", "document", "media"]
    sync(guide.later())
    assert guide.requests() == ["metas"]
    guide.later()
    guide.made.touch()
    sync(guide)
    assert guide.requests() == ["metas", "document"]
    guide.later()
    guide.made.edit("blkPhenomenon", "报出 P0A1F-01。")
    report = guide.workspace.sync(progress=False).raise_for_failures()
    assert guide.requests() == ["metas", "document", "blocks", "document"]
    assert (report[0].added, report[0].changed, report[0].removed) == (0, 1, 0)
    assert "P0A1F-01" in guide.workspace.document("s1").markdown


def test_earlier_states(guide: Lab) -> None:
    """The old text is still there."""
    sync(guide)
    guide.later()
    guide.made.edit("blkPhenomenon", "报出 P0A1F-01。")
    sync(guide)
    assert "P0A1F-00" in guide.workspace.document("s1", as_of=-2).markdown
    assert guide.workspace.document("s1", as_of=-2).images[0].read_bytes() == PNG


def test_a_comment_costs_no_bytes(guide: Lab) -> None:
    """It moves the revision and nothing of the text: the older snapshot stays the current one."""
    sync(guide)
    before = {path for path in guide.workspace.root.rglob("*") if "snapshots" in path.parts}
    guide.later()
    guide.made.comment()
    guide.made.touch()
    guide.clock.advance(10)  # an edit of the very second of the gate's answer would be asked about once more
    sync(guide)
    assert {path for path in guide.workspace.root.rglob("*") if "snapshots" in path.parts} == before
    sync(guide.later())
    assert guide.requests() == ["metas"]


def test_a_picture_that_is_refused_costs_the_picture(guide: Lab) -> None:
    """The document is there, with a marker; the picture is asked for again at the next read."""
    guide.box.faults.add(Fault.reply(403, {}), endpoint="media", times=None)
    sync(guide)
    assert guide.workspace.document("s1").images == []
    guide.box.faults.clear()
    sync(guide.later(), force=True)
    assert len(guide.workspace.document("s1").images) == 1


def test_a_url_needs_no_configuration(guide: Lab) -> None:
    """document(url) syncs and gives the document; a wiki page works as well."""
    other = guide.box.tenant.add_document("另一份", [text("绝缘偏低")], document_id="DocOther0000000000000000001")
    node = guide.box.tenant.add_wiki_node(other)
    assert "绝缘偏低" in guide.workspace.document(f"{guide.box.url}/wiki/{node}").markdown
    with pytest.raises(NotSynced):
        guide.workspace.document("s1")
    assert guide.workspace.document("s1", sync=True).title == "电机过热故障定位指引"


def test_search_finds_the_heading_path(guide: Lab) -> None:
    """The hit names the heading it stands under and links to it."""
    sync(guide)
    hits = guide.workspace.search("电机过热 p0a1f")
    assert (hits[0].kind, hits[0].source, hits[0].path) == ("document", "s1", "现象")
    assert guide.workspace.search("没有这样的词").found == 0


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize(
    "fault",
    [Fault.reply(429, 99991400, {"x-ogw-ratelimit-reset": "1"}), Fault.drop(), Fault.truncate(), Fault.html(502)],
    ids=["rate limit", "dropped", "truncated", "gateway page"],
)
def test_a_fault_at_each_request(guide: Lab, fault: Fault, position: int) -> None:
    """It heals, and the document is whole."""
    guide.box.faults.add(fault, after=position)
    sync(guide)
    assert len(guide.workspace.document("s1").images) == 1


# --- the sample workspace ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two bases, a spreadsheet and five guides, synced once."""
    clock = Clock(1_780_000_000.0)  # after everything that happened in the sample
    with Sandbox(sample_workspace(600), clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        root = tmp_path_factory.mktemp("sample")
        write_settings(root, box)
        workspace = Workspace(root, clock=clock, sleep=clock.sleep)
        sign_in(workspace, box)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LARKNB_SETTLE", "0")
            patch.setenv("LARKNB_LANG", "en")
            for name, url in box.sources():
                workspace.add(url, name)
            clock.advance(60)
            workspace.sync(progress=False).raise_for_failures()
        yield Lab(box, workspace, clock)


def test_nothing_changed_in_eight_sources(shared: Lab) -> None:
    """One gate call for all, one table list per base, also the one inside the spreadsheet."""
    shared.workspace.get_user_access_token()
    shared.later()
    assert shared.workspace.sync(progress=False).ok
    assert sorted(shared.requests()) == ["metas", "tables", "tables", "tables"]


def test_one_of_each_kind_changed(shared: Lab) -> None:
    """Each pays for itself alone."""
    shared.workspace.get_user_access_token()
    shared.later()
    tenant = shared.box.tenant
    goals = tenant.base("功能安全业务数据").table("安全目标")
    goals.edit(next(iter(goals.rows)), {goals.fields[0].name: "SG-001 (edited)"})
    tenant.guides[4].append(text("新增一行"))
    shared.clock.advance(10)
    report = shared.workspace.sync(progress=False)
    assert report.ok
    asked = shared.requests()
    assert asked.count("metas") == 1
    assert asked.count("document") == 2
    assert asked.count("blocks") == 1
    assert {row.source for row in report if row.action == "fetched"} == {"功能安全业务数据", "故障定位指引文档5"}


@pytest.mark.parametrize(
    ("words", "number"),
    [("电机过热", "1"), ("过温", "1"), ("P0A1F-00", "1"), ("绝缘", "2")],
)
def test_search_in_the_sample_guides(shared: Lab, words: str, number: str) -> None:
    """What the guides are for: the words lead to the right document and to a heading in it."""
    hits = shared.workspace.search(words, kind="document")
    found = [hit for hit in hits if hit.source == f"故障定位指引文档{number}"]
    assert found
    assert any(hit.path for hit in found)


def test_one_broken_source_harms_no_other(shared: Lab) -> None:
    """A guide that may not be read any more is reported and keeps its cache; the others are synced."""
    shared.workspace.get_user_access_token()
    shared.later(DAY)
    guide = shared.box.tenant.guides[0]
    readers, guide.readers = guide.readers, set()
    report = shared.workspace.sync(progress=False)
    guide.readers = readers
    assert {row.source for row in report if row.action == "failed"} == {guide.name}
    assert shared.workspace.document(guide.name).title == guide.name
