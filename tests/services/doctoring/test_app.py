"""The app in the developer console."""

from __future__ import annotations

import pytest

from larknb.sandbox import Fault
from tests.conftest import Lab
from tests.services.seeding import lose_offline

OWN = "application:application:self_manage"


@pytest.mark.soak
@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        (b'"status":1', b'"status":0', "app"),
        (b'"status":1', b'"status":2', "app"),
        (b'"oav_sandbox"', b'""', "app"),
        (b"18765", b"18766", "redirect"),
    ],
)
def test_an_app_that_may_read_what_it_is_tells_more(old: bytes, new: bytes, check: str, synced: Lab) -> None:
    """Whether it is on, which version is published, which redirect URLs are registered."""
    synced.box.scopes.add(OWN)
    assert synced.workspace.doctor().ok
    synced.box.faults.add(Fault.alter(lambda body: body.replace(old, new)), "application", times=None)
    assert [each.check for each in synced.workspace.doctor().faults] == [check]


@pytest.mark.soak
@pytest.mark.parametrize(
    "fault", [Fault.html(200), Fault.html(302), Fault.drop(), Fault.reply(200, {"no": "20027 20029"})]
)
def test_a_login_page_that_does_not_tell_is_a_note(fault: Fault, synced: Lab) -> None:
    """The real page asks for a password first: then a person has to compare, at the link."""
    synced.box.faults.add(fault, "authorize", times=None)
    [told] = [each for each in synced.workspace.doctor() if each.check == "redirect"]
    assert (told.level, told.link) == ("note", f"{synced.box.url}/app/{synced.box.app_id}")


def test_the_question_for_redirect_urls_signs_nobody_in(synced: Lab) -> None:
    """No code comes of it, and nothing is granted by it."""
    granted = dict(synced.box.accounts.granted)
    synced.workspace.doctor()
    assert synced.box.accounts.codes == {}
    assert synced.box.accounts.granted == granted


def test_the_question_for_renewal_spends_nothing(synced: Lab) -> None:
    """The refresh token works afterwards as before; without one there is no question."""
    before = synced.workspace.settings.token_file.read_bytes()
    synced.workspace.doctor()
    assert synced.workspace.settings.token_file.read_bytes() == before
    synced.clock.advance(2 * 3600)
    assert synced.workspace.get_user_access_token()
    lose_offline(synced)
    synced.box.journal.clear()
    synced.workspace.doctor()
    assert synced.box.journal.count("token") == 0
