from __future__ import annotations

import json
import logging
import time
from datetime import UTC
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.cli import main
from larknb.config.edit import save_webhook
from larknb.config.secrets import Secret, Webhook
from larknb.errors import ApiError
from larknb.headless.notify import SOON, Incident, Notice, State, card, decide, notify, send, told
from larknb.headless.schedule import schedule
from larknb.results.runs import CellError, RunResult, RunStatus
from larknb.results.user import User
from larknb.sandbox import Bot, Fault, Sandbox
from larknb.services.context import Context
from larknb.services.night import notify_of
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, write_settings

NOW = 1_768_000_000.0
HOUR, DAY = 3600.0, 86400.0
NOBODY = User("", "", "", "cli_a", "host", identity="tenant", consent_ends_at=NOW + 1)


def result(
    status: RunStatus = "failed", *, at: float = NOW, evalue: str = "no network", output: str = "x"
) -> RunResult:
    error = None if status == "ok" else CellError(2, "lk.sync()", "ApiError", evalue)
    return RunResult("nightly.ipynb", output, status, started_at=at, error=error)


def person(*, refresh: float | None = None, access: float | None = None, consent: float | None = None) -> User:
    dates = {"access_ends_at": access, "refresh_ends_at": refresh, "consent_ends_at": consent}
    return User("张三", "ou_1", "", "cli_a", "host", **{k: v and NOW + v for k, v in dates.items()})  # type: ignore[arg-type]


def texts(message: dict[str, Any]) -> list[str]:
    """Return what a person reads of a card; all of it is plain text."""
    parts = [message["header"]["title"], *(element["text"] for element in message["elements"])]
    assert {part["tag"] for part in parts} == {"plain_text"}
    return [part["content"] for part in parts]


# --- what to tell ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told_already", "status", "kinds", "goes_on"),
    [
        (None, "ok", [], False),
        (None, "failed", ["failed"], True),
        (None, "dead", ["failed"], True),
        (None, "deadline", ["failed"], True),
        (None, "login", ["login"], True),
        (None, "stopped", [], False),
        (None, "busy", [], False),
        ((), "failed", ["failed"], True),
        ((), "ok", ["recovered"], True),
        (("failed",), "failed", [], True),
        (("failed",), "timeout", [], True),
        (("failed",), "login", ["login"], True),
        (("failed", "login"), "failed", [], True),
        (("failed", "login"), "login", [], True),
        (("login",), "failed", ["failed"], True),
        (("failed",), "stopped", [], True),
        (("failed",), "busy", [], True),
        (("failed",), "ok", ["recovered"], True),
    ],
)
def test_one_notice_per_incident(
    told_already: tuple[str, ...] | None, status: RunStatus, kinds: list[str], goes_on: bool
) -> None:
    """A failure is told once, a needed login once more, the recovery once; a stopped or busy run is neither."""
    before = {} if told_already is None else {"nightly": Incident(NOW - DAY, told_already)}
    notices, state = decide(State(before), result(status), None, NOW)
    assert [notice.kind for notice in notices] == kinds
    assert ("nightly" in state.incidents) == goes_on
    assert all(notice.at == (NOW - DAY if before else NOW) for notice in notices)


def test_notebooks_have_their_own_incidents() -> None:
    """The recovery of one is not that of another."""
    before = State({"other": Incident(NOW, ("failed",))})
    notices, state = decide(before, result("ok"), None, NOW)
    assert (notices, state) == ([], before)


def test_what_was_told_is_not_told_again() -> None:
    """A failure adds to its incident, a recovery ends it, an end is remembered until it is past."""
    state = State({"nightly": Incident(NOW)})
    state = told(state, Notice("failed", "nightly", NOW))
    assert state.incidents == {"nightly": Incident(NOW, ("failed",))}
    assert told(state, Notice("recovered", "nightly", NOW)).incidents == {}
    state = told(state, Notice("login_ends", "nightly", NOW + 1))
    assert decide(state, result("failed"), person(refresh=1), NOW) == ([], state)
    assert decide(state, result("failed"), None, NOW + 1)[1].ends == ()


