"""Attachments of a base, and pictures of documents, end to end: what they cost, where they lie, and how long."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from larknb.errors import WrongKind
from larknb.model import Progress
from larknb.sandbox import Fault, Field, Sandbox, Table, blocks
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, sign_in, sync, text, write_settings

DAY = 86400.0
FIELDS = [Field("name", 1, field_id="fldName", is_primary=True), Field("文件", 17, field_id="fldFile")]


def attach(box: Sandbox, table: Table, number: int, data: bytes = b"", **cell: Any) -> tuple[str, str]:
    """Add a row with a file, and return the ids of both."""
    data = data or f"content {number}".encode()
    token = box.tenant.add_media(data, f"图 {number}.png", "image/png", base=table.base)
    file = {"file_token": token, "name": f"图 {number}.png", "type": "image/png", "size": len(data), **cell}
    return table.add({"name": text(f"row {number}"), "文件": [file]}), token


@pytest.fixture
def lab(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A base with a table of three rows, each with a file that is wanted."""
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    table = base.add_table("people", FIELDS, table_id="tblPeople")
    for number in range(3):
        attach(box, table, number)
    opened = open_lab(tmp_path / "ws", box, clock, f"{box.url}/base/{base.app_token}", base)
    configure(opened, "attachments = true")
    return opened


def configure(lab: Lab, *lines: str) -> None:
    """Give the only source these options."""
    path = lab.workspace.root / "larknb.toml"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("attachments")]
    path.write_text("\n".join([*kept, *lines, ""]), encoding="utf-8")


def files(lab: Lab) -> dict[str, bytes]:
    """What lies in the source's folder of pictures and files."""
    place = lab.workspace.root / "work" / "bitable_cache" / "s1" / "media"
    return {path.name: path.read_bytes() for path in place.iterdir()} if place.is_dir() else {}


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_what_attachments_cost(lab: Lab) -> None:
    """One request for each file not yet had, and none beside."""
    sync(lab)
    read = ["fields", "search", "tables"]
    assert lab.requests() == ["metas", "tables", "app", *read, *["media"] * 3]
    sync(lab.later())
    assert lab.requests() == ["metas", "tables"]
    lab.later()
    lab.people.edit(next(iter(lab.people.rows)), {"name": text("other")})
    sync(lab)
    assert lab.requests() == ["metas", "tables", *read]
    lab.later()
    attach(lab.box, lab.people, 3)
    sync(lab)
    assert lab.requests() == ["metas", "tables", *read, "media"]
    sync(lab.later(DAY))
    assert lab.requests() == ["metas", "tables", "app", *read]


def test_the_option_may_come_later(lab: Lab) -> None:
    """Other settings mean another read; a higher limit brings what was too large, and nothing twice."""
    configure(lab)
    sync(lab)
    assert lab.requests().count("media") == 0
    lab.later()
    attach(lab.box, lab.people, 3, bytes(5000))
    for limit, expected in (('"4KB"', 3), ('"5KB"', 1), ("true", 0), ("false", 0)):
        configure(lab, f"attachments = {limit}")
        sync(lab.later())
        assert lab.requests().count("media") == expected, limit
    assert len(files(lab)) == 4


def test_advanced_permissions_cost_nothing_more(lab: Lab) -> None:
    """The place is told in the first request."""
    lab.base.is_advanced = True
    lab.box.roles.add(lab.box.tenant.users[0].open_id)
    sync(lab).raise_for_failures()
    assert lab.requests().count("media") == 3
    assert len(files(lab)) == 3


def test_five_a_second_are_not_passed(lab: Lab) -> None:
    """At the platform's own rates every file comes, and no answer is final because it was too early."""
    for number in range(3, 20):
        attach(lab.box, lab.people, number)
    lab.box.rate_limits_on()
    sync(lab).raise_for_failures()
    assert len(files(lab)) == 20
    assert sum(call.status == 429 for call in lab.box.journal if call.endpoint == "media") <= 1


# --- what they are ----------------------------------------------------------------------------------------------------


def test_a_frame_says_where_each_file_lies(lab: Lab) -> None:
    """One row for each place where one stands, with the record, the column, name, size, type and path."""
    record, token = attach(lab.box, lab.people, 3, b"bytes")
    lab.people.add({"文件": [{"file_token": token, "name": "again.png", "size": 5}] * 2})
    sync(lab).raise_for_failures()
    frame = lab.workspace.attachments("s1")
    assert frame.index.name == "_record_id"
    assert [*frame.columns] == ["table", "column", "name", "size", "type", "path", "problem"]
    row = frame.loc[record]
    assert (row["table"], row["column"], row["name"]) == ("people", "文件", "图 3.png")
    assert (row["size"], row["type"], row["problem"]) == (5, "image/png", "")
    assert Path(row["path"]).read_bytes() == b"bytes"
    assert [*frame["name"][-2:]] == ["again.png"] * 2
    assert {*frame["path"][-2:]} == {row["path"]}
    assert lab.workspace.attachments("s1/people").equals(frame)
    assert lab.workspace.load("s1")["文件"].iloc[3] == "图 3.png"


