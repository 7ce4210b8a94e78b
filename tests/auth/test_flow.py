"""A whole sign-in against the stand-in platform, with a plain HTTP client as the browser."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.auth.app import App
from larknb.auth.flow import Login
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
from larknb.results.user import User
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, leaked, told

SCOPES = ("drive:drive.metadata:readonly", "bitable:app:readonly")
Open = Callable[..., Login]


@pytest.fixture
def open_login(nobody: TokenStore, app: App, redirect_uri: str, clock: Clock, waits: list[float]) -> Iterator[Open]:
    """Begin a login, with other scopes or doors where a test says so."""
    opened: list[Login] = []

    def begin(scopes: tuple[str, ...] = SCOPES, **options: Any) -> Login:
        login = Login(app, nobody, [redirect_uri], scopes, clock=clock, sleep=waits.append, **options)
        opened.append(login)
        return login

    yield begin
    for login in opened:
        login.close()


def browse(url: str) -> requests.Response:
    """Follow a link to its end, as a browser does."""
    return requests.get(url, timeout=5)


def ended_on(url: str) -> str:
    """Return the address bar of a browser on another machine, whose last page failed to load."""
    return requests.get(url, timeout=5, allow_redirects=False).headers["Location"]


# --- the browser door ------------------------------------------------------------------------------------------------


def test_the_browser_door(open_login: Open, nobody: TokenStore, box: Sandbox) -> None:
    """A person who follows the link and approves is signed in, and the login is kept."""
    login = open_login()
    page = browse(login.url)
    user = login.wait(10)
    assert user
    assert user.name == box.tenant.users[0].name
    assert user.consent_ends_at == NOON + 365 * 86400
    assert login.lacking == ()
    assert "Approval received" in page.text
    assert nobody.load().user(nobody.app) == user
    assert box.journal.endpoints() == ["authorize", "token", "user_info"]


def test_a_login_asks_for_its_renewal(open_login: Open, nobody: TokenStore) -> None:
    """Whatever scopes are named, offline_access is among those asked for, each of them once."""
    login = open_login(("bitable:app:readonly", "bitable:app:readonly"))
    assert parse_qs(urlsplit(login.url).query)["scope"] == ["offline_access bitable:app:readonly"]
    browse(login.url)
    login.wait(10)
    assert nobody.load().refresh_token


def test_what_was_not_granted_is_told(open_login: Open, box: Sandbox) -> None:
    """A scope that was asked for and trimmed is named right after the login, not at three in the morning."""
    box.withheld = {"bitable:app:readonly"}
    login = open_login()
    browse(login.url)
    assert login.wait(10)
    assert login.lacking == ("bitable:app:readonly",)


def test_a_refusal(open_login: Open, nobody: TokenStore, box: Sandbox) -> None:
    """A person who refuses gets a page that says so, and the login an error; nothing is kept."""
    box.approve = "deny"
    login = open_login()
    assert "Not approved" in browse(login.url).text
    with pytest.raises(LoginRequired, match=r"refused \(access_denied\).*Next: start the login again"):
        login.wait(10)
    assert not nobody.path.exists()


def test_a_strange_reason_is_not_repeated(open_login: Open) -> None:
    """What comes from outside as the reason of a refusal is shortened and stripped."""
    login = open_login()
    with pytest.raises(LoginRequired) as caught:
        login.finish(f"{login.redirect_uri}?error=%3Cscript%3E%0Aalert&state={state_of(login)}")
    assert "(scriptalert)" in str(caught.value)


def state_of(login: Login) -> str:
    return parse_qs(urlsplit(login.url).query)["state"][0]


def test_an_answer_that_never_comes(open_login: Open, nobody: TokenStore, box: Sandbox) -> None:
    """The pages of errors 20027 and 20029 never lead back: after its time the login explains them, and may go on."""
    box.scopes.discard("bitable:app:readonly")
    login = open_login(lifetime=0.0)
    assert "20027" in browse(login.url).text
    with pytest.raises(LoginRequired, match=r"No answer.*20027.*20029.*/app/cli_"):
        login.wait(10)
    box.scopes.add("bitable:app:readonly")
    assert login.finish(ended_on(login.url)).name
    assert login.wait(0)


def test_a_failure_behind_the_browser_door(open_login: Open, box: Sandbox) -> None:
    """If the code cannot be traded, whoever waits gets the error; the paste door is still open."""
    login = open_login()
    box.faults.add(Fault.reply(503, 20072), endpoint="token", times=4)
    browse(login.url)
    with pytest.raises(ApiError, match="20072"):
        login.wait(10)
    assert login.finish(ended_on(login.url)).name


def test_waiting_is_bounded(open_login: Open) -> None:
    """Somebody who waits a while without an answer gets None, and can wait again."""
    login = open_login()
    assert login.wait(0) is None
    browse(login.url)
    assert login.wait(10)


def test_a_busy_address_leaves_the_paste_door(open_login: Open, redirect_uri: str) -> None:
    """If another program holds every redirect address they are named, and pasting works."""
    with socket.create_server(("127.0.0.1", urlsplit(redirect_uri).port or 0)):
        login = open_login()
        assert (login.listening, login.busy, login.redirect_uri) == (False, (redirect_uri,), redirect_uri)
        assert login.finish(ended_on(login.url)).name


# --- the paste door --------------------------------------------------------------------------------------------------


def test_the_paste_door_wrong_then_right(open_login: Open, nobody: TokenStore, box: Sandbox) -> None:
    """A wrong paste says what was expected and costs nothing; the right one signs in."""
    login = open_login(listen=False)
    for wrong in ("", "hello there", login.url, login.redirect_uri, f"{login.redirect_uri}?code="):
        with pytest.raises(LoginRequired, match=r"does not contain a code.*Next: approve in the browser"):
            login.finish(wrong)
    assert box.journal.count("token") == 0
    assert login.finish(ended_on(login.url)).name == box.tenant.users[0].name
    assert nobody.access_token()


@pytest.mark.parametrize(
    "shape",
    ["{address}", "  <{address}>\n", "{address}#", '"{address}"', "?{query}", "{query}", "{code}", "{broken}"],
)
def test_what_people_paste(open_login: Open, shape: str) -> None:
    """An address is understood with blanks, quotes and line breaks, in part, and as the bare code."""
    login = open_login(listen=False)
    address = ended_on(login.url)
    query = urlsplit(address).query
    broken = f"{address[:40]}\n  {address[40:]}"
    code = parse_qs(query)["code"][0]
    assert login.finish(shape.format(address=address, query=query, code=code, broken=broken)).name


@pytest.mark.parametrize("change", [lambda a: a.replace("state=", "state=x"), lambda a: a.partition("&state")[0]])
def test_the_address_of_another_login(open_login: Open, box: Sandbox, change: Callable[[str], str]) -> None:
    """An address with another state, or with none, is refused before its code is tried."""
    login = open_login(listen=False)
    with pytest.raises(LoginRequired, match=r"belongs to another login.*Next: open the newest link"):
        login.finish(change(ended_on(login.url)))
    assert box.journal.count("token") == 0


def test_the_code_of_another_login(open_login: Open, box: Sandbox) -> None:
    """A code that was issued for another login's link is of no use here: PKCE ties it to its own."""
    theirs, ours = open_login(listen=False), open_login(listen=False)
    code = parse_qs(urlsplit(ended_on(theirs.url)).query)["code"][0]
    with pytest.raises(LoginRequired, match="20049"):
        ours.finish(code)