@pytest.mark.parametrize(
    ("user", "kinds"),
    [
        (None, []),
        (NOBODY, []),
        (person(access=HOUR, refresh=6 * DAY, consent=300 * DAY), []),
        (person(access=HOUR, refresh=SOON, consent=300 * DAY), ["login_ends"]),
        (person(access=HOUR, refresh=SOON + 1), []),
        (person(access=HOUR), ["login_ends"]),
        (person(refresh=6 * DAY, consent=DAY), ["consent_ends"]),
        (person(refresh=HOUR, consent=DAY), ["login_ends", "consent_ends"]),
        (person(refresh=DAY, consent=DAY), ["consent_ends"]),
        (person(refresh=-1, consent=-1), []),
    ],
)
def test_ends_within_two_days_are_told(user: User | None, kinds: list[str]) -> None:
    """Login and consent of a person, one notice per date; what is over shows as a failing run."""
    notices, _ = decide(State(), result("ok"), user, NOW)
    assert [notice.kind for notice in notices] == kinds


# --- how it looks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "colour", "title", "step"),
    [
        ("failed", "red", "larknb: nightly fails", "open the executed notebook"),
        ("login", "red", "larknb: nightly needs a login", "run larknb login in /data/共享 盘"),
        ("recovered", "green", "larknb: nightly works again", ""),
        ("login_ends", "orange", "larknb: the login ends soon", "run larknb login --force in /data/共享 盘"),
        ("consent_ends", "orange", "larknb: the consent ends soon", "run larknb login --force in"),
    ],
)
def test_a_card_says_what_where_and_what_next(kind: Any, colour: str, title: str, step: str) -> None:
    """Colour and title tell the state, the lines workspace, machine, dates, notebook and the next step."""
    message = card(
        Notice(kind, "nightly", NOW), result("ok" if kind == "recovered" else "failed"), Path("/data/共享 盘")
    )
    assert message["header"]["template"] == colour
    shown = texts(message)
    assert shown[0] == title
    assert any(step in line for line in shown if line.startswith("Next")) == bool(step)
    assert "Workspace: /data/共享 盘" in shown
    assert any(line.startswith("Machine: ") for line in shown)
    assert ("What happened: failed after 0.0 s: cell [2] (lk.sync()): ApiError: no network" in shown) == (
        colour == "red"
    )


def test_a_card_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and lines follow the language of the user."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    shown = texts(card(Notice("login", "定时同步", NOW), result("login"), Path("/data")))
    assert shown[0] == "larknb：定时同步 需要重新登录"
    assert "下一步：在 /data 中运行 larknb login" in shown


def test_the_largest_card_is_taken(box: Sandbox, tmp_path: Path) -> None:
    """However much a cell printed, and whatever it was, the bot takes the card."""
    bot, url = box.add_bot()
    stream = {"output_type": "stream", "name": "stdout", "text": ["😀" * 9000 + "\n"] * 99}
    output = tmp_path / "run.ipynb"
    output.write_text(json.dumps({"cells": [{"outputs": [stream]}, {"outputs": []}]}), encoding="utf-8")
    long = "😀" * 9000
    send(
        Webhook(Secret(url), None),
        card(Notice("failed", long, NOW), result(evalue=long, output=str(output)), Path("/" + long)),
        NOW,
    )
    assert texts(bot.cards[0])[-1].count("\n") == 10


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"cells": [{"outputs": 5}]}', b'{"cells": []}'])
def test_a_card_comes_without_the_notebook_too(tmp_path: Path, content: bytes | None) -> None:
    """A notebook that is gone or damaged costs the last lines, not the notice."""
    output = tmp_path / "run.ipynb"
    if content is not None:
        output.write_bytes(content)
    shown = texts(card(Notice("failed", "nightly", NOW), result(output=str(output)), tmp_path))
    assert not any(line.startswith("Its last output") for line in shown)


# --- how it gets there -------------------------------------------------------------------------------------------


