"""Which login still counts when somebody asks to log in, and whose login is kept alive."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from larknb.errors import LoginRequired
from larknb.headless.bot import card
from larknb.headless.notices import NoticeMemory, decide
from larknb.results.user import User
from larknb.workspace import Workspace
from tests.conftest import Lab, sign_in, write_settings
from tests.headless.cards import DAY, result


def change(workspace: Workspace, **facts: Any) -> None:
    """Change what the token file says."""
    file = workspace.settings.token_file
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | facts), encoding="utf-8")


def end_of(lab: Lab) -> float:
    return refresh_end(lab.workspace)


def refresh_end(workspace: Workspace) -> float:
    """Tell when the login can be renewed no more."""
    ends_at = workspace.whoami().refresh_ends_at
    assert ends_at is not None
    return ends_at


def test_a_login_counts_as_long_as_it_can_be_renewed(lab: Lab) -> None:
    """One second before the end nobody is asked again, although the access token died days ago."""
    lab.clock.now = end_of(lab) - 1
    user = lab.workspace.login()
    assert isinstance(user, User)
    assert user == lab.workspace.whoami()


def test_a_login_that_ended_does_not_count(lab: Lab) -> None:
    """From its last second on somebody must log in; with nobody there that is an error and not a name."""
    lab.clock.now = end_of(lab)
    with pytest.raises(LoginRequired, match="terminal"):
        lab.workspace.login()


@pytest.mark.parametrize(("passed", "counts"), [(-1, True), (0, False)])
def test_without_renewal_the_access_token_is_the_login(lab: Lab, passed: int, counts: bool) -> None:
    """An app whose refresh tokens are switched off: the login lives as long as its one token."""
    change(lab.workspace, refresh_token="")
    ends_at = lab.workspace.whoami().access_ends_at
    assert ends_at is not None
    lab.clock.now = ends_at + passed
    if counts:
        assert lab.workspace.login() == lab.workspace.whoami()
    else:
        with pytest.raises(LoginRequired):
            lab.workspace.login()


@pytest.mark.parametrize("passed", [0.0, 7200.0, 30 * 86400.0])
def test_an_unknown_life_counts_as_renewable(lab: Lab, passed: float) -> None:
    """Nobody told when the refresh token ends: the platform decides, and neither status nor whoami says it is over."""
    lab.box.refresh_lifetime = 60 * 86400
    sign_in(lab.workspace, lab.box)
    change(lab.workspace, refresh_expires_at=None)
    lab.clock.advance(passed)
    user = lab.workspace.login()
    assert isinstance(user, User)
    assert "renews itself" in repr(user)
    assert lab.workspace.status().login == user.name
    assert lab.workspace.get_user_access_token()


def test_the_file_of_the_old_script_works_with_nobody_there(lab: Lab) -> None:
    """Four keys, an access token that is over, no end of the refresh token: the first use renews it."""
    file = lab.workspace.settings.token_file
    known = json.loads(file.read_text(encoding="utf-8"))
    four = {name: known[name] for name in ("access_token", "expires_at", "refresh_token", "last_refresh")}
    file.write_text(json.dumps(four), encoding="utf-8")
    lab.clock.advance(8000)
    assert isinstance(lab.workspace.login(), User)
    lab.workspace.sync(progress=False).raise_for_failures()
    assert lab.workspace.whoami().name == lab.box.tenant.users[0].name


def test_an_end_that_passed_before_a_renewal_was_none(lab: Lab) -> None:
    """The platform tells no new one: what came lives longer, and nobody is asked to log in."""
    lab.box.refresh_lifetime = 60 * 86400
    sign_in(lab.workspace, lab.box)
    change(lab.workspace, refresh_expires_at=lab.clock.now + 100)
    lab.box.token_members = {"refresh_token_expires_in": None}
    lab.clock.advance(7200)
    assert lab.workspace.get_user_access_token()
    assert lab.workspace.whoami().refresh_ends_at is None
    assert lab.workspace.status().login == lab.workspace.whoami().name


def renew_without_an_end(lab: Lab) -> Lab:
    """Renew the login with an answer that does not say how long the refresh token lives."""
    lab.box.refresh_lifetime = 60 * DAY
    lab.box.token_members = {"refresh_token_expires_in": None}
    lab.clock.advance(7200)
    assert lab.workspace.get_user_access_token()
    return lab


SHOWN: dict[str, Callable[[Workspace], object]] = {
    "whoami": lambda workspace: workspace.whoami(),
    "HTML": lambda workspace: workspace.whoami()._repr_html_(),
    "doctor": lambda workspace: workspace.doctor(),
    "a message of the bot": lambda workspace: card(
        decide(NoticeMemory(), result("ok"), workspace.whoami(), refresh_end(workspace) - DAY)[0][0],
        result("ok"), workspace.root,
    ),
}  # fmt: skip


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_an_estimated_end_is_marked_as_such(lab: Lab, show: Callable[[Workspace], object]) -> None:
    """Wherever it is shown, from the renewal that did not tell it to the next one that does."""
    assert "(estimated" not in str(show(lab.workspace))
    renew_without_an_end(lab)
    assert "(estimated" in str(show(lab.workspace))
    lab.box.token_members = {}
    lab.clock.advance(7200)
    assert lab.workspace.get_user_access_token()
    assert "(estimated" not in str(show(lab.workspace))


def test_an_estimated_end_forbids_nothing(lab: Lab) -> None:
    """When it has passed, the login still counts: status and the doctor call it no end, and it is renewed."""
    sign_in(lab.workspace, lab.box)
    lab.clock.now = end_of(renew_without_an_end(lab)) + DAY
    user = lab.workspace.login()
    assert isinstance(user, User)
    assert lab.workspace.status().login == user.name
    assert not [one for one in lab.workspace.doctor() if one.check == "login" and one.level == "fault"]
    assert lab.workspace.get_user_access_token()


def test_an_unreadable_login_does_not_count(lab: Lab) -> None:
    """Whoever has a damaged file may log in; nobody must repair it first."""
    lab.workspace.settings.token_file.write_bytes(b"{}")
    with pytest.raises(LoginRequired, match="terminal"):
        lab.workspace.login()


# --- a login that nobody needs --------------------------------------------------------------------------------------


def read_by(lab: Lab, *identities: str) -> Workspace:
    """Write settings with one source per identity; the old login still lies in the folder."""
    write_settings(lab.workspace.root, lab.box)
    with (lab.workspace.root / "larknb.toml").open("a", encoding="utf-8") as file:
        for number, identity in enumerate(identities):
            url = f"{lab.box.url}/base/{lab.base.app_token}?table=tbl{number}"
            file.write(f'\n[[sources]]\nname = "s{number}"\nurl = "{url}"\nidentity = "{identity}"\n')
    sign_in(lab.workspace, lab.box)
    lab.later(7000)  # the access token ends soon: whoever keeps the login renews it now
    return lab.workspace


def test_a_folder_that_only_the_app_reads_keeps_no_login(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """A login that lies there all the same is left as it is: no renewal, no name, no complaint."""
    workspace = read_by(lab, "tenant", "tenant")
    before = workspace.settings.token_file.read_bytes()
    with caplog.at_level(logging.WARNING, "larknb"):
        assert workspace.keep_login() is None
    assert lab.box.journal.endpoints() == []
    assert workspace.settings.token_file.read_bytes() == before
    assert not caplog.text
    assert workspace.whoami().identity == "tenant"


@pytest.mark.parametrize("identities", [("user",), ("tenant", "user"), ("user", "tenant")])
def test_a_folder_that_a_person_reads_renews_the_login(lab: Lab, identities: tuple[str, ...]) -> None:
    """One source that is read as the person is enough."""
    workspace = read_by(lab, *identities)
    before = workspace.settings.token_file.read_bytes()
    user = workspace.keep_login()
    assert user is not None
    assert user.open_id == lab.box.tenant.users[0].open_id
    assert workspace.settings.token_file.read_bytes() != before


def test_a_folder_without_sources_follows_the_settings(lab: Lab) -> None:
    """Before the first source the general setting says who will read."""
    write_settings(lab.workspace.root, lab.box, more='identity = "tenant"')
    lab.later(7000)
    assert lab.workspace.keep_login() is None
    assert lab.box.journal.endpoints() == []
    write_settings(lab.workspace.root, lab.box)
    assert lab.workspace.keep_login() is not None
