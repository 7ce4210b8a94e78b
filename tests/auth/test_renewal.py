"""Renewing at the worst moments: many processes at once, a kill at every step, every answer of the token endpoint."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from larknb.auth.app import App
from larknb.auth.authorize import new_verifier
from larknb.auth.grant import exchange_code
from larknb.auth.profile import user_info
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import AccessDenied, ApiError, ConfigError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import sign_in
from .processes import at_once, processes


def store_of(box: Sandbox, folder: Path) -> TokenStore:
    """Return a store that is logged in, with the machine's clock: other processes share its file."""
    store = TokenStore(folder / "token.json", App(box.app_id, Secret(box.app_secret), box.url, box.url))
    sign_in(store, box)
    return store


# --- many processes --------------------------------------------------------------------------------------------------


def test_sixteen_processes_cause_one_refresh(tmp_path: Path) -> None:
    """Sixteen processes that need a token at the same moment of its end share one refresh."""
    with Sandbox() as box:
        box.access_lifetime = 60
        store = store_of(box, tmp_path)
        box.access_lifetime = 7200
        answers = at_once(store, 16, "print(hash(str(store.access_token())))")
        assert len(set(answers)) == 1
        assert box.journal.endpoints() == ["token"]


def test_sixteen_processes_with_a_dead_token_cause_one_refresh(tmp_path: Path) -> None:
    """Sixteen processes whose token the platform rejected at the same moment share one refresh, too."""
    with Sandbox() as box:
        store = store_of(box, tmp_path)
        box.expire()
        answers = at_once(store, 16, "print(hash(str(store.renew(dead))))")
        assert len(set(answers)) == 1
        assert box.journal.endpoints() == ["token"]


@pytest.mark.soak
def test_sixteen_processes_stay_logged_in_for_twenty_rounds(tmp_path: Path) -> None:
    """Twenty times the token ends under sixteen processes: one refresh each time, and nobody is logged out."""
    ahead = 0.0
    work = "for line in sys.stdin:\n    ahead = float(line)\n    print(hash(str(store.access_token())), flush=True)"
    with Sandbox(clock=lambda: time.time() + ahead) as box:
        store = store_of(box, tmp_path)
        with processes(store, 16, work) as started:
            for process in started:
                process.say()
            for number in range(1, 21):
                ahead += 7200 - 60
                for process in random.sample(started, len(started)):
                    process.say(str(ahead))
                assert len({process.hear() for process in started} - {""}) == 1
                assert box.journal.endpoints() == ["token"] * number


# --- a kill at every step --------------------------------------------------------------------------------------------

KILL = """
seen = []
def is_number(number):
    seen.append(number)
    return len(seen) == number
def watch(event, args):
    if {moment}:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
sys.addaudithook(watch)
lseek = os.lseek
os.lseek = lambda *args: (watch("lseek", args), lseek(*args))
store.renew(dead)
"""


def kill_when(store: TokenStore, moment: str, **env: str) -> None:
    """Let a process renew, and kill it when the system is about to do something: ``event`` with its ``args``."""
    with processes(store, 1, KILL.format(moment=moment), **env) as [process]:
        process.say()
        assert process.wait() != 0


@pytest.mark.parametrize(
    ("moment", "requests"),
    [
        pytest.param(
            "event == 'open' and str(args[0]).endswith('.new') and args[2] & os.O_CREAT", 0, id="before the room"
        ),
        pytest.param("event == 'socket.connect'", 0, id="after the room"),
        pytest.param("event == 'os.truncate'", 1, id="before the room was cut"),
        pytest.param("event == 'os.rename'", 1, id="after the successor was written"),
        pytest.param("event == 'open' and str(args[0]) == str(store.path.parent)", 1, id="after the rename"),
    ],
)
def test_a_process_that_is_killed_loses_nothing(tmp_path: Path, moment: str, requests: int) -> None:
    """Killed before the refresh token is spent, or once the new pair is on the disk: the next process goes on."""
    if "parent" in moment and os.name == "nt":
        pytest.skip("a folder cannot be brought to the disk there")
    with Sandbox() as box:
        store = store_of(box, tmp_path)
        old = store.access_token()
        kill_when(store, moment)
        assert box.journal.count("token") == requests
        assert store.renew(old) != old
        assert box.journal.count("token") == 1


def test_a_process_that_is_killed_with_the_answer_in_its_hands_keeps_the_old_token(tmp_path: Path) -> None:
    """No disk can help there: the living access token serves until its end, then the person is told to log in."""
    with Sandbox() as box:
        store = store_of(box, tmp_path)
        old = store.access_token()
        kill_when(store, "event == 'lseek'")
        with pytest.raises(LoginRequired, match=r"20073.*Next: run larknb login"):
            store.renew(old)
        assert store.access_token() == old
        assert user_info(store.app, old).open_id == store.load().open_id


