"""Where a login may lie: who else can write there, and whether it is a disk of this machine."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import tempfile
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest

from larknb.auth.place import check_private, is_remote, is_remote_mount
from larknb.auth.store import TokenStore
from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Sandbox
from tests.conftest import Clock

from .conftest import granted, sign_in

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away")
SOMEBODY = 54321  # no user and no group of this machine

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
nas:/team /mnt/team nfs4 rw 0 0
//nas/share /mnt/my\040drive cifs rw 0 0
/dev/sdb1 /mnt/team/local ext4 rw 0 0
C:\134 /mnt/c 9p rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
tmpfs /mnt/over tmpfs rw 0 0
nas:/over /mnt/over nfs rw 0 0
"""


@posix
@pytest.mark.parametrize(("mode", "what"), [(0o777, "folder"), (0o775, "folder"), (0o666, "file")])
def test_a_place_that_others_can_write_to_is_refused(
    store: TokenStore, box: Sandbox, clock: Clock, mode: int, what: str
) -> None:
    """A login that somebody else could have planted is neither used nor renewed; the remedy is told."""
    path = store.path if what == "file" else store.path.parent
    if os.geteuid() == 0:
        os.chown(path, -1, SOMEBODY)
    path.chmod(mode)
    for use in (store.load, store.access_token, lambda: store.renew("x"), store.keep_alive):
        with pytest.raises(ConfigError, match=rf'Others .* can write to .*chmod go-w "{path}".*token_file = "user"'):
            use()
    assert box.journal.count() == 0
    path.chmod(mode & ~0o022)
    assert store.access_token()


@posix
def test_nothing_is_signed_in_where_others_can_write(nobody: TokenStore) -> None:
    """The code of a login is not spent where others can write; that nobody is logged in is told as ever."""
    nobody.path.parent.mkdir()
    nobody.path.parent.chmod(0o777)
    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        nobody.load()
    with pytest.raises(ConfigError, match="Others"):
        nobody.sign_in(lambda: pytest.fail("the code was spent"))


@posix
def test_logging_out_is_possible_anywhere(store: TokenStore) -> None:
    """A login in a folder that others can write to can be removed."""
    store.path.parent.chmod(0o777)
    assert store.forget()
    assert not store.path.exists()


@posix
def test_a_folder_like_tmp_is_fine(nobody: TokenStore, box: Sandbox) -> None:
    """Where the system keeps others from replacing our files, the login may lie."""
    nobody.path.parent.mkdir()
    nobody.path.parent.chmod(0o1777)
    sign_in(nobody, box)
    assert nobody.access_token()


@posix
def test_a_group_of_ones_own_is_nobody_else(store: TokenStore) -> None:
    """Many systems give everybody a group of their own, and let it write."""
    import grp
    import pwd

    person = pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(person.pw_gid)
    if group.gr_name != person.pw_name or group.gr_mem not in ([], [person.pw_name]):
        pytest.skip("this person has no group of their own")
    os.chown(store.path.parent, -1, group.gr_gid)
    store.path.parent.chmod(0o775)
    assert store.access_token()


@as_root
@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_place_of_somebody_else_is_refused(store: TokenStore, what: str) -> None:
    """Neither a folder nor a file that belongs to another user of the machine is trusted."""
    os.chown(store.path if what == "file" else store.path.parent, SOMEBODY, -1)
    with pytest.raises(ConfigError, match=r'belongs to another user.*Next: set token_file = "user"'):
        store.access_token()


