"""The file in which the processes of one app keep when their requests left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from larknb.api.sent import SentFile, file_of


def keep(path: Path, at: float) -> dict[str, list[float]]:
    """Add a request, and return what is known then."""
    with SentFile(path).opened() as sent:
        sent.setdefault("GET a", []).append(at)
        return dict(sent)


def test_one_process_hears_of_the_requests_of_another(tmp_path: Path) -> None:
    """What one kept is what the next one finds."""
    keep(tmp_path / "pace" / "app.json", 1.0)
    assert keep(tmp_path / "pace" / "app.json", 2.0) == {"GET a": [1.0, 2.0]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 99,
        b"{",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"GET a": 7}',
        b'{"GET a": ["x"]}',
        b'{"GET a": [NaN]}',
    ],
)
def test_a_damaged_file_counts_as_an_empty_one(tmp_path: Path, content: bytes) -> None:
    """And is a good one afterwards."""
    file = tmp_path / "app.json"
    file.write_bytes(content)
    assert keep(file, 1.0) == {"GET a": [1.0]}
    assert keep(file, 2.0) == {"GET a": [1.0, 2.0]}


def as_folder(file: Path) -> None:
    file.mkdir()


def as_locked_folder(file: Path) -> None:
    file.with_suffix(".lock").mkdir()


def as_file_above(file: Path) -> None:
    file.parent.rmdir()
    file.parent.write_bytes(b"")


def as_link(file: Path) -> None:
    file.symlink_to("/dev/full")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("spoil", [as_folder, as_locked_folder, as_file_above, as_link])
def test_where_no_file_can_be_nothing_is_known(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """Nothing fails, and what lies there stays."""
    file = tmp_path / "pace" / "app.json"
    file.parent.mkdir()
    spoil(file)
    assert keep(file, 1.0) == keep(file, 1.0) == {"GET a": [1.0]}


def test_somebody_who_keeps_the_lock_holds_up_nobody_for_long(tmp_path: Path) -> None:
    """A process stopped in a debugger: one short wait, and then none."""
    file = tmp_path / "app.json"
    other = SentFile(file)
    with SentFile(file).opened():
        for _ in range(200):  # at the patience of one try each, this would take minutes
            with other.opened() as sent:
                assert sent == {}


@pytest.mark.parametrize(("host", "app", "same"), [
    ("https://open.feishu.cn/", "cli_a", True),
    ("https://OPEN.feishu.cn", "cli_a", True),
    ("https://open.larksuite.com", "cli_a", False),
    ("https://open.feishu.cn", "cli_b", False),
])  # fmt: skip
def test_each_app_of_each_host_has_a_file_of_its_own(host: str, app: str, same: bool) -> None:
    """Neither is told by its name."""
    file = file_of("https://open.feishu.cn", "cli_a")
    assert (file_of(host, app) == file) is same
    assert "cli_a" not in str(file)