def test_an_old_code(open_login: Open, clock: Clock) -> None:
    """A code that waited more than five minutes is told as such."""
    login = open_login(listen=False)
    address = ended_on(login.url)
    clock.now += 301
    with pytest.raises(LoginRequired, match=r"20004.*a code is good for 5 minutes"):
        login.finish(address)


def test_a_refusal_is_pasted(open_login: Open, box: Sandbox) -> None:
    """The address that a refusal ends on is understood, too."""
    box.approve = "deny"
    login = open_login(listen=False)
    with pytest.raises(LoginRequired, match="refused"):
        login.finish(ended_on(login.url))


def test_pasting_twice(open_login: Open, box: Sandbox) -> None:
    """The same address pasted again gives the same person, and no second request."""
    login = open_login(listen=False)
    address = ended_on(login.url)
    assert login.finish(address) == login.finish(address)
    assert box.journal.count("token") == 1


def test_both_doors_at_once(open_login: Open, box: Sandbox) -> None:
    """If the address is pasted while the browser's answer is being traded, both get the one person."""
    login = open_login()
    address, users = ended_on(login.url), list[User]()
    pasting = threading.Thread(target=lambda: users.append(login.finish(address)))

    def meanwhile(_: Sandbox) -> None:
        pasting.start()
        pasting.join(0.3)  # it stands at the door until the browser's turn is over

    box.faults.add(Fault.call(meanwhile), endpoint="token")
    browse(address)
    user = login.wait(10)
    pasting.join(10)
    assert user
    assert users == [user]
    assert box.journal.count("token") == 1


