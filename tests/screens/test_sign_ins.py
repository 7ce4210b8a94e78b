from __future__ import annotations

import json
from typing import Any

from larknb.auth.flow import Login
from larknb.files import write_atomically
from larknb.sandbox import Sandbox
from larknb.screens.sign_ins import KnownLogin, notes_of, shared_sign_in
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in
from tests.screens.conftest import login_of


def change(workspace: Workspace, **keys: Any) -> None:
    """Write some keys of the token file anew."""
    file = workspace.settings.token_file
    write_atomically(file, json.dumps({**json.loads(file.read_bytes()), **keys}).encode(), mode=0o600)


def test_cards_share_one_sign_in(workspace: Workspace, clock: Clock) -> None:
    """There are few ports: another card shows the same link, as long as it is good for a while."""
    first = shared_sign_in(login_of(workspace, "paste"), None)
    assert shared_sign_in(login_of(workspace, "paste"), None) is first
    clock.now = first.ends_at - 30
    second = shared_sign_in(login_of(workspace, "paste"), None)
    assert second is not first
    second.close()
    assert shared_sign_in(login_of(workspace, "paste"), None) is not second


def test_another_way_is_another_sign_in(workspace: Workspace) -> None:
    """The key tells the method, too."""
    assert shared_sign_in(login_of(workspace, "paste"), None) is not shared_sign_in(login_of(workspace, "device"), None)


def test_a_folder_without_an_app_has_nobody(workspace: Workspace) -> None:
    """Although a token file is there."""
    login = login_of(workspace)
    assert login.is_set_up()
    (workspace.settings.work / "app_secret.json").unlink()
    assert not login.is_set_up()
    assert login.user() is None


def test_a_login_made_elsewhere_is_noticed_once(workspace: Workspace, box: Sandbox) -> None:
    """A terminal signs in: the card knows who it is, and does not tell it again."""
    known = KnownLogin(login_of(workspace))
    assert (known.user, known.new_one()) == (None, None)
    sign_in(workspace, box)
    found = known.new_one()
    assert found == workspace.whoami()
    assert known.new_one() is None


def test_a_renewal_is_no_new_login(workspace: Workspace, box: Sandbox, clock: Clock) -> None:
    """It changes the file, yet the consent ends on the same day."""
    sign_in(workspace, box)
    known = KnownLogin(login_of(workspace))
    change(workspace, access_token="another")
    assert known.new_one() is None
    change(workspace, granted_at=clock.now + 60)
    assert known.new_one() is not None


def test_a_login_counts_once_it_is_known_whose_it_is(workspace: Workspace, box: Sandbox) -> None:
    """The file is there a moment before the platform said who it is."""
    known = KnownLogin(login_of(workspace))
    sign_in(workspace, box)
    open_id = workspace.whoami().open_id
    change(workspace, open_id="")
    assert known.new_one() is None
    change(workspace, open_id=open_id)
    assert known.new_one() == workspace.whoami()


def test_what_nobody_could_grant_is_a_note(workspace: Workspace, box: Sandbox) -> None:
    """Beside what the person left out."""
    box.scopes -= {"base:record:retrieve", "bitable:app:readonly", "bitable:app"}
    login = shared_sign_in(login_of(workspace, "paste"), None)
    assert isinstance(login, Login)
    login.lacking = ("drive:drive:readonly",)
    notes = notes_of(login)
    assert len(notes) == 2
    assert "drive:drive:readonly" in notes[0]
    assert "s1: base:record:retrieve" in notes[1]