def test_a_frame_says_why_a_file_is_not_there(lab: Lab) -> None:
    """Never asked for, too large, gone: each has its reason, and no path."""
    configure(lab)
    sync(lab)
    assert lab.workspace.attachments("s1")["problem"].str.contains("attachments = true").all()
    configure(lab, 'attachments = "100KB"')
    _, gone = attach(lab.box, lab.people, 3)
    del lab.box.tenant.media[gone]
    attach(lab.box, lab.people, 4, bytes(100_001))
    sync(lab.later())
    frame = lab.workspace.attachments("s1", "people")
    assert [*frame["path"].isna()] == [False] * 3 + [True] * 2
    assert "not found" in frame["problem"].iloc[3]
    assert "once a day" in frame["problem"].iloc[3]
    assert "larger than 0.1 MB" in frame["problem"].iloc[4]


@pytest.mark.parametrize(
    "name", ["a/b:c?.PNG", "CON.txt", "nul", "x" * 300 + ".pdf", "..", "图.png.", "a\x00b.exe", ""]
)
def test_no_name_is_dangerous(lab: Lab, name: str) -> None:
    """The file lies below the source's folder, under a name that every system takes; the frame has the other one."""
    record, _ = attach(lab.box, lab.people, 3, b"bytes", name=name)
    sync(lab).raise_for_failures()
    row = lab.workspace.attachments("s1").loc[record]
    path = Path(row["path"])
    assert path.parent == lab.workspace.root / "work" / "bitable_cache" / "s1" / "media"
    assert path.read_bytes() == b"bytes"
    assert path.name.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert path.name.isascii()
    assert len(path.name) < 100


def test_a_document_has_no_attachments(lab: Lab) -> None:
    """It has pictures, which `document` tells."""
    lab.box.tenant.add_document("guide", [blocks.text("a")], "DocGuide0000000000000000001")
    lab.workspace.add(f"{lab.box.url}/docx/DocGuide0000000000000000001")
    sync(lab)
    with pytest.raises(WrongKind, match="document"):
        lab.workspace.attachments("guide")


def test_files_of_a_base_in_a_document_are_left_there(lab: Lab) -> None:
    """The frame says how to have them: a document has no such option."""
    part = blocks.bitable(lab.base, lab.people)
    lab.box.tenant.add_document("guide", [part], "DocGuide0000000000000000001")
    lab.workspace.add(f"{lab.box.url}/docx/DocGuide0000000000000000001")
    lab.workspace.sync("guide", progress=False).raise_for_failures()
    assert "media" not in lab.requests()
    frame = lab.workspace.attachments("guide/people")
    assert frame["problem"].str.contains("source of its own").all()


def test_the_report_counts_them(lab: Lab) -> None:
    """How many came and their bytes, how many did not; a file that is gone fails nothing."""
    _, gone = attach(lab.box, lab.people, 3)
    del lab.box.tenant.media[gone]
    report = sync(lab)
    assert report.ok
    assert report.files == {"downloaded": 3, "bytes": 27, "missing": 1}
    assert "3 pictures and files downloaded (27 B), 1 could not be had." in report.footer()
    assert report.to_dict()["files"] == report.files
    assert "1 file not downloaded: It was not found" in report[0].problem
    assert (report[0].calls, report.calls) == (10, 10)
    assert sync(lab.later()).files == {"downloaded": 0, "bytes": 0, "missing": 0}


def test_progress_counts_them(lab: Lab) -> None:
    """One step for each file."""
    steps: list[Progress] = []
    lab.workspace.sync(progress=steps.append)
    assert [(step.files, step.files_total) for step in steps if step.files_total] == [(1, 3), (2, 3), (3, 3)]


# --- how long they stay -----------------------------------------------------------------------------------------------


