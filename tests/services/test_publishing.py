"""Publishing: what leaves the folder, what does not, and when."""

from __future__ import annotations

import gzip
import json
import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from larknb import cli
from larknb.cache.cached import SourceCache
from larknb.errors import Busy, ConfigError
from larknb.sandbox import Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, sync, text, write_settings
from tests.stores import change, live_elsewhere, reader, state_of

DAY = 86_400.0


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live_elsewhere(tmp_path / "elsewhere", monkeypatch)


def files(target: Path, pattern: str) -> list[str]:
    return sorted(path.relative_to(target).as_posix() for path in target.glob(pattern))


def test_engines_find_each_table_through_the_pointer(synced: Lab, tmp_path: Path) -> None:
    """One Parquet file for each table, below its source and its name; the pointer of the source says which."""
    report = synced.workspace.publish(tmp_path / "team")
    pointer = json.loads((tmp_path / "team/sources/s1.json").read_text(encoding="utf-8"))
    file = pointer["tables"]["people"]["file"]
    assert file in files(tmp_path / "team", "tables/s1/people/*.parquet")
    assert pq.read_metadata(tmp_path / "team" / file).num_rows == 30
    assert [(row.source, row.action, row.files) for row in report] == [("s1", "published", 4)]


def test_what_is_there_is_not_sent_again(synced: Lab, tmp_path: Path) -> None:
    """A second publish touches no table; after a change it sends what changed."""
    synced.workspace.publish(tmp_path / "team")
    assert [row.files for row in synced.workspace.publish(tmp_path / "team")] == [0]
    synced.later().people.edit(next(iter(synced.people.rows)), {"age": 99})
    sync(synced, force=True).raise_for_failures()
    assert [row.files for row in synced.workspace.publish(tmp_path / "team")] == [2]


def test_a_file_that_somebody_deleted_there_is_sent_again(synced: Lab, tmp_path: Path) -> None:
    """What the pointer names is there after each publish."""
    synced.workspace.publish(tmp_path / "team")
    shutil.rmtree(tmp_path / "team/tables/s1/people")
    assert [row.files for row in synced.workspace.publish(tmp_path / "team")] == [1]


def test_what_no_pointer_needs_goes_after_a_day(synced: Lab, tmp_path: Path) -> None:
    """The file of the earlier state stays for those who are reading it; files of others stay for ever."""
    target = tmp_path / "team"
    synced.workspace.publish(target)
    (target / "tables/s1/notes.txt").write_text("mine")
    change(synced, 7)
    synced.workspace.publish(target)
    assert len(files(target, "tables/s1/people/*")) == 2
    synced.clock.advance(DAY + 1)
    synced.workspace.publish(target)
    assert len(files(target, "tables/s1/people/*")) == 1
    assert state_of(reader(synced, target)) == (7, 7)
    assert (target / "tables/s1/notes.txt").read_text() == "mine"


def test_a_source_that_was_removed_is_withdrawn(synced: Lab, tmp_path: Path) -> None:
    """Whoever takes a source out of larknb.toml takes it out of the store with the next publish."""
    other = synced.box.tenant.add_base("other", app_token="AppOther000000000000000001")
    other.add_table("t", [Field("name", 1, is_primary=True)]).add({"name": text("a")})
    synced.workspace.add(f"{synced.box.url}/base/{other.app_token}", "s2")
    sync(synced)
    synced.workspace.publish(tmp_path / "team")
    synced.workspace.remove("s2")
    report = synced.workspace.publish(tmp_path / "team")
    assert [(row.source, row.action) for row in report] == [("s1", "unchanged"), ("s2", "removed")]
    assert files(tmp_path / "team", "sources/*") == ["sources/s1.json"]


def contents(path: Path) -> str:
    """Return all that a published file says, compressed or not."""
    data = path.read_bytes()
    if path.name.endswith(".parquet"):
        return f"{pq.read_schema(path).metadata} {pq.read_table(path).to_pylist()}"
    return (gzip.decompress(data) if path.name.endswith(".gz") else data).decode("utf-8", "replace")


