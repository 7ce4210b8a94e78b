"""The reading side: files are fetched once, checked, and kept for when the store cannot be reached."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from larknb.errors import ConfigError, LarkError
from tests.conftest import Lab
from tests.s3 import S3
from tests.stores import change, reader, state_of

TEAM = "s3://bucket/team"


@pytest.fixture
def store(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The lab, published to an object store."""
    with S3() as running:
        running.use(monkeypatch)
        synced.workspace.publish(TEAM)
        running.journal.clear()
        yield running


def fetched(store: S3) -> list[str]:
    return [path for method, path in store.journal if method == "GET" and path.endswith((".parquet", ".gz"))]


def test_a_file_is_fetched_once(synced: Lab, store: S3) -> None:
    """The first load brings the table that is asked for, and no other one; the next ones bring nothing."""
    team = reader(synced, TEAM)
    team.load("s1/people")
    assert [path.rpartition("/")[0] for path in fetched(store)] == ["bucket/team/tables/s1/people"]
    team.load("s1/people")
    reader(synced, TEAM).load("s1/people")
    assert len(fetched(store)) == 1


def test_a_new_state_is_seen_at_the_next_call(synced: Lab, store: S3) -> None:
    """Also by an object that was opened before; only what changed is fetched."""
    team = reader(synced, TEAM)
    assert state_of(team) == (0, 0)
    change(synced, 8)
    synced.workspace.publish(TEAM)
    assert state_of(team) == (8, 8)


def test_a_file_that_was_damaged_on_the_way_is_never_shown(synced: Lab, store: S3) -> None:
    """Its hash differs: the error names it, and what to do; as soon as the store is mended, it reads."""
    objects = store.memory.objects
    name = next(key for key in objects if "/tables/s1/people/" in key)
    good = objects[name]
    objects[name] = (good[0][:-10] + b"0123456789", good[1])
    with pytest.raises(LarkError, match="not what its pointer says"):
        reader(synced, TEAM).load("s1/people")
    objects[name] = good
    assert len(reader(synced, TEAM).load("s1/people")) == 30


def test_a_file_that_was_damaged_here_is_fetched_again(synced: Lab, store: S3, elsewhere: Path) -> None:
    """A disk that flips bits costs one request."""
    reader(synced, TEAM).load("s1/people")
    (file,) = elsewhere.rglob("people.parquet")
    file.write_bytes(b"?" * file.stat().st_size)
    assert len(reader(synced, TEAM).load("s1/people")) == 30
    assert len(fetched(store)) == 2


def test_offline_there_is_what_was_fetched(synced: Lab, store: S3, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how old that is; what was never fetched cannot be shown, and the error says why."""
    reader(synced, TEAM).load("s1/people")
    synced.clock.advance(7200)
    store.fault = lambda *_: "reset"
    assert len(reader(synced, TEAM).load("s1/people")) == 30
    assert "cannot be reached: this is what was fetched from it, last seen 2 h ago" in capsys.readouterr().err
    assert reader(synced, TEAM).load("s1/people").attrs["larknb"]["stale"]
    with pytest.raises(LarkError, match="was not fetched before"):
        reader(synced, TEAM).load("s1/teams")


def test_a_store_that_was_slow_to_fail_is_left_alone(synced: Lab, store: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as that took; another one of the same address, with an endpoint of its own, is asked at once."""
    now = 0.0

    def slowly(*_: object) -> str:
        nonlocal now
        now += 10
        return "reset"

    def asked() -> int:
        before = len(store.journal)
        assert len(reader(synced, TEAM).load("s1/people")) == 30
        return len(store.journal) - before

    reader(synced, TEAM).load("s1/people")
    synced.clock.advance(7200)
    monkeypatch.setattr("larknb.remote.published.time", SimpleNamespace(monotonic=lambda: now, time=time.time))
    store.fault = slowly
    assert asked() == 2
    now += 19
    assert asked() == 0
    with S3() as other, monkeypatch.context() as patched:
        other.use(patched).memory.objects |= store.memory.objects
        assert len(reader(synced, TEAM).load("s1/people")) == 30
        assert other.journal
    now += 2
    assert asked() == 2


def test_a_folder_that_is_gone_is_a_store_that_cannot_be_reached(
    synced: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A network drive that is not there, or is an empty folder by now, deletes nothing here."""
    synced.workspace.publish(tmp_path / "drive")
    team = reader(synced, tmp_path / "drive")
    team.load("s1/people")
    (tmp_path / "drive").rename(tmp_path / "unmounted")
    assert len(team.load("s1/people")) == 30
    (tmp_path / "drive").mkdir()
    assert len(team.load("s1/people")) == 30
    assert "last seen" in capsys.readouterr().err


def test_a_pointer_that_is_damaged_leaves_the_last_good_state(synced: Lab, store: S3) -> None:
    """Whoever never saw a good one is told; the log names the pointer."""
    team = reader(synced, TEAM)
    assert state_of(team) == (0, 0)
    body, at = store.memory.objects["bucket/team/sources/s1.json"]
    store.memory.objects["bucket/team/sources/s1.json"] = (body[:-100], at + 60)
    assert state_of(team) == (0, 0)


def test_a_source_that_was_withdrawn_is_gone(synced: Lab, tmp_path: Path) -> None:
    """Here, too, and what was fetched of it."""
    target = tmp_path / "team"
    synced.workspace.publish(target)
    team = reader(synced, target)
    team.load("s1/people")
    (target / "sources/s2.json").write_bytes((target / "sources/s1.json").read_bytes())
    (target / "sources/s1.json").unlink()
    assert [source.name for source in team.sources()] == ["s1"]
    assert not [*(tmp_path / "elsewhere").rglob("bitable_cache/s1/manifest.json")]


def test_the_home_of_a_store_tells_two_apart(synced: Lab, tmp_path: Path, elsewhere: Path) -> None:
    """Two stores of one person never share a file; the name of the folder tells which it is."""
    for name in ("a", "b"):
        synced.workspace.publish(tmp_path / name)
        reader(synced, tmp_path / name).load("s1/people")
        synced.workspace.root.joinpath("work/published.json").unlink()
    assert len([*elsewhere.glob("**/published/*")]) == 2


def test_the_home_of_a_store_tells_two_servers_apart(synced: Lab, store: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bucket and name on another server is another store: what was fetched of the first is never shown for it."""
    assert len(reader(synced, TEAM).load("s1/people")) == 30
    with S3() as other, monkeypatch.context() as patched:
        other.use(patched)
        other.fault = lambda *_: "reset"
        with pytest.raises(LarkError) as caught:
            reader(synced, TEAM).load("s1/people")
        assert other.journal, caught
    assert len(reader(synced, TEAM).load("s1/people")) == 30


def test_nothing_published_is_no_empty_store(store: S3, synced: Lab) -> None:
    """A misspelt address must not pass for a team without data."""
    with pytest.raises(ConfigError, match="Nothing was published"):
        reader(synced, "s3://bucket/taem").sources()
