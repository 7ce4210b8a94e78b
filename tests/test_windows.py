"""Windows, played on any system: what it answers otherwise at the level of os, and what larknb makes of that.

The access lists, the port of a login and the units of its scheduler have their tests beside those of other systems:
`tests/auth/test_place.py`, `tests/auth/test_callback.py`, `tests/headless/units`, `tests/hostile/test_units.py`. Narrow
code pages are played in `tests/hostile/test_output.py`.
"""

from __future__ import annotations

import codecs
import ctypes
import io
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from larknb.errors import Busy
from larknb.files import replace, write_atomically
from larknb.headless import keeper
from larknb.headless.provisioner import KeptProvisioner
from larknb.headless.signals import owned_signals
from larknb.headless.units import network_path
from larknb.headless.units.commands import reason, spell
from larknb.sandbox.serve import main as serve
from larknb.services import context
from tests.conftest import Lab

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it is no play")
IN_USE = 32  # ERROR_SHARING_VIOLATION
SHARE = r"\\server\共享 盘"


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the code is told on Windows; a local disk, and one mapped drive."""
    monkeypatch.setattr(sys, "platform", "win32")
    dll = SimpleNamespace(kernel32=SimpleNamespace(GetDriveTypeW=lambda _: 3),
                          mpr=SimpleNamespace(WNetGetConnectionW=connection))  # fmt: skip
    monkeypatch.setattr(ctypes, "windll", dll, raising=False)
    return dll


def connection(drive: str, share: Any, size: Any) -> int:
    """Write the share of a drive letter and return 0, or an error number."""
    if drive != "Z:":
        return 2250  # ERROR_NOT_CONNECTED
    share.value = SHARE
    return 0


# --- files that another program has open ------------------------------------------------------------------------------


class Held:
    """A file that another program has open, for a number of tries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, tries: int) -> None:
        self.path, self.tries, self.real = path, tries, os.replace
        monkeypatch.setattr(os, "replace", self)

    def __call__(self, new: str | Path, old: str | Path) -> None:
        if Path(old) == self.path and self.tries:
            self.tries -= 1
            error = PermissionError(13, "The process cannot access the file", str(new))
            error.winerror = IN_USE  # type: ignore[attr-defined]
            raise error
        self.real(new, old)


def two(folder: Path) -> tuple[Path, Path]:
    new, old = folder / "new", folder / "old"
    new.write_text("new", encoding="utf-8")
    old.write_text("old", encoding="utf-8")
    return new, old


@pytest.mark.parametrize(("tries", "waits"), [(0, []), (1, [0.05]), (4, [0.05, 0.1, 0.2, 0.4])])
def test_a_file_that_is_open_elsewhere_is_replaced_a_moment_later(
    windows: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tries: int, waits: list[float]
) -> None:
    """A virus scanner or an indexer opens every new file for a moment."""
    (new, old), slept = two(tmp_path), list[float]()
    Held(monkeypatch, old, tries)
    replace(new, old, sleep=slept.append)
    assert (old.read_text(encoding="utf-8"), slept) == ("new", waits)


