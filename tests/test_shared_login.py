"""One login and several folders: a copied folder, a login of the person, and what keeps a login alive overnight."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from larknb.errors import ConfigError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.workspace import Workspace
from tests.auth.conftest import granted
from tests.auth.filekeyring import FileKeyring
from tests.conftest import Clock, Lab, write_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a person who has no login yet."""
    if os.name == "nt":
        pytest.skip("there the folder is asked from the system")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


def folder(root: Path, box: Sandbox, clock: Clock, token_file: str = "user") -> Workspace:
    """Make a folder that uses the login of the person."""
    write_settings(root, box, more=f'token_file = "{token_file}"')
    return Workspace(root, clock=clock, sleep=clock.sleep)


def log_in(workspace: Workspace, box: Sandbox) -> None:
    workspace.context.store.sign_in(lambda: granted(box))


# --- a copied folder -------------------------------------------------------------------------------------------------


def test_a_copied_folder_is_told_that_the_login_was_used_elsewhere(lab: Lab, tmp_path: Path) -> None:
    """Of two copies one renews; the other's token works until its end, and then it is told to log in."""
    shutil.copytree(lab.workspace.root, tmp_path / "copy")
    copy = Workspace(tmp_path / "copy", clock=lab.clock, sleep=lab.clock.sleep)
    lab.clock.advance(7200 - 20 * 60)
    first = copy.get_user_access_token()
    assert lab.workspace.keep_login()
    assert copy.keep_login() is None
    assert copy.get_user_access_token() == first != lab.workspace.get_user_access_token()
    copy.sync(progress=False).raise_for_failures()
    lab.clock.advance(20 * 60)
    with pytest.raises(LoginRequired, match="run larknb login"):
        copy.get_user_access_token()
    assert lab.workspace.get_user_access_token()


def test_the_message_to_the_copy_is_plain(lab: Lab, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It names the cause, the code and the way out."""
    shutil.copytree(lab.workspace.root, tmp_path / "copy")
    lab.clock.advance(7200 - 60)
    lab.workspace.get_user_access_token()
    with pytest.raises(LoginRequired) as caught:
        Workspace(tmp_path / "copy", clock=lab.clock, sleep=lab.clock.sleep).get_user_access_token()
    assert str(caught.value).startswith(
        "Could not renew the login: the refresh token was already used or revoked (code 20073)."
        " Source: authen/v2/oauth/token."
        " Next: run larknb login; a folder and its copy cannot share a login, each needs its own."
    )


# --- one login for all folders ---------------------------------------------------------------------------------------


def test_two_folders_share_one_login(box: Sandbox, clock: Clock, tmp_path: Path, home: Path) -> None:
    """token_file = "user": who signs in in one folder is signed in in the other, and a renewal is everybody's."""
    one, two = (folder(tmp_path / name, box, clock) for name in ("one", "two"))
    log_in(one, box)
    box.journal.clear()
    assert two.whoami() == one.whoami()
    clock.advance(7200 - 60)
    assert two.get_user_access_token() == one.get_user_access_token()
    assert box.journal.endpoints() == ["token"]
    assert one.settings.token_file.is_relative_to(home)
    assert not [path for path in tmp_path.glob("*/work/*") if "token" in path.name]


def test_a_logout_ends_the_login_of_all_folders(box: Sandbox, clock: Clock, tmp_path: Path, home: Path) -> None:
    """Where folders share a login, they share its end."""
    one, two = (folder(tmp_path / name, box, clock) for name in ("one", "two"))
    log_in(one, box)
    two.logout()
    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        one.whoami()


def test_another_app_does_not_touch_the_login(box: Sandbox, clock: Clock, tmp_path: Path, home: Path) -> None:
    """Each app has a file of its own among those of the person."""
    one = folder(tmp_path / "one", box, clock)
    log_in(one, box)
    with Sandbox(clock=clock, redirect_uris=box.redirect_uris) as elsewhere:
        log_in(folder(tmp_path / "two", elsewhere, clock), elsewhere)
    assert one.get_user_access_token()
    assert len(list(one.settings.token_file.parent.glob("*.json"))) == 2


def test_a_team_s_folder_is_no_place_for_a_login(box: Sandbox, clock: Clock, tmp_path: Path, home: Path) -> None:
    """Before anybody approves, it is told that others can write there; the login of the person works at once."""
    team = folder(tmp_path / "team", box, clock, "work/token.json")
    (team.root / "work").chmod(0o777)
    opened: list[str] = []
    with pytest.raises(ConfigError, match=r'chmod go-w .*token_file = "user"'):
        team.sign_in(opened.append, wait=1)
    assert opened == []
    log_in(folder(tmp_path / "team", box, clock), box)
    assert team.whoami().name


def test_a_login_in_the_keychain_is_in_no_file(
    box: Sandbox, clock: Clock, tmp_path: Path, home: Path, ring: FileKeyring
) -> None:
    """token_file = "keyring": all folders share the login, and no file of theirs or of the person holds a token."""
    one, two = (folder(tmp_path / name, box, clock, "keyring") for name in ("one", "two"))
    log_in(one, box)
    assert two.get_user_access_token() == one.get_user_access_token()
    assert ring.entries()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and ring.folder not in path.parents]
    texts = [path.read_text(encoding="utf-8") for path in files if path.name != "app_secret.json"]
    assert not [secret for secret in box.secrets() if secret in "".join(texts)]
    two.logout()
    assert ring.entries() == set()


# --- through the night -----------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_a_login_is_kept_for_days(lab: Lab) -> None:
    """What calls every ten minutes renews early each time, and never finds an ended token."""
    for _ in range(3 * 24 * 6):
        lab.clock.advance(600)
        user = lab.workspace.keep_login()
        assert user
        assert (user.access_ends_at or 0.0) - lab.clock() >= 1800
    assert lab.box.journal.count("token") == 44  # of its 120 minutes each serves 100, in steps of ten


def test_keeping_a_login_never_raises(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Without network the login stays as it was; without a login, or with a broken file, it is only logged."""
    lab.clock.advance(7000)
    lab.box.faults.add(Fault.drop(), endpoint="token", times=None)
    assert lab.workspace.keep_login() == lab.workspace.whoami()
    lab.workspace.logout()
    assert lab.workspace.keep_login() is None
    (lab.workspace.root / "larknb.toml").write_text("app =", encoding="utf-8")
    assert lab.workspace.keep_login() is None
    assert [text in caplog.text for text in ("Could not reach", "Nobody is logged in", "larknb.toml")] == [True] * 3


def test_the_app_itself_has_no_login_to_keep(box: Sandbox, clock: Clock, tmp_path: Path) -> None:
    """Where only the app reads, nothing is asked and nothing is logged."""
    write_settings(tmp_path / "ws", box, more='identity = "tenant"')
    assert Workspace(tmp_path / "ws", clock=clock, sleep=clock.sleep).keep_login() is None
    assert box.journal.count() == 0
