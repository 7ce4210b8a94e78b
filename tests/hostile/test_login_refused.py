"""A login of the old scripts, four keys and no more, whose access token the platform already refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from larknb.errors import ApiError, LarkError, LoginRequired
from larknb.sandbox import Fault
from tests.cli.running import run
from tests.conftest import Lab


def make_old(lab: Lab, **more: Any) -> None:
    """Leave of the login what an old script would have written; its end is an hour away."""
    file = lab.workspace.settings.token_file
    login = json.loads(file.read_bytes())
    old = {name: login[name] for name in ("access_token", "expires_at", "refresh_token", "last_refresh")}
    file.write_text(json.dumps({**old, "expires_at": lab.clock() + 3600, **more}), encoding="utf-8")


def on_disk(lab: Lab) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(lab.workspace.settings.token_file.read_bytes())
    return document


REFUSALS = [
    *[(status, {"code": 99991677, "msg": "expired"}) for status in (200, 400, 401)],
    (200, {"code": 99991668, "msg": "Invalid access token for authorization."}),
    (400, {"code": 99991671, "msg": "token must start with t-/u-"}),
    (400, {"code": 99991663, "msg": "Invalid access token"}),
    (200, {"code": 20005, "msg": "invalid user token"}),
    (200, {"code": "20006", "msg": "expired"}),
    (401, {"code": 4001, "msg": ""}),
    (401, {"msg": "Unauthorized"}),
]


@pytest.mark.parametrize(("status", "body"), REFUSALS, ids=lambda value: str(value)[:40])
def test_it_is_renewed_and_then_asked_whose_it_is(lab: Lab, status: int, body: dict[str, Any]) -> None:
    """In whatever words the dead token is refused, one renewal heals it, and the sync goes on."""
    make_old(lab)
    dead = on_disk(lab)["access_token"]
    lab.box.faults.add(Fault.reply(status, body), endpoint="user_info")
    lab.box.journal.clear()
    lab.workspace.sync(progress=False).raise_for_failures()
    login = [name for name in lab.box.journal.endpoints() if name in ("token", "user_info")]
    assert login == ["user_info", "token", "user_info"]
    assert (on_disk(lab)["open_id"], on_disk(lab)["access_token"] != dead) == (lab.box.tenant.users[0].open_id, True)


def test_the_night_shift_goes_on_with_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with 0 where nobody is there to log in, and says whose login it was from then on."""
    make_old(lab)
    lab.box.expire()
    monkeypatch.chdir(lab.workspace.root)
    code, out, err = run(capsys, "sync")
    assert code == 0, out + err
    assert lab.workspace.whoami().name == lab.box.tenant.users[0].name


STAYS = [
    (Fault.reply(500, 20050), ApiError),
    (Fault.drop(), ApiError),
    (Fault.html(502), ApiError),
    (Fault.reply(200, {"code": 20008, "msg": "no user"}), LoginRequired),
    (Fault.reply(200, {"code": 20021, "msg": "resigned"}), LoginRequired),
    (Fault.reply(200, {"code": 0, "data": None}), ApiError),
    (Fault.reply(200, {"code": 99991672, "msg": "scope missing"}), LarkError),
]


@pytest.mark.parametrize(("fault", "error"), STAYS, ids=lambda value: str(value)[:50])
def test_only_a_refused_token_is_renewed(lab: Lab, fault: Fault, error: type[LarkError]) -> None:
    """What a renewal does not heal costs no refresh token."""
    make_old(lab)
    before = on_disk(lab)
    lab.box.faults.add(fault, endpoint="user_info", times=None)
    with pytest.raises(error):
        lab.workspace.get_user_access_token()
    assert (lab.box.journal.count("token"), on_disk(lab)) == (0, before)


DEAD = [("", "cannot be renewed"), (None, "cannot be renewed"), ("ur-old", "old script"), ("eyJ.unknown", "20026")]


@pytest.mark.parametrize(("refresh_token", "says"), DEAD)
def test_where_it_cannot_be_renewed_a_login_is_needed(lab: Lab, refresh_token: str | None, says: str) -> None:
    """The error says so, in place of the code of the dead access token."""
    make_old(lab, refresh_token=refresh_token)
    lab.box.expire()
    with pytest.raises(LoginRequired, match=rf"{says}.*Next: run larknb login"):
        lab.workspace.get_user_access_token()


def test_a_new_token_that_is_refused_as_well_is_told(lab: Lab) -> None:
    """One renewal and no more; the pair that it brought is kept."""
    make_old(lab)
    lab.box.faults.add(Fault.reply(400, {"code": 99991677}), endpoint="user_info", times=None)
    with pytest.raises(LoginRequired, match="99991677"):
        lab.workspace.get_user_access_token()
    assert lab.box.journal.count("token") == 1
    assert on_disk(lab)["refresh_token"] in lab.box.secrets()