@pytest.mark.crash
def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    """Killed at random moments of renewing again and again, the file reads, and the lock is free."""
    with Sandbox() as box:
        store = store_of(box, tmp_path)
        for _ in range(20):
            work = "print('on', flush=True)\nwhile True: dead = store.renew(dead)"
            with processes(store, 1, work) as [process]:
                process.say()
                assert process.hear() == "on"
                time.sleep(random.uniform(0.0, 0.2))
                process.kill()
            assert store.load().access_token
            try:
                store.renew(store.access_token())
            except LoginRequired:  # killed between the platform's work and ours: no disk can help that
                sign_in(store, box)
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".damaged"] == []


# --- every answer of the token endpoint ------------------------------------------------------------------------------

# The contract's table of the token endpoint: on which grant, what it becomes, what remains of the login after a refresh
# ("kept" or "dropped"), and what the message tells the person to do.
ROWS = [
    ("20001 20063 20036", "AR", ApiError, "kept", "report this to larknb"),
    ("20002 20048", "AR", ConfigError, "kept", "check app_id and brand in larknb.toml and the secret"),
    ("20003 20004 20065", "A", LoginRequired, "kept", "start the login again"),
    ("20008 20066", "AR", LoginRequired, "kept", "log in with a valid account, or ask your admin"),
    ("20009 20069", "AR", AccessDenied, "kept", "ask the tenant's admin to enable the app"),
    ("20010", "AR", AccessDenied, "kept", "ask the app's admin to add you"),
    ("20024", "AR", LoginRequired, "kept", "check app_id in larknb.toml, then run larknb login"),
    ("20026", "R", LoginRequired, "dropped", "run larknb login"),
    ("20037", "R", LoginRequired, "dropped", "run larknb login"),
    ("20064 20073", "R", LoginRequired, "dropped", "run larknb login; a folder and its copy"),
    ("20049", "A", LoginRequired, "kept", "start the login again"),
    ("20071", "A", ConfigError, "kept", "check redirect_uris"),
    ("20067 20068", "AR", ApiError, "kept", "report this to larknb"),
    ("20070", "AR", ApiError, "kept", "report this to larknb"),
    ("20074", "R", ConfigError, "kept", "switch on .* and publish a version"),
    ("20050 20072", "AR", ApiError, "kept", "later"),
    ("21000 21001", "R", AccessDenied, "kept", "https://verify.example/1"),
]
CODES = [
    (int(code), grant, *row) for codes, grants, *row in ROWS for grant in grants for code in codes.split()
]  # fmt: skip
HEAL = (20050, 20072)


def refusal(code: int) -> Fault:
    body = {"code": code, "error": "x", "error_description": "why", "challenge_url": "https://verify.example/1"}
    return Fault.reply({20050: 500, 20072: 503}.get(code, 400), body)


@pytest.mark.parametrize(("code", "grant", "error", "then", "action"), CODES)
def test_every_code_of_the_token_endpoint_leads_to_its_action(
    store: TokenStore, box: Sandbox, clock: Clock, code: int, grant: str, error: type[LarkError], then: str, action: str
) -> None:
    """The contract's table, row by row: the class, what remains of the login, what is tried again, what to do."""
    box.faults.add(refusal(code), endpoint="token", times=None)
    before = store.path.read_bytes()
    clock.now += 7200 - 60
    verifier = new_verifier()
    ask: dict[str, Callable[[], object]] = {
        "R": store.access_token,
        "A": lambda: store.sign_in(
            lambda: exchange_code(
                store.app, Secret("c"), redirect_uri="http://localhost/", verifier=verifier, sleep=store.sleep
            )
        ),
    }
    with pytest.raises(LarkError) as caught:
        ask[grant]()
    assert type(caught.value) is error
    assert re.search(f"Next: .*{action}", str(caught.value))
    assert (store.path.read_bytes() == before) is (then == "kept")
    assert bool(store.load().refresh_token) is (then == "kept")
    assert box.journal.count("token") == (4 if code in HEAL else 1)


def test_the_table_is_the_contract_s() -> None:
    """No code of the contract's table is missing."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    text = (Path(folder) / "auth-and-transport.md").read_text(encoding="utf-8")
    section = text.partition("### 2.4")[2].partition("### 2.5")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| 2")]
    assert {int(code) for cell in cells for code in re.findall(r"\d{5}", cell)} == {code for code, *_ in CODES}
