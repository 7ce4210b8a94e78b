"""The lease: one workspace publishes to a target."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from larknb.errors import Busy
from larknb.outlets.lease import FILE, Publisher, take
from larknb.remote.target import open_target
from tests.s3 import S3

OURS, OTHERS = Publisher("a", "ours"), Publisher("b", "theirs")
WEEK = 7 * 86400.0


def test_of_many_at_once_one_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store decides, where it can write under a condition."""
    taken, refused = [], []
    with S3() as store:
        store.use(monkeypatch)
        start = threading.Barrier(6)

        def attempt(number: int) -> None:
            start.wait()
            try:
                take(open_target("s3://bucket/team"), Publisher(str(number), f"w{number}"), 0.0)
                taken.append(number)
            except Busy:
                refused.append(number)

        threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(taken), len(refused)) == (1, 5)


@pytest.mark.parametrize(
    ("who", "later", "is_free"),
    [(OURS, 0.0, True), (OTHERS, 0.0, False), (OTHERS, WEEK - 1, False), (OTHERS, WEEK, True)],
)
def test_a_lease_ends_a_week_after_the_last_publish(
    tmp_path: Path, who: Publisher, later: float, is_free: bool
) -> None:
    """The same workspace takes it again at once, another one as soon as the first has given it up."""
    target = open_target(str(tmp_path))
    take(target, OURS, 1000.0)
    if is_free:
        take(target, who, 1000.0 + later)()
        return
    with pytest.raises(Busy, match=r"published by another workspace \(ours"):
        take(target, who, 1000.0 + later)


def test_who_lost_it_is_told_before_the_pointer(tmp_path: Path) -> None:
    """A publisher that slept for a week asks again before it writes what readers see."""
    target = open_target(str(tmp_path))
    check = take(target, OURS, 0.0)
    check()
    take(target, OTHERS, WEEK)
    with pytest.raises(Busy, match="theirs"):
        check()


def test_what_is_no_lease_is_left_alone(tmp_path: Path) -> None:
    """A file of that name that larknb did not write may mean anything."""
    (tmp_path / FILE).write_text("mine")
    with pytest.raises(Busy, match=FILE):
        take(open_target(str(tmp_path)), OURS, 0.0)
    assert (tmp_path / FILE).read_text() == "mine"
