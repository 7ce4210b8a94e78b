"""The downloads of the last 24 hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.api.downloads import Downloads
from tests.conftest import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "downloads.json"


def test_there_are_so_many_and_no_more(path: Path, clock: Clock) -> None:
    """Over all processes of a workspace, and over a day."""
    first = Downloads(path, clock=clock)
    assert [first.take(3) for _ in range(2)] == [True, True]
    first.save()
    clock.advance(3600)
    later = Downloads(path, clock=clock)
    assert [later.take(3) for _ in range(3)] == [True, False, False]


def test_a_day_later_there_are_others(path: Path, clock: Clock) -> None:
    """Hour by hour: nobody tells when the platform's day begins."""
    downloads = Downloads(path, clock=clock)
    downloads.take(2)
    clock.advance(12 * 3600)
    downloads.take(2)
    clock.advance(12 * 3600)
    assert [downloads.take(2) for _ in range(2)] == [True, False]


def test_a_killed_process_told_most_of_them(path: Path, clock: Clock) -> None:
    """The count is saved as it grows."""
    killed = Downloads(path, clock=clock)
    for _ in range(50):
        killed.take(1000)
    later = Downloads(path, clock=clock)
    assert sum(later.take(50) for _ in range(50)) <= 20


def test_two_at_once_add_up(path: Path, clock: Clock) -> None:
    """What another process saved meanwhile is not lost."""
    one, other = Downloads(path, clock=clock), Downloads(path, clock=clock)
    one.take(9)
    other.take(9)
    one.save()
    other.save()
    assert [Downloads(path, clock=clock).take(limit) for limit in (2, 3)] == [False, True]


@pytest.mark.parametrize("content", ["", "{", '{"format": 1, "hours": {"x": 3, "²": 5}}', '{"format": 99}', "[]"])
def test_a_file_that_says_nothing_counts_nothing(path: Path, clock: Clock, content: str) -> None:
    """A lost count is no reason to lose a sync; a newer larknb's file is left alone."""
    path.write_text(content, encoding="utf-8")
    downloads = Downloads(path, clock=clock)
    assert downloads.take(1)
    downloads.save()
    assert ("99" in content) == (path.read_text(encoding="utf-8") == content)


def test_without_a_file_it_counts_all_the_same(clock: Clock) -> None:
    """As long as the process lives."""
    downloads = Downloads(clock=clock)
    assert [downloads.take(1) for _ in range(2)] == [True, False]
    downloads.save()