def test_what_history_needs_is_kept(lab: Lab) -> None:
    """A file that was taken out of its cell stays as long as a state shows it, and goes with the last one."""
    sync(lab)
    first = next(iter(lab.people.rows))
    lab.people.edit(first, {"文件": []})
    sync(lab.later())
    assert len(files(lab)) == 3
    assert len(lab.workspace.attachments("s1")) == 2
    before = lab.workspace.attachments("s1", as_of=-2)
    assert [Path(path).read_bytes() for path in before["path"]] == [b"content 0", b"content 1", b"content 2"]
    for _ in range(3):
        lab.clock.advance(100 * DAY)
        sign_in(lab.workspace, lab.box)
        lab.people.edit(first, {"name": text(f"{lab.clock.now}")})
        sync(lab.later())
    assert len(files(lab)) == 2
    assert lab.workspace.attachments("s1")["path"].notna().all()


def test_an_earlier_state_is_told_after_the_manifest_was_lost(lab: Lab) -> None:
    """The record of the state says which files it shows."""
    sync(lab)
    lab.people.edit(next(iter(lab.people.rows)), {"文件": []})
    sync(lab.later())
    (lab.workspace.root / "work" / "bitable_cache" / "s1" / "manifest.json").unlink()
    again = Workspace(lab.workspace.root, clock=lab.clock)
    assert again.attachments("s1", as_of=-2)["path"].notna().all()
    assert len(again.attachments("s1", as_of=-2)) == 3


def test_what_came_later_belongs_to_the_state_that_shows_it(lab: Lab) -> None:
    """The rows stood still when the files came; they are kept for the history of that state all the same."""
    configure(lab)
    sync(lab)
    configure(lab, "attachments = true")
    sync(lab.later())
    lab.people.edit(next(iter(lab.people.rows)), {"文件": []})
    sync(lab.later())
    assert len(files(lab)) == 3


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"half")])
def test_a_file_that_somebody_harmed_comes_again(lab: Lab, harm: Callable[[Path], object]) -> None:
    """At the next sync, although nothing moved at the platform; until then the frame shows none."""
    sync(lab)
    path = Path(lab.workspace.attachments("s1")["path"].iloc[0])
    whole = path.read_bytes()
    harm(path)
    assert [*lab.workspace.attachments("s1")["path"].isna()] == [True, False, False]
    sync(lab.later(1))
    assert lab.requests().count("media") == 1
    assert path.read_bytes() == whole
    sync(lab.later(1))
    assert lab.requests() == []


def test_a_flipped_bit_is_found_once_a_day(lab: Lab) -> None:
    """When all is asked again, what is there is proven."""
    sync(lab)
    path = Path(lab.workspace.attachments("s1")["path"].iloc[0])
    path.write_bytes(b"?" + path.read_bytes()[1:])
    sync(lab.later(DAY))
    assert lab.requests().count("media") == 1
    assert path.read_bytes() == b"content 0"


# --- broken off -------------------------------------------------------------------------------------------------------


def test_a_sync_that_was_stopped_goes_on(lab: Lab) -> None:
    """What came before Ctrl-C is not asked for again; nothing of it is shown before."""

    def stop(step: Progress) -> None:
        if step.files == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.workspace.sync(progress=stop)
    assert not [name for name in files(lab) if name.endswith(".png")]
    sync(lab.later())
    assert lab.requests().count("media") == 1
    assert sorted(files(lab).values()) == [b"content 0", b"content 1", b"content 2"]
    assert lab.workspace.attachments("s1")["path"].notna().all()


def test_half_a_file_goes_on_at_the_next_sync(lab: Lab) -> None:
    """By a range, from the byte where it broke off; the bytes are those of the whole."""
    data = hashlib.shake_256(b"seed").digest(300_000)
    attach(lab.box, lab.people, 3, data)
    lab.box.faults.add(Fault.truncate(), endpoint="media", after=3)
    lab.box.faults.add(Fault.reply(None, 1061001), endpoint="media", after=3, times=4)
    assert sync(lab).files["missing"] == 1
    assert sync(lab.later(), force=True).files["downloaded"] == 1
    (call,) = [call for call in lab.box.journal if call.endpoint == "media"]
    assert call.headers["Range"] == "bytes=150000-"
    assert data in files(lab).values()
    assert not [name for name in files(lab) if not name.endswith(".png")], "what is done is swept"


def test_what_nobody_wants_any_more_is_swept(lab: Lab) -> None:
    """Half a file whose row is gone."""
    row, _ = attach(lab.box, lab.people, 3, bytes(300_000))
    lab.box.faults.add(Fault.truncate(), endpoint="media", after=3)
    lab.box.faults.add(Fault.reply(None, 1061001), endpoint="media", after=3, times=4)
    sync(lab)
    assert [name for name in files(lab) if name.endswith(".part")]
    lab.people.delete(row)
    sync(lab.later())
    assert not [name for name in files(lab) if name.endswith((".part", ".sums"))]