@posix
def test_a_link_is_no_way_around(store: TokenStore, tmp_path: Path) -> None:
    """A folder that others can write to may not lead to a login by a link, either."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (shared / "token.json").symlink_to(store.path)
    with pytest.raises(ConfigError, match=f"Others .*{shared}"):
        TokenStore(shared / "token.json", store.app).load()


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/mnt/team/ws/work/token.json", True),
        ("/mnt/my drive/work/token.json", True),
        ("/home/me/far/token.json", True),
        ("/mnt/over/token.json", True),
        ("/mnt/team/local/token.json", False),
        ("/mnt/teamwork/token.json", False),
        ("/mnt/c/Users/me/token.json", False),
        ("/home/me/token.json", False),
    ],
)
def test_a_network_drive_is_recognised(path: str, remote: bool) -> None:
    """The innermost mount decides."""
    assert is_remote_mount(MOUNTS, path) is remote


def test_no_table_is_no_network_drive() -> None:
    """Where the system tells nothing, nothing is claimed."""
    assert not is_remote_mount("", "/home/me/token.json")


class WindowsPath(PureWindowsPath):
    """A path of Windows that any system can ask about: it is whole already."""

    def resolve(self) -> WindowsPath:
        return self


@pytest.mark.parametrize(
    ("path", "kind", "remote"),
    [(r"\\server\share\token.json", 0, True), (r"Z:\token.json", 4, True), (r"C:\token.json", 3, False)],
)
def test_a_share_of_windows_is_remote(path: str, kind: int, remote: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path on a server is a network drive, also behind a drive letter, of which the system is asked."""
    system = SimpleNamespace(kernel32=SimpleNamespace(GetDriveTypeW={"Z:\\": kind, "C:\\": kind}.__getitem__))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", system, raising=False)
    assert is_remote(cast("Path", WindowsPath(path))) is remote


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="this system has no such table")
def test_a_network_drive_is_told_at_the_login(
    nobody: TokenStore, box: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever signs in on a network drive is told once what may happen, and what to set; the login works."""
    table = f"nas:/x {nobody.path.parent.parent} nfs rw 0 0\n"
    real = Path.read_text

    def read_text(path: Path, *args: str, **options: str) -> str:
        return table if path.as_posix() == "/proc/mounts" else real(path, *args, **options)

    monkeypatch.setattr(Path, "read_text", read_text)
    nobody.sign_in(lambda: granted(box))
    assert nobody.access_token()
    assert re.search(r'network drive.*token_file = "user"', " ".join(nobody.warnings()))
    assert caplog.text.count("network drive") == 1


@pytest.mark.parametrize(
    ("table", "path", "remote"),
    [
        ("nas:/x /mnt/a nfs", "/mnt/a/token.json", True),
        ("rubbish\nnas:/y /mnt\n\nnas:/x /mnt/a nfs rw 0 0", "/mnt/a/token.json", True),
        ("nas:/x /mnt/X nfs rw 0 0", "/mnt/a/token.json", False),
        ("nas:/x / nfs rw 0 0", "/token.json", True),
        ("nas:/x /mnt/a nfs rw 0 0", "/mnt/a", True),
        (r"nas:/x /mnt/\134\011b nfs rw 0 0", "/mnt/\\\tb/token.json", True),
    ],
    ids=["short", "short lines", "another name", "the root", "the place itself", "escapes"],
)
def test_each_line_of_the_table_counts_for_itself(table: str, path: str, remote: bool) -> None:
    """Lines that say too little are passed over, and a name is taken whole."""
    assert is_remote_mount(table, path) is remote


def test_a_table_that_cannot_be_read_is_no_network_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login is not hindered by what nobody knows."""

    def closed(*_: object, **__: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", closed)
    assert is_remote(tmp_path / "token.json") is False


@posix
@pytest.mark.parametrize(
    ("name", "members", "alone"),
    [("me", [], True), ("me", ["me"], True), ("me", ["ana"], False), ("me", ["me", "ana"], False),
     ("staff", [], False), ("staff", ["me"], False)],
)  # fmt: skip
def test_whom_a_group_lets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, members: list[str], alone: bool
) -> None:
    """Only one that is called as the person is, and has nobody else in it, may write."""
    import grp
    import pwd

    me = pwd.getpwuid(os.geteuid())
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd(("me", *me[1:])))
    monkeypatch.setattr(grp, "getgrgid", lambda number: grp.struct_group((name, "x", number, members)))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o770)
    if alone:
        check_private(tmp_path / "shared")
        return
    with pytest.raises(ConfigError, match="Others"):
        check_private(tmp_path / "shared")


@as_root
@pytest.mark.parametrize(("owner", "fine"), [(0, True), (SOMEBODY, True), (1, False), (SOMEBODY + 1, False)])
def test_the_system_s_own_folders_are_trusted(tmp_path: Path, owner: int, fine: bool) -> None:
    """What belongs to root, or to the person, is theirs to change; what belongs to another account is not."""
    with tempfile.TemporaryDirectory() as name:  # the folders of pytest are closed to others
        os.chown(name, owner, 0)
        Path(name).chmod(0o755)
        os.seteuid(SOMEBODY)
        try:
            if fine:
                check_private(Path(name))
                return
            with pytest.raises(ConfigError, match="another user"):
                check_private(Path(name))
        finally:
            os.seteuid(0)


@posix
def test_on_windows_the_drive_and_its_access_lists_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of the drive says whether it is a network's; permission bits say nothing."""
    kinds = {"/": 3}
    system = SimpleNamespace(kernel32=SimpleNamespace(GetDriveTypeW=lambda anchor: kinds[anchor]))
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        windows.setattr(ctypes, "windll", system, raising=False)
        check_private(tmp_path / "open")
        assert not is_remote(tmp_path)
        kinds["/"] = 4
        assert is_remote(tmp_path)
    with pytest.raises(ConfigError):
        check_private(tmp_path / "open")