def test_the_bot_checks_our_signature(box: Sandbox, clock: Clock) -> None:
    """With the key the card arrives; with another one the error names key and clock, and not the address."""
    bot, url = box.add_bot(key="k-1", keywords=["larknb"])
    message = card(Notice("failed", "nightly", NOW), result(), Path("/data"))
    send(Webhook(Secret(url), Secret("k-1")), message, clock())
    assert bot.cards == [message]
    for key in (None, Secret("k-2")):
        with pytest.raises(ApiError, match="LARKNB_NOTIFY_KEY") as caught:
            send(Webhook(Secret(url), key), message, clock())
        assert (caught.value.code, bot.token in str(caught.value)) == (19021, False)
    with pytest.raises(ApiError, match="clock"):
        send(Webhook(Secret(url), Secret("k-1")), message, clock() + 2 * HOUR)


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (Fault.reply(None, 19022), "allow-list"),
        (Fault.reply(None, 19024), "keywords"),
        (Fault.reply(None, 19001), "copy the webhook address"),
        (Fault.reply(None, 11232), "after the next run"),
        (Fault.reply(200, {"StatusCode": 9499, "StatusMessage": "Bad Request"}), "Bad Request"),
        (Fault.html(502), "502"),
        (Fault.reply(302, {}, {"Location": "http://127.0.0.1:1/"}), "refused"),
        (Fault.drop(), "Could not reach"),
    ],
)
def test_refusals_say_what_to_do(box: Sandbox, fault: Fault, advice: str) -> None:
    """Each documented code has its advice; an answer of somebody else, and none, are told as such."""
    bot, url = box.add_bot()
    box.faults.add(fault, endpoint="hook")
    with pytest.raises(ApiError, match=advice) as caught:
        send(Webhook(Secret(url), None), {}, NOW)
    assert bot.token not in f"{caught.value} {caught.value.__cause__}"