# --- one for all ------------------------------------------------------------------------------------------------------


def library(box: Sandbox, root: Path, clock: Clock, count: int) -> tuple[Workspace, list[str]]:
    """Documents that share a picture and have one each."""
    shared = box.tenant.add_media(b"logo", "logo.png", "image/png")
    urls = []
    for number in range(count):
        own = box.tenant.add_media(f"own {number}".encode(), f"{number}.png", "image/png")
        parts = [blocks.text(f"guide {number}"), blocks.image(shared), blocks.image(own)]
        made = box.tenant.add_document(f"g{number}", parts, f"Doc{number:024}")
        urls.append(f"{box.url}/docx/{made.document_id}")
    lab = open_lab(root, box, clock, urls[0], None)
    write_settings(root, box, *urls)
    return lab.workspace, urls


@pytest.mark.parametrize("count", [3, pytest.param(200, marks=pytest.mark.soak)])
def test_a_token_is_downloaded_once_over_the_workspace(tmp_path: Path, box: Sandbox, clock: Clock, count: int) -> None:
    """Each source has the file in its own folder; the platform is asked once."""
    workspace, urls = library(box, tmp_path / "ws", clock, count)
    workspace.sync(progress=False).raise_for_failures()
    assert box.journal.endpoints().count("media") == count + 1
    for number in (0, count - 1):
        assert [path.read_bytes() for path in workspace.document(f"s{number + 1}").images] == [
            b"logo", f"own {number}".encode(),
        ]  # fmt: skip
    places = [*workspace.root.rglob("media")]
    assert len(places) == len(urls)
    assert {len([*place.iterdir()]) for place in places} == {2}


def test_documents_that_were_stopped_go_on(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """What came before Ctrl-C is not asked for again, by no document."""

    def stop(step: Progress) -> None:
        if step.source == "s2" and step.files == 1:
            raise KeyboardInterrupt

    workspace, _ = library(box, tmp_path / "ws", clock, 3)
    with pytest.raises(KeyboardInterrupt):
        workspace.sync(progress=stop)
    workspace.sync(progress=False).raise_for_failures()
    assert box.journal.endpoints().count("media") == 4
    assert all(len(workspace.document(f"s{number}").images) == 2 for number in (1, 2, 3))


def test_one_source_may_go_and_the_others_keep_theirs(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """What was lent stays whole, whatever becomes of the lender's file."""
    workspace, _ = library(box, tmp_path / "ws", clock, 2)
    workspace.sync(progress=False).raise_for_failures()
    first, second = (workspace.document(f"s{number}").images[0] for number in (1, 2))
    first.unlink()
    assert second.read_bytes() == b"logo"


def test_a_damaged_file_is_not_lent(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """It is proven before; then the platform is asked."""
    workspace, urls = library(box, tmp_path / "ws", clock, 2)
    write_settings(workspace.root, box, urls[0])
    workspace.sync(progress=False).raise_for_failures()
    workspace.document("s1").images[0].write_bytes(b"LOGO")
    write_settings(workspace.root, box, *urls)
    box.journal.clear()
    workspace.sync(progress=False).raise_for_failures()
    assert workspace.document("s2").images[0].read_bytes() == b"logo"


def test_a_service_that_is_down_costs_a_few_tries_for_all(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Hundreds of documents do not wait for it one by one; each is there, with markers."""
    workspace, _ = library(box, tmp_path / "ws", clock, 6)
    box.faults.add(Fault.reply(None, 1061001), endpoint="media", times=None)
    workspace.sync(progress=False).raise_for_failures()
    assert box.journal.endpoints().count("media") == 10
    assert "guide 5" in workspace.document("s6").markdown
    box.faults.clear()
    clock.advance(DAY + 60)
    workspace.sync(progress=False).raise_for_failures()
    assert len(workspace.document("s6").images) == 2


def test_the_day_of_a_workspace_ends_for_all_sources(
    tmp_path: Path, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short of the platform's limit nothing more is asked, in this run and in the next; a day later the rest comes."""
    monkeypatch.setattr("larknb.api.download.MOST", 4)
    workspace, _ = library(box, tmp_path / "ws", clock, 6)
    workspace.sync(progress=False).raise_for_failures()
    workspace.sync(progress=False, force=True).raise_for_failures()
    assert box.journal.endpoints().count("media") == 4
    clock.advance(DAY + 3600)
    workspace.sync(progress=False).raise_for_failures()
    assert box.journal.endpoints().count("media") == 7
    assert len(workspace.document("s6").images) == 2