Private = tuple[Lab, dict[str, str]]
PRIVATE: dict[str, Callable[[Private], str]] = {
    "app secret": lambda told: told[0].box.app_secret,
    "app id": lambda told: told[0].box.app_id,
    "access token": lambda told: told[1]["access_token"],
    "refresh token": lambda told: told[1]["refresh_token"],
    "id of who read it": lambda told: told[0].box.tenant.users[0].open_id,
    "name of who read it": lambda told: told[0].box.tenant.users[0].name,
    "folder of the workspace": lambda told: str(told[0].workspace.root),
    "home": lambda told: str(Path.home()),
    "machine": lambda told: f'"{platform.node()}"',
}
PLANTED = (
    "word-of-the-settings", "word-of-the-log", "word-of-a-run", "word-of-the-usage", "word-of-a-stray-file",
    "word-of-a-stray-state", "word-of-a-problem",
)  # fmt: skip


def plant(lab: Lab) -> None:
    """Leave a word in everything of a workspace that is nobody else's business."""
    root = lab.workspace.root
    folder = next((root / "work/bitable_cache").glob("*/manifest.json")).parent
    places = {
        "word-of-the-settings": root / "larknb.toml", "word-of-the-log": root / "work/logs/larknb.log",
        "word-of-a-run": root / "work/runs/nb/1.json", "word-of-the-usage": root / "work/usage.copy.json",
        "word-of-a-stray-file": folder / "notes.parquet",
        "word-of-a-stray-state": next((folder / "snapshots").iterdir()) / "notes.txt",
    }  # fmt: skip
    for word, path in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"# {word}\n")
    cached = SourceCache.open(folder)
    assert cached is not None
    cached.note_problem("word-of-a-problem", lab.clock())


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Private, str]]:
    """A workspace and its login, and all that was published of it: the present, and with the history."""
    root, clock = tmp_path_factory.mktemp("private"), Clock()
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        owner = box.tenant.add_user("李四")
        base = box.tenant.add_base("staff", owner=owner)
        base.add_table("people", [Field("name", 1, is_primary=True)]).add({"name": text("a")}, by=owner)
        lab = open_lab(root / "ws", box, clock, f"{box.url}/base/{base.app_token}", base)
        sync(lab).raise_for_failures()
        plant(lab)
        lab.workspace.publish(root / "team")
        lab.workspace.publish(root / "team with history", history=True)
        login = json.loads(lab.workspace.settings.token_file.read_text(encoding="utf-8"))
    files = [path for path in root.glob("team*/**/*") if path.is_file()]
    assert len(files) > 8
    yield (lab, login), "".join(f"{path.relative_to(root)} {contents(path)}" for path in files)


@pytest.mark.parametrize("what", PRIVATE)
def test_nothing_private_leaves(what: str, left: tuple[Private, str]) -> None:
    """No token, no secret, not who read the data, no path of this machine: nowhere in what is published."""
    private, told = left
    assert PRIVATE[what](private) not in told


@pytest.mark.parametrize("word", PLANTED)
def test_no_other_file_of_a_workspace_leaves(word: str, left: tuple[Private, str]) -> None:
    """Settings, logs, runs, and what somebody put beside the caches stay here."""
    assert word not in left[1]


def test_who_reads_leaves_no_trace(synced: Lab, tmp_path: Path) -> None:
    """A store is the same, file by file, after somebody has read all of it."""
    synced.workspace.publish(tmp_path / "team")
    before = {path: path.read_bytes() for path in (tmp_path / "team").rglob("*") if path.is_file()}
    store = reader(synced, tmp_path / "team")
    assert len(store.tables("s1")) == 2
    assert store.search("person 3")
    assert {path: path.read_bytes() for path in (tmp_path / "team").rglob("*") if path.is_file()} == before


def test_a_link_that_leads_elsewhere_is_not_followed(synced: Lab, tmp_path: Path) -> None:
    """What it leads to may be anything of this person; the source is reported, and nothing of it is published."""
    (file,) = synced.workspace.root.rglob("people.raw.parquet")
    file.rename(tmp_path / "elsewhere.parquet")
    file.symlink_to(tmp_path / "elsewhere.parquet")
    report = synced.workspace.publish(tmp_path / "team")
    assert [(row.action, "leads elsewhere" in row.problem) for row in report] == [("failed", True)]
    assert files(tmp_path / "team", "**/*.parquet") == []


def test_another_workspace_is_refused(synced: Lab, tmp_path: Path, box: Sandbox) -> None:
    """Also a copy of this one; the error names who publishes there. After a week of silence the target is free."""
    synced.workspace.publish(tmp_path / "team")
    shutil.copytree(synced.workspace.root, tmp_path / "copy")
    copy = Workspace(tmp_path / "copy", clock=synced.clock)
    with pytest.raises(Busy, match=r"published by another workspace \(ws"):
        copy.publish(tmp_path / "team")
    assert copy.publish(tmp_path / "other").ok
    synced.clock.advance(8 * DAY)
    assert copy.publish(tmp_path / "team").ok
    with pytest.raises(Busy):
        synced.workspace.publish(tmp_path / "team")