def test_a_file_that_stays_open_is_told_after_two_seconds(
    windows: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel keeps it for hours: both files are left as they are."""
    (new, old), slept = two(tmp_path), list[float]()
    Held(monkeypatch, old, 1000)
    with pytest.raises(PermissionError):
        replace(new, old, sleep=slept.append)
    assert (new.exists(), old.read_text(encoding="utf-8")) == (True, "old")
    assert sum(slept) == pytest.approx(2.05)


def test_elsewhere_a_refusal_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it means that the person may not, and waiting helps nobody."""
    (new, old), slept = two(tmp_path), list[float]()
    Held(monkeypatch, old, 1)
    with pytest.raises(PermissionError):
        replace(new, old, sleep=slept.append)
    assert slept == []


def test_no_folder_is_opened(windows: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses that; a file is written whole all the same."""
    real = os.open

    def no_folders(path: Any, *args: Any, **options: Any) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(os, "open", no_folders)
    write_atomically(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"


# --- locks ------------------------------------------------------------------------------------------------------------


def test_a_locked_file_is_not_even_read(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a lock keeps others from reading, too: while a sync holds it, all that reads goes on, and a sync waits."""
    opened: list[str] = []

    def noting(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(path: Any, flags: Any = "r", *args: Any, **options: Any) -> Any:
            reads = not flags & (os.O_WRONLY | os.O_RDWR) if isinstance(flags, int) else "r" in flags
            if str(path).endswith(".lock") and reads:
                opened.append(str(path))
                raise PermissionError(13, "The process cannot access the file", str(path))
            return real(path, flags, *args, **options)

        return act

    monkeypatch.setattr(context, "LOCK_PATIENCE", 0.1)
    with synced.workspace.context.lock():
        monkeypatch.setattr(os, "open", noting(os.open))
        monkeypatch.setattr(io, "open", noting(io.open))
        assert len(synced.workspace.load("s1/people")) == 30
        assert synced.workspace.status()
        assert synced.workspace.doctor()
        with pytest.raises(Busy):
            synced.workspace.sync(progress=False)
    assert opened == []


# --- access lists -----------------------------------------------------------------------------------------------------


def test_permission_bits_say_nothing(windows: object, synced: Lab) -> None:
    """Every file looks open there, and chmod sets no more than the read-only flag: nothing is told, nothing is done."""
    token = synced.workspace.settings.token_file
    token.chmod(0o666)
    (synced.workspace.root / "work").chmod(0o777)
    report = synced.workspace.doctor(fix=True)
    assert [each.what for each in report if each.check == "permissions"] == []
    assert stat.S_IMODE(token.stat().st_mode) == 0o666
    assert synced.workspace.get_user_access_token()


# --- the scheduler and its console ------------------------------------------------------------------------------------


@pytest.fixture
def oem() -> Iterator[None]:
    """The codec that Windows has for the code page of its console, here that of a Chinese one."""

    def find(name: str) -> codecs.CodecInfo | None:
        return codecs.lookup("gbk") if name == "oem" else None

    codecs.register(find)
    yield
    codecs.unregister(find)


def test_what_schtasks_says_is_in_the_code_page_of_the_console(windows: object, oem: None) -> None:
    """The reason of a refusal can be read."""
    done = subprocess.CompletedProcess(("schtasks",), 1, b"", "错误: 拒绝访问。\r\n".encode("gbk"))
    assert reason(done) == "错误: 拒绝访问。"


def test_a_command_can_be_typed_there(windows: object) -> None:
    """With the quotes that its programs read."""
    assert spell(("schtasks", "/XML", r"C:\a b\x.xml")) == r'schtasks /XML "C:\a b\x.xml"'


@pytest.mark.parametrize(
    ("path", "named"), [(r"Z:\a\b", SHARE + r"\a\b"), (r"C:\a", r"C:\a"), (r"\\s\x\a", r"\\s\x\a")]
)
def test_the_system_tells_what_a_drive_letter_stands_for(windows: object, path: str, named: str) -> None:
    """A disk of the machine, and what is a network path already, stay."""
    assert network_path(PureWindowsPath(path)) == PureWindowsPath(named)


# --- processes --------------------------------------------------------------------------------------------------------


def test_a_kernel_has_no_keeper(windows: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are neither subreapers nor process groups: what a run leaves is found by its mark alone."""
    monkeypatch.delattr(os, "killpg")
    monkeypatch.delattr(os, "getpgrp")
    assert keeper.command(["python", "-m", "ipykernel"]) == ["python", "-m", "ipykernel"]
    KeptProvisioner().end()


def test_ctrl_break_ends_a_run_in_order(windows: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted like SIGTERM, and SIGHUP, which is not there, is not missed."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    monkeypatch.delattr(signal, "SIGHUP")
    with owned_signals() as arrived:
        os.kill(os.getpid(), signal.SIGUSR1)
    assert arrived.number == signal.SIGUSR1


def test_the_stand_in_tells_what_powershell_takes(windows: object, capsys: pytest.CaptureFixture[str]) -> None:
    """There no shell knows export."""
    assert serve(["--for", "0", "--empty"]) == 0
    out = capsys.readouterr().out
    assert '$env:LARKNB_APP_SECRET = "' in out
    assert "export" not in out
