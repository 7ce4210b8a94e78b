"""Interrupted anywhere, a publish leaves readers the old state or the new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.errors import LarkError
from larknb.remote import signed, target
from tests.conftest import Lab
from tests.s3 import S3
from tests.stores import change, live_elsewhere, reader, state_of

TEAM = "s3://bucket/team"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """An object store, and clients that do not ask twice: what fails once stays so."""
    live_elsewhere(tmp_path / "elsewhere", monkeypatch)
    monkeypatch.setattr(target, "ATTEMPTS", 1)
    monkeypatch.setattr(signed, "ATTEMPTS", 1)
    with S3() as running:
        yield running.use(monkeypatch)


def requests_of_a_publish(lab: Lab, store: S3) -> int:
    store.journal.clear()
    lab.workspace.publish(TEAM)
    return len(store.journal)


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        ("busy", 6),
        pytest.param("busy", 1, marks=pytest.mark.soak),
        pytest.param("reset", 1, marks=pytest.mark.soak),
        pytest.param("lost", 1, marks=pytest.mark.soak),
    ],
)
def test_a_publish_that_breaks_off_shows_no_mixed_state(synced: Lab, store: S3, fault: str, step: int) -> None:
    """At request after request the store fails from then on: readers see a whole state, the next publish heals it."""
    synced.workspace.publish(TEAM)
    change(synced, 1)
    whole = requests_of_a_publish(synced, store)
    before = 1
    for at in range(0, whole + 1, step):
        change(synced, before + 1)
        store.fail_from(at, fault)
        try:
            synced.workspace.publish(TEAM)
        except LarkError as error:
            assert "Next: publish again" in str(error)
        store.heal()
        assert state_of(reader(synced, TEAM)) in ((before, before), (before + 1, before + 1))
        before += 1
        synced.workspace.publish(TEAM)
        assert state_of(reader(synced, TEAM)) == (before, before)


def test_the_pointer_is_written_last(synced: Lab, store: S3) -> None:
    """Before it come the lease and whole files, after it nothing; no other file that is written is a .json."""
    synced.workspace.publish(TEAM)
    puts = [path for method, path in store.journal if method == "PUT"]
    assert puts[-1] == "bucket/team/sources/s1.json"
    assert [path for path in puts if path.endswith(".json")] == puts[-1:]


def test_names_of_any_language_reach_the_store(synced: Lab, store: S3) -> None:
    """Also where the prefix holds blanks and signs that an address would escape."""
    address = "s3://bucket/团队 甲/a+b%20c#d"
    synced.workspace.publish(address)
    synced.workspace.publish(address)
    assert len(reader(synced, address).load("s1/people")) == 30


def test_what_was_sent_before_a_crash_is_used_or_goes(synced: Lab, store: S3) -> None:
    """Files without a pointer are known, and deleted after the grace time as all that nobody needs."""
    store.fault = lambda _, method, path: "busy" if method == "PUT" and path.endswith(".json") else ""
    with pytest.raises(LarkError):
        synced.workspace.publish(TEAM)
    store.heal()
    change(synced, 2)
    synced.workspace.publish(TEAM)
    synced.clock.advance(2 * 86400)
    synced.workspace.publish(TEAM)
    synced.clock.advance(2 * 86400)
    synced.workspace.publish(TEAM)
    assert len([key for key in store.memory.objects if "/tables/s1/people/" in key]) == 1
    assert state_of(reader(synced, TEAM)) == (2, 2)