def test_one_workspace_publishes_once_at_a_time(synced: Lab, tmp_path: Path) -> None:
    """A second process of the same workspace is told at once."""
    from filelock import FileLock

    with FileLock(synced.workspace.root / "work/publish.lock"), pytest.raises(Busy, match="publishing already"):
        synced.workspace.publish(tmp_path / "team")


def test_a_target_must_be_named(synced: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the call, by the variable, or by larknb.toml, whose relative path is meant from the workspace."""
    with pytest.raises(ConfigError, match="not said where"):
        synced.workspace.publish()
    monkeypatch.setenv("LARKNB_PUBLISH_TARGET", str(tmp_path / "by-variable"))
    assert synced.workspace.publish().target == str(tmp_path / "by-variable")
    monkeypatch.delenv("LARKNB_PUBLISH_TARGET")
    file = synced.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + '\n[publish]\ntarget = "shared"\n', encoding="utf-8")
    assert synced.workspace.publish().target == str(synced.workspace.root / "shared")


def test_every_sync_publishes_where_somebody_said_so(synced: Lab, tmp_path: Path) -> None:
    """It is remembered under work/, which no repository brings along, until it is taken back."""
    target = tmp_path / "team"
    synced.workspace.publish(target, every_sync=True)
    change(synced, 3)
    assert state_of(reader(synced, target)) == (3, 3)
    synced.workspace.publish(target, every_sync=False)
    change(synced, 4)
    assert state_of(reader(synced, target)) == (3, 3)


def test_a_sync_that_cannot_publish_has_failed(synced: Lab, tmp_path: Path) -> None:
    """The data is kept; the report, and so the exit code and a scheduled run, tell that readers wait for it."""
    synced.workspace.publish(tmp_path / "team", every_sync=True)
    (tmp_path / "team/publisher.lease").write_text("whose is this?")
    synced.later()
    report = sync(synced, force=True)
    assert not report.ok
    assert [row.source for row in report if row.action == "failed"] == [str(tmp_path / "team")]
    with pytest.raises(Busy):
        report.raise_for_failures()


def test_a_damaged_source_does_not_stop_the_others(synced: Lab, tmp_path: Path) -> None:
    """It keeps its last good state in the store, and is reported."""
    synced.workspace.publish(tmp_path / "team")
    change(synced, 9)
    raw = max(synced.workspace.root.glob("work/bitable_cache/s1/snapshots/*/people.raw.parquet"))
    raw.write_bytes(raw.read_bytes()[:-1] + b"?")
    report = synced.workspace.publish(tmp_path / "team")
    assert (report.ok, [row.action for row in report]) == (False, ["failed"])
    assert "damaged" in report[0].problem
    assert state_of(reader(synced, tmp_path / "team"))[0] == 0


def test_a_friendly_file_that_is_lost_is_made_again(synced: Lab, tmp_path: Path) -> None:
    """Engines get every table, also where its friendly form has to be made of the raw one."""
    for path in synced.workspace.root.glob("work/bitable_cache/s1/snapshots/*/people.parquet"):
        path.unlink()
    synced.workspace.publish(tmp_path / "team")
    assert reader(synced, tmp_path / "team").load("s1/people").equals(synced.workspace.load("s1/people"))


def test_the_command_publishes(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``larknb publish`` prints what it did; ``--json`` gives it to programs."""
    assert cli.main(["--home", str(home), "sync", "--quiet"]) == 0
    capsys.readouterr()
    assert cli.main(["--home", str(home), "publish", str(tmp_path / "team"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["action"] == "published"
    assert cli.main(["--home", str(tmp_path / "team"), "load", "s1/people", "--csv"]) == 0
    assert capsys.readouterr().out.count("\n") == 4
    assert cli.main(["--home", str(tmp_path / "team"), "sync"]) == 2


def test_an_empty_workspace_publishes_nothing(tmp_path: Path, box: Sandbox) -> None:
    """Sources that were never synced are left out."""
    workspace = write_settings(tmp_path / "new", box, f"{box.url}/base/AppNone0000000000000000001")
    assert len(workspace.publish(tmp_path / "team")) == 0
    assert not [*(tmp_path / "team").glob("*/*")]