def test_the_first_version_s_answer_is_understood(box: Sandbox) -> None:
    """A gateway that still answers with StatusCode alone has taken the card."""
    _, url = box.add_bot()
    box.faults.add(Fault.reply(200, {"StatusCode": 0, "StatusMessage": "success"}), endpoint="hook")
    send(Webhook(Secret(url), None), {}, NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "notices.json"


def test_a_card_that_could_not_be_sent_is_tried_again(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Until it is taken, with the time of the first failure; then no more."""
    taken: list[str] = []

    def broken(_: object) -> None:
        raise ApiError("no network")

    def tell(hour: int, deliver: Any) -> None:
        notify(result(at=NOW + hour * HOUR), None, root=file.parent, file=file, deliver=deliver, now=NOW)

    with caplog.at_level(logging.WARNING, "larknb"):
        tell(0, broken)
    assert "notice failed of nightly: no network" in caplog.text
    for hour in (1, 2):
        tell(hour, lambda message: taken.extend(texts(message)))
    assert [line for line in taken if line.startswith("Failing since")] == [
        next(t for t in texts(card(Notice("failed", "nightly", NOW), result(), file.parent)) if "since" in t)
    ]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"incidents": [], "ends": 1}', b'{"incidents": {"a": 1}}'])
def test_a_damaged_memory_tells_anew(file: Path, damage: bytes) -> None:
    """Rather a card twice than none."""
    file.parent.mkdir()
    file.write_bytes(damage)
    taken: list[Any] = []
    for _ in range(2):
        notify(result(), None, root=file.parent, file=file, deliver=taken.append, now=NOW)
    assert len(taken) == 1


# --- from the workspace ------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, box: Sandbox, clock: Clock) -> tuple[Workspace, Bot]:
    """Return a workspace with a login and a bot, and the bot."""
    root = tmp_path / "共享 盘"
    write_settings(root, box)
    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    bot, url = box.add_bot(key="k-sandbox")
    save_webhook(root, Webhook(Secret(url), Secret("k-sandbox")))
    return workspace, bot


def write_notebook(workspace: Workspace, *cells: str) -> Path:
    make: Any = nbformat.v4
    path = workspace.root / "nightly.ipynb"
    notebook = make.new_notebook(cells=[make.new_code_cell(cell) for cell in cells])
    path.write_text(make.writes_json(notebook), encoding="utf-8")
    return path


LEAK = (
    "import larknb as lk, pathlib\n"
    "for n in range(30): print('step', n)\n"
    "print('<at id=all></at> **bold**', str.__str__(lk.get_user_access_token()))\n"
    "print([p.read_text() for p in pathlib.Path('work').glob('*.json')])\n"
    "raise ValueError('no ' + str.__str__(lk.get_user_access_token()))"
)


def test_a_real_failure_is_told_without_a_secret(home: tuple[Workspace, Bot], box: Sandbox, clock: Clock) -> None:
    """Cell, error and last lines of a real run; what looks like a mention is text, what is secret is stars."""
    workspace, bot = home
    clock.now = time.time()
    sign_in(workspace, box)
    path = write_notebook(workspace, "1 + 1", LEAK)
    assert workspace.schedule(path, once=True) == 1
    shown = texts(bot.cards[0])
    assert shown[0] == "larknb: nightly fails"
    assert any("cell [2] (import larknb as lk, pathlib): ValueError: no ****" in line for line in shown)
    assert "step 29\n<at id=all></at> **bold** ****" in shown[-1]
    files = [path for room in ("runs", "logs") for path in (workspace.root / "work" / room).rglob("*.*")]
    assert {"notices.json", "larknb.log"} <= {path.name for path in files}
    everything = json.dumps(bot.messages) + "".join(path.read_text(encoding="utf-8") for path in files)
    assert not [secret for secret in box.secrets() if secret in everything]


def test_a_dry_run_prints_the_card(
    home: tuple[Workspace, Bot], clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook runs once; the card is on stdout, the bot's token is not, and nothing was told."""
    workspace, bot = home
    clock.now = time.time()
    monkeypatch.setenv("LARKNB_HOME", str(workspace.root))
    path = write_notebook(workspace, "1 / 0")
    assert main(["schedule", "--notebook", str(path), "--dry-run"]) == 1
    first, _, message = capsys.readouterr().out.partition("\n")
    assert first.endswith("/open-apis/bot/v2/hook/****")
    assert texts(json.loads(message))[0] == "larknb: nightly fails"
    assert bot.messages == []
    assert main(["schedule", "--notebook", str(path), "--once"]) == 1
    assert main(["schedule", "--notebook", str(path), "--once"]) == 1
    assert len(bot.cards) == 1
    write_notebook(workspace, "1")
    (workspace.root / "work" / "notify.json").unlink()
    assert main(["schedule", "--notebook", str(path), "--dry-run"]) == 0
    assert "works again" in (out := capsys.readouterr().out)
    assert "No bot is configured" in out


def test_nothing_to_tell(home: tuple[Workspace, Bot]) -> None:
    """A dry run of a good notebook says so."""
    workspace, _ = home
    lines: list[str] = []
    assert workspace.schedule(write_notebook(workspace, "1"), once=True, show=lines.append) == 0
    assert lines == ["There is nothing to tell after this run"]


def test_a_run_that_somebody_else_starts_knows_how_often(home: tuple[Workspace, Bot]) -> None:
    """What cron starts with --once looks at every tick, as the schedule does: its kernel is told the interval."""
    workspace, bot = home
    path = write_notebook(workspace, "import os; assert os.environ['LARKNB_INTERVAL'] == '1800.0'")
    assert workspace.schedule(path, interval="30min", once=True) == 0
    assert bot.messages == []


def test_two_weeks(home: tuple[Workspace, Bot], box: Sandbox, clock: Clock) -> None:
    """Each incident is told once and in time: failures, a bot out of reach, a login that dies on day seven."""
    workspace, bot = home
    clock.now = start = -(-clock.now // HOUR) * HOUR
    hour, seen = 0, 0
    told_at: list[tuple[int, str]] = []

    def run(_: float | None) -> RunResult:
        nonlocal hour
        hour = round((clock.now - start) / HOUR)
        if hour == 100:
            box.faults.add(Fault.drop(), endpoint="hook", times=3)
        if hour == 8 * 24:
            sign_in(workspace, box)
        status: RunStatus = "busy" if hour == 35 else "failed" if 30 <= hour < 40 or 100 <= hour < 106 else "ok"
        if (workspace.whoami().refresh_ends_at or 0) <= clock.now:
            status = "login"
        clock.advance(60)
        if hour == 14 * 24:
            return RunResult("nightly.ipynb", "x", "stopped", started_at=clock.now, signal=15)
        return result(status, at=clock.now)

    def after(ended: RunResult) -> None:
        nonlocal seen
        notify_of(Context(workspace.root, clock=clock), ended)
        told_at.extend((hour, texts(each)[0].removeprefix("larknb: ")) for each in bot.cards[seen:])
        seen = len(bot.cards)

    folder = workspace.root / "work" / "runs" / "nightly"
    options: dict[str, Any] = {"tell": lambda _: None, "zone": UTC, "clock": clock, "sleep": clock.sleep}
    assert schedule(run, folder, interval=HOUR, after=after, **options) == 128 + 15
    assert told_at == [
        (30, "nightly fails"),
        (40, "nightly works again"),
        (103, "nightly fails"),
        (106, "nightly works again"),
        (5 * 24, "the login ends soon"),
        (7 * 24, "nightly needs a login"),
        (8 * 24, "nightly works again"),
        (13 * 24, "the login ends soon"),
    ]