def test_signing_in_shuts_the_browser_door(open_login: Open, redirect_uri: str) -> None:
    """Once signed in by pasting, nobody listens any more."""
    login = open_login()
    login.finish(ended_on(login.url))
    with pytest.raises(requests.ConnectionError):
        browse(redirect_uri)


def test_a_login_that_is_given_up(open_login: Open, redirect_uri: str) -> None:
    """A closed login tells nobody anything, and frees its address."""
    with open_login() as login:
        pass
    assert login.wait(10) is None
    with pytest.raises(requests.ConnectionError):
        browse(redirect_uri)


# --- what a login may ask, and show ----------------------------------------------------------------------------------


def test_too_many_scopes(open_login: Open) -> None:
    """More scopes than the page accepts are refused before a person opens it."""
    with pytest.raises(ConfigError, match="More than 50 scopes"):
        open_login(tuple(f"scope:{n}" for n in range(50)))


def test_a_second_login_replaces_the_first(open_login: Open, nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A new login is another consent: its year counts anew, and scopes of both add up."""
    first = open_login()
    browse(first.url)
    first.wait(10)
    first.close()
    clock.now += 86400
    second = open_login(("sheets:spreadsheet:readonly",))
    browse(second.url)
    user = second.wait(10)
    assert user
    assert user.consent_ends_at == clock.now + 365 * 86400
    assert {*SCOPES, "sheets:spreadsheet:readonly"} <= set(user.scopes)


def test_a_login_that_belonged_to_another_app_is_replaced(
    open_login: Open, nobody: TokenStore, box: Sandbox, tmp_path: Path
) -> None:
    """A file of another app, or a damaged one, does not stand in the way of a login."""
    four = {"access_token": "a", "expires_at": 0, "refresh_token": "b", "last_refresh": ""}
    for content in (json.dumps({**four, "app_id": "cli_other"}), '{"access_tok'):
        nobody.path.parent.mkdir(exist_ok=True)
        nobody.path.write_text(content, encoding="utf-8")
        login = open_login(listen=False)
        assert login.finish(ended_on(login.url)).app_id == box.app_id
    assert nobody.path.with_name("token.json.damaged").read_text(encoding="utf-8") == '{"access_tok'


def test_the_link_holds_no_secret(open_login: Open, box: Sandbox) -> None:
    """The link goes to a browser's command line and history: neither the secret nor the verifier is in it."""
    login = open_login()
    browse(login.url)
    login.wait(10)
    assert not leaked(login.url, box)


def test_nothing_shows_a_secret(
    open_login: Open,
    store: TokenStore,
    box: Sandbox,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Pages, logs, screen and the login's own variables hold no code, verifier, token or secret."""
    caplog.set_level(0)
    login = open_login()
    page = browse(login.url)
    assert login.wait(10)
    own_log = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    shown = [page.text, repr(page.headers), own_log, *capfd.readouterr(), repr(login), repr(vars(login))]
    assert not leaked("\n".join(shown), box)


@pytest.mark.parametrize("fault", [Fault.reply(400, 20065), Fault.reply(503, 20072), Fault.drop_after(), Fault.html()])
def test_errors_show_no_secret(open_login: Open, box: Sandbox, fault: Fault) -> None:
    """A login that fails shows neither the pasted code nor the verifier, in no text and no variable."""
    login = open_login(listen=False)
    address = ended_on(login.url)
    box.faults.add(fault, endpoint="token", times=None)
    for pasted in (address, parse_qs(urlsplit(address).query)["code"][0]):
        with pytest.raises(LarkError) as caught:
            login.finish(pasted)
        assert not leaked(told(caught.value), box, pasted)


def test_a_refused_paste_shows_no_code(open_login: Open, box: Sandbox) -> None:
    """The code of an address that was refused for its state is not shown either: it lives for five minutes."""
    login = open_login(listen=False)
    with pytest.raises(LoginRequired) as caught:
        login.finish(ended_on(login.url).replace("state=", "state=x"))
    assert not leaked(told(caught.value), box)


def test_the_wrong_secret_is_told(open_login: Open, box: Sandbox) -> None:
    """A wrong app secret says which setting to check."""
    login = open_login(listen=False)
    address = ended_on(login.url)
    box.app_secret = "another one"
    with pytest.raises(ConfigError, match=r"20002.*Next: check app_id"):
        login.finish(Secret(address))


def test_a_bare_code_is_taken_as_it_is(open_login: Open, box: Sandbox) -> None:
    """Every letter of it counts, at both ends as well."""
    login = open_login(listen=False)
    with pytest.raises(LarkError):
        login.finish("X-code_X")
    assert box.journal[-1].body["code"] == "X-code_X"


@pytest.mark.parametrize("pasted", ["two words", "code-1 code-2", "code=", "a.b", "令牌"])
def test_what_is_no_code_is_not_tried(open_login: Open, box: Sandbox, pasted: str) -> None:
    """A sentence is no code, and neither is what holds other signs than one."""
    login = open_login(listen=False)
    with pytest.raises(LoginRequired, match="does not contain a code"):
        login.finish(pasted)
    assert box.journal.count("token") == 0


def test_a_long_reason_is_cut(open_login: Open) -> None:
    """Forty letters of what came from outside are shown."""
    login = open_login(listen=False)
    with pytest.raises(LoginRequired) as caught:
        login.finish(f"{login.redirect_uri}?error={'a' * 99}&state={state_of(login)}")
    assert f"({'a' * 40})" in str(caught.value)


def test_the_state_cannot_be_guessed(open_login: Open) -> None:
    """Each login has 32 random bytes of its own."""
    first, second = state_of(open_login(listen=False)), state_of(open_login(listen=False))
    assert first != second
    assert len(first) == 43


def test_a_login_that_does_not_listen_leads_to_the_first_address(
    nobody: TokenStore, app: App, redirect_uri: str
) -> None:
    """The page fails to load there, and its address is pasted; that nobody listens says nothing of who else does."""
    with Login(app, nobody, [redirect_uri, "http://localhost:1/callback"], SCOPES, listen=False) as login:
        assert (login.redirect_uri, login.listening, login.busy) == (redirect_uri, False, ())
        assert parse_qs(urlsplit(login.url).query)["redirect_uri"] == [redirect_uri]


def test_a_login_tells_whether_it_asks_for_more(open_login: Open, box: Sandbox) -> None:
    """Of somebody who granted all of it already, what is lacking the app itself lacks."""
    login = open_login(listen=False)
    user = login.finish(ended_on(login.url))
    assert not login.adds_to(user)
    assert open_login((*SCOPES, "wiki:node:read"), listen=False).adds_to(user)


def test_a_login_says_that_somebody_is_coming(open_login: Open, box: Sandbox) -> None:
    """From the moment that the code is traded: whoever waits need not open the page again."""
    seen: list[bool] = []
    login = open_login(listen=False)
    address = ended_on(login.url)
    assert not login.is_coming
    box.faults.add(Fault.call(lambda _: seen.append(login.is_coming)), endpoint="token")
    login.finish(address)
    assert seen == [True]
