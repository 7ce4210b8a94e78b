"""Strange content of the files that larknb keeps for itself: made again or ignored, and nothing is counted wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from larknb.api.usage import Usage
from larknb.errors import BudgetSpent
from tests.conftest import Lab

NOW = 1_768_000_000.0
STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "zeros": bytes(4096),
    "blanks": b" \n\n",
    "a number": b"1",
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "not a number": b'{"format": 1, "months": NaN, "sources": NaN, "pid": NaN, "started_at": NaN}',
    "no end": b'{"format": 1, "months": {"2026-01": {"a": Infinity}}, "pid": 1, "started_at": 1e999}',
    "deep": b"[" * 100_000,
    "deep and closed": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep within": b'{"format": 1, "months": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "no UTF-8": b'{"format": "\xff"}',
    "half a letter": b'{"format": 1, "months": {"\\ud83d": {}}, "sources": {"\\ud83d": 1}}',
    "a byte order mark": b'\xef\xbb\xbf{"format": 1, "months": {}}',
    "other types": b'{"format": "1", "months": [], "sources": 5, "pid": [], "started_at": {}}',
    "another tool's": b'{"name": "app", "version": "1.0.0", "dependencies": {}}',
    "newer": b'{"format": 99, "months": {}, "sources": {}, "pid": 1}',
    "a huge format": b'{"format": 1' + b"0" * 400 + b"}",
    "below zero": b'{"format": -1}',
    "twice": b'{"format": 1, "months": {}}{"format": 1, "months": {}}',
    "a process of long ago": b'{"pid": 1, "started_at": -1e300}',
    "text": "随便写的".encode("gb18030"),
}
FILES = ["search", "search.json", "usage.json", "usage.copy.json", "looks.json", "sync.json", "sync.lock",
         "usage.json.lock", "larknb.toml.lock"]  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_strange_content_stops_nothing(lab: Lab, content: bytes) -> None:
    """Sync, search and status go on with all of these files damaged."""
    work = lab.workspace.root / "work"
    for name in FILES:
        (work / name).write_bytes(content)
    assert [row.state for row in lab.workspace.status()] == ["never"]
    lab.workspace.sync(progress=False).raise_for_failures()
    assert lab.workspace.search("person 7")
    assert len(lab.workspace.status()) == 2
    for name in ("sync.lock", "usage.json.lock"):
        assert (work / name).read_bytes() == content, "a file that is no lock stays"


# --- the count of calls ---------------------------------------------------------------------------------------------


def count(path: Path, calls: int, budget: int | None = None) -> Usage:
    usage = Usage(path, budget, clock=lambda: NOW, tell=lambda _: None)
    for _ in range(calls):
        usage.count("a")
    usage.save()
    return usage


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_damaged_count_does_not_pass_the_budget(tmp_path: Path, content: bytes) -> None:
    """The second file knows it."""
    path = tmp_path / "usage.json"
    count(path, 5)
    path.write_bytes(content)
    usage = Usage(path, 6, clock=lambda: NOW)
    usage.count("a")
    with pytest.raises(BudgetSpent):
        usage.count("a")
    usage.save()
    assert Usage(path, clock=lambda: NOW).total() == 6


@pytest.mark.parametrize("damaged", ["usage.json", "usage.copy.json"])
def test_a_lost_file_of_the_two_loses_no_count(tmp_path: Path, damaged: str) -> None:
    """Whichever is gone, or a folder by now."""
    path = tmp_path / "usage.json"
    count(path, 5)
    (tmp_path / damaged).unlink()
    assert count(path, 5).total() == 10
    (tmp_path / damaged).unlink()
    (tmp_path / damaged).mkdir()
    assert count(path, 1).total() == 11
    assert Usage(path, clock=lambda: NOW).total() == 11


ODD_COUNTS: dict[str, Mapping[str, object]] = {
    "below zero": {"a": -1000, "b": 2},
    "a text": {"a": "7", "b": 2},
    "true": {"a": True, "b": 2},
    "half": {"a": 0.5, "b": 2},
    "without end": {"a": 10**400, "b": 2},
    "more than there can be": {"a": 10**12, "b": 2},
    "a list": {"a": [1], "b": 2},
    "nothing": {"a": None, "b": 2},
}


@pytest.mark.parametrize("odd", ODD_COUNTS.values(), ids=ODD_COUNTS)
def test_what_is_no_count_counts_as_none(tmp_path: Path, odd: Mapping[str, object]) -> None:
    """Each number for itself; no month is negative, and none is spent by a misprint."""
    path = tmp_path / "usage.json"
    path.write_text(json.dumps({"format": 1, "months": {"2026-01": odd, "2025-12": {"c": 3}}}))
    usage = Usage(path, 100, clock=lambda: NOW, tell=lambda _: None)
    assert usage.by_source() == {"b": 2}
    usage.count("a")
    usage.save()
    assert json.loads(path.read_text())["months"] == {"2025-12": {"c": 3}, "2026-01": {"b": 2, "a": 1}}


def test_a_count_that_is_lost_is_told_to_whoever_set_a_budget(tmp_path: Path) -> None:
    """Once, and before the first request; without a budget nobody needs to know."""
    told: list[str] = []
    (tmp_path / "usage.json").write_bytes(b"\0")
    usage = Usage(tmp_path / "usage.json", 5, clock=lambda: NOW, tell=told.append)
    for _ in range(3):
        usage.count("a")
    usage.save()
    (text,) = told
    assert str(tmp_path / "usage.json") in text
    Usage(tmp_path / "usage.json", 5, clock=lambda: NOW, tell=told.append).count("a")
    (tmp_path / "other.json").write_bytes(b"\0")
    Usage(tmp_path / "other.json", clock=lambda: NOW, tell=told.append).count("a")
    assert len(told) == 1
